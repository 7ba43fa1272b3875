/** What a template looks like on the wire and in a file. Members that nobody knows are refused: they are mistyped. */
import { z } from 'zod';
import { inAppFrequencies, inAppKinds, pageDirectives, pageOperators } from '../model/inapp.ts';
import {
  type TemplateChanges,
  type TemplateContent,
  type TemplateVariable,
  variableTypes,
} from '../model/template.ts';
import { bodyCharsMax, dataDepthMax, localesMax, textCharsMax, variablesMax } from './limits.ts';
import { isLocale } from './locales.ts';

const lineCharsMax = 2_000;
const nameCharsMax = 200;
const dataMembersMax = 100;
const actionsMax = 10;
const slidesMax = 20;
const pageRulesMax = 50;

const line = z.string().max(lineCharsMax, `at most ${lineCharsMax} characters`);
const text = z.string().max(textCharsMax, `at most ${textCharsMax} characters`);

export const emailContentSchema = z.strictObject({
  subject: line,
  preheader: line.optional().describe('what a mailbox shows beside the subject'),
  format: z.enum(['mjml', 'html']),
  body: z.string().max(bodyCharsMax, `at most ${bodyCharsMax} characters`),
  text: text.optional().describe('made of the body where it is left out'),
  from: line.optional(),
});

export const pushContentSchema = z.strictObject({
  title: line.optional(),
  body: text,
  image: line.optional(),
  link: line.optional(),
  data: z
    .record(z.string().max(200), text)
    .refine((data) => Object.keys(data).length <= dataMembersMax, `at most ${dataMembersMax} members`)
    .optional(),
});

export const smsContentSchema = z.strictObject({ body: text, from: line.optional() });

const displaySchema = z
  .strictObject({
    kind: z.enum(inAppKinds),
    slot: z.string().max(200).nullable(),
    pageRules: z
      .array(
        z.strictObject({
          directive: z.enum(pageDirectives),
          operator: z.enum(pageOperators),
          argument: line,
        }),
      )
      .max(pageRulesMax, `at most ${pageRulesMax} page rules`),
    frequency: z.enum(inAppFrequencies),
    maxPerWeek: z.int().min(1).max(10_000).nullable(),
    minIntervalS: z.int().min(0).max(31_536_000).nullable(),
    trigger: z.string().max(200).nullable(),
    oncePerSession: z.boolean(),
  })
  .partial();

const actionsSchema = z
  .array(
    z.strictObject({
      id: z.string().max(100).optional().describe('made of the label where it is left out'),
      label: line,
      url: line.optional(),
      style: z.enum(['primary', 'secondary']).optional().describe('the first one is primary'),
      dismisses: z.boolean().optional().describe('takes the message away; true where it is left out'),
    }),
  )
  .max(actionsMax, `at most ${actionsMax} buttons`);

const slideSchema = z.strictObject({
  title: line.optional(),
  body: text.optional(),
  image: line.optional(),
  actions: actionsSchema.optional(),
});

export const inAppContentSchema = z.strictObject({
  title: line.optional(),
  body: text,
  image: line.optional(),
  link: line.optional(),
  actions: actionsSchema.optional(),
  slides: z
    .array(slideSchema)
    .max(slidesMax, `at most ${slidesMax} slides`)
    .optional()
    .describe('of a carousel'),
  data: z
    .record(z.string().max(200), z.unknown())
    .refine((data) => !isDeep(data, dataDepthMax), `at most ${dataDepthMax} deep`)
    .optional(),
  display: displaySchema.optional(),
  priority: z.int().min(0).max(1_000).optional(),
  saveToInbox: z.boolean().optional(),
});

/** As a template has it: a channel that it speaks on is there whole. */
export const templateContentSchema = z.strictObject({
  email: emailContentSchema.optional(),
  push: pushContentSchema.optional(),
  sms: smsContentSchema.optional(),
  inapp: inAppContentSchema.optional(),
});

/** As a locale has it: what differs. */
export const partialContentSchema = z.strictObject({
  email: emailContentSchema.partial().optional(),
  push: pushContentSchema.partial().optional(),
  sms: smsContentSchema.partial().optional(),
  inapp: inAppContentSchema.partial().optional(),
});

export const localeSchema = z
  .string()
  .max(50)
  .refine(isLocale, 'a language as BCP 47 has it: de, de-AT, zh-Hant');

export const variableNamePattern = /^[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*){0,9}$/;

export const variableSchema = z.strictObject({
  name: z.string().max(200).regex(variableNamePattern, 'as in order.total'),
  type: z.enum(variableTypes),
  required: z.boolean(),
  sample: z
    .unknown()
    .refine((sample) => !isDeep(sample, dataDepthMax), `at most ${dataDepthMax} deep`)
    .describe('what a preview shows'),
});

export const draftSchema = z.strictObject({
  content: templateContentSchema,
  locales: z
    .record(localeSchema, partialContentSchema)
    .refine((locales) => Object.keys(locales).length <= localesMax, `at most ${localesMax} locales`),
  variables: z
    .array(variableSchema)
    .max(variablesMax)
    .refine(
      (variables) => new Set(variables.map(({ name }) => name)).size === variables.length,
      'each name once',
    ),
});

export const headSchema = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1, `a name has 1 to ${nameCharsMax} characters`)
    .max(nameCharsMax, `a name has 1 to ${nameCharsMax} characters`),
  description: line.nullable(),
  topic: z.string().max(nameCharsMax, `at most ${nameCharsMax} characters`).nullable(),
  locale: localeSchema.nullable().describe('of the texts in `content`'),
});

/** Looks no deeper than that itself. */
function isDeep(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((one) => isDeep(one, levels - 1));
}

/** What is worked on. */
export interface DraftContent {
  readonly content: TemplateContent;
  readonly locales: Readonly<Record<string, TemplateChanges>>;
  readonly variables: readonly TemplateVariable[];
}

/** @returns whether it is one; JSON has no member that is there and undefined, which is all that zod's type says besides */
export function isDraftContent(value: unknown): value is DraftContent {
  return draftSchema.safeParse(value).success;
}
