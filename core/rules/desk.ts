/**
 * The desk: holds the rules in force, and says what they do. A set is replaced in one step, so that the next question
 * is answered by the new one, also on connections that are open.
 */
import type { Channel } from '../model/message.ts';
import { Counts, type KeptCounts, noCounts } from './counts.ts';
import {
  type AnswerKind,
  causeKey,
  type Decision,
  type DecisionOf,
  type Facts,
  type FarSideOrders,
  noOrders,
  type RuleDesk,
} from './decision.ts';
import { type Known, knownOf } from './known.ts';
import type { MagicTag } from './magic.ts';
import { magicTagsOf } from './magic-tags.ts';
import { isMagicUser } from './magic-users.ts';
import { doneToRequest, type Family, familyOf, inAppMomentsOf, isTakenFirst, later } from './moments.ts';
import type { Question } from './questions.ts';
import { RecentMap } from './recent-map.ts';
import {
  endPoints,
  isOfMessage,
  isRequestChannel,
  isSameRule,
  type ReadyRule,
  type RequestChannel,
  type RuleSet,
  ruleSetOf,
} from './rule-set.ts';
import {
  type Action,
  type InAppMoment,
  isActionOf,
  type Point,
  points,
  type Rule,
  type Stage,
} from './schema.ts';

/** A rule, a magic address, token or number did something. Times are milliseconds since the epoch. */
export interface Hit {
  /** Id of the rule, the tag of a magic address with its plus, the word of a magic token, or the magic end of a number. */
  readonly cause: string;
  readonly ruleId: string | null;
  readonly label: string;
  readonly stage: Stage;
  readonly point: Point;
  readonly action: Action['do'];
  readonly wallMs: number;
  readonly virtualMs: number;
  readonly recipient: string | null;
  readonly sender: string | null;
  readonly messageId: string | null;
  readonly deliveryId: string | null;
  readonly exchangeId: string | null;
}

export interface DeskPorts {
  wallMs(): number;
  virtualMs(): number;
  monotonicMs(): number;
  hit(hit: Hit): void;
  /** All of the rule was met that does not count, and it did nothing. */
  counted?(ruleId: string): void;
}

/** What is in force. */
export interface InForce {
  readonly rules: readonly Rule[];
  readonly magic: boolean;
  readonly seed: number;
  /** When each came into force, by its id, virtual; of those that are not named: now. */
  readonly since?: ReadonlyMap<string, number>;
  readonly counts?: ReadonlyMap<string, KeptCounts>;
  /** Another set altogether: a rule that happens to be the same in both takes nothing along. */
  readonly anew?: boolean;
}

/** Tries that are remembered, for `defer … times` and for what was decided for a delivery already. */
const remembered = 100_000;
/** Causes that put the same message off. */
const causesMax = 100;

/** A rule with what it has counted. */
export interface Standing {
  readonly sinceMs: number;
  readonly counts: Counts;
  /** Tells it apart from a rule that had the same id before. */
  readonly number: number;
}

export class Desk implements RuleDesk {
  readonly #ports: DeskPorts;
  #set: RuleSet = ruleSetOf([]);
  #standing = new Map<string, Standing>();
  #magic = true;
  #seed = 0;
  #lastNumber = 0;
  #edition = 0;
  /** By what tells the tries of a message apart: how often each cause put it off. */
  #tries = new RecentMap<RecentMap<number>>(remembered);
  /** What the far side was told to do after its yes: told again at every try, counted once. */
  #after = new RecentMap<readonly Decision[]>(remembered);

  constructor(ports: DeskPorts, initial: InForce) {
    this.#ports = ports;
    this.replace(initial);
  }

