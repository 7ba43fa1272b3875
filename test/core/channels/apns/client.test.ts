/** The core's own client of APNs, against the real listener. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createApnsClient } from '../../../../core/channels/apns/client.ts';
import type { ApnsAddress } from '../../../../core/channels/apns/client-connections.ts';
import type { Clock } from '../../../../core/clock.ts';
import { systemClock } from '../../../../core/clock.ts';
import type { Carried, Carrier, CarryResult, Job } from '../../../../core/delivery/carrier.ts';
import { createOwnSends, type OwnSends } from '../../../../core/delivery/own-sends.ts';
import type { Action } from '../../../../core/rules/schema.ts';
import { type ApnsDoors, apnsDoors } from './apns-doors.ts';
import { app, kid, ordersOf, privateKey, publicKey, teamId, token } from './apns-world.ts';
import { claimedPush } from './claimed-push.ts';

interface Sending {
  readonly client: Carrier;
  readonly opened: ApnsDoors;
  readonly ownSends: OwnSends;
  /** Of the clock that the client goes by, ahead of the wall's. */
  aheadMs: number;
  connections: number;
  carry(over?: Partial<Job>, to?: string): Promise<Carried>;
}

async function sending(limits: { readonly connectionsMax?: number } = {}): Promise<Sending> {
  const ownSends = createOwnSends();
  const opened = await apnsDoors({
    settings: { keys: [{ kid, teamId, publicKey }], strict: true },
    ownSends,
  });
  const clock: Clock = { ...systemClock, wallMs: () => Date.now() + made.aheadMs };
  const address = (): ApnsAddress => ({
    origin: `https://localhost:${opened.port}`,
    open() {
      made.connections++;
      return connectTls({
        host: '127.0.0.1',
        port: opened.port,
        servername: 'localhost',
        ca: opened.doors.ca,
        ALPNProtocols: ['h2'],
      });
    },
  });
  const client = createApnsClient({
    render: (claimed) =>
      Promise.resolve({
        token: claimed.delivery.recipient,
        environment: null,
        payload: Buffer.from('{"aps":{"alert":"Hello"}}'),
        fields: [
          ['apns-topic', app],
          ['apns-push-type', 'alert'],
          ['apns-priority', '10'],
        ],
      }),
    address,
    credentials: () => ({ kid, teamId, privateKey }),
    ownSends: () => ownSends,
    clock,
    limits,
  });
  onTestFinished(() => client.close());
  const made: Sending = {
    client,
    opened,
    ownSends,
    aheadMs: 0,
    connections: 0,
    carry: (over = {}, to = token) =>
      client.carry({
        deliveries: [claimedPush(to)],
        nowMs: Date.now(),
        signal: new AbortController().signal,
        ...over,
      }),
  };
  return made;
}

function only(carried: Carried): CarryResult {
  const [result] = carried.results;
  if (result === undefined || carried.results.length !== 1) throw new Error('one result was expected');
  return result;
}

