/** A set of rules made ready: each under the moments at which it is asked, with an index for each. Immutable. */
import type { Channel } from '../model/message.ts';
import { mayConcern } from './channel-fault.ts';
import { type Condition, conditionsOf, isAboutContent, isAboutHeaders, type Keys } from './conditions.ts';
import type { Known } from './known.ts';
import { decidedAt, doneAtFarSide, type Family, families, familyOf } from './moments.ts';
import { type Question, questionKey } from './questions.ts';
import { concernsRecipient, type Indexed, RuleIndex } from './rule-index.ts';
import { type ConditionKey, type Point, points, type Rule, type Stage } from './schema.ts';

/** What of a rule is worked out once, wherever it comes to stand. */
interface Prepared {
  readonly rule: Rule;
  readonly family: Family;
  readonly conditions: readonly Condition[];
  readonly keys: Keys;
  readonly asksHeaders: boolean;
  readonly asksContent: boolean;
  /** Its outcome depends on who receives it. */
  readonly asksRecipient: boolean;
  /** Moments at which it is asked about, by who asks. */
  readonly moments: Readonly<Record<Asker, Point>>;
}

export interface ReadyRule extends Prepared, Indexed {}

/** Whom it is that asks: a session, which learns one thing after another, or an attempt of our own, which knows all. */
export type Asker = 'session' | 'attempt';

/** Channels whose messages are one request at the far side. */
export const requestChannels = ['push', 'sms', 'inapp'] as const satisfies readonly Channel[];
export type RequestChannel = (typeof requestChannels)[number];

export function isRequestChannel(channel: Channel): channel is RequestChannel {
  return requestChannels.some((one) => one === channel);
}

export interface Asked {
  readonly family: Family;
  readonly index: RuleIndex<ReadyRule>;
}

