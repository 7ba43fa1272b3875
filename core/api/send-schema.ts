/** The wire shapes of the send API. Shapes are checked here, what they mean in each channel's validate-submission. */
import { z } from '@hono/zod-openapi';
import { inAppFields } from '../channels/inapp/schema.ts';
import { outcomeClasses, statuses, streams, substatuses } from '../model/delivery.ts';
import { pushProviders } from '../model/push.ts';
import { pushPriorities } from '../model/push-submission.ts';
import { smsProviders } from '../model/sms.ts';

const addressInput = z
  .union([z.string(), z.strictObject({ name: z.string().optional(), address: z.string() })])
  .openapi({ example: 'Jane <jane@example.com>' });

const addressList = z.union([addressInput, z.array(addressInput).max(10_000)]).describe('one, or a list');

/** What every channel has. */
const common = {
  tags: z.array(z.string()).max(1_000).optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  stream: z.enum(streams).optional(),
  sendAt: z.string().optional().describe('ISO 8601 with an offset; at once where it is missing'),
  project: z.string().optional(),
} as const;

export const emailRequestSchema = z
  .strictObject({
    channel: z.literal('email').optional().describe('what is meant where nothing is said'),
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
    ...common,
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
  })
  .openapi('SendEmailRequest');

const pushRecipient = z
  .strictObject({
    phone: z.string().optional().describe('id of a device: all of its apps'),
    user: z.string().optional().describe('all devices of that user'),
    topic: z.string().optional().describe('of FCM: whoever takes part in it'),
    token: z.string().optional().describe('device token, or id of a Web Push subscription'),
    subscription: z
      .object({
        endpoint: z.string().max(4_096),
        keys: z.object({ p256dh: z.string().max(200), auth: z.string().max(100) }),
      })
      .optional()
      .describe('the whole subscription of a browser, as its page has it: PushSubscription.toJSON()'),
    provider: z.enum(pushProviders).optional().describe('with `token`: whose it is'),
    app: z
      .string()
      .optional()
      .describe('with `phone` and `user`: that app alone; with a token of APNs: its bundle id'),
    environment: z
      .enum(['production', 'development'])
      .optional()
      .describe('with a token of APNs; production where it is missing'),
  })
  .openapi('PushRecipient', { description: 'One of `phone`, `user`, `topic`, `token` and `subscription`.' });

const piece = z.record(z.string(), z.unknown()).optional();

export const pushRequestSchema = z
  .strictObject({
    channel: z.literal('push'),
    to: z
      .union([pushRecipient, z.array(pushRecipient).max(10_000)])
      .optional()
      .describe('one, or a list; each device is a delivery'),
    title: z.string().optional(),
    subtitle: z.string().optional().describe('iOS alone shows it'),
    body: z.string().optional(),
    image: z.string().optional().describe('http or https address of a large picture'),
    badge: z.number().optional().describe('number on the app’s icon; 0 takes it away'),
    sound: z.string().optional(),
    data: z.record(z.string(), z.string()).optional().describe('the app’s own'),
    link: z.string().optional().describe('deep link that a tap opens'),
    ttlSeconds: z
      .number()
      .optional()
      .describe('how long it is kept for a device that is off; 0: tried once and never stored'),
    collapseKey: z.string().optional().describe('a later push with the same key takes its place'),
    priority: z.enum(pushPriorities).optional(),
    group: z
      .string()
      .optional()
      .describe(
        'what notifications are grouped by: thread-id; where the provider has no word for it, it goes with the data',
      ),
    category: z.string().optional().describe('category on iOS, channel on Android'),
    silent: z.boolean().optional().describe('wakes the app and shows nothing'),
    ios: piece.describe('merged into the payload for APNs'),
    android: piece.describe('merged into `message.android` of FCM'),
    web: piece.describe('merged into what the page’s service worker gets'),
    ...common,
  })
  .openapi('SendPushRequest');

const smsRecipient = z
  .union([
    z.string().openapi({ example: '+14155550123' }),
    z
      .strictObject({
        number: z.string().optional().describe('E.164, with the plus sign'),
        user: z.string().optional().describe('all handsets of that user'),
      })
      .openapi('SmsRecipient', { description: 'One of `number` and `user`.' }),
  ])
  .describe('a number, or an object');

export const smsRequestSchema = z
  .strictObject({
    channel: z.literal('sms'),
    to: z
      .union([smsRecipient, z.array(smsRecipient).max(10_000)])
      .optional()
      .describe('one, or a list; each number is a delivery'),
    from: z
      .string()
      .optional()
      .describe('number, short code, or up to 11 letters and digits; the sandbox’s own where it is missing'),
    body: z.string().optional(),
    media: z
      .union([z.string(), z.array(z.string()).max(1_000)])
      .optional()
      .describe('http or https addresses of pictures: it is an MMS then'),
    provider: z.enum(smsProviders).optional().describe('twilio where nothing is said'),
    providers: z
      .array(z.enum(smsProviders))
      .max(100)
      .optional()
      .describe('instead of `provider`: asked in this order, the next where one cannot take it'),
    trackLinks: z
      .boolean()
      .optional()
      .describe('links are shortened and lead through this core, which sees the clicks'),
    validitySeconds: z.number().optional().describe('how long it may be tried, by the carrier too'),
    reference: z.string().optional().describe('the app’s own name for it'),
    ...common,
  })
  .openapi('SendSmsRequest');

const inAppRecipient = z
  .union([
    z.string().openapi({ example: 'user-42' }),
    z.strictObject({ user: z.string() }).openapi('InAppRecipient'),
  ])
  .describe('id of a user');

export const inAppRequestSchema = z
  .strictObject({
    channel: z.literal('inapp'),
    to: z
      .union([inAppRecipient, z.array(inAppRecipient).max(100_000)])
      .optional()
      .describe('one, or a list; each user is a delivery, which waits until the app pulls it'),
    ...inAppFields,
    ...common,
  })
  .openapi('SendInAppRequest');

export const sendRequestSchema = z
  .discriminatedUnion('channel', [
    emailRequestSchema,
    pushRequestSchema,
    smsRequestSchema,
    inAppRequestSchema,
  ])
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
