/**
 * How a fault compounds: what DNS, authentication, reputation, the filter and the recipients each cost a sending
 * domain now. The stages stand in the order in which one leads to the next. Pure.
 */
import type { RecordCheck } from './schema.ts';
import type { DomainStanding } from './standing-schema.ts';

export interface StandingFacts {
  readonly domain: string;
  /** The address that it sends from. */
  readonly ip: string;
  readonly checks: readonly {
    readonly purpose: CheckPurpose;
    readonly name: string;
    readonly result: RecordCheck['result'];
    readonly note: string | null;
  }[];
  readonly reputations: readonly SenderReputation[];
  /** Newest first, its own only. */
  readonly copies: readonly RecentCopy[];
  /** Messages that providers did not take, within the last week. */
  readonly refused: readonly { readonly provider: string; readonly messages: number }[];
}

export interface SenderReputation {
  readonly provider: string;
  readonly kind: 'domain' | 'ip' | 'stream';
  readonly subject: string;
  readonly score: number;
  readonly standing: string;
  readonly drag: number;
  readonly complaintRate: number | null;
  readonly counts: Readonly<Record<string, number>>;
}

export interface RecentCopy {
  readonly id: string;
  readonly mailbox: string;
  readonly placement: string;
  readonly spf: string;
  readonly dkim: string;
  readonly dmarc: string;
  /** What was found about each check, in words. */
  readonly why: { readonly spf: string; readonly dkim: string; readonly dmarc: string };
  readonly reasons: readonly { readonly code: string; readonly points: number; readonly detail: string }[];
}

type CheckPurpose = RecordCheck['purpose'];
type Stage = DomainStanding['stages'][number];
type Finding = Stage['findings'][number];

const findingsMax = 6;
/** Where a sender begins of whom nothing is known; what is below was lost. */
const scoreUnknown = 60;
/** Gmail's and Yahoo's limits: warned from the first, throttled from the second. */
const complaintRateWarned = 0.001;
const complaintRateThrottled = 0.003;

export function domainStanding(facts: StandingFacts): DomainStanding {
  return {
    domain: facts.domain,
    copies: facts.copies.length,
    stages: [dns(facts), authentication(facts), reputation(facts), filter(facts), engagement(facts)],
  };
}

/** What a record that is not well costs; the three that authenticate weigh most. */
const purposeHarm: Readonly<Record<CheckPurpose, number>> = {
  spf: 35,
  dkim: 35,
  dmarc: 30,
  ptr: 25,
  helo: 10,
  mx: 15,
};

function dns({ checks }: StandingFacts): Stage {
  const findings = checks
    .filter((check) => check.result !== 'ok')
    .map((check) => ({
      what: `${check.purpose.toUpperCase()} ${check.result}: ${check.name}`,
      detail: check.note ?? check.name,
      harm: check.result === 'unanswered' ? 5 : purposeHarm[check.purpose],
    }));
  return stage(
    'dns',
    findings,
    findings.length === 0
      ? 'every record is well'
      : `${findings.length} of ${checks.length} records are not well`,
    sum(findings),
  );
}

const checkNames = { spf: 'SPF', dkim: 'DKIM', dmarc: 'DMARC' } as const;

function authentication({ copies }: StandingFacts): Stage {
  if (copies.length === 0) return stage('authentication', [], 'nothing arrived yet', 0);
  const findings = (['spf', 'dkim', 'dmarc'] as const).flatMap((check) => {
    const failed = copies.filter((copy) => copy[check] !== 'pass');
    const [newest] = failed;
    if (newest === undefined) return [];
    // One of SPF and DKIM is enough for DMARC, so DMARC is what counts.
    const weight = check === 'dmarc' ? 70 : 25;
    return [
      {
        what: `${checkNames[check]} ${newest[check]} on ${share(failed.length, copies.length)}`,
        detail: newest.why[check],
        harm: Math.max(1, Math.round((weight * failed.length) / copies.length)),
      },
    ];
  });
  const passed = copies.filter((copy) => copy.dmarc === 'pass').length;
  return stage('authentication', findings, `DMARC passes on ${share(passed, copies.length)}`, sum(findings));
}

function reputation({ reputations, ip }: StandingFacts): Stage {
  if (reputations.length === 0) return stage('reputation', [], 'nobody knows it yet', 0);
  const findings = reputations
    .filter((one) => one.score < scoreUnknown)
    .map((one) => ({
      what: `${one.score} of 100 for the ${one.kind === 'ip' ? 'address' : one.kind} at ${one.provider}`,
      detail:
        one.drag > 0
          ? `${one.subject}: neighbours on the shared address ${ip} cost it ${one.drag} points.`
          : `${one.subject}: ${lost(one.counts)}`,
      harm: Math.round((100 * (scoreUnknown - one.score)) / scoreUnknown),
    }));
  const lowest = Math.min(...reputations.map((one) => one.score));
  return stage('reputation', findings, `at its lowest ${lowest} of 100`, worst(findings));
}

