/** Chance that can be repeated: the same seed makes the same choices. Pure. */

/**
 * A number in [0, 1) that depends on the seed and the numbers alone: the same run makes the same choices, whatever
 * comes in between.
 * Source: the finalizer of MurmurHash3 (public domain), applied to each part.
 */
export function chanceOf(seed: number, ...parts: readonly number[]): number {
  let hash = seed >>> 0;
  for (const part of parts) {
    hash = Math.imul(hash ^ (part >>> 0) ^ Math.floor(part / 2 ** 32), 0x85ebca6b);
    hash ^= hash >>> 13;
    hash = Math.imul(hash, 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return (hash >>> 0) / 2 ** 32;
}

export interface SeededRandom {
  /** In [0, 1): the same sequence for the same seed. */
  next(): number;
  /** Begins the sequence of that seed. */
  reseed(seed: number): void;
}

export function seededRandom(seed: number): SeededRandom {
  let from = seed;
  let drawn = 0;
  return {
    next: () => chanceOf(from, ++drawn),
    reseed(next) {
      from = next;
      drawn = 0;
    },
  };
}

/**
 * A name as a number for `chanceOf`.
 * Source: FNV-1a, 32 bit (public domain).
 */
export function numberOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
