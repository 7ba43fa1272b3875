/**
 * What a provider thinks of a sender: counts that fade with a half-life of a week of virtual time, and a score from
 * 0 to 100 made of them. One for each domain, address and stream, at each provider. Pure.
 */
import { z } from 'zod';

export const signals = [
  'delivered',
  'bounced',
  'complained',
  'opened',
  'clicked',
  'replied',
  'starred',
  /** Moved out of the spam. */
  'rescued',
  /** Moved to the spam without a report. */
  'binned',
  /** Deleted unread. */
  'ignored',
  'unsubscribed',
  /** Arrived with neither SPF nor DKIM. */
  'unauthenticated',
] as const;
export type Signal = (typeof signals)[number];

const count = z.number().min(0);
const counts = Object.fromEntries(signals.map((signal) => [signal, count])) as Record<Signal, typeof count>;
export const tallySchema = z.object({ atMs: z.number(), ...counts });
export type Tally = z.infer<typeof tallySchema>;

const dayMs = 24 * 3_600_000;
export const halfLifeMs = 7 * dayMs;
/** Where a sender begins of whom nothing is known. */
export const unknownScore = 60;

export function emptyTally(atMs: number): Tally {
  return { atMs, ...zero };
}

const zero = Object.fromEntries(signals.map((signal) => [signal, 0])) as Record<Signal, number>;

/** @returns the counts as they stand then; time that goes backwards changes nothing */
export function faded(tally: Tally, nowMs: number): Tally {
  const passedMs = nowMs - tally.atMs;
  if (passedMs <= 0) return tally;
  const factor = 0.5 ** (passedMs / halfLifeMs);
  const left = { ...tally, atMs: nowMs };
  for (const signal of signals) left[signal] = tally[signal] * factor;
  return left;
}

export function withSignal(tally: Tally, signal: Signal, nowMs: number): Tally {
  const now = faded(tally, nowMs);
  return { ...now, [signal]: now[signal] + 1 };
}

/** Each part's weight is the most that it can do; what it is measured against grows with the mail that arrived. */
export function scoreOf(tally: Tally): number {
  const sent = tally.delivered;
  const part = (weight: number, value: number, full: number): number =>
    Math.min(weight, (weight * value) / full);
  const score =
    unknownScore +
    part(10, Math.log10(1 + sent), 3) +
    part(
      30,
      tally.opened + 2 * tally.clicked + 4 * (tally.replied + tally.starred) + 6 * tally.rescued,
      sent / 3 + 20,
    ) -
    part(60, tally.complained, 0.01 * (sent + 500)) -
    part(40, tally.bounced, 0.1 * (sent + 50)) -
    part(30, tally.unauthenticated, sent + 20) -
    part(15, tally.ignored + 2 * tally.binned, sent / 2 + 20) -
    part(10, tally.unsubscribed, 0.05 * (sent + 100));
  return Math.min(100, Math.max(0, Math.round(score)));
}

/** Complaints for each delivered message; null where too few arrived to tell. */
export function complaintRate(tally: Tally, sampleMin: number): number | null {
  // Fading leaves fractions: a sample that was just large enough must not fall short of itself at once.
  return tally.delivered + 0.5 < sampleMin ? null : tally.complained / Math.max(1, tally.delivered);
}

export type Standing = 'bad' | 'low' | 'medium' | 'high';

/** The four words of Gmail's Postmaster Tools. */
export function standing(score: number): Standing {
  if (score < 20) return 'bad';
  if (score < 40) return 'low';
  return score < 75 ? 'medium' : 'high';
}
