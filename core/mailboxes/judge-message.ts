/**
 * What a provider does with a message whose content has come: refuse it, with which words, or take it, and where it
 * goes for each recipient. Pure: everything that it goes by is handed over.
 */
import type { FilterReason, FilterReport } from '../model/authentication.ts';
import type { Placement } from '../model/delivery.ts';
import type { Reading } from './authentication/auth-worker.ts';
import { dangerousCodes } from './filter/attachment-scan.ts';
import { bulkForm } from './filter/bulk-form.ts';
import { judgeAuthentication, judgeReputation, percent, type Scores } from './judge-sender.ts';
import type { ProviderProfile, RefusalKind } from './profile.ts';
import { type Relation, wishOf } from './relation.ts';
import type { ProviderSettings } from './settings.ts';

export interface SenderRecord {
  readonly scores: Scores;
  /** Messages of the From domain that the provider got this virtual day. */
  readonly today: number;
  /** Those of them that had no one-click unsubscribe and should have had it. */
  readonly withoutOneClickToday: number;
  /** Taken within this virtual hour while complaints throttle it. */
  readonly thisHour: number;
}

export interface JudgedRecipient {
  readonly mailbox: string;
  readonly relation: Relation;
  readonly place: Placement | null;
  /** Where a rule puts it, whatever anybody else says. */
  readonly ordered?: { readonly in: Placement; readonly by: string } | null;
}

export type Judgement =
  | { readonly kind: 'refused'; readonly refusal: RefusalKind; readonly why: string }
  | {
      readonly kind: 'taken';
      readonly placed: readonly { readonly placement: Placement; readonly filter: FilterReport }[];
      readonly lacksOneClick: boolean;
    };

export function judgeMessage(
  profile: ProviderProfile,
  settings: ProviderSettings,
  reading: Reading,
  sender: SenderRecord,
  recipients: readonly JudgedRecipient[],
): Judgement {
  const { rules } = profile;
  const { facts } = reading;
  const bulk = facts.stream === 'marketing' && sender.today >= (settings.bulkPerDay ?? rules.bulkPerDay);
  const lacksOneClick = facts.stream === 'marketing' && !facts.ways.oneClick;
  const refusal = firstRefusal(profile, settings, reading, sender, bulk, lacksOneClick);
  if (refusal !== null) return refusal;
  const reasons = weighted(profile, [
    ...judgeAuthentication(reading.authentication),
    ...reading.content,
    ...bulkForm(facts.stream, facts.ways),
    ...(bulk && lacksOneClick && rules.noOneClick !== 'ignored'
      ? [bulkWithoutOneClick(profile, sender.today)]
      : []),
    ...judgeReputation(
      sender.scores,
      { domain: facts.fromDomain, ip: reading.authentication.client.ip, stream: facts.stream },
      rules.complaintRateWarned,
    ),
  ]);
  const score = sumOf(reasons);
  const worst = reasons.reduce<FilterReason | null>(
    (found, one) => (found === null || one.points > found.points ? one : found),
    null,
  );
  if (profile.refuseAt !== null && score >= profile.refuseAt)
    return { kind: 'refused', refusal: 'content', why: worst?.detail ?? 'it is spam' };
  return {
    kind: 'taken',
    lacksOneClick,
    placed: recipients.map((recipient) => place(profile, settings, reading, reasons, recipient)),
  };
}

