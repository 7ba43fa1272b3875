/**
 * The wire shapes of the HTTP API, once: the server validates and documents with them, the screen and the command
 * line import their types. Times are ISO 8601 in UTC with milliseconds; sizes are bytes; ids are UUIDv7.
 *
 * The schemas stand by noun in the files named `…-schema.ts`. Here are their types, and what all lists and errors share.
 */
import { z } from '@hono/zod-openapi';
import type {
  attemptSchema,
  deliveryDetailSchema,
  deliverySchema,
  evidenceSchema,
} from './delivery-schema.ts';
import type {
  domainChangeSchema,
  expectedRecordSchema,
  recipientFaultsSchema,
  recordCheckSchema,
  sendingDomainSchema,
} from './domain-schema.ts';
import type { eventSchema, webhookSchema } from './event-schema.ts';
import type { exchangeDetailSchema, exchangeSchema, transcriptLineSchema } from './exchange-schema.ts';
import type {
  addressSchema,
  attachmentSchema,
  codeSchema,
  headerSchema,
  linkSchema,
  messageDetailSchema,
  messageSchema,
  mimePartSchema,
  problemSchema,
  remoteContentSchema,
} from './message-schema.ts';
import type {
  clockSchema,
  deliverySettingsShape,
  holdingSchema,
  queuesSchema,
  suspensionSchema,
} from './queue-schema.ts';
import type { authenticationSchema, filterReportSchema, receiptSchema } from './receipt-schema.ts';
import type {
  projectRuleSchema,
  projectSchema,
  retentionSchema,
  settingsSchema,
  statsSchema,
  statusSchema,
} from './settings-schema.ts';
import type { importOutcomeSchema, suppressionSchema } from './suppression-schema.ts';

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

export type Delivery = z.infer<typeof deliverySchema>;
export type DeliveryDetail = z.infer<typeof deliveryDetailSchema>;
export type Attempt = z.infer<typeof attemptSchema>;
export type Evidence = z.infer<typeof evidenceSchema>;
export type Authentication = z.infer<typeof authenticationSchema>;
export type FilterReport = z.infer<typeof filterReportSchema>;
export type Receipt = z.infer<typeof receiptSchema>;
export type Holding = z.infer<typeof holdingSchema>;
export type Suspension = z.infer<typeof suspensionSchema>;
export type Queues = z.infer<typeof queuesSchema>;
export type DeliverySettings = z.infer<typeof deliverySettingsShape>;
export type Clock = z.infer<typeof clockSchema>;
export type Suppression = z.infer<typeof suppressionSchema>;
export type Webhook = z.infer<typeof webhookSchema>;
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
export type ImportOutcome = z.infer<typeof importOutcomeSchema>;
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
