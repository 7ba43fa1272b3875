/** The suppression list, and what an import of one came to. See `schema.ts`. */
import { z } from '@hono/zod-openapi';
import { outcomeClasses } from '../model/delivery.ts';
import { suppressionReasons, suppressionScopes } from '../model/suppression.ts';

export const suppressionSchema = z
  .object({
    seq: z.int(),
    address: z.string(),
    scope: z.enum(suppressionScopes),
    reason: z.enum(suppressionReasons),
    source: z.string().describe('what put it there: delivery, dsn, report, recipient, api, import'),
    class: z.enum(outcomeClasses).nullable(),
    detail: z.string().nullable(),
    deliveryId: z.string().nullable(),
    createdAt: z.string().describe('virtual'),
    expiresAt: z.string().nullable().describe('virtual; null: until it is taken away'),
  })
  .openapi('Suppression', { description: 'An address that must not be sent to, and why.' });

/** What became of the lines of an imported list. */
export const importOutcomeSchema = z
  .object({
    imported: z.int(),
    alreadyListed: z.int().describe('were on the list without an end, or stand in the file twice'),
    refused: z.int(),
    errors: z.array(z.object({ line: z.int(), detail: z.string() })).describe('the first of them'),
  })
  .openapi('ImportOutcome');
