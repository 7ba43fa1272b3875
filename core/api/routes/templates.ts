/** /v1/templates: written, checked, published, looked at, kept as files. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { AppError } from '../../model/app-error.ts';
import { emptyMultiSubmission } from '../../model/multi-submission.ts';
import type { TemplateUse } from '../../model/template.ts';
import { channelsOf, type PreviewRequest } from '../../templates/preview.ts';
import type { TemplatesRoom } from '../../templates/room.ts';
import { type DraftContent, isDraftContent } from '../../templates/schema.ts';
import { starterTemplates } from '../../templates/starters/index.ts';
import { readTemplateFile, templateFile } from '../../templates/template-file.ts';
import {
  presentEntry,
  presentTemplate,
  presentVersion,
  presentVersionEntry,
  speaks,
} from '../present-template.ts';
import { problem } from '../problem.ts';
import { listOf } from '../schema.ts';
import type { Services } from '../services.ts';
import {
  comparedQuerySchema,
  fileSchema,
  newTemplateSchema,
  previewRequestSchema,
  previewSchema,
  sendTestSchema,
  starterSchema,
  templateChangeSchema,
  templateCheckSchema,
  templateDifferenceSchema,
  templateEntrySchema,
  templateSchema,
  templateVersionEntrySchema,
  templateVersionSchema,
  versionParamSchema,
} from '../templates-schema.ts';
import { conflict, json, problems, refusal } from './responses.ts';

const bodyBytesMax = 8 * 1024 * 1024;
const previewVariableCharsMax = 16_384;

const idParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });
const versionParam = idParam.extend({
  n: z.coerce
    .number()
    .int()
    .min(1)
    .openapi({ param: { name: 'n', in: 'path' } }),
});
const ifMatch = z.object({
  'if-match': z
    .string()
    .optional()
    .openapi({ description: 'the ETag (revision) that was read, in quotes; * for whatever it is now' }),
});
const changed = { 412: refusal('it was changed meanwhile; read it again') } as const;
const invalid = { 422: refusal('`errors` names the fields at fault') } as const;
const body = <T extends z.ZodType>(schema: T) => ({
  required: true,
  content: { 'application/json': { schema } },
});
const one = json(templateSchema, 'the template');

/** HTML of a preview never runs, never navigates, never fetches: as that of a message. */
const frameCsp =
  "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

