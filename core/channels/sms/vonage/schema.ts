/** What is kept with a message so that its receipts say what Vonage's would; and the wire types of the Messages API. */
import { z } from 'zod';

export const vonageHost = 'rest.nexmo.com';
export const messagesHost = 'api.nexmo.com';

export const webhookFormats = ['POST-JSON', 'POST', 'GET'] as const;
export type WebhookFormat = (typeof webhookFormats)[number];

/** `SmsRow.record`. What the carriers made by themselves (an answer to STOP) has an empty one. */
const recordSchema = z.object({
  api: z.enum(['sms', 'messages']).catch('sms'),
  channel: z.enum(['sms', 'mms']).catch('sms'),
  /** Ids of the parts, each of which has receipts of its own; the first is the message's. */
  ids: z.array(z.string()).catch([]),
  /** MCC and MNC of the handset's carrier. */
  network: z.string().catch(''),
  clientRef: z.string().nullable().catch(null),
  reportUrl: z.string().nullable().catch(null),
  /** The sender asked for receipts. */
  receipts: z.boolean().catch(true),
  webhook: z.enum(webhookFormats).catch('POST-JSON'),
});

export type VonageRecord = z.infer<typeof recordSchema>;

export function recordOf(record: Readonly<Record<string, unknown>>): VonageRecord {
  return recordSchema.parse(record);
}

/** `HttpCallback.extra`: what has to be known when it goes out. */
const callbackExtraSchema = z.object({ api: z.enum(['sms', 'messages']).catch('sms') });

export function apiOf(extra: Readonly<Record<string, unknown>> | undefined): 'sms' | 'messages' {
  return callbackExtraSchema.parse(extra ?? {}).api;
}
