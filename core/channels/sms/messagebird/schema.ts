/** What is kept with a message so that it can be read back and reported as MessageBird does. */
import { z } from 'zod';

export const messagebirdHost = 'rest.messagebird.com';

/** The route by which most accounts send. */
export const gatewayUsual = 10;

export const messageTypes = ['sms', 'flash', 'binary'] as const;
export const datacodings = ['plain', 'unicode', 'auto'] as const;

/** Of the carrier that a recipient is with. */
const recipientSchema = {
  network: z.string().catch(''),
  operator: z.string().catch(''),
  country: z.string().nullable().catch(null),
  callingCode: z.string().catch(''),
  ported: z.boolean().catch(false),
};

/** `SmsRow.record`: of the message, the same for all its recipients, and of this one. */
const recordSchema = z.object({
  kind: z.enum(['sms', 'mms']).catch('sms'),
  type: z.enum(messageTypes).catch('sms'),
  /** As the request has it, which the reply repeats. */
  originator: z.string().catch(''),
  body: z.string().catch(''),
  reference: z.string().nullable().catch(null),
  reportUrl: z.string().nullable().catch(null),
  validityS: z.number().nullable().catch(null),
  gateway: z.number().catch(gatewayUsual),
  udh: z.string().nullable().catch(null),
  datacoding: z.enum(['plain', 'unicode']).catch('plain'),
  mclass: z.number().catch(1),
  scheduled: z.string().nullable().catch(null),
  subject: z.string().nullable().catch(null),
  ...recipientSchema,
});

export type MessagebirdRecord = z.infer<typeof recordSchema>;

export function recordOf(record: Readonly<Record<string, unknown>>): MessagebirdRecord {
  return recordSchema.parse(record);
}
