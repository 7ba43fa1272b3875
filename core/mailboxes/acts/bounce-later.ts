/** A message that was accepted and comes back all the same: a DSN (RFC 3464) to its envelope sender. */
import { buildDsn } from '../../reports/dsn.ts';
import { type MailboxRoom, newMessageId, type OpenedCopy, tell } from '../mailbox-room.ts';

const secondMs = 1_000;

export async function bounceLater(room: MailboxRoom, opened: OpenedCopy): Promise<void> {
  const { copy, key, provider, raw, sender } = opened;
  const nowMs = room.ports.virtual.nowMs();
  room.senders.signal(key, sender, 'bounced', nowMs);
  await room.ports.store.changeCopy(copy.id, { flags: { deleted: true } });
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
  }
  await tell(room, opened, 'bounced', { outOfBand: true, dsn: copy.envelopeFrom !== '' });
}
