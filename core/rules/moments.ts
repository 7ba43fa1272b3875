/**
 * When a rule is decided: as soon as what it asks for is known, and not before the moment at which its action can be
 * done. Pure.
 */
import { assertNever } from '../model/app-error.ts';
import {
  type Action,
  type ActionKind,
  type ConditionKey,
  type InAppMoment,
  inAppMoments,
  type Point,
  points,
  type Rule,
} from './schema.ts';

/** The moment from which on a condition can be answered, for a client that says one thing after another (RFC 5321 §3.3). */
export const knownFrom: Readonly<Record<ConditionKey, Point>> = {
  channel: 'connect',
  moment: 'connect',
  door: 'connect',
  time: 'connect',
  nth: 'connect',
  everyNth: 'connect',
  rate: 'connect',
  probability: 'connect',
  atMost: 'connect',
  sender: 'mail',
  provider: 'rcpt',
  recipient: 'rcpt',
  domain: 'rcpt',
  subject: 'endOfData',
  header: 'endOfData',
  body: 'endOfData',
  attachment: 'endOfData',
  size: 'endOfData',
  tag: 'endOfData',
};

/** Actions of which only one can be done at a time share a family; the others do not get in each other's way. */
export const families = [
  'hold',
  'answer',
  'delay',
  'slow',
  'breakTls',
  'refuseAuth',
  'blackHole',
  'duplicate',
  'bounceLater',
  'complain',
  'place',
  'autoReply',
  'corrupt',
  'offline',
  'uninstall',
  'report',
  'reports',
  'stale',
  'shuffle',
  'expire',
] as const;
export type Family = (typeof families)[number];

export function familyOf(kind: ActionKind): Family {
  switch (kind) {
    case 'reject':
    case 'defer':
    case 'disconnect':
    case 'refuseConnection':
    case 'answer':
    case 'goAway':
      return 'answer';
    // A page is empty, or as it was.
    case 'empty':
    case 'stale':
      return 'stale';
    default:
      return kind;
  }
}

export function isLater(one: Point, other: Point): boolean {
  return points.indexOf(one) > points.indexOf(other);
}

export function later(one: Point, other: Point): Point {
  return isLater(one, other) ? one : other;
}

/** From when on all that the rule asks for is known, and what is known last. */
export function whenKnown(rule: Rule): { readonly point: Point; readonly last: ConditionKey | null } {
  let point: Point = 'connect';
  let last: ConditionKey | null = null;
  for (const key of conditionKeys) {
    if (rule.when[key] === undefined || !isLater(knownFrom[key], point)) continue;
    point = knownFrom[key];
    last = key;
  }
  return { point, last };
}

const conditionKeys = Object.keys(knownFrom) as ConditionKey[];

/** The moment at which the action is done, where it names one or has only one; null: as soon as can be, at RCPT or later. */
export function doneAt(rule: Rule): Point | null {
  const { then: action, stage } = rule;
  switch (action.do) {
    case 'reject':
    case 'defer':
      return action.at ?? null;
    case 'disconnect':
      return action.at;
    case 'delay':
      return stage === 'farSide' ? 'accepted' : (action.at ?? 'endOfData');
    case 'refuseConnection':
      return 'connect';
    case 'breakTls':
      return 'tls';
    case 'refuseAuth':
      return 'auth';
    case 'slow':
      return 'connect';
    case 'hold':
      return stage === 'farSide' ? 'queue' : 'accepted';
    case 'blackHole':
    case 'duplicate':
    case 'bounceLater':
    case 'complain':
    case 'place':
    case 'autoReply':
    case 'corrupt':
    case 'offline':
    case 'uninstall':
    case 'report':
    case 'reports':
    case 'empty':
    case 'stale':
    case 'shuffle':
    case 'expire':
      return 'accepted';
    case 'answer':
    case 'goAway':
      return 'endOfData';
    default:
      return assertNever(action);
  }
}

/** The moment at which a session is asked about the rule. */
export function decidedAt(rule: Rule): Point {
  const { point } = whenKnown(rule);
  const done = doneAt(rule);
  if (done === null) return later('rcpt', point);
  // A held message is accepted first where somebody else brings it.
  if (done === 'queue') return 'accepted';
  return later(done, point);
}

/** The moment that it has in an attempt of our own, of which all is known beforehand. */
export function doneAtFarSide(rule: Rule): Point {
  return doneAt(rule) ?? later('rcpt', whenKnown(rule).point);
}

/** A push or an SMS is one request, of which all is known at once. @param own before an attempt of our own */
export function doneToRequest({ do: kind }: Action, own: boolean): Point {
  if (kind === 'hold' && own) return 'queue';
  if (kind === 'slow') return 'connect';
  return familyOf(kind) === 'answer' ? 'endOfData' : 'accepted';
}

