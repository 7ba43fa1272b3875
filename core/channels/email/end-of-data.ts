/**
 * What the rules of a door say once the whole message is there: refuse it, answer late, cut the connection before the
 * yes, or take it with orders for each recipient.
 */
import { domainOf } from '../../delivery/plan.ts';
import { type Reply, replies } from '../../doors/smtp/reply.ts';
import type { ReceivedMessage } from '../../doors/smtp/server.ts';
import { messageOf } from '../../model/app-error.ts';
import { headerBlock, headerValue } from '../../model/header-block.ts';
import { tagsOf } from '../../model/message-tags.ts';
import { byCause, type ContentFacts, type Decision, type Facts } from '../../rules/decision.ts';
import { type DoorTroublePorts, wordsOf } from './door-trouble.ts';
import { delayAmong, isOf, spokenReply } from './purpose.ts';

/** A message that is not stored yet: chunks on disk, then what follows them. */
export interface UnstoredMessage {
  readonly spooled: readonly number[];
  readonly tail: Uint8Array;
}

export interface EndOfDataPorts extends DoorTroublePorts {
  /** Looks into the body; only asked when a rule wants it. May fail, or take too long. */
  readonly contentOf: (message: UnstoredMessage) => Promise<ContentFacts>;
  readonly onProblem: (text: string) => void;
}

/** Decisions for each recipient of the envelope, where there are any. */
export type OrdersByRecipient = ReadonlyMap<string, readonly Decision[]>;

export type EndOfData =
  | {
      readonly kind: 'taken';
      readonly id: string;
      readonly orders: OrdersByRecipient;
      readonly tryKey: string;
    }
  /** Nothing is kept. */
  | { readonly kind: 'refused'; readonly reply: Reply };

/** @returns null when no rule has a say, at no more cost than that question */
export function endOfData(
  received: ReceivedMessage,
  ports: EndOfDataPorts,
  newId: () => string,
): Promise<EndOfData> | null {
  const { desk } = ports;
  if (!(desk.asks('door', 'endOfData') || desk.asks('door', 'accepted'))) return null;
  const block = headerBlock(received.content.head);
  return isConcerned(received, block, desk) ? judge(received, block, ports, newId) : null;
}

/** Of ten thousand rules most messages meet none: that is found out before anything else is made ready. */
function isConcerned(
  { envelope, door }: ReceivedMessage,
  headers: string,
  desk: EndOfDataPorts['desk'],
): boolean {
  if (desk.concerns === undefined) return true;
  const { from: sender, to } = envelope;
  return to.some((recipient) =>
    desk.concerns?.('door', { channel: 'email', door, sender, recipient, headers }),
  );
}

async function judge(
  received: ReceivedMessage,
  block: string,
  ports: EndOfDataPorts,
  newId: () => string,
): Promise<EndOfData> {
  const { desk } = ports;
  const { session } = received;
  const facts = await factsOf(received, block, ports);
  // Reading may have taken long; whoever is not there any more is told nothing, and nothing may be kept.
  if (session.closed) return { kind: 'refused', reply: replies.storageFailed };
  if (desk.asks('door', 'endOfData')) {
    const decisions = desk.decide('door', 'endOfData', facts);
    const slow = decisions.find((one) => isOf(one, 'slow'));
    if (slow !== undefined) session.connection.slow(slow.action.bytesPerSecond);
    const delay = delayAmong(decisions);
    if (delay !== null) {
      session.note(`the answer comes ${delay.lateMs} ms late, ${delay.why}`);
      // Before the commit, not behind it: whoever gives up waiting was told nothing, and nothing may be kept.
      if (!(await session.wait(delay.lateMs, delay.why)))
        return { kind: 'refused', reply: replies.storageFailed };
    }
    const refusal = refusalAmong(decisions, received, facts);
    if (refusal !== null) return { kind: 'refused', reply: refusal };
  }
  const id = newId();
  return {
    kind: 'taken',
    id,
    tryKey: facts.tryKey,
    orders: acceptedOrders(received.envelope.to, { ...facts, messageId: id }, ports),
  };
}

function refusalAmong(decisions: readonly Decision[], received: ReceivedMessage, facts: Facts): Reply | null {
  for (const one of decisions) {
    if (isOf(one, 'reject', 'defer')) return spokenReply(one, wordsOf(received.session, facts));
    if (isOf(one, 'disconnect')) return { ...replies.hangUp, why: byCause(one.cause) };
  }
  return null;
}

/** What is to become of the message for each recipient; asked once for each address. */
export function acceptedOrders(
  recipients: readonly string[],
  facts: Facts,
  { desk, providerOf }: DoorTroublePorts,
): OrdersByRecipient {
  const orders = new Map<string, readonly Decision[]>();
  if (!desk.asks('door', 'accepted')) return orders;
  for (const recipient of new Set(recipients)) {
    const provider = providerOf(domainOf(recipient));
    const decisions = desk.decide('door', 'accepted', { ...facts, recipient, provider });
    if (decisions.length > 0) orders.set(recipient, decisions);
  }
  return orders;
}

async function factsOf(
  received: ReceivedMessage,
  block: string,
  ports: EndOfDataPorts,
): Promise<Facts & { readonly tryKey: string }> {
  const { envelope, content, door, exchange } = received;
  const [first] = envelope.to;
  const tryKey = tryKeyOf(envelope.from, envelope.to, block);
  const facts: Facts = {
    channel: 'email',
    door,
    sender: envelope.from,
    ...(first === undefined ? {} : { recipient: first, provider: ports.providerOf(domainOf(first)) }),
    bytes: content.bytes,
    tags: tagsOf(block),
    exchangeId: exchange.id,
    tryKey,
  };
  return { ...(await withWhatIsAsked(facts, block, content, ports)), tryKey };
}

/**
 * What tells the tries of a message apart at a door, at each moment that names more than the client.
 *
 * @param atTheEnd the key at the end of DATA; null: nothing was asked there
 */
export function* tryKeysOf(
  sender: string,
  recipients: readonly string[],
  atTheEnd: string | null,
): Iterable<string> {
  for (const recipient of recipients) yield [sender, recipient].join('\0');
  yield [sender, ...recipients].join('\0');
  if (atTheEnd !== null) yield atTheEnd;
}

/** A client that tries again says the same of the message. */
export function tryKeyOf(sender: string, recipients: readonly string[], block: string): string {
  return [sender, ...recipients, headerValue(block, 'message-id') ?? ''].join('\0');
}

/** Headers and content, where a rule asks for them: what need not be read is not read. */
export async function withWhatIsAsked(
  facts: Facts,
  block: string,
  message: UnstoredMessage,
  { desk, contentOf, onProblem }: Omit<EndOfDataPorts, 'providerOf'>,
): Promise<Facts> {
  // Asked for all recipients: what a rule wants to know of the second must be read too.
  const { recipient: _recipient, provider: _provider, ...whoever } = facts;
  const needs = desk.needs('door', whoever);
  const known = needs.headers ? { ...facts, headers: block } : facts;
  if (!needs.content) return known;
  try {
    return { ...known, content: await contentOf({ spooled: message.spooled, tail: message.tail }) };
  } catch (error) {
    onProblem(
      `the body of a message could not be read for the rules that ask for it, so they are taken as not met: ${messageOf(error)}`,
    );
    return known;
  }
}
