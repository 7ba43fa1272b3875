/**
 * The end of DATA: a message is examined, judged by the provider of each recipient, kept, and only then answered with
 * 250. Whoever refuses it refuses it for all of the transaction: an SMTP client has one answer to go by.
 */
import type { Parameters } from '../../doors/smtp/command.ts';
import { isRefusal, type Reply, replies } from '../../doors/smtp/reply.ts';
import type { ReceivedMessage } from '../../doors/smtp/server.ts';
import { messageOf } from '../../model/app-error.ts';
import type { Authentication } from '../../model/authentication.ts';
import type { ProviderHosts } from '../../model/mail-provider.ts';
import type { NewCopy } from '../../model/mailbox-copy.ts';
import { dsnWishes } from '../acts/dsn-wishes.ts';
import { planActs } from '../acts/plan-acts.ts';
import { mailboxOf } from '../address.ts';
import type { ArrivalLimits } from '../arrival-limits.ts';
import type { AuthThread } from '../authentication/auth-thread.ts';
import type { Reading } from '../authentication/auth-worker.ts';
import type { ChunkMemory } from '../chunk-memory.ts';
import { type Judgement, judgeMessage } from '../judge-message.ts';
import { takenFor } from '../message-facts.ts';
import type { MailboxPorts } from '../ports.ts';
import type { ReplyFacts } from '../profile.ts';
import { profileOf } from '../profiles/profile-of.ts';
import type { ProviderBook } from '../provider-book.ts';
import type { Sender, SenderBook } from '../sender-book.ts';
import type { AcceptedRecipient, MxGate } from './gate.ts';

export interface MessageTaker {
  readonly gate: MxGate;
  readonly book: ProviderBook;
  readonly senders: SenderBook;
  readonly limits: ArrivalLimits;
  readonly thread: AuthThread;
  readonly memory: ChunkMemory;
  readonly ports: MailboxPorts;
}

/** Recipients of one provider, with what the provider makes of the message. */
interface Judged {
  readonly provider: ProviderHosts;
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
    const judged = await Promise.all(
      [...byProvider(recipients)].map(([provider, group]) =>
        judge(taker, received, raw, from, provider, group),
      ),
    );
    const transaction = connection?.transaction ?? null;
    if (transaction !== null) transaction.verdict = judged[0]?.reading.authentication ?? null;
    const refusal = firstRefusal(taker, received, judged);
    if (refusal !== null) return refusal;
    const stored =
      connection === null
        ? await ports.stranger({
            door: 'mx',
            client: { ip: gate.ipOf(received.session), helo: received.session.clientName ?? '' },
            envelopeFrom: from,
            recipients: recipients.map(({ address, provider }) => ({ address, provider: provider.key })),
            mailParameters,
            bytes: raw,
            exchange: { start: received.exchange, transcript: received.transcript },
          })
        : { messageId: connection.transaction?.messageId ?? '', deliveries: new Map<string, string>() };
    let answer: Reply | null = null;
    for (const group of judged) {
      const taken: Taken = { from, mailParameters, messageId: stored.messageId, raw, nowMs };
      const copies = copiesOf(taker, group, { ...taken, deliveries: stored.deliveries });
      const said = await keep(taker, group, copies, taken);
      if (isRefusal(said)) return said;
      answer ??= said;
    }
    const cut = judged.some(
      ({ provider }) => taker.book.provider(provider.key).disconnectAt === 'end_of_data',
    );
    return cut ? replies.hangUp : (answer ?? replies.ok);
  } catch (error) {
    ports.onProblem(`a message could not be taken by a mailbox provider: ${messageOf(error)}`);
    return replies.storageFailed;
  }
}

function byProvider(
  recipients: readonly AcceptedRecipient[],
): ReadonlyMap<ProviderHosts, AcceptedRecipient[]> {
  const groups = new Map<ProviderHosts, AcceptedRecipient[]>();
  for (const recipient of recipients) {
    const known = groups.get(recipient.provider);
    if (known === undefined) groups.set(recipient.provider, [recipient]);
    else known.push(recipient);
  }
  return groups;
}

async function judge(
  taker: MessageTaker,
  received: ReceivedMessage,
  raw: Uint8Array,
  from: string,
  provider: ProviderHosts,
  recipients: readonly AcceptedRecipient[],
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
    })),
  );
  return { provider, recipients, reading, sender, judgement };
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
  readonly raw: Uint8Array;
  readonly nowMs: number;
}

function copiesOf(
  { ports }: MessageTaker,
  { provider, recipients, reading, judgement }: Judged,
  taken: Taken & { readonly deliveries: ReadonlyMap<string, string> },
): readonly NewCopy[] {
  if (judgement.kind === 'refused') return [];
  return recipients.flatMap(({ address, deliveryId }, index) => {
    const placed = judgement.placed[index];
    return placed === undefined
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
            bytes: taken.raw,
            headOnly: false,
          },
        ];
  });
}

/** @returns what to say: the provider's yes, or what the app's own server said */
async function keep(
  taker: MessageTaker,
  judged: Judged,
  copies: readonly NewCopy[],
  taken: Taken,
): Promise<Reply> {
  const { book, senders, limits, ports } = taker;
  const { provider, recipients, reading, sender, judgement } = judged;
  if (judgement.kind === 'refused') return replies.storageFailed;
  const settings = book.provider(provider.key);
  if (provider.key === 'own') {
    return ports.inbound({
      envelopeFrom: taken.from,
      recipients: recipients.map(({ address }, index) => ({
        address,
        deliveryId: copies[index]?.deliveryId ?? null,
      })),
      messageId: taken.messageId === '' ? null : taken.messageId,
      bytes: taken.raw,
      authentication: reading.authentication,
      copies,
    });
  }
  const plan = planActs(copies, {
    reading,
    settings,
    mailboxSettings: (address) => book.mailbox(address),
    dsnWishes: (copy) => dsnWishes(taken.mailParameters, recipients[copies.indexOf(copy)]?.parameters ?? {}),
    nowMs: taken.nowMs,
    random: ports.random,
  });
  // A copy whose placement is put off is kept by its act alone; the rest is in its mailbox now.
  const now = copies.filter(({ id }) => !plan.putOff.has(id));
  await ports.accepted(now, plan.acts);
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
