/**
 * The dry run: which rules a message would meet, in the order of its way, and why not the others. Nothing is counted.
 */

import { wordsFor } from './channel-fault.ts';
import type { Facts } from './decision.ts';
import type { Desk } from './desk.ts';
import { type Known, knownOf } from './known.ts';
import { magicNames, magicTagsOf } from './magic-tags.ts';
import {
  decidedAt,
  doneAtFarSide,
  doneToRequest,
  familyOf,
  inAppMomentsOf,
  isLater,
  isTakenFirst,
} from './moments.ts';
import { isRequestChannel, type ReadyRule } from './rule-set.ts';
import { type Action, channelsOf, isActionOf, type Point, points, type Rule, type Stage } from './schema.ts';

export const verdicts = ['met', 'not_met', 'not_reached', 'off'] as const;
export type Verdict = (typeof verdicts)[number];

export interface Explained {
  /** Null for a magic address, token or number. */
  readonly ruleId: string | null;
  readonly label: string;
  readonly stage: Stage;
  readonly point: Point;
  readonly verdict: Verdict;
  readonly action: Action;
  /** One for each thing that stands in its way; empty when it is met. */
  readonly why: readonly string[];
}

export interface Explanation {
  /** What would be done, in the order of the way. */
  readonly met: readonly Explained[];
  /** The others, in the order of the list, as many as were asked for. */
  readonly others: readonly Explained[];
  /** Rules of that stage in all. */
  readonly total: number;
}

export interface ExplainOptions {
  readonly nowMs: number;
  readonly othersMax: number;
}

export function explain(desk: Desk, stage: Stage, facts: Facts, options: ExplainOptions): Explanation {
  const known = knownOf(facts);
  const own = stage === 'farSide' && isOwn(facts);
  const rules = desk.set.ready.filter(({ rule }) => rule.stage === stage);
  const judged = [
    ...magicOnes(desk, stage, facts, own),
    ...rules.map((ready) => judgeRule(desk, ready, known, own, options.nowMs)),
  ];
  const met: Explained[] = [];
  const reached = new Map<Explained, Explained>();
  let end: Explained | null = null;
  // In the order of the way, and within a moment in the order of the list: the sort is stable.
  const willing = judged.filter(({ verdict }) => verdict === 'met');
  for (const one of willing.toSorted((a, b) => points.indexOf(a.point) - points.indexOf(b.point))) {
    const family = familyOf(one.action.do);
    const first =
      end !== null && isLater(one.point, end.point)
        ? end
        : met.find((other) => other.point === one.point && familyOf(other.action.do) === family);
    if (first !== undefined) {
      reached.set(one, { ...one, verdict: 'not_reached', why: [cameFirst(first, one)] });
      continue;
    }
    met.push(one);
    if (endsTheWay(one, facts)) end ??= one;
  }
  const others = judged.filter((one) => !met.includes(one)).map((one) => reached.get(one) ?? one);
  return { met, others: others.slice(0, options.othersMax), total: rules.length };
}

/** An attempt of our own; what others bring they bring to the MX, or to the door of a provider. */
function isOwn({ channel, door }: Facts): boolean {
  return isRequestChannel(channel) ? door === 'queue' : door !== 'mx';
}

function endsTheWay({ action, point }: Explained, { channel }: Facts): boolean {
  // What is refused as it is handed in is not there; a client that was refused asks again.
  if (channel === 'inapp')
    return point === 'send' && familyOf(action.do) === 'answer' && !isTakenFirst(action);
  if (isRequestChannel(channel))
    return (familyOf(action.do) === 'answer' && !isTakenFirst(action)) || point === 'queue';
  return familyOf(action.do) === 'answer' || action.do === 'hold' || action.do === 'blackHole';
}

function cameFirst(first: Explained, { point }: Explained): string {
  return first.point === point
    ? `“${first.label}” stands before it and is met first`
    : `“${first.label}” is met before, and ends the way there`;
}

function judgeRule(
  desk: Desk,
  { rule, conditions }: ReadyRule,
  known: Known,
  own: boolean,
  nowMs: number,
): Explained {
  const about = {
    ruleId: rule.id,
    label: rule.name === '' ? rule.id : rule.name,
    stage: rule.stage,
    point: pointFor(rule, known.facts, own),
    action: rule.then,
  };
  if (!rule.enabled) return { ...about, verdict: 'off', why: ['the rule is switched off'] };
  const why = [...faultsOf(desk, rule, conditions, known, nowMs)];
  return { ...about, verdict: why.length === 0 ? 'met' : 'not_met', why };
}

function pointFor(rule: Rule, { channel }: Facts, own: boolean): Point {
  if (channel === 'inapp' && rule.stage === 'farSide') return inAppMomentsOf(rule)[0] ?? 'send';
  if (isRequestChannel(channel) && rule.stage === 'farSide') return doneToRequest(rule.then, own);
  return own ? doneAtFarSide(rule) : decidedAt(rule);
}

function* faultsOf(
  desk: Desk,
  rule: Rule,
  conditions: ReadyRule['conditions'],
  known: Known,
  nowMs: number,
): Iterable<string> {
  const { channel } = known.facts;
  if (!isActionOf(rule.then.do, rule.stage, channel)) {
    const can = channelsOf[rule.then.do][rule.stage].map((one) => wordsFor[one]).join(' and ');
    return yield `${rule.then.do} is done to ${can} only; it is passed over and counts nothing`;
  }
  const standing = desk.standingOf(rule.id);
  const sinceMs = standing?.sinceMs ?? nowMs;
  let plain = true;
  for (const condition of conditions) {
    if (condition.met(known, { nowMs, sinceMs })) continue;
    plain = false;
    yield condition.why(known, { nowMs, sinceMs });
  }
  const over = desk.actionFault(rule.id, rule.then, known.facts, sinceMs, nowMs);
  if (over !== null) yield over;
  // What counts is only counted of what meets the rest.
  if (!plain || over !== null || standing === null) return;
  const fault = standing.counts.fault({ rateMs: desk.rateMsOf(rule.stage), seed: desk.seed });
  if (fault !== null) yield fault;
}

function magicOnes(desk: Desk, stage: Stage, facts: Facts, own: boolean): readonly Explained[] {
  const { channel, recipient = '', provider = null } = facts;
  const request = isRequestChannel(channel);
  return magicTagsOf(channel, recipient, provider)
    .filter((tag) => tag.stage === stage)
    .map(({ label, action, moments }) => ({
      ruleId: null,
      label,
      stage,
      point:
        channel === 'inapp'
          ? (moments?.[0] ?? inAppMomentsOf({ when: {}, then: action })[0] ?? 'send')
          : request
            ? doneToRequest(action, own)
            : pointOf(action, own),
      action,
      ...(desk.magic
        ? { verdict: 'met' as const, why: [] }
        : {
            verdict: 'off' as const,
            why: [`${magicNames[channel]} are switched off`],
          }),
    }));
}

function pointOf(action: Action, own: boolean): Point {
  switch (action.do) {
    case 'reject':
    case 'defer':
      return action.at ?? 'rcpt';
    case 'disconnect':
      return own || isLater(action.at, 'rcpt') ? action.at : 'rcpt';
    case 'hold':
      return own ? 'queue' : 'accepted';
    default:
      return 'accepted';
  }
}
