/** The wire shapes of what a send over several channels asked for, and of the ways that it took. */
import { z } from '@hono/zod-openapi';
import { outcomeClasses, statuses } from '../model/delivery.ts';
import { stepReasons } from '../model/multi-steps.ts';
import { userChannels } from '../model/user.ts';

export const partSchema = z
  .object({
    step: z.int().describe('from 1, in the order in which they are tried'),
    channel: z.enum(userChannels),
    user: z.string(),
    deliveryId: z.string().describe('of the send, for this user'),
    message: z
      .object({
        id: z.string(),
        subject: z.string(),
        snippet: z.string(),
        deliveries: z.array(
          z.object({
            id: z.string(),
            recipient: z.string(),
            provider: z.string().nullable(),
            status: z.enum(statuses),
            substatus: z.string().nullable(),
            class: z.enum(outcomeClasses).nullable(),
            reason: z.string().nullable(),
          }),
        ),
      })
      .nullable()
      .describe('what went out; null: it was over before there was a message, or that was deleted'),
    messageId: z.string().nullable().describe('also of one that was deleted'),
    status: z.enum(statuses).describe('of all its deliveries: delivered when one is'),
    class: z.enum(outcomeClasses).nullable(),
    reason: z.string().nullable(),
    passedOver: z
      .enum(['unread', 'given_up'])
      .nullable()
      .describe('the next way was tried for it was not read, or not delivered, for so long'),
    startedAt: z.string(),
    endedAt: z.string().nullable(),
    why: z.enum(stepReasons).describe('why this way was tried'),
  })
  .openapi('MessagePart', { description: 'One way of a send over several channels, for one user.' });
export type Part = z.infer<typeof partSchema>;

export const multiViewSchema = z
  .object({
    channels: z.array(z.enum(userChannels)),
    routing: z.enum(['first', 'all']),
    fallback: z.object({
      afterUndeliverable: z.boolean(),
      unreadAfterSeconds: z.number().nullable(),
      giveUpAfterSeconds: z.number().nullable(),
    }),
    template: z
      .object({ id: z.string(), version: z.union([z.int(), z.literal('draft')]).nullable() })
      .nullable(),
    topic: z.string().nullable(),
    recipients: z
      .array(z.string())
      .describe('users, segments and expressions as they were named; the first hundred'),
    recipientsTotal: z.int(),
    content: z.record(z.string(), z.unknown()).describe('as it was said, by channel'),
    variables: z.record(z.string(), z.unknown()),
    overrides: z.record(z.string(), z.unknown()),
    sendAt: z.string().nullable(),
  })
  .openapi('MultiView', { description: 'What a send over several channels asked for.' });
export type MultiView = z.infer<typeof multiViewSchema>;
