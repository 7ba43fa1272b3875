/** The wire shapes of in-app messages as the screen's API has them: as in `schema.ts`, of which they are a part. */
import { z } from '@hono/zod-openapi';
import { inAppFrequencies, inAppKinds, inAppStates, pageDirectives, pageOperators } from '../model/inapp.ts';

const originsMax = 100;
const originPattern = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#]+$/;
const retryAfterMsMax = 600_000;

const origin = z
  .string()
  .trim()
  .toLowerCase()
  .max(300)
  .refine((text) => text === '*' || originPattern.test(text), {
    message: 'an origin like https://app.example, without a path, or * for all, is expected',
  });

export const inAppSettingsSchema = z
  .strictObject({
    requireKey: z
      .boolean()
      .describe(
        'requests name the publishable key, or the secret one, and those that send the secret one; else any key is taken, and none',
      ),
    requireHash: z
      .boolean()
      .describe(
        'requests for a user carry the HMAC-SHA256 of the user’s id with the secret key, in hex, and those that send name the secret key, whatever requireKey says',
      ),
    allowedOrigins: z
      .array(origin)
      .max(originsMax)
      .describe('whose pages may ask, besides those of this machine; * is for all'),
    retryAfterMs: z
      .int()
      .min(0)
      .max(retryAfterMsMax)
      .describe('when clients come back after the door closed their connection'),
  })
  .openapi('InAppSettings');
export type InAppSettings = z.infer<typeof inAppSettingsSchema>;

export const inAppSettingsChangeSchema = inAppSettingsSchema.partial().openapi('InAppSettingsChange');
export type InAppSettingsChange = z.infer<typeof inAppSettingsChangeSchema>;

export const shownInAppSettingsSchema = inAppSettingsSchema
  .extend({ publishableKey: z.string().describe('for the app’s pages') })
  .openapi('ShownInAppSettings');
export type ShownInAppSettings = z.infer<typeof shownInAppSettingsSchema>;

export const inAppSecretSchema = z
  .object({ secretKey: z.string().describe('for the app’s backend: it sends, and makes the users’ hashes') })
  .openapi('InAppSecretKey');

export const inAppHashSchema = z.object({ user: z.string(), hash: z.string() }).openapi('InAppUserHash');

const actionSchema = z
  .object({
    id: z.string(),
    label: z.string(),
    url: z.string().nullable(),
    style: z.enum(['primary', 'secondary']),
    dismisses: z.boolean(),
  })
  .openapi('InAppAction');

const slideSchema = z
  .object({
    title: z.string().nullable(),
    body: z.string().nullable(),
    image: z.string().nullable(),
    actions: z.array(actionSchema),
  })
  .openapi('InAppSlide');

export const inAppContentSchema = z
  .object({
    title: z.string().nullable(),
    body: z.string().nullable(),
    image: z.string().nullable(),
    link: z.string().nullable(),
    actions: z.array(actionSchema),
    slides: z.array(slideSchema),
    data: z.record(z.string(), z.unknown()),
  })
  .openapi('InAppContent');

export const inAppDisplaySchema = z
  .object({
    kind: z.enum(inAppKinds),
    slot: z.string().nullable(),
    pageRules: z.array(
      z.object({
        directive: z.enum(pageDirectives),
        operator: z.enum(pageOperators),
        argument: z.string(),
      }),
    ),
    frequency: z.enum(inAppFrequencies),
    maxPerWeek: z.int().nullable(),
    minIntervalS: z.int().nullable(),
    trigger: z.string().nullable(),
    oncePerSession: z.boolean(),
  })
  .openapi('InAppDisplay');

const time = (what: string) => z.string().nullable().describe(what);

export const inAppMessageSchema = z
  .object({
    id: z.string().describe('of this user’s own: what the in-app door calls it'),
    seq: z.int(),
    user: z.string(),
    messageId: z.string(),
    deliveryId: z.string().nullable(),
    project: z.string(),
    state: z
      .enum(inAppStates)
      .describe('waiting: nobody pulled it yet; pulled: handed to the app; shown: with its first impression'),
    content: inAppContentSchema,
    display: inAppDisplaySchema,
    tags: z.array(z.string()),
    priority: z.int(),
    saveToInbox: z.boolean(),
    createdAt: z.string(),
    availableAt: z.string(),
    expiresAt: time('virtual time, as all of these'),
    pulledAt: time('handed to the app for the first time'),
    seenAt: time('shown to the user'),
    readAt: time('opened by the user'),
    archivedAt: time('put away by the user'),
    interactedAt: time('last click'),
    dismissedAt: time('closed by the user'),
    snoozedUntil: time('put off until then'),
    impressions: z.int(),
    impressionsAt: z.array(z.string()).describe('the newest last; the last 50'),
  })
  .openapi('InAppMessage');

/** Of the message's own screen: what it says, and its users as far as a page goes; /v1/inapp/messages has the rest. */
export const inAppViewSchema = z
  .object({
    content: inAppContentSchema,
    display: inAppDisplaySchema,
    priority: z.int(),
    saveToInbox: z.boolean(),
    ttlSeconds: z.int().nullable(),
    expiresAt: z.string().nullable(),
    sendAt: z.string().nullable(),
    users: z
      .array(inAppMessageSchema.omit({ content: true, display: true }))
      .describe('the newest 200; GET /v1/inapp/messages?messageId= has all'),
    usersTotal: z.int(),
  })
  .openapi('InAppView');
export type InAppView = z.infer<typeof inAppViewSchema>;

export const inAppUserSchema = z
  .object({
    user: z.string(),
    total: z.int(),
    waiting: z.int().describe('that nobody pulled yet'),
    unseen: z.int(),
    unread: z.int(),
    lastAt: z.string().describe('when the newest was made'),
  })
  .openapi('InAppUser');
