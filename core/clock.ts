/** Time as an argument. Wall time for what people and outside programs see, monotonic time for durations. */
export interface Clock {
  /** Milliseconds since the epoch. */
  wallMs(): number;
  /** Milliseconds since some start, never going back, with a fraction. */
  monotonicMs(): number;
  /** Calls `run` once, `delayMs` from now. @returns cancel */
  after(delayMs: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The clock that due times run on. It can stand still, run faster, or jump; it never goes back. */
export interface VirtualClock {
  /** Virtual milliseconds since the epoch. */
  nowMs(): number;
  /** Calls `run` once when it is `dueMs` or later. @returns cancel */
  at(dueMs: number, run: () => void): () => void;
}

/** From `baseWallMs` on it showed `baseMs`, and went `speed` times as fast as the wall clock (0: it stands still). */
export interface VirtualTime {
  readonly baseMs: number;
  readonly baseWallMs: number;
  readonly speed: number;
}

export interface AdjustableClock extends VirtualClock {
  time(): VirtualTime;
  /** Goes on from now at another speed; 0 freezes. */
  setSpeed(speed: number): void;
  /** Jumps ahead; a time that is past is left alone. Timers that are due then run in the order of their times. */
  jumpTo(ms: number): void;
  /** Back to wall time, at its speed. The one way back: who asks for it moves what waits along. */
  reset(): void;
  /** When the next timer is due, or null. */
  nextTimerMs(): number | null;
}

/** Timers of the system count to this many milliseconds at the most; a longer wait is cut into pieces. */
const timerMsMax = 2 ** 31 - 1;

/**
 * @param kept what `time()` was when Sandpost last ran: time went on since then at that speed, so that it never goes
 * back. Null: virtual time is wall time.
 */
export function createVirtualClock(clock: Clock, kept: VirtualTime | null): AdjustableClock {
  const timers = new Set<{ readonly dueMs: number; readonly run: () => void }>();
  let cancelTimer: () => void = () => undefined;
  let armedFor = Number.POSITIVE_INFINITY;
  let time: VirtualTime = kept ?? { baseMs: clock.wallMs(), baseWallMs: clock.wallMs(), speed: 1 };
  // Within a run the monotonic clock counts, so that a corrected wall clock moves nothing.
  let baseMonotonicMs = clock.monotonicMs() - Math.max(0, clock.wallMs() - time.baseWallMs);

  const nowMs = (): number => Math.floor(time.baseMs + (clock.monotonicMs() - baseMonotonicMs) * time.speed);

  function rebase(baseMs: number, speed: number): void {
    time = { baseMs, baseWallMs: clock.wallMs(), speed };
    baseMonotonicMs = clock.monotonicMs();
    armedFor = Number.POSITIVE_INFINITY;
    arm();
  }

  function nextTimerMs(): number | null {
    let next: number | null = null;
    for (const { dueMs } of timers) if (next === null || dueMs < next) next = dueMs;
    return next;
  }

  function arm(): void {
    const next = nextTimerMs();
    if (next === armedFor) return;
    cancelTimer();
    cancelTimer = () => undefined;
    armedFor = Number.POSITIVE_INFINITY;
    if (next === null || (time.speed === 0 && next > nowMs())) return;
    armedFor = next;
    const waitMs = time.speed === 0 ? 0 : Math.max(0, Math.ceil((next - nowMs()) / time.speed));
    cancelTimer = clock.after(Math.min(waitMs, timerMsMax), () => {
      armedFor = Number.POSITIVE_INFINITY;
      ring();
    });
  }

  function ring(): void {
    const due = [...timers].filter((timer) => timer.dueMs <= nowMs()).sort((a, b) => a.dueMs - b.dueMs);
    for (const timer of due) if (timers.delete(timer)) timer.run();
    arm();
  }

  return {
    nowMs,
    nextTimerMs,
    time: () => time,
    setSpeed: (speed) => rebase(nowMs(), speed),
    reset: () => rebase(clock.wallMs(), 1),
    jumpTo(ms) {
      if (ms > nowMs()) rebase(ms, time.speed);
      ring();
    },
    at(dueMs, run) {
      const timer = { dueMs, run };
      timers.add(timer);
      arm();
      return () => {
        timers.delete(timer);
        arm();
      };
    },
  };
}
