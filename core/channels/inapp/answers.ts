/** The door's answers as schemas: what `/inapp/v1/openapi.json` says of them. Their types are those of `wire.ts`. */
import { z } from 'zod';
import { statuses } from '../../model/delivery.ts';
import {
  inAppFrequencies,
  inAppKinds,
  inAppStates,
  pageDirectives,
  pageOperators,
} from '../../model/inapp.ts';
import {
  type Eligible,
  type InAppCounts,
  type InAppEntry,
  type InAppPage,
  passedOverReasons,
  type RealtimeEvent,
} from './wire.ts';

const time = (what: string) => z.string().nullable().describe(what);

export const actionSchema = z.object({
  id: z.string(),
  label: z.string(),
  url: z.string().nullable(),
  style: z.enum(['primary', 'secondary']),
  dismisses: z.boolean(),
});

export const slideSchema = z.object({
  title: z.string().nullable(),
  body: z.string().nullable(),
  image: z.string().nullable(),
  actions: z.array(actionSchema),
});

export const displaySchema = z.object({
  kind: z.enum(inAppKinds),
  slot: z.string().nullable(),
  pageRules: z.array(
    z.object({ directive: z.enum(pageDirectives), operator: z.enum(pageOperators), argument: z.string() }),
  ),
  frequency: z.enum(inAppFrequencies),
  maxPerWeek: z.int().nullable(),
  minIntervalS: z.int().nullable(),
  trigger: z.string().nullable(),
  oncePerSession: z.boolean(),
});

export const entrySchema = z.object({
  id: z.string().describe('of this user’s own'),
  user: z.string(),
  title: z.string().nullable(),
  body: z.string().nullable(),
  image: z.string().nullable(),
  link: z.string().nullable(),
  actions: z.array(actionSchema),
  slides: z.array(slideSchema),
  data: z.record(z.string(), z.unknown()),
  tags: z.array(z.string()),
  priority: z.int(),
  kind: z.enum(inAppKinds),
  slot: z.string().nullable(),
  display: displaySchema,
  saveToInbox: z.boolean(),
  createdAt: z.string().describe('ISO 8601 in UTC, of the virtual clock, as all times'),
  expiresAt: time('when it is over; null: never'),
  seenAt: time('shown to the user'),
  readAt: time('opened by the user'),
  archivedAt: time('put away by the user'),
  interactedAt: time('last click'),
  dismissedAt: time('closed by the user'),
  snoozedUntil: time('put off until then'),
}) satisfies z.ZodType<InAppEntry>;

export const countsSchema = z.object({
  total: z.int().describe('what a pull gets, pop-ups that wait among it'),
  unread: z.int().describe('of the inbox alone, as a bell shows them'),
  unseen: z.int().describe('of the inbox alone'),
}) satisfies z.ZodType<InAppCounts>;

export const pageSchema = countsSchema.extend({
  entries: z.array(entrySchema),
  nextCursor: z.string().nullable(),
}) satisfies z.ZodType<InAppPage>;

export const eligibleSchema = z.object({
  chosen: entrySchema.nullable().describe('the pop-up or banner to show now'),
  inline: z.array(entrySchema).describe('for the page itself: the best for each slot'),
  ineligible: z.array(
    z.object({
      id: z.string(),
      title: z.string().nullable(),
      reason: z.enum(passedOverReasons),
      detail: z.string().describe('in a sentence'),
    }),
  ),
}) satisfies z.ZodType<Eligible>;

export const sentSchema = z.object({
  id: z.string().describe('of the message'),
  messages: z.array(
    z.object({
      id: z.string().describe('of this user’s own: what marks are told of'),
      user: z.string(),
      deliveryId: z.string().nullable(),
      status: z.enum(statuses).nullable(),
    }),
  ),
});

export const stateSchema = z
  .enum(inAppStates)
  .describe('waiting: nobody pulled it yet; pulled: handed to the app; shown: with its first impression');

export const knownEntrySchema = entrySchema.extend({ state: stateSchema });

export const wholeMessageSchema = z.object({
  id: z.string(),
  entries: z.array(knownEntrySchema).describe('its users, as far as a page goes'),
  nextCursor: z.null(),
  total: z.int(),
});

export const oneOrWholeSchema = z.union([knownEntrySchema, wholeMessageSchema]);

export const changedSchema = countsSchema.extend({
  changed: z.int().describe('how many it made a difference to'),
});

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().describe('stable; a rule may have its own'),
  errors: z
    .array(z.object({ field: z.string(), code: z.string(), detail: z.string() }))
    .describe('what is wrong, field by field'),
});

const withCounts = { seq: z.int(), counts: countsSchema } as const;

/** Whole on a WebSocket, and the `data` of an event stream. */
export const realtimeEventSchema = z.union([
  z.object({
    type: z.literal('hello'),
    resumed: z.boolean().describe('false: what came since `after` is not known any more; pull anew'),
    ...withCounts,
  }),
  z.object({ type: z.enum(['message.created', 'message.updated']), entry: entrySchema, ...withCounts }),
  z.object({ type: z.literal('message.expired'), id: z.string(), ...withCounts }),
  z.object({ type: z.literal('counts'), ...withCounts }),
  z.object({
    type: z.literal('reconnect'),
    retryAfterMs: z.number().describe('the door closes the connection; come back then'),
  }),
]) satisfies z.ZodType<RealtimeEvent>;
