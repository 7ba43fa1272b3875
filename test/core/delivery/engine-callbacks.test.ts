import { afterEach, describe, expect, it } from 'vitest';
import type { Callback } from '../../../core/model/callback.ts';
import {
  type CallbackWorld,
  minuteMs,
  openCallbackWorld,
  openReceiver,
  type Receiver,
  reportTo,
  standing,
  testHabit,
} from '../hooks/callback-world.ts';
import { startMs } from './world.ts';

let world: CallbackWorld | null = null;
const receivers: Receiver[] = [];
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((one) => one.close()));
  await world?.close();
  world = null;
});
async function open(about: Parameters<typeof openCallbackWorld>[0] = {}): Promise<CallbackWorld> {
  world = await openCallbackWorld(about);
  return world;
}
async function receiver(answer?: Receiver['answer']): Promise<Receiver> {
  const one = await openReceiver(answer);
  receivers.push(one);
  return one;
}
const numbered = (url: string, count: number): Callback[] =>
  Array.from({ length: count }, (_, n) => reportTo(url, { body: `n=${n}` }));
/** Settles when it is so; asked after each turn of the event loop. */
async function until(so: () => boolean): Promise<void> {
  while (!so()) await new Promise((resolve) => setImmediate(resolve));
}

describe('the queue with calls to the app', () => {
  it('keeps nobody waiting for a receiver that never answers, however much waits for it', async () => {
    const stuck = await receiver(() => undefined);
    const other = await receiver();
    const w = await open();
    const waiting = await w.callAll(numbered(stuck.url, 500));
    w.engine.wake();
    await stuck.heard(8);
    // Mail, another receiver, and what comes for the stuck one after them.
    const [mail = ''] = await w.send(['jane@example.com']);
    const [first = ''] = await w.callAll(numbered(other.url, 30));
    w.engine.wake();
    await other.heard(30);
    await until(() => w.jobs.length === 1);
    expect(stuck.received.length).toBe(8);
    expect(w.engine.underWay()).toBeLessThanOrEqual(8 + 30 + 1);
    // The clock has not moved: none of the stuck ones ended.
    expect(await standing(w, waiting[0] ?? '')).toBe('queued');
    await until(() => w.engine.underWay() === 8);
    expect(await standing(w, mail)).toBe('sent');
    expect(await standing(w, first)).toBe('delivered');
    // Nothing was lost: once it answers, all of them come.
    stuck.answer = (response) => response.writeHead(204).end();
    w.clock.advance(15_000);
    await w.travel.advance(5 * minuteMs);
    const bodies = new Set(stuck.received.map(({ body }) => body));
    expect(bodies.size).toBe(500);
    expect(w.store.counts()).toMatchObject({ queued: 0, deferred: 0 });
  });

  it('keeps nobody waiting for a hundred receivers that never answer', async () => {
    const other = await receiver();
    const asked: string[] = [];
    const w = await open({
      fetch: (url, init) => {
        if (url.startsWith(other.url)) return fetch(url, init);
        asked.push(url);
        return new Promise((_, reject) => {
          init.signal?.addEventListener('abort', () => reject(new Error('aborted')));
        });
      },
    });
    for (let n = 0; n < 100; n++) await w.callAll(numbered(`http://127.0.1.${n}:${3_000 + n}/`, 20));
    w.engine.wake();
    // At the most so many in all, and then one at each.
    await until(() => new Set(asked).size === 100);
    await w.callAll(numbered(other.url, 3));
    w.engine.wake();
    await other.heard(3);
    await until(() => w.engine.underWay() === asked.length);
    expect(asked.length).toBeLessThan(140);
  });

  it('gives every receiver its turn while another has thousands to come', async () => {
    const arrived: string[] = [];
    const many = await receiver((response) => {
      arrived.push('many');
      response.writeHead(204).end();
    });
    const few = await receiver((response) => {
      arrived.push('few');
      response.writeHead(204).end();
    });
    const w = await open();
    await w.callAll(numbered(many.url, 1_000));
    await w.callAll(numbered(few.url, 10));
    await w.engine.idle();
    expect(arrived.length).toBe(1_010);
    // All of the few came before the many had a tenth of their own.
    expect(arrived.lastIndexOf('few')).toBeLessThan(100);
  });

  it('does not turn round and round while all that is due waits for a full host', async () => {
    const stuck = await receiver(() => undefined);
    let claims = 0;
    const w = await open();
    const { claim } = w.store;
    Object.assign(w.store, {
      claim: (request: Parameters<typeof claim>[0]) => {
        claims++;
        return claim(request);
      },
    });
    await w.callAll(numbered(stuck.url, 50));
    w.engine.wake();
    await stuck.heard(8);
    await until(() => w.engine.underWay() === 8);
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    const before = claims;
    for (let turn = 0; turn < 500; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(claims - before).toBe(0);
  });

  it('wakes for what falls due at one host while another is full', async () => {
    const stuck = await receiver(() => undefined);
    const failing = await receiver((response) => response.writeHead(500).end());
    const w = await open();
    await w.callAll(numbered(stuck.url, 50));
    const again = await w.call(failing.url);
    w.engine.wake();
    await failing.heard(1);
    await until(() => w.engine.underWay() === 8);
    expect(await standing(w, again)).toBe('queued/deferred');
    failing.answer = (response) => response.writeHead(204).end();
    await until(() => w.virtual.nextTimerMs() !== null);
    w.virtual.jumpTo(startMs + minuteMs);
    await failing.heard(2);
    expect(failing.received.length).toBe(2);
  });

  it('lets an advance go through every attempt at its time', async () => {
    const times: number[] = [];
    const app = await receiver((response) => {
      times.push((w.virtual.nowMs() - startMs) / minuteMs);
      response.writeHead(times.length < 3 ? 500 : 204).end();
    });
    const w = await open();
    await w.call(app.url);
    await w.travel.advance(10 * minuteMs);
    expect(times).toEqual([0, 1, 2]);
  });

  it('takes a few at a time while the doors are busy, and still one of each host', async () => {
    const stuck = await Promise.all(Array.from({ length: 6 }, () => receiver(() => undefined)));
    const w = await open({ ports: { busy: () => true } });
    for (const { url } of stuck) await w.callAll(numbered(url, 20));
    w.engine.wake();
    await Promise.all(stuck.map((one) => one.heard(1)));
    const most = Math.max(...stuck.map(({ received }) => received.length));
    expect(most).toBeLessThanOrEqual(2);
    expect(w.engine.underWay()).toBeLessThanOrEqual(16);
  });

  it('takes no more than some at a time while messages come in', async () => {
    const stuck = await receiver(() => undefined);
    const w = await open({ ports: { quiet: () => false } });
    await w.callAll(numbered(stuck.url, 20));
    w.engine.wake();
    await until(() => w.engine.underWay() === 3);
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(w.engine.underWay()).toBe(3);
  });

  it('can be suspended and canceled as any other', async () => {
    const app = await receiver();
    const w = await open({ habit: testHabit() });
    const domain = new URL(app.url).host;
    w.engine.setSuspensions([
      {
        id: 'one',
        match: { by: 'domain', value: domain },
        action: 'suspend',
        reason: 'the app is being deployed',
        createdAtMs: startMs,
        untilMs: startMs + minuteMs,
      },
    ]);
    const ids = await w.callAll(numbered(app.url, 2));
    await w.engine.idle();
    expect(app.received).toEqual([]);
    await w.store.order([ids[0] ?? ''], { kind: 'cancel', nowMs: startMs, reason: 'by hand' });
    await w.travel.advance(2 * minuteMs);
    expect(app.received.map(({ body }) => body)).toEqual(['n=1']);
    expect(await standing(w, ids[0] ?? '')).toBe('canceled');
  });
});
