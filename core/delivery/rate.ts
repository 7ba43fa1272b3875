/** How many may go in an hour: places are given out one after another, evenly, with a small burst. Virtual time. */
export interface Rate {
  /** Takes a place. @returns null when it may go now, else when to ask again: a time of its own for each that waits */
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
  /** The last time that somebody was told to ask again. */
  let toldMs = Number.NEGATIVE_INFINITY;
  return {
    take(nowMs) {
      const start = Math.max(nextMs, nowMs);
      if (start - nowMs > burstMs - stepMs + 1e-6) {
        // If all who wait came back for the next place, each place would cost as much as the whole queue.
        toldMs = Math.max(start - (burstMs - stepMs), toldMs + stepMs);
        return Math.ceil(toldMs);
      }
      // A place that stayed free: those who were told a time are gone, and keep no place from others.
      if (nextMs < nowMs - stepMs) toldMs = Number.NEGATIVE_INFINITY;
      nextMs = start + stepMs;
      return null;
    },
  };
}
