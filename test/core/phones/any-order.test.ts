/** Whatever happens in whatever order, each push is in one state, and memory says what the store says. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createVirtualClock } from '../../../core/clock.ts';
import type { AcceptedPush, PushPlan } from '../../../core/delivery/push-far-side.ts';
import type { PhoneApp, Platform } from '../../../core/model/phone.ts';
import { noContent } from '../../../core/model/push-content.ts';
import { openPhones, type Phones } from '../../../core/phones/index.ts';
import type { Action } from '../../../core/rules/schema.ts';
import { fakeClock } from '../../fake-clock.ts';
import { pushTable } from './push-table.ts';
import { dayMs, decided, hourMs } from './world.ts';

const runs = 200;
const app = 'com.example.shop';

type Step =
  | {
      readonly do: 'push';
      readonly collapseKey: string | null;
      readonly forMs: number | null;
      readonly nowOrNever: boolean;
      readonly silent: boolean;
      readonly after: readonly Action[];
      readonly ends: 'settled' | 'later' | 'undone';
    }
  | { readonly do: 'offline'; readonly forMs: number | null }
  | {
      readonly do: 'online' | 'rotate' | 'uninstall' | 'install' | 'restart' | 'finish' | 'refused' | 'clear';
    }
  | { readonly do: 'advance'; readonly byMs: number };

const span = fc.integer({ min: 1, max: 5 }).map((hours) => hours * hourMs);
const after: fc.Arbitrary<readonly Action[]> = fc.oneof(
  { weight: 5, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: span.map((ms): Action[] => [{ do: 'delay', ms }]) },
  { weight: 1, arbitrary: fc.constant<Action[]>([{ do: 'duplicate', copies: 2 }]) },
  { weight: 1, arbitrary: fc.constant<Action[]>([{ do: 'blackHole' }]) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      collapseKey: fc.constantFrom(null, null, 'a', 'b', 'c', 'd', 'e'),
      forMs: fc.option(span),
      nowOrNever: fc.integer({ min: 0, max: 5 }).map((one) => one === 0),
      silent: fc.boolean(),
      after,
      ends: fc.constantFrom('settled' as const, 'settled' as const, 'later' as const, 'undone' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('offline' as const), forMs: fc.option(span) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('advance' as const), byMs: span }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'online' as const,
        'rotate' as const,
        'uninstall' as const,
        'install' as const,
        'restart' as const,
        'finish' as const,
        'refused' as const,
        'clear' as const,
      ),
    }),
  },
);

class World {
  readonly table = pushTable();
  readonly virtual = createVirtualClock(fakeClock(), null);
  readonly accepted = new Set<string>();
  readonly problems: string[] = [];
  readonly open: PushPlan[] = [];
  phoneId = '';
  refuses = false;
  #phones: Phones | null = null;
  #lastId = 0;

  constructor() {
    this.virtual.setSpeed(0);
  }

  get phones(): Phones {
    if (this.#phones === null) throw new Error('not started');
    return this.#phones;
  }

  get entry(): PhoneApp {
    const [entry] = this.phones.get(this.phoneId)?.apps ?? [];
    if (entry === undefined) throw new Error('the app is gone');
    return entry;
  }

  newId = (): string => String(++this.#lastId).padStart(8, '0');

  async start(): Promise<void> {
    const { store } = this.table;
    this.#phones = await openPhones({
      store: {
        ...store,
        keepPushes: (pushes) =>
          this.refuses ? Promise.reject(new Error('refused')) : store.keepPushes(pushes),
      },
      virtual: this.virtual,
      seal: { seal: (text) => text, unseal: (text) => text },
      newId: this.newId,
      random: (count) => randomBytes(count),
      endpointOf: (id) => id,
      onProblem: (text) => this.problems.push(text),
    });
    await this.phones.idle();
  }

  async make(platform: Platform): Promise<void> {
    await this.start();
    this.phoneId = (await this.phones.create({ name: 'x', user: null, platform })).id;
    await this.phones.register(this.phoneId, { app });
  }

  plan(one: Extract<Step, { do: 'push' }>): PushPlan {
    const { provider, token } = this.entry;
    const located = this.phones.farSide.locate({ provider, token, app: null, environment: null });
    if (located.kind !== 'found') throw new Error(located.kind);
    const push: AcceptedPush = {
      id: this.newId(),
      device: located.device,
      messageId: 'm',
      deliveryId: 'd',
      content: { ...noContent, title: 'x', silent: one.silent },
      collapseKey: one.collapseKey,
      priority: null,
      expiresAtMs: one.forMs === null ? null : this.virtual.nowMs() + one.forMs,
      nowOrNever: one.nowOrNever,
      after: one.after.map(decided),
    };
    return this.phones.farSide.plan([push]);
  }

  /** Stored in another order than they were planned. */
  async finish(): Promise<void> {
    for (const plan of this.open.splice(0).reverse()) {
      await this.table.store.keepPushes(plan);
      for (const { id } of plan.puts) this.accepted.add(id);
      this.phones.farSide.settled(plan);
    }
    await this.phones.idle();
  }

  async advance(byMs: number): Promise<void> {
    const targetMs = this.virtual.nowMs() + byMs;
    for (;;) {
      const next = this.table.nextDueMs();
      if (next === null || next > targetMs) break;
      this.virtual.jumpTo(next);
      for (const { seq, act } of this.table.due(next)) {
        await this.phones.perform({ seq, dueAtMs: act.dueAtMs ?? next, kind: act.kind, data: act.data });
        this.table.finish(seq);
      }
    }
    this.virtual.jumpTo(targetMs);
  }

  async take(one: Step): Promise<void> {
    const { phones, phoneId, entry } = this;
    switch (one.do) {
      case 'push': {
        if (!entry.installed) return;
        const plan = this.plan(one);
        if (one.ends === 'undone') plan.undo();
        else this.open.push(plan);
        return one.ends === 'settled' ? this.finish() : undefined;
      }
      case 'offline':
        await phones.switchOff(phoneId, one.forMs);
        return;
      case 'online':
        await phones.switchOn(phoneId);
        return;
      case 'refused': {
        this.refuses = true;
        await expect(phones.switchOn(phoneId)).rejects.toThrow('refused');
        await expect(phones.rotate(phoneId, { app })).rejects.toThrow();
        this.refuses = false;
        return;
      }
      case 'rotate':
        if (entry.installed) await phones.rotate(phoneId, { app });
        return;
      case 'uninstall':
        if (entry.installed)
          await phones.uninstall(phoneId, app, { tellAfterSends: null, tellAfterMs: null });
        return;
      case 'install':
        await phones.install(phoneId, { app });
        return;
      case 'restart':
        // As after kill -9: what was planned and not stored never was.
        this.open.length = 0;
        return this.start();
      case 'finish':
        return this.finish();
      case 'clear':
        await phones.clear(phoneId);
        return;
      case 'advance':
        return this.advance(one.byMs);
    }
  }

  check(): void {
    const rows = this.table.rows();
    const own = rows.filter((row) => row.content.data.message_type !== 'deleted_messages');
    expect(own.map((row) => row.id).sort()).toEqual([...this.accepted].sort());
    expect(this.phones.waiting(this.phoneId)).toBe(rows.filter((row) => row.state === 'stored').length);
    const shown = new Map<string, number>();
    for (const { state, deliveredAtMs, expiresAtMs, receivedAtMs, collapseKey, ...row } of rows) {
      if (state !== 'delivered') {
        expect(row.shown).toBe(false);
        continue;
      }
      expect(deliveredAtMs ?? 0).toBeGreaterThanOrEqual(receivedAtMs);
      // What an online phone was handed at once may have been over as it came.
      if (expiresAtMs !== null && deliveredAtMs !== receivedAtMs)
        expect(deliveredAtMs ?? 0).toBeLessThan(expiresAtMs);
      if (row.shown && collapseKey !== null && !row.flags.dismissed)
        shown.set(collapseKey, (shown.get(collapseKey) ?? 0) + 1);
    }
    // Of an iPhone one with a collapse id is shown at the most.
    if (this.phones.get(this.phoneId)?.platform === 'ios')
      expect([...shown.values()].filter((count) => count > 1)).toEqual([]);
  }
}

for (const platform of ['ios', 'android'] as const) {
  it(`each push of an ${platform} phone is in one state, in memory as in the store`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 50 }), async (steps) => {
        const world = new World();
        await world.make(platform);
        for (const one of steps) await world.take(one);
        await world.finish();
        world.check();
        await world.start();
        world.check();
        await world.phones.install(world.phoneId, { app });
        await world.phones.switchOn(world.phoneId);
        await world.advance(31 * dayMs);
        expect(world.table.rows().filter((row) => row.state === 'stored')).toEqual([]);
        world.check();
        expect(world.problems.filter((text) => !text.endsWith('refused'))).toEqual([]);
      }),
      { numRuns: runs },
    );
  }, 60_000);
}