const lostWords = {
  complained: 'complaints',
  bounced: 'bounces',
  unauthenticated: 'without authentication',
  ignored: 'deleted unread',
  binned: 'moved to spam',
  unsubscribed: 'unsubscribed',
} as const;

/** What took points off, in words. */
function lost(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(lostWords).flatMap(([signal, word]) => {
    const count = Math.round(counts[signal] ?? 0);
    return count > 0 ? [`${count} ${word}`] : [];
  });
  return parts.length === 0 ? 'little is known of it.' : `${parts.join(', ')}.`;
}

function filter({ copies, refused }: StandingFacts): Stage {
  const turned = refused.reduce((total, one) => total + one.messages, 0);
  const refusals = refused
    .filter((one) => one.messages > 0)
    .map((one) => ({
      what: `${one.messages} refused at ${one.provider}`,
      detail: 'Within the last week; the journey of each delivery has the words.',
      harm: Math.round((100 * one.messages) / (one.messages + copies.length)),
    }));
  const spam = copies.filter((copy) => copy.placement === 'spam');
  if (copies.length === 0) {
    const summary = turned === 0 ? 'nothing arrived yet' : `${turned} refused, nothing arrived`;
    return stage('filter', refusals, summary, worst(refusals));
  }
  const binned = Math.round((100 * spam.length) / copies.length);
  const byCode = new Map<string, { count: number; points: number; readonly detail: string }>();
  for (const copy of copies) {
    for (const { code, points, detail } of copy.reasons) {
      if (points <= 0) continue;
      const known = byCode.get(code) ?? { count: 0, points: 0, detail };
      byCode.set(code, { ...known, count: known.count + 1, points: known.points + points });
    }
  }
  const reasons = [...byCode].map(([code, { count, points, detail }]) => ({
    what: `+${Number((points / count).toFixed(1))} ${code} on ${share(count, copies.length)}`,
    detail,
    // A score of 5 is spam at most providers: what one reason adds to the mean, as a part of that.
    harm: Math.min(100, Math.round((20 * points) / copies.length)),
  }));
  const summary = `${share(spam.length, copies.length)} in spam${turned === 0 ? '' : `, ${turned} refused`}`;
  return {
    ...stage('filter', [...refusals, ...reasons], summary, Math.max(binned, worst(refusals))),
    example: exampleOf(spam[0] ?? null),
  };
}

function engagement({ reputations }: StandingFacts): Stage {
  // The counts of the domain hold those of its streams and addresses.
  const domains = reputations.filter((one) => one.kind === 'domain');
  const count = (signal: string) =>
    Math.round(domains.reduce((total, one) => total + (one.counts[signal] ?? 0), 0));
  const delivered = count('delivered');
  if (delivered === 0) return stage('engagement', [], 'nobody read it yet', 0);
  const complaints = domains.flatMap((one): Finding[] => {
    const complained = Math.round(one.counts.complained ?? 0);
    if (complained === 0) return [];
    const rate = one.complaintRate;
    return [
      {
        what: `${complained === 1 ? '1 complaint' : `${complained} complaints`} at ${one.provider}`,
        detail:
          rate === null
            ? 'Too few messages for a rate yet.'
            : `${percent(rate)} of what was delivered: warned from 0.1 %, throttled from 0.3 %.`,
        harm:
          rate === null ? 10 : rate >= complaintRateThrottled ? 100 : rate >= complaintRateWarned ? 60 : 10,
      },
    ];
  });
  const unread = count('ignored') + count('binned');
  const left = count('unsubscribed');
  const findings = [
    ...complaints,
    ...some(unread, `${unread} deleted unread or moved to spam`, delivered),
    ...some(left, `${left} unsubscribed`, delivered),
  ];
  return stage(
    'engagement',
    findings,
    `${count('opened')} of ${delivered} opened, ${count('complained')} complained`,
    worst(findings),
  );
}

function some(count: number, what: string, delivered: number): Finding[] {
  if (count === 0) return [];
  const harm = Math.min(50, Math.round((50 * count) / delivered));
  return [{ what, detail: `Of ${delivered} delivered, fading with a half-life of a week.`, harm }];
}

function stage(name: Stage['stage'], findings: readonly Finding[], summary: string, harm: number): Stage {
  return {
    stage: name,
    harm: Math.min(100, harm),
    summary,
    findings: findings.toSorted((a, b) => b.harm - a.harm).slice(0, findingsMax),
    example: null,
  };
}

const exampleOf = (copy: RecentCopy | null): Stage['example'] =>
  copy === null ? null : { copyId: copy.id, mailbox: copy.mailbox };

const sum = (findings: readonly Finding[]): number => findings.reduce((total, one) => total + one.harm, 0);
const worst = (findings: readonly Finding[]): number => Math.max(0, ...findings.map((one) => one.harm));
const share = (part: number, whole: number): string => `${part} of ${whole}`;
const percent = (value: number): string => `${Number((value * 100).toFixed(2))} %`;