export function templateRoutes(
  api: OpenAPIHono,
  {
    room,
    store,
    submissions,
  }: {
    readonly room: TemplatesRoom;
    readonly store: Pick<Services['store'], 'user'>;
    readonly submissions: Pick<Services['submissions'], 'submitMulti'>;
  },
): void {
  for (const path of ['/v1/templates', '/v1/templates/*'])
    api.use(
      path,
      bodyLimit({
        maxSize: bodyBytesMax,
        onError: (c) => problem(c, 'too_large', `A template has ${bodyBytesMax} bytes at most.`),
      }),
    );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/templates',
      summary: 'List templates, by name',
      request: {
        query: z.object({ q: z.string().optional().openapi({ description: 'in its name, id or topic' }) }),
      },
      responses: { 200: json(listOf(templateEntrySchema), 'all of them'), ...problems },
    }),
    (c) => {
      const wanted = (c.req.valid('query').q ?? '').trim().toLowerCase();
      const entries = room
        .list()
        .filter(({ id, name, topic }) => `${id}\n${name}\n${topic ?? ''}`.toLowerCase().includes(wanted))
        .map(presentEntry);
      return c.json({ entries, nextCursor: null, total: entries.length }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/templates/starters',
      summary: 'Templates to begin with',
      responses: { 200: json(listOf(starterSchema), 'all of them'), ...problems },
    }),
    (c) => {
      const entries = starterTemplates.map(({ id, head, draft }) => ({
        id,
        name: head.name,
        description: head.description,
        ...speaks(draft),
      }));
      return c.json({ entries, nextCursor: null, total: entries.length }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/templates',
      summary: 'Make a template, as a draft; or take a starter',
      request: { body: body(newTemplateSchema) },
      responses: { 201: one, ...problems, ...conflict, ...invalid },
    }),
    async (c) => {
      const wanted = c.req.valid('json');
      const { id = null, description = null, topic = null, locale = null } = wanted;
      if (wanted.starter !== undefined) {
        const starter = starterTemplates.find((one) => one.id === wanted.starter);
        if (starter === undefined)
          throw new AppError(
            'bad_request',
            `There is no starter “${wanted.starter}”; /v1/templates/starters lists them.`,
          );
        const head = { ...starter.head, name: wanted.name ?? starter.head.name };
        return answer(c, await room.make(id, head, starter.draft), 201);
      }
      const { name = '' } = wanted;
      const { content = {}, locales = {}, variables = [] } = wanted;
      return answer(
        c,
        await room.make(id, { name, description, topic, locale }, asDraft({ content, locales, variables })),
        201,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/templates/import',
      summary: 'Make a template of a file; one of the same id is refused, or has it as its draft',
      request: {
        query: z.object({ replace: z.literal('true').optional() }),
        body: body(fileSchema),
      },
      responses: { 201: one, ...problems, ...conflict, ...invalid, 413: refusal('the file is too large') },
    }),
    async (c) => {
      const { id, head, draft } = readTemplateFile(c.req.valid('json'));
      const made =
        c.req.valid('query').replace === 'true' && room.get(id) !== null
          ? await room.change(id, null, { ...head, ...draft })
          : await room.make(id, head, draft);
      return answer(c, made, 201);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/templates/{id}',
      summary: 'One template, with its draft or its newest version',
      request: { params: idParam },
      responses: { 200: one, ...problems },
    }),
    (c) => answer(c, room.find(c.req.valid('param').id), 200),
  );

  api.openapi(
    createRoute({
      method: 'put',
      path: '/v1/templates/{id}',
      summary: 'Change it; its texts go into the draft',
      request: { params: idParam, headers: ifMatch, body: body(templateChangeSchema) },
      responses: { 200: one, ...problems, ...changed, ...invalid, 413: refusal('it is too large') },
    }),
    async (c) => {
      const header = c.req.valid('header')['if-match'];
      if (header === undefined)
        throw new AppError(
          'bad_request',
          'Say what you have read, that two who write do not undo each other: If-Match: "<revision>", or If-Match: * for whatever it is now.',
        );
      const { content, locales, variables, name, description, topic, locale } = c.req.valid('json');
      const { id } = c.req.valid('param');
      const current = room.version(id, 'draft');
      const draft = asDraft({
        content: content ?? current.content,
        locales: locales ?? current.locales,
        variables: variables ?? current.variables,
      });
      const next = {
        ...(name === undefined ? {} : { name }),
        ...(description === undefined ? {} : { description }),
        ...(topic === undefined ? {} : { topic }),
        ...(locale === undefined ? {} : { locale }),
        ...(content === undefined ? {} : { content: draft.content }),
        ...(locales === undefined ? {} : { locales: draft.locales }),
        ...(variables === undefined ? {} : { variables: draft.variables }),
      };
      return answer(c, await room.change(id, revisionIn(header), next), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/templates/{id}',
      summary: 'Remove it, with all its versions',
      request: { params: idParam, headers: ifMatch },
      responses: { 204: { description: 'done' }, ...problems, ...changed },
    }),
    async (c) => {
      await room.remove(c.req.valid('param').id, revisionIn(c.req.valid('header')['if-match']));
      return c.body(null, 204);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/templates/{id}/check',
      summary: 'What stands in the way of publishing it, and what is odd about it',
      request: { params: idParam },
      responses: { 200: json(templateCheckSchema, 'problems'), ...problems, ...invalid },
    }),
    async (c) => {
      const { errors, warnings } = await room.check(c.req.valid('param').id);
      return c.json(
        {
          errors: errors.map((error) => ({ ...error })),
          warnings: warnings.map((warning) => ({ ...warning })),
        },
        200,
      );
    },
  );

  for (const [what, summary, run] of [
    [
      'publish',
      'Publish the draft: sends go by it from now on',
      (id: string, revision: number | null) => room.publish(id, revision),
    ],
    [
      'unpublish',
      'Let nothing be sent by it until it is published again',
      (id: string, revision: number | null) => room.unpublish(id, revision),
    ],
  ] as const)
    api.openapi(
      createRoute({
        method: 'post',
        path: `/v1/templates/{id}/${what}` as const,
        summary,
        request: { params: idParam, headers: ifMatch },
        responses: { 200: one, ...problems, ...changed, ...invalid },
      }),
      async (c) =>
        answer(c, await run(c.req.valid('param').id, revisionIn(c.req.valid('header')['if-match'])), 200),
    );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/templates/{id}/duplicate',
      summary: 'Make another one of it, as a draft',
      request: {
        params: idParam,
        body: body(
          z.object({
            id: z
              .string()
              .max(100)
              .regex(/^[a-z0-9][a-z0-9._-]*$/)
              .optional(),
            name: z.string().trim().min(1).max(200).optional(),
          }),
        ),
      },
      responses: { 201: one, ...problems, ...conflict },
    }),
    async (c) => {
      const { id = null, name = null } = c.req.valid('json');
      return answer(c, await room.duplicate(c.req.valid('param').id, { id, name }), 201);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/templates/{id}/versions',
      summary: 'Its versions, the newest first',
      request: { params: idParam },
      responses: { 200: json(listOf(templateVersionEntrySchema), 'those that are kept'), ...problems },
    }),
    (c) => {
      const { versions, published } = room.find(c.req.valid('param').id);
      const entries = versions.toReversed().map((version) => presentVersionEntry(version, published));
      return c.json({ entries, nextCursor: null, total: entries.length }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/templates/{id}/versions/{n}',
      summary: 'One version, whole',
      request: { params: versionParam },
      responses: { 200: json(templateVersionSchema, 'the version'), ...problems },
    }),
    (c) => {
      const { id, n } = c.req.valid('param');
      return c.json(presentVersion(room.version(id, n)), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/templates/{id}/versions/{n}/restore',
      summary: 'Take a version into the draft',
      request: { params: versionParam, headers: ifMatch },
      responses: { 200: one, ...problems, ...changed },
    }),
    async (c) => {
      const { id, n } = c.req.valid('param');
      return answer(c, await room.restore(id, n, revisionIn(c.req.valid('header')['if-match'])), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/templates/{id}/changes',
      summary: 'What differs between two versions; what the draft would change, where none is named',
      request: { params: idParam, query: comparedQuerySchema },
      responses: { 200: json(listOf(templateDifferenceSchema), 'member by member'), ...problems, ...invalid },
    }),
    (c) => {
      const { from, to } = c.req.valid('query');
      const between = { from: from === undefined ? undefined : whichOf(from), to: whichOf(to) };
      const entries = room.changes(c.req.valid('param').id, between).map((change) => ({ ...change }));
      return c.json({ entries, nextCursor: null, total: entries.length }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/templates/{id}/export',
      summary: 'The template as a file',
      request: { params: idParam, query: z.object({ version: versionParamSchema }) },
      responses: { 200: json(fileSchema, 'a file for …/import'), ...problems, ...invalid },
    }),
    (c) => {
      const { id } = c.req.valid('param');
      const version = room.version(id, whichOf(c.req.valid('query').version));
      c.header('content-disposition', `attachment; filename="${id}.json"`);
      return c.json(fileSchema.parse(JSON.parse(templateFile(room.find(id), version))), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/templates/{id}/preview',
      summary: 'What each channel would show of it',
      request: { params: idParam, body: body(previewRequestSchema) },
      responses: { 200: json(previewSchema, 'what would be shown'), ...problems, ...invalid },
    }),
    async (c) => {
      const preview = await room.preview(c.req.valid('param').id, await previewOf(c.req.valid('json')));
      return c.json(previewSchema.parse(preview), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/templates/{id}/preview.html',
      summary: 'The HTML of its mail, made inert for a sandboxed frame',
      request: {
        params: idParam,
        query: z.object({
          version: versionParamSchema,
          locale: previewRequestSchema.shape.locale.unwrap().optional(),
          user: z.string().optional(),
          variables: z.string().max(previewVariableCharsMax).optional().openapi({ description: 'JSON' }),
          dark: z.literal('1').optional(),
        }),
      },
      responses: {
        200: { description: 'an HTML document', content: { 'text/html': { schema: z.string() } } },
        ...problems,
        ...invalid,
      },
    }),
    async (c) => {
      const { version, locale = null, user = null, variables = '{}', dark } = c.req.valid('query');
      const { id } = c.req.valid('param');
      const request = await previewOf({
        version,
        locale,
        user,
        channels: ['email'],
        variables: variablesIn(variables),
      });
      const { email } = await room.preview(id, request);
      if (email === null) throw new AppError('not_found', `The template “${id}” has no mail.`);
      return c.body(await room.renderer.view(email.html, dark === '1'), 200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': frameCsp,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-dns-prefetch-control': 'off',
        'cache-control': 'private, no-store',
      });
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/templates/{id}/send-test',
      summary: 'Send it to a user, with samples where nothing is given',
      request: { params: idParam, body: body(sendTestSchema) },
      responses: {
        202: json(z.object({ id: z.string().describe('of the message') }), 'it is on its way'),
        ...problems,
        ...conflict,
        ...invalid,
      },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const { to, channels, version, variables } = c.req.valid('json');
      const wanted = whichOf(version);
      const sent = await submissions.submitMulti({
        ...emptyMultiSubmission,
        to: [{ user: to.user }],
        channels: channelsOf(channels),
        // A test is to be seen on each of them.
        routing: 'all',
        template: { id, version: wanted === 'draft' ? draftOrNewest(room, id) : wanted },
        variables: room.withSamples(id, wanted, variables),
        tags: ['test'],
      });
      return c.json({ id: sent.id }, 202);
    },
  );

  async function previewOf(wanted: z.infer<typeof previewRequestSchema>): Promise<PreviewRequest> {
    const { version, locale, channels, variables } = wanted;
    const user = wanted.user === null ? null : await store.user(wanted.user);
    if (wanted.user !== null && user === null)
      throw new AppError('not_found', `There is no user “${wanted.user}”.`);
    return { version: whichOf(version), locale, channels, variables, user };
  }
}

