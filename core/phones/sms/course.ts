/**
 * What becomes of a message from where it is, until it ends or waits: the provider takes it, hands it to the carrier, whose SMSC
 * hands it to the handset or keeps it. Pure: what it leads to is carried out by `journey`.
 */
import type { SmsRefusal } from '../../delivery/sms-far-side.ts';
import { assertNever } from '../../model/app-error.ts';
import type { Handset } from '../../model/handset.ts';
import type { NewSms, SmsCause, SmsState, SmsStep } from '../../model/sms.ts';
import type { SmscNote } from '../../model/smsc.ts';
import { byCause, causeKey, type Decision, type DecisionOf } from '../../rules/decision.ts';
import type { ActionKind } from '../../rules/schema.ts';
import type { NewAct } from '../../store/store.ts';
import { filteredBecause } from './content-filter.ts';
import type { SmsWorldSettings } from './settings.ts';

/** Acts of this room. */
export const sendAct = 'sms_send';
export const stepAct = 'sms_step';
export const releaseAct = 'sms_release';
export const expiryAct = 'sms_expiry';
export const onlineAct = 'handset_online';

/** Where it goes on: the provider has it; it comes to the carrier; its SMSC tries the handset; a rule's word is due. */
export const stages = ['provider', 'carrier', 'handset', 'report'] as const;
export type Stage = (typeof stages)[number];

export interface CourseOf {
  readonly sms: Omit<NewSms, 'steps'>;
  /** How many steps there are already. */
  readonly stepsBefore: number;
  readonly handset: Handset;
  readonly settings: Pick<SmsWorldSettings, 'latencyMs' | 'filter'>;
  /** What rules want done with it still. */
  readonly after: readonly Decision[];
  readonly atMs: number;
  /** Why the provider, which says yes, goes no further with it; a word that a rule wants goes before. */
  readonly refusal?: SmsRefusal | null;
  /** There is no room for one more that waits for its handset. */
  readonly full: boolean;
  /** The provider's word for it. */
  readonly say: (
    state: SmsState,
    cause: SmsCause | null,
    forced?: { readonly status?: string | undefined; readonly code?: string | undefined },
  ) => { readonly status: string; readonly code: string | null };
  /** What state a word of the provider's is, that a rule wants. */
  readonly stateOf: (status: string, code: string | null) => SmsState;
}

export interface Course {
  readonly steps: readonly SmsStep[];
  /** Null: it is at its end. */
  readonly waits: SmscNote['waits'];
  readonly heldBy: SmscNote['heldBy'];
  readonly acts: readonly NewAct[];
}

/** The first of it: its provider says yes, now or for later. */
export function begun(course: CourseOf, sendAtMs: number | null): Course {
  const isLater = sendAtMs !== null && sendAtMs > course.atMs;
  const yes = stepAt(course, isLater ? 'scheduled' : 'accepted', null, null);
  const next = { ...course, stepsBefore: course.stepsBefore + 1 };
  return after([yes], held(next, sendAtMs) ?? (isLater ? scheduled(next, sendAtMs) : from('provider', next)));
}

/** It waits for its time, without a word. */
export function scheduled(course: CourseOf, sendAtMs: number): Course {
  return {
    steps: [],
    waits: 'schedule',
    heldBy: null,
    acts: [act(course, sendAct, sendAtMs, 0, 'provider', course.after)],
  };
}

/** Held on purpose at its provider, until somebody releases its delivery. Our own sends are held before they come here. */
function held(course: CourseOf, sendAtMs: number | null): Course | null {
  const { after: wanted, sms } = course;
  const hold = find(wanted, 'hold');
  if (hold === undefined || sms.deliveryId === null || sms.own) return null;
  const release = act(course, releaseAct, null, 1, 'provider', without(wanted, 'hold'));
  return {
    steps: [stepAt(course, 'held', null, `held on purpose ${byCause(hold.cause)}`)],
    waits: 'release',
    heldBy: { key: causeKey(hold.cause), label: hold.cause.label },
    // Null: the release of the delivery makes it due.
    acts: [{ ...release, data: { ...release.data, sendAtMs } }],
  };
}

/** Goes on until it ends or waits. */
export function from(stage: Stage, course: CourseOf): Course {
  switch (stage) {
    case 'provider':
      return atProvider(course);
    case 'carrier':
      return atCarrier(course);
    case 'handset':
      return atHandset(course);
    case 'report':
      return reported(course);
    default:
      return assertNever(stage);
  }
}

function atProvider(course: CourseOf): Course {
  const { after: wanted, atMs, settings, refusal = null } = course;
  const report = find(wanted, 'report');
  const wantedState =
    report === undefined ? null : course.stateOf(report.action.status, report.action.code ?? null);
  // It never came to the carrier.
  if (report?.action.afterMs === 0 && (wantedState === 'failed' || wantedState === 'rejected'))
    return reported(course);
  if (refusal !== null && report === undefined) return ended(course, 'rejected', refusal.cause, refusal.why);
  const firstMs = Math.floor(settings.latencyMs / 2);
  return firstMs > 0 ? wait(course, atMs + firstMs, 'carrier', wanted) : atCarrier(course);
}

