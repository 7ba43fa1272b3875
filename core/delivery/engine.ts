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
import { type Act, type Carriage, isCall } from '../model/delivery.ts';
import type { ClaimedRow } from '../store/deliveries.ts';
import type { NewAct, Store } from '../store/store.ts';
import { createActs } from './acts.ts';
import { createAttemptOrders, type Going, ordersOf, transactionsOf } from './attempt-orders.ts';
import { createCallPlaces } from './call-places.ts';
import type { Carrier } from './carrier.ts';
import { createLanes } from './lanes.ts';
import { carryWithinLease, lost } from './lease.ts';
import type { LiveGuard, LivePass } from './live.ts';
import { answersOf, byRelay, heldSoon, passOfAll, recorded } from './live-attempt.ts';
import { noRules, type RulePorts } from './orders.ts';
import { endedBefore, held, heldBefore, type OutcomeFacts, outcomeOf, withdrawnBefore } from './outcome.ts';
import { policyOf } from './policy.ts';
import { createRate, type Rate } from './rate.ts';
import { createRecording, type Settled } from './recording.ts';
import type { DeliverySettings } from './settings.ts';
import type { Suspension } from './suspensions.ts';

export interface EnginePorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly virtual: VirtualClock;
  readonly carriers: Readonly<Partial<Record<Carriage, Carrier>>>;
  /** Are the doors busy taking messages? Then deliveries take a small share of the machine only. */
  readonly busy: () => boolean;
  /** Do they take nothing at all? Then calls to the app may have what they can use; left out: yes. */
  readonly quiet?: () => boolean;
  readonly perform: (act: Act) => Promise<void>;
  /** Before the commit: the DSNs that are owed for it, as acts that are kept in the same transaction. */
  readonly owed: (ended: readonly Settled[]) => readonly NewAct[];
  /** After the commit. */
  readonly settled: (ended: readonly Settled[]) => Promise<void>;
  readonly onProblem: (text: string) => void;
  /** The guard of live relay, and what carries by relays; without it, all is sandbox. */
  readonly live?: {
    readonly guard: Pick<LiveGuard, 'decide' | 'begins' | 'enter' | 'ended'>;
    readonly carrier: Carrier;
  };
  /** What the far side is to do wrong on purpose; without it, nothing. */
  readonly rules?: RulePorts;
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
const retryAfterFaultMs = 5_000;
const rearmMs = 1_000;
/** From the end of calls to the next ones: a breath for the doors, a longer one while messages come in. */
const restMs = 5;
const asideMs = 12;

