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
import { type Act, type AttemptEvidence, type Carriage, isCall } from '../model/delivery.ts';
import { causeKey, type Facts, type FarSideOrders, noOrders } from '../rules/decision.ts';
import type { ClaimedRow, RecordedResult } from '../store/deliveries.ts';
import type { NewAct, Store } from '../store/store.ts';
import { createActs } from './acts.ts';
import type { Carried, Carrier, CarryResult } from './carrier.ts';
import { createMessageReading } from './message-reading.ts';
import { asksAnything, noRules, orderedFor, type RulePorts, transactionKey } from './orders.ts';
import { endedBefore, heldBefore, type OutcomeFacts, outcomeOf } from './outcome.ts';
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
  /** Do they take nothing at all? Then calls to the app may have what they can use; left out: yes. */
  readonly quiet?: () => boolean;
  readonly perform: (act: Act) => Promise<void>;
  /** Before the commit: the DSNs that are owed for it, as acts that are kept in the same transaction. */
  readonly owed: (ended: readonly Settled[]) => readonly NewAct[];
  /** After the commit. */
  readonly settled: (ended: readonly Settled[]) => Promise<void>;
  readonly onProblem: (text: string) => void;
  /** What the far side is to do wrong on purpose; without it, nothing. */
  readonly rules?: RulePorts;
}

