/** Whatever happens in whatever order, each message is in one state, and memory says what the store says. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createVirtualClock } from '../../../../core/clock.ts';
import type { AcceptedSms, SmsPlan } from '../../../../core/delivery/sms-far-side.ts';
import { codeOf } from '../../../../core/model/app-error.ts';
import { phoneNumber } from '../../../../core/model/phone-number.ts';
import { isSmsEnd, type SmsState, standingOf } from '../../../../core/model/sms.ts';
import { partsOf } from '../../../../core/model/sms-text.ts';
import { type Carriers, openCarriers } from '../../../../core/phones/sms/index.ts';
import type { Action } from '../../../../core/rules/schema.ts';
import { fakeClock } from '../../../fake-clock.ts';
import { smsTable } from './sms-table.ts';
import { testVoice } from './voices.ts';
import { account, decided, hourMs, mobile, sender } from './world.ts';

const runs = 200;
const number = phoneNumber(mobile);

type Step =
  | {
      readonly do: 'send';
      readonly text: string;
      readonly forMs: number | null;
      readonly laterMs: number | null;
      readonly own: boolean;
      readonly after: readonly Action[];
      readonly ends: 'settled' | 'later' | 'undone';
    }
  | { readonly do: 'offline'; readonly forMs: number | null }
  | { readonly do: 'reply'; readonly text: string }
  | { readonly do: 'latency'; readonly ms: number }
  | {
      readonly do: 'online' | 'restart' | 'finish' | 'refused' | 'cancel' | 'redact' | 'block' | 'remove';
    }
  | { readonly do: 'advance'; readonly byMs: number };

const span = fc.integer({ min: 1, max: 5 }).map((hours) => hours * hourMs);
const after: fc.Arbitrary<readonly Action[]> = fc.oneof(
  { weight: 6, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: span.map((ms): Action[] => [{ do: 'delay', ms }]) },
  { weight: 1, arbitrary: fc.constant<Action[]>([{ do: 'blackHole' }]) },
  {
    weight: 1,
    arbitrary: span.map((afterMs): Action[] => [{ do: 'report', status: 'undelivered', afterMs }]),
  },
  { weight: 1, arbitrary: fc.constant<Action[]>([{ do: 'report', status: 'sending', afterMs: 0 }]) },
  { weight: 1, arbitrary: fc.constant<Action[]>([{ do: 'offline', forMs: hourMs }]) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      text: fc.constantFrom('Hello', 'Hello', 'Your code is 1', 'bit.ly/x'),
      forMs: fc.option(span),
      laterMs: fc.option(span, { freq: 2 }),
      own: fc.boolean(),
      after,
      ends: fc.constantFrom('settled' as const, 'settled' as const, 'later' as const, 'undone' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('offline' as const), forMs: fc.option(span) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('advance' as const), byMs: span }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('reply' as const),
      text: fc.constantFrom('Hi', 'STOP', 'START', 'HELP'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('latency' as const), ms: fc.constantFrom(0, 1, hourMs) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'online' as const,
        'online' as const,
        'restart' as const,
        'finish' as const,
        'refused' as const,
        'cancel' as const,
        'redact' as const,
        'block' as const,
        'remove' as const,
      ),
    }),
  },
);

/** What may follow what. */
const follows: Readonly<Record<SmsState, readonly SmsState[]>> = {
  scheduled: ['accepted', 'held', 'canceled'],
  accepted: ['sent', 'held', 'failed', 'rejected', 'expired', 'undelivered'],
  sent: ['sent', 'held', 'delivered', 'undelivered', 'expired', 'unknown', 'canceled'],
  held: ['delivered', 'undelivered', 'expired', 'sent', 'accepted'],
  delivered: [],
  undelivered: [],
  failed: [],
  rejected: [],
  expired: [],
  canceled: [],
  unknown: [],
  received: [],
};

class World {
  readonly table = smsTable();
  readonly clock = fakeClock();
  readonly virtual = createVirtualClock(this.clock, null);
  readonly accepted = new Set<string>();
  readonly problems: string[] = [];
  readonly open: { readonly plan: SmsPlan; readonly id: string }[] = [];
  readonly voice = testVoice();
  refuses = false;
  #carriers: Carriers | null = null;
  #lastId = 0;

  constructor() {
    this.virtual.setSpeed(0);
  }

  get carriers(): Carriers {
    if (this.#carriers === null) throw new Error('not started');
    return this.#carriers;
  }

  newId = (): string => String(++this.#lastId).padStart(8, '0');

  async start(): Promise<void> {
    const { store } = this.table;
    this.#carriers = await openCarriers({
      store: {
        ...store,
        keepSms: (kept, nowMs) =>
          this.refuses ? Promise.reject(new Error('refused')) : store.keepSms(kept, nowMs),
      },
      virtual: this.virtual,
      wallMs: () => this.clock.wallMs(),
      seal: { seal: (text) => text, unseal: (text) => text },
      newId: this.newId,
      voices: new Map([['twilio', this.voice]]),
      onProblem: (text) => this.problems.push(text),
    });
    await this.carriers.idle();
  }

