/** Pushes by relays: to APNs, FCM and a push service that another Sandpost plays, over TLS and with credentials of their own. */
import { createECDH } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Peers } from '../push/peers.ts';
import { type LiveWorld, startLive, startProviders } from './live-world.ts';

let real: Peers;
beforeAll(async () => {
  real = await startProviders();
});
afterAll(() => real.close());
beforeEach(() => real.rules());

const bundle = 'com.example.shop';

async function apnsRelay(world: LiveWorld, over: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const key = await real.apnsKey();
  await real.doors({ apns: { strict: true } });
  return world.relay(
    'apple',
    {
      kind: 'apns',
      keyId: key.kid,
      teamId: key.teamId,
      url: `https://127.0.0.1:${real.port('apns')}`,
      ca: real.ca,
      ...over,
    },
    { privateKey: key.privateKey },
  );
}

async function fcmRelay(world: LiveWorld): Promise<string> {
  const account = await real.serviceAccount({ projectId: 'shop-7' });
  return world.relay(
    'google',
    {
      kind: 'fcm',
      projectId: account.project_id,
      clientEmail: account.client_email,
      privateKeyId: account.private_key_id,
      url: `https://127.0.0.1:${real.port('tls')}/fcm`,
      tokenUrl: `https://127.0.0.1:${real.port('tls')}/google/token`,
      ca: real.ca,
    },
    { privateKey: account.private_key },
  );
}

function vapid(): { readonly publicKey: string; readonly privateKey: string } {
  const pair = createECDH('prime256v1');
  pair.generateKeys();
  return { publicKey: pair.getPublicKey('base64url'), privateKey: pair.getPrivateKey('base64url') };
}

async function webPushRelay(world: LiveWorld, keys = vapid()): Promise<string> {
  return world.relay(
    'browsers',
    { kind: 'webpush', subject: 'mailto:push@shop.example', publicKey: keys.publicKey, ca: real.ca },
    { privateKey: keys.privateKey },
  );
}

const allow = (...tokens: readonly string[]) => ({
  kind: 'allow',
  entries: tokens.map((value) => ({ kind: 'token', value })),
});

describe('a relay to APNs', () => {
  it('brings a push with its own key: the device shows it, the sandbox knows nothing of it', async () => {
    const world = await startLive();
    const { token, phoneId } = await real.phone('ios', { app: bundle });
    await world.goLive('apns', await apnsRelay(world), allow(token));
    const sent = await world.send({
      channel: 'push',
      to: { token, provider: 'apns', app: bundle },
      title: 'Your order',
      body: 'is on its way',
    });
    expect(sent).toMatchObject({ status: 'sent', recipient: token, provider: 'apns' });
    expect(await real.pushesOn(phoneId)).toMatchObject([{ content: { title: 'Your order' } }]);
    const attempt = await world.attempt(sent.id);
    expect(attempt).toMatchObject({ outcome: 'sent', code: 200 });
    expect(JSON.stringify(attempt)).toContain('authorization: bearer (masked)');
    // Of the first core's secret of the run nothing reached the provider.
    expect(JSON.stringify(await real.exchanges())).not.toContain('sandpost-send');
    expect(await world.call('GET', '/v1/phones')).toMatchObject({ entries: [] });
    await world.stop();
  });

  it('is refused with a key that APNs does not know, and says so when it is verified', async () => {
    const world = await startLive();
    const good = await apnsRelay(world);
    expect(await world.verify(good)).toMatchObject({
      ok: true,
      text: expect.stringContaining('BadDeviceToken'),
    });
    const stranger = await startLive();
    const bad = await apnsRelay(stranger, { keyId: 'ABCDEFGHIJ' });
    const check = await stranger.verify(bad);
    expect(check).toMatchObject({ ok: false, text: expect.stringContaining('403 InvalidProviderToken') });
    const { token } = await real.phone('ios', { app: bundle });
    await stranger.goLive('apns', bad, allow(token));
    const sent = await stranger.send({
      channel: 'push',
      to: { token, provider: 'apns', app: bundle },
      body: 'x',
    });
    expect(sent).toMatchObject({ status: 'undeliverable', class: 'config' });
    expect(sent.reason).toContain('403 InvalidProviderToken');
  });

  it('is told of an app that is gone, and drops no device of the sandbox for it', async () => {
    const world = await startLive();
    const { token, phoneId } = await real.phone('ios', { app: bundle });
    await real.call('POST', `/v1/phones/${phoneId}/uninstall`, { app: bundle });
    await world.goLive('apns', await apnsRelay(world), allow(token));
    const sent = await world.send({ channel: 'push', to: { token, provider: 'apns', app: bundle }, body: 'x' });
    expect(sent).toMatchObject({ status: 'undeliverable', class: 'bad_address' });
    expect(sent.reason).toContain('410 Unregistered');
  });

  it('believes how long it is to wait, and waits for what is down', async () => {
    const world = await startLive();
    const { token } = await real.phone('ios', { app: bundle });
    await world.goLive('apns', await apnsRelay(world), allow(token));
    await real.refuse({ [token]: { reason: 'TooManyRequests', retryAfterS: 77 } });
    const limited = await world.send({ channel: 'push', to: { token, provider: 'apns', app: bundle }, body: 'x' });
    expect(limited).toMatchObject({ status: 'queued', substatus: 'deferred', class: 'rate_limited' });
    await real.refuse({ [token]: { reason: 'ServiceUnavailable' } });
    const down = await world.send({ channel: 'push', to: { token, provider: 'apns', app: bundle }, body: 'y' });
    expect(down).toMatchObject({ status: 'queued', substatus: 'deferred', class: 'provider_down' });
  });

  it('sends what an app brought to the door, with its own fields, to another device', async () => {
    const world = await startLive();
    const relay = await apnsRelay(world);
    const own = await world.call<{ readonly privateKey: string; readonly kid: string; readonly teamId: string }>(
      'POST',
      '/v1/push/apns-key',
      {},
    );
    const stored = await world.call<{ readonly id: string }>('POST', '/v1/messages', {
      channel: 'push',
      to: { token: 'ab'.repeat(32), provider: 'apns', app: bundle },
      title: 'Sale',
      body: 'all of it',
      collapseKey: 'sale',
      priority: 'normal',
    });
    expect(own.kid).not.toBe('');
    await world.core.app.settled();
    const { token, phoneId } = await real.phone('ios', { app: bundle });
    const [released] = await world.release([stored.id], relay, token);
    expect(released).toMatchObject({ status: 'sent', recipient: token });
    expect(await real.pushesOn(phoneId)).toMatchObject([{ content: { title: 'Sale' } }]);
  });
});

