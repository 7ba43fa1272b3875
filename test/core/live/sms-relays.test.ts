/** SMS by relays: to providers that another Sandpost plays, with fixed accounts; what becomes of them comes back, or is asked for. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
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
    if (provider === 'vonage') return;
    // An SMSC tells by itself, over the session that it was sent by.
    const outcome = provider === 'smpp' ? expect.stringMatching(/^(?:changed|same)$/) : 'changed';
    expect(await world.readBack([sent.id])).toMatchObject([{ outcome, status: 'delivered' }]);
    // Word for word, and said to be an answer.
    expect(await world.call('GET', `/v1/deliveries/${sent.id}/reports`)).toMatchObject({
      entries: expect.arrayContaining([expect.objectContaining({ asked: true, provider })]),
    });
    expect(await world.audit('read_back')).toContainEqual(
      expect.objectContaining({ deliveryId: null, by: 'api', detail: { asked: 1 } }),
    );
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

  it('hears of it by reports that are signed with the secret of the relay, and of nothing else', async () => {
    const world = await startLive();
    const id = await relay(world, 'twilio', { callbackUrl: world.core.app.url });
    await world.goLive('sms', id, allowed);
    const sent = await world.send(text);
    const attempt = JSON.stringify(await world.attempt(sent.id));
    const url = new URLSearchParams(/To=[^"]*StatusCallback[^"]*/.exec(attempt)?.[0] ?? '').get('StatusCallback');
    const forged = await fetch((url ?? '').replace(/#.*$/, ''), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': 'bm8=' },
      body: new URLSearchParams({ MessageSid: 'SM1', MessageStatus: 'failed' }),
    });
    expect(forged.status).toBe(403);
    await later();
    expect(await world.again(sent.id)).toMatchObject({ status: 'delivered' });
  });

  it('checks with the signing secret where the provider has one', async () => {
    const { entries } = await real.call<{
      readonly entries: readonly { readonly provider: string; readonly publicKey: string | null }[];
    }>('GET', '/v1/sms/secrets');
    const key = entries.find(({ provider }) => provider === 'telnyx')?.publicKey ?? '';
    const world = await startLive();
    const own = { secret: secret('telnyx'), signingSecret: key };
    const id = await relay(world, 'telnyx', { callbackUrl: world.core.app.url }, own);
    await world.goLive('sms', id, allowed);
    const sent = await world.send(text);
    await later();
    expect(await world.again(sent.id)).toMatchObject({ status: 'delivered' });
    const other = { secret: secret('telnyx'), signingSecret: Buffer.alloc(32, 7).toString('base64') };
    const deaf = await startLive();
    const stranger = await relay(deaf, 'telnyx', { callbackUrl: deaf.core.app.url }, other);
    await deaf.goLive('sms', stranger, allowed);
    const unheard = await deaf.send(text);
    await later();
    expect(await deaf.again(unheard.id)).toMatchObject({ status: 'sent' });
  });

  it('is told of what did not arrive', async () => {
    const world = await startLive();
    const id = await relay(world, 'twilio');
    await world.goLive('sms', id, { kind: 'rewrite', to: '+14155550188' });
    await real.rules({
      name: 'nobody there',
      stage: 'farSide',
      when: { recipient: '+14155550188' },
      then: { do: 'status', status: 'undelivered', reason: '30005' },
    });
    const sent = await world.send(text);
    expect(sent).toMatchObject({ status: 'sent', recipient: number });
    await later();
    const [said] = await world.readBack([sent.id]);
    expect(said).toMatchObject({ outcome: 'changed', status: 'undeliverable', providerStatus: 'undelivered' });
    await real.rules();
  });

  it('believes how long it is to wait', async () => {
    const world = await startLive();
    const id = await relay(world, 'messagebird');
    await world.goLive('sms', id, allowed);
    await real.rules({
      name: 'too many',
      stage: 'farSide',
      when: { recipient: number },
      then: { do: 'answer', status: 429, retryAfterS: 90 },
    });
    expect(await world.send(text)).toMatchObject({
      status: 'queued',
      substatus: 'deferred',
      class: 'rate_limited',
    });
    await real.rules();
  });

  it('writes nothing once live relay is over, though the connection was on its way', async () => {
    const world = await startLive();
    const gate = await openGate(real.port('tls'));
    const id = await relay(world, 'twilio', { url: `https://127.0.0.1:${gate.port}/twilio` });
    await world.goLive('sms', id, allowed);
    const before = (await real.exchanges()).length;
    const { id: messageId } = await world.call<{ readonly id: string }>('POST', '/v1/messages', text);
    await gate.reached;
    await world.stop();
    gate.open();
    await world.core.app.settled();
    expect((await real.exchanges()).length).toBe(before);
    // It had not begun: the sandbox has it now.
    const { deliveries } = await world.message(messageId);
    expect(deliveries).toMatchObject([{ status: 'delivered' }]);
    expect(await world.audit('answer')).toMatchObject([{ detail: { outcome: 'withdrawn' } }]);
  });

  it('sends what an app brought to another provider’s door, and says why not where it cannot', async () => {
    const world = await startLive();
    const id = await relay(world, 'infobip');
    const brought = await fetch(`http://127.0.0.1:${world.core.port('providers')}/twilio/2010-04-01/Accounts/${account}/Messages.json`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${account}:x`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ To: '+14155550111', From: '+15005550006', Body: 'Grüße vom Shop' }),
    });
    expect(brought.status).toBe(201);
    const { entries } = await world.call<{ readonly entries: readonly { readonly id: string }[] }>(
      'GET',
      '/v1/messages',
    );
    const ids = entries.map((one) => one.id);
    const [released] = await world.release(ids, id, number);
    expect(released).toMatchObject({ status: 'sent', recipient: number, provider: 'infobip' });
    await later();
    expect(await world.readBack([released?.id ?? ''])).toMatchObject([{ status: 'delivered' }]);
  });
});

/** Takes connections, and leads them on when it is told to. */
async function openGate(port: number): Promise<{
  readonly port: number;
  readonly reached: Promise<void>;
  open(): void;
}> {
  const [reached, opened] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    reached.resolve();
    void opened.promise.then(() => {
      const far = connect({ host: '127.0.0.1', port });
      far.on('error', () => socket.destroy());
      socket.on('close', () => far.destroy());
      socket.pipe(far).pipe(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const at = server.address();
  return {
    port: typeof at === 'object' && at !== null ? at.port : 0,
    reached: reached.promise,
    open: () => opened.resolve(),
  };
}
