/** What a user may be given: checked and brought into its form, from the API and from files alike. */
import { z } from 'zod';
import { phoneNumber } from '../model/phone-number.ts';
import { pushProviders } from '../model/push.ts';
import { userChannels } from '../model/user.ts';

export const userIdCharsMax = 256;
export const attributesBytesMax = 64 * 1024;
export const attributesDepthMax = 20;
export const devicesMax = 100;
export const topicChoicesMax = 1_000;
const nameCharsMax = 200;
const emailCharsMax = 320;
const tokenCharsMax = 4_096;
const appCharsMax = 255;

export const userIdSchema = z
  .string()
  .min(1)
  .max(userIdCharsMax)
  .regex(
    /^[^\p{C}\p{Zl}\p{Zp}]+$/u,
    'an id has printable characters only: no line breaks, no control characters',
  )
  .refine((id) => id.trim() === id, 'an id neither begins nor ends with a space')
  .describe('as the app knows its users: may be an address, a number, a key of its database');

export const topicIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]{0,99}$/, 'an id has letters, digits and _.-, up to 100 of them');

const emailSchema = z
  .string()
  .trim()
  .max(emailCharsMax)
  .regex(
    /^[^\s@<>,;"]+@[^\s@<>,;"]+$|^"[^"\r\n]+"@[^\s@<>,;]+$/,
    'is no mail address; write jane@example.com',
  );

const phoneSchema = z
  .string()
  .trim()
  .transform((text, context) => {
    const number = phoneNumber(text);
    if (number?.possible === true) return number.e164;
    context.addIssue({
      code: 'custom',
      message: 'is no phone number; write it with its country, as +14155550123',
    });
    return z.NEVER;
  })
  .describe('with its country; kept as E.164 has it');

const localeSchema = z
  .string()
  .trim()
  .transform((text, context) => {
    const locale = canonicalLocale(text);
    if (locale !== null) return locale;
    context.addIssue({ code: 'custom', message: 'is no language tag (BCP 47); write de, or pt-BR' });
    return z.NEVER;
  })
  .describe('BCP 47: de-AT');

const timezoneSchema = z
  .string()
  .trim()
  .refine(isTimezone, 'is no time zone; write one of the IANA database, as Europe/Vienna')
  .describe('IANA: Europe/Vienna');

export const attributesSchema = z
  .record(z.string(), z.unknown())
  .superRefine((attributes, context) => {
    const problem = attributesProblem(attributes);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  })
  .describe('any JSON, 64 KB of it');

export const deviceSchema = z.strictObject({
  provider: z.enum(pushProviders),
  token: z
    .string()
    .min(1)
    .max(tokenCharsMax)
    .regex(/^[!-~]+$/, 'a token has no spaces')
    .describe('device token, or id of a Web Push subscription, or with `keys` its endpoint'),
  keys: z
    .strictObject({ p256dh: z.string().max(200), auth: z.string().max(100) })
    .exactOptional()
    .describe('of a real subscription, whose endpoint is the token'),
  app: z.string().min(1).max(appCharsMax).nullable().default(null).describe('bundle id; APNs wants it'),
  environment: z.enum(['production', 'development']).nullable().default(null),
});

export const channelPreferencesSchema = z
  .strictObject(
    Object.fromEntries(userChannels.map((channel) => [channel, z.boolean().exactOptional()])) as Record<
      (typeof userChannels)[number],
      z.ZodExactOptional<z.ZodBoolean>
    >,
  )
  .describe('true: wanted; what is not named is as the topic has it, or wanted');

export const preferencesSchema = z.strictObject({
  channels: channelPreferencesSchema.default({}),
  topics: z
    .record(topicIdSchema, z.union([z.boolean(), channelPreferencesSchema]))
    .refine((topics) => Object.keys(topics).length <= topicChoicesMax, `at most ${topicChoicesMax} topics`)
    .default({})
    .describe('false: unsubscribed from the topic; or by channel'),
  unsubscribed: z.boolean().default(false).describe('from everything that may be unsubscribed from'),
});

/** Everything but the id; null and left out are the same where a user is given whole. */
export const profileShape = {
  name: z.string().trim().max(nameCharsMax).nullable(),
  email: emailSchema.nullable(),
  phone: phoneSchema.nullable(),
  locale: localeSchema.nullable(),
  timezone: timezoneSchema.nullable(),
  attributes: attributesSchema,
  devices: z.array(deviceSchema).max(devicesMax),
  preferences: preferencesSchema,
};

export const profileSchema = z.strictObject(profileShape).partial();
/** What is read of a request or a line; what is left out is not said. */
export type Profile = z.infer<typeof profileSchema>;

/** RFC 7396 in attributes and preferences: null takes a member away. */
export const profileChangeShape = {
  ...profileShape,
  attributes: z.record(z.string(), z.unknown()).describe('merged (RFC 7396): null takes a member away'),
  preferences: z.record(z.string(), z.unknown()).describe('merged (RFC 7396): null takes a member away'),
};
export const profileChangeSchema = z.strictObject(profileChangeShape).partial();
export type ProfileChange = z.infer<typeof profileChangeSchema>;

/** @returns null where it is none */
export function canonicalLocale(text: string): string | null {
  try {
    // Systems that came from C write de_AT, and de_AT.UTF-8.
    return Intl.getCanonicalLocales(text.replace(/\..*$/, '').replaceAll('_', '-'))[0] ?? null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const knownTimezones = new Map<string, boolean>();
const knownTimezonesMax = 1_000;

function isTimezone(text: string): boolean {
  const known = knownTimezones.get(text);
  if (known !== undefined) return known;
  // An offset is none that a calendar can be kept by: the summer changes it.
  const is = /^[A-Za-z]/.test(text) && canFormat(text);
  if (knownTimezones.size >= knownTimezonesMax) knownTimezones.clear();
  knownTimezones.set(text, is);
  return is;
}

function canFormat(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** What is wrong with them, or null. */
export function attributesProblem(attributes: Readonly<Record<string, unknown>>): string | null {
  const problem = shapeProblem(attributes, 1);
  if (problem !== null) return problem;
  const bytes = Buffer.byteLength(JSON.stringify(attributes));
  return bytes > attributesBytesMax
    ? `are ${bytes} bytes of JSON; keep them under ${attributesBytesMax}`
    : null;
}

function shapeProblem(value: unknown, depth: number): string | null {
  if (typeof value !== 'object' || value === null) return null;
  if (depth > attributesDepthMax) return `nest deeper than ${attributesDepthMax} levels`;
  for (const [name, member] of Object.entries(value)) {
    // Names that every object has would be lost, or worse, where something is copied member by member.
    if (name === '__proto__') return 'may not have a member of the name __proto__';
    const problem = shapeProblem(member, depth + 1);
    if (problem !== null) return problem;
  }
  return null;
}
