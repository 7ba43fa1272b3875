/** What a provider tells the envelope sender of a message that it accepted, by a DSN (RFC 3464): it came back, or it got there. */

import type { NewCopy } from '../../model/mailbox-copy.ts';
import { buildDsn } from '../../reports/dsn.ts';
import { type MailboxRoom, newMessageId, type OpenedCopy } from '../mailbox-room.ts';
import { takenFor } from '../message-facts.ts';
import { hostsOf } from '../provider-book.ts';
import { isProviderKey } from '../provider-key.ts';
import type { DsnWishes } from './dsn-wishes.ts';

const secondMs = 1_000;

/** What the report says of the mailbox. */
export interface BounceReply {
  readonly code: number;
  readonly enhanced: string;
  readonly text: string;
}

/** @param reply what a rule has it say; null: that the mailbox is gone */
export async function bounceLater(
  room: MailboxRoom,
  copy: NewCopy,
  wishes: DsnWishes,
  reply: BounceReply | null = null,
): Promise<void> {
  const { provider: key, bytes: raw } = copy;
  if (!isProviderKey(key)) return;
  const provider = hostsOf(key);
  const facts = takenFor(await room.thread.facts(raw), copy.filter.stream);
  const sender = { domain: facts.fromDomain, ip: copy.authentication.client.ip, stream: facts.stream };
  const nowMs = room.ports.virtual.nowMs();
  room.senders.signal(key, sender, 'bounced', nowMs);
  const wanted = wishes.notify === null || wishes.notify.includes('FAILURE');
  // RFC 5321 §6.1: what came without a sender, itself a notice, is answered by none.
  if (copy.envelopeFrom !== '' && wanted) {
    const status = reply?.enhanced ?? '5.1.1';
    const text =
      reply === null
        ? `550 5.1.1 <${copy.mailbox}>: the mailbox is not there any more`
        : `${reply.code} ${reply.enhanced} ${reply.text}`;
    const bytes = buildDsn({
      kind: 'failure',
      reportingMta: provider.outbound.helo,
      from: `mailer-daemon@${provider.outbound.helo}`,
      to: copy.envelopeFrom,
      originalEnvelopeId: wishes.envelopeId,
      arrivalAtMs: copy.receivedAtMs,
      recipients: [
        {
          finalRecipient: copy.mailbox,
          originalRecipient: wishes.originalRecipient,
          action: 'failed',
          status,
          remoteMta: provider.outbound.helo,
          diagnostic: text,
          lastAttemptAtMs: nowMs - secondMs,
          willRetryUntilMs: null,
        },
      ],
      original: raw,
      return: wishes.return ?? 'headers',
      messageId: newMessageId(room, provider),
      // The clock on the wall, as of every message; what it tells of happened in virtual time.
      dateMs: room.ports.clock.wallMs(),
      explanation: 'Your message was accepted, but could not be delivered to its recipient.',
    });
    await room.ports.send({ origin: key, envelopeFrom: '', envelopeTo: [copy.envelopeFrom], bytes });
    // What it says becomes known when it arrives, as outside.
    return;
  }
  await room.ports.happened({
    deliveryId: copy.deliveryId,
    type: 'bounced',
    nowMs,
    data: { mailbox: copy.mailbox, provider: key, outOfBand: true, dsn: false },
  });
}

/** RFC 3461 §6.2: it is in the mailbox, and the sender asked to be told. */
export async function tellSuccess(
  room: MailboxRoom,
  { copy, key, provider, raw }: OpenedCopy,
  wishes: DsnWishes,
): Promise<void> {
  const bytes = buildDsn({
    kind: 'success',
    reportingMta: provider.outbound.helo,
    from: `mailer-daemon@${provider.outbound.helo}`,
    to: copy.envelopeFrom,
    originalEnvelopeId: wishes.envelopeId,
    arrivalAtMs: copy.receivedAtMs,
    recipients: [
      {
        finalRecipient: copy.mailbox,
        originalRecipient: wishes.originalRecipient,
        action: 'delivered',
        status: '2.0.0',
        remoteMta: null,
        diagnostic: null,
        lastAttemptAtMs: copy.receivedAtMs,
        willRetryUntilMs: null,
      },
    ],
    original: raw,
    // RFC 3461 §4.3: RET is about failures; of what got there the header is enough.
    return: 'headers',
    messageId: newMessageId(room, provider),
    dateMs: room.ports.clock.wallMs(),
    explanation: 'Your message was delivered to the mailbox of its recipient.',
  });
  await room.ports.send({ origin: key, envelopeFrom: '', envelopeTo: [copy.envelopeFrom], bytes });
}
