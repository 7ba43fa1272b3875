/** An engine on a real store with a scripted carrier, and time that a test moves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, createBus } from '../../../core/bus.ts';
import { type AdjustableClock, createVirtualClock } from '../../../core/clock.ts';
import type { Carried, Carrier, CarryResult, Job } from '../../../core/delivery/carrier.ts';
import { createEngine, type Engine, type EnginePorts } from '../../../core/delivery/engine.ts';
import { planDeliveries } from '../../../core/delivery/plan.ts';
import { type DeliverySettings, deliverySettingsSchema } from '../../../core/delivery/settings.ts';
import { createTimeTravel, type TimeTravel } from '../../../core/delivery/time-travel.ts';
import type { Act } from '../../../core/model/delivery.ts';
import type { StoredEvent } from '../../../core/model/message.ts';
import { openSqliteStore } from '../../../core/store/sqlite/sqlite-store.ts';
import type { Store } from '../../../core/store/store.ts';
import { submission } from '../../contract/store.ts';
import { type FakeClock, fakeClock } from '../../fake-clock.ts';

export type Answer = (recipient: string, attempt: number) => Partial<CarryResult>;

export interface World {
  readonly store: Store;
  readonly bus: Bus;
  /** Of the store. */
  readonly databaseFile: string;
  readonly engine: Engine;
  readonly virtual: AdjustableClock;
  readonly travel: TimeTravel;
  readonly clock: FakeClock;
  /** Every job that the carrier got: recipients and virtual time. */
  readonly jobs: { readonly to: readonly string[]; readonly atMs: number }[];
  readonly events: StoredEvent[];
  readonly acts: Act[];
  readonly settled: unknown[];
  answer: Answer;
  send(
    to: readonly string[],
    about?: {
      readonly stream?: 'marketing' | 'transactional';
      readonly tags?: string[];
      readonly content?: string;
    },
  ): Promise<string[]>;
  close(): Promise<void>;
}

export const startMs = Date.UTC(2026, 0, 31, 12);
export const sent: Partial<CarryResult> = { outcome: { kind: 'sent' }, code: 250, text: '250 2.0.0 OK' };
export const deferred = (retryAfterMs: number | null = null): Partial<CarryResult> => ({
  outcome: { kind: 'deferred', retryAfterMs },
  code: 451,
  enhanced: '4.7.1',
  class: 'rate_limited',
  text: '451 4.7.1 Try again later',
});
export const refused = (about: Partial<CarryResult> = {}): Partial<CarryResult> => ({
  outcome: { kind: 'failed' },
  code: 550,
  enhanced: '5.1.1',
  class: 'bad_address',
  text: '550 5.1.1 No such user',
  suppresses: 'now',
  ...about,
});

export async function openWorld(
  about: {
    readonly settings?: Partial<DeliverySettings>;
    readonly carrier?: (answer: Carrier) => Carrier;
    readonly ports?: Partial<EnginePorts>;
    readonly folder?: string;
    /** Of a folder that was there before: how many deliveries it has. */
    readonly sentBefore?: number;
  } = {},
): Promise<World> {
  const folder = about.folder ?? mkdtempSync(join(tmpdir(), 'sandpost-delivery-'));
  const databaseFile = join(folder, 'sandpost.db');
  const clock = fakeClock(startMs);
  const events: StoredEvent[] = [];
  const bus = createBus((error) => {
    throw error;
  });
  bus.subscribe((list) => events.push(...list));
  const store = await openSqliteStore({
    file: databaseFile,
    durability: 'off',
    bus,
    clock,
    onNotice: () => undefined,
    onFatal: () => undefined,
  });
  const virtual = createVirtualClock(clock, null);
  virtual.setSpeed(0);
  const jobs: World['jobs'] = [];
  const acts: Act[] = [];
  const settled: unknown[] = [];
  const scripted: Carrier = {
    carry: (job) => Promise.resolve(carriedBy(job)),
    close: () => Promise.resolve(),
  };
  function carriedBy(job: Job): Carried {
    jobs.push({ to: job.deliveries.map((one) => one.delivery.recipient), atMs: job.nowMs });
    return {
      results: job.deliveries.map((one) => ({
        deliveryId: one.delivery.id,
        outcome: { kind: 'sent' },
        class: null,
        code: null,
        enhanced: null,
        text: '',
        nextHop: 'mx1.default.sandpost.example',
        suppresses: 'never',
        ...world.answer(one.delivery.recipient, one.delivery.attempts + 1),
      })),
      evidence: {
        routing: [],
        changes: [],
        signatures: [],
        identity: null,
        transcript: [{ by: 'C', atMs: 0, text: 'EHLO x' }],
      },
    };
  }
  const settings = deliverySettingsSchema.parse({ jitter: 0, ...about.settings });
  const engine = createEngine(
    {
      store,
      clock,
      virtual,
      carriers: { email: about.carrier?.(scripted) ?? scripted },
      busy: () => false,
      perform: (act) => {
        acts.push(act);
        return Promise.resolve();
      },
      owed: () => [],
      settled: (ended) => {
        settled.push(...ended);
        return Promise.resolve();
      },
      onProblem: (text) => {
        throw new Error(text);
      },
      ...about.ports,
    },
    { settings, suspensions: [] },
  );
  let last = about.sentBefore ?? 0;
  const world: World = {
    store,
    bus,
    databaseFile,
    engine,
    virtual,
    travel: createTimeTravel(virtual, store, () => engine.idle(), clock),
    clock,
    jobs,
    events,
    acts,
    settled,
    answer: () => sent,
    async send(to, { stream = 'transactional', tags = [], content } = {}) {
      const plan = planDeliveries({
        recipients: to,
        parameters: null,
        stream,
        nowMs: virtual.nowMs(),
        sendAtMs: null,
        lifetimeMs: settings.lifetimeMs,
        newId: () => `10000000-0000-7000-8000-${String(++last).padStart(12, '0')}`,
        providerOf: () => 'default',
      });
      await store.accept(
        submission({
          envelopeTo: [...to],
          delivery: plan,
          tags,
          ...(content === undefined ? {} : { content }),
        }),
      );
      return plan.to.map((one) => one.id);
    },
    async close() {
      await engine.close();
      await store.close();
      if (about.folder === undefined) rmSync(folder, { recursive: true });
    },
  };
  return world;
}
