/** The wire shapes of the phones: as in `schema.ts`, of which they are a part. */
import { z } from '@hono/zod-openapi';
import { platforms, pushStates } from '../model/phone.ts';
import { pushProviders } from '../model/push.ts';
import { phoneSettingsSchema as settings } from '../phones/settings.ts';

const nameCharsMax = 200;
const appCharsMax = 255;
const tokenCharsMax = 4_096;
const topicsMax = 2_000;
const linksMax = 100;
const sendsMax = 1_000_000;
/** Of virtual time: a year. */
const spanMsMax = 366 * 24 * 3_600_000;

const appName = z
  .string()
  .min(1)
  .max(appCharsMax)
  .regex(/^[!-~]+$/, 'a bundle id, a package name or an origin has no spaces')
  .describe('bundle id, package name, or origin of a page (https://shop.example)');
const span = z.int().min(1).max(spanMsMax);

/** What `PushSubscription.toJSON()` gives to a page (Push API §9). */
export const subscriptionSchema = z
  .object({
    endpoint: z.string(),
    expirationTime: z.number().nullable(),
    keys: z.object({ p256dh: z.string(), auth: z.string() }),
  })
  .openapi('PushSubscription');

export const phoneAppSchema = z
  .object({
    app: z.string(),
    provider: z.enum(pushProviders),
    token: z.string().describe('device token, or the id of a subscription'),
    environment: z.enum(['production', 'development']).nullable(),
    permission: z.enum(['granted', 'denied']),
    installed: z.boolean(),
    uninstalledAt: z.string().nullable().describe('virtual, as are the other times here'),
    tellAfterSends: z.int().nullable().describe('sends that the provider lets through before it says so'),
    tellAt: z.string().nullable(),
    formerTokens: z.array(z.object({ token: z.string(), since: z.string() })),
    topics: z.array(z.string()),
    badge: z.int(),
    subscription: subscriptionSchema.nullable(),
    applicationServerKey: z.string().nullable(),
    linkSchemes: z.array(z.string()),
    linkDomains: z.array(z.string()),
    project: z.string().nullable().describe('of FCM: whose sends the token takes; null: any'),
    dropped: z
      .object({ at: z.string(), why: z.string() })
      .nullable()
      .describe('a provider said that the token is gone: sends to its user leave it out'),
    waiting: z.int().describe('pushes that wait for the device'),
  })
  .openapi('PhoneApp');

export const phoneSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    user: z.string().nullable(),
    platform: z.enum(platforms),
    online: z.boolean(),
    offlineUntil: z.string().nullable().describe('null: on, or off until it is switched on'),
    createdAt: z.string(),
    onTheFly: z.boolean().describe('made because somebody pushed to a token that nobody knew'),
    waiting: z.int(),
    apps: z.array(phoneAppSchema),
  })
  .openapi('Phone');

export const newPhoneSchema = z
  .strictObject({
    platform: z.enum(platforms),
    name: z
      .string()
      .trim()
      .min(1)
      .max(nameCharsMax)
      .optional()
      .describe('left out: as its platform is called'),
    user: z.string().trim().min(1).max(nameCharsMax).nullable().default(null),
  })
  .openapi('NewPhone');

export const phoneChangeSchema = z
  .strictObject({
    name: z.string().trim().min(1).max(nameCharsMax),
    user: z.string().trim().min(1).max(nameCharsMax).nullable(),
  })
  .partial()
  .openapi('PhoneChange');

export const registrationSchema = z
  .strictObject({
    app: appName,
    provider: z
      .enum(pushProviders)
      .optional()
      .describe("left out: the platform's own (ios: apns, android: fcm, browser: webpush)"),
    environment: z.enum(['production', 'development']).optional().describe('APNs; left out: development'),
    topics: z
      .array(z.string().regex(/^[\w.~%:+/=-]{1,900}$/, 'a topic has letters, digits and -_.~%'))
      .max(topicsMax)
      .optional()
      .describe('topics of FCM; of APNs the ids of broadcast channels'),
    applicationServerKey: z
      .string()
      .refine((text) => rawKey(text) !== null, 'an uncompressed P-256 public key in base64url (65 bytes)')
      .transform((text) => rawKey(text) ?? text)
      .nullable()
      .optional()
      .describe('of a browser: the only application server that may push'),
    token: z
      .string()
      .regex(/^[!-~]+$/, 'a token has no spaces')
      .max(tokenCharsMax)
      .optional()
      .describe('chosen, for tests; left out: one is made'),
    project: z.string().min(1).max(nameCharsMax).nullable().optional(),
    linkSchemes: z
      .array(z.string().regex(/^[A-Za-z][A-Za-z0-9+.-]*$/, 'a scheme alone, like myapp'))
      .max(linksMax)
      .optional(),
    linkDomains: z
      .array(z.string().regex(/^(?:\*\.)?[A-Za-z0-9.-]+$/, 'a domain, like shop.example or *.shop.example'))
      .max(linksMax)
      .optional(),
  })
  .openapi('Registration');

