/** The wire shapes of handsets, SMS and senders: as in `schema.ts`, of which they are a part. */
import { z } from '@hono/zod-openapi';
import { callbackPurposes } from '../model/callback.ts';
import { statuses, substatuses } from '../model/delivery.ts';
import { lines } from '../model/handset.ts';
import { smsCauses, smsProviders, smsStates } from '../model/sms.ts';
import { credentialsChangeSchema, smsSettingsSchema as settings } from '../phones/sms/settings.ts';

const nameCharsMax = 200;
const textCharsMax = 10_000;
const senderCharsMax = 64;
const urlCharsMax = 2_000;
const mediaMax = 10;
/** Of virtual time: a year. */
const spanMsMax = 366 * 24 * 3_600_000;

export const carrierSchema = z.object({
  name: z.string(),
  network: z.string().describe('MCC and MNC; 001 is the country of test networks'),
});

export const handsetSchema = z
  .object({
    number: z.string().describe('E.164'),
    name: z.string(),
    user: z.string().nullable(),
    country: z.string().nullable().describe('ISO 3166-1 alpha-2'),
    line: z.enum(lines).describe('unknown: nobody has the number'),
    carrier: carrierSchema,
    portedFrom: carrierSchema.nullable().describe('the carrier that it was taken along from'),
    online: z.boolean(),
    offlineUntil: z.string().nullable().describe('null: on, or off until it is switched on'),
    blocked: z.boolean(),
    unreachable: z.boolean().describe('it cannot be reached, and nothing is kept for it'),
    optOuts: z.array(
      z.object({
        provider: z.enum(smsProviders),
        account: z.string(),
        sender: z.string().describe('sender or messaging service'),
        word: z.string(),
        at: z.string(),
      }),
    ),
    onTheFly: z.boolean().describe('made because somebody sent to a number that nobody knew'),
    createdAt: z.string(),
    waiting: z.int().describe('messages that wait for it, at its carrier or before'),
  })
  .openapi('Handset');

const changeShape = {
  name: z.string().trim().min(1).max(nameCharsMax),
  user: z.string().trim().min(1).max(nameCharsMax).nullable(),
  line: z.enum(lines),
  blocked: z.boolean(),
  unreachable: z.boolean(),
};

export const newHandsetSchema = z
  .strictObject({
    number: z.string().trim().min(1).max(senderCharsMax).describe('E.164, like +14155550123'),
    ...z.strictObject(changeShape).partial().shape,
  })
  .openapi('NewHandset');

export const handsetChangeSchema = z
  .strictObject({
    ...changeShape,
    portedTo: z.string().nullable().describe('name or network of a carrier; null: back to its first one'),
    optOuts: z.tuple([]).describe('an empty list: what STOP did is undone, without a word to anybody'),
    online: z.boolean(),
    forMs: z
      .int()
      .min(1)
      .max(spanMsMax)
      .nullable()
      .describe('with online false: null or left out: until it is switched on'),
  })
  .partial()
  .openapi('HandsetChange');

export const handsetOfflineSchema = z.strictObject({
  forMs: z.int().min(1).max(spanMsMax).nullable().default(null).describe('null: until it is switched on'),
});

export const smsPriceSchema = z
  .object({ amount: z.string().describe('a decimal'), currency: z.string() })
  .openapi('SmsPrice');

const mediaSchema = z.object({ url: z.string(), contentType: z.string().nullable() });

export const smsCallbackSchema = z
  .object({
    id: z.string().describe('of its delivery'),
    purpose: z.enum(callbackPurposes),
    tells: z.string().describe('the status word, or `message`'),
    method: z.string().nullable(),
    url: z.string().describe('or the system_id of an SMPP receiver'),
    body: z.string().nullable(),
    status: z.enum(statuses),
    substatus: z.enum(substatuses).nullable(),
    reason: z.string().nullable(),
    attempts: z.int(),
    nextAttemptAt: z.string().nullable(),
    answer: z
      .object({ at: z.string(), code: z.int().nullable(), text: z.string() })
      .nullable()
      .describe('of the last attempt'),
  })
  .openapi('SmsCallback');

const anatomyShape = {
  encoding: z.enum(['GSM-7', 'UCS-2', 'binary']),
  parts: z.int(),
  characters: z.int().describe('as a person counts them'),
  units: z.int().describe('septets of GSM-7, 16-bit units of UCS-2'),
  unitsLeft: z.int().describe('that fit into the last part still'),
  partTexts: z.array(z.string()),
  unicode: z
    .array(
      z.object({
        character: z.string(),
        at: z.int().describe('where it stands first, in UTF-16 units'),
        instead: z.string().nullable().describe('what GSM 03.38 has in its place'),
      }),
    )
    .describe('what made this Unicode'),
};