export interface Settled {
  readonly row: ClaimedRow;
  readonly result: RecordedResult;
  readonly nowMs: number;
  /** See `CarryResult`. */
  readonly dsnOffered: boolean;
  /** See `CarryResult`. */
  readonly unregistered?: boolean;
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
/**
 * The same for calls to the app (webhooks, callbacks of providers), which are claimed apart: one that the app does not
 * answer takes its time, and must keep neither mail nor other receivers waiting. Beyond these every receiver that has none
 * under way gets one still.
 */
interface CallsMax {
  readonly calls: number;
  readonly atHost: number;
  readonly hosts: number;
}
const callsMax: CallsMax = { calls: 32, atHost: 8, hosts: 256 };
/** While messages come in, and while many do: thousands of reports may be due at once, and nobody waits for them at a door. */
const callsAsideMax: CallsMax = { calls: 8, atHost: 3, hosts: 256 };
const callsBusyMax: CallsMax = { calls: 4, atHost: 2, hosts: 16 };
/** Jobs under way at one provider, and recipients of one transaction. */
const laneJobsMax = 24;
const recipientsMax = 100;
/** How long an attempt may take before its deliveries go back into the queue (monotonic). */
const leaseMsMax = 15 * 60_000;
/** How long a carrier may take to end what was aborted. */
const abortMsMax = 10_000;
const retryAfterFaultMs = 5_000;
const rearmMs = 1_000;
/** From the end of calls to the next ones: a breath for the doors, a longer one while messages come in. */
const restMs = 5;
const asideMs = 12;

interface Lane {
  active: number;
  readonly waiting: (readonly Going[])[];
}

/** A delivery that the policy lets go, with what the rules say of it. */
interface Going {
  readonly row: ClaimedRow;
  readonly orders: FarSideOrders | null;
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
  /** Calls claimed and not recorded yet, by host. */
  const callsAt = new Map<string, number>();
  let calls = 0;
  /** Whom the last claim of calls served last: the next one begins behind it. */
  let lastHost = '';
  /** Calls are due that there was no room for. */
  let moreCalls = false;
  let jobs = 0;
  let pumping: Promise<void> | null = null;
  let wanted = false;
  /** The last claim was full: there is more. */
  let more = false;
  let closed = false;
  let cancelTimer: () => void = () => undefined;
  let cancelRearm: (() => void) | null = null;
  const rules = ports.rules ?? noRules;
  const reading = createMessageReading(rules, ports.onProblem);
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
      const room = roomForCalls();
      if (room.limit <= 0 || closed) {
        moreCalls = true;
        return;
      }
      const rows = await store.claim({
        nowMs: virtual.nowMs(),
        limit: room.limit,
        calls: { perHostMax: room.perHostMax, underWay: Object.fromEntries(callsAt), after: lastHost },
      });
      for (const { delivery } of rows) {
        calls++;
        callsAt.set(delivery.domain, (callsAt.get(delivery.domain) ?? 0) + 1);
        lastHost = delivery.domain;
      }
      await dispatch(rows);
      if (rows.length < room.limit) {
        moreCalls = false;
        return;
      }
    }
  }

  function callsMaxNow(): CallsMax {
    if (ports.busy()) return callsBusyMax;
    return ports.quiet?.() === false ? callsAsideMax : callsMax;
  }

  function roomForCalls(): { readonly limit: number; readonly perHostMax: number } {
    const max = callsMaxNow();
    return calls < max.calls
      ? { limit: max.calls - calls, perHostMax: max.atHost }
      : { limit: max.hosts - calls, perHostMax: 1 };
  }

  function fullHosts(): string[] {
    const { perHostMax } = roomForCalls();
    return [...callsAt].flatMap(([host, underWay]) => (underWay >= perHostMax ? [host] : []));
  }

  /** It was recorded, or given up: its place is free. */
  function free({ delivery }: ClaimedRow): void {
    if (!isCall(delivery.carriage)) {
      claimed--;
      return;
    }
    calls--;
    const left = (callsAt.get(delivery.domain) ?? 1) - 1;
    if (left > 0) callsAt.set(delivery.domain, left);
    else callsAt.delete(delivery.domain);
  }

  async function dispatch(rows: readonly ClaimedRow[]): Promise<void> {
    const nowMs = virtual.nowMs();
    const stopped: Omit<Settled, 'nowMs'>[] = [];
    const passed: ClaimedRow[] = [];
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
      passed.push(row);
    }
    const jobsToBe = new Map<string, Going[]>();
    for (const going of await withOrders(passed)) {
      const { row, orders } = going;
      if (isCall(row.delivery.carriage)) {
        startCall(going);
        continue;
      }
      if (orders?.hold != null) {
        stopped.push({ row, result: heldBefore(row, orders.hold), dsnOffered: false });
        continue;
      }
      const ordered = orders === null ? '' : transactionKey(orders);
      // MAIL FROM may be a delivery's own, after its envelope was edited; it has no line break in it.
      // A push is for one device, an SMS for one number: each is a request of its own.
      const alone = isRequest(row.delivery.carriage) ? row.delivery.id : '';
      const key = `${alone} ${row.message?.id ?? row.delivery.id} ${row.delivery.domain} ${row.delivery.carriage}\n${row.message?.envelopeFrom ?? ''}\n${ordered}`;
      const together = jobsToBe.get(key) ?? [];
      together.push(going);
      if (together.length < recipientsMax) jobsToBe.set(key, together);
      else {
        jobsToBe.delete(key);
        start(together);
      }
    }
    for (const job of jobsToBe.values()) start(job);
    if (stopped.length > 0) await keep(stopped, { nowMs, startedAtMs: nowMs, durationMs: 0, evidence: null });
  }

  /**
   * Asks the rules about each attempt, in the order of the queue, so that counts and chances come out the same in every
   * run: what has to be read for it is read before the first is asked.
   */
  async function withOrders(rows: readonly ClaimedRow[]): Promise<readonly Going[]> {
    const anything = asksAnything(rules.desk);
    const asked = rows.map((row) => ({
      row,
      facts: row.message === null ? null : factsOf(row, anything),
    }));
    if (asked.every(({ facts }) => facts === null)) return rows.map((row) => ({ row, orders: null }));
    const known = await Promise.all(asked.map(async ({ facts }) => (facts === null ? null : read(facts))));
    return rows.map((row, at) => {
      const facts = known[at] ?? null;
      return { row, orders: facts === null ? null : ordersFor(facts) };
    });
  }

  /** @returns null when there is nothing to ask */
  function factsOf({ delivery, message, parameters }: ClaimedRow, anything: boolean): Facts | null {
    const ordered = orderedFor(message?.details ?? null, delivery.recipient);
    // Rules are for what the app sends: notices and answers that come back get through.
    const apps = message !== null && message.details?.origin == null;
    if (message === null || !((anything && apps) || ordered.length > 0)) return null;
    const { carriage } = delivery;
    const app = carriage === 'push' ? parameters?.app : undefined;
    return {
      channel: carriage === 'webhook' || carriage === 'callback' ? 'email' : carriage,
      door: 'queue',
      provider: delivery.provider,
      // A push is from an app, and each device may have another one.
      sender: typeof app === 'string' ? app : message.envelopeFrom,
      recipient: delivery.recipient,
      bytes: message.bytes,
      tags: message.tags,
      tryKey: delivery.id,
      triesBefore: delivery.attempts,
      messageId: message.id,
      deliveryId: delivery.id,
      releasedFrom: delivery.releasedFrom,
      ...(ordered.length === 0 ? {} : { ordered }),
    };
  }

  async function read(facts: Facts): Promise<Facts> {
    const needs = rules.desk.needs('farSide', facts);
    if (facts.messageId == null || !(needs.headers || needs.content)) return facts;
    if (facts.channel === 'push') return { ...facts, ...(await reading.push(facts.messageId)) };
    if (facts.channel === 'sms') return { ...facts, ...(await reading.sms(facts.messageId)) };
    const [headers, content] = await Promise.all([
      needs.headers ? reading.head(facts.messageId) : null,
      needs.content ? reading.content(facts.messageId) : null,
    ]);
    return { ...facts, ...(headers === null ? {} : { headers }), ...(content === null ? {} : { content }) };
  }

  /** What was claimed must get on its way, whatever the rules run into. */
  function surely(ask: () => FarSideOrders): FarSideOrders {
    try {
      return ask();
    } catch (error) {
      ports.onProblem(`the rules could not be asked about a delivery: ${messageOf(error)}`);
      return noOrders;
    }
  }

  /** @returns null when nothing is ordered */
  function ordersFor(facts: Facts): FarSideOrders | null {
    const { connection, answer, after, ...asked } = surely(() => rules.desk.orders(facts));
    // Who was told to let it go does not hold it again.
    const again = asked.hold !== null && facts.releasedFrom?.includes(causeKey(asked.hold.cause)) === true;
    const hold = again ? null : asked.hold;
    if (hold === null && connection.length === 0 && answer === null && after.length === 0) return null;
    return { hold, connection, answer, after };
  }

  function start(going: readonly Going[]): void {
    const [first] = going;
    if (first === undefined) return;
    const key = first.row.delivery.provider ?? first.row.delivery.domain;
    const lane = lanes.get(key) ?? { active: 0, waiting: [] };
    lanes.set(key, lane);
    lane.waiting.push(going);
    runLane(key, lane);
  }

  /** How many there are at once, in all and at one host, the claim saw to. */
  function startCall(going: Going): void {
    jobs++;
    void attempt([going]).finally(() => {
      jobs--;
      if (!closed) wakeForCalls();
      changed();
    });
  }

  function runLane(key: string, lane: Lane): void {
    while (lane.active < laneJobsMax) {
      const going = lane.waiting.shift();
      if (going === undefined) break;
      lane.active++;
      jobs++;
      void attempt(going).finally(() => {
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

  async function attempt(going: readonly Going[]): Promise<void> {
    const rows = going.map(({ row }) => row);
    const startedAtMs = virtual.nowMs();
    const startedAtWallMs = clock.wallMs();
    const startedMs = clock.monotonicMs();
    const carried = await withinLease(rows, startedAtMs, ordersOf(going));
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
        ...(result?.unregistered === true ? { unregistered: true } : {}),
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
  async function withinLease(
    rows: readonly ClaimedRow[],
    nowMs: number,
    orders: ReadonlyMap<string, FarSideOrders>,
  ): Promise<Carried> {
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
      const job = { deliveries: rows, nowMs, signal: abort.signal };
      return await Promise.race([carrier.carry(orders.size === 0 ? job : { ...job, orders }), expired]);
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
      for (const { row } of results) free(row);
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
    const next = await store.nextDues(fullHosts());
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
      if (roomForCalls().limit <= 0) moreCalls = true;
      else if (isAside()) {
        moreCalls = true;
        wakeForTimer();
      } else wanted = true;
    }
    const later = [next.others, next.calls].filter(
      (dueMs): dueMs is number => dueMs !== null && dueMs > nowMs,
    );
    if (later.length > 0) cancels.push(virtual.at(Math.min(...later), wake));
  }

  /** Messages come in: calls to the app give way. */
  function isAside(): boolean {
    return !ports.busy() && ports.quiet?.() === false;
  }

  /** A call ended: the next ones go, after a breath where messages come in. */
  function wakeForCalls(): void {
    if (isAside()) wakeForTimer();
    else wake();
  }

  /** After the last attempt: what it deferred has a time now. Not at every attempt, for asking costs a read. */
  function wakeForTimer(): void {
    if (cancelRearm !== null || closed) return;
    cancelRearm = clock.after(isAside() ? asideMs : ports.busy() ? rearmMs : restMs, () => {
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
        if (closed || (jobs === 0 && acts.underWay() === 0 && !more && !moreCalls && !wanted)) return;
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
    underWay: () => claimed + calls,
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

/** What is for one recipient alone: it shares no transaction. */
function isRequest(carriage: Carriage): boolean {
  return carriage === 'push' || carriage === 'sms';
}

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

function ordersOf(going: readonly Going[]): ReadonlyMap<string, FarSideOrders> {
  return new Map(going.flatMap(({ row, orders }) => (orders === null ? [] : [[row.delivery.id, orders]])));
}

function ratesOf(settings: DeliverySettings): Readonly<Record<string, Rate | undefined>> {
  const { transactional, marketing } = settings.streamRatePerHour;
  return {
    ...(transactional > 0 ? { transactional: createRate(transactional) } : {}),
    ...(marketing > 0 ? { marketing: createRate(marketing) } : {}),
  };
}
