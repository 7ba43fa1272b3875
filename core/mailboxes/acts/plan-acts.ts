/** What will happen to a copy later, decided when it is accepted: acts with a due time in virtual time. Pure. */
import type { NewCopy } from '../../model/mailbox-copy.ts';
import type { DecisionOf } from '../../rules/decision.ts';
import { replyWords } from '../../rules/reply-text.ts';
import type { ActionKind } from '../../rules/schema.ts';
import type { NewAct } from '../../store/store.ts';
import type { Reading } from '../authentication/auth-worker.ts';
import type { AfterOrders } from '../mx/mx-rules.ts';
import { profileOf } from '../profiles/profile-of.ts';
import { isProviderKey } from '../provider-key.ts';
import type { MailboxSettings, ProviderSettings } from '../settings.ts';
import type { DsnWishes } from './dsn-wishes.ts';

export const actKinds = [
  'place',
  'out_of_band_bounce',
  'success_dsn',
  'complain',
  'auto_reply',
  'prefetch',
  'scan',
  'open',
  'click',
  'ignore',
] as const;
export type ActKind = (typeof actKinds)[number];

export interface PlannedAct extends NewAct {
  readonly kind: ActKind;
}

export interface ActPlan {
  readonly acts: readonly PlannedAct[];
  /** Ids of copies that get into their mailbox later, by an act that has all of them. */
  readonly putOff: ReadonlySet<string>;
}

export interface PlanFacts {
  readonly reading: Reading;
  readonly settings: ProviderSettings;
  mailboxSettings(address: string): MailboxSettings;
  /** What the envelope asks for about a copy, where its provider offers that. */
  dsnWishes(copy: NewCopy): DsnWishes;
  /** What the rules want done with a copy. */
  ordered(copy: NewCopy): AfterOrders;
  readonly nowMs: number;
  random(): number;
}

const secondMs = 1_000;
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** A copy whose placement waits is kept with its act, up to this size; a larger one is placed at once. */
const putOffBytesMax = 1024 * 1024;
/** The same where a rule asks for it. */
const orderedPutOffBytesMax = 8 * 1024 * 1024;
/** How long what a rule holds back at the far side is kept, unless it is released before. */
const holdMs = 72 * 60 * minuteMs;

export function planActs(copies: readonly NewCopy[], facts: PlanFacts): ActPlan {
  const putOff = new Set<string>();
  const acts = copies.flatMap((copy) => {
    const ordered = facts.ordered(copy);
    const bounce = orderedAs(ordered, 'bounceLater');
    if (bounce !== undefined) {
      putOff.add(copy.id);
      return [bouncedByOrder(copy, facts, bounce)];
    }
    // What bounces later never gets into a mailbox: it stays sent until then.
    if (facts.mailboxSettings(copy.mailbox).outOfBandBounce) {
      putOff.add(copy.id);
      const { settings } = facts;
      return [heldBack('out_of_band_bounce', copy, facts, settings.outOfBandDelayMs, facts.dsnWishes(copy))];
    }
    const orderedMs = orderedDelayMs(ordered);
    const lateMs = facts.settings.placementDelayMs + orderedMs;
    const delayed =
      lateMs > 0 && copy.bytes.byteLength <= (orderedMs > 0 ? orderedPutOffBytesMax : putOffBytesMax);
    if (delayed) putOff.add(copy.id);
    return [
      ...(delayed ? [heldBack('place', copy, facts, lateMs)] : []),
      ...laterActs(copy, facts, delayed ? lateMs : 0),
    ];
  });
  return { acts, putOff };
}

function orderedAs<K extends ActionKind>({ after }: AfterOrders, kind: K): DecisionOf<K> | undefined {
  return after.find((one): one is DecisionOf<K> => one.action.do === kind);
}

/** How much later than usual a rule wants it in its mailbox. */
function orderedDelayMs(ordered: AfterOrders): number {
  if (ordered.hold !== null) return holdMs;
  const delay = orderedAs(ordered, 'delay');
  if (delay === undefined) return 0;
  const { ms, msMax = ms } = delay.action;
  return Math.round(ms + delay.chance * Math.max(0, msMax - ms));
}

