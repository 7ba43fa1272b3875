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

/**
 * What a neighbour costs comes and goes by halves: towards what its behaviour costs at the most, from what was there
 * before. A quiet one costs nothing; what the one before it did is forgotten as fast as it was noticed.
 *
 * @returns points to take off the score of a shared address, from 0
 */
export function neighbourDrag(pool: PoolSettings, nowMs: number): number {
  return Math.round(exactDrag(pool, nowMs));
}

export function withNeighbour(
  pool: PoolSettings,
  neighbour: PoolSettings['neighbour'],
  nowMs: number,
): PoolSettings {
  const before = { points: exactDrag(pool, nowMs), halfAfterMs: halfAfterMs(pool) };
  return { neighbour, sinceMs: nowMs, before };
}

function exactDrag(pool: PoolSettings, nowMs: number): number {
  const { most } = drags[pool.neighbour];
  const passedMs = Math.max(0, nowMs - pool.sinceMs);
  return most + ((pool.before?.points ?? 0) - most) * 0.5 ** (passedMs / halfAfterMs(pool));
}

function halfAfterMs({ neighbour, before }: PoolSettings): number {
  return neighbour === 'quiet' && before !== undefined ? before.halfAfterMs : drags[neighbour].halfAfterMs;
}
