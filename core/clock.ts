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
