/** The wire shapes of an in-app message: shapes alone; what they mean is checked in validate-submission. */
import { z } from 'zod';
import { inAppFrequencies, inAppKinds, pageDirectives, pageOperators } from '../../model/inapp.ts';

/** Members that are more are refused by number, not by running out of memory. */
const listMax = 1_000;

const action = z.strictObject({
  id: z.string().optional().describe('what `interacted` names; made of the label where it is missing'),
  label: z.string(),
  url: z.string().optional().describe('link or deep link that it opens; left out: it only tells the app'),
  style: z.enum(['primary', 'secondary']).optional().describe('the first one is primary'),
  dismisses: z.boolean().optional().describe('takes the message away; true where it is missing'),
});

const slide = z.strictObject({
  title: z.string().optional(),
  body: z.string().optional(),
  image: z.string().optional(),
  actions: z.array(action).max(listMax).optional(),
});

const pageRule = z.strictObject({
  directive: z.enum(pageDirectives),
  operator: z.enum(pageOperators),
  argument: z
    .string()
    .describe(
      'held against the whole URL, its path, or the screen’s name; for `matches` a glob: `*` within a segment, `**` over them',
    ),
});

const display = z.strictObject({
  kind: z.enum(inAppKinds).optional().describe('inbox where it is missing: in the feed alone'),
  slot: z.string().optional().describe('of inline and carousel: where on the page'),
  pageRules: z
    .array(pageRule)
    .max(listMax)
    .optional()
    .describe('with `show` rules one of them must hold; no `hide` rule may'),
  frequency: z.enum(inAppFrequencies).optional().describe('once where it is missing'),
  maxPerWeek: z.number().optional().describe('impressions in any seven days, at most 50'),
  minIntervalS: z.number().optional().describe('seconds since the user was last shown any message'),
  trigger: z
    .string()
    .optional()
    .describe('name of the event that it answers to; any visit where it is missing'),
  oncePerSession: z.boolean().optional(),
});

/** What a message says of itself, by whichever way it comes. */
export const inAppFields = {
  title: z.string().optional(),
  body: z.string().optional().describe('plain text; line breaks stand'),
  image: z.string().optional().describe('http, https or data address of a picture'),
  link: z.string().optional().describe('what a click on the message itself opens'),
  actions: z.array(action).max(listMax).optional(),
  slides: z.array(slide).max(listMax).optional().describe('of a carousel'),
  data: z.record(z.string(), z.unknown()).optional().describe('the app’s own'),
  priority: z.number().optional().describe('0 to 1000, 500 where it is missing; the highest is shown first'),
  ttlSeconds: z.number().optional().describe('how long it is to be had; for good where nothing is said'),
  expiresAt: z.string().optional().describe('ISO 8601 with an offset, instead of `ttlSeconds`'),
  display: display.optional(),
  saveToInbox: z.boolean().optional().describe('stays in the feed after it was shown; true of inbox alone'),
} as const;

const someUsers = z.union([
  z.string(),
  z.array(z.union([z.string(), z.strictObject({ user: z.string() })])).max(100_000),
]);

/** POST /inapp/v1/messages */
export const doorRequestSchema = z.strictObject({
  user: someUsers.optional().describe('id of one user, or a list'),
  users: someUsers.optional(),
  to: someUsers.optional(),
  ...inAppFields,
  tags: z.array(z.string()).max(listMax).optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  stream: z.enum(['transactional', 'marketing']).optional(),
  sendAt: z.string().optional(),
  project: z.string().optional(),
});
export type DoorRequest = z.infer<typeof doorRequestSchema>;
