/** The answer of somebody who is away (RFC 3834): to people only, seldom, and never to an answer. */
import { isProgramAddress } from '../address.ts';
import { type MailboxRoom, newMessageId, type OpenedCopy, tell } from '../mailbox-room.ts';
import { composeAnswer } from './compose-answer.ts';

/** RFC 3834 §2: not more than one to the same sender within some days. */
export const autoReplyEveryMs = 7 * 24 * 3_600_000;

export type AutoReplyOutcome = 'sent' | 'no_sender' | 'automatic' | 'program' | 'lately' | 'off' | 'itself';

/** @param ordered what a rule has it say, each time; null: what the mailbox is set to say */
export async function autoReply(
  room: MailboxRoom,
  opened: OpenedCopy,
  ordered: string | null = null,
): Promise<AutoReplyOutcome> {
  const { copy, key, provider, facts } = opened;
  const nowMs = room.ports.virtual.nowMs();
  const text = ordered ?? room.book.mailbox(copy.mailbox).autoReply;
  const to = copy.envelopeFrom;
  const withheldFor = withheld(room, opened, text, nowMs);
  const why = withheldFor === 'lately' && ordered !== null ? null : withheldFor;
  if (why !== null || text === null) return why ?? 'off';
  room.senders.relate(copy.mailbox, facts.from.address, { answeredAtMs: nowMs });
  const bytes = composeAnswer({
    from: copy.mailbox,
    to,
    // RFC 3834 §3.1.5.
    subject: `Auto: ${facts.subject}`,
    text,
    messageId: newMessageId(room, provider),
    inReplyTo: facts.messageId,
    references: facts.references,
    dateMs: nowMs,
    automatic: true,
  });
  // RFC 3834 §3.3: without a sender, so that nothing can come back of it.
  await room.ports.send({ origin: key, envelopeFrom: '', envelopeTo: [to], bytes });
  await tell(room, opened, 'replied', { automatic: true });
  return 'sent';
}

function withheld(
  { senders }: MailboxRoom,
  { copy, facts }: OpenedCopy,
  text: string | null,
  nowMs: number,
): AutoReplyOutcome | null {
  if (text === null) return 'off';
  if (copy.envelopeFrom === '') return 'no_sender';
  if (facts.automatic) return 'automatic';
  // A bounce address of our own making is a person's all the same, as long as From is.
  if (isProgramAddress(facts.from.address)) return 'program';
  if (facts.from.address.toLowerCase() === copy.mailbox) return 'itself';
  const { answeredAtMs } = senders.relation(copy.mailbox, facts.from.address);
  return answeredAtMs !== null && nowMs - answeredAtMs < autoReplyEveryMs ? 'lately' : null;
}