/** The push or the SMS is accepted, whatever becomes of the connection. */
export function isTakenFirst(action: Action): boolean {
  return (action.do === 'goAway' && action.answered) || (action.do === 'disconnect' && action.keep === true);
}

/** Why such a rule can never be met as it stands, or null. */
export function momentFault(rule: Rule): { readonly field: string; readonly detail: string } | null {
  const { then: action, stage, when } = rule;
  if (when.moment !== undefined && stage === 'door')
    return {
      field: 'when.moment',
      detail: 'The send API has no such moments: these are of the in-app door; this is for the far side.',
    };
  if (when.moment !== undefined && inAppMomentsOf(rule).length === 0)
    return {
      field: 'when.moment',
      detail: `${action.do} is done at ${doneAtMoments[action.do].at.join(' or ')} only.`,
    };
  if (action.do === 'refuseAuth' && stage === 'farSide')
    return {
      field: 'then.do',
      detail: 'The far side offers no AUTH to mail that comes in; this is for the stage door.',
    };
  if (action.do === 'delay' && stage === 'farSide' && action.at !== undefined)
    return {
      field: 'then.at',
      detail: 'At the far side a delay is that of the mailbox, which has no such moment; leave it out.',
    };
  if (action.do === 'disconnect' && stage === 'door' && action.keep === true)
    return {
      field: 'then.keep',
      detail: 'At a door of ours nothing is kept that was not acknowledged; this is for the far side.',
    };
  if (stage === 'farSide') return null;
  const { point, last } = whenKnown(rule);
  const bound = latestFor(action);
  if (last === null || bound === null || !isLater(point, bound)) return null;
  return {
    field: `when.${last}`,
    detail: `The ${last} is known only ${momentWords[point]}, and the action comes ${momentWords[bound]}: ask for something earlier, or act later.`,
  };
}

/** At a door: the last moment at which it can still be decided. */
function latestFor(action: Action): Point | null {
  switch (action.do) {
    case 'reject':
    case 'defer':
    case 'delay':
      return action.at ?? null;
    case 'disconnect':
      return action.at;
    case 'refuseConnection':
      return 'connect';
    case 'breakTls':
      return 'tls';
    case 'refuseAuth':
      return 'auth';
    // What has come already cannot come slowly.
    case 'slow':
      return 'rcpt';
    default:
      return null;
  }
}

/** At which moments of the in-app door an action can be done, and at which it is where the rule names none. */
const doneAtMoments: Readonly<
  Record<ActionKind, { readonly at: readonly InAppMoment[]; readonly usual: readonly InAppMoment[] }>
> = {
  reject: never(),
  defer: never(),
  hold: always('send'),
  delay: { at: inAppMoments, usual: ['send'] },
  slow: always('pull', 'display'),
  disconnect: always(...inAppMoments),
  refuseConnection: always(...inAppMoments),
  breakTls: never(),
  refuseAuth: never(),
  blackHole: { at: ['send', 'track', 'realtime'], usual: ['send'] },
  duplicate: always('pull', 'realtime'),
  bounceLater: never(),
  complain: never(),
  place: never(),
  autoReply: never(),
  corrupt: never(),
  answer: always(...inAppMoments),
  goAway: always('realtime'),
  // The app's own servers stay in the net.
  offline: always('pull', 'display', 'track', 'realtime'),
  uninstall: never(),
  report: never(),
  reports: never(),
  empty: always('pull', 'display'),
  stale: always('pull'),
  shuffle: always('pull', 'display'),
  expire: always('send'),
};

function never(): { readonly at: readonly []; readonly usual: readonly [] } {
  return { at: [], usual: [] };
}

function always<M extends InAppMoment>(
  ...at: readonly M[]
): { readonly at: readonly M[]; readonly usual: readonly M[] } {
  return { at, usual: at };
}

/** Moments of the in-app door at which such a rule acts, in their order; none: it does nothing there. */
export function inAppMomentsOf({ when, then }: Pick<Rule, 'when' | 'then'>): readonly InAppMoment[] {
  const { at, usual } = doneAtMoments[then.do];
  if (when.moment === undefined) return usual;
  const asked = Array.isArray(when.moment) ? when.moment : [when.moment];
  return at.filter((one) => asked.includes(one));
}

const momentWords: Readonly<Record<Point, string>> = {
  queue: 'before the attempt',
  connect: 'at the connection',
  ehlo: 'at EHLO',
  tls: 'at STARTTLS',
  auth: 'at AUTH',
  mail: 'at MAIL',
  rcpt: 'at RCPT',
  data: 'at DATA',
  midData: 'in the middle of DATA',
  endOfData: 'at the end of DATA',
  accepted: 'after the acceptance',
  send: 'as the app hands it in',
  pull: 'at a pull',
  display: 'as it is asked what to display',
  track: 'as the client tells what became of it',
  realtime: 'on a realtime connection',
};