  /** Takes effect for the next question. What a rule that stays as it is has counted is kept. */
  replace({ rules, magic, seed, since, counts, anew = false }: InForce): void {
    const before = new Map(this.#set.rules.map((rule) => [rule.id, rule]));
    const standing = new Map<string, Standing>();
    const nowMs = this.#ports.virtualMs();
    for (const rule of rules) {
      const known = this.#standing.get(rule.id);
      const same = !anew && seed === this.#seed && isSameRule(before.get(rule.id), rule);
      standing.set(
        rule.id,
        known !== undefined && same
          ? known
          : this.#stand(rule, since?.get(rule.id) ?? nowMs, counts?.get(rule.id) ?? noCounts),
      );
    }
    this.#set = ruleSetOf(rules);
    this.#edition++;
    this.#standing = standing;
    this.#magic = magic;
    this.#seed = seed;
    this.#after = new RecentMap(remembered);
    if (anew) this.#tries = new RecentMap(remembered);
  }

  #stand({ id, when }: Rule, sinceMs: number, counts: KeptCounts): Standing {
    return { sinceMs, counts: new Counts(id, when, counts), number: ++this.#lastNumber };
  }

  /** Everything counted is forgotten: the same input then has the same outcome. */
  startOver(): void {
    const nowMs = this.#ports.virtualMs();
    this.#standing = new Map(this.#set.rules.map((rule) => [rule.id, this.#stand(rule, nowMs, noCounts)]));
    this.#tries = new RecentMap(remembered);
    this.#after = new RecentMap(remembered);
  }

  get set(): RuleSet {
    return this.#set;
  }

  taken(tryKeys: Iterable<string>): void {
    if (this.#tries.size === 0) return;
    for (const key of tryKeys) this.#tries.delete(key);
  }

  edition(): number {
    return this.#edition;
  }

  questions(stage: Stage, channel: Channel): readonly Question[] {
    return this.#set.questionsOf(stage, channel);
  }

  get magic(): boolean {
    return this.#magic;
  }

  get seed(): number {
    return this.#seed;
  }

  standingOf(ruleId: string): Standing | null {
    return this.#standing.get(ruleId) ?? null;
  }

  asks(stage: Stage, point: Point): boolean {
    if (this.#set.asked(stage, 'session', point).length > 0) return true;
    return this.#magic && (point === 'rcpt' || (stage === 'farSide' && points.indexOf(point) > rcpt));
  }

  concerns(stage: Stage, facts: Facts): boolean {
    return this.#set.concerns(stage, knownOf(facts)) || this.#tagsOf(stage, facts).length > 0;
  }

  needs(stage: Stage, facts: Facts): { readonly headers: boolean; readonly content: boolean } {
    return {
      headers: this.#set.headersAsked(stage, facts.channel),
      content: this.#set.contentAsked(
        stage,
        knownOf(facts),
        ({ id }) => this.#sinceOf(id),
        this.#ports.virtualMs(),
      ),
    };
  }

  endKey(stage: Stage, facts: Facts): string {
    const byRules = this.#set.endKey(stage, knownOf(facts));
    const byMagic = this.#tagsOf(stage, facts).filter((tag) => endPoints.has(momentOf(tag)));
    return byMagic.length === 0 ? byRules : [byRules, ...byMagic.map(({ label }) => label)].join(' ');
  }

  decide(stage: Stage, point: Point, facts: Facts): readonly Decision[] {
    const asked = this.#set.asked(stage, 'session', point);
    const tags = this.#tagsOf(stage, facts).filter((tag) => momentOf(tag) === point);
    if (asked.length === 0 && tags.length === 0) return nothing;
    const known = knownOf(facts);
    const decided = this.#byMagic(tags, point, facts);
    for (const { family, index } of asked) {
      if (decided.some(({ action }) => familyOf(action.do) === family)) continue;
      // Of a family that the door does not have, nothing is counted.
      if (facts.door === 'api' && smtpOnly.has(family)) continue;
      const decision = this.#byRule(index.find(known), () => point, known);
      if (decision !== null) decided.push(decision);
    }
    return decided;
  }

  orders(facts: Facts): FarSideOrders {
    if (isRequestChannel(facts.channel)) return this.#requestOrders(facts, facts.channel);
    const tags = this.#tagsOf('farSide', facts);
    const known = knownOf(facts);
    const at = (point: Point): Decision[] => this.#attempt(point, tags, known);
    const hold = at('queue').find(isHold);
    if (hold !== undefined) return { ...noOrders, hold };
    const connection: Decision[] = [];
    for (const point of wirePoints) {
      // What goes along with an answer is done before it.
      for (const decision of at(point).toSorted((a, b) => answersLast(a) - answersLast(b))) {
        const ends = familyOf(decision.action.do) === 'answer';
        if (ends && isSaid(decision) && points.indexOf(point) > ehlo)
          return { hold: null, connection, answer: decision, after: [] };
        connection.push(decision);
        if (ends) return { hold: null, connection, answer: null, after: [] };
      }
    }
    const after = this.#afterYes(known, () => this.#attempt('accepted', tags, known));
    return connection.length === 0 && after.length === 0
      ? noOrders
      : { hold: null, connection, answer: null, after };
  }

  asksInApp(user: string): boolean {
    return this.#set.concernsRequests('inapp') || (this.#magic && isMagicUser(user));
  }

  asksInAppMessages(): boolean {
    return this.#set.asksInAppMessages;
  }

  atInApp(facts: Facts, about: 'request' | 'message'): readonly Decision[] {
    const { moment } = facts;
    if (moment === undefined || (facts.recipient !== undefined && !this.asksInApp(facts.recipient)))
      return nothing;
    const tags = this.#tagsOf('farSide', facts).filter(
      ({ action, moments }) =>
        (about === 'request' || !handsOut.has(moment)) &&
        inAppMomentsOf({
          when: moments === undefined ? {} : { moment: [...moments] },
          then: action,
        }).includes(moment),
    );
    const known = knownOf(facts);
    const isAsked = ({ rule, conditions }: ReadyRule): boolean =>
      inAppMomentsOf(rule).includes(moment) &&
      (!handsOut.has(moment) || conditions.some(({ key }) => isOfMessage(key)) === (about === 'message'));
    const decided: Decision[] = [];
    for (const family of inAppFamilies) {
      const [magic] = this.#byMagic(
        tags.filter(({ action }) => familyOf(action.do) === family),
        moment,
        facts,
      );
      const index = magic === undefined ? this.#set.askedOfRequest('inapp', family) : null;
      const decision =
        magic ??
        (index === null ? null : this.#byRule(index.find(known).filter(isAsked), () => moment, known));
      if (decision === null) continue;
      decided.push(decision);
      // What is refused, or cut before it was done, has no more to it.
      if (family === 'offline' || (family === 'answer' && !isTakenFirst(decision.action))) break;
    }
    return decided;
  }

  /** Decided once for a delivery, however often it is tried: a complaint is one complaint. */
  #afterYes(known: Known, decide: () => readonly Decision[]): readonly Decision[] {
    const key = known.facts.tryKey;
    const before = key === undefined ? undefined : this.#after.get(key);
    if (before !== undefined) return before;
    const given = known.facts.ordered ?? nothing;
    const taken = new Set(given.map(({ action }) => action.do));
    const decided = [...given, ...decide().filter(({ action }) => !taken.has(action.do))];
    if (key !== undefined && decided.length > 0) this.#after.set(key, decided);
    return decided;
  }

