/**
 * The end of DATA: a message is examined, judged by the provider of each recipient, kept, and only then answered with
 * 250. Whoever refuses it refuses it for all of the transaction: an SMTP client has one answer to go by.
 */

import type { Parameters } from '../../doors/smtp/command.ts';
import { isRefusal, type Reply, replies, unstoredReply } from '../../doors/smtp/reply.ts';
import type { ReceivedMessage } from '../../doors/smtp/server.ts';
import { messageOf } from '../../model/app-error.ts';
import type { Authentication } from '../../model/authentication.ts';
import type { Placement } from '../../model/delivery.ts';
import type { ProviderHosts } from '../../model/mail-provider.ts';
import type { NewCopy } from '../../model/mailbox-copy.ts';
import { byCause, causeKey } from '../../rules/decision.ts';
import { dsnWishes } from '../acts/dsn-wishes.ts';
import { type PlannedAct, planActs } from '../acts/plan-acts.ts';
import { mailboxOf } from '../address.ts';
import type { ArrivalLimits } from '../arrival-limits.ts';
import type { AuthThread } from '../authentication/auth-thread.ts';
import type { Reading } from '../authentication/auth-worker.ts';
import type { ChunkMemory } from '../chunk-memory.ts';
import { type Judgement, judgeMessage } from '../judge-message.ts';
import { takenFor } from '../message-facts.ts';
import type { MailboxPorts, StrangersMessage } from '../ports.ts';
import type { ReplyFacts } from '../profile.ts';
import { profileOf } from '../profiles/profile-of.ts';
import type { ProviderBook } from '../provider-book.ts';
import type { Sender, SenderBook } from '../sender-book.ts';
import { corrupted } from './corrupt.ts';
import type { AcceptedRecipient, MxGate } from './gate.ts';
import {
  type AfterOrders,
  type EndOrders,
  nothingAfter,
  orderedEnd,
  type RuleQuestions,
  strangersEnd,
  strangersTaken,
} from './mx-rules.ts';

export interface MessageTaker {
  readonly gate: MxGate;
  readonly book: ProviderBook;
  readonly senders: SenderBook;
  readonly limits: ArrivalLimits;
  readonly thread: AuthThread;
  readonly memory: ChunkMemory;
  readonly ports: MailboxPorts;
  readonly questions: RuleQuestions;
}

/** Recipients of one provider whom the same bytes reach, with what the provider makes of the message. */
interface Judged {
  readonly provider: ProviderHosts;
  /** As they arrive there. */
  readonly raw: Uint8Array;
  readonly recipients: readonly AcceptedRecipient[];
  readonly reading: Reading;
  readonly sender: Sender;
  readonly judgement: Judgement;
}

export async function takeMessage(taker: MessageTaker, received: ReceivedMessage): Promise<Reply> {
  const { gate, memory, ports } = taker;
  const mx = gate.of(received.session);
  // The session goes on to the next transaction only after the answer, but who it was for must not change under us.
  const { from, connection, mailParameters } = mx;
  const recipients = [...mx.recipients];
  const raw = memory.whole(received.content);
  const nowMs = ports.virtual.nowMs();
  // A host of the provider's own offered its limit; the public door learned only from the recipients whose limit it is.
  const tooLarge =
    connection === null
      ? recipients.find(({ provider }) => raw.length > profileOf[provider.key].messageBytesMax)
      : undefined;
  if (tooLarge !== undefined) return gate.refusal('tooLarge', received.session, tooLarge.provider.key, {});
  try {
    const strangersId = connection === null ? ports.newId() : '';
    const end =
      connection === null
        ? await strangersEnd(taker.questions, received.session, {
            from,
            recipients,
            raw,
            messageId: strangersId,
            exchangeId: received.exchange.id,
          })
        : orderedEnd(gate, received.session);
    if (connection === null && end.answer !== null && !end.keeps) return end.answer;
    const judged = await Promise.all(
      groupsOf(recipients, raw, end).map((group) => judge(taker, received, from, end, group)),
    );
    const transaction = connection?.transaction ?? null;
    if (transaction !== null) transaction.verdict = judged[0]?.reading.authentication ?? null;
    const refusal = (end.keeps ? null : end.answer) ?? firstRefusal(taker, received, judged);
    if (refusal !== null) return refusal;
    const stored =
      connection === null
        ? await ports.stranger({
            id: strangersId,
            door: 'mx',
            client: { ip: gate.ipOf(received.session), helo: received.session.clientName ?? '' },
            envelopeFrom: from,
            recipients: recipients.map(({ address, provider }) => ({
              address,
              provider: provider.key,
              ...keptBack(end.of(address)),
            })),
            mailParameters,
            bytes: raw,
            exchange: { start: received.exchange, transcript: received.transcript },
          })
        : { messageId: connection.transaction?.messageId ?? '', deliveries: new Map<string, string>() };
    let answer: Reply | null = null;
    for (const group of judged) {
      const taken: Taken = { from, mailParameters, messageId: stored.messageId, nowMs, end };
      const copies = copiesOf(taker, group, { ...taken, deliveries: stored.deliveries });
      const said = await keep(taker, group, copies, taken);
      if (isRefusal(said)) return said;
      answer ??= said;
    }
    if (connection === null) strangersTaken(taker.questions, received.session, { from, recipients });
    const cut = judged.some(
      ({ provider }) => taker.book.provider(provider.key).disconnectAt === 'end_of_data',
    );
    return end.answer ?? (cut ? replies.hangUp : (answer ?? replies.ok));
  } catch (error) {
    ports.onProblem(`a message could not be taken by a mailbox provider: ${messageOf(error)}`);
    return unstoredReply(error);
  }
}

