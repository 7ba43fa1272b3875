/**
 * What the far side does later, at its virtual time: placements put off, reports, visits. Acts run beside the queue, for
 * a visit may wait for an app that is slow to answer; those of one copy run one after the other. Each is finished alone,
 * and only when it was done: what a full disk keeps from being done is tried until there is room.
 */
import type { Clock, VirtualClock } from '../clock.ts';
import { codeOf, messageOf } from '../model/app-error.ts';
import type { Act } from '../model/delivery.ts';
import type { Store } from '../store/store.ts';

export interface ActsPorts {
  readonly store: Pick<Store, 'dueActs' | 'finishActs' | 'failure'>;
  readonly clock: Clock;
  readonly virtual: VirtualClock;
  readonly perform: (act: Act) => Promise<void>;
  /** The last act under way has ended. */
  readonly ended: () => void;
  readonly onProblem: (text: string) => void;
}

export interface Acts {
  /** Begins what is due, as far as there is room; the rest begins as room comes free. */
  begin(): Promise<void>;
  underWay(): number;
  /** Waits a moment for what is under way: it is done again at the next start, which harms nothing. */
  close(): Promise<void>;
}

const atOnceMax = 16;
const retryAfterFaultMs = 5_000;
const closeMsMax = 2_000;

export function createActs(ports: ActsPorts): Acts {
  const { store, clock, virtual, onProblem } = ports;
  const underWay = new Map<number, Promise<void>>();
  const lastOfCopy = new Map<string, Promise<void>>();
  /** Ended while the store was being asked: its answer may be older than that. */
  const endedMeanwhile = new Set<number>();
  let questions = 0;
  let closed = false;
  /** More was due than there was room for. */
  let more = false;

  async function begin(): Promise<void> {
    if (closed || underWay.size >= atOnceMax) return;
    questions++;
    try {
      // Those under way are due still: with twice as many there is always one more to be seen.
      const due = await store.dueActs(virtual.nowMs(), atOnceMax * 2);
      if (closed) return;
      // Only now: another may have begun some while the store was asked.
      const room = atOnceMax - underWay.size;
      const fresh = due.filter(({ seq }) => !underWay.has(seq) && !endedMeanwhile.has(seq));
      more = fresh.length > room;
      for (const act of fresh.slice(0, Math.max(0, room))) start(act);
    } finally {
      questions--;
      if (questions === 0) endedMeanwhile.clear();
    }
  }

  function start(act: Act): void {
    const { copyId } = act.data;
    const before = typeof copyId === 'string' ? lastOfCopy.get(copyId) : undefined;
    const done = (async () => {
      await before;
      await carryOut(act);
    })().finally(() => {
      underWay.delete(act.seq);
      if (questions > 0) endedMeanwhile.add(act.seq);
      if (typeof copyId === 'string' && lastOfCopy.get(copyId) === done) lastOfCopy.delete(copyId);
      if (more && !closed)
        begin().catch((error: unknown) => onProblem(`acts of the far side wait: ${messageOf(error)}`));
      if (underWay.size === 0) ports.ended();
    });
    underWay.set(act.seq, done);
    if (typeof copyId === 'string') lastOfCopy.set(copyId, done);
  }

  async function carryOut(act: Act): Promise<void> {
    const name = `an act (${act.kind})`;
    if (await surely(`${name} failed`, () => ports.perform(act)))
      await surely(`${name} was done, and cannot be marked so yet`, () => store.finishActs([act.seq]));
  }

  /** @returns whether it is over: done, or failed for a reason that stays */
  async function surely(trouble: string, run: () => Promise<void>): Promise<boolean> {
    for (;;) {
      if (closed) return false;
      try {
        await run();
        return true;
      } catch (error) {
        onProblem(`${trouble}: ${messageOf(error)}`);
        if (!isPassing(error)) return true;
        if (closed || store.failure() !== null) return false;
        await new Promise<void>((resolve) => clock.after(retryAfterFaultMs, resolve));
      }
    }
  }

  return {
    begin,
    underWay: () => underWay.size,
    async close() {
      closed = true;
      let cancel: () => void = () => undefined;
      const late = new Promise<void>((resolve) => {
        cancel = clock.after(closeMsMax, resolve);
      });
      await Promise.race([Promise.all(underWay.values()), late]);
      cancel();
    },
  };
}

/** The store could not take it, and may do so later. */
function isPassing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'disk_full' || code === 'store_failed' || code === 'store_busy';
}
