/** What a rule counts: how often it was met, how often it hit, and what of that still lets it hit. */
import { chanceOf, numberOf } from '../model/chance.ts';
import type { Conditions } from './schema.ts';

/** Kept over a restart. */
export interface KeptCounts {
  /** How often all was met that does not count. */
  readonly matches: number;
  readonly hits: number;
  /** Virtual milliseconds. */
  readonly lastHitMs: number | null;
}

export const noCounts: KeptCounts = { matches: 0, hits: 0, lastHitMs: null };

export interface CountMoment {
  /** On the clock that a rate goes by: real at a door, virtual at the far side. */
  readonly rateMs: number;
  readonly seed: number;
}

export class Counts {
  matches: number;
  hits: number;
  lastHitMs: number | null;
  readonly #when: Conditions;
  readonly #number: number;
  /** When it was met last, the newest at `#newest`: as many as the rate lets through, and one. */
  #times: number[] = [];
  #newest = -1;

  constructor(id: string, when: Conditions, kept: KeptCounts) {
    this.#when = when;
    this.#number = numberOf(id);
    this.matches = kept.matches;
    this.hits = kept.hits;
    this.lastHitMs = kept.lastHitMs;
  }

  /** All is met that does not count: counts it. @returns whether the rule hits now */
  met(moment: CountMoment): boolean {
    const fault = this.fault(moment);
    this.matches++;
    this.#keepTime(moment.rateMs);
    return fault === null;
  }

  hit(virtualMs: number): void {
    this.hits++;
    this.lastHitMs = virtualMs;
  }

  /** Why the next one that meets the rest would not be hit, or null when it would. Counts nothing. */
  fault({ rateMs, seed }: CountMoment): string | null {
    const { nth, everyNth, rate, probability, atMost } = this.#when;
    const number = this.matches + 1;
    if (nth !== undefined && !(Array.isArray(nth) ? nth.includes(number) : nth === number))
      return `it is number ${number} to meet the rest, and number ${Array.isArray(nth) ? nth.join(', ') : nth} is asked for`;
    if (everyNth !== undefined && number % everyNth !== 0)
      return `it is number ${number} to meet the rest, and one in ${everyNth} is asked for`;
    if (rate !== undefined) {
      const before = this.#within(rate.perMs, rateMs, rate.moreThan);
      if (before < rate.moreThan)
        return `it is number ${before + 1} within ${rate.perMs} ms, and more than ${rate.moreThan} are asked for`;
    }
    if (probability !== undefined) {
      const drawn = this.chance(seed, 1);
      if (drawn >= probability)
        return `the draw of number ${number} is ${drawn.toFixed(3)}, and below ${probability} is asked for`;
    }
    if (atMost !== undefined && this.hits >= atMost)
      return `it has hit ${this.hits} times, and at most ${atMost} are asked for`;
    return null;
  }

  /** Drawn for the next one that is met: the same in every run with the same seed. */
  chance(seed: number, draw: number): number {
    return chanceOf(seed, this.#number, this.matches + 1, draw);
  }

  #keepTime(nowMs: number): void {
    const { rate } = this.#when;
    if (rate === undefined || rate.moreThan === 0) return;
    this.#newest = (this.#newest + 1) % rate.moreThan;
    this.#times[this.#newest] = nowMs;
  }

  /** How many of the last `max` were within the span. */
  #within(perMs: number, nowMs: number, max: number): number {
    if (max === 0 || this.#times.length === 0) return 0;
    // Full: when the oldest is within the span, all of them are.
    const oldest = this.#times[(this.#newest + 1) % max];
    if (this.#times.length === max && oldest !== undefined && nowMs - oldest < perMs) return max;
    // From the newest back: a long memory is not gone through for a few.
    let within = 0;
    for (let back = 0; back < this.#times.length; back++) {
      const time = this.#times[(this.#newest - back + max) % max];
      if (time === undefined || nowMs - time >= perMs) break;
      within++;
    }
    return within;
  }
}
