/** The wire shapes of users, topics and segments: as in `schema.ts`, of which they are a part. */
import { z } from '@hono/zod-openapi';
import { platforms } from '../model/phone.ts';
import { pushProviders } from '../model/push.ts';
import { userChannels } from '../model/user.ts';
import { refusalsShownMax } from '../people/csv/import-users.ts';
import { expressionSchema, segmentIdSchema, segmentShape } from '../people/segments/segments.ts';
import { topicShape } from '../people/topics.ts';
import {
  profileChangeShape,
  profileShape,
  topicIdSchema,
  userIdSchema,
  preferencesSchema as wantedPreferences,
} from '../people/user-schema.ts';
import { suppressionSchema } from './suppression-schema.ts';

/** Users of one batch. */
export const batchMax = 10_000;
const eventNameCharsMax = 200;
const eventDataBytesMax = 16 * 1024;
const namePattern = /^[^\p{C}]+$/u;

const channelChoices = z
  .object(
    Object.fromEntries(userChannels.map((channel) => [channel, z.boolean().optional()])) as Record<
      (typeof userChannels)[number],
      z.ZodOptional<z.ZodBoolean>
    >,
  )
  .openapi('ChannelPreferences', {
    description: 'true: wanted; what is not named is as the topic has it, or wanted',
  });

export const preferencesSchema = z
  .object({
    channels: channelChoices.describe('of all topics'),
    topics: z
      .record(z.string(), z.union([z.boolean(), channelChoices]))
      .describe('false: unsubscribed from the topic; or by channel'),
    unsubscribed: z.boolean().describe('from everything that may be unsubscribed from'),
  })
  .openapi('UserPreferences');

export const newPreferencesSchema = z.strictObject(wantedPreferences.shape).openapi('NewUserPreferences');

export const userSchema = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable().describe('E.164'),
    locale: z.string().nullable().describe('BCP 47'),
    timezone: z.string().nullable().describe('IANA'),
    attributes: z.record(z.string(), z.unknown()),
    devices: z
      .array(
        z.object({
          provider: z.enum(pushProviders),
          token: z.string(),
          keys: z.object({ p256dh: z.string(), auth: z.string() }).optional(),
          app: z.string().nullable(),
          environment: z.enum(['production', 'development']).nullable(),
        }),
      )
      .describe('besides the phones that name this user'),
    preferences: preferencesSchema,
    createdAt: z.string().describe('virtual, as are the other times here'),
    updatedAt: z.string(),
  })
  .openapi('User');

/** With what the sandbox knows besides. */
export const userDetailSchema = userSchema
  .extend({
    known: z.object({
      phones: z
        .array(
          z.object({
            id: z.string(),
            name: z.string(),
            platform: z.enum(platforms),
            online: z.boolean(),
            apps: z.array(
              z.object({
                app: z.string(),
                provider: z.enum(pushProviders),
                token: z.string(),
                permission: z.enum(['granted', 'denied']),
                installed: z.boolean(),
              }),
            ),
          }),
        )
        .describe('of the Phones room, with their browsers'),
      handsets: z
        .array(
          z.object({
            number: z.string(),
            name: z.string(),
            carrier: z.string(),
            online: z.boolean(),
            blocked: z.boolean(),
          }),
        )
        .describe('those that name this user, and the one of their number'),
      inapp: z.object({
        total: z.int(),
        waiting: z.int().describe('nobody pulled them yet'),
        unseen: z.int(),
        unread: z.int(),
        lastAt: z.string().nullable(),
      }),
      suppressions: z.array(suppressionSchema).describe('of their address and their number, in force now'),
    }),
  })
  .openapi('UserDetail');

const whole = {
  name: profileShape.name.optional(),
  email: profileShape.email.optional(),
  phone: profileShape.phone.optional(),
  locale: profileShape.locale.optional(),
  timezone: profileShape.timezone.optional(),
  attributes: profileShape.attributes.optional(),
  devices: profileShape.devices.optional(),
  preferences: profileShape.preferences.optional(),
};
export const newUserSchema = z.strictObject({ id: userIdSchema, ...whole }).openapi('NewUser');
export const replacedUserSchema = z
  .strictObject({ id: userIdSchema.optional().describe('that of the path, or left out'), ...whole })
  .openapi('ReplacedUser');
export const userChangeSchema = z.strictObject(profileChangeShape).partial().openapi('UserChange');

/** Each is looked at by itself, so that one that is wrong does not stop the others. */
export const batchSchema = z
  .strictObject({ users: z.array(z.unknown()).min(1).max(batchMax).describe('each as of POST /v1/users') })
  .openapi('UserBatch');
