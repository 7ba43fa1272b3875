/** Wire types of Telnyx's messaging API, and what of a request is kept with its messages. */
import { z } from 'zod';

export const telnyxHost = 'api.telnyx.com';

/** Kind of the documents that messaging profiles are kept as. */
export const profileDocuments = 'telnyx_profile';

/** Any UUID; Telnyx writes its ids so. */
export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What goes with each SMS of a Telnyx message (`NewSms.record`); answers of handsets and of the provider have none of it. */
const recordSchema = z.object({
  /** Of the message as a whole: the same for all recipients of a group. */
  messageId: z.string().nullable().catch(null),
  organizationId: z.string().nullable().catch(null),
  type: z.enum(['SMS', 'MMS']).catch('SMS'),
  subject: z.string().nullable().catch(null),
  webhookUrl: z.string().nullable().catch(null),
  webhookFailoverUrl: z.string().nullable().catch(null),
  /** Where it is told of, one after another: those of the request, then those of its profile. */
  urls: z.array(z.string()).readonly().catch([]),
  carrier: z.string().catch(''),
  lineType: z.enum(['Wireless', 'Wireline', '']).catch(''),
  /** Of a group: all its recipients. */
  group: z.array(z.string()).readonly().nullable().catch(null),
  smartEncoded: z.boolean().catch(false),
  sendAtMs: z.number().nullable().catch(null),
});
export type TelnyxRecord = z.infer<typeof recordSchema>;

export function recordOf(record: Readonly<Record<string, unknown>>): TelnyxRecord {
  return recordSchema.parse(record);
}

/** @see https://developers.telnyx.com/api-reference/profiles/create-a-messaging-profile */
export const profileSchema = z.object({
  id: z.string(),
  organization_id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  webhook_url: z.string().nullable(),
  webhook_failover_url: z.string().nullable(),
  webhook_api_version: z.enum(['1', '2', '2010-04-01']),
  whitelisted_destinations: z.array(z.string()).readonly(),
  number_pool_settings: z.record(z.string(), z.unknown()).nullable(),
  url_shortener_settings: z.record(z.string(), z.unknown()).nullable(),
  alpha_sender: z.string().nullable(),
  mobile_only: z.boolean(),
  mms_fall_back_to_sms: z.boolean(),
  mms_transcoding: z.boolean(),
  smart_encoding: z.boolean(),
  daily_spend_limit: z.string().nullable(),
  daily_spend_limit_enabled: z.boolean(),
  v1_secret: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Profile = z.infer<typeof profileSchema>;

/** What of a profile a request may set; what else it says is let be, as Telnyx does. */
export const profileChangeSchema = profileSchema
  .omit({ id: true, organization_id: true, created_at: true, updated_at: true, v1_secret: true })
  .partial();
export type ProfileChange = z.infer<typeof profileChangeSchema>;

export interface NumberSettings {
  readonly phone_number: string;
  readonly messaging_profile_id: string | null;
}
