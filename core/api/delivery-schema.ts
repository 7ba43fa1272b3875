/** Deliveries, and the attempts at them with their evidence. See `schema.ts`. */
import { z } from '@hono/zod-openapi';
import { outcomeClasses, placements, statuses, streams, substatuses, waitsFor } from '../model/delivery.ts';
import { relayKinds } from '../model/live-relay.ts';
import { authenticationSchema } from './receipt-schema.ts';

export const deliverySchema = z
  .object({
    id: z.string(),
    seq: z.int(),
    messageId: z.string().nullable().describe('null for what is no message: the call of a webhook'),
    carriage: z.enum(['email', 'push', 'sms', 'inapp', 'multi', 'webhook', 'callback']),
    project: z.string(),
    recipient: z.string(),
    domain: z.string(),
    provider: z.string().nullable(),
    stream: z.enum(streams),
    status: z.enum(statuses),
    substatus: z.enum(substatuses).nullable(),
    class: z.enum(outcomeClasses).nullable().describe('who or what is at fault'),
    reason: z.string().nullable(),
    attempts: z.int(),
    nextAttemptAt: z.string().nullable().describe('virtual, as are the other times of a delivery'),
    expiresAt: z.string(),
    placement: z.enum(placements).nullable(),
    retryOf: z.string().nullable().describe('the delivery that this one tries again'),
    createdAt: z.string(),
    endedAt: z.string().nullable(),
    waitsFor: z
      .enum(waitsFor)
      .nullable()
      .describe(
        "a new try, a release, a suspension's end, its stream's rate, the time that its sender asked for; null: its turn, or nothing",
      ),
    heldSince: z
      .string()
      .nullable()
      .describe("since when it waits for a release, a suspension's end or its stream's rate"),
    heldBy: z
      .object({
        rule: z.string().nullable().describe('its id; null: a magic address, or the guard of live relay'),
        label: z.string(),
      })
      .nullable()
      .describe('what holds it; null: a person does, or it is not held'),
    releasedAt: z.string().nullable(),
    mailFrom: z
      .string()
      .nullable()
      .describe("MAIL FROM of this delivery alone, after its envelope was edited; null: the message's"),
    user: z.string().nullable().describe("id of one of the app's users that it is for"),
    live: z
      .string()
      .nullable()
      .describe('id of the relay by which it goes, or was under way last; null: it knows the sandbox alone'),
    envelopeBefore: z
      .object({ from: z.string().nullable(), to: z.string().nullable() })
      .nullable()
      .describe('what was edited, as it was: null where it is as it came'),
  })
  .openapi('Delivery', { description: 'One message to one recipient.' });

const atMs = z.number().describe('milliseconds since the attempt began');

export const evidenceSchema = z
  .object({
    routing: z
      .array(z.object({ atMs, question: z.string(), answer: z.string() }))
      .describe('the questions asked of the DNS, in order, and the answers'),
    changes: z
      .array(z.object({ code: z.string(), detail: z.string() }))
      .describe('what was changed before it went out'),
    signatures: z.array(
      z.object({
        domain: z.string(),
        selector: z.string(),
        algorithm: z.enum(['rsa-sha256', 'ed25519-sha256']),
        header: z.string(),
        headersSigned: z.array(z.string()),
        bodyHash: z.string(),
      }),
    ),
    identity: z
      .object({ ip: z.string(), helo: z.string(), ptr: z.string().nullable() })
      .nullable()
      .describe('the simulated address, HELO name and PTR that the far side saw'),
    transcript: z.array(z.object({ by: z.enum(['client', 'server', 'note']), atMs, text: z.string() })),
    authentication: authenticationSchema
      .nullable()
      .describe('what a receiver that refused the message had found out about who sent it'),
    rules: z
      .array(
        z.object({
          recipient: z.string().nullable().describe('null: everyone of the transaction'),
          ruleId: z.string().nullable().describe('null: a magic address'),
          label: z.string(),
          action: z.string(),
          point: z.string(),
        }),
      )
      .describe('what was done on purpose, by a rule or a magic address'),
    live: z
      .object({
        relayId: z.string(),
        relay: z.string(),
        kind: z.enum(relayKinds),
        rewrittenFrom: z.string().nullable().describe('whom it was for, where it was rewritten'),
      })
      .nullable()
      .describe('it went out for real, by this relay; null: in the sandbox'),
  })
  .openapi('AttemptEvidence');

export const attemptSchema = z
  .object({
    number: z.int(),
    startedAt: z.string().describe('virtual'),
    startedAtWall: z.string(),
    durationMs: z.number().describe('of wall time'),
    outcome: z.enum(['sent', 'deferred', 'failed']),
    nextHop: z.string().nullable(),
    code: z.int().nullable(),
    enhanced: z.string().nullable(),
    text: z.string(),
    class: z.enum(outcomeClasses).nullable(),
    evidence: evidenceSchema.nullable(),
  })
  .openapi('Attempt', { description: 'One try to hand a delivery to its next hop.' });

export const deliveryDetailSchema = deliverySchema
  .extend({
    parameters: z
      .record(z.string(), z.union([z.string(), z.literal(true)]))
      .nullable()
      .describe('what came with RCPT TO: NOTIFY, ORCPT'),
    attemptLog: z.array(attemptSchema),
  })
  .openapi('DeliveryDetail');
