/** The queue: what waits, what keeps it waiting, and by which clock. See `schema.ts`. */
import { z } from '@hono/zod-openapi';
import { deliverySettingsSchema } from '../delivery/settings.ts';

export const suspensionSchema = z
  .object({
    id: z.string(),
    by: z.enum(['domain', 'provider', 'stream', 'tag', 'all']),
    value: z.string(),
    action: z.enum(['suspend', 'bounce']).describe('let it wait, or turn it back for good'),
    reason: z.string(),
    createdAt: z.string(),
    until: z.string().nullable().describe('virtual; null: until it is taken away'),
  })
  .openapi('Suspension');

export const queuesSchema = z
  .object({
    queued: z.int(),
    deferred: z.int(),
    held: z.int(),
    underWay: z.int(),
    byDomain: z.array(
      z.object({
        domain: z.string(),
        provider: z.string().nullable(),
        queued: z.int(),
        deferred: z.int(),
        held: z.int(),
        nextAt: z.string().nullable(),
      }),
    ),
    due: z
      .array(z.object({ at: z.string(), count: z.int() }))
      .describe('what is due, in spans of equal length, for a chart'),
    suspensions: z.array(suspensionSchema),
  })
  .openapi('Queues');

export const holdingSchema = z
  .object({
    everything: z.boolean(),
    domains: z.array(z.string()).describe('of recipients, lower case'),
    since: z.string().nullable().describe('virtual; null: nothing is held'),
  })
  .openapi('Holding', { description: 'What is held before it is tried, until it is released.' });

/** Made anew, for a schema that was made before this module was loaded has no `openapi`. */
export const deliverySettingsShape = z.object(deliverySettingsSchema.shape).openapi('DeliverySettings');

export const clockSchema = z
  .object({
    virtualAt: z.string(),
    wallAt: z.string(),
    speed: z.number().describe('how many times as fast as the wall clock; 0 when frozen'),
    frozen: z.boolean(),
    real: z.boolean().describe('virtual time is wall time, at its speed'),
    nextDueAt: z.string().nullable(),
  })
  .openapi('Clock');
