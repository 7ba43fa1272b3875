import type { ClockReading } from '../api/clock.ts';

/**
 * What the virtual clock shows now, by when and how fast it was going when it was last read.
 *
 * @param pageMs the page's own monotonic time
 * @param wallMs what to show while the clock is not known yet
 */
export function virtualNowMs(clock: ClockReading | null, pageMs: number, wallMs: number): number {
  if (clock === null) return wallMs;
  return Date.parse(clock.virtualAt) + Math.max(0, pageMs - clock.readAtMs) * clock.speed;
}

/** `×1`, `×60`, `frozen`. */
export const speedWords = (clock: Pick<ClockReading, 'frozen' | 'speed'>): string =>
  clock.frozen ? 'frozen' : `×${Math.round(clock.speed * 100) / 100}`;
