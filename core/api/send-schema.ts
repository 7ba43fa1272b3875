/** The wire shape of the send API. Shapes are checked here, what they mean in channels/email/validate-submission. */
import { z } from '@hono/zod-openapi';
import { outcomeClasses, statuses, streams, substatuses } from '../model/delivery.ts';

const addressInput = z
  .union([z.string(), z.strictObject({ name: z.string().optional(), address: z.string() })])
  .openapi({ example: 'Jane <jane@example.com>' });

const addressList = z.union([addressInput, z.array(addressInput).max(10_000)]).describe('one, or a list');

export const sendRequestSchema = z
  .strictObject({
    channel: z.enum(['email']).default('email'),
    from: addressInput,
    replyTo: addressList.optional(),
    to: addressList.optional(),
    cc: addressList.optional(),
    bcc: addressList.optional().describe('recipients that no header names'),
    subject: z.string().optional(),
    text: z.string().optional(),
    html: z.string().optional(),
    attachments: z
      .array(
        z.strictObject({
          filename: z.string(),
          content: z.string().describe('base64'),
          contentType: z.string().optional().describe('guessed from the file name where it is missing'),
          contentId: z.string().optional().describe('of a picture that the html refers to as cid:…'),
        }),
      )
      .max(1_000)
      .optional(),
    headers: z
      .record(z.string(), z.string())
      .optional()
      .describe('further headers; those with a member of their own, and those of servers, are refused'),
    variables: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('for {{name}} in subject, text and html; escaped in html, but for {{{name}}}'),
    tags: z.array(z.string()).max(1_000).optional(),
    metadata: z.record(z.string(), z.string()).optional(),
    stream: z.enum(streams).optional(),
    sendAt: z.string().optional().describe('ISO 8601 with an offset; at once where it is missing'),
    listUnsubscribe: z
      .strictObject({
        url: z.string().optional(),
        mailto: z.string().optional(),
        oneClick: z.boolean().optional().describe('adds List-Unsubscribe-Post (RFC 8058)'),
      })
      .optional(),
    feedbackId: z.string().optional().describe('Feedback-ID, as a:b:c:SenderId'),
    trackOpens: z.boolean().optional(),
    trackClicks: z.boolean().optional(),
    project: z.string().optional(),
  })
  .openapi('SendRequest');

export const sendAnswerSchema = z
  .object({
    id: z.string().describe('of the message'),
    deliveries: z.array(
      z.object({
        id: z.string(),
        recipient: z.string(),
        status: z.enum(statuses),
        substatus: z.enum(substatuses).nullable(),
        class: z.enum(outcomeClasses).nullable(),
        reason: z.string().nullable(),
      }),
    ),
  })
  .openapi('SendAnswer');
export type SendAnswer = z.infer<typeof sendAnswerSchema>;
