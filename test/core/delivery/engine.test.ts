import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../core/model/app-error.ts';
import { ownDsnAct } from '../../../core/model/own-dsn.ts';
import { submission } from '../../contract/store.ts';
import { newDelivery } from '../../contract/store-deliveries.ts';
import { type Answer, deferred, openWorld, refused, sent, startMs, type World } from './world.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

let world: World | null = null;
afterEach(async () => {
  await world?.close();
  world = null;
});
async function open(about: Parameters<typeof openWorld>[0] = {}): Promise<World> {
  world = await openWorld(about);
  return world;
}
const untilThird: Answer = (_, attempt) => (attempt < 3 ? deferred() : sent);
const stateOf = async ({ store }: World, id = ''): Promise<string> => {
  const found = await store.delivery(id);
  return found === null
    ? 'gone'
    : [found.delivery.status, found.delivery.substatus].filter(Boolean).join('/');
};
const typesOf = ({ events }: World): string[] =>
  events.filter((event) => event.deliveryId !== null).map((event) => event.type);

describe('the engine', () => {
  it('sends what is due, several recipients of a domain in one transaction, and keeps the attempt with its evidence', async () => {
    const w = await open();
    const [jane, bob] = await w.send(['jane@example.com', 'bob@example.com', 'ann@example.org']);
    await w.engine.idle();
    expect(w.jobs.map((job) => job.to)).toEqual([
      ['jane@example.com', 'bob@example.com'],
      ['ann@example.org'],
    ]);
    expect(await stateOf(w, jane)).toBe('sent');
    const detail = await w.store.delivery(bob ?? '');
    expect(detail?.attempts).toMatchObject([
      { number: 1, outcome: 'sent', code: 250, nextHop: 'mx1.default.sandpost.example' },
    ]);
    expect(detail?.attempts[0]?.evidenceValue?.transcript).toEqual([{ by: 'C', atMs: 0, text: 'EHLO x' }]);
    expect(w.store.counts()).toMatchObject({ queued: 0, deferred: 0, held: 0 });
  });

  it('tries again by the schedule, and the event of each wait says until when', async () => {
    const w = await open();
    w.answer = untilThird;
    const [id] = await w.send(['jane@example.com']);
    await w.engine.idle();
    expect(await stateOf(w, id)).toBe('queued/deferred');
    await w.travel.toNext();
    await w.travel.toNext();
    expect(w.jobs.map((job) => job.atMs - startMs)).toEqual([0, minuteMs, 6 * minuteMs]);
    expect(await stateOf(w, id)).toBe('sent');
    expect(typesOf(w)).toEqual([
      'queued',
      'attempted',
      'deferred',
      'attempted',
      'deferred',
      'attempted',
      'sent',
    ]);
    expect(w.events.find((event) => event.type === 'deferred')?.data).toMatchObject({
      nextAttemptAtMs: startMs + minuteMs,
      permanent: false,
      code: 451,
    });
  });

  it('believes a far side that says when to come back', async () => {
    const w = await open();
    w.answer = (_, attempt) => (attempt === 1 ? deferred(17 * minuteMs) : sent);
    await w.send(['jane@example.com']);
    await w.engine.idle();
    await w.travel.toNext();
    expect(w.jobs.map((job) => job.atMs - startMs)).toEqual([0, 17 * minuteMs]);
  });

  it('gives up when the queue lifetime is over, at that very time', async () => {
    const w = await open();
    w.answer = () => deferred();
    const [id] = await w.send(['jane@example.com']);
    await w.travel.advance(72 * hourMs);
    const found = await w.store.delivery(id ?? '');
    expect(found?.delivery).toMatchObject({
      status: 'undeliverable',
      class: 'expired',
      endedAtMs: startMs + 48 * hourMs,
    });
    expect(found?.attempts.length).toBe(found?.delivery.attempts);
    expect(w.jobs.at(-1)?.atMs).toBeLessThan(startMs + 48 * hourMs);
  });

  it('makes the same attempts at the same virtual times every run', async () => {
    const runs: number[][] = [];
    for (let run = 0; run < 2; run++) {
      const w = await openWorld({ settings: { jitter: 0.3, seed: 7 } });
      w.answer = () => deferred();
      await w.send(['jane@example.com', 'bob@example.org']);
      await w.travel.advance(48 * hourMs);
      runs.push(w.jobs.map((job) => job.atMs));
      await w.close();
    }
    expect(runs[0]?.length).toBeGreaterThan(20);
    expect(runs[0]).toEqual(runs[1]);
    const gaps = new Set((runs[0] ?? []).map((atMs) => (atMs - startMs) % minuteMs));
    expect(gaps.size).toBeGreaterThan(5);
  });

  it('suppresses an address that is surely dead, and does not try the next message to it', async () => {
    const w = await open();
    w.answer = () => refused();
    await w.send(['Jane@Example.com']);
    await w.engine.idle();
    const [second] = await w.send(['jane@example.com']);
    await w.engine.idle();
    expect(w.jobs.length).toBe(1);
    const found = await w.store.delivery(second ?? '');
    expect(found?.delivery).toMatchObject({
      status: 'undeliverable',
      reason: 'suppressed',
      class: 'opted_out',
      attempts: 0,
    });
    expect((await w.store.suppressions({ text: null }, { after: null, limit: 10 })).entries).toMatchObject([
      { address: 'jane@example.com', scope: 'all', reason: 'hard_bounce', class: 'bad_address' },
    ]);
  });

  it("never suppresses for the sender's own faults", async () => {
    const w = await open();
    w.answer = () => refused({ enhanced: '5.7.26', class: 'authentication_failed', suppresses: 'never' });
    await w.send(['jane@example.com']);
    await w.engine.idle();
    expect((await w.store.suppressions({ text: null }, { after: null, limit: 10 })).total).toBe(0);
  });

  it('suppresses after a run of soft bounces, for a while, and a message that arrives ends the run', async () => {
    const w = await open({ settings: { softBounceRun: 2, softSuppressionMs: hourMs } });
    const full = refused({ enhanced: '5.2.2', class: 'mailbox_full', suppresses: 'after_n' });
    const answers = [full, sent, full, full];
    w.answer = () => answers.shift() ?? sent;
    for (let index = 0; index < 4; index++) {
      await w.send(['jane@example.com']);
      await w.engine.idle();
    }
    const [fifth] = await w.send(['jane@example.com']);
    await w.engine.idle();
    expect(w.jobs.length).toBe(4);
    expect((await w.store.delivery(fifth ?? ''))?.delivery.reason).toBe('suppressed');
    await w.travel.advance(hourMs);
    const [sixth] = await w.send(['jane@example.com']);
    await w.engine.idle();
    expect(await stateOf(w, sixth)).toBe('sent');
  });

  it('holds without ageing, and a release makes it due', async () => {
    const w = await open({ settings: { lifetimeMs: 10 * minuteMs } });
    w.answer = (_, attempt) => (attempt === 1 ? deferred() : sent);
    const [id = ''] = await w.send(['jane@example.com']);
    await w.engine.idle();
    await w.store.order([id], { kind: 'hold', nowMs: w.virtual.nowMs(), reason: 'asked' });
    await w.travel.advance(5 * hourMs);
    expect(await stateOf(w, id)).toBe('queued/held');
    await w.store.order([id], { kind: 'release', nowMs: w.virtual.nowMs(), reason: 'asked' });
    await w.engine.idle();
    expect(await stateOf(w, id)).toBe('sent');
    expect((await w.store.delivery(id))?.delivery.expiresAtMs).toBe(startMs + 5 * hourMs + 10 * minuteMs);
  });

  it('sends no earlier than asked for what was held and released before', async () => {
    const w = await open();
    const dueAtMs = startMs + 5 * hourMs;
    const [early, late] = [newDelivery({ dueAtMs }), newDelivery({ dueAtMs })];
    await w.store.accept(submission({ delivery: { nowMs: startMs, to: [early, late] } }));
    const order = async (kind: 'hold' | 'release', id: string): Promise<void> => {
      await w.store.order([id], { kind, nowMs: w.virtual.nowMs(), reason: 'asked' });
      await w.engine.idle();
    };
    for (const { id } of [early, late]) await order('hold', id);
    await w.travel.advance(hourMs);
    await order('release', early.id);
    expect((await w.store.delivery(early.id))?.delivery).toMatchObject({
      status: 'queued',
      substatus: null,
      nextAttemptAtMs: dueAtMs,
    });
    const released = w.events.find(({ type }) => type === 'released');
    expect(released?.data.dueAtMs).toBe(dueAtMs);
    await w.travel.advance(5 * hourMs);
    expect(w.jobs.map(({ atMs }) => atMs)).toEqual([dueAtMs]);
    await order('release', late.id);
    expect(w.jobs.map(({ atMs }) => atMs)).toEqual([dueAtMs, startMs + 6 * hourMs]);
  });

  it('has what was suspended and held due at its release, whenever the suspension is to end', async () => {
    const w = await open();
    const match = { by: 'all', value: '' } as const;
    const suspension = { id: 's', match, action: 'suspend', reason: 'x', createdAtMs: startMs } as const;
    w.engine.setSuspensions([{ ...suspension, untilMs: startMs + 9 * hourMs }]);
    const [id = ''] = await w.send(['jane@example.com']);
    await w.engine.idle();
    await w.store.order([id], { kind: 'hold', nowMs: startMs, reason: 'asked' });
    w.engine.setSuspensions([]);
    await w.store.order([id], { kind: 'release', nowMs: startMs, reason: 'asked' });
    await w.engine.idle();
    expect(await stateOf(w, id)).toBe('sent');
  });

  it('tries at once, cancels and bounces by hand; an end stays an end', async () => {
    const w = await open();
    w.answer = (_, attempt) => (attempt === 1 ? deferred() : sent);
    const [one = '', two = '', three = ''] = await w.send([
      'a@example.com',
      'b@example.com',
      'c@example.com',
    ]);
    await w.engine.idle();
    const nowMs = w.virtual.nowMs();
    expect(await w.store.order([one], { kind: 'retry_now', nowMs })).toEqual([one]);
    expect(await w.store.order([two], { kind: 'cancel', nowMs, reason: 'asked' })).toEqual([two]);
    expect(await w.store.order([three], { kind: 'bounce', nowMs, reason: 'asked', class: null })).toEqual([
      three,
    ]);
    await w.engine.idle();
    expect([await stateOf(w, one), await stateOf(w, two), await stateOf(w, three)]).toEqual([
      'sent',
      'canceled',
      'undeliverable',
    ]);
    expect(await w.store.order([one, two, three], { kind: 'hold', nowMs, reason: 'x' })).toEqual([one]);
    expect(await w.store.order([two, three], { kind: 'release', nowMs, reason: 'x' })).toEqual([]);
  });

  it('cancels what is under way once the attempt says that nobody took it', async () => {
    let answerNow: () => void = () => undefined;
    let begun: () => void = () => undefined;
    const started = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const gate = new Promise<void>((resolve) => {
      answerNow = resolve;
    });
    const w = await open({
      carrier: (scripted) => ({
        ...scripted,
        carry: async (job) => {
          begun();
          await gate;
          return scripted.carry(job);
        },
      }),
    });
    w.answer = () => deferred();
    const [id = ''] = await w.send(['jane@example.com']);
    const settled = w.engine.idle();
    await started;
    expect(await w.store.order([id], { kind: 'cancel', nowMs: startMs, reason: 'asked' })).toEqual([id]);
    expect(await stateOf(w, id)).toBe('queued');
    answerNow();
    await settled;
    expect(await stateOf(w, id)).toBe('canceled');
  });

  it('lets a suspended domain wait without an attempt, until the suspension ends', async () => {
    const w = await open();
    w.engine.setSuspensions([
      {
        id: '1',
        match: { by: 'domain', value: 'example.com' },
        action: 'suspend',
        reason: 'maintenance',
        createdAtMs: startMs,
        untilMs: startMs + hourMs,
      },
    ]);
    const [held] = await w.send(['jane@example.com']);
    const [goes] = await w.send(['jane@example.org']);
    await w.engine.idle();
    expect([await stateOf(w, held), await stateOf(w, goes)]).toEqual(['queued', 'sent']);
    expect((await w.store.delivery(held ?? ''))?.delivery.reason).toBe(
      'domain example.com is suspended: maintenance',
    );
    await w.travel.advance(hourMs);
    expect(await stateOf(w, held)).toBe('sent');
    expect(w.jobs.length).toBe(2);
  });

  it('turns a tag back for a reason', async () => {
    const w = await open();
    w.engine.setSuspensions([
      {
        id: '1',
        match: { by: 'tag', value: 'campaign-7' },
        action: 'bounce',
        reason: 'the wrong list',
        createdAtMs: startMs,
        untilMs: null,
      },
    ]);
    const [id] = await w.send(['jane@example.com'], { tags: ['Campaign-7'] });
    await w.engine.idle();
    expect((await w.store.delivery(id ?? ''))?.delivery).toMatchObject({
      status: 'undeliverable',
      class: 'policy',
    });
    expect(w.jobs).toEqual([]);
  });

  it('keeps to the rate of a stream, in virtual time', async () => {
    const w = await open({ settings: { streamRatePerHour: { marketing: 60, transactional: 0 } } });
    for (let index = 0; index < 5; index++) await w.send([`u${index}@example.com`], { stream: 'marketing' });
    await w.send(['reset@example.com']);
    await w.travel.advance(4 * minuteMs);
    const times = w.jobs.map((job) => (job.atMs - startMs) / minuteMs);
    expect(times).toEqual([0, 0, 1, 2, 3, 4]);
  });

  it('keeps what is owed for an attempt with it, and has it done', async () => {
    const w = await open({
      ports: {
        owed: (ended) =>
          ended.map(({ row, result, nowMs }) => ({
            kind: ownDsnAct,
            dueAtMs: nowMs,
            data: { of: row.delivery.recipient, change: result.change.kind },
          })),
      },
    });
    w.answer = () => refused();
    await w.send(['a@example.com', 'b@example.org']);
    await w.engine.idle();
    expect(w.acts.map((act) => act.data)).toEqual([
      { of: 'a@example.com', change: 'fail' },
      { of: 'b@example.org', change: 'fail' },
    ]);
    expect(await w.store.nextDue()).toBeNull();
  });

  it('performs the acts of the far side at their virtual time, in order', async () => {
    const w = await open();
    await w.store.addActs([
      { dueAtMs: startMs + 2 * minuteMs, kind: 'second', data: {} },
      { dueAtMs: startMs + minuteMs, kind: 'first', data: { a: 1 } },
    ]);
    await w.travel.advance(minuteMs);
    expect(w.acts.map((act) => act.kind)).toEqual(['first']);
    await w.travel.advance(minuteMs);
    expect(w.acts.map((act) => act.kind)).toEqual(['first', 'second']);
    expect(await w.store.nextDue()).toBeNull();
  });

  it('has what was under way at a crash due again, and sends nothing twice whose acceptance was recorded', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandpost-crash-'));
    const first = await openWorld({ folder });
    const [done = '', lost = ''] = await first.send(['a@example.com', 'b@example.org']);
    await first.store.claim({ nowMs: startMs, limit: 1 });
    await first.store.record({
      nowMs: startMs,
      startedAtMs: startMs,
      startedAtWallMs: startMs,
      durationMs: 1,
      evidence: null,
      results: [
        {
          seq: 1,
          id: done,
          change: { kind: 'send' },
          attempted: true,
          class: null,
          reason: null,
          code: 250,
          enhanced: null,
          text: 'OK',
          nextHop: null,
          suppress: null,
          softBounce: null,
        },
      ],
    });
    // Taken, and never recorded: the process is gone.
    await first.store.claim({ nowMs: startMs, limit: 1 });
    await first.store.close();
    const second = await openWorld({ folder });
    try {
      await second.engine.idle();
      expect(second.jobs.map((job) => job.to)).toEqual([['b@example.org']]);
      expect((await second.store.delivery(lost))?.delivery.status).toBe('sent');
    } finally {
      await second.close();
      rmSync(folder, { recursive: true });
    }
  });

  it('puts deliveries back when the attempt breaks off on our side', async () => {
    const told: string[] = [];
    const w = await open({
      carrier: (scripted) => ({ ...scripted, carry: () => Promise.reject(new Error('no memory')) }),
      ports: { onProblem: (text) => told.push(text) },
    });
    const [id] = await w.send(['jane@example.com']);
    await w.engine.idle();
    expect(await stateOf(w, id)).toBe('queued/deferred');
    expect(told).toEqual(['an attempt broke off: no memory']);
  });

  it('goes on with deliveries while an act of the far side takes its time', async () => {
    const slow = Promise.withResolvers<void>();
    const w = await open({ ports: { perform: () => slow.promise } });
    await w.store.addActs([{ dueAtMs: startMs, kind: 'scan', data: {} }]);
    const [id] = await w.send(['jane@example.com']);
    const done = new Promise<void>((resolve) => {
      w.bus.subscribe((events) => {
        if (events.some((event) => event.type === 'sent')) resolve();
      });
    });
    w.engine.wake();
    await done;
    expect(await stateOf(w, id)).toBe('sent');
    expect(await w.store.nextDue()).toBe(startMs);
    slow.resolve();
    await w.engine.idle();
    expect(await w.store.nextDue()).toBeNull();
  });

  it('does an act again that a full disk kept from being done, and no act twice that was done beside it', async () => {
    const done: string[] = [];
    const told = Promise.withResolvers<string>();
    let full = true;
    const w = await open({
      ports: {
        perform: (act) => {
          if (act.kind === 'place' && full)
            return Promise.reject(new AppError('disk_full', 'there is no room on the disk'));
          done.push(act.kind);
          return Promise.resolve();
        },
        onProblem: (text) => told.resolve(text),
      },
    });
    await w.store.addActs([
      { dueAtMs: startMs, kind: 'place', data: {} },
      { dueAtMs: startMs, kind: 'open', data: {} },
    ]);
    w.engine.wake();
    expect(await told.promise).toContain('no room on the disk');
    full = false;
    const idle = w.engine.idle();
    w.clock.advance(5_000);
    await idle;
    expect(done).toEqual(['open', 'place']);
    expect(await w.store.nextDue()).toBeNull();
  });

  it('ends an act that fails for a reason that stays, and says so', async () => {
    const told: string[] = [];
    const w = await open({
      ports: {
        perform: () => Promise.reject(new Error('no such copy')),
        onProblem: (text) => told.push(text),
      },
    });
    await w.store.addActs([{ dueAtMs: startMs, kind: 'open', data: {} }]);
    await w.engine.idle();
    expect(told).toEqual(['an act (open) failed: no such copy']);
    expect(await w.store.nextDue()).toBeNull();
  });

  it('lets the carrier end an attempt that takes too long, and believes what it says of it', async () => {
    const begun = Promise.withResolvers<void>();
    const w = await open({
      carrier: (scripted) => ({
        ...scripted,
        async carry(job) {
          const aborted = new Promise<void>((resolve) => {
            job.signal.addEventListener('abort', () => resolve());
          });
          begun.resolve();
          await aborted;
          return scripted.carry(job);
        },
      }),
    });
    const [id] = await w.send(['jane@example.com']);
    w.engine.wake();
    await begun.promise;
    w.clock.advance(15 * minuteMs);
    await w.engine.idle();
    expect(await stateOf(w, id)).toBe('sent');
  });

  it('stops a journey in time that mail under way never lets settle, and says how to go on', async () => {
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const w = await open({
      carrier: (scripted) => ({
        ...scripted,
        async carry(job) {
          begun.resolve();
          await gate.promise;
          return scripted.carry(job);
        },
      }),
    });
    await w.send(['jane@example.com']);
    const advanced = w.travel.advance(hourMs);
    await begun.promise;
    w.clock.advance(minuteMs);
    await expect(advanced).rejects.toMatchObject({ code: 'store_busy' });
    expect(w.virtual.nowMs()).toBe(startMs);
    gate.resolve();
    await w.travel.advance(hourMs);
    expect(w.virtual.nowMs()).toBe(startMs + hourMs);
  });

  it('jumps 72 hours with an attempt under way: it is sent once, and no lease expires', async () => {
    let answerNow: () => void = () => undefined;
    let begun: () => void = () => undefined;
    const started = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const gate = new Promise<void>((resolve) => {
      answerNow = resolve;
    });
    const w = await open({
      carrier: (scripted) => ({
        ...scripted,
        carry: async (job) => {
          begun();
          await gate;
          return scripted.carry(job);
        },
      }),
    });
    const [id] = await w.send(['jane@example.com']);
    w.engine.wake();
    await started;
    w.virtual.jumpTo(startMs + 72 * hourMs);
    w.engine.wake();
    answerNow();
    await w.engine.idle();
    expect(w.jobs.length).toBe(1);
    expect(await stateOf(w, id)).toBe('sent');
  });
});