function bouncedByOrder(copy: NewCopy, facts: PlanFacts, { action }: DecisionOf<'bounceLater'>): PlannedAct {
  const { code, enhanced, lines } = replyWords(action, {
    recipient: copy.mailbox,
    sender: copy.envelopeFrom,
    ip: copy.authentication.client.ip,
  });
  const act = heldBack('out_of_band_bounce', copy, facts, action.afterMs, facts.dsnWishes(copy));
  const reply = { code, enhanced: enhanced ?? '5.0.0', text: lines.join(' ') };
  return { ...act, data: { ...act.data, reply } };
}

/** An act that has the whole copy, which is in no mailbox yet. Of a large one that bounces, what a report returns. */
function heldBack(
  kind: ActKind,
  copy: NewCopy,
  { nowMs }: PlanFacts,
  inMs: number,
  dsn: DsnWishes | null = null,
): PlannedAct {
  const { bytes, ...rest } = copy;
  return {
    kind,
    dueAtMs: nowMs + inMs,
    data: {
      // By which what follows it waits for it.
      copyId: copy.id,
      copy: rest,
      base64: Buffer.from(bytes.subarray(0, kind === 'place' ? bytes.byteLength : putOffBytesMax)).toString(
        'base64',
      ),
      ...(dsn === null ? {} : { dsn }),
    },
    awaitedBy: copy.deliveryId,
  };
}

function laterActs(copy: NewCopy, facts: PlanFacts, afterMs: number): PlannedAct[] {
  const own = facts.mailboxSettings(copy.mailbox);
  const from = facts.nowMs + afterMs;
  const act = (kind: ActKind, inMs: number): PlannedAct => ({
    kind,
    dueAtMs: from + inMs,
    data: { copyId: copy.id },
  });
  // Somewhere between half and the whole of it: people and machines are never quite on time.
  const about = (ms: number): number => Math.round(ms * (0.5 + facts.random() / 2));
  const spam = copy.placement === 'spam';
  const dsn = facts.dsnWishes(copy);
  const ordered = facts.ordered(copy);
  const complaint = orderedAs(ordered, 'complain');
  const answer = orderedAs(ordered, 'autoReply');
  return [
    ...(complaint === undefined ? [] : [act('complain', complaint.action.afterMs)]),
    ...(answer === undefined
      ? []
      : [
          {
            ...act('auto_reply', answer.action.afterMs),
            data: { copyId: copy.id, text: answer.action.text },
          },
        ]),
    // RFC 3461 §6.2: once it is in the mailbox; in the spam it is as well. What comes from nobody is answered to nobody.
    ...(dsn.notify?.includes('SUCCESS') === true && copy.envelopeFrom !== ''
      ? [{ ...act('success_dsn', secondMs), data: { copyId: copy.id, dsn } }]
      : []),
    ...(own.complainsAlways && !spam && complaint === undefined
      ? [act('complain', about(10 * minuteMs))]
      : []),
    // What is in the spam answers nobody: that would confirm the address.
    ...(own.autoReply !== null && !spam && answer === undefined
      ? [act('auto_reply', about(30 * secondMs))]
      : []),
    ...(fetchesAhead(copy, own.habit) && !spam && facts.reading.facts.pictures.length > 0
      ? [act('prefetch', about(20 * secondMs))]
      : []),
    ...habitActs(own.habit, spam, act, about),
  ];
}

/** The provider fetches pictures ahead, or the owner's own program does; who blocks them has them fetched by nobody. */
function fetchesAhead({ provider }: NewCopy, habit: MailboxSettings['habit']): boolean {
  if (habit === 'prefetches') return true;
  return habit === 'normal' && isProviderKey(provider) && profileOf[provider].pictures === 'prefetched';
}

function habitActs(
  habit: MailboxSettings['habit'],
  spam: boolean,
  act: (kind: ActKind, inMs: number) => PlannedAct,
  about: (ms: number) => number,
): PlannedAct[] {
  switch (habit) {
    case 'normal':
    case 'blocks_images':
    case 'prefetches':
      return [];
    case 'scanner':
      return [act('scan', about(5 * secondMs))];
    case 'opens':
      return spam ? [] : [act('open', about(20 * minuteMs))];
    case 'clicks':
      return spam ? [] : [act('open', about(20 * minuteMs)), act('click', 21 * minuteMs)];
    case 'never_opens':
      return [act('ignore', about(3 * dayMs))];
  }
}
