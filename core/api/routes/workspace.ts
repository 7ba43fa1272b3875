/** /v1/workspace: all of it as one archive, and an archive, or mail of elsewhere, taken in. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { AppError } from '../../model/app-error.ts';
import type { Services } from '../services.ts';
import { streamOf } from '../stream-of.ts';
import { exportQuery, importQuery, importReportSchema } from '../workspace-schema.ts';
import { binary, json, problems, refusal } from './responses.ts';

export function workspaceRoutes(api: OpenAPIHono, services: Services): void {
  const { workspace } = services;
  if (workspace === undefined) return;

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/workspace/export',
      summary: 'The whole workspace as a .zip',
      description:
        'Messages with what stands beside them, rules, scenarios, domains, templates, users, phones and settings. Never in it: credentials, secrets, tokens. `workspace.json` says what was left out.',
      request: { query: exportQuery },
      responses: {
        200: { description: 'the archive', content: { 'application/zip': { schema: binary } } },
        413: refusal('too many messages for files of their own'),
        ...problems,
      },
    }),
    async (c) => {
      const { messages, privateKeys } = c.req.valid('query');
      const chunks = await workspace.export({ messages, privateKeys: privateKeys === 'true' });
      const day = new Date(services.clock.wallMs()).toISOString().slice(0, 10);
      return c.body(streamOf(chunks), 200, {
        'content-type': 'application/zip',
        'content-disposition': `attachment; filename="sandpost-${day}.zip"`,
        'cache-control': 'no-store',
      });
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/workspace/import',
      summary: 'Take in an exported workspace, an mbox or an .eml',
      description:
        'It is gone through first, and where something is wrong nothing is changed: 422 `import_refused` names each entry at fault.',
      request: {
        query: importQuery,
        body: {
          required: true,
          content: {
            'application/zip': { schema: binary },
            'application/mbox': { schema: binary },
            'message/rfc822': { schema: binary },
          },
        },
      },
      responses: {
        200: json(importReportSchema, 'what became of it, or what would'),
        413: refusal('larger than can be taken'),
        422: refusal('something in it is wrong; `errors` names the entries, and nothing was changed'),
        ...problems,
      },
    }),
    async (c) => {
      const { mode, dryRun, project } = c.req.valid('query');
      const { body } = c.req.raw;
      if (body === null)
        throw new AppError(
          'bad_request',
          'The body is empty; send the archive, the mbox or the message itself.',
        );
      const report = await workspace.import(body, {
        mode,
        dryRun: dryRun === 'true',
        project: project ?? null,
      });
      const { about, messages, ...rest } = report;
      return c.json(
        {
          ...rest,
          about: about === null ? null : { ...about, leftOut: [...about.leftOut] },
          messages: { added: messages.added, alreadyThere: messages.alreadyThere },
          parts: rest.parts.map((one) => ({ ...one })),
          refused: rest.refused.map((one) => ({ ...one })),
          passedOver: [...rest.passedOver],
          notes: [...rest.notes],
        },
        200,
      );
    },
  );
}
