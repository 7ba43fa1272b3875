import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { neighbourDrag, withNeighbour } from '../../../core/mailboxes/ip-pool.ts';
import {
  complaintRate,
  emptyTally,
  faded,
  halfLifeMs,
  scoreOf,
  signals,
  standing,
  type Tally,
  unknownScore,
  withSignal,
} from '../../../core/mailboxes/reputation.ts';
import { neighbourBehaviours, type PoolSettings } from '../../../core/mailboxes/settings.ts';

const history = fc.array(
  fc.record({
    signal: fc.constantFrom(...signals),
    afterMs: fc.integer({ min: -1_000, max: 10 * halfLifeMs }),
  }),
  { maxLength: 200 },
);

function lived(
  events: readonly { readonly signal: (typeof signals)[number]; readonly afterMs: number }[],
): Tally {
  let nowMs = 0;
  let tally = emptyTally(0);
  for (const { signal, afterMs } of events) {
    nowMs += afterMs;
    tally = withSignal(tally, signal, nowMs);
  }
  return tally;
}

const many = (signal: (typeof signals)[number], count: number, from = emptyTally(0)): Tally =>
  Array.from({ length: count }).reduce<Tally>((tally) => withSignal(tally, signal, 0), from);

describe('a reputation', () => {
  it('stays between 0 and 100, whatever happens and whenever', () => {
    fc.assert(
      fc.property(history, (events) => {
        const tally = lived(events);
        const score = scoreOf(tally);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(100);
        for (const signal of signals) expect(tally[signal]).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('fades: after long enough it is that of a stranger', () => {
    fc.assert(
      fc.property(history, (events) => {
        const tally = lived(events);
        expect(scoreOf(faded(tally, tally.atMs + 40 * halfLifeMs))).toBe(unknownScore);
        expect(faded(tally, tally.atMs + halfLifeMs).delivered).toBeCloseTo(tally.delivered / 2);
      }),
    );
  });

  it('never gains by complaints and bounces, never loses by engagement', () => {
    fc.assert(
      fc.property(history, fc.constantFrom(...signals), (events, signal) => {
        const before = lived(events);
        const after = scoreOf(withSignal(before, signal, before.atMs));
        if (
          ['complained', 'bounced', 'unauthenticated', 'ignored', 'binned', 'unsubscribed'].includes(signal)
        )
          expect(after).toBeLessThanOrEqual(scoreOf(before));
        if (['opened', 'clicked', 'replied', 'starred', 'rescued'].includes(signal))
          expect(after).toBeGreaterThanOrEqual(scoreOf(before));
      }),
    );
  });

  it('is lost by complaints, and has four words', () => {
    const good = many('delivered', 1_000);
    expect(standing(scoreOf(good))).toBe('medium');
    expect(standing(scoreOf(many('opened', 400, good)))).toBe('high');
    expect(standing(scoreOf(many('complained', 8, good)))).toBe('low');
    expect(standing(scoreOf(many('complained', 30, good)))).toBe('bad');
  });

  it('has a rate of complaints only when enough arrived', () => {
    expect(complaintRate(many('complained', 1, many('delivered', 19)), 20)).toBeNull();
    expect(complaintRate(many('complained', 1, many('delivered', 500)), 20)).toBeCloseTo(0.002);
  });
});

describe('a neighbour on a shared address', () => {
  it('drags it down, the longer the more, up to a limit', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...neighbourBehaviours),
        fc.nat(10 * halfLifeMs),
        fc.nat(halfLifeMs),
        (neighbour, sinceMs, moreMs) => {
          const early = neighbourDrag({ neighbour, sinceMs: 0 }, sinceMs);
          const late = neighbourDrag({ neighbour, sinceMs: 0 }, sinceMs + moreMs);
          expect(early).toBeGreaterThanOrEqual(0);
          expect(late).toBeGreaterThanOrEqual(early);
          expect(late).toBeLessThanOrEqual(60);
          if (neighbour === 'quiet') expect(late).toBe(0);
        },
      ),
    );
  });

  it('that is followed by another changes nothing at once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...neighbourBehaviours), fc.nat(halfLifeMs)), { maxLength: 10 }),
        fc.constantFrom(...neighbourBehaviours),
        (changes, next) => {
          let pool: PoolSettings = { neighbour: 'quiet', sinceMs: 0 };
          let nowMs = 0;
          for (const [neighbour, forMs] of changes) {
            pool = withNeighbour(pool, neighbour, nowMs);
            nowMs += forMs;
          }
          expect(neighbourDrag(withNeighbour(pool, next, nowMs), nowMs)).toBe(neighbourDrag(pool, nowMs));
          expect(neighbourDrag(pool, nowMs)).toBeLessThanOrEqual(60);
        },
      ),
    );
  });

  it('is forgotten as fast as it was noticed', () => {
    const hourMs = 3_600_000;
    const noisy = withNeighbour({ neighbour: 'quiet', sinceMs: 0 }, 'noisy', 0);
    const quiet = withNeighbour(noisy, 'quiet', 100 * hourMs);
    const after = (hours: number): number => neighbourDrag(quiet, (100 + hours) * hourMs);
    expect([after(0), after(6), after(12), after(100)]).toEqual([30, 15, 7, 0]);
    // To say once more that it is quiet does not make it start anew.
    expect(neighbourDrag(withNeighbour(quiet, 'quiet', 106 * hourMs), 112 * hourMs)).toBe(7);
  });
});
