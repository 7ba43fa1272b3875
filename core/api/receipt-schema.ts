/** What a receiver made of a message: who sent it, and where it belongs. See `schema.ts`. */
import { z } from '@hono/zod-openapi';
import { placements, streams } from '../model/delivery.ts';

export const authenticationSchema = z
  .object({
    client: z.object({
      ip: z.string(),
      helo: z.string(),
      ptr: z.string().nullable(),
      ptrConfirmed: z.boolean().describe('the name that the PTR gives leads back to the address'),
      heloMatches: z.boolean(),
      tls: z.boolean(),
    }),
    spf: z.object({
      result: z.enum(['pass', 'fail', 'softfail', 'neutral', 'none', 'temperror', 'permerror']),
      domain: z.string(),
      record: z.string().nullable(),
      why: z.string(),
      lookups: z.int().nullable(),
    }),
    dkim: z.array(
      z.object({
        result: z.enum(['pass', 'fail', 'neutral', 'none', 'policy', 'temperror', 'permerror']),
        domain: z.string().nullable(),
        selector: z.string().nullable(),
        algorithm: z.string().nullable(),
        aligned: z.boolean(),
        why: z.string(),
      }),
    ),
    dmarc: z.object({
      result: z.enum(['pass', 'fail', 'none', 'temperror', 'permerror']),
      domain: z.string().nullable(),
      policy: z.enum(['none', 'quarantine', 'reject']).nullable(),
      record: z.string().nullable(),
      spfAligned: z.boolean(),
      dkimAligned: z.boolean(),
      disposition: z.enum(['none', 'quarantine', 'reject']),
      why: z.string(),
    }),
    arc: z.object({ result: z.enum(['pass', 'fail', 'none']), why: z.string() }),
    header: z.string().describe('Authentication-Results as the receiver would stamp it'),
    lookups: z.array(z.object({ question: z.string(), answer: z.string() })),
  })
  .openapi('Authentication', { description: 'What a receiver found out about who sent it (RFC 8601).' });

export const filterReportSchema = z
  .object({
    score: z.number(),
    spamAt: z.number().describe('from which score on the provider takes it for spam'),
    reasons: z.array(
      z.object({
        code: z.string(),
        points: z.number().describe('more is worse, below zero speaks for the message'),
        detail: z.string(),
        stage: z.enum(['authentication', 'content', 'reputation', 'engagement', 'recipient']),
      }),
    ),
    stream: z.enum(streams).optional().describe('the kind of traffic that the provider took it for'),
  })
  .openapi('FilterReport');

export const receiptSchema = z
  .object({
    copyId: z.string(),
    deliveryId: z.string().nullable(),
    mailbox: z.string(),
    provider: z.string(),
    receivedAt: z.string().describe('virtual'),
    placement: z.enum(placements),
    authentication: authenticationSchema,
    filter: filterReportSchema,
  })
  .openapi('Receipt', { description: 'What one receiver made of the message.' });
