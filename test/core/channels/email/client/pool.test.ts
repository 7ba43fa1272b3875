import { describe, expect, it, onTestFinished } from 'vitest';
import { AttemptTranscript } from '../../../../../core/channels/email/client/attempt-transcript.ts';
import {
  type Acquired,
  ConnectionPool,
  type Destination,
  type Lease,
  type PoolLimits,
  standardPoolLimits,
} from '../../../../../core/channels/email/client/pool.ts';
import type { Network } from '../../../../../core/delivery/network.ts';
import { fakeClock } from '../../../../fake-clock.ts';
import { networkTo, scriptedServer } from './scripted-server.ts';

const greeting = `
  S: 220 hello
  C: EHLO out.shop.example
  S: 250 hello
`;
const one = `
  C: /^MAIL/
  S: 250 OK
  C: /^RCPT/
  S: 250 OK
  C: DATA
  S: 354 go
  data
  S: 250 OK
`;

const host = (name: string, address = '198.51.100.1', group = 'far'): Destination => ({
  host: name,
  address,
  port: 25,
  group,
  fromIp: '192.0.2.1',
  helo: 'out.shop.example',
  tls: 'off',
});

async function poolOf(limits: Partial<PoolLimits> = {}, script = greeting + one.repeat(20)) {
  const server = await scriptedServer(script);
  const clock = fakeClock();
  let lastId = 0;
  const pool = new ConnectionPool(() => ({ ...standardPoolLimits, ...limits }), {
    network: networkTo(server.port),
    clock,
    newId: () => String(++lastId),
  });
  onTestFinished(() => pool.close());
  const acquire = (destination: Destination): Promise<Acquired> =>
    pool.acquire(destination, new AttemptTranscript(clock));
  return { server, clock, pool, acquire };
}

function leaseOf(acquired: Acquired): Lease {
  if (!acquired.ok) throw new Error(JSON.stringify(acquired.failure));
  return acquired.lease;
}

async function deliver({ connection }: Lease): Promise<void> {
  const [result] = await connection.transact({
    from: 'a@shop.example',
    mailParameters: [],
    recipients: [{ address: 'b@far.example', parameters: [] }],
    content: [Buffer.from('x\r\n')],
  });
  expect(result?.kind).toBe('sent');
}

