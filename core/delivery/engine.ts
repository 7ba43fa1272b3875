/**
 * The delivery engine: claims what is due, asks the policy, hands jobs to the carriers and records what became of them.
 *
 *   claim → policy → carry → outcome → record (attempt, status and events in one transaction)
 *
 * It acts on nothing but what the store says is due at the virtual time; leases and limits run on the monotonic clock,
 * so that a jump of the virtual one expires no lease and sends nothing twice.
 */
import type { Clock, VirtualClock } from '../clock.ts';
import { messageOf } from '../model/app-error.ts';
import type { Act, AttemptEvidence, Carriage } from '../model/delivery.ts';
import type { ClaimedRow, RecordedResult } from '../store/deliveries.ts';
import type { NewAct, Store } from '../store/store.ts';
import { createActs } from './acts.ts';
import type { Carried, Carrier, CarryResult } from './carrier.ts';
import { endedBefore, type OutcomeFacts, outcomeOf } from './outcome.ts';
import { policyOf } from './policy.ts';
import { createRate, type Rate } from './rate.ts';
import type { DeliverySettings } from './settings.ts';
import type { Suspension } from './suspensions.ts';

export interface EnginePorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly virtual: VirtualClock;
  readonly carriers: Readonly<Partial<Record<Carriage, Carrier>>>;
  /** Are the doors busy taking messages? Then deliveries take a small share of the machine only. */
  readonly busy: () => boolean;
  readonly perform: (act: Act) => Promise<void>;
  /** Before the commit: the DSNs that are owed for it, as acts that are kept in the same transaction. */
  readonly owed: (ended: readonly Settled[]) => readonly NewAct[];
  /** After the commit. */
  readonly settled: (ended: readonly Settled[]) => Promise<void>;
  readonly onProblem: (text: string) => void;
}

export interface Settled {
  readonly row: ClaimedRow;
  readonly result: RecordedResult;
  readonly nowMs: number;
  /** See `CarryResult`. */
  readonly dsnOffered: boolean;
}

export interface Engine {
  /** Something may be due: new deliveries, a clock that jumped, a suspension that ended. */
  wake(): void;
  /** Settles when nothing is under way and nothing is due. */
  idle(): Promise<void>;
  setSettings(settings: DeliverySettings): void;
  setSuspensions(suspensions: readonly Suspension[]): void;
  underWay(): number;
  close(): Promise<void>;
}

/** Deliveries claimed and not recorded yet, when the doors are quiet and when they are busy. */
const claimedMax = 96;
const claimedBusyMax = 14;
/** Jobs under way at one provider, and recipients of one transaction. */
const laneJobsMax = 24;
const recipientsMax = 100;
/** How long an attempt may take before its deliveries go back into the queue (monotonic). */
const leaseMsMax = 15 * 60_000;
/** How long a carrier may take to end what was aborted. */
const abortMsMax = 10_000;
const retryAfterFaultMs = 5_000;
const rearmMs = 1_000;

interface Lane {
  active: number;
  readonly waiting: (readonly ClaimedRow[])[];
}