/** Named steps, the first that refuses wins. */
function firstRefusal(
  profile: ProviderProfile,
  settings: ProviderSettings,
  { authentication, content, facts }: Reading,
  sender: SenderRecord,
  bulk: boolean,
  lacksOneClick: boolean,
): Extract<Judgement, { kind: 'refused' }> | null {
  const { rules } = profile;
  if (profile.key === 'own') return null;
  const authenticated =
    authentication.spf.result === 'pass' || authentication.dkim.some((one) => one.result === 'pass');
  const dangerous = content.find((one) => dangerousCodes.has(one.code));
  if (dangerous !== undefined) return refused('dangerous', dangerous.detail);
  if (authentication.dmarc.result === 'fail' && authentication.dmarc.disposition === 'reject')
    return refused('dmarc', authentication.dmarc.why);
  if (rules.authentication === 'all' && !authenticated)
    return refused('unauthenticated', 'Neither SPF nor DKIM passed.');
  if (rules.authentication !== 'none' && bulk && authentication.dmarc.result !== 'pass')
    return refused('unauthenticated', `A bulk sender must pass DMARC: ${authentication.dmarc.why}`);
  if (rules.ptr && !authentication.client.ptrConfirmed)
    return refused('noPtr', `${authentication.client.ip} has no name that leads back to it.`);
  const { complaintRate } = sender.scores;
  if (
    complaintRate !== null &&
    complaintRate >= rules.complaintRateThrottled &&
    sender.thisHour >= rules.throttledPerHour
  )
    return refused(
      'complaints',
      `Recipients of ${facts.fromDomain} report ${percent(complaintRate)} as spam.`,
    );
  const limit = settings.bulkPerDay ?? rules.bulkPerDay;
  if (
    rules.noOneClick === 'warned_then_refused' &&
    bulk &&
    lacksOneClick &&
    sender.withoutOneClickToday >= 2 * limit
  )
    return refused(
      'noOneClick',
      `${sender.withoutOneClickToday} messages of bulk mail without one-click unsubscribe today.`,
    );
  return null;
}

function refused(refusal: RefusalKind, why: string): Extract<Judgement, { kind: 'refused' }> {
  return { kind: 'refused', refusal, why };
}

function bulkWithoutOneClick(profile: ProviderProfile, today: number): FilterReason {
  const spam = profile.rules.noOneClick === 'spam';
  return {
    code: 'bulk_no_one_click',
    points: spam ? profile.spamAt : 1.5,
    detail: `A bulk sender (${today} messages today) must offer one-click unsubscribe (RFC 8058).${spam ? '' : ' This is a warning; soon it is refused.'}`,
    stage: 'content',
  };
}

function weighted(profile: ProviderProfile, reasons: readonly FilterReason[]): readonly FilterReason[] {
  return reasons.map((reason) => {
    const weight = profile.weights[reason.code] ?? 1;
    return weight === 1 ? reason : { ...reason, points: Math.round(reason.points * weight * 10) / 10 };
  });
}

function place(
  profile: ProviderProfile,
  settings: ProviderSettings,
  { facts, authentication }: Reading,
  reasons: readonly FilterReason[],
  recipient: JudgedRecipient,
): { readonly placement: Placement; readonly filter: FilterReport } {
  const wish = profile.key === 'own' ? null : wishOf(recipient.relation);
  const all = wish === null ? reasons : [...reasons, wish.reason];
  const score = sumOf(all);
  const filter: FilterReport = { score, spamAt: profile.spamAt, reasons: all, stream: facts.stream };
  if (recipient.ordered != null) {
    const detail = `It goes to ${recipient.ordered.in} ${recipient.ordered.by}.`;
    const reason: FilterReason = { code: 'by_rule', points: 0, detail, stage: 'recipient' };
    return { placement: recipient.ordered.in, filter: { ...filter, reasons: [...all, reason] } };
  }
  const fixed = recipient.place ?? settings.placeAll;
  if (fixed !== null) {
    const detail = `Everything goes to ${fixed} here: so it is set.`;
    const reason: FilterReason = { code: 'set_by_hand', points: 0, detail, stage: 'recipient' };
    return { placement: fixed, filter: { ...filter, reasons: [...all, reason] } };
  }
  if (wish !== null && wish.placement !== 'not_spam') return { placement: wish.placement, filter };
  // A quarantine that the domain itself asks for is not for a filter to overrule.
  const quarantined = authentication.dmarc.result === 'fail' && authentication.dmarc.disposition !== 'none';
  if (quarantined && profile.key !== 'own') return { placement: 'spam', filter };
  if (score >= profile.spamAt && wish === null) return { placement: 'spam', filter };
  return { placement: tabOf(profile, facts.kind), filter };
}

function tabOf(profile: ProviderProfile, kind: 'personal' | 'promotions' | 'updates'): Placement {
  return !profile.tabs || kind === 'personal' ? 'inbox' : kind;
}

function sumOf(reasons: readonly FilterReason[]): number {
  return Math.round(reasons.reduce((sum, { points }) => sum + points, 0) * 10) / 10;
}
