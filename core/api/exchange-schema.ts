/** What was said at the doors. See `schema.ts`. */
import { z } from '@hono/zod-openapi';

export const exchangeSchema = z
  .object({
    id: z.string(),
    seq: z.int(),
    door: z.string(),
    kind: z.enum(['smtp', 'http', 'smpp']),
    startedAt: z.string(),
    endedAt: z.string().nullable(),
    outcome: z
      .enum(['open', 'accepted', 'refused', 'aborted', 'empty'])
      .describe(
        'accepted: handed over a message; refused: something was refused and nothing accepted; empty: neither',
      ),
    reason: z.string().nullable().describe('the refusal or the end, in words, with what to change'),
    remoteAddress: z.string(),
    remotePort: z.int(),
    clientName: z.string().nullable().describe('what the client called itself in HELO or EHLO'),
    user: z.string().nullable(),
    tls: z.object({ protocol: z.string(), cipher: z.string(), servername: z.string().nullable() }).nullable(),
    messages: z.int().describe('how many messages it handed over'),
    refusals: z.int(),
    bytesIn: z.int(),
    bytesOut: z.int(),
  })
  .openapi('Exchange');

export const transcriptLineSchema = z
  .object({
    atMs: z.number().describe('milliseconds since the session began'),
    by: z.enum(['client', 'server', 'note']),
    text: z.string(),
    messageId: z.string().nullable().describe('on the note that stands for DATA: the message it became'),
  })
  .openapi('TranscriptLine');

export const exchangeDetailSchema = exchangeSchema
  .extend({
    transcript: z.array(transcriptLineSchema),
    transcriptTruncated: z.boolean(),
    messageIds: z.array(z.string()),
  })
  .openapi('ExchangeDetail');