export function createEngine(
  ports: EnginePorts,
  initial: { readonly settings: DeliverySettings; readonly suspensions: readonly Suspension[] },
): Engine {
  const { store, clock, virtual } = ports;
  let { settings, suspensions } = initial;
  let rates = ratesOf(settings);
  const lanes = new Map<string, Lane>();
  const waiters = new Set<() => void>();
  let claimed = 0;
  let jobs = 0;
  let pumping: Promise<void> | null = null;
  let wanted = false;
  /** The last claim was full: there is more. */
  let more = false;
  let closed = false;
  let cancelTimer: () => void = () => undefined;
  let cancelRearm: (() => void) | null = null;
  const acts = createActs({
    store,
    clock,
    virtual,
    perform: ports.perform,
    ended: () => {
      wake();
      changed();
    },
    onProblem: ports.onProblem,
  });

  function wake(): void {
    wanted = true;
    if (pumping !== null || closed) return;
    pumping = pump().finally(() => {
      pumping = null;
      if (wanted && !closed) wake();
      else changed();
    });
  }

  function changed(): void {
    for (const waiter of [...waiters]) waiter();
  }

  async function pump(): Promise<void> {
    try {
      while (wanted && !closed) {
        wanted = false;
        await takeDue();
        await acts.begin();
      }
      await arm();
    } catch (error) {
      ports.onProblem(`deliveries wait: ${messageOf(error)}`);
      cancelTimer();
      cancelTimer = clock.after(retryAfterFaultMs, wake);
    }
  }

  async function takeDue(): Promise<void> {
    for (;;) {
      const room = (ports.busy() ? claimedBusyMax : claimedMax) - claimed;
      if (room <= 0 || closed) return;
      const rows = await store.claim({ nowMs: virtual.nowMs(), limit: room });
      more = rows.length === room;
      claimed += rows.length;
      await dispatch(rows);
      if (!more) return;
    }
  }

  async function dispatch(rows: readonly ClaimedRow[]): Promise<void> {
    const nowMs = virtual.nowMs();
    const stopped: Omit<Settled, 'nowMs'>[] = [];
    const jobsToBe = new Map<string, ClaimedRow[]>();
    for (const row of rows) {
      const verdict = policyOf(row, {
        nowMs,
        suspensions,
        takePlace: ({ delivery }) =>
          delivery.carriage === 'email' ? (rates[delivery.stream]?.take(nowMs) ?? null) : null,
      });
      if (verdict.kind !== 'go') {
        stopped.push({
          row,
          result: endedBefore(row, verdict, { settings, nowMs }),
          dsnOffered: false,
        });
        continue;
      }
      // MAIL FROM may be a delivery's own, after its envelope was edited; it has no line break in it.
      const key = `${row.message?.id ?? row.delivery.id} ${row.delivery.domain} ${row.delivery.carriage}\n${row.message?.envelopeFrom ?? ''}`;
      const together = jobsToBe.get(key) ?? [];
      together.push(row);
      if (together.length < recipientsMax) jobsToBe.set(key, together);
      else {
        jobsToBe.delete(key);
        start(together);
      }
    }
    for (const job of jobsToBe.values()) start(job);
    if (stopped.length > 0) await keep(stopped, { nowMs, startedAtMs: nowMs, durationMs: 0, evidence: null });
  }

  function start(rows: readonly ClaimedRow[]): void {
    const [first] = rows;
    if (first === undefined) return;
    const key = first.delivery.provider ?? first.delivery.domain;
    const lane = lanes.get(key) ?? { active: 0, waiting: [] };
    lanes.set(key, lane);
    lane.waiting.push(rows);
    runLane(key, lane);
  }

  function runLane(key: string, lane: Lane): void {
    while (lane.active < laneJobsMax) {
      const rows = lane.waiting.shift();
      if (rows === undefined) break;
      lane.active++;
      jobs++;
      void attempt(rows).finally(() => {
        lane.active--;
        jobs--;
        if (lane.active === 0 && lane.waiting.length === 0) lanes.delete(key);
        else runLane(key, lane);
        // Places came free: what is known to wait gets them.
        if (more && !closed) wake();
        else if (claimed === 0) wakeForTimer();
        changed();
      });
    }
  }

  async function attempt(rows: readonly ClaimedRow[]): Promise<void> {
    const startedAtMs = virtual.nowMs();
    const startedAtWallMs = clock.wallMs();
    const startedMs = clock.monotonicMs();
    const carried = await withinLease(rows, startedAtMs);
    const nowMs = virtual.nowMs();
    const facts = (row: ClaimedRow): OutcomeFacts => ({
      settings,
      nowMs,
      // On time, up to what the wall clock took: the schedule then goes by the due time, and is the same every run.
      fromMs: startedAtMs - row.dueAtMs < retryAfterFaultMs ? row.dueAtMs : startedAtMs,
    });
    const results = rows.map((row) => {
      const result = carried.results.find((one) => one.deliveryId === row.delivery.id);
      return {
        row,
        result: outcomeOf(row, result ?? lost(row.delivery.id, 'no result'), facts(row)),
        dsnOffered: result?.dsnOffered === true,
      };
    });
    await keep(results, {
      nowMs,
      startedAtMs,
      startedAtWallMs,
      durationMs: Math.round((clock.monotonicMs() - startedMs) * 10) / 10,
      evidence: carried.evidence,
    });
  }

  /** A carrier that never answers, or throws, must not keep its deliveries for ever. */
  async function withinLease(rows: readonly ClaimedRow[], nowMs: number): Promise<Carried> {
    const fault = (why: string): Carried => ({
      results: rows.map((row) => lost(row.delivery.id, why)),
      evidence: { ...noEvidence, transcript: [{ by: 'N', atMs: 0, text: why }] },
    });
    const [first] = rows;
    const carrier = first === undefined ? undefined : ports.carriers[first.delivery.carriage];
    if (first === undefined || carrier === undefined)
      return fault('no way out is set up for this channel; the delivery waits');
    const abort = new AbortController();
    let cancel: () => void = () => undefined;
    const expired = new Promise<Carried>((resolve) => {
      cancel = clock.after(leaseMsMax, () => {
        // What the carrier says then counts: it knows whether the far side may have taken the message.
        abort.abort();
        cancel = clock.after(abortMsMax, () =>
          resolve(
            fault('the attempt took too long and was given up; the far side may have taken the message'),
          ),
        );
      });
    });
    try {
      return await Promise.race([carrier.carry({ deliveries: rows, nowMs, signal: abort.signal }), expired]);
    } catch (error) {
      ports.onProblem(`an attempt broke off: ${messageOf(error)}`);
      return fault(`the attempt broke off on our side: ${messageOf(error)}`);
    } finally {
      cancel();
    }
  }

  async function keep(
    results: readonly Omit<Settled, 'nowMs'>[],
    about: {
      readonly nowMs: number;
      readonly startedAtMs: number;
      readonly startedAtWallMs?: number;
      readonly durationMs: number;
      readonly evidence: AttemptEvidence | null;
    },
  ): Promise<void> {
    try {
      const ended = results.map((one): Settled => ({ ...one, nowMs: about.nowMs }));
      const owed = ports.owed(ended);
      await recordSurely({
        nowMs: about.nowMs,
        startedAtMs: about.startedAtMs,
        startedAtWallMs: about.startedAtWallMs ?? clock.wallMs(),
        durationMs: about.durationMs,
        evidence: about.evidence,
        results: results.map(({ result }) => result),
        ...(owed.length === 0 ? {} : { acts: owed }),
      });
      if (owed.length > 0) wake();
      await ports.settled(ended);
    } catch (error) {
      ports.onProblem(`what became of a delivery: ${messageOf(error)}`);
    } finally {
      claimed -= results.length;
    }
  }

  /** What the far side took must be known before anything else: on a full disk it is tried until there is room. */
  async function recordSurely(attempted: Parameters<Store['record']>[0]): Promise<void> {
    for (;;) {
      try {
        return await store.record(attempted);
      } catch (error) {
        if (closed || store.failure() !== null) throw error;
        ports.onProblem(`the outcome of an attempt cannot be kept yet: ${messageOf(error)}`);
        await new Promise<void>((resolve) => clock.after(retryAfterFaultMs, resolve));
      }
    }
  }

  async function arm(): Promise<void> {
    if (closed) return;
    const next = await store.nextDue();
    cancelTimer();
    cancelTimer = () => undefined;
    if (next === null || closed) return;
    // Due and not taken: there was no room. Places that come free wake it.
    if (next <= virtual.nowMs()) {
      if (acts.underWay() > 0) cancelTimer = clock.after(rearmMs, wake);
      else if (claimed === 0) wanted = true;
      else more = true;
      return;
    }
    cancelTimer = virtual.at(next, wake);
  }

  /** After the last attempt: what it deferred has a time now. Not at every attempt, for asking costs a read. */
  function wakeForTimer(): void {
    if (cancelRearm !== null || closed) return;
    cancelRearm = clock.after(ports.busy() ? rearmMs : 5, () => {
      cancelRearm = null;
      wake();
    });
  }

  return {
    wake,
    async idle() {
      for (;;) {
        wake();
        while (pumping !== null) await pumping;
        if (closed || (jobs === 0 && acts.underWay() === 0 && !more && !wanted)) return;
        await new Promise<void>((resolve) => {
          const waiter = (): void => {
            waiters.delete(waiter);
            resolve();
          };
          waiters.add(waiter);
        });
      }
    },
    setSettings(next) {
      settings = next;
      rates = ratesOf(next);
      wake();
    },
    setSuspensions(next) {
      suspensions = next;
      wake();
    },
    underWay: () => claimed,
    async close() {
      closed = true;
      cancelTimer();
      cancelRearm?.();
      while (pumping !== null) await pumping;
      await acts.close();
      await Promise.all(Object.values(ports.carriers).map((carrier) => carrier.close()));
      while (jobs > 0) {
        await new Promise<void>((resolve) => {
          const waiter = (): void => {
            waiters.delete(waiter);
            resolve();
          };
          waiters.add(waiter);
        });
      }
    },
  };
}

const noEvidence: AttemptEvidence = {
  routing: [],
  changes: [],
  signatures: [],
  identity: null,
  transcript: [],
};

/** No answer that could be relied on: it is tried again. */
function lost(deliveryId: string, why: string): CarryResult {
  return {
    deliveryId,
    outcome: { kind: 'deferred', retryAfterMs: null },
    class: 'config',
    code: null,
    enhanced: null,
    text: why,
    nextHop: null,
    suppresses: 'never',
  };
}

function ratesOf(settings: DeliverySettings): Readonly<Record<string, Rate | undefined>> {
  const { transactional, marketing } = settings.streamRatePerHour;
  return {
    ...(transactional > 0 ? { transactional: createRate(transactional) } : {}),
    ...(marketing > 0 ? { marketing: createRate(marketing) } : {}),
  };
}