describe('connections', () => {
  it('are shared by what goes to the same place as the same sender, and by nothing else', async () => {
    const { acquire, pool } = await poolOf();
    const first = leaseOf(await acquire(host('mx1')));
    await deliver(first);
    pool.release(first);
    const again = leaseOf(await acquire(host('mx1')));
    expect(again.connection).toBe(first.connection);
    expect(again.reused).toBe(true);
    pool.release(again);
    for (const other of [
      host('mx2', '198.51.100.2'),
      { ...host('mx1'), fromIp: '192.0.2.2' },
      { ...host('mx1'), helo: 'other.example' },
    ])
      expect((await acquire(other)).ok && leaseOf(await acquire(other)).connection).not.toBe(
        first.connection,
      );
  });

  it('of one host are limited: who comes later waits for his turn', async () => {
    const { acquire, pool, server } = await poolOf({ connectionsPerHostMax: 2 });
    const leases = [leaseOf(await acquire(host('mx1'))), leaseOf(await acquire(host('mx1')))];
    const third = acquire(host('mx1'));
    const [first] = leases;
    if (first === undefined) throw new Error('none');
    await deliver(first);
    pool.release(first);
    expect(leaseOf(await third).connection).toBe(first.connection);
    expect(server.connections()).toBe(2);
  });

  it('that do not come free are waited for so long, and then the delivery waits in the queue', async () => {
    const { acquire, pool, clock } = await poolOf({ connectionsPerHostMax: 1, waitMsMax: 30_000 });
    const first = leaseOf(await acquire(host('mx1')));
    await deliver(first);
    const late = acquire(host('mx1'));
    clock.advance(29_999);
    const patient = acquire(host('mx1'));
    clock.advance(1);
    expect(await late).toMatchObject({
      ok: false,
      failure: {
        kind: 'lost',
        text: 'no connection to mx1 came free within 30 seconds: as many as are allowed are busy',
      },
    });
    // Who gave up is in nobody's way.
    pool.release(first);
    expect(leaseOf(await patient).connection).toBe(first.connection);
    expect(clock.waiting).toBe(0);
  });

  it('of one provider are limited over all its hosts, and an idle one makes room', async () => {
    const { acquire, pool, server } = await poolOf({ connectionsPerGroupMax: 2 });
    const first = leaseOf(await acquire(host('mx1', '198.51.100.1')));
    leaseOf(await acquire(host('mx2', '198.51.100.2')));
    const third = acquire(host('mx3', '198.51.100.3'));
    leaseOf(await acquire(host('elsewhere', '198.51.100.9', 'other')));
    expect(server.connections()).toBe(3);
    await deliver(first);
    pool.release(first);
    expect(leaseOf(await third).connection).not.toBe(first.connection);
    expect(first.connection.alive).toBe(false);
  });

  it('are let go when idle for long, and after their share of messages', async () => {
    const { acquire, pool, clock } = await poolOf({ messagesPerConnectionMax: 2 });
    const lease = leaseOf(await acquire(host('mx1')));
    await deliver(lease);
    pool.release(lease);
    clock.advance(standardPoolLimits.idleMsMax);
    expect(lease.connection.alive).toBe(false);
    expect(pool.size).toBe(0);
    const next = leaseOf(await acquire(host('mx1')));
    for (let at = 0; at < 2; at++) {
      await deliver(next);
      pool.release(next);
      if (at === 0) leaseOf(await acquire(host('mx1')));
    }
    expect(next.connection.alive).toBe(false);
    expect(pool.size).toBe(0);
  });

  it('that fail to open leave room for the next', async () => {
    const { acquire } = await poolOf({ connectionsPerHostMax: 1 }, 'S: 421 4.3.2 busy');
    for (let at = 0; at < 3; at++)
      expect(await acquire(host('mx1'))).toMatchObject({
        ok: false,
        failure: { kind: 'refused', stage: 'greeting' },
      });
  });

  it('that take too long to open are given up, and closed when they come after all', async () => {
    const clock = fakeClock();
    const pool = new ConnectionPool(() => standardPoolLimits, {
      network: { connect: () => new Promise(() => undefined) },
      clock,
      newId: () => 'x',
    });
    const acquired = pool.acquire(host('mx1'), new AttemptTranscript(clock));
    clock.advance(standardPoolLimits.timeouts.connectMsMax);
    expect(await acquired).toMatchObject({ ok: false, failure: { stage: 'connect' } });
  });

  it('are refused to too many who wait, and to all when it closes', async () => {
    const { acquire, pool } = await poolOf({ connectionsPerHostMax: 1, waitingMax: 1 });
    await acquire(host('mx1'));
    const waiting = acquire(host('mx1'));
    expect(await acquire(host('mx1'))).toMatchObject({ ok: false });
    pool.close();
    expect(await waiting).toMatchObject({ ok: false });
  });

  it('lets idle ones go for several who wait, and gives each place to one of them', async () => {
    const { acquire, pool } = await poolOf({ connectionsPerHostMax: 2, connectionsPerGroupMax: 3 });
    const used = [
      leaseOf(await acquire(host('a', '198.51.100.1'))),
      leaseOf(await acquire(host('b', '198.51.100.2'))),
      leaseOf(await acquire(host('c', '198.51.100.3'))),
    ];
    const waiting = ['d', 'e', 'f'].map((name, at) => acquire(host(name, `198.51.100.${10 + at}`)));
    for (const lease of used) await deliver(lease);
    for (const lease of used) pool.release(lease);
    const got = (await Promise.all(waiting)).map((acquired) => leaseOf(acquired));
    expect(new Set(got.map((lease) => lease.connection)).size).toBe(3);
    expect(pool.size).toBeLessThanOrEqual(3);
  });
});

describe('a pool that is broken off', () => {
  const poolOn = (network: Network): ConnectionPool =>
    new ConnectionPool(() => standardPoolLimits, { network, clock: fakeClock(), newId: () => '1' });
  const acquire = (pool: ConnectionPool): Promise<Acquired> =>
    pool.acquire(host('mx1'), new AttemptTranscript(fakeClock()));
  const stopping = { ok: false, failure: { stage: 'connect', text: 'Sandpost is stopping' } };

  it('ends what waits for a greeting, and opens nothing any more', async () => {
    const silent = networkTo((await scriptedServer('C: /^NEVER/')).port);
    const connected: Promise<unknown>[] = [];
    const pool = poolOn({
      connect(to, connection) {
        const socket = silent.connect(to, connection);
        connected.push(socket);
        return socket;
      },
    });
    const greeted = acquire(pool);
    await Promise.all(connected);
    await new Promise(setImmediate);
    pool.close();
    pool.destroy();
    expect(await greeted).toMatchObject({ ok: false, failure: { kind: 'lost', stage: 'greeting' } });
    expect(await acquire(pool)).toMatchObject(stopping);
    expect(connected.length).toBe(1);
  });

  it('ends what waits for a connection', async () => {
    const pool = poolOn({ connect: () => new Promise(() => undefined) });
    const connected = acquire(pool);
    pool.close();
    pool.destroy();
    expect(await connected).toMatchObject(stopping);
    expect(pool.size).toBe(0);
  });
});