interface Group {
  readonly provider: ProviderHosts;
  readonly raw: Uint8Array;
  readonly recipients: AcceptedRecipient[];
}

/** By provider, and those whose message is damaged on its way apart from the others. */
function groupsOf(
  recipients: readonly AcceptedRecipient[],
  raw: Uint8Array,
  end: EndOrders,
): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const recipient of recipients) {
    const { provider, address } = recipient;
    const damage = end.of(address).after.find(({ action }) => action.do === 'corrupt');
    if (damage !== undefined) end.carriedOut(address, damage);
    const key = `${provider.key} ${damage === undefined ? 'whole' : 'damaged'}`;
    const known = groups.get(key);
    if (known === undefined)
      groups.set(key, {
        provider,
        raw: damage === undefined ? raw : corrupted(raw),
        recipients: [recipient],
      });
    else known.recipients.push(recipient);
  }
  return [...groups.values()];
}

/** What its delivery is told of a message that is taken and gets nowhere, for a while or for good. */
function keptBack({
  hold,
  after,
}: AfterOrders): Pick<StrangersMessage['recipients'][number], 'held' | 'unconfirmed'> {
  const lost = after.find(({ action }) => action.do === 'blackHole');
  if (lost !== undefined) return { unconfirmed: `taken and lost on purpose, ${byCause(lost.cause)}` };
  if (hold === null) return {};
  const why = `held ${byCause(hold.cause)}`;
  const reason = hold.action.reason === undefined ? why : `${why}: ${hold.action.reason}`;
  return { held: { by: { key: causeKey(hold.cause), label: hold.cause.label }, reason } };
}

async function judge(
  taker: MessageTaker,
  received: ReceivedMessage,
  from: string,
  end: EndOrders,
  { provider, raw, recipients }: Group,
): Promise<Judged> {
  const { gate, book, senders, thread, ports } = taker;
  const { session } = received;
  const ip = gate.ipOf(session);
  const helo = session.clientName ?? `[${ip}]`;
  const stream = gate.of(session).connection?.transaction?.stream;
  const examined = await thread.examine(raw, {
    client: { ip, helo, claimedName: claimedName(received, helo), tls: session.tls },
    envelopeFrom: from,
    host: gate.of(session).host?.name ?? provider.mx[0]?.name ?? gate.hostName(session),
  });
  const reading = {
    ...examined,
    facts: takenFor(examined.facts, stream),
  };
  const sender: Sender = { domain: reading.facts.fromDomain, ip, stream: reading.facts.stream };
  const settings = book.provider(provider.key);
  const judgement = judgeMessage(
    profileOf[provider.key],
    settings,
    reading,
    senders.record(provider.key, sender, settings.complaintSampleMin, ports.virtual.nowMs()),
    recipients.map(({ address }) => ({
      mailbox: mailboxOf(address),
      relation: senders.relation(mailboxOf(address), reading.facts.from.address),
      place: book.mailbox(address).place,
      ordered: orderedPlace(end.of(address)),
    })),
  );
  return { provider, raw, recipients, reading, sender, judgement };
}

