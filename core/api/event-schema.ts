/** What happened, and who is told of it. See `schema.ts`. */
import { z } from '@hono/zod-openapi';
import { webhookEventTypes } from '../model/webhook.ts';

export const eventSchema = z
  .object({
    seq: z.int(),
    at: z.string(),
    virtualAt: z.string().nullable().describe('virtual time, of what happens to a delivery'),
    type: z
      .string()
      .describe(
        'accepted, indexed, read, queued, attempted, interrupted, deferred, held, sent, delivered, undeliverable, bounced, reported, …',
      ),
    messageId: z.string().nullable(),
    deliveryId: z.string().nullable(),
    exchangeId: z.string().nullable(),
    project: z.string().nullable(),
    data: z.record(z.string(), z.unknown()),
  })
  .openapi('Event');

export const webhookSchema = z
  .object({
    id: z.string(),
    url: z.string(),
    description: z.string(),
    events: z
      .array(z.enum(webhookEventTypes))
      .describe('empty: all of them but `inapp`, which is told to those that name it'),
    project: z.string().nullable().describe('null: of every project'),
    active: z.boolean(),
    createdAt: z.string(),
  })
  .openapi('Webhook');