export const smsSchema = z
  .object({
    id: z.string(),
    seq: z.int(),
    provider: z.enum(smsProviders),
    account: z.string(),
    providerId: z.string(),
    batchId: z.string().nullable(),
    direction: z.enum(['mt', 'mo']).describe('mt: to the handset; mo: from it'),
    number: z.string(),
    sender: z.string(),
    service: z.string().nullable(),
    messageId: z.string().nullable().describe('null: an answer, or what a provider sent by itself'),
    deliveryId: z.string().nullable(),
    text: z.string(),
    media: z.array(mediaSchema),
    price: smsPriceSchema.nullable(),
    receivedAt: z.string(),
    expiresAt: z.string().describe('until when the carrier keeps it'),
    state: z.enum(smsStates),
    copies: z.int().describe('how often the handset shows it'),
    steps: z.array(
      z.object({
        state: z.enum(smsStates),
        at: z.string(),
        cause: z.enum(smsCauses).nullable(),
        status: z.string().describe('in the provider’s own words'),
        code: z.string().nullable(),
        reason: z.string().nullable(),
      }),
    ),
    ...anatomyShape,
    callbacks: z.array(smsCallbackSchema),
    faults: z
      .array(z.string())
      .describe(
        'of an answer of a handset: what of the app’s reply (TwiML) was passed over, in the provider’s words',
      ),
  })
  .openapi('Sms', { description: 'One message to, or from, one handset, and what the app was told of it.' });

export const smsThreadSchema = z
  .object({
    number: z.string(),
    sender: z.string(),
    provider: z.enum(smsProviders),
    messages: z.int(),
    optedOut: z.boolean().describe('its owner wrote STOP'),
    canReply: z.boolean().describe('nobody can answer a name'),
    last: z.object({
      id: z.string(),
      direction: z.enum(['mt', 'mo']),
      text: z.string(),
      state: z.enum(smsStates),
      at: z.string(),
    }),
  })
  .openapi('SmsThread');

export const replySchema = z
  .strictObject({
    to: z.string().trim().min(1).max(senderCharsMax).describe('the sender, as in the thread'),
    text: z.string().max(textCharsMax),
    media: z
      .array(
        z.strictObject({
          url: z.url().max(urlCharsMax),
          contentType: z.string().min(1).max(nameCharsMax).nullable().default(null),
        }),
      )
      .max(mediaMax)
      .default([]),
    provider: z.enum(smsProviders).optional().describe('where more than one have that sender'),
  })
  .refine(({ text, media }) => text !== '' || media.length > 0, {
    path: ['text'],
    message: 'an answer has a text or a medium',
  })
  .openapi('SmsReply');

export const repliedSchema = z
  .object({
    id: z.string().describe('of the message'),
    providerId: z.string(),
    provider: z.enum(smsProviders),
    outcome: z.enum(['told', 'opted_out', 'opted_in', 'helped', 'nobody']),
    detail: z.string(),
  })
  .openapi('SmsReplied');

export const smsSettingsSchema = z
  .object({
    ...settings.shape,
    credentials: z
      .partialRecord(z.enum(smsProviders), z.array(z.string()))
      .describe('accounts with fixed credentials; none: any are taken'),
  })
  .openapi('SmsSettings');

export const smsSettingsChangeSchema = z
  .strictObject({ ...settings.partial().shape, credentials: credentialsChangeSchema.optional() })
  .openapi('SmsSettingsChange');

const senderUrl = z
  .url({ protocol: /^https?$/ })
  .max(urlCharsMax)
  .nullable();

export const smsSenderSchema = z
  .object({
    sender: z.string(),
    provider: z.enum(smsProviders),
    account: z.string().nullable(),
    countries: z.array(z.string()).describe('that it is registered in; *: everywhere'),
    service: z.string().nullable(),
    inboundUrl: z.string().nullable().describe('where answers of handsets go; null: they are shown only'),
    inboundMethod: z.enum(['POST', 'GET']),
    statusUrl: z.string().nullable().describe('where reports go that the request names no address for'),
    onTheFly: z.boolean(),
  })
  .openapi('SmsSender');

export const smsSenderChangeSchema = z
  .strictObject({
    account: z.string().max(nameCharsMax).nullable(),
    countries: z.array(z.string().regex(/^(?:\*|[A-Z]{2})$/, 'a country like US, or *')).max(250),
    service: z.string().min(1).max(nameCharsMax).nullable(),
    inboundUrl: senderUrl,
    inboundMethod: z.enum(['POST', 'GET']),
    statusUrl: senderUrl,
  })
  .partial()
  .openapi('SmsSenderChange');

export const smsPreviewRequestSchema = z
  .strictObject({
    text: z.string().max(textCharsMax),
    provider: z.enum(smsProviders).default('twilio'),
    number: z.string().max(senderCharsMax).optional().describe('whose country says what it costs'),
  })
  .openapi('SmsPreviewRequest');

export const smsPreviewSchema = z
  .object({
    ...anatomyShape,
    price: smsPriceSchema.nullable(),
    plain: z.string().nullable().describe('the same in GSM 03.38, where letters can be swapped for it'),
    filtered: z.string().nullable().describe('why carriers would keep it away'),
  })
  .openapi('SmsPreview');

export type HandsetView = z.infer<typeof handsetSchema>;
export type SmsView = z.infer<typeof smsSchema>;
export type SmsCallbackView = z.infer<typeof smsCallbackSchema>;
export type SmsThreadView = z.infer<typeof smsThreadSchema>;
export type SmsSenderView = z.infer<typeof smsSenderSchema>;
export type SmsSettingsView = z.infer<typeof smsSettingsSchema>;
export type SmsPreviewView = z.infer<typeof smsPreviewSchema>;
export type RepliedView = z.infer<typeof repliedSchema>;
