/** The wire shapes of /v1/templates. */
import { z } from '@hono/zod-openapi';
import { userChannels } from '../model/user.ts';
import { draftSchema, headSchema, localeSchema } from '../templates/schema.ts';
import { templateFileSchema } from '../templates/template-file.ts';
import { inAppContentSchema, inAppDisplaySchema } from './inapp-schema.ts';

const channelSchema = z.enum(userChannels);
const idSchema = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[a-z0-9][a-z0-9._-]*$/, 'small letters, digits, dots and dashes')
  .describe('what a send names it by; made of its name where it is left out');

export const templateEntrySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    topic: z.string().nullable(),
    locale: z.string().nullable().describe('of the texts in `content`'),
    revision: z.int().describe('goes up with each change; what If-Match is held against'),
    published: z.int().nullable().describe('the version that sends go by'),
    newest: z.int().nullable().describe('the newest version; null: there is only a draft'),
    hasDraft: z.boolean().describe('there is something that is not published'),
    channels: z.array(channelSchema),
    locales: z.array(z.string()),
    createdAt: z.string(),
    changedAt: z.string(),
  })
  .openapi('TemplateEntry');

export const templateVersionSchema = z
  .object({
    version: z.int(),
    ...draftSchema.shape,
    publishedAt: z.string().nullable(),
    changedAt: z.string(),
  })
  .openapi('TemplateVersion');

export const templateVersionEntrySchema = z
  .object({
    version: z.int(),
    published: z.boolean().describe('sends go by it now'),
    publishedAt: z.string().nullable(),
    channels: z.array(channelSchema),
    locales: z.array(z.string()),
  })
  .openapi('TemplateVersionEntry');

export const templateSchema = templateEntrySchema
  .extend({ current: templateVersionSchema.describe('the draft, or the newest version where there is none') })
  .openapi('Template');

export const newTemplateSchema = headSchema
  .partial()
  .extend({
    starter: z
      .string()
      .optional()
      .describe('id of one to begin with; only `id` and `name` may stand beside it'),
    id: idSchema.optional(),
    ...draftSchema.partial().shape,
  })
  .refine(({ starter, name }) => starter !== undefined || name !== undefined, {
    path: ['name'],
    message: 'it has a name, or a starter that it is made of',
  })
  .refine(
    ({ starter, id: _id, name: _name, ...rest }) =>
      starter === undefined || Object.values(rest).every((value) => value === undefined),
    { path: ['starter'], message: 'only `id` and `name` may stand beside it' },
  )
  .openapi('NewTemplate');

export const templateChangeSchema = headSchema
  .partial()
  .extend(draftSchema.partial().shape)
  .openapi('TemplateChange', { description: 'What is left out stays as it is.' });

export const templateProblemSchema = z
  .object({
    field: z.string().openapi({ example: 'content.email.body' }),
    code: z.string(),
    line: z.int().nullable().describe('from 1'),
    detail: z.string(),
  })
  .openapi('TemplateProblem');

export const templateCheckSchema = z
  .object({
    errors: z.array(templateProblemSchema).describe('what stands in the way of publishing it'),
    warnings: z.array(templateProblemSchema),
  })
  .openapi('TemplateCheck');

export const templateDifferenceSchema = z
  .object({
    field: z.string(),
    before: z.unknown().describe('left out: it was not there'),
    after: z.unknown(),
  })
  .openapi('TemplateDifference');

const whichVersionSchema = z.union([z.coerce.number().int().min(1), z.enum(['draft', 'published'])]);

export const versionParamSchema = whichVersionSchema.default('draft');

export const comparedQuerySchema = z.object({
  from: whichVersionSchema.optional().openapi({
    description:
      'a version, or draft; what is published where it is left out, or the newest version where nothing is',
  }),
  to: versionParamSchema.openapi({ description: 'a version, or published' }),
});

export const previewRequestSchema = z
  .object({
    version: versionParamSchema,
    locale: localeSchema.nullable().default(null).describe("null: the user's"),
    channels: z
      .array(channelSchema)
      .min(1)
      .default([...userChannels]),
    variables: z.record(z.string(), z.unknown()).default({}).describe('over the samples'),
    user: z.string().nullable().default(null).describe('id of a user; null: one made up'),
  })
  .openapi('TemplatePreviewRequest');

export const previewSchema = z
  .object({
    version: z.int(),
    locale: z.string().nullable().describe("whose texts these are; null: the template's own"),
    dir: z.enum(['ltr', 'rtl']),
    email: z
      .object({
        subject: z.string(),
        preheader: z.string().nullable(),
        from: z.string().nullable(),
        html: z.string(),
        text: z.string(),
        bytes: z.int().describe('of the HTML'),
      })
      .nullable(),
    push: z
      .object({
        title: z.string().nullable(),
        body: z.string(),
        image: z.string().nullable(),
        link: z.string().nullable(),
        data: z.record(z.string(), z.string()),
        sizes: z.array(
          z.object({ provider: z.enum(['apns', 'fcm', 'webpush']), bytes: z.int(), bytesMax: z.int() }),
        ),
      })
      .nullable(),
    sms: z
      .object({
        text: z.string(),
        from: z.string().nullable(),
        encoding: z.enum(['GSM-7', 'UCS-2']),
        parts: z.int(),
        characters: z.int(),
        units: z.int(),
        unitsLeft: z.int(),
        unicode: z.array(z.object({ character: z.string(), at: z.int(), instead: z.string().nullable() })),
      })
      .nullable(),
    inapp: z
      .object({
        content: inAppContentSchema,
        display: inAppDisplaySchema,
        priority: z.int(),
        saveToInbox: z.boolean(),
      })
      .nullable(),
    warnings: z.array(z.object({ field: z.string(), code: z.string(), detail: z.string() })),
  })
  .openapi('TemplatePreview');

export const starterSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    channels: z.array(channelSchema),
    locales: z.array(z.string()),
  })
  .openapi('TemplateStarter');

export const sendTestSchema = z
  .object({
    to: z.object({ user: z.string().min(1) }),
    channels: z.array(channelSchema).min(1),
    version: versionParamSchema,
    variables: z.record(z.string(), z.unknown()).default({}).describe('over the samples'),
  })
  .openapi('TemplateTest');

export const fileSchema = templateFileSchema.openapi('TemplateFile');
