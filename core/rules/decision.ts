/**
 * What the rules are told and what they answer. The desk is the one place that the doors, the delivery core and the
 * far side ask; what is decided is carried out by whoever asked.
 */
import type { Channel } from '../model/message.ts';
import type { Question } from './questions.ts';
import type { Action, ActionKind, InAppMoment, Point, Stage } from './schema.ts';

/** What is known of a message, or of a connection, at the moment of asking. What is not known yet is left out. */
export interface Facts {
  readonly channel: Channel;
  /** What the in-app door is asked for; else it is left out. */
  readonly moment?: InAppMoment;
  /** Key of the door, of a provider's request that of its route (`apns`); `queue` for the delivery core's own attempts. */
  readonly door: string;
  /** Whose mailbox it is for, whose push service, or which SMS provider. */
  readonly provider?: string | null;
  /** Of the envelope, as it came; of a push the app: bundle id, project, package or origin; of an SMS its sender; at the in-app door the key. */
  readonly sender?: string;
  /** Of a push the token, the id of the subscription, or `/topics/…`; of an SMS the number in E.164; in-app the user's id. */
  readonly recipient?: string;
  /** The header block as latin1, see model/header-block; of a push or an SMS see request-facts.ts. */
  readonly headers?: string;
  /** Of the whole message. */
  readonly bytes?: number;
  readonly tags?: readonly string[];
  readonly content?: ContentFacts;
  /**
   * Tells tries of the same message to the same recipient apart from others, for `defer … times`: the delivery's id,
   * or at a door what the client says of it.
   */
  readonly tryKey?: string;
  /** Tries that were made before, where that is known (a delivery's attempts). */
  readonly triesBefore?: number;
  /** What a door decided for the far side to do, see `MessageDetails.ordered`: done before what the far side's rules say. */
  readonly ordered?: readonly Decision[];
  /** Keys of the causes (see `causeKey`) that held it, and from which somebody released it: none of them holds it again. */
  readonly releasedFrom?: readonly string[];
  /** What a hit is to lead to. */
  readonly messageId?: string | null;
  readonly deliveryId?: string | null;
  readonly exchangeId?: string | null;
}

/** What a look into the body found; only made when a rule asks for it. */
export interface ContentFacts {
  /** The beginning of the words of the text and HTML parts. */
  readonly text: string;
  /** What was asked of all of it, by `questionKey`; what is not among them was not asked for then. Left out: nothing was. */
  readonly answers?: ReadonlyMap<string, boolean>;
  readonly attachments: readonly AttachmentFacts[];
}

export interface AttachmentFacts {
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
}

/** Why something is done on purpose: a rule, or a magic address, token or number. */
export interface Cause {
  /** Id of the rule, or null for what is magic. */
  readonly ruleId: string | null;
  /** Name of the rule, or the tag of the magic address, as it is shown; of a number its end, as in `…726301`. */
  readonly label: string;
  /** As it is said, where it is neither a rule nor magic; `ruleId` is what it is remembered by then. */
  readonly said?: string;
}

/** What a cause is remembered by: the rule's id, or the tag with its plus. */
export function causeKey({ ruleId, label }: Cause): string {
  return ruleId ?? label;
}

/** As it is said to users: by the rule “…”, by the magic address +…, by the magic number …726301, by the magic token … */
export function byCause({ ruleId, label, said }: Cause): string {
  if (said !== undefined) return said;
  if (ruleId !== null) return `by the rule “${label === '' ? ruleId : label}”`;
  if (label.startsWith('…+')) return `by the magic user ${label}`;
  if (label.startsWith('…')) return `by the magic number ${label}`;
  return `by the magic ${label.startsWith('+') ? 'address' : 'token'} ${label}`;
}

export interface Decision<A extends Action = Action> {
  readonly cause: Cause;
  readonly action: A;
  /** Point at which it was decided; for `reject` and the like, where it is said. */
  readonly point: Point;
  /** For a delay or anything else drawn from a range: 0 ≤ chance < 1. */
  readonly chance: number;
}

export type DecisionOf<K extends ActionKind> = Decision<Extract<Action, { do: K }>>;