describe('the client of APNs', () => {
  it('brings a push to the door, which knows it as our own and keeps no second message', async () => {
    const { opened, carry } = await sending();
    const carried = await carry();
    expect(only(carried)).toMatchObject({ outcome: { kind: 'sent' }, code: 200, class: null });
    expect(opened.world.handovers).toEqual([]);
    expect(opened.world.kept).toHaveLength(1);
    expect(opened.world.kept[0]?.puts[0]).toMatchObject({
      messageId: 'message-1',
      deliveryId: only(carried).deliveryId,
    });
    const said = carried.evidence.transcript.map(({ by, text }) => `${by} ${text}`);
    expect(said).toContain(`C POST /3/device/${token} HTTP/2`);
    expect(said).toContain('C authorization: bearer (masked)');
    expect(said).toContain('S HTTP/2 200');
    expect(said.join('\n')).not.toMatch(/eyJ|sandpost-send/);
  });

  it.each<[Action & { do: 'answer' }, Partial<CarryResult>]>([
    [
      { do: 'answer', reason: 'Unregistered' },
      { outcome: { kind: 'failed' }, class: 'bad_address', unregistered: true },
    ],
    [
      { do: 'answer', reason: 'ExpiredToken' },
      { outcome: { kind: 'failed' }, class: 'bad_address', unregistered: true },
    ],
    [
      { do: 'answer', reason: 'BadDeviceToken' },
      { outcome: { kind: 'failed' }, class: 'bad_address', unregistered: true },
    ],
    [
      { do: 'answer', reason: 'DeviceTokenNotForTopic' },
      { outcome: { kind: 'failed' }, class: 'bad_address', unregistered: true },
    ],
    [
      { do: 'answer', reason: 'TopicDisallowed' },
      { outcome: { kind: 'failed' }, class: 'config' },
    ],
    [
      { do: 'answer', reason: 'InvalidProviderToken' },
      { outcome: { kind: 'failed' }, class: 'config', code: 403 },
    ],
    [
      { do: 'answer', reason: 'ExpiredProviderToken' },
      { outcome: { kind: 'failed' }, class: 'config', code: 403 },
    ],
    [
      { do: 'answer', reason: 'PayloadTooLarge' },
      { outcome: { kind: 'failed' }, class: 'too_large', code: 413 },
    ],
    [
      { do: 'answer', reason: 'TooManyRequests', retryAfterS: 90 },
      { outcome: { kind: 'deferred', retryAfterMs: 90_000 }, class: 'rate_limited', code: 429 },
    ],
    [
      { do: 'answer', reason: 'InternalServerError' },
      { outcome: { kind: 'deferred', retryAfterMs: null }, class: 'provider_down', code: 500 },
    ],
    [
      { do: 'answer', reason: 'ServiceUnavailable', retryAfterS: 900 },
      { outcome: { kind: 'deferred', retryAfterMs: 900_000 }, class: 'provider_down', code: 503 },
    ],
    [
      { do: 'answer', reason: 'IdleTimeout' },
      { outcome: { kind: 'deferred', retryAfterMs: 0 }, class: 'network' },
    ],
  ])('%j', async (action, expected) => {
    const { carry } = await sending();
    const claimed = claimedPush(token);
    const carried = await carry({
      deliveries: [claimed],
      orders: new Map([[claimed.delivery.id, ordersOf([action])]]),
    });
    expect(only(carried)).toMatchObject(expected);
    expect(only(carried).text).toContain(action.reason);
    expect(carried.evidence.rules).toMatchObject([{ ruleId: 'rule-1', action: 'answer' }]);
  });

  it('uses a connection again, with many requests at once on it', async () => {
    const made = await sending();
    await made.carry();
    const many = await Promise.all(Array.from({ length: 200 }, () => made.carry()));
    expect(many.every((one) => only(one).outcome.kind === 'sent')).toBe(true);
    expect(made.connections).toBe(1);
  });

  it('waits for room where the server allows one request at once', async () => {
    const made = await sending({ connectionsMax: 1 });
    made.opened.world.settings = { ...made.opened.world.settings, oneStreamAtFirst: true };
    const many = await Promise.all(Array.from({ length: 20 }, () => made.carry()));
    expect(many.map((one) => only(one).outcome.kind)).toEqual(Array(20).fill('sent'));
    expect(made.connections).toBe(1);
  });

  it('opens another connection after a GOAWAY, and sends there what was not heard', async () => {
    const made = await sending();
    await made.carry();
    const claimed = claimedPush(token);
    const orders = new Map([
      [claimed.delivery.id, ordersOf([{ do: 'goAway', reason: 'Shutdown', answered: true }])],
    ]);
    expect(only(await made.carry({ deliveries: [claimed], orders })).outcome.kind).toBe('sent');
    expect(only(await made.carry()).outcome.kind).toBe('sent');
    expect(made.connections).toBe(2);
  });

  it('defers what a GOAWAY left without an answer every time, and says why', async () => {
    const made = await sending();
    const claimed = claimedPush(token);
    const orders = new Map([
      [claimed.delivery.id, ordersOf([{ do: 'goAway', reason: 'Shutdown', answered: false }])],
    ]);
    const result = only(await made.carry({ deliveries: [claimed], orders }));
    expect(result).toMatchObject({ outcome: { kind: 'deferred', retryAfterMs: null }, class: 'network' });
    expect(result.text).toContain('{"reason":"Shutdown"}');
  });

  it('defers where the connection is cut in place of an answer', async () => {
    const made = await sending();
    const claimed = claimedPush(token);
    const orders = new Map([
      [claimed.delivery.id, ordersOf([{ do: 'refuseConnection', how: 'reset', code: 554, text: 'x' }])],
    ]);
    expect(only(await made.carry({ deliveries: [claimed], orders }))).toMatchObject({
      outcome: { kind: 'deferred' },
      class: 'network',
    });
  });

  it('defers where nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    server.close();
    await once(server, 'close');
    const client = createApnsClient({
      render: () => Promise.resolve({ token, environment: null, payload: Buffer.from('{}'), fields: [] }),
      address: () => ({
        origin: `https://localhost:${port}`,
        open: () => connectTls({ host: '127.0.0.1', port, ALPNProtocols: ['h2'] }),
      }),
      credentials: () => ({ kid, teamId, privateKey }),
      ownSends: () => null,
      clock: systemClock,
    });
    const carried = await client.carry({
      deliveries: [claimedPush(token)],
      nowMs: Date.now(),
      signal: new AbortController().signal,
    });
    expect(only(carried)).toMatchObject({ outcome: { kind: 'deferred' }, class: 'network' });
    expect(only(carried).text).toContain('ECONNREFUSED');
    await client.close();
  });

  it('signs a new token after 40 minutes, on the same connection', async () => {
    const made = await sending();
    await made.carry();
    const { world } = made.opened;
    made.aheadMs = 39 * 60_000;
    world.nowMs = Date.now() + made.aheadMs;
    expect(only(await made.carry()).outcome.kind).toBe('sent');
    made.aheadMs = 45 * 60_000;
    world.nowMs = Date.now() + made.aheadMs;
    expect(only(await made.carry()).outcome.kind).toBe('sent');
    expect(made.connections).toBe(1);
  });

  it('ends an attempt that takes too long', async () => {
    const made = await sending();
    await made.carry();
    const controller = new AbortController();
    controller.abort();
    expect(only(await made.carry({ signal: controller.signal }))).toMatchObject({
      outcome: { kind: 'deferred' },
      class: 'network',
    });
  });

  it('says that a black hole took it', async () => {
    const made = await sending();
    const claimed = claimedPush(token);
    const orders = new Map([[claimed.delivery.id, ordersOf([{ do: 'blackHole' }])]]);
    expect(only(await made.carry({ deliveries: [claimed], orders })).unconfirmed).toContain(
      'lost on purpose',
    );
  });
});