  /** A push or an SMS is one request: what takes the place of the yes goes by the list, not by moments. */
  #requestOrders(facts: Facts, channel: RequestChannel): FarSideOrders {
    const tags = this.#tagsOf('farSide', facts);
    if (tags.length === 0 && facts.ordered === undefined && !this.#set.concernsRequests(channel))
      return noOrders;
    const known = knownOf(facts);
    const own = facts.door === 'queue';
    const first = (family: Family): Decision | null => this.#toRequest(family, channel, own, tags, known);
    const held = own ? first('hold') : null;
    if (held !== null && isHold(held)) return { ...noOrders, hold: held };
    const slow = first('slow');
    const connection = slow === null ? nothing : [slow];
    const said = first('answer');
    const answer = said !== null && isAnswer(said) ? said : null;
    if (answer !== null && !isTakenFirst(answer.action))
      return { hold: null, connection, answer, after: nothing };
    const afterFamilies = own ? afterRequest : (['hold', ...afterRequest] as const);
    const decide = (): readonly Decision[] => afterFamilies.flatMap((family) => first(family) ?? []);
    // A stranger who brings the same once more brings another push.
    const after = own ? this.#afterYes(known, decide) : decide();
    if (!own && this.#tries.size > 0 && facts.tryKey !== undefined && answer === null)
      this.#tries.delete(facts.tryKey);
    const hold = own ? null : (after.find(isHold) ?? null);
    return connection.length === 0 && answer === null && after.length === 0
      ? noOrders
      : { hold, connection, answer, after };
  }

  #toRequest(
    family: Family,
    channel: RequestChannel,
    own: boolean,
    tags: readonly MagicTag[],
    known: Known,
  ): Decision | null {
    const theirs = tags.filter(({ action }) => familyOf(action.do) === family);
    for (const tag of theirs) {
      const [decided] = this.#byMagic([tag], doneToRequest(tag.action, own), known.facts);
      if (decided !== undefined) return decided;
    }
    const index = this.#set.askedOfRequest(channel, family);
    return index === null
      ? null
      : this.#byRule(index.find(known), (action) => doneToRequest(action, own), known);
  }