/** What may be said or done in place of a yes: to mail the first three; to a push all but `reject` and `defer`; to an SMS all but these and `goAway`. */
export type AnswerKind = 'reject' | 'defer' | 'disconnect' | 'refuseConnection' | 'answer' | 'goAway';

/** What the far side is to do to one delivery of our own, or to a push that a stranger brings. */
export interface FarSideOrders {
  /**
   * Of our own: hold it in the queue, no attempt is made. A stranger's push is accepted all the same, with the provider's
   * yes; the same decision stands in `after` too, and keeps it at the provider until somebody releases the delivery.
   */
  readonly hold: DecisionOf<'hold'> | null;
  /** Of mail the connection as a whole: refuseConnection, breakTls, slow, and what is said or done at connect and EHLO. Of a push or an SMS: slow. */
  readonly connection: readonly Decision[];
  /**
   * Of mail what is said at MAIL … end of DATA. Of a push or an SMS whatever takes the place of the yes, a cut connection included;
   * with `goAway … answered` and `disconnect … keep` it is accepted all the same, and `after` holds.
   */
  readonly answer: DecisionOf<AnswerKind> | null;
  /**
   * After its yes, each kind once: blackHole, duplicate, bounceLater, complain, place, autoReply, corrupt, delay; of a push
   * hold, offline, uninstall, delay, blackHole, duplicate; of an SMS hold, offline, delay, blackHole, duplicate, report, reports.
   */
  readonly after: readonly Decision[];
}

export const noOrders: FarSideOrders = { hold: null, connection: [], answer: null, after: [] };

export interface RuleDesk {
  /**
   * What is to be done at this moment; the first rule of each kind that can be told apart wins (see `families`). Counts,
   * and notes what hits. Magic addresses are among the answers.
   */
  decide(stage: Stage, point: Point, facts: Facts): readonly Decision[];
  /** The same for all points of a delivery of our own at once, in their order; stops at what ends the attempt. */
  orders(facts: Facts): FarSideOrders;
  /**
   * What is to be done at a moment of the in-app door (`Facts.moment`), each kind once; what ends the request is the last.
   * Counts, and notes what hits.
   * @param about `message`: what is asked of a message among those handed out, by rules that look at its words or tags alone
   */
  atInApp?(facts: Facts, about: 'request' | 'message'): readonly Decision[];
  /** Cheap: whether anything at all may be done to what that user's client asks for. */
  asksInApp?(user: string): boolean;
  /** Whether a rule looks at the words or tags of what the in-app door hands out. */
  asksInAppMessages?(): boolean;
  /**
   * Two recipients with the same key end alike at the end of DATA, whatever the message says. Where keys differ, SMTP's
   * one answer cannot serve both.
   */
  endKey(stage: Stage, facts: Facts): string;
  /** What the rules of a stage may ask for, for these facts as far as they are known: what need not be read is not read. */
  needs(stage: Stage, facts: Facts): { readonly headers: boolean; readonly content: boolean };
  /**
   * Whether any rule that is decided once the whole message is there may be met by whom it is from and to, and by its
   * subject: where none is, nothing else of the message need be looked at.
   */
  concerns?(stage: Stage, facts: Facts): boolean;
  /** Cheap: whether there is anything at all to ask at this point. */
  asks(stage: Stage, point: Point): boolean;
  /**
   * A message was taken: what it was put off for is forgotten, so that the next like it is put off again.
   * @param tryKeys those that it was asked about by, see `Facts.tryKey`
   */
  taken?(tryKeys: Iterable<string>): void;
  /** Changes with the set: what was read of a message for one set may lack what another asks for. */
  edition?(): number;
  /** What is to be answered of a message's words before it is asked about, see `ContentFacts.answers`. */
  questions?(stage: Stage, channel: Channel): readonly Question[];
}

/** Where a message goes through the rules of a door with no session: decided for each recipient by itself. */
export interface Ordered {
  /** Recipient of the envelope, as it came, or null for all of them. */
  readonly recipient: string | null;
  readonly decisions: readonly Decision[];
}
