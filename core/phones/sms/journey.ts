/** Carries out what becomes of messages: in memory, in what is to be kept, and in what the app is told. */
import { deliveryStepOf } from '../../delivery/sms-deliveries.ts';
import type { AcceptedSms, SmsRefusal } from '../../delivery/sms-far-side.ts';
import { stepOf } from '../../delivery/sms-status.ts';
import { assertNever } from '../../model/app-error.ts';
import type { Handset } from '../../model/handset.ts';
import { type PhoneNumber, phoneNumber } from '../../model/phone-number.ts';
import { type NewSms, type SmsProvider, type SmsState, standingOf } from '../../model/sms.ts';
import { noSmscNote, type SmscNote, smscKey, smscNoteOf } from '../../model/smsc.ts';
import type { Decision } from '../../rules/decision.ts';
import {
  begun,
  type Course,
  type CourseOf,
  ended,
  expired,
  find,
  from,
  onlineAct,
  type Stage,
  scheduled,
} from './course.ts';
import type { Draft } from './draft.ts';
import {
  changeHandset,
  commit,
  commitSoon,
  dueOnlineMs,
  handsetFor,
  type Memory,
  newDraft,
  voiceOf,
} from './memory.ts';
import { priceOf } from './prices.ts';
import { batchReportsOf, reportsOf } from './reports.ts';
import { type WaitingSms, waitingMax } from './waiting.ts';

/** A message that its provider accepts begins its way; what can happen at once has happened. */
export function accept(memory: Memory, draft: Draft, message: AcceptedSms): NewSms {
  const nowMs = memory.ports.virtual.nowMs();
  const number = numberOf(message.number);
  present(memory, handsetFor(memory, number));
  const { after, validityMs, sendAtMs, refusal = null } = message;
  const { storeMs } = memory.settings;
  const startMs = sendAtMs === null ? nowMs : Math.max(nowMs, sendAtMs);
  const base: NewSms = {
    id: message.id,
    provider: message.provider,
    account: message.account,
    providerId: message.providerId,
    batchId: message.batchId,
    direction: 'mt',
    number: message.number,
    sender: message.sender,
    service: message.service,
    messageId: message.messageId,
    deliveryId: message.deliveryId,
    own: message.own,
    text: message.text,
    media: message.media,
    encoding: message.encoding,
    parts: message.parts,
    record: message.record,
    price: priceOf(memory.settings.prices, {
      provider: message.provider,
      country: number.country,
      parts: message.parts,
    }),
    receivedAtMs: nowMs,
    expiresAtMs: startMs + Math.min(validityMs ?? storeMs, storeMs),
    steps: [],
  };
  const course = begun({ ...courseOf(memory, base, after, nowMs), refusal }, sendAtMs);
  const note = noteOf(after, course, refusal);
  const record = note === null ? base.record : { ...base.record, [smscKey]: note };
  const sms: NewSms = { ...base, steps: course.steps, record };
  draft.put(sms);
  draft.acts.push(...course.acts);
  draft.callbacks.push(...reportsOf(memory, sms, 1), ...batchReportsOf(memory, draft, sms));
  if (course.waits !== null) wait(memory, draft, sms);
  return sms;
}

/** A message that waits goes on. */
export function goOn(
  memory: Memory,
  draft: Draft,
  waiting: WaitingSms,
  on: { readonly stage: Stage | 'begin'; readonly after: readonly Decision[]; readonly atMs: number },
): void {
  const course = courseOf(memory, waiting.sms, on.after, on.atMs);
  advance(
    memory,
    draft,
    waiting,
    on.stage === 'begin' ? begun(course, null) : from(on.stage, course),
    on.atMs,
  );
}

/** What held it on purpose let go: the carrier's time begins anew. */
export function letGo(
  memory: Memory,
  draft: Draft,
  waiting: WaitingSms,
  on: {
    readonly after: readonly Decision[];
    readonly atMs: number;
    readonly sendAtMs: number | null;
  },
): void {
  const { sms } = waiting;
  const startMs = Math.max(on.atMs, on.sendAtMs ?? on.atMs);
  const expiresAtMs = startMs + Math.min(sms.expiresAtMs - sms.receivedAtMs, memory.settings.storeMs);
  const course = courseOf(memory, { ...sms, expiresAtMs }, on.after, on.atMs);
  const next = startMs > on.atMs ? scheduled(course, startMs) : from('provider', course);
  advance(memory, draft, waiting, next, on.atMs, { expiresAtMs });
}