function orderedPlace({ after }: AfterOrders): { readonly in: Placement; readonly by: string } | null {
  for (const { action, cause } of after)
    if (action.do === 'place') return { in: action.in, by: byCause(cause) };
  return null;
}

/** A stranger who does not say who it is has the name that it gives itself; everyone else's is in the DNS. */
function claimedName({ session }: ReceivedMessage, helo: string): string | null {
  switch (session.peer.by) {
    case 'socket':
      return helo;
    case 'xclient':
      return session.peer.name;
    case 'proxy':
      return null;
  }
}

function firstRefusal(
  taker: MessageTaker,
  received: ReceivedMessage,
  judged: readonly Judged[],
): Reply | null {
  for (const { provider, reading, sender, judgement } of judged) {
    if (judgement.kind === 'taken') continue;
    taker.senders.refused(provider.key, sender, taker.ports.virtual.nowMs());
    return taker.gate.refusal(judgement.refusal, received.session, provider.key, {
      ...inReply(reading.authentication),
      domain: reading.facts.fromDomain,
      why: judgement.why,
    });
  }
  return null;
}

function inReply({ spf, dkim, dmarc }: Authentication): Partial<ReplyFacts> {
  const word = (passed: boolean): string => (passed ? 'Pass' : 'did not pass');
  return {
    spf: word(spf.result === 'pass'),
    dkim: word(dkim.some((one) => one.result === 'pass')),
    dmarc: word(dmarc.result === 'pass'),
  };
}

interface Taken {
  readonly from: string;
  readonly mailParameters: Parameters;
  readonly messageId: string;
  readonly nowMs: number;
  readonly end: EndOrders;
}

function copiesOf(
  { ports }: MessageTaker,
  { provider, raw, recipients, reading, judgement }: Judged,
  taken: Taken & { readonly deliveries: ReadonlyMap<string, string> },
): readonly NewCopy[] {
  if (judgement.kind === 'refused') return [];
  return recipients.flatMap(({ address, deliveryId }, index) => {
    const placed = judgement.placed[index];
    return placed === undefined || isLost(taken.end.of(address))
      ? []
      : [
          {
            id: ports.newId(),
            provider: provider.key,
            mailbox: mailboxOf(address),
            deliveryId: deliveryId ?? taken.deliveries.get(address) ?? null,
            messageId: taken.messageId,
            receivedAtMs: taken.nowMs,
            placement: placed.placement,
            envelopeFrom: taken.from,
            authentication: reading.authentication,
            filter: placed.filter,
            bytes: raw,
            headOnly: false,
          },
        ];
  });
}

function isLost({ after }: AfterOrders): boolean {
  return after.some(({ action }) => action.do === 'blackHole');
}