function answer<S extends 200 | 201>(c: Context, template: Parameters<typeof presentTemplate>[0], status: S) {
  c.header('etag', `"${template.revision}"`);
  return c.json(presentTemplate(template), status);
}

/** @returns null: whatever it is now */
function revisionIn(header: string | undefined): number | null {
  if (header === undefined || header.trim() === '*') return null;
  const [, revision] = /^\s*(?:W\/)?"?(\d{1,15})"?\s*$/.exec(header) ?? [];
  if (revision === undefined)
    throw new AppError('bad_request', 'If-Match holds one revision in quotes, as the ETag has it, or *.');
  return Number(revision);
}

function whichOf(version: z.infer<typeof versionParamSchema>): TemplateUse['version'] {
  return version === 'published' ? null : version;
}

function draftOrNewest(room: TemplatesRoom, id: string): TemplateUse['version'] {
  return room.find(id).draft === null ? room.version(id, 'draft').version : 'draft';
}

function asDraft(value: unknown): DraftContent {
  if (isDraftContent(value)) return value;
  throw new AppError('bad_request', 'The texts of a template have another shape.');
}

function variablesIn(text: string): Record<string, unknown> {
  try {
    const read = z.record(z.string(), z.unknown()).safeParse(JSON.parse(text));
    if (read.success) return read.data;
  } catch {
    // No JSON: said below.
  }
  throw new AppError('bad_request', 'variables holds an object, as JSON.');
}