describe('a relay to FCM', () => {
  it('brings a push with a token of its own, and is told what is nobody’s', async () => {
    const world = await startLive();
    const relay = await fcmRelay(world);
    expect(await world.verify(relay)).toMatchObject({ ok: true });
    const { token, phoneId } = await real.phone('android', { app: bundle, project: 'shop-7' });
    await world.goLive('fcm', relay, { kind: 'rewrite', to: token });
    const sent = await world.send({
      channel: 'push',
      to: { topic: 'news' },
      title: 'Not to the whole topic',
      body: 'to one alone',
    });
    expect(sent).toMatchObject({ status: 'sent', recipient: '/topics/news' });
    expect(await real.pushesOn(phoneId)).toMatchObject([{ content: { title: 'Not to the whole topic' } }]);
    const attempt = await world.attempt(sent.id);
    expect(JSON.stringify(attempt)).not.toContain('ya29.');
    await real.refuse({ [token]: { reason: 'UNREGISTERED' } });
    const gone = await world.send({ channel: 'push', to: { token, provider: 'fcm' }, body: 'x' });
    expect(gone).toMatchObject({ status: 'undeliverable', class: 'bad_address' });
  });

  it('says no to a service account that Google does not know', async () => {
    const world = await startLive();
    const relay = await fcmRelay(world);
    const { settings } = await world.call<{ readonly settings: Readonly<Record<string, unknown>> }>(
      'GET',
      `/v1/live-relay/relays/${relay}`,
    );
    await real.doors({ fcm: { strict: true } });
    const { privateKey } = await real.apnsKey();
    const other = await world.relay('stranger', settings, { privateKey });
    const check = await world.verify(other);
    expect(check.ok).toBe(false);
    expect(JSON.stringify(check)).not.toContain('PRIVATE KEY');
  });
});

describe('a relay to push services', () => {
  it('encrypts for a real subscription, and signs with the keys of the relay', async () => {
    const world = await startLive();
    const keys = vapid();
    const relay = await webPushRelay(world, keys);
    expect(await world.verify(relay)).toMatchObject({ ok: true });
    const { subscription, phoneId } = await real.phone('browser', {
      app: 'https://shop.example',
      applicationServerKey: keys.publicKey,
    });
    if (subscription === null) throw new Error('no subscription');
    const { endpoint } = subscription;
    await world.goLive('webpush', relay, allow(endpoint));
    const sent = await world.send({
      channel: 'push',
      to: { subscription: { endpoint, keys: { p256dh: subscription.keys.p256dh, auth: subscription.keys.auth } } },
      title: 'Grüße',
      body: 'to a real browser',
      ttlSeconds: 600,
    });
    expect(sent).toMatchObject({ status: 'sent', recipient: endpoint, provider: 'webpush' });
    expect(await real.pushesOn(phoneId)).toMatchObject([{ content: { title: 'Grüße' } }]);
  });

  it('says so when the keys do not belong together', async () => {
    const world = await startLive();
    const relay = await webPushRelay(world, { publicKey: vapid().publicKey, privateKey: vapid().privateKey });
    expect(await world.verify(relay)).toMatchObject({ ok: false });
  });
});
