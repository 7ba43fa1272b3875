/** SMS by relays: to providers that another Sandpost plays, with fixed accounts; what becomes of them comes back, or is asked for. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Peers } from '../push/peers.ts';
import { type LiveWorld, startLive, startProviders } from './live-world.ts';

let real: Peers;
const number = '+14155550123';
const account = `AC${'0f'.repeat(16)}`;
const accounts = {
  twilio: account,
  vonage: 'abcd1234',
  messagebird: 'live',
  sinch: 'plan-7',
  infobip: 'shop',
  telnyx: 'shop',
  smpp: 'shop',
} as const;
type Provider = keyof typeof accounts;
const providers = Object.keys(accounts) as Provider[];
const secret = (provider: Provider): string => (provider === 'smpp' ? 'pass-7' : `${provider}-secret-42`);

beforeAll(async () => {
  real = await startProviders();
  await real.call('PUT', '/v1/sms/settings', {
    latencyMs: 60_000,
    credentials: Object.fromEntries(
      providers.map((provider) => [provider, [{ account: accounts[provider], secret: secret(provider) }]]),
    ),
  });
});
afterAll(() => real.close());

function urlOf(provider: Provider): string {
  return provider === 'smpp'
    ? `127.0.0.1:${real.port('smpp')}`
    : `https://127.0.0.1:${real.port('tls')}/${provider}`;
}

function relay(
  world: LiveWorld,
  provider: Provider,
  over: Readonly<Record<string, unknown>> = {},
  credential: Readonly<Record<string, string>> = { secret: secret(provider) },
): Promise<string> {
  return world.relay(
    provider,
    {
      kind: provider,
      account: accounts[provider],
      sender: '+15005550006',
      url: urlOf(provider),
      ca: real.ca,
      ...over,
    },
    credential,
  );
}

const allowed = { kind: 'allow', entries: [{ kind: 'number', value: number }] };
const text = { channel: 'sms', to: number, body: 'Your code is 482913' };

/** At the providers' side time goes on, and everything that is due there is done. */
async function later(): Promise<void> {
  await real.call('POST', '/v1/clock', { advanceMs: 61_000 });
  await real.settled();
}

describe('a relay to a provider of SMS', () => {
  it.each(providers)('takes a message by %s, and what became of it is asked for', async (provider) => {
    const world = await startLive();
    const id = await relay(world, provider);
    expect(await world.verify(id)).toMatchObject({ ok: true });
    await world.goLive('sms', id, allowed);
    const sent = await world.send(text);
    expect(sent).toMatchObject({ status: 'sent', provider });
    const attempt = JSON.stringify(await world.attempt(sent.id));
    expect(attempt).not.toContain(secret(provider));
    expect(attempt).not.toContain('sandpost-send');
    const first = await world.readBack([sent.id]);
    expect(first).toMatchObject([
      provider === 'vonage'
        ? { outcome: 'not_offered', text: expect.stringContaining('callback URL') }
        : { outcome: 'same', status: 'sent' },
    ]);
    await later();
    if (provider !== 'vonage') {
      expect(await world.readBack([sent.id])).toMatchObject([{ outcome: 'changed', status: 'delivered' }]);
      expect(await world.again(sent.id)).toMatchObject({ status: 'delivered' });
      // Word for word, and said to be an answer.
      expect(await world.call('GET', `/v1/deliveries/${sent.id}/reports`)).toMatchObject({
        entries: expect.arrayContaining([expect.objectContaining({ asked: true, provider })]),
      });
      expect(await world.audit('read_back')).toMatchObject([
        { deliveryId: sent.id, detail: { status: 'delivered' } },
        { deliveryId: null, detail: { asked: 1 } },
        { deliveryId: null, detail: { asked: 1 } },
      ]);
    }
  });

  it.each(providers)('is refused by %s with another secret, also when it is verified', async (provider) => {
    const world = await startLive();
    const id = await relay(world, provider, {}, { secret: 'wrong-42' });
    const check = await world.verify(id);
    expect(check.ok).toBe(false);
    expect(JSON.stringify(check)).not.toContain('wrong-42');
    await world.goLive('sms', id, allowed);
    expect(await world.send(text)).toMatchObject({ status: 'undeliverable', class: 'config' });
  });
});
