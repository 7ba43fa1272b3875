/**
 * Wire types of the Sinch SMS API ("XMS").
 * Source: https://developers.sinch.com/docs/sms/api-reference/sms/batches/sendsms
 */
import { z } from 'zod';

export const recipientsMax = 1_000;
export const textCharactersMax = 2_000;
const urlCharactersMax = 2_048;
const referenceCharactersMax = 2_048;
const senderCharactersMax = 255;
/** "Max 140 bytes together with udh." */
export const binaryBytesMax = 140;
const parameterNameCharactersMax = 100;
const parametersMax = 100;
/** Of a value, and of a text with all of them filled in: ten times what may be written. */
const parameterCharactersMax = 1_600;
export const filledCharactersMax = 20_000;

export const reportKinds = ['none', 'summary', 'full', 'per_recipient', 'per_recipient_final'] as const;
export type ReportKind = (typeof reportKinds)[number];

/** ISO 8601, with or without a fraction and an offset; without one it is UTC. */
const instant = z
  .string()
  .regex(
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?$/,
    'is not a valid ISO 8601 date',
  )
  .refine((text) => !Number.isNaN(instantMs(text)), 'is not a valid ISO 8601 date');

export function instantMs(text: string): number {
  return Date.parse(/(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text}Z`);
}

const callbackUrl = z
  .string()
  .max(urlCharactersMax)
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'must be a valid URL, with http or https',
  );

/** A phone number, or the ULID of a group; which of them is looked at later. */
const destination = z.string().min(1).max(100);

/** Counted first: what is wrong with each of a million would fill the memory. */
const destinations = z.array(z.unknown()).max(recipientsMax).pipe(z.array(destination));

const common = {
  to: z.array(z.unknown()).min(1).max(recipientsMax).pipe(z.array(destination)),
  from: z.string().min(1).max(senderCharactersMax).optional(),
  delivery_report: z.enum(reportKinds).optional(),
  send_at: instant.optional(),
  expire_at: instant.optional(),
  callback_url: callbackUrl.optional(),
  client_reference: z.string().max(referenceCharactersMax).optional(),
  feedback_enabled: z.boolean().optional(),
};

const parameters = z
  .record(
    z
      .string()
      .regex(/^[a-zA-Z0-9._-]+$/, 'must be letters, digits, “.”, “_” and “-”')
      .max(parameterNameCharactersMax),
    z.record(z.string(), z.string().max(parameterCharactersMax)),
  )
  .refine((names) => Object.keys(names).length <= parametersMax, `at most ${parametersMax} parameters`)
  .optional();

const originator = {
  from_ton: z.int().min(0).max(6).optional(),
  from_npi: z.int().min(0).max(18).optional(),
};

const textFields = {
  body: z.string().min(1).max(textCharactersMax),
  parameters,
  flash_message: z.boolean().optional(),
  truncate_concat: z.boolean().optional(),
  max_number_of_message_parts: z.int().min(1).optional(),
  ...originator,
};

const textBatch = z.object({ ...common, ...textFields, type: z.literal('mt_text') });

const binaryBatch = z
  .object({
    ...common,
    ...originator,
    type: z.literal('mt_binary'),
    body: z.base64('must be base64'),
    udh: z.string().regex(/^(?:[0-9a-fA-F]{2})+$/, 'must be hexadecimal'),
  })
  .refine(({ body, udh }) => Buffer.from(body, 'base64').length + udh.length / 2 <= binaryBytesMax, {
    path: ['body'],
    error: `must be at most ${binaryBytesMax} bytes together with udh`,
    params: { constraint: true },
  });

const mediaBatch = z.object({
  ...common,
  type: z.literal('mt_media'),
  body: z.object({
    url: z
      .string()
      .max(urlCharactersMax)
      .refine((text) => URL.canParse(text), 'must be a valid URL'),
    message: z.string().max(5_000).optional(),
    subject: z.string().max(80).optional(),
  }),
  parameters,
  strict_validation: z.boolean().optional(),
});

export const batchSchema = z.discriminatedUnion('type', [textBatch, binaryBatch, mediaBatch]);
export type BatchRequest = z.infer<typeof batchSchema>;

/** What an update may say beside what it takes over; null takes a field away. */
export const updateSchema = z.object({
  to_add: destinations.optional(),
  to_remove: destinations.optional(),
});

export const feedbackSchema = z.object({ recipients: destinations });

/** How a batch stands, as it is told: kept with its first message. */
export const batchStateSchema = z.looseObject({
  id: z.string(),
  to: z.array(z.string()),
  from: z.string().optional(),
  canceled: z.boolean(),
  type: z.enum(['mt_text', 'mt_binary', 'mt_media']),
  created_at: z.string(),
  modified_at: z.string(),
  delivery_report: z.enum(reportKinds),
  expire_at: z.string(),
  send_at: z.string().optional(),
  callback_url: z.string().optional(),
  client_reference: z.string().optional(),
  feedback_enabled: z.boolean().optional(),
});
export type BatchState = z.infer<typeof batchStateSchema>;

/** What is kept with each message of a batch. */
export const recordSchema = z.object({
  /** Digits, as the API writes numbers. */
  to: z.string(),
  kind: z.enum(['sms', 'mms']),
  report: z.enum(reportKinds),
  /** Of the batch: how many messages it has, and the how manyeth version of it this one belongs to. */
  total: z.int(),
  revision: z.int(),
  callbackUrl: z.string().nullable(),
  reference: z.string().nullable(),
  /** max_number_of_message_parts was set: reports then say how many there were. */
  tellsParts: z.boolean(),
  /** The plan's own sender stood in for none. */
  appliedOriginator: z.string().nullable(),
  /** The code of a refusal that no cause has a word for. */
  refusalCode: z.int().nullable(),
  /** Of the batch as a whole; with its first message only. */
  batch: batchStateSchema.optional(),
  /** Replaced by a newer version before it went out: nobody hears of it. */
  superseded: z.boolean().optional(),
  /** Virtual: when the app said that it was of use. */
  feedbackAtMs: z.number().optional(),
});
export type SinchRecord = z.infer<typeof recordSchema>;

export function recordOf({
  record,
}: {
  readonly record: Readonly<Record<string, unknown>>;
}): SinchRecord | null {
  return recordSchema.safeParse(record).data ?? null;
}
