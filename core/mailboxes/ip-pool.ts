/**
 * The shared addresses: what a neighbour does there drags them down for everyone. How far, is a matter of for how
 * long it has been doing it, in virtual time. Pure.
 */
import type { PoolSettings } from './settings.ts';

const hourMs = 3_600_000;

/** Points of reputation that a behaviour costs at the most, and after how long half of them are gone. */
const drags = {
  quiet: { most: 0, halfAfterMs: hourMs },
  noisy: { most: 30, halfAfterMs: 6 * hourMs },
  spammer: { most: 60, halfAfterMs: hourMs },
} as const;

/** @returns points to take off the score of a shared address, from 0 */
export function neighbourDrag(pool: PoolSettings, nowMs: number): number {
  const { most, halfAfterMs } = drags[pool.neighbour];
  const passedMs = Math.max(0, nowMs - pool.sinceMs);
  return Math.round(most * (1 - 0.5 ** (passedMs / halfAfterMs)));
}