  #attempt(point: Point, tags: readonly MagicTag[], known: Known): Decision[] {
    const decided = this.#byMagic(
      tags.filter(({ action }) => attemptMoment(action) === point),
      point,
      known.facts,
    );
    for (const { family, index } of this.#set.asked('farSide', 'attempt', point)) {
      if (decided.some(({ action }) => familyOf(action.do) === family)) continue;
      const decision = this.#byRule(index.find(known), () => point, known);
      if (decision !== null) decided.push(decision);
    }
    return decided;
  }

  #tagsOf(stage: Stage, { channel, recipient, provider }: Facts): readonly MagicTag[] {
    if (!this.#magic || recipient === undefined) return noTags;
    const tags = magicTagsOf(channel, recipient, provider ?? null);
    return tags.length === 0 ? noTags : tags.filter((tag) => tag.stage === stage);
  }

  #byMagic(tags: readonly MagicTag[], point: Point, facts: Facts): Decision[] {
    const decided: Decision[] = [];
    const taken = new Set<Family>();
    for (const { label, action, stage, times } of tags) {
      const family = familyOf(action.do);
      if (taken.has(family) || (action.do === 'hold' && facts.releasedFrom?.includes(label) === true))
        continue;
      if (!this.#triesLeft(label, times, facts)) continue;
      taken.add(family);
      const decision: Decision = { cause: { ruleId: null, label }, action, point, chance: 0 };
      decided.push(decision);
      this.#note(decision, stage, facts);
    }
    return decided;
  }

  #byRule(candidates: readonly ReadyRule[], point: (action: Action) => Point, known: Known): Decision | null {
    const nowMs = this.#ports.virtualMs();
    for (const ready of candidates) {
      const { rule } = ready;
      const standing = this.#standing.get(rule.id);
      if (standing === undefined) continue;
      if (!isActionOf(rule.then.do, rule.stage, known.facts.channel)) continue;
      if (known.facts.door === 'api' && needsConnection(rule)) continue;
      const moment = { nowMs, sinceMs: standing.sinceMs };
      if (!ready.conditions.every((one) => one.met(known, moment))) continue;
      if (!this.#mayAct(rule, known.facts, standing.sinceMs, nowMs)) continue;
      const chance = standing.counts.chance(this.#seed, delayDraw);
      if (!standing.counts.met({ rateMs: this.#rateMs(rule.stage), seed: this.#seed })) {
        this.#ports.counted?.(rule.id);
        continue;
      }
      if ((rule.then.do === 'defer' || rule.then.do === 'answer') && rule.then.times !== undefined)
        this.#countTry(String(standing.number), known.facts.tryKey);
      const decision: Decision = {
        cause: { ruleId: rule.id, label: rule.name === '' ? rule.id : rule.name },
        action: rule.then,
        point: point(rule.then),
        chance,
      };
      standing.counts.hit(nowMs);
      this.#note(decision, rule.stage, known.facts);
      return decision;
    }
    return null;
  }

  /** What the action itself says about when it ends. */
  #mayAct({ id, then: action }: Rule, facts: Facts, sinceMs: number, nowMs: number): boolean {
    return this.actionFault(id, action, facts, sinceMs, nowMs) === null;
  }

  /** Why the action is over, or not for this one, or null when it is not. */
  actionFault(id: string, action: Action, facts: Facts, sinceMs: number, nowMs: number): string | null {
    if (action.do === 'hold')
      return facts.releasedFrom?.includes(id) === true ? 'it was released from this hold already' : null;
    if (action.do !== 'defer' && action.do !== 'answer') return null;
    if (action.do === 'defer') {
      if (action.until !== undefined && nowMs >= Date.parse(action.until))
        return `it is past ${action.until}`;
      if (action.forMs !== undefined && nowMs >= sinceMs + action.forMs)
        return `its ${action.forMs} ms are over`;
    }
    if (action.times === undefined) return null;
    const tries = this.#triesOf(String(this.#standing.get(id)?.number), facts.tryKey);
    if (tries < action.times) return null;
    return `it was ${action.do === 'defer' ? 'deferred' : 'answered so'} ${tries} times already`;
  }

  #triesLeft(label: string, times: number | null, facts: Facts): boolean {
    if (times === null) return true;
    if (facts.triesBefore !== undefined) return facts.triesBefore < times;
    if (this.#triesOf(label, facts.tryKey) >= times) return false;
    this.#countTry(label, facts.tryKey);
    return true;
  }

  #triesOf(cause: string, tryKey = ''): number {
    return this.#tries.get(tryKey)?.get(cause) ?? 0;
  }

  #countTry(cause: string, tryKey = ''): void {
    const tries = this.#tries.get(tryKey) ?? new RecentMap<number>(causesMax);
    tries.set(cause, (tries.get(cause) ?? 0) + 1);
    this.#tries.set(tryKey, tries);
  }

  rateMsOf(stage: Stage): number {
    return this.#rateMs(stage);
  }

  #rateMs(stage: Stage): number {
    return stage === 'door' ? this.#ports.monotonicMs() : this.#ports.virtualMs();
  }

  #sinceOf(id: string): number {
    return this.#standing.get(id)?.sinceMs ?? 0;
  }

  #note({ cause, action, point }: Decision, stage: Stage, facts: Facts): void {
    this.#ports.hit({
      cause: causeKey(cause),
      ruleId: cause.ruleId,
      label: cause.label,
      stage,
      point,
      action: action.do,
      wallMs: this.#ports.wallMs(),
      virtualMs: this.#ports.virtualMs(),
      recipient: facts.recipient ?? null,
      sender: facts.sender ?? null,
      messageId: facts.messageId ?? null,
      deliveryId: facts.deliveryId ?? null,
      exchangeId: facts.exchangeId ?? null,
    });
  }
}

