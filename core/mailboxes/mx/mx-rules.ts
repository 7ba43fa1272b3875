/**
 * What goes wrong at an MX on purpose. Of a delivery of our own everything was decided before its attempt, and the orders
 * came with its connection; about a stranger the rules are asked as he goes on, at each moment with what is known by then.
 */
import type { CarriedOut, TransactionOrders } from '../../delivery/network.ts';
import { replyTo } from '../../delivery/spoken-reply.ts';
import { type Reply, replies, reply } from '../../doors/smtp/reply.ts';
import type { SmtpSession } from '../../doors/smtp/session.ts';
import { noTrouble, type Trouble, type Troublemaker, type TroublePoint } from '../../doors/smtp/trouble.ts';
import { headerBlock } from '../../model/header-block.ts';
import { type ProviderHosts, providerOf } from '../../model/mail-provider.ts';
import {
  byCause,
  type ContentFacts,
  type Decision,
  type DecisionOf,
  type Facts,
  type RuleDesk,
} from '../../rules/decision.ts';
import type { WordFacts } from '../../rules/reply-text.ts';
import type { ActionKind } from '../../rules/schema.ts';
import { domainOf } from '../address.ts';
import { profileOf } from '../profiles/profile-of.ts';
import type { AcceptedRecipient, MxGate } from './gate.ts';
import { troubleOf } from './trouble-of.ts';

/** What becomes of a message for one recipient after the yes. */
export interface AfterOrders {
  readonly hold: DecisionOf<'hold'> | null;
  readonly after: readonly Decision[];
}

export const nothingAfter: AfterOrders = { hold: null, after: [] };

/** What is said to the dot, and what is done to the message where it is taken. */
export interface EndOrders {
  readonly answer: Reply | null;
  /** It is taken all the same: the connection goes, and the sender cannot know. */
  readonly keeps: boolean;
  of(recipient: string): AfterOrders;
  carriedOut(recipient: string | null, decision: Decision): void;
}

export interface RuleQuestions {
  readonly desk: RuleDesk;
  readonly gate: MxGate;
  ownDomain(domain: string): boolean;
  contentOf(bytes: Uint8Array): Promise<ContentFacts | null>;
}

export const endNothing: EndOrders = {
  answer: null,
  keeps: false,
  of: () => nothingAfter,
  carriedOut: () => undefined,
};

/** Orders of our own deliveries, at the inner door. */
export class OrderedTrouble implements Troublemaker {
  readonly #gate: MxGate;

  constructor(gate: MxGate) {
    this.#gate = gate;
  }

  asks(): boolean {
    return true;
  }

