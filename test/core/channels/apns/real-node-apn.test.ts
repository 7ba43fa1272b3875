/** `@parse/node-apn`, unmodified, against the real listeners. */
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import apn from '@parse/node-apn';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../../run-program.ts';
import { type ApnsDoors, apnsDoors } from './apns-doors.ts';
import { app, deviceOf, kid, privateKey, publicKey, teamId, token } from './apns-world.ts';

const other = 'ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100';

function providerTo({ doors, port, managePort }: ApnsDoors): apn.Provider {
  const provider = new apn.Provider({
    token: { key: privateKey, keyId: kid, teamId },
    address: 'localhost',
    port,
    manageChannelsAddress: 'localhost',
    manageChannelsPort: managePort,
    ca: [doors.ca],
  });
  onTestFinished(() => provider.shutdown());
  return provider;
}

function note(over: Partial<apn.Notification> = {}): apn.Notification {
  const made = new apn.Notification();
  return Object.assign(made, {
    topic: app,
    pushType: 'alert',
    alert: { title: 'Order 7', body: 'It is on its way' },
    badge: 3,
    payload: { link: 'shop://orders/7' },
    ...over,
  });
}

describe('node-apn', () => {
  it('pushes to a device, and to many at once', async () => {
    const opened = await apnsDoors({ settings: { keys: [{ kid, teamId, publicKey }], strict: true } });
    const provider = providerTo(opened);
    const sent = await provider.send(note(), token);
    expect(sent.failed).toEqual([]);
    expect(sent.sent).toMatchObject([{ device: token }]);
    const [handover] = opened.world.handovers;
    expect(Buffer.from(handover?.tail ?? []).toString()).toBe(
      '{"link":"shop://orders/7","aps":{"alert":{"title":"Order 7","body":"It is on its way"},"badge":3}}',
    );
    expect(handover?.details?.push).toMatchObject({
      app,
      pushType: 'alert',
      credentials: { kind: 'apnsToken', signature: 'valid', claims: { iss: teamId } },
    });
    expect(handover?.exchange?.end).toMatchObject({ outcome: 'accepted' });
    expect(handover?.exchange?.transcript).not.toContain('eyJ');
    // From the first moment on, before the client knows what the server allows.
    const fresh = providerTo(opened);
    const tokens = Array.from({ length: 100 }, (_, at) => at.toString(16).padStart(64, '0'));
    const many = await fresh.send(note(), tokens);
    expect(many.sent).toHaveLength(100);
    expect(opened.world.handovers).toHaveLength(101);
  });

  it.each([
    [true, 'production', 'api.push.apple.com'],
    [false, 'development', 'api.sandbox.push.apple.com'],
  ] as const)(
    'reaches Apple by name through the proxy (production: %s)',
    async (production, environment, host) => {
      const { world, doors } = await apnsDoors();
      const folder = mkdtempSync(join(tmpdir(), 'sandpost-apn-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const ca = join(folder, 'ca.pem');
      writeFileSync(ca, doors.ca);
      const asked = {
        key: privateKey,
        keyId: kid,
        teamId,
        production,
        port: doors.ports.proxy,
        topic: app,
        token,
      };
      const script = join(import.meta.dirname, 'push-by-proxy.mjs');
      const { stdout, stderr } = await run(process.execPath, [script, JSON.stringify(asked)], {
        env: { NODE_EXTRA_CA_CERTS: ca },
      });
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toEqual({ sent: 1, failed: [] });
      expect(world.handovers[0]).toMatchObject({
        details: { push: { environment } },
        delivery: { to: [{ domain: host }] },
      });
    },
  );

  it('is told each kind of refusal', async () => {
    const opened = await apnsDoors();
    const { world } = opened;
    const provider = providerTo(opened);
    const gone = Date.now() - 60_000;
    world.located.set(token, { kind: 'unregistered', sinceMs: gone });
    world.located.set(other, { kind: 'otherApp', app: 'com.example.other' });
    const refused = await provider.send(note(), [token, other]);
    expect(refused.sent).toEqual([]);
    expect(refused.failed).toMatchObject([
      { device: token, status: 410, response: { reason: 'Unregistered', timestamp: expect.any(Number) } },
      { device: other, status: 400, response: { reason: 'DeviceTokenNotForTopic' } },
    ]);
    expect((await provider.send(note({ topic: '' }), 'aa')).failed).toMatchObject([
      { status: 400, response: { reason: 'MissingTopic' } },
    ]);
    expect((await provider.send(note({ payload: { much: 'x'.repeat(4_096) } }), 'aa')).failed).toMatchObject([
      { status: 413, response: { reason: 'PayloadTooLarge' } },
    ]);
    expect((await provider.send(note({ collapseId: 'x'.repeat(65) }), 'aa')).failed).toMatchObject([
      { status: 400, response: { reason: 'BadCollapseId' } },
    ]);
    expect(opened.doors.ended.map(({ outcome }) => outcome)).toEqual(Array(5).fill('refused'));
    expect(opened.doors.ended[0]?.reason).toContain('the app is gone from the device');
  });

  it('tries a 429 again by itself, and gets through once the rule has had enough', async () => {
    const opened = await apnsDoors();
    const { world } = opened;
    const provider = providerTo(opened);
    world.script = [{ do: 'answer', reason: 'TooManyRequests', retryAfterS: 1 }];
    const after = opened.world.asked;
    world.whenAsked = () => {
      if (after.length > 2) world.script = [];
    };
    const { sent, failed } = await provider.send(note(), token);
    expect(failed).toEqual([]);
    expect(sent).toHaveLength(1);
    expect(after).toHaveLength(3);
  });

  it('gives up after four tries of a 503, and opens another connection after a GOAWAY', async () => {
    const opened = await apnsDoors();
    const { world } = opened;
    const provider = providerTo(opened);
    world.script = [{ do: 'answer', reason: 'ServiceUnavailable' }];
    expect((await provider.send(note(), token)).failed).toMatchObject([
      { status: 503, response: { reason: 'ServiceUnavailable' } },
    ]);
    expect(world.asked.length).toBeGreaterThanOrEqual(2);
    world.script = [{ do: 'goAway', reason: 'Shutdown', answered: true }];
    const session: unknown = Reflect.get(Object(Reflect.get(provider, 'client')), 'session');
    if (!(session instanceof EventEmitter)) throw new Error('node-apn has another session than it had');
    const closed = once(session, 'close');
    expect((await provider.send(note(), token)).sent).toHaveLength(1);
    await closed;
    world.script = [];
    expect(await provider.send(note(), token)).toMatchObject({ failed: [], sent: [{ device: token }] });
  });

  it('makes, reads, lists and deletes broadcast channels, and sends to them', async () => {
    const opened = await apnsDoors();
    const { world } = opened;
    const provider = providerTo(opened);
    const made = await provider.manageChannels(
      Object.assign(new apn.Notification(), { payload: { 'message-storage-policy': 1 } }),
      app,
      'create',
    );
    expect(made.failed).toEqual([]);
    const channel = Reflect.get(made.sent[0] ?? {}, 'apns-channel-id');
    expect(channel).toMatch(/^[A-Za-z0-9+/]{22}==$/);
    const named = (): apn.Notification => Object.assign(new apn.Notification(), { channelId: channel });
    expect((await provider.manageChannels(named(), app, 'read')).sent).toMatchObject([
      { 'message-storage-policy': 1, 'push-type': 'LiveActivity' },
    ]);
    expect((await provider.manageChannels(new apn.Notification(), app, 'readAll')).sent).toMatchObject([
      { channels: [channel] },
    ]);
    world.members = [deviceOf(token), deviceOf(other)];
    const cast = await provider.broadcast(
      note({ channelId: channel, pushType: 'liveactivity', expiry: Math.floor(Date.now() / 1000) + 3_600 }),
      app,
    );
    expect(cast.failed).toEqual([]);
    expect(world.handovers[0]?.delivery?.to.map(({ recipient, status }) => [recipient, status])).toEqual([
      [token, 'delivered'],
      [other, 'delivered'],
    ]);
    expect((await provider.manageChannels(named(), app, 'delete')).failed).toEqual([]);
    expect((await provider.manageChannels(named(), app, 'read')).failed).toMatchObject([
      { status: 400, response: { reason: 'ChannelNotRegistered' } },
    ]);
  });
});