  plan({ text, forMs, laterMs, own, after: wanted }: Extract<Step, { do: 'send' }>): void {
    const { farSide } = this.carriers;
    const id = this.newId();
    const sms: AcceptedSms = {
      id,
      provider: 'twilio',
      account,
      sender,
      service: null,
      number: mobile,
      providerId: `SM${id}`,
      batchId: null,
      messageId: `m${id}`,
      deliveryId: `d${id}`,
      own,
      text,
      media: [],
      ...partsOf(text),
      sendAtMs: laterMs === null ? null : this.virtual.nowMs() + laterMs,
      validityMs: forMs,
      record: {},
      after: wanted.map(decided),
    };
    if (number === null) throw new Error('no number');
    farSide.prepare(mobile, sms.after);
    farSide.handset(number);
    this.open.push({ plan: farSide.plan([sms]), id });
  }

  /** Stored in another order than they were planned. */
  async finish(): Promise<void> {
    for (const { plan, id } of this.open.splice(0).reverse()) {
      await this.table.store.keepSms(plan, this.virtual.nowMs());
      this.accepted.add(id);
      this.carriers.farSide.settled(plan);
    }
    await this.carriers.idle();
  }

  async advance(byMs: number): Promise<void> {
    const targetMs = this.virtual.nowMs() + byMs;
    for (;;) {
      const next = this.table.due(targetMs);
      if (next === null) break;
      this.virtual.jumpTo(next.dueAtMs);
      const { kind, data } = next.act;
      await this.carriers.perform({ seq: next.seq, dueAtMs: next.dueAtMs, kind, data });
      this.table.finish(next.seq);
    }
    this.virtual.jumpTo(targetMs);
  }

  /** Of what is on disk, the newest one that waits. */
  get waitingRow() {
    return this.table.rows().findLast((row) => !isSmsEnd(standingOf(row).state)) ?? null;
  }

  async take(one: Step): Promise<void> {
    const { handsets, farSide, replies, settings } = this.carriers;
    const known = handsets.get(mobile) !== null;
    switch (one.do) {
      case 'send': {
        this.plan(one);
        if (one.ends === 'undone') this.open.pop()?.plan.undo();
        await this.carriers.idle();
        return one.ends === 'settled' ? this.finish() : undefined;
      }
      case 'offline':
        if (known) await handsets.switchOff(mobile, one.forMs);
        return;
      case 'online':
        if (known) await handsets.switchOn(mobile);
        return;
      case 'refused': {
        if (!known) return;
        this.refuses = true;
        await expect(handsets.switchOn(mobile)).rejects.toThrow('refused');
        await expect(replies.reply(mobile, { to: sender, text: 'STOP', media: [] })).rejects.toThrow();
        this.refuses = false;
        return;
      }
      case 'reply':
        try {
          await replies.reply(mobile, { to: sender, text: one.text, media: [] });
        } catch (error) {
          // Off, not there, or nobody wrote yet.
          if (!['not_found', 'not_possible'].includes(codeOf(error) ?? '')) throw error;
        }
        return;
      case 'latency':
        await settings.change({ latencyMs: one.ms });
        return;
      case 'cancel': {
        const row = this.waitingRow;
        if (row !== null) await farSide.cancel(row);
        return;
      }
      case 'redact': {
        const row = this.waitingRow;
        if (row !== null) await farSide.redact(row, { media: true });
        return;
      }
      case 'block':
        if (known) await handsets.change(mobile, { blocked: handsets.get(mobile)?.blocked !== true });
        return;
      case 'remove':
        if (known) await handsets.remove(mobile);
        return;
      case 'restart':
        // As after kill -9: what was planned and not stored never was.
        this.open.length = 0;
        return this.start();
      case 'finish':
        return this.finish();
      case 'advance':
        return this.advance(one.byMs);
    }
  }

  check(): void {
    const rows = this.table.rows();
    const sent = rows.filter(({ messageId }) => messageId !== null);
    expect(sent.map(({ id }) => id).sort()).toEqual([...this.accepted].sort());
    const waits = rows.filter((row) => !isSmsEnd(standingOf(row).state));
    expect(this.carriers.handsets.waiting(mobile)).toBe(waits.length);
    for (const { steps, expiresAtMs, receivedAtMs } of rows) {
      steps.forEach(({ state, atMs }, at) => {
        const before = steps[at - 1];
        expect(atMs).toBeGreaterThanOrEqual(before?.atMs ?? receivedAtMs);
        if (before !== undefined)
          expect([before.state, follows[before.state]]).toEqual([
            before.state,
            expect.arrayContaining([state]),
          ]);
        // What an online handset was handed at once may have been over as it came.
        if (state === 'delivered' && atMs !== receivedAtMs) expect(atMs).toBeLessThan(expiresAtMs);
      });
    }
  }
}

it('each message is in one state, in memory as in the store', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 50 }), async (steps) => {
      const world = new World();
      await world.start();
      for (const one of steps) await world.take(one);
      await world.finish();
      world.check();
      const document = world.carriers.handsets.get(mobile);
      await world.start();
      world.check();
      // What nobody keeps yet is made anew.
      if (document !== null && world.carriers.handsets.get(mobile) !== null)
        expect(world.carriers.handsets.get(mobile)).toMatchObject({
          online: document.online,
          offlineUntilMs: document.offlineUntilMs,
          optOuts: document.optOuts,
        });
      await world.advance(1);
      if (world.carriers.handsets.get(mobile) !== null) await world.carriers.handsets.switchOn(mobile);
      await world.advance(80 * hourMs);
      expect(world.table.rows().filter((row) => !isSmsEnd(standingOf(row).state))).toEqual([]);
      world.check();
      expect(world.problems.filter((text) => !text.endsWith('refused'))).toEqual([]);
    }),
    { numRuns: runs },
  );
}, 60_000);
