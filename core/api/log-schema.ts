/** The wire shapes of the status log, of providers' words as they came, and of counts over time. */
import { z } from '@hono/zod-openapi';
import { outcomeClasses, statuses, substatuses } from '../model/delivery.ts';
import type { countedStatuses } from '../store/status-counts.ts';

export const statusChangeSchema = z
  .object({
    seq: z.int().describe('of the event that it rests on'),
    at: z.string().describe('virtual'),
    wallAt: z.string(),
    status: z.enum(statuses),
    substatus: z.enum(substatuses).nullable(),
    provider: z.string().nullable(),
    providerStatus: z.string().nullable().describe("the provider's own word, or the text of its answer"),
    code: z
      .string()
      .nullable()
      .describe("the provider's own: reply code of SMTP, status of HTTP, error code of a report"),
    enhanced: z.string().nullable().describe('of SMTP, RFC 3463'),
    permanent: z.boolean().describe('trying again would not help'),
    class: z.enum(outcomeClasses).nullable().describe('who or what is at fault'),
    reason: z.string().nullable(),
    attempt: z
      .int()
      .nullable()
      .describe('number of the attempt that led to it; …/attempts/:n/response has the answer'),
    report: z.int().nullable().describe('number of the report that led to it; …/reports has it'),
  })
  .openapi('StatusChange', {
    description: 'One change of status. Statuses go forward only: queued, sent, then an end.',
  });

export const statusLogSchema = z
  .object({
    entries: z.array(statusChangeSchema).describe('the oldest first'),
    nextCursor: z.null(),
    total: z.int(),
    complete: z
      .boolean()
      .describe('false: the oldest events went in time, and the log begins later than the delivery'),
  })
  .openapi('StatusLog');

const verbatimShape = {
  fields: z
    .array(z.tuple([z.string(), z.string()]))
    .describe('header fields of HTTP in their order and case; what is secret is masked'),
  body: z.string().describe('as it came: the lines of an SMTP reply, a body, a PDU of SMPP'),
  encoding: z.enum(['utf8', 'base64']).describe('base64 where it is no text'),
  bytes: z.int().describe('of the body as it came'),
  truncated: z.boolean().describe('there was more than the 64 KB that are kept'),
};

export const providerResponseSchema = z
  .object({
    protocol: z.enum(['smtp', 'http', 'smpp']),
    from: z.string().describe('who answered: a host, or the address of one'),
    recipient: z.string().nullable().describe('whose answer it is alone; null: of the whole transaction'),
    at: z.string().describe('by the clock on the wall'),
    status: z.int().describe('reply code of SMTP, status of HTTP, command_status of SMPP'),
    ...verbatimShape,
  })
  .openapi('ProviderResponse', { description: 'What a provider answered, word for word.' });

export const attemptResponseSchema = z
  .object({
    deliveryId: z.string(),
    attempt: z.int(),
    text: z.string().describe('what was made of it'),
    responses: z
      .array(providerResponseSchema)
      .describe(
        'in the order they came: of several hosts, or of providers failed over to; empty: nobody answered',
      ),
  })
  .openapi('AttemptResponse');

export const providerReportSchema = z
  .object({
    id: z.int(),
    provider: z.string(),
    protocol: z.enum(['http', 'smpp', 'mail']),
    at: z.string().describe('virtual'),
    wallAt: z.string(),
    asked: z
      .boolean()
      .optional()
      .describe(
        'it did not come by itself: the provider was asked, `target` is the question, and this the answer',
      ),
    method: z.string().nullable(),
    target: z.string().nullable().describe('path and query that were called; the key is left out'),
    ...verbatimShape,
  })
  .openapi('ProviderReport', {
    description: 'What a provider told later, of its own accord or when it was asked, word for word.',
  });

const tallyShape = {
  queued: z.int(),
  sent: z.int(),
  delivered: z.int(),
  undeliverable: z.int(),
  canceled: z.int(),
  opened: z.int().describe('or read; each delivery counts once'),
  clicked: z.int(),
} satisfies Record<(typeof countedStatuses)[number], z.ZodType>;

const statsChannel = z.enum(['email', 'push', 'sms', 'inapp', 'multi']);

const ratesSchema = z
  .object({
    delivered: z.number().nullable().describe('of those that were delivered or were undeliverable'),
    undeliverable: z.number().nullable(),
    opened: z.number().nullable().describe('of those delivered'),
    clicked: z.number().nullable().describe('of those delivered'),
  })
  .openapi('StatusRates', {
    description: 'From 0 to 1, of what happened in the span; null where there is nothing to divide by.',
  });

export const statusStatsSchema = z
  .object({
    from: z.string(),
    to: z.string(),
    bucket: z.enum(['minute', 'hour', 'day']),
    clock: z.enum(['virtual', 'wall']),
    buckets: z
      .array(
        z.object({
          at: z.string().describe('its beginning; buckets of days begin at midnight UTC'),
          ...tallyShape,
          channels: z
            .array(z.object({ channel: statsChannel, ...tallyShape }))
            .describe('those in which something happened'),
        }),
      )
      .describe('one after the other without gaps'),
    totals: z.object(tallyShape).describe('of all channels but `multi`, which counts by what it led to'),
    rates: ratesSchema,
    channels: z.array(z.object({ channel: statsChannel, ...tallyShape, rates: ratesSchema })),
    providers: z.array(
      z.object({ channel: statsChannel, provider: z.string().nullable(), ...tallyShape, rates: ratesSchema }),
    ),
    undeliverable: z
      .array(
        z.object({
          class: z.enum(outcomeClasses).nullable(),
          channel: statsChannel,
          count: z.int(),
          rate: z.number().describe('of those of that channel that were delivered or were undeliverable'),
        }),
      )
      .describe('by who or what is at fault, the most frequent first'),
  })
  .openapi('StatusStats');

export type StatusChange = z.infer<typeof statusChangeSchema>;
export type StatusLog = z.infer<typeof statusLogSchema>;
export type ProviderResponse = z.infer<typeof providerResponseSchema>;
export type AttemptResponse = z.infer<typeof attemptResponseSchema>;
export type ProviderReport = z.infer<typeof providerReportSchema>;
export type StatusStats = z.infer<typeof statusStatsSchema>;