const counts = {
  created: z.int().describe('users'),
  updated: z.int().describe('users; what is not said of them stays'),
  refusedTotal: z.int(),
};
export const batchOutcomeSchema = z
  .object({
    ...counts,
    refused: z
      .array(z.object({ index: z.int(), field: z.string().nullable(), detail: z.string() }))
      .describe(`the first ${refusalsShownMax}`),
  })
  .openapi('UserBatchOutcome');
export const importOutcomeSchema = z
  .object({
    ...counts,
    refused: z
      .array(z.object({ line: z.int(), field: z.string().nullable(), detail: z.string() }))
      .describe(`the first ${refusalsShownMax}`),
    columns: z
      .array(z.object({ header: z.string(), field: z.string().nullable().describe('null: left out') }))
      .describe('what became of the columns'),
    delimiter: z.string(),
    dryRun: z.boolean().describe('true: nothing was kept'),
  })
  .openapi('UserImportOutcome');

export const userEventSchema = z
  .object({
    seq: z.int(),
    user: z.string(),
    name: z.string(),
    at: z.string().describe('virtual'),
    data: z.record(z.string(), z.unknown()),
  })
  .openapi('UserEvent');
export const newUserEventSchema = z
  .strictObject({
    name: z
      .string()
      .trim()
      .min(1)
      .max(eventNameCharsMax)
      .regex(namePattern, 'a name has printable characters only'),
    data: z
      .record(z.string(), z.unknown())
      .default({})
      .refine(
        (data) => Buffer.byteLength(JSON.stringify(data)) <= eventDataBytesMax,
        `is more than ${eventDataBytesMax} bytes of JSON`,
      ),
    at: z.iso
      .datetime({ offset: true })
      .optional()
      .describe('by the wall clock, as the app knows it; left out: now'),
  })
  .openapi('NewUserEvent');

export const topicSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    required: z.boolean().describe('cannot be unsubscribed from'),
    usual: z.enum(['in', 'out']).describe('where the user has said nothing: wanted, or after an opt-in'),
    channels: channelChoices,
  })
  .openapi('Topic');
export const newTopicSchema = z.strictObject({ id: topicIdSchema, ...topicShape }).openapi('NewTopic');
export const replacedTopicSchema = z
  .strictObject({ id: topicIdSchema.optional(), ...topicShape })
  .openapi('ReplacedTopic');

export const effectiveSchema = z
  .object({
    topic: z.string().nullable().describe('null: what is about no topic, and not transactional'),
    channel: z.enum(userChannels),
    wanted: z.boolean(),
    reason: z.enum(['filtered', 'unsubscribed']).nullable(),
    detail: z.string().nullable().describe('which preference says so, and how it is changed'),
  })
  .openapi('EffectivePreference');
export const shownPreferencesSchema = preferencesSchema
  .extend({ effective: z.array(effectiveSchema) })
  .openapi('ShownUserPreferences');

export const segmentSchema = z
  .object({ id: z.string(), name: z.string(), expression: z.string() })
  .openapi('Segment');
export const newSegmentSchema = z
  .strictObject({ id: segmentIdSchema, ...segmentShape })
  .openapi('NewSegment');
export const replacedSegmentSchema = z
  .strictObject({ id: segmentIdSchema.optional(), ...segmentShape })
  .openapi('ReplacedSegment');
export const previewSchema = z
  .strictObject({ expression: expressionSchema })
  .openapi('SegmentPreviewRequest');
export const segmentErrorSchema = z.object({
  detail: z.string(),
  users: z.int().describe('with whom it went wrong; it does not hold for them'),
});
export const segmentPreviewSchema = z
  .object({
    total: z.int(),
    sample: z.array(userSchema),
    errors: z.array(segmentErrorSchema),
    tookMs: z.int(),
  })
  .openapi('SegmentPreview');

export type UserView = z.infer<typeof userSchema>;
export type UserDetailView = z.infer<typeof userDetailSchema>;
export type UserPreferencesView = z.infer<typeof preferencesSchema>;
export type UserEventView = z.infer<typeof userEventSchema>;
export type UserImportOutcomeView = z.infer<typeof importOutcomeSchema>;
export type TopicView = z.infer<typeof topicSchema>;
export type SegmentView = z.infer<typeof segmentSchema>;
export type SegmentPreviewView = z.infer<typeof segmentPreviewSchema>;
export type EffectivePreferenceView = z.infer<typeof effectiveSchema>;
