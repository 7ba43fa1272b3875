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