export class RuleSet {
  readonly rules: readonly Rule[];
  readonly ready: readonly ReadyRule[];
  readonly #asked: Readonly<Record<Stage, Readonly<Record<Asker, Map<Point, readonly Asked[]>>>>> = {
    door: { session: new Map(), attempt: new Map() },
    farSide: { session: new Map(), attempt: new Map() },
  };
  readonly #content: Readonly<Record<Stage, readonly ReadyRule[]>>;
  readonly #headers: Readonly<Record<Stage, readonly ReadyRule[]>>;
  /** Those whose answer at the end of DATA depends on who receives it. */
  readonly #ends: Readonly<Record<Stage, RuleIndex<ReadyRule>>>;

  /** All that is decided once the whole message is there: one look tells that none of them is met. */
  readonly #whole: Readonly<Record<Stage, RuleIndex<ReadyRule>>>;

  readonly #requests: Readonly<Record<RequestChannel, ReadonlyMap<Family, RuleIndex<ReadyRule>>>>;

  /** What is to be answered where a message is read, each once. */
  readonly questions: readonly Question[];
  /** Whether anything beside the header block has to be read for them. */
  readonly asksBody: boolean;
  /** Whether a rule looks at the words or tags of what the in-app door hands out. */
  readonly asksInAppMessages: boolean;

  constructor(rules: readonly Rule[]) {
    this.rules = rules;
    this.ready = rules.map((rule, position) => ({ ...prepare(rule), position }));
    const on = this.ready.filter(({ rule }) => rule.enabled);
    const conditions = on.flatMap((one) => one.conditions);
    const questions = conditions.flatMap((one) => one.questions ?? []);
    this.questions = [...new Map(questions.map((one) => [questionKey(one), one])).values()];
    this.asksBody = conditions.some(({ key }) => isAboutContent(key));
    const of = (stage: Stage): readonly ReadyRule[] => on.filter(({ rule }) => rule.stage === stage);
    // At our own doors a push or an SMS goes the way of a mail; at the far side it is one request, and has no moments.
    const inSessions = (stage: Stage): readonly ReadyRule[] =>
      of(stage).filter(
        ({ rule }) =>
          mayConcern(rule, 'email') ||
          (stage === 'door' && requestChannels.some((channel) => mayConcern(rule, channel))),
      );
    for (const stage of ['door', 'farSide'] as const) {
      this.#group(stage, 'session', inSessions(stage));
      if (stage === 'farSide') this.#group(stage, 'attempt', inSessions(stage));
    }
    const requests = (channel: RequestChannel) =>
      byFamily(of('farSide').filter(({ rule }) => mayConcern(rule, channel)));
    this.#requests = { push: requests('push'), sms: requests('sms'), inapp: requests('inapp') };
    this.asksInAppMessages = on.some(
      ({ rule, conditions }) =>
        rule.stage === 'farSide' &&
        mayConcern(rule, 'inapp') &&
        conditions.some(({ key }) => isOfMessage(key)),
    );
    this.#content = both((stage) => of(stage).filter(({ asksContent }) => asksContent));
    this.#headers = both((stage) => of(stage).filter(({ asksHeaders }) => asksHeaders));
    this.#whole = both(
      (stage) => new RuleIndex(inSessions(stage).filter(({ moments }) => isWhole(moments.session))),
    );
    this.#ends = both(
      (stage) =>
        new RuleIndex(
          inSessions(stage).filter(
            ({ moments, family, asksRecipient }) =>
              asksRecipient && (family === 'answer' || family === 'delay') && endPoints.has(moments.session),
          ),
        ),
    );
  }

  /** Whether a rule that is decided once the whole message is there may be met, as far as an index can tell. */
  concerns(stage: Stage, known: Known): boolean {
    const index = this.#whole[stage];
    return index.size > 0 && index.finds(known);
  }

  /** What is to be asked at a moment, family by family. */
  asked(stage: Stage, asker: Asker, point: Point): readonly Asked[] {
    return this.#asked[stage][asker].get(point) ?? nothing;
  }

  /** What may be done to a push or an SMS, the first in the list first, whatever moment its like has in mail. */
  askedOfRequest(channel: RequestChannel, family: Family): RuleIndex<ReadyRule> | null {
    return this.#requests[channel].get(family) ?? null;
  }

  /** Whether any rule may do anything to a push, or to an SMS. */
  concernsRequests(channel: RequestChannel): boolean {
    return this.#requests[channel].size > 0;
  }

  /** Of the rules that may act there, each question once. */
  questionsOf(stage: Stage, channel: Channel): readonly Question[] {
    const questions = this.#content[stage]
      .filter(({ rule }) => mayConcern(rule, channel))
      .flatMap(({ conditions }) => conditions.flatMap((one) => one.questions ?? []));
    return [...new Map(questions.map((one) => [questionKey(one), one])).values()];
  }

  headersAsked(stage: Stage, channel: Channel): boolean {
    return this.#headers[stage].some(({ rule }) => mayConcern(rule, channel));
  }

  /** Whether a rule that looks into the content may be met, by all that is known beside it. */
  contentAsked(stage: Stage, known: Known, sinceMs: (rule: Rule) => number, nowMs: number): boolean {
    return this.#content[stage].some(
      ({ conditions, rule }) =>
        mayConcern(rule, known.facts.channel) &&
        conditions.every(
          (one) =>
            needsReading(one) || isUnknown(one, known) || one.met(known, { nowMs, sinceMs: sinceMs(rule) }),
        ),
    );
  }

  /** The rules that end recipients apart, as one word. */
  endKey(stage: Stage, known: Known): string {
    const index = this.#ends[stage];
    if (index.size === 0) return '';
    return index
      .find(known)
      .filter(
        ({ keys, conditions }) =>
          concernsRecipient(keys, known) &&
          conditions.every((one) => one.key !== 'provider' || one.met(known, { nowMs: 0, sinceMs: 0 })),
      )
      .map(({ position }) => position)
      .join(' ');
  }

  /** How many rules no index finds: each message is held against each of them. */
  walked(): number {
    const all = Object.values(this.#asked)
      .flatMap((byAsker) => Object.values(byAsker))
      .flatMap((byPoint) => [...byPoint.values()].flat())
      .map(({ index }) => index);
    return Math.max(
      0,
      ...[...all, ...requestChannels.flatMap((one) => [...this.#requests[one].values()])].map(
        ({ walked }) => walked,
      ),
    );
  }

  #group(stage: Stage, asker: Asker, rules: readonly ReadyRule[]): void {
    const byMoment = new Map<string, ReadyRule[]>();
    for (const rule of rules) {
      const key = `${rule.moments[asker]} ${rule.family}`;
      const known = byMoment.get(key);
      if (known === undefined) byMoment.set(key, [rule]);
      else known.push(rule);
    }
    for (const point of points) {
      const asked = families.flatMap((family): Asked[] => {
        const group = byMoment.get(`${point} ${family}`);
        return group === undefined ? [] : [{ family, index: new RuleIndex(group) }];
      });
      if (asked.length > 0) this.#asked[stage][asker].set(point, asked);
    }
  }
}

function byFamily(rules: readonly ReadyRule[]): ReadonlyMap<Family, RuleIndex<ReadyRule>> {
  const groups = Map.groupBy(rules, ({ family }) => family);
  return new Map([...groups].map(([family, group]) => [family, new RuleIndex(group)]));
}

/** Of a message itself, and not of the request for a queue of them. */
export function isOfMessage(key: ConditionKey): boolean {
  return key === 'subject' || key === 'body' || key === 'tag' || key === 'attachment';
}

function isWhole(point: Point): boolean {
  return point === 'endOfData' || point === 'accepted';
}

function needsReading({ key, questions = [] }: Condition): boolean {
  return isAboutContent(key) || questions.length > 0;
}

/** The last ones made ready: a list is checked, and then comes into force. Lists of long ago need no index. */
let made: readonly RuleSet[] = [];
const madeMax = 2;

export function ruleSetOf(rules: readonly Rule[]): RuleSet {
  const known = made.find((set) => set.rules === rules);
  if (known !== undefined) return known;
  const set = new RuleSet(rules);
  made = [set, ...made].slice(0, madeMax);
  return set;
}

/** Whether a rule is as it was: what it has counted then still counts. */
export function isSameRule(one: Rule | undefined, other: Rule): boolean {
  return one === other || (one !== undefined && textOf(one) === textOf(other));
}

/** Rules are never altered: what is made of one holds for as long as it is there. */
const texts = new WeakMap<Rule, string>();
const prepared = new WeakMap<Rule, Prepared>();

function textOf(rule: Rule): string {
  const known = texts.get(rule);
  if (known !== undefined) return known;
  const text = JSON.stringify(rule);
  texts.set(rule, text);
  return text;
}

/** What is said once for all recipients. */
export const endPoints: ReadonlySet<Point> = new Set<Point>(['data', 'midData', 'endOfData']);

/** Does beforehand, for one rule, what a set of many would have to do at once. */
export function prepare(rule: Rule): Prepared {
  const known = prepared.get(rule);
  if (known !== undefined) return known;
  const { conditions, keys } = conditionsOf(rule.when);
  const made: Prepared = {
    rule,
    family: familyOf(rule.then.do),
    conditions,
    keys,
    asksHeaders: conditions.some(({ key }) => isAboutHeaders(key)),
    asksContent: conditions.some(needsReading),
    asksRecipient: conditions.some(
      ({ key }) => key === 'recipient' || key === 'domain' || key === 'provider',
    ),
    moments: { session: decidedAt(rule), attempt: doneAtFarSide(rule) },
  };
  textOf(rule);
  prepared.set(rule, made);
  return made;
}

/** Not said yet: it may still be met. */
function isUnknown({ key }: Condition, { facts, headers }: Known): boolean {
  switch (key) {
    case 'recipient':
    case 'domain':
      return facts.recipient === undefined;
    case 'provider':
      return facts.provider === undefined;
    case 'sender':
      return facts.sender === undefined;
    case 'subject':
    case 'header':
      return headers === null;
    case 'size':
      return facts.bytes === undefined;
    case 'tag':
      return facts.tags === undefined;
    default:
      return false;
  }
}

function both<T>(of: (stage: Stage) => T): Readonly<Record<Stage, T>> {
  return { door: of('door'), farSide: of('farSide') };
}

const nothing: readonly Asked[] = [];
