/** Messages as they are listed and shown: the head, the parts, what was found in the body. See `schema.ts`. */
import { z } from '@hono/zod-openapi';
import { streams } from '../model/delivery.ts';
import { deliverySchema } from './delivery-schema.ts';
import { inAppViewSchema } from './inapp-schema.ts';
import { multiViewSchema } from './multi-view-schema.ts';
import { pushViewSchema } from './push-view-schema.ts';
import { smsViewSchema } from './sms-view-schema.ts';

export const addressSchema = z
  .object({ name: z.string(), address: z.string() })
  .openapi('Address', { description: 'A mailbox as a header names it; `name` is empty when there is none.' });

export const attachmentSchema = z
  .object({
    part: z.int().describe('number of the MIME part, for …/parts/:n'),
    filename: z.string().nullable(),
    contentType: z.string(),
    contentId: z.string().nullable(),
    disposition: z.enum(['attachment', 'inline']),
    bytes: z.int().describe('size after decoding'),
  })
  .openapi('Attachment');

export const problemSchema = z.object({ code: z.string(), detail: z.string() }).openapi('MessageProblem', {
  description: 'What is wrong with the message as it came; it is stored all the same.',
});

export const messageSchema = z
  .object({
    id: z.string(),
    seq: z.int(),
    project: z.string(),
    channel: z.enum(['email', 'push', 'sms', 'inapp', 'multi']),
    door: z.string().describe('key of the door it came through: smtp, submission, smtps, import'),
    subject: z.string(),
    from: addressSchema.nullable(),
    to: z.array(addressSchema),
    cc: z.array(addressSchema),
    bcc: z.array(addressSchema),
    replyTo: z.array(addressSchema),
    messageId: z.string().nullable(),
    date: z.string().nullable().describe('the Date header, ISO 8601, null when missing or unreadable'),
    envelope: z.object({ from: z.string(), to: z.array(z.string()) }),
    user: z
      .string()
      .nullable()
      .describe(
        "who signed in at the door (SMTP AUTH); of what goes to one of the app's users, that user's id",
      ),
    partOf: z
      .object({
        messageId: z.string(),
        deliveryId: z.string(),
        step: z.int().describe('the how manieth way that was tried for that user, from 1'),
      })
      .nullable()
      .describe('the send over several channels that led to it'),
    template: z.object({ id: z.string(), version: z.int() }).nullable().describe('that it was made with'),
    topic: z.string().nullable().describe('what its readers can unsubscribe from'),
    receivedAt: z.string(),
    bytes: z.int(),
    snippet: z.string(),
    attachments: z.array(attachmentSchema),
    stream: z.enum(streams).nullable().describe('null when it is captured only'),
    tags: z.array(z.string()),
    read: z.boolean(),
    indexed: z.boolean().describe('false while the body still waits to be read and indexed'),
    problems: z.array(problemSchema),
    exchangeId: z.string().nullable(),
    deliveries: z
      .array(deliverySchema)
      .describe('in lists the first five, of a single message up to a thousand; empty when captured only'),
  })
  .openapi('Message');

export const mimePartSchema = z
  .object({
    n: z.int().describe('position in the message, 0 is the whole'),
    parent: z.int().nullable(),
    path: z.string().describe('IMAP-like path: "1.2"'),
    contentType: z.string(),
    charset: z.string().nullable(),
    encoding: z.string().nullable(),
    disposition: z.string().nullable(),
    filename: z.string().nullable(),
    contentId: z.string().nullable(),
    bytes: z.int().describe('size of the body as it stands in the message'),
    decodedBytes: z.int().nullable().describe('size after decoding; null for a multipart'),
    headerStart: z.int(),
    bodyStart: z.int(),
    bodyEnd: z.int(),
  })
  .openapi('MimePart', { description: 'Offsets are bytes from the start of the raw message.' });

export const headerSchema = z
  .object({
    name: z.string(),
    value: z.string().describe('unfolded and decoded'),
    raw: z.string().describe('as it came, with its folds; bytes shown as latin1 where they are not UTF-8'),
  })
  .openapi('Header');

export const remoteContentSchema = z
  .object({
    url: z.string(),
    kind: z.enum(['image', 'stylesheet', 'font', 'frame', 'media', 'script', 'other']),
  })
  .openapi('RemoteContent');

export const messageDetailSchema = messageSchema
  .extend({
    text: z.string().nullable().describe('the text body, null when there is none'),
    textFromHtml: z.boolean().describe('true when there is no text part and `text` was made from the HTML'),
    textTruncated: z.boolean(),
    hasHtml: z.boolean(),
    headers: z.array(headerSchema),
    parts: z.array(mimePartSchema),
    calendar: z
      .array(
        z.object({
          part: z.int(),
          method: z.string().nullable(),
          summary: z.string().nullable(),
          start: z.string().nullable(),
          end: z.string().nullable(),
          location: z.string().nullable(),
          organizer: z.string().nullable(),
        }),
      )
      .describe('events found in text/calendar parts'),
    remoteContent: z
      .array(remoteContentSchema)
      .describe('what the HTML would fetch; nothing of it is fetched'),
    envelopeParameters: z
      .record(z.string(), z.unknown())
      .describe('the parameters of MAIL FROM and RCPT TO: SIZE, BODY, SMTPUTF8, RET, ENVID, NOTIFY, ORCPT'),
    push: pushViewSchema.nullable().describe('of a push; null for mail'),
    sms: smsViewSchema.nullable().describe('of an SMS'),
    multi: multiViewSchema.nullable().describe('of a send over several channels; …/parts has its ways'),
    inapp: inAppViewSchema.nullable().describe('of an in-app message'),
  })
  .openapi('MessageDetail');

export const linkSchema = z
  .object({ url: z.string(), text: z.string(), source: z.enum(['html', 'text', 'header']) })
  .openapi('Link');

export const codeSchema = z
  .object({ code: z.string(), context: z.string().describe('the words around it') })
  .openapi('Code', { description: 'A one-time code found in the text.' });
