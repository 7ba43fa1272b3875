/** How often a dead core is started again before a person has to look at it. */
export interface RestartBudget {
  /** @returns false when the restarts of the last window are used up */
  spend(nowMs: number): boolean;
  /** A person asked for another try, so that the count starts again. */
  reset(): void;
}

export function createRestartBudget(restartsMax: number, windowMs: number): RestartBudget {
  let spentAtMs: readonly number[] = [];
  return {
    spend(nowMs) {
      spentAtMs = spentAtMs.filter((at) => nowMs - at < windowMs);
      if (spentAtMs.length >= restartsMax) return false;
      spentAtMs = [...spentAtMs, nowMs];
      return true;
    },
    reset() {
      spentAtMs = [];
    },
  };
}
