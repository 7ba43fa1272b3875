/** How the SMS providers, the carriers and their prices behave, where a user may choose. */
import { z } from 'zod';
import type { SmsCredential } from '../../delivery/sms-far-side.ts';
import { type SmsProvider, smsProviders } from '../../model/sms.ts';

/** 3GPP TS 23.040 §9.2.3.12 lets an SMSC keep a message for up to 63 weeks; carriers usually do for 72 hours. */
export const storeMsMax = 72 * 3_600_000;
const latencyMsMax = 24 * 3_600_000;
const wordsMax = 200;
const wordCharsMax = 100;
const countriesMax = 250;
const accountsMax = 100;
const credentialCharsMax = 4_096;

const country = z.string().regex(/^[A-Z]{2}$/, 'a country has two capital letters, like US (ISO 3166-1)');
const amount = z.string().regex(/^\d{1,6}(?:\.\d{1,6})?$/, 'a price is a decimal, like 0.0079');
const byProvider = <T extends z.ZodType>(one: T) => z.partialRecord(z.enum(smsProviders), one);

const shape = {
  strictNumbers: z
    .boolean()
    .describe('numbers have to be in ranges that somebody was given; off: a possible length is enough'),
  latencyMs: z
    .int()
    .min(0)
    .max(latencyMsMax)
    .describe('virtual time from the provider’s yes until the handset has it; 0: at once'),
  storeMs: z
    .int()
    .min(1_000)
    .max(storeMsMax)
    .describe('how long a carrier keeps a message for a handset that is off: 72 hours at the most'),
  unknownSenders: z
    .enum(['register', 'refuse'])
    .describe('a sender that was not seen before: it is registered, or refused as the provider does'),
  blockedCountries: z
    .array(country)
    .max(countriesMax)
    .describe('countries that the accounts may not send to (permissions of the provider)'),
  filter: z
    .object({
      on: z.boolean(),
      words: z
        .array(z.string().trim().min(2).max(wordCharsMax))
        .max(wordsMax)
        .describe('phrases that are filtered too, in either case'),
    })
    .describe('what carriers filter out'),
  prices: z
    .object({
      on: z.boolean(),
      currency: byProvider(z.string().regex(/^[A-Z]{3}$/, 'a currency has three capital letters, like EUR')),
      perPart: amount.describe('of one part, where no country says otherwise'),
      countries: z.record(country, amount).describe('of one part, by country'),
    })
    .describe('what a message costs'),
  vonage: z
    .object({
      webhookFormat: z.enum(['POST-JSON', 'POST', 'GET']).describe('how receipts of the SMS API come'),
      signature: z
        .enum(['none', 'MD5HASH', 'MD5HMAC', 'SHA1HMAC', 'SHA256HMAC', 'SHA512HMAC'])
        .describe('how they, and answers, are signed'),
    })
    .describe('what an account has set in Vonage’s dashboard'),
};

export const smsSettingsSchema = z.object(shape);
export type SmsWorldSettings = Readonly<z.infer<typeof smsSettingsSchema>>;

const credentialText = z.string().min(1).max(credentialCharsMax);
/** Without a secret the one that is known stays. */
export const credentialsChangeSchema = byProvider(
  z.array(z.strictObject({ account: credentialText, secret: credentialText.optional() })).max(accountsMax),
).describe('fixed credentials of a provider; none: any are taken');
export type CredentialsChange = z.infer<typeof credentialsChangeSchema>;

export type Credentials = Readonly<Partial<Record<SmsProvider, readonly SmsCredential[]>>>;

export const usualSmsSettings: SmsWorldSettings = {
  strictNumbers: false,
  latencyMs: 0,
  storeMs: storeMsMax,
  unknownSenders: 'register',
  blockedCountries: [],
  filter: { on: true, words: [] },
  prices: {
    on: true,
    currency: {
      twilio: 'USD',
      vonage: 'EUR',
      messagebird: 'EUR',
      sinch: 'EUR',
      infobip: 'EUR',
      telnyx: 'USD',
    },
    perPart: '0.0500',
    countries: { US: '0.0083', CA: '0.0083', GB: '0.0463', DE: '0.0935', FR: '0.0798', IN: '0.0832' },
  },
  vonage: { webhookFormat: 'POST-JSON', signature: 'MD5HASH' },
};

/** One that an older version wrote lacks what is new. */
export function readSmsSettings(value: unknown): SmsWorldSettings {
  const parsed = smsSettingsSchema.safeParse({ ...usualSmsSettings, ...(value as object | null) });
  return parsed.success ? parsed.data : usualSmsSettings;
}

/** As it is on disk: secrets sealed. */
export const sealedCredentialsSchema = byProvider(
  z.array(z.object({ account: z.string(), sealed: z.string() })),
);
