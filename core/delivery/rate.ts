/** How many may go in an hour: places are given out one after another, evenly, with a small burst. Virtual time. */
export interface Rate {
  /** Takes a place. @returns null when it may go now, else when the next place comes free */
  take(nowMs: number): number | null;
}

const hourMs = 3_600_000;
/** Share of an hour's number that may go at once. */
const burstShare = 1 / 60;

/** The generic cell rate algorithm (ITU-T I.371): one number says how much is used up. */
export function createRate(perHour: number): Rate {
  const stepMs = hourMs / perHour;
  const burstMs = Math.max(stepMs, hourMs * burstShare);
  let nextMs = Number.NEGATIVE_INFINITY;
  return {
    take(nowMs) {
      const start = Math.max(nextMs, nowMs);
      if (start - nowMs > burstMs - stepMs + 1e-6) return Math.ceil(start - (burstMs - stepMs));
      nextMs = start + stepMs;
      return null;
    },
  };
}