export function createEngine(
  ports: EnginePorts,
  initial: { readonly settings: DeliverySettings; readonly suspensions: readonly Suspension[] },
): Engine {
  const { store, clock, virtual } = ports;
  let { settings, suspensions } = initial;
  let rates = ratesOf(settings);
  const waiters = new Set<() => void>();
  let claimed = 0;
  const places = createCallPlaces(ports);
  /** Calls are due that there was no room for. */
  let moreCalls = false;
  let calls = 0;
  let pumping: Promise<void> | null = null;
  let wanted = false;
  /** The last claim was full: there is more. */
  let more = false;
  let closed = false;
  let cancelTimer: () => void = () => undefined;
  let cancelRearm: (() => void) | null = null;
  const { withOrders } = createAttemptOrders(ports.rules ?? noRules, ports.onProblem);
  const lanes = createLanes({
    attempt,
    ended() {
      // Places came free: what is known to wait gets them.
      if (more && !closed) wake();
      else if (claimed === 0) wakeForTimer();
      changed();
    },
  });
  const keep = createRecording({
    store,
    clock,
    owed: ports.owed,
    settled: ports.settled,
    actsKept: wake,
    free: (row) => (isCall(row.delivery.carriage) ? places.free(row) : claimed--),
    isClosed: () => closed,
    onProblem: ports.onProblem,
  });
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

  function nextChange(): Promise<void> {
    return new Promise((resolve) => {
      const waiter = (): void => {
        waiters.delete(waiter);
        resolve();
      };
      waiters.add(waiter);
    });
  }

  async function pump(): Promise<void> {
    try {
      while (wanted && !closed) {
        wanted = false;
        // Asked for in one turn, both are answered in one transaction.
        await Promise.all([takeDue(), takeCalls()]);
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

  async function takeCalls(): Promise<void> {
    for (;;) {
      const room = places.room();
      if (room.limit <= 0 || closed) {
        moreCalls = true;
        return;
      }
      const rows = await store.claim({
        nowMs: virtual.nowMs(),
        limit: room.limit,
        calls: { perHostMax: room.perHostMax, ...places.claimed() },
      });
      places.take(rows);
      await dispatch(rows);
      if (rows.length < room.limit) {
        moreCalls = false;
        return;
      }
    }
  }

  async function dispatch(rows: readonly ClaimedRow[]): Promise<void> {
    const nowMs = virtual.nowMs();
    const stopped: Omit<Settled, 'nowMs'>[] = [];
    const passed: ClaimedRow[] = [];
    const live = new Map<ClaimedRow, NonNullable<Going['live']>>();
    for (const row of rows) {
      const verdict = policyOf(row, {
        nowMs,
        suspensions,
        takePlace: ({ delivery }) =>
          delivery.carriage === 'email' ? (rates[delivery.stream]?.take(nowMs) ?? null) : null,
        ...(ports.live === undefined ? {} : { wayOf: ports.live.guard.decide }),
      });
      if (verdict.kind === 'hold') {
        stopped.push({ row, result: held(row, verdict), dsnOffered: false });
        continue;
      }
      if (verdict.kind !== 'go') {
        stopped.push({
          row,
          result: endedBefore(row, verdict, { settings, nowMs }),
          dsnOffered: false,
        });
        continue;
      }
      passed.push(row);
      if (verdict.live !== undefined) live.set(row, { pass: verdict.live.pass, send: verdict.live.row });
    }
    const together: Going[] = [];
    for (const asked of await withOrders(passed)) {
      const going = byRelay(asked, live.get(asked.row));
      const { row, orders } = going;
      if (isCall(row.delivery.carriage)) startCall(going);
      else if (orders?.hold != null) {
        going.live?.pass.giveBack();
        stopped.push({ row, result: heldBefore(row, orders.hold), dsnOffered: false });
      } else together.push(going);
    }
    for (const job of transactionsOf(together)) lanes.start(job);
    if (stopped.length > 0) await keep(stopped, { nowMs, startedAtMs: nowMs, durationMs: 0, evidence: null });
  }

  /** How many there are at once, in all and at one host, the claim saw to. */
  function startCall(going: Going): void {
    calls++;
    void attempt([going]).finally(() => {
      calls--;
      if (!closed) wakeForCalls();
      changed();
    });
  }

  async function attempt(going: readonly Going[]): Promise<void> {
    const pass = passOfAll(going);
    if (pass === null || ports.live === undefined) return attemptNow(going);
    const { guard } = ports.live;
    const rows = going.map(({ row }) => row);
    const withdraw = async (why: string, againMs: number, begun = false): Promise<void> => {
      const nowMs = virtual.nowMs();
      pass.giveBack();
      const withdrawn = rows.map((row) => ({
        row,
        result: withdrawnBefore(row, nowMs + againMs, why),
        dsnOffered: false,
      }));
      await keep(withdrawn, {
        nowMs,
        startedAtMs: nowMs,
        durationMs: 0,
        evidence: null,
        ...(begun ? { audit: answersOf(going, withdrawn, pass, clock.wallMs()) } : {}),
      });
    };
    if (!pass.valid()) return withdraw('live relay was over before its turn', 0);
    const leave = guard.enter();
    try {
      await guard.begins(
        pass,
        going.map(({ row, live }) => live?.send ?? row),
      );
    } catch (error) {
      ports.onProblem(`nothing was sent by the relay ${pass.relay.name}: ${messageOf(error)}`);
      leave();
      return withdraw('it could not be entered in the audit log', retryAfterFaultMs);
    }
    try {
      // It took a while to write that.
      if (!pass.valid()) return await withdraw('live relay was over before its turn', 0, true);
      await attemptNow(going, pass);
    } finally {
      leave();
    }
  }

  async function attemptNow(going: readonly Going[], pass?: LivePass): Promise<void> {
    const rows = going.map(({ row }) => row);
    const startedAtMs = virtual.nowMs();
    const startedAtWallMs = clock.wallMs();
    const startedMs = clock.monotonicMs();
    const carried = await carryWithinLease(
      going.map(({ row, live }) => live?.send ?? row),
      startedAtMs,
      ordersOf(going),
      { ...ports, ...(ports.live === undefined ? {} : { relays: ports.live.carrier }) },
      pass,
    );
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
        result: heldSoon(
          recorded(outcomeOf(row, result ?? lost(row.delivery.id, 'no result'), facts(row)), pass),
          pass,
          nowMs,
        ),
        dsnOffered: result?.dsnOffered === true,
        ...(result?.unregistered === true ? { unregistered: true } : {}),
        ...(pass === undefined ? {} : { live: true }),
      };
    });
    if (pass !== undefined) {
      for (const [at, { result }] of results.entries())
        if (result.change.kind === 'withdraw') going[at]?.live?.pass.giveBack();
      ports.live?.guard.ended(
        results.flatMap(({ row, result }) =>
          result.change.kind === 'send' || result.change.kind === 'fail' ? [row.delivery.id] : [],
        ),
      );
    }
    await keep(results, {
      nowMs,
      startedAtMs,
      startedAtWallMs,
      durationMs: Math.round((clock.monotonicMs() - startedMs) * 10) / 10,
      evidence: pass === undefined ? carried.evidence : { ...carried.evidence, live: pass.route },
      ...(pass === undefined ? {} : { audit: answersOf(going, results, pass, clock.wallMs()) }),
    });
  }

  async function arm(): Promise<void> {
    if (closed) return;
    const next = await store.nextDues(places.fullHosts());
    cancelTimer();
    cancelTimer = () => undefined;
    if (closed) return;
    const nowMs = virtual.nowMs();
    const cancels: (() => void)[] = [];
    cancelTimer = () => {
      for (const cancel of cancels) cancel();
    };
    // Due and not taken: there was no room. Places that come free wake it.
    if (next.others !== null && next.others <= nowMs) {
      if (acts.underWay() > 0) cancels.push(clock.after(rearmMs, wake));
      else if (claimed === 0) wanted = true;
      else more = true;
    }
    // To a host that has room: what fell due in between is taken at once.
    if (next.calls !== null && next.calls <= nowMs) {
      if (places.room().limit <= 0) moreCalls = true;
      else if (places.isAside()) {
        moreCalls = true;
        wakeForTimer();
      } else wanted = true;
    }
    const later = [next.others, next.calls].filter(
      (dueMs): dueMs is number => dueMs !== null && dueMs > nowMs,
    );
    if (later.length > 0) cancels.push(virtual.at(Math.min(...later), wake));
  }

  /** A call ended: the next ones go, after a breath where messages come in. */
  function wakeForCalls(): void {
    if (places.isAside()) wakeForTimer();
    else wake();
  }

  /** After the last attempt: what it deferred has a time now. Not at every attempt, for asking costs a read. */
  function wakeForTimer(): void {
    if (cancelRearm !== null || closed) return;
    cancelRearm = clock.after(places.isAside() ? asideMs : ports.busy() ? rearmMs : restMs, () => {
      cancelRearm = null;
      wake();
    });
  }

  function jobs(): number {
    return calls + lanes.underWay();
  }

  return {
    wake,
    async idle() {
      for (;;) {
        wake();
        while (pumping !== null) await pumping;
        if (closed || (jobs() === 0 && acts.underWay() === 0 && !more && !moreCalls && !wanted)) return;
        await nextChange();
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
    underWay: () => claimed + places.underWay(),
    async close() {
      closed = true;
      cancelTimer();
      cancelRearm?.();
      while (pumping !== null) await pumping;
      await acts.close();
      const relays = ports.live === undefined ? [] : [ports.live.carrier];
      await Promise.all([...Object.values(ports.carriers), ...relays].map((carrier) => carrier.close()));
      while (jobs() > 0) await nextChange();
    },
  };
}

function ratesOf(settings: DeliverySettings): Readonly<Record<string, Rate | undefined>> {
  const { transactional, marketing } = settings.streamRatePerHour;
  return {
    ...(transactional > 0 ? { transactional: createRate(transactional) } : {}),
    ...(marketing > 0 ? { marketing: createRate(marketing) } : {}),
  };
}
