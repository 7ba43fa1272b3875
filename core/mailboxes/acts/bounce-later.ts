/** A message that was accepted and comes back all the same: a DSN (RFC 3464) to its envelope sender. */

import type { NewCopy } from '../../model/mailbox-copy.ts';
import { buildDsn } from '../../reports/dsn.ts';
import { type MailboxRoom, newMessageId } from '../mailbox-room.ts';
import { hostsOf } from '../provider-book.ts';
import { isProviderKey } from '../provider-key.ts';

const secondMs = 1_000;

export async function bounceLater(room: MailboxRoom, copy: NewCopy): Promise<void> {
  const { provider: key, bytes: raw } = copy;
  if (!isProviderKey(key)) return;
  const provider = hostsOf(key);
  const facts = await room.thread.facts(raw);
  const sender = { domain: facts.fromDomain, ip: copy.authentication.client.ip, stream: facts.stream };
  const nowMs = room.ports.virtual.nowMs();
  room.senders.signal(key, sender, 'bounced', nowMs);
  // RFC 5321 §6.1: what came without a sender, itself a notice, is answered by none.
  if (copy.envelopeFrom !== '') {
    const text = `550 5.1.1 <${copy.mailbox}>: the mailbox is not there any more`;
    const bytes = buildDsn({
      kind: 'failure',
      reportingMta: provider.outbound.helo,
      from: `mailer-daemon@${provider.outbound.helo}`,
      to: copy.envelopeFrom,
      originalEnvelopeId: null,
      arrivalAtMs: copy.receivedAtMs,
      recipients: [
        {
          finalRecipient: copy.mailbox,
          originalRecipient: null,
          action: 'failed',
          status: '5.1.1',
          remoteMta: provider.outbound.helo,
          diagnostic: text,
          lastAttemptAtMs: nowMs - secondMs,
          willRetryUntilMs: null,
        },
      ],
      original: raw,
      return: 'headers',
      messageId: newMessageId(room, provider),
      dateMs: nowMs,
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
