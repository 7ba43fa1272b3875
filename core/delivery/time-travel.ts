/**
 * Advancing the virtual clock: from due time to due time, letting what is in flight settle at each, so that a jump of
 * days makes the same attempts at the same virtual times as waiting would.
 */
import type { AdjustableClock, Clock } from '../clock.ts';
import { AppError } from '../model/app-error.ts';
import type { Store } from '../store/store.ts';
import { keepVirtualTime } from './virtual-time.ts';

/** Due times that one advance goes through at the most; whoever asked for more asks again. */
const stepsMax = 200_000;
/** How long (real time) one step waits for what is under way to settle: mail that keeps coming never does. */
const settleMsMax = 60_000;

export interface TimeTravel {
  advance(byMs: number): Promise<void>;
  /** To the next thing that is due. @returns false when nothing is */
  toNext(): Promise<boolean>;
}

/** @param settle settles when nothing is under way and nothing is due */
export function createTimeTravel(
  virtual: AdjustableClock,
  store: Store,
  settle: () => Promise<void>,
  clock: Pick<Clock, 'after'>,
): TimeTravel {
  let running: Promise<unknown> = Promise.resolve();

  /** One after another: two at once would have no order. */
  function alone<T>(travel: () => Promise<T>): Promise<T> {
    const done = running.then(travel);
    running = done.catch(() => undefined);
    return done;
  }

  /** Kept at once, and so before what becomes due is recorded: after a crash on the way time has not gone back. */
  async function jumpTo(ms: number): Promise<void> {
    virtual.jumpTo(ms);
    await keepVirtualTime(store, virtual.time());
  }

  async function settled(): Promise<void> {
    let cancel: () => void = () => undefined;
    const late = new Promise<void>((_, reject) => {
      cancel = clock.after(settleMsMax, () =>
        reject(
          new AppError(
            'store_busy',
            `what is under way did not settle within ${settleMsMax / 1_000} s, so the clock stopped there: wait for the mail that keeps coming, and advance again to go on`,
          ),
        ),
      );
    });
    try {
      await Promise.race([settle(), late]);
    } finally {
      cancel();
    }
  }

  async function nextMs(): Promise<number | null> {
    await settled();
    const [stored, timer] = [await store.nextDue(), virtual.nextTimerMs()];
    if (stored === null) return timer;
    return timer === null ? stored : Math.min(stored, timer);
  }

  return {
    advance: (byMs) =>
      alone(async () => {
        const target = virtual.nowMs() + byMs;
        for (let step = 0; ; step++) {
          if (step >= stepsMax)
            throw new AppError(
              'store_busy',
              `the clock went through ${stepsMax} due times and stopped there; advance again to go on`,
            );
          const next = await nextMs();
          if (next === null || next > target) break;
          await jumpTo(next);
        }
        await jumpTo(target);
        await settled();
      }),
    toNext: () =>
      alone(async () => {
        const next = await nextMs();
        if (next === null) return false;
        await jumpTo(next);
        await settled();
        return true;
      }),
  };
}
