/** When the return mailbox is asked: on a clock that the test moves, with a reader that says what it is told to. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { openReturns } from '../../../core/app/live-return.ts';
import type { MailboxRead, MailboxReading } from '../../../core/app/return-reader.ts';
import { createBus } from '../../../core/bus.ts';
import type { ReturnMailboxSettings } from '../../../core/model/return-mailbox.ts';
import { type CredentialVault, openCredentials } from '../../../core/store/credential-vault.ts';
import { fakeClock } from '../../fake-clock.ts';

const settings: ReturnMailboxSettings = {
  host: 'imap.shop.example',
  port: 993,
  tls: 'implicit',
  user: 'returns@shop.example',
  folder: 'INBOX',
  markSeen: true,
  ca: null,
};
const nothing: MailboxRead = { messages: 0, reports: 0, matched: [], more: false };

async function open(answers: readonly (MailboxRead | Error)[]) {
  const clock = fakeClock();
  const documents = new Map<string, unknown>();
  const readings: MailboxReading[] = [];
  const vault: CredentialVault = {
    kind: 'file',
    get: () => Promise.resolve({ password: 'x' }),
    put: () => Promise.resolve(),
    remove: () => Promise.resolve(),
  };
  const bus = createBus((error) => {
    throw error;
  });
  let live = false;
  const returns = await openReturns({
    ground: {
      store: {
        documents: () => Promise.resolve([...documents].map(([key, value]) => ({ key, value }))),
        saveDocument: (_kind, key, value) => Promise.resolve(void documents.set(key, value)),
        deleteDocument: (_kind, key) => Promise.resolve(void documents.delete(key)),
      },
      clock,
      bus,
      credentials: openCredentials(vault, {}),
      onProblem: (text) => {
        throw new Error(text);
      },
    },
    guard: { isLive: () => live, audit: () => Promise.resolve() },
    feedback: () => ({ take: () => Promise.resolve(null) }),
    reader: () =>
      Promise.resolve(async (reading: MailboxReading) => {
        readings.push(reading);
        const answer = answers[Math.min(readings.length, answers.length) - 1] ?? nothing;
        if (answer instanceof Error) throw answer;
        await reading.reached({ uidValidity: '1', lastUid: readings.length });
        return answer;
      }),
  });
  onTestFinished(() => returns.close());
  return { ...returns, bus, clock, readings, documents, setLive: (on: boolean) => void (live = on) };
}

type World = Awaited<ReturnType<typeof open>>;

/** What was begun comes to its end: nothing in it waits for anything but promises. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function pass(world: World, ms: number): Promise<void> {
  world.clock.advance(ms);
  await settled();
}

/** As the audit log tells of it. */
function tell(world: World): void {
  world.bus.publish([
    {
      seq: 1,
      atMs: 0,
      type: 'live_relay',
      messageId: null,
      exchangeId: null,
      project: null,
      data: {},
      deliveryId: null,
      virtualAtMs: null,
    },
  ]);
}

const refused = Object.assign(new Error('no'), { authenticationFailed: true });

describe('the return mailbox', () => {
  it('is asked by nobody after a start', async () => {
    const world = await open([nothing]);
    await world.service.change(settings);
    await pass(world, 3_600_000);
    expect(world.readings).toEqual([]);
  });

  it('that is watched is asked at once, then every half minute, until the time is over', async () => {
    const world = await open([nothing]);
    await world.service.change(settings);
    world.service.watch(2);
    await pass(world, 0);
    expect(world.readings).toHaveLength(1);
    for (let half = 0; half < 10; half++) await pass(world, 30_000);
    expect(world.readings).toHaveLength(4);
    expect(world.service.status()).toMatchObject({ watching: null, nextCheckMs: null });
    expect(world.clock.waiting).toBe(0);
  });

  it('with more than is read in one go is read on at once', async () => {
    const world = await open([{ ...nothing, messages: 200, more: true }, nothing]);
    await world.service.change(settings);
    world.service.watch(2);
    await pass(world, 0);
    await pass(world, 0);
    expect(world.readings.map(({ cursor }) => cursor?.lastUid)).toEqual([undefined, 1]);
  });

  it('that does not answer is asked less and less often', async () => {
    const world = await open([new Error('connection refused')]);
    await world.service.change(settings);
    world.service.watch(60);
    await pass(world, 0);
    const counts: number[] = [];
    for (const seconds of [30, 30, 120, 240]) {
      await pass(world, seconds * 1_000);
      counts.push(world.readings.length);
    }
    expect(counts).toEqual([1, 2, 3, 4]);
    expect(world.service.status().lastCheck).toMatchObject({
      ok: false,
      text: 'imap.shop.example:993 could not be read: connection refused',
    });
  });

  it('that refuses the login is not tried again, though live relay is on, until its credential is another', async () => {
    const world = await open([refused, nothing]);
    await world.service.change(settings);
    world.setLive(true);
    tell(world);
    await pass(world, 0);
    expect(world.readings).toHaveLength(1);
    tell(world);
    await pass(world, 600_000);
    expect(world.readings).toHaveLength(1);
    await world.service.setCredential({ password: 'another' });
    await pass(world, 0);
    expect(world.readings).toHaveLength(2);
  });

  it('is watched for a while longer when live relay is over', async () => {
    const world = await open([nothing]);
    await world.service.change(settings);
    world.setLive(true);
    tell(world);
    await pass(world, 0);
    expect(world.service.status().watching).toEqual({ why: 'live', untilMs: null });
    world.setLive(false);
    tell(world);
    const untilMs = world.clock.wallMs() + 15 * 60_000;
    expect(world.service.status().watching).toEqual({ why: 'live', untilMs });
    // What is told of it in between does not put the end off.
    await pass(world, 60_000);
    tell(world);
    expect(world.service.status().watching).toEqual({ why: 'live', untilMs });
    await pass(world, 15 * 60_000);
    expect(world.service.status().watching).toBeNull();
  });

  it('keeps where it was read to, and begins anew with another folder', async () => {
    const world = await open([nothing]);
    await world.service.change(settings);
    await world.service.check();
    await world.service.change({ ...settings, markSeen: false });
    await world.service.check();
    await world.service.change({ ...settings, folder: 'Bounces' });
    await world.service.check();
    expect(world.readings.map(({ cursor }) => cursor?.lastUid)).toEqual([undefined, 1, undefined]);
    expect(JSON.stringify([...world.documents])).not.toContain('password');
  });

  it('that two ask at once is read once', async () => {
    const world = await open([nothing]);
    await world.service.change(settings);
    await Promise.all([world.service.check(), world.service.check()]);
    expect(world.readings).toHaveLength(1);
  });
});