/** @returns what to say: the provider's yes, or what the app's own server said */
async function keep(
  taker: MessageTaker,
  judged: Judged,
  copies: readonly NewCopy[],
  taken: Taken,
): Promise<Reply> {
  const { book, senders, limits, ports } = taker;
  const { provider, raw, recipients, reading, sender, judgement } = judged;
  if (judgement.kind === 'refused') return replies.storageFailed;
  const settings = book.provider(provider.key);
  const ordersOf = ordersByCopy(judged, copies, taken);
  tellOf(judged, taken);
  const plan = planActs(copies, {
    reading,
    settings,
    mailboxSettings: (address) => book.mailbox(address),
    dsnWishes: (copy) => dsnWishes(taken.mailParameters, ordersOf(copy).parameters),
    ordered: (copy) => ordersOf(copy).orders,
    nowMs: taken.nowMs,
    random: ports.random,
  });
  // A copy whose placement is put off is kept by its act alone; the rest is in its mailbox now.
  const now = copies.filter(({ id }) => !plan.putOff.has(id));
  const more = duplicates(taker, copies, ordersOf);
  const kept = [...now, ...more.filter(({ of }) => !plan.putOff.has(of.id)).map(({ copy }) => copy)];
  const acts = plan.acts.flatMap((act) => [act, ...(act.kind === 'place' ? placedToo(act, more) : [])]);
  if (provider.key === 'own') {
    const reached = recipients.filter(({ address }) => !isLost(taken.end.of(address)));
    if (reached.length === 0) return replies.ok;
    const mailboxOfCopy = new Map<unknown, string>(
      [...copies, ...more.map(({ copy }) => copy)].map(({ id, mailbox }) => [id, mailbox]),
    );
    return ports.inbound({
      envelopeFrom: taken.from,
      recipients: reached.map(({ address }, index) => ({
        address,
        deliveryId: copies[index]?.deliveryId ?? null,
      })),
      messageId: taken.messageId === '' ? null : taken.messageId,
      bytes: raw,
      authentication: reading.authentication,
      copies: kept,
      acts: acts.map((act) => ({ mailbox: mailboxOfCopy.get(act.data.copyId) ?? '', act })),
    });
  }
  await ports.accepted(kept, acts);
  const { authentication, facts } = reading;
  limits.count(settings.rateLimit, `${provider.key}|${sender.ip}`, taken.nowMs);
  senders.arrived(
    provider.key,
    sender,
    {
      recipients: copies.length,
      spam: copies.filter(({ placement }) => placement === 'spam').length,
      lacksOneClick: judgement.lacksOneClick,
      feedbackId: facts.feedbackId,
      spfPass: authentication.spf.result === 'pass',
      dkimPass: authentication.dkim.some((one) => one.result === 'pass'),
      dmarcPass: authentication.dmarc.result === 'pass',
      tls: authentication.client.tls,
    },
    taken.nowMs,
  );
  const host = authentication.header.split(';')[0] ?? provider.key;
  return profileOf[provider.key].accepted({ host, id: taker.gate.replyId(), nowMs: taken.nowMs });
}

interface CopyOrders {
  readonly orders: AfterOrders;
  /** Of the RCPT that the copy is of. */
  readonly parameters: Parameters;
}

/** The recipients that have a copy, in their order. */
function ordersByCopy(
  { recipients }: Judged,
  copies: readonly NewCopy[],
  { end }: Taken,
): (copy: NewCopy) => CopyOrders {
  const reached = recipients.filter(({ address }) => !isLost(end.of(address)));
  const byId = new Map(
    copies.map((copy, index) => {
      const recipient = reached[index];
      const orders = recipient === undefined ? nothingAfter : end.of(recipient.address);
      return [copy.id, { orders, parameters: recipient?.parameters ?? {} }] as const;
    }),
  );
  return (copy) => byId.get(copy.id) ?? { orders: nothingAfter, parameters: {} };
}

/** What was done for the sake of the rules; damage on the way was told of before. */
function tellOf({ recipients }: Judged, { end }: Taken): void {
  for (const { address } of recipients) {
    const { hold, after } = end.of(address);
    const lost = after.find(({ action }) => action.do === 'blackHole');
    for (const decision of lost === undefined ? [...after, ...(hold === null ? [] : [hold])] : [lost])
      if (decision.action.do !== 'corrupt') end.carriedOut(address, decision);
  }
}

interface Duplicate {
  readonly of: NewCopy;
  readonly copy: NewCopy;
}

/** More of the same in the mailbox; nothing follows from them that would not from the first. */
function duplicates(
  { ports }: MessageTaker,
  copies: readonly NewCopy[],
  ordersOf: (copy: NewCopy) => CopyOrders,
): readonly Duplicate[] {
  return copies.flatMap((copy) =>
    ordersOf(copy).orders.after.flatMap(({ action }) =>
      action.do === 'duplicate'
        ? Array.from({ length: action.copies - 1 }, () => ({
            of: copy,
            copy: { ...copy, id: ports.newId() },
          }))
        : [],
    ),
  );
}

/** They get into the mailbox when the first does. */
function placedToo(act: PlannedAct, more: readonly Duplicate[]): readonly PlannedAct[] {
  return more
    .filter(({ of }) => of.id === act.data.copyId)
    .map(({ copy: { bytes: _, ...copy } }) => ({ ...act, data: { ...act.data, copyId: copy.id, copy } }));
}