const delayDraw = 2;
/** What the send API, which knows no connection, cannot do. */
const smtpOnly: ReadonlySet<Family> = new Set<Family>(['slow', 'breakTls', 'refuseAuth']);
/** What can be done to a push or an SMS after the yes: to the device first, then to what was sent, then to what is said of it. */
const afterRequest = [
  'uninstall',
  'offline',
  'delay',
  'blackHole',
  'duplicate',
  'report',
  'reports',
] as const satisfies readonly Family[];
/** What is done to a request of the in-app door, in this order: what ends it first, but for what holds its answer up. */
const inAppFamilies = [
  'offline',
  'slow',
  'answer',
  'hold',
  'delay',
  'blackHole',
  'duplicate',
  'expire',
  'stale',
  'shuffle',
] as const satisfies readonly Family[];
/** Moments at which messages are handed out, many at a time. */
const handsOut: ReadonlySet<InAppMoment> = new Set<InAppMoment>(['pull', 'display', 'realtime']);
const nothing: readonly Decision[] = [];
const noTags: readonly MagicTag[] = [];
const rcpt = points.indexOf('rcpt');
const ehlo = points.indexOf('ehlo');
/** Of an attempt: what can be said or done before the yes. */
const wirePoints = points.slice(points.indexOf('connect'), points.indexOf('accepted'));

/** A magic address is known at RCPT: what comes before it is done there, where somebody else brings the message. */
function momentOf({ action, stage }: MagicTag): Point {
  if (action.do === 'hold') return 'accepted';
  return stage === 'door' ? 'rcpt' : later(attemptMoment(action), 'rcpt');
}

function attemptMoment(action: Action): Point {
  switch (action.do) {
    case 'reject':
    case 'defer':
      return action.at ?? 'rcpt';
    case 'disconnect':
      return action.at;
    case 'hold':
      return 'queue';
    default:
      return 'accepted';
  }
}

function needsConnection({ then: action }: Rule): boolean {
  return action.do === 'disconnect' || action.do === 'refuseConnection';
}

function answersLast({ action }: Decision): number {
  return familyOf(action.do) === 'answer' ? 1 : 0;
}

function isHold(decision: Decision): decision is DecisionOf<'hold'> {
  return decision.action.do === 'hold';
}

function isSaid(decision: Decision): decision is DecisionOf<AnswerKind> {
  return decision.action.do !== 'refuseConnection';
}

function isAnswer(decision: Decision): decision is DecisionOf<AnswerKind> {
  return familyOf(decision.action.do) === 'answer';
}
