/**
 * The wire shapes of the HTTP API, once: the server validates and documents with them, the screen and the command
 * line import their types. Times are ISO 8601 in UTC with milliseconds; sizes are bytes; ids are UUIDv7.
 */
import { z } from '@hono/zod-openapi';
import { checkResults } from '../dns/check-records.ts';
import { recordTypes } from '../dns/dns.ts';
import { purposes } from '../dns/records.ts';
import {
  dmarcSchema,
  faultsSchema,
  inboundSchema,
  recipientFaultSchema,
  recordSchema,
} from '../dns/stored-domain.ts';

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

export const deliverySchema = z.object({ id: z.string() }).openapi('Delivery', {
  description: 'One message to one recipient. Empty until the delivery core exists.',
});

export const messageSchema = z
  .object({
    id: z.string(),
    seq: z.int(),
    project: z.string(),
    channel: z.enum(['email', 'push', 'sms', 'inapp']),
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
    user: z.string().nullable().describe('the user name of SMTP AUTH'),
    receivedAt: z.string(),
    bytes: z.int(),
    snippet: z.string(),
    attachments: z.array(attachmentSchema),
    stream: z.string().nullable(),
    tags: z.array(z.string()),
    read: z.boolean(),
    indexed: z.boolean().describe('false while the body still waits to be read and indexed'),
    problems: z.array(problemSchema),
    exchangeId: z.string().nullable(),
    deliveries: z.array(deliverySchema),
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
  })
  .openapi('MessageDetail');

export const linkSchema = z
  .object({ url: z.string(), text: z.string(), source: z.enum(['html', 'text', 'header']) })
  .openapi('Link');
export const codeSchema = z
  .object({ code: z.string(), context: z.string().describe('the words around it') })
  .openapi('Code', { description: 'A one-time code found in the text.' });

export const eventSchema = z
  .object({
    seq: z.int(),
    at: z.string(),
    type: z.string().describe('accepted, indexed, read, unread, tagged, deleted, exchange'),
    messageId: z.string().nullable(),
    deliveryId: z.string().nullable(),
    exchangeId: z.string().nullable(),
    project: z.string().nullable(),
    data: z.record(z.string(), z.unknown()),
  })
  .openapi('Event');