/** Its time passed while it waited. */
export function expire(memory: Memory, draft: Draft, waiting: WaitingSms): void {
  const atMs = waiting.sms.expiresAtMs;
  advance(memory, draft, waiting, expired(courseOf(memory, waiting.sms, [], atMs)), atMs);
}

/** It ends here and now, for a reason of its own. */
export function end(
  memory: Memory,
  draft: Draft,
  waiting: WaitingSms,
  why: Pick<NewSms['steps'][number], 'state' | 'cause' | 'reason'>,
): void {
  const nowMs = memory.ports.virtual.nowMs();
  const course = courseOf(memory, waiting.sms, [], nowMs);
  advance(memory, draft, waiting, ended(course, why.state, why.cause, why.reason), nowMs);
}

function advance(
  memory: Memory,
  draft: Draft,
  waiting: WaitingSms,
  course: Course,
  atMs: number,
  about: { readonly expiresAtMs?: number } = {},
): void {
  const before = waiting.sms;
  const note: SmscNote = { ...smscNoteOf(before), waits: course.waits, heldBy: course.heldBy };
  const next: NewSms = {
    ...before,
    ...about,
    steps: [...before.steps, ...course.steps],
    record: { ...before.record, [smscKey]: note },
  };
  const isTold = course.steps.length > 0 && !before.own && before.deliveryId !== null;
  draft.changes.push({
    id: before.id,
    nowMs: atMs,
    steps: course.steps,
    delivery: isTold ? deliveryStepOf(next, standingOf(next)) : null,
    record: { [smscKey]: note },
    ...about,
  });
  draft.acts.push(...course.acts);
  draft.callbacks.push(
    ...reportsOf(memory, next, before.steps.length),
    ...batchReportsOf(memory, draft, next),
  );
  if (course.waits === null) {
    memory.waiting.remove(waiting);
    draft.onUndo(() => {
      if (!waiting.never) memory.waiting.add(waiting);
    });
    return;
  }
  waiting.sms = next;
  draft.onUndo(() => {
    if (waiting.sms === next) waiting.sms = before;
  });
}

function wait(memory: Memory, draft: Draft, sms: NewSms): void {
  const waiting: WaitingSms = { sms, order: memory.nextOrder++, never: false };
  memory.waiting.add(waiting);
  draft.onUndo(() => {
    waiting.never = true;
    memory.waiting.remove(waiting);
  });
}

/** One that is due to be on is on: the act that says so may come a moment later. */
export function present(memory: Memory, handset: Handset): void {
  const nowMs = memory.ports.virtual.nowMs();
  const dueMs = dueOnlineMs(handset);
  const isBack = dueMs !== null && dueMs <= nowMs;
  if (!isBack && !(handset.online && memory.waiting.of(handset.number).some((one) => canArrive(memory, one))))
    return;
  const draft = newDraft(memory);
  if (isBack) comeOnline(memory, draft, handset, dueMs);
  // All of it, for what is sent now comes behind.
  const current = memory.handsets.get(handset.number);
  if (current !== null) deliverWaiting(memory, draft, current, isBack ? dueMs : nowMs);
  commitSoon(memory, draft, 'what a handset got when it came back');
}

/** What is not on disk yet follows when it is. */
function canArrive(memory: Memory, { sms }: WaitingSms): boolean {
  return !memory.unstored.has(sms.id) && smscNoteOf(sms).waits === 'handset';
}

/** So many at once, where thousands may wait: others write to the disk too. */
const arriveAtOnceMax = 3;

/**
 * What waits for a handset gets there, in the order of its coming, but what is over by then.
 * @param most at the most; the rest is left to `deliverRest`
 */
export function deliverWaiting(
  memory: Memory,
  draft: Draft,
  handset: Handset,
  atMs: number,
  most = Number.POSITIVE_INFINITY,
): void {
  let arrived = 0;
  for (const one of memory.waiting.of(handset.number)) {
    if (arrived >= most) return;
    if (!canArrive(memory, one)) continue;
    arrived++;
    const nowMs = Math.max(atMs, standingOf(one.sms).atMs);
    if (one.sms.expiresAtMs <= nowMs) expire(memory, draft, one);
    else goOn(memory, draft, one, { stage: 'handset', after: [], atMs: nowMs });
  }
}