  at(point: TroublePoint, session: SmtpSession, recipient: string | null): Trouble | null {
    const { connection } = this.#gate.of(session);
    if (connection === null) return null;
    const early = point === 'connect' || point === 'ehlo' || point === 'tls';
    const orders = early ? connection.orders : connection.transaction?.orders;
    if (orders === undefined) return null;
    const decisions = 'decisions' in orders ? orders.decisions : answersIn(orders.of, recipient);
    const due = decisions.filter((one) => one.point === point);
    const found = troubleOf(point, due, () => wordsAt(this.#gate, session, recipient));
    for (const one of found?.done ?? []) orders.carriedOut(carriedOut(recipient, one));
    return found?.trouble ?? null;
  }
}

/** What a stranger meets, at the public door. */
export class StrangersTrouble implements Troublemaker {
  readonly #questions: RuleQuestions;
  readonly #greeted = new WeakSet<SmtpSession>();

  constructor(questions: RuleQuestions) {
    this.#questions = questions;
  }

  asks(point: TroublePoint): boolean {
    const { desk } = this.#questions;
    return desk.asks('farSide', point) || (point === 'rcpt' && this.#endsDiffer());
  }

  at(point: TroublePoint, session: SmtpSession, recipient: string | null): Trouble | null {
    const { desk, gate } = this.#questions;
    // With XCLIENT a session begins anew, and its connection does not.
    if (point === 'connect' && this.#greeted.has(session)) return null;
    this.#greeted.add(session);
    const facts = recipient === null ? this.#factsAt(point, session) : this.#factsFor(session, recipient);
    const apart = recipient === null ? null : this.#apart(session, facts);
    if (apart !== null || !desk.asks('farSide', point)) return apart;
    const decisions = desk.decide('farSide', point, facts);
    const found = troubleOf(point, decisions, () => wordsAt(gate, session, facts.recipient ?? null));
    return found === null ? null : { ...found.trouble, notes: found.done.map((one) => noteOf(one, point)) };
  }

  /** SMTP has one answer to the dot: who ends otherwise is to come in a transaction of his own (RFC 5321 §4.5.3.1.10). */
  #apart(session: SmtpSession, facts: Facts): Trouble | null {
    const { desk, gate } = this.#questions;
    const [first] = gate.of(session).recipients;
    if (first === undefined || first.address === facts.recipient || !this.#endsDiffer()) return null;
    const before = desk.endKey('farSide', this.#factsFor(session, first.address));
    if (desk.endKey('farSide', facts) === before) return null;
    return {
      ...noTrouble,
      why: 'because rules end it otherwise than those before it',
      answer: endsOtherwise,
    };
  }

  #endsDiffer(): boolean {
    const { desk } = this.#questions;
    return (
      desk.asks('farSide', 'data') || desk.asks('farSide', 'midData') || desk.asks('farSide', 'endOfData')
    );
  }

  #factsAt(point: TroublePoint, session: SmtpSession): Facts {
    const { sender } = session;
    const ip = this.#questions.gate.ipOf(session);
    // Behind RCPT all end alike: the first stands for them.
    const [first] =
      point === 'data' || point === 'midData' ? this.#questions.gate.of(session).recipients : [];
    if (first !== undefined) return this.#factsFor(session, first.address);
    return {
      channel: 'email',
      door: 'mx',
      tryKey: ip,
      exchangeId: session.connection.exchangeId,
      ...(sender === null ? {} : { sender }),
    };
  }

  #factsFor(session: SmtpSession, recipient: string): Facts {
    const { gate, ownDomain } = this.#questions;
    const provider = providerOf(domainOf(recipient), ownDomain);
    const sender = session.sender ?? gate.of(session).from;
    return {
      ...strangersFacts(gate.ipOf(session), sender, recipient, provider),
      exchangeId: session.connection.exchangeId,
    };
  }
}

/** Facts about one recipient. */
type RecipientFacts = Facts & { readonly recipient: string };

/** A stranger's message was taken: the next like it is put off again. */
export function strangersTaken(
  { desk, gate }: RuleQuestions,
  session: SmtpSession,
  about: { readonly from: string; readonly recipients: readonly AcceptedRecipient[] },
): void {
  const ip = gate.ipOf(session);
  desk.taken?.(about.recipients.map(({ address }) => strangersTry(ip, about.from, address)));
}

function strangersTry(ip: string, sender: string, recipient: string): string {
  return `${ip}\0${sender}\0${recipient}`;
}

function strangersFacts(
  ip: string,
  sender: string,
  recipient: string,
  provider: ProviderHosts,
): RecipientFacts {
  return {
    channel: 'email',
    door: 'mx',
    provider: provider.key,
    sender,
    recipient,
    tryKey: strangersTry(ip, sender, recipient),
  };
}

/** Of a transaction of our own: what was ordered for it. */
export function orderedEnd(gate: MxGate, session: SmtpSession): EndOrders {
  const orders = gate.of(session).connection?.transaction?.orders;
  if (orders === undefined) return endNothing;
  const answer = answersIn(orders.of, null).find(({ point }) => point === 'endOfData');
  if (answer !== undefined) orders.carriedOut(carriedOut(null, answer));
  // One reply for all of them: where the words name a recipient, the first whom it is about.
  const named = [...orders.of].find(([, one]) => one.answer === answer)?.[0] ?? null;
  return {
    ...answered(gate, session, answer, named),
    of: (recipient) => ({ hold: null, after: orders.of.get(recipient)?.after ?? [] }),
    carriedOut: (recipient, decision) => orders.carriedOut(carriedOut(recipient, decision)),
  };
}

/** Of what a stranger brought: the rules are asked now that all of it is known. */
export async function strangersEnd(
  { desk, gate, contentOf }: RuleQuestions,
  session: SmtpSession,
  about: {
    readonly from: string;
    readonly recipients: readonly AcceptedRecipient[];
    readonly raw: Uint8Array;
    readonly messageId: string;
    readonly exchangeId: string;
  },
): Promise<EndOrders> {
  if (!desk.asks('farSide', 'endOfData') && !desk.asks('farSide', 'accepted')) return endNothing;
  const ip = gate.ipOf(session);
  const bare = about.recipients.map(
    ({ address, provider }): RecipientFacts => ({
      ...strangersFacts(ip, about.from, address, provider),
      bytes: about.raw.length,
      tags: [],
      messageId: about.messageId,
      exchangeId: about.exchangeId,
    }),
  );
  const needs = bare.map((facts) => desk.needs('farSide', facts));
  const headers = needs.some((one) => one.headers) ? headerBlock(about.raw) : null;
  const content = needs.some((one) => one.content) ? await contentOf(about.raw) : null;
  const known = bare.map(
    (facts): RecipientFacts => ({
      ...facts,
      ...(headers === null ? {} : { headers }),
      ...(content === null ? {} : { content }),
    }),
  );
  // One answer for all: they were told apart at RCPT, and the first stands for them.
  const [first] = known;
  const answer = first === undefined ? undefined : desk.decide('farSide', 'endOfData', first).find(speaks);
  if (first !== undefined && answer !== undefined) {
    session.note(noteOf(answer, 'endOfData'));
    const end = answered(gate, session, answer, first.recipient);
    if (!end.keeps) return { ...endNothing, ...end };
    return { ...accepted(desk, session, known), ...end };
  }
  return accepted(desk, session, known);
}

function accepted(desk: RuleDesk, session: SmtpSession, known: readonly RecipientFacts[]): EndOrders {
  const of = new Map(
    known.map((facts) => {
      const decisions = desk.decide('farSide', 'accepted', facts);
      const orders: AfterOrders = {
        hold: decisions.find(isHold) ?? null,
        after: decisions.filter((one) => !isHold(one)),
      };
      return [facts.recipient, orders];
    }),
  );
  return {
    ...endNothing,
    of: (recipient) => of.get(recipient) ?? nothingAfter,
    carriedOut: (_, decision) => session.note(noteOf(decision, 'accepted')),
  };
}

/** What RCPT says is about the one it names; all other answers of a transaction are shared by its recipients. */
function answersIn(of: TransactionOrders['of'], recipient: string | null): readonly Decision[] {
  const orders = recipient === null ? [...of.values()] : [of.get(recipient)];
  return orders.flatMap((one) => one?.answer ?? []);
}

function answered(
  gate: MxGate,
  session: SmtpSession,
  decision: Decision | undefined,
  recipient: string | null,
): Pick<EndOrders, 'answer' | 'keeps'> {
  const action = decision?.action;
  if (decision === undefined || action === undefined) return { answer: null, keeps: false };
  const why = byCause(decision.cause);
  switch (action.do) {
    case 'reject':
    case 'defer':
      return { answer: { ...replyTo(action, wordsAt(gate, session, recipient)), why }, keeps: false };
    case 'refuseConnection':
      return {
        answer:
          action.how === 'reply'
            ? { ...replyTo(action, wordsAt(gate, session, recipient), true), why }
            : { ...replies.hangUp, why },
        keeps: false,
      };
    case 'disconnect':
      return {
        answer: { ...replies.hangUp, why },
        keeps: action.at === 'endOfData' && action.keep === true,
      };
    default:
      return { answer: null, keeps: false };
  }
}

const speaking: ReadonlySet<ActionKind> = new Set<ActionKind>([
  'reject',
  'defer',
  'disconnect',
  'refuseConnection',
]);

function speaks({ action }: Decision): boolean {
  return speaking.has(action.do);
}

function isHold(decision: Decision): decision is DecisionOf<'hold'> {
  return decision.action.do === 'hold';
}

function wordsAt(gate: MxGate, session: SmtpSession, recipient: string | null): WordFacts {
  const { from, provider } = gate.of(session);
  return {
    sender: session.sender ?? from,
    ip: gate.ipOf(session),
    host: gate.hostName(session),
    id: gate.replyId(),
    ...(recipient === null ? {} : { recipient }),
    ...(provider === null ? {} : { bytesMax: profileOf[provider.key].messageBytesMax }),
  };
}

function carriedOut(recipient: string | null, { cause, action, point }: Decision): CarriedOut {
  return { recipient, cause, action: action.do, point };
}

function noteOf({ cause, action }: Decision, point: string): string {
  return `${byCause(cause)}: ${action.do} at ${point}`;
}

const endsOtherwise = reply(
  452,
  '4.5.3',
  'Too many recipients: this one ends otherwise than those before it; send it in a transaction of its own',
);
