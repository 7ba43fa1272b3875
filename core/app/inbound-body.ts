/** What the call of an inbound route says: the message that came in, raw and read. */
import type { InspectThread } from '../inspect/inspect-thread.ts';
import type { Store } from '../store/store.ts';

/** A message larger than this is told without its raw bytes; its address in the API is told instead. */
const rawBytesMax = 10 * 1024 * 1024;

/** @returns null when the message is not there any more */
export async function inboundBody(
  messageId: string,
  recipient: string,
  store: Store,
  viewer: InspectThread,
): Promise<Readonly<Record<string, unknown>> | null> {
  const row = await store.message(messageId);
  if (row === null) return null;
  const chunks: Uint8Array[] = [];
  const raw = row.bytes <= rawBytesMax ? await store.raw(messageId) : null;
  if (raw !== null) for await (const chunk of raw.chunks) chunks.push(chunk);
  const [summary] = await viewer.ask('summarize', { seqs: [row.seq] });
  return {
    type: 'inbound',
    messageId,
    recipient,
    envelope: { from: row.envelopeFrom, to: row.envelopeTo },
    receivedAt: new Date(row.receivedAtMs).toISOString(),
    parsed:
      summary === undefined
        ? null
        : {
            subject: summary.summary.subject,
            from: summary.summary.from,
            to: summary.summary.to,
            cc: summary.summary.cc,
            messageId: summary.summary.messageId,
            text: summary.summary.body,
            attachments: summary.summary.attachments,
          },
    raw: raw === null ? null : Buffer.concat(chunks).toString('base64'),
    rawUrl: `/v1/messages/${messageId}/raw`,
  };
}