/** What a handset that came back did not get with that, some at a time. @throws AppError where it could not be kept */
export async function deliverRest(memory: Memory, number: string, atMs: number): Promise<void> {
  for (;;) {
    const handset = memory.handsets.get(number);
    if (handset?.online !== true) return;
    const draft = newDraft(memory);
    deliverWaiting(memory, draft, handset, atMs, arriveAtOnceMax);
    if (draft.empty) return;
    await commit(memory, draft);
  }
}

/** It is on again, and gets the first of what waits for it; `deliverRest` sees to the others. */
export function comeOnline(memory: Memory, draft: Draft, handset: Handset, atMs: number): void {
  const next: Handset = { ...handset, online: true, offlineUntilMs: null };
  changeHandset(memory, draft, next, {
    news: { online: true },
    back: (current) => ({
      ...current,
      online: handset.online,
      offlineUntilMs: handset.offlineUntilMs,
    }),
  });
  deliverWaiting(memory, draft, next, atMs, arriveAtOnceMax);
}

/** @param untilMs null: until somebody switches it on */
export function switchOff(memory: Memory, draft: Draft, handset: Handset, untilMs: number | null): void {
  changeHandset(
    memory,
    draft,
    { ...handset, online: false, offlineUntilMs: untilMs },
    {
      news: { online: false },
      back: (current) => ({
        ...current,
        online: handset.online,
        offlineUntilMs: handset.offlineUntilMs,
      }),
    },
  );
  if (untilMs !== null)
    draft.acts.push({ dueAtMs: untilMs, kind: onlineAct, data: { number: handset.number } });
}

function courseOf(memory: Memory, sms: NewSms, after: readonly Decision[], atMs: number): CourseOf {
  const voice = voiceOf(memory, sms.provider);
  return {
    sms,
    stepsBefore: sms.steps.length,
    handset: handsetFor(memory, numberOf(sms.number)),
    settings: memory.settings,
    after,
    atMs,
    refusal: smscNoteOf(sms).refusal,
    full: memory.waiting.size >= waitingMax,
    say: (state, cause, forced) => voice.say(sms, state, cause, forced),
    // The provider's own spelling of it is what the table of statuses knows.
    stateOf: (status, code) =>
      stateOf(sms.provider, voice.say(sms, 'sent', 'on_purpose', { status, code: code ?? undefined })),
  };
}

/** Providers that tell apart what never came to a carrier, by the word that they have for it. */
const neverSent: Readonly<Partial<Record<SmsProvider, string>>> = {
  twilio: 'failed',
  telnyx: 'sending_failed',
};

function stateOf(
  provider: SmsProvider,
  said: { readonly status: string; readonly code: string | null },
): SmsState {
  const meaning = stepOf(provider, { ...said, reason: null });
  switch (meaning.kind) {
    case 'deliver':
      return 'delivered';
    case 'send':
    case 'release':
    case 'defer':
      return 'sent';
    case 'hold':
      return 'held';
    case 'unconfirm':
      return 'unknown';
    case 'cancel':
      return 'canceled';
    case 'fail':
      if (meaning.class === 'expired') return 'expired';
      if (said.status.toLowerCase() === neverSent[provider]) return 'failed';
      return /reject|abort/i.test(said.status) ? 'rejected' : 'undelivered';
    default:
      return assertNever(meaning.kind);
  }
}

/** Null where there is nothing to note. */
function noteOf(
  after: readonly Decision[],
  { waits, heldBy }: Course,
  refusal: SmsRefusal | null,
): SmscNote | null {
  const reports = find(after, 'reports')?.action;
  const copies = find(after, 'duplicate')?.action.copies ?? 1;
  if (waits === null && reports === undefined && copies === 1) return null;
  return {
    ...noSmscNote,
    waits,
    heldBy,
    refusal: waits === null ? null : refusal,
    copies,
    reports: reports === undefined ? null : { how: reports.how, times: reports.times, ms: reports.ms },
  };
}

export function numberOf(e164: string): PhoneNumber {
  const number = phoneNumber(e164);
  if (number === null) throw new Error(`${e164} is no number`);
  return number;
}