export const exchangeSchema = z
  .object({
    id: z.string(),
    seq: z.int(),
    door: z.string(),
    kind: z.enum(['smtp', 'http']),
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

export const projectSchema = z
  .object({
    name: z.string(),
    fixed: z.boolean().describe('named by a setting, not made on the fly'),
    messages: z.int(),
    unread: z.int(),
    bytes: z.int(),
    lastMessageAt: z.string().nullable(),
    retention: z
      .object({ countMax: z.int().nullable(), ageMaxMs: z.int().nullable(), bytesMax: z.int().nullable() })
      .describe('null: the general setting holds'),
  })
  .openapi('Project');

export const statsSchema = z
  .object({
    messages: z.int(),
    unread: z.int(),
    bytes: z.int(),
    waitingForIndex: z.int(),
    exchanges: z.int(),
    tags: z.array(z.object({ tag: z.string(), messages: z.int() })),
  })
  .openapi('Stats');

export const statusSchema = z
  .object({
    version: z.string(),
    url: z.string(),
    dataDir: z.string(),
    caFile: z.string(),
    startedAt: z.string(),
    node: z.string(),
    platform: z.string(),
    host: z.string(),
    ports: z.record(z.string(), z.int()),
    mode: z.enum(['sandbox', 'live']),
    limits: z.object({ messageBytesMax: z.int(), recipientsMax: z.int() }),
  })
  .openapi('Status');

export const retentionSchema = z
  .object({
    countMax: z.int().min(1).nullable(),
    ageMaxMs: z.int().min(1000).nullable(),
    bytesMax: z.int().min(1).nullable(),
  })
  .openapi('Retention');
export const projectRuleSchema = z
  .object({
    by: z.enum(['user', 'recipient', 'door', 'header']),
    header: z.string().optional().describe('with `by: header`: its name'),
    match: z.string().describe('a pattern with * and ?; case does not matter'),
    project: z.string(),
  })
  .openapi('ProjectRule');
export const settingsSchema = z
  .object({
    retention: retentionSchema,
    projects: z.object({
      fromUserName: z.boolean().describe('an SMTP user name names the project, made on the fly'),
      header: z.string().nullable().describe('a header that names the project, made on the fly'),
      rules: z.array(projectRuleSchema),
      onTheFly: z.boolean().describe('false: a name not known lands in main'),
    }),
  })
  .openapi('Settings');

export const dnsRecordSchema = recordSchema.openapi('DnsRecord', {
  description:
    'A record made by hand; it takes the place of what the sandbox answers for that name and type.',
});
const checkResultSchema = z.enum(checkResults);
export const expectedRecordSchema = z
  .object({
    name: z.string(),
    type: z.enum(recordTypes),
    value: z.string(),
    purpose: z.enum(purposes),
    paste: z.boolean().describe('true outside too; the others would break real mail in real DNS'),
    why: z.string(),
  })
  .openapi('ExpectedRecord');
export const recordCheckSchema = expectedRecordSchema
  .extend({
    result: checkResultSchema,
    found: z.array(z.string()),
    note: z.string().nullable().describe('what is wrong and what to do, or what may be worth knowing'),
  })
  .openapi('RecordCheck');
export const sendingDomainSchema = z
  .object({
    name: z.string().describe('lower case, A-labels'),
    createdAt: z.string(),
    onTheFly: z.boolean().describe('set up because a message came from it'),
    ip: z.string().describe('simulated address that it sends from'),
    helo: z.string(),
    keys: z.array(
      z.object({
        selector: z.string(),
        algorithm: z.enum(['rsa-sha256', 'ed25519-sha256']),
        publicKey: z.string().describe('what p= has'),
        active: z.boolean().describe('signs; the others are still published'),
        createdAt: z.string(),
      }),
    ),
    dmarc: dmarcSchema,
    faults: faultsSchema.describe('what is broken on purpose'),
    pool: z.enum(['dedicated', 'shared']),
    inbound: inboundSchema.describe('where replies, DSNs and complaints go'),
    streams: z.object({ transactional: z.string().nullable(), marketing: z.string().nullable() }),
    extraRecords: z.array(dnsRecordSchema),
    checks: z
      .partialRecord(z.enum(purposes), checkResultSchema)
      .describe('what a look at the zones finds, the worst of each kind'),
  })
  .openapi('SendingDomain');
export const domainChangeSchema = z
  .object({
    faults: faultsSchema,
    dmarc: dmarcSchema.partial(),
    pool: z.enum(['dedicated', 'shared']),
    inbound: inboundSchema,
    streams: z.object({ transactional: z.string().nullable(), marketing: z.string().nullable() }).partial(),
    extraRecords: z.array(dnsRecordSchema),
  })
  .partial()
  .openapi('SendingDomainChange');
export const recipientFaultsSchema = z
  .object({ faults: z.record(z.string(), recipientFaultSchema) })
  .openapi('RecipientFaults', {
    description: "Recipients' domains whose DNS goes wrong, each with how.",
  });

/** A list: `after=<nextCursor>` fetches the next page. */
export const listOf = <T extends z.ZodType>(entry: T) =>
  z.object({ entries: z.array(entry), nextCursor: z.string().nullable(), total: z.int() });

export const problemDocumentSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    errors: z.array(z.object({ field: z.string(), code: z.string(), detail: z.string() })),
  })
  .openapi('Problem', { description: 'RFC 9457; `code` is stable.' });

/** What the server sends over `WS /v1/live?after=<seq>`, at most ten frames a second. */
export type LiveFrame =
  | { readonly type: 'hello'; readonly cursor: number; readonly version: string }
  | { readonly type: 'events'; readonly events: readonly Event[]; readonly cursor: number };

export type Address = z.infer<typeof addressSchema>;
export type Attachment = z.infer<typeof attachmentSchema>;
export type MessageProblem = z.infer<typeof problemSchema>;
export type Message = z.infer<typeof messageSchema>;
export type MessageDetail = z.infer<typeof messageDetailSchema>;
export type MimePart = z.infer<typeof mimePartSchema>;
export type Header = z.infer<typeof headerSchema>;
export type RemoteContent = z.infer<typeof remoteContentSchema>;
export type Link = z.infer<typeof linkSchema>;
export type Code = z.infer<typeof codeSchema>;
export type Event = z.infer<typeof eventSchema>;
export type Exchange = z.infer<typeof exchangeSchema>;
export type ExchangeDetail = z.infer<typeof exchangeDetailSchema>;
export type TranscriptLine = z.infer<typeof transcriptLineSchema>;
export type Project = z.infer<typeof projectSchema>;
export type Stats = z.infer<typeof statsSchema>;
export type Status = z.infer<typeof statusSchema>;
export type Settings = z.infer<typeof settingsSchema>;
export type ProjectRule = z.infer<typeof projectRuleSchema>;
export type Retention = z.infer<typeof retentionSchema>;
export type SendingDomain = z.infer<typeof sendingDomainSchema>;
export type DomainChange = z.infer<typeof domainChangeSchema>;
export type ExpectedRecord = z.infer<typeof expectedRecordSchema>;
export type RecordCheck = z.infer<typeof recordCheckSchema>;
export type RecipientFaults = z.infer<typeof recipientFaultsSchema>;
export type ProblemDocument = z.infer<typeof problemDocumentSchema>;
export interface List<T> {
  readonly entries: readonly T[];
  readonly nextCursor: string | null;
  readonly total: number;
}
