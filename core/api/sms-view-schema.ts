/** What an SMS says beside its head: its parts, its encoding, its provider. See `schema.ts`. */
import { z } from '@hono/zod-openapi';
import { smsProviders } from '../model/sms.ts';

export const smsViewSchema = z
  .object({
    provider: z.enum(smsProviders).describe('whose door took it, or the one that is asked first'),
    providers: z.array(z.enum(smsProviders)).describe('in the order in which they are asked'),
    api: z.string().nullable().describe('the interface of the provider: messages, batches, v3, submit_sm …'),
    account: z.string().nullable(),
    sender: z.string().describe('number, short code, alphanumeric; empty where a service chooses it'),
    service: z.string().nullable().describe('messaging service, messaging profile'),
    providerId: z.string().nullable().describe('what the provider calls it; of a batch, the batch'),
    text: z.string().nullable().describe('as it was written; null where it cannot be read'),
    sentText: z
      .string()
      .nullable()
      .describe(
        'with short links in place of its own, where it asked for that: the code differs by recipient',
      ),
    media: z.array(z.object({ url: z.string(), contentType: z.string().nullable() })),
    encoding: z.enum(['GSM-7', 'UCS-2', 'binary']),
    parts: z.int(),
    characters: z.int(),
    units: z.int().describe('septets of GSM-7, 16-bit units of UCS-2: what the limits count'),
    unitsLeft: z.int().describe('what the last part has room for still'),
    partTexts: z.array(z.string()),
    unicode: z
      .array(
        z.object({
          character: z.string(),
          at: z.int().describe('where it stands first, in UTF-16 units'),
          instead: z.string().nullable().describe('what GSM-7 has that looks like it'),
        }),
      )
      .describe('what made it UCS-2'),
    validitySeconds: z.int().nullable(),
    sendAt: z.string().nullable(),
    callbackUrl: z.string().nullable(),
    reference: z.string().nullable(),
    answers: z.string().nullable().describe('the answer of a handset that it answers'),
    trackedLinks: z.array(z.string()).describe('where its short links lead'),
    headers: z.array(z.tuple([z.string(), z.string()])).describe('of the request; credentials are masked'),
  })
  .openapi('SmsView');