function atCarrier(course: CourseOf): Course {
  const { after: wanted, atMs, settings, sms } = course;
  const sent = stepAt(course, 'sent', null, null);
  const next = { ...course, stepsBefore: course.stepsBefore + 1 };
  const lost = find(wanted, 'blackHole');
  if (lost !== undefined)
    return after([sent], ended(next, 'unknown', 'lost', `lost on purpose ${byCause(lost.cause)}`));
  const report = find(wanted, 'report');
  if (report !== undefined)
    return after(
      [sent],
      report.action.afterMs === 0
        ? reported(next)
        : wait(next, atMs + report.action.afterMs, 'report', wanted),
    );
  const filtered = settings.filter.on ? filteredBecause(sms.text, settings.filter.words) : null;
  if (filtered !== null)
    return after([sent], ended(next, 'undelivered', 'filtered', `the carrier filtered it: ${filtered}`));
  const delay = find(wanted, 'delay');
  const { latencyMs } = settings;
  const lateMs = latencyMs - Math.floor(latencyMs / 2) + (delay === undefined ? 0 : delayMs(delay));
  if (lateMs > 0) return after([sent], wait(next, atMs + lateMs, 'handset', []));
  return after([sent], atHandset(next));
}

function atHandset(course: CourseOf): Course {
  const { handset, sms, atMs } = course;
  if (sms.expiresAtMs <= atMs) return expired(course);
  if (handset.line === 'unknown')
    return ended(course, 'undelivered', 'unknown_number', 'nobody has the number');
  if (handset.line === 'landline')
    return ended(course, 'undelivered', 'landline', 'it is a fixed line, which takes no SMS');
  if (handset.blocked)
    return ended(course, 'undelivered', 'blocked', 'the handset, or its carrier, blocks messages');
  if (handset.unreachable)
    return ended(
      course,
      'undelivered',
      'unreachable',
      'the handset cannot be reached, and its carrier keeps nothing for it',
    );
  if (handset.online) return ended(course, 'delivered', null, null);
  if (course.full)
    return ended(
      course,
      'undelivered',
      'carrier_error',
      'the handset is off, and the carrier has no room left',
    );
  const until = new Date(sms.expiresAtMs).toISOString();
  return {
    steps: [stepAt(course, 'held', null, `the handset is off: the carrier keeps it until ${until}`)],
    waits: 'handset',
    heldBy: null,
    acts: [expiry(sms)],
  };
}

/** What a rule wants said of it, in the provider's own words. */
function reported(course: CourseOf): Course {
  const report = find(course.after, 'report');
  if (report === undefined) return atHandset(course);
  const { status, code } = report.action;
  const state = course.stateOf(status, code ?? null);
  const reason = `reported on purpose ${byCause(report.cause)}`;
  const step: SmsStep = {
    ...stepAt(course, state, 'on_purpose', reason),
    ...course.say(state, 'on_purpose', { status, code }),
  };
  const isOver = state !== 'sent' && state !== 'held' && state !== 'accepted';
  return {
    steps: [step],
    waits: isOver ? null : 'end',
    heldBy: null,
    // A word that is no end: the carrier gives up in time.
    acts: isOver ? [] : [expiry(course.sms)],
  };
}

/** It waited as long as it was to. */
export function expired(course: CourseOf): Course {
  return ended(
    { ...course, atMs: Math.min(course.atMs, Math.max(course.sms.expiresAtMs, course.sms.receivedAtMs)) },
    'expired',
    'validity',
    'the carrier could not hand it over in time',
  );
}

export function ended(
  course: CourseOf,
  state: SmsState,
  cause: SmsCause | null,
  reason: string | null,
): Course {
  return { steps: [stepAt(course, state, cause, reason)], waits: null, heldBy: null, acts: [] };
}

function wait(course: CourseOf, untilMs: number, stage: Stage, wanted: readonly Decision[]): Course {
  const { sms } = course;
  return {
    steps: [],
    waits: 'step',
    heldBy: null,
    acts: [
      act(course, stepAct, untilMs, 0, stage, wanted),
      // What a rule wants said is said, however late.
      ...(stage !== 'report' && untilMs > sms.expiresAtMs ? [expiry(sms)] : []),
    ],
  };
}

/** @param stepsAdded so many come with it: an act that was done finds more, and does nothing */
function act(
  { sms, stepsBefore }: CourseOf,
  kind: string,
  dueAtMs: number | null,
  stepsAdded: number,
  stage: Stage,
  wanted: readonly Decision[],
): NewAct {
  // Its message is not pruned before.
  const awaitedBy = sms.deliveryId;
  return {
    dueAtMs,
    kind,
    data: { smsId: sms.id, steps: stepsBefore + stepsAdded, stage, after: wanted },
    awaitedBy,
  };
}

function expiry({ id, expiresAtMs, deliveryId }: Pick<NewSms, 'id' | 'expiresAtMs' | 'deliveryId'>): NewAct {
  return { dueAtMs: expiresAtMs, kind: expiryAct, data: { smsId: id }, awaitedBy: deliveryId };
}

function stepAt(course: CourseOf, state: SmsState, cause: SmsCause | null, reason: string | null): SmsStep {
  return { state, atMs: course.atMs, cause, ...course.say(state, cause), reason };
}

function after(steps: readonly SmsStep[], rest: Course): Course {
  return { ...rest, steps: [...steps, ...rest.steps] };
}

export function find<K extends ActionKind>(
  decisions: readonly Decision[],
  kind: K,
): DecisionOf<K> | undefined {
  return decisions.find((one): one is DecisionOf<K> => one.action.do === kind);
}

function without(decisions: readonly Decision[], kind: ActionKind): readonly Decision[] {
  return decisions.filter(({ action }) => action.do !== kind);
}

function delayMs({ action, chance }: DecisionOf<'delay'>): number {
  const { ms, msMax = ms } = action;
  return Math.round(ms + chance * Math.max(0, msMax - ms));
}
