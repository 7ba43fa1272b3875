/** What a provider shows its senders about themselves: a day a row, as Gmail's Postmaster Tools have them. Pure. */
import type { ProviderKey } from '../model/mail-provider.ts';
import { faded, type Standing, scoreOf, standing, type Tally } from './reputation.ts';
import type { SenderDay } from './sender-book.ts';

export interface PostmasterDay {
  /** Start of the day, virtual. */
  readonly atMs: number;
  readonly delivered: number;
  /** Share of what reached the inbox that was reported as spam; null without any. */
  readonly spamRate: number | null;
  readonly warned: boolean;
  readonly throttled: boolean;
  readonly spfRate: number | null;
  readonly dkimRate: number | null;
  readonly dmarcRate: number | null;
  readonly tlsRate: number | null;
  readonly refused: number;
  readonly feedback: readonly {
    readonly id: string;
    readonly delivered: number;
    readonly spamRate: number | null;
  }[];
}

export interface PostmasterDomain {
  readonly domain: string;
  readonly reputation: Standing;
  readonly score: number;
  readonly days: readonly PostmasterDay[];
}

const dayMs = 24 * 3_600_000;
const daysMax = 30;

export function postmasterPage(
  provider: ProviderKey,
  days: Iterable<SenderDay>,
  tallyOf: (domain: string) => Tally | null,
  limits: { readonly warned: number; readonly throttled: number },
  nowMs: number,
): readonly PostmasterDomain[] {
  const byDomain = new Map<string, SenderDay[]>();
  for (const day of days) {
    if (day.provider !== provider || day.day <= nowMs / dayMs - daysMax) continue;
    const known = byDomain.get(day.domain);
    if (known === undefined) byDomain.set(day.domain, [day]);
    else known.push(day);
  }
  return [...byDomain]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([domain, rows]) => {
      const tally = tallyOf(domain);
      const score = tally === null ? 0 : scoreOf(faded(tally, nowMs));
      return {
        domain,
        score,
        reputation: standing(score),
        days: rows.sort((a, b) => b.day - a.day).map((row) => dayOf(row, limits)),
      };
    });
}

function dayOf(
  row: SenderDay,
  limits: { readonly warned: number; readonly throttled: number },
): PostmasterDay {
  const inbox = row.delivered - row.spam;
  const spamRate = rate(row.complained, inbox);
  return {
    atMs: row.day * dayMs,
    delivered: row.delivered,
    spamRate,
    warned: (spamRate ?? 0) >= limits.warned,
    throttled: (spamRate ?? 0) >= limits.throttled,
    spfRate: rate(row.spfPass, row.delivered),
    dkimRate: rate(row.dkimPass, row.delivered),
    dmarcRate: rate(row.dmarcPass, row.delivered),
    tlsRate: rate(row.tls, row.delivered),
    refused: row.refused,
    feedback: Object.entries(row.byFeedbackId).map(([id, { delivered, complained }]) => ({
      id,
      delivered,
      spamRate: rate(complained, delivered),
    })),
  };
}

/** A complaint may come on another day than its message: the share is one at the most. */
function rate(part: number, whole: number): number | null {
  return whole <= 0 ? (part > 0 ? 1 : null) : Math.min(1, part / whole);
}