/** RFC 8292 §3.2: uncompressed, base64url without padding; browsers take base64 with padding too. */
function rawKey(text: string): string | null {
  if (!/^[\w+/=-]{80,100}$/.test(text)) return null;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.length === 65 && bytes[0] === 4 ? bytes.toString('base64url') : null;
}

export const appOfSchema = z.strictObject({ app: appName });
export const rotationSchema = z.strictObject({ app: appName, provider: z.enum(pushProviders).optional() });
export const offlineSchema = z.strictObject({
  forMs: span.nullable().default(null).describe('null: until it is switched on'),
});
export const permissionSchema = z.strictObject({ app: appName, permission: z.enum(['granted', 'denied']) });
export const uninstallSchema = z.strictObject({
  app: appName,
  tellAfterSends: z
    .int()
    .min(1)
    .max(sendsMax)
    .nullable()
    .default(null)
    .describe('the provider says so after so many more sends'),
  tellAfterMs: span
    .nullable()
    .default(null)
    .describe('the provider says so after so long, in virtual time; without either: at once'),
});
export const tapSchema = z.strictObject({
  action: z.string().min(1).max(nameCharsMax).nullable().default(null).describe('id of a button'),
});

export const pushContentSchema = z
  .object({
    title: z.string().nullable(),
    subtitle: z.string().nullable(),
    body: z.string().nullable(),
    image: z.string().nullable(),
    icon: z.string().nullable(),
    badge: z.int().nullable(),
    sound: z.string().nullable(),
    category: z.string().nullable(),
    group: z.string().nullable(),
    replaces: z.string().nullable(),
    link: z.string().nullable(),
    actions: z.array(z.object({ id: z.string(), title: z.string() })),
    data: z.record(z.string(), z.unknown()),
    silent: z.boolean(),
    interruption: z.enum(['passive', 'active', 'time-sensitive', 'critical']),
  })
  .openapi('PushContent', { description: 'A payload as a device understands it.' });

export const phonePushSchema = z
  .object({
    id: z.string(),
    seq: z.int(),
    phoneId: z.string(),
    app: z.string(),
    provider: z.enum(pushProviders),
    messageId: z.string(),
    deliveryId: z.string().nullable(),
    state: z
      .enum(pushStates)
      .describe('stored: it waits at the provider; lost: accepted and never anywhere, on purpose'),
    shown: z.boolean(),
    reason: z.string().nullable(),
    collapseKey: z.string().nullable(),
    priority: z.string().nullable(),
    receivedAt: z.string(),
    expiresAt: z.string().nullable(),
    deliveredAt: z.string().nullable(),
    dismissed: z.boolean(),
    opened: z.boolean(),
    content: pushContentSchema,
  })
  .openapi('PhonePush');

export const tappedSchema = z
  .object({
    push: phonePushSchema,
    link: z.string().nullable().describe('as the payload names it, or made whole'),
    opens: z
      .enum(['app', 'customScheme', 'universalLink', 'page', 'nowhere'])
      .describe('nowhere: no app on the device is registered for the link'),
    app: z.string().nullable().describe('the app that opens; null: the browser, or none'),
    detail: z.string(),
  })
  .openapi('Tapped');

export const phoneSettingsSchema = z.object(settings.shape).openapi('PhoneSettings');

export type Phone = z.infer<typeof phoneSchema>;
export type PhoneApp = z.infer<typeof phoneAppSchema>;
export type PhonePush = z.infer<typeof phonePushSchema>;
export type Tapped = z.infer<typeof tappedSchema>;
export type PhoneSettings = z.infer<typeof phoneSettingsSchema>;
