/** /v1/projects, /v1/stats, /v1/settings, /v1/status. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { mainProject, projectName } from '../../intake/projects.ts';
import { AppError } from '../../model/app-error.ts';
import { presentProject } from '../present.ts';
import { listOf } from '../schema.ts';
import type { Services } from '../services.ts';
import {
  projectSchema,
  retentionSchema,
  settingsSchema,
  statsSchema,
  statusSchema,
} from '../settings-schema.ts';
import { json, problems } from './responses.ts';

const nameParam = z.object({ name: z.string().openapi({ param: { name: 'name', in: 'path' } }) });

export function projectRoutes(api: OpenAPIHono, services: Services): void {
  const { store } = services;

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/projects',
      summary: 'List projects',
      responses: { 200: json(listOf(projectSchema), 'all of them'), ...problems },
    }),
    async (c) => {
      const rows = await store.projects();
      return c.json({ entries: rows.map(presentProject), nextCursor: null, total: rows.length }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/projects',
      summary: 'Make a project',
      request: {
        body: {
          required: true,
          content: { 'application/json': { schema: z.object({ name: z.string().min(1).max(64) }) } },
        },
      },
      responses: { 201: json(projectSchema, 'the project'), ...problems },
    }),
    async (c) => {
      const asked = c.req.valid('json').name;
      const name = projectName(asked);
      if (name === null)
        throw new AppError('bad_request', `"${asked}" leaves no name; use letters, digits, dots and dashes.`);
      await store.saveProject(name, { fixed: true });
      return c.json(await project(name), 201);
    },
  );

  api.openapi(
    createRoute({
      method: 'patch',
      path: '/v1/projects/{name}',
      summary: "Set a project's own retention",
      request: {
        params: nameParam,
        body: {
          required: true,
          content: { 'application/json': { schema: z.object({ retention: retentionSchema }) } },
        },
      },
      responses: { 200: json(projectSchema, 'the project'), ...problems },
    }),
    async (c) => {
      const { name } = await project(c.req.valid('param').name);
      await store.saveProject(name, { retention: c.req.valid('json').retention });
      return c.json(await project(name), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/projects/{name}',
      summary: 'Delete a project',
      request: {
        params: nameParam,
        query: z.object({
          messages: z.literal('true').optional().openapi({ description: 'its messages too' }),
        }),
      },
      responses: { 204: { description: 'done' }, ...problems },
    }),
    async (c) => {
      const { name } = await project(c.req.valid('param').name);
      if (name === mainProject)
        throw new AppError('bad_request', 'The project main is always there; its messages can be deleted.');
      if (c.req.valid('query').messages === 'true') await store.deleteSelection({ query: [], project: name });
      if (!(await store.deleteProject(name))) {
        throw new AppError(
          'bad_request',
          `The project ${name} still has messages; delete them too with ?messages=true.`,
        );
      }
      return c.body(null, 204);
    },
  );

  async function project(name: string) {
    const row = (await store.projects()).find((one) => one.name === name);
    if (row === undefined) throw new AppError('not_found', `There is no project ${name}.`);
    return presentProject(row);
  }

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/stats',
      summary: 'Counts',
      request: { query: z.object({ project: z.string().optional() }) },
      responses: { 200: json(statsSchema, 'counts'), ...problems },
    }),
    async (c) => {
      const wanted = c.req.valid('query').project;
      const counts = store.counts();
      const row = wanted === undefined || wanted === '' ? null : await project(wanted);
      return c.json(
        {
          messages: row?.messages ?? counts.messages,
          unread: row?.unread ?? counts.unread,
          bytes: row?.bytes ?? counts.bytes,
          waitingForIndex: counts.waitingForIndex,
          exchanges: counts.exchanges,
          tags: (await store.tags(row?.name ?? null)).map((one) => ({ ...one })),
        },
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/status',
      summary: 'What runs here',
      responses: { 200: json(statusSchema, 'the status'), ...problems },
    }),
    (c) => c.json(services.status(), 200),
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/settings',
      summary: 'Settings that can be changed while it runs',
      responses: { 200: json(settingsSchema, 'the settings'), ...problems },
    }),
    (c) => c.json(services.settings.current(), 200),
  );

  const change = z.object({
    retention: retentionSchema.partial().optional(),
    projects: settingsSchema.shape.projects.partial().optional(),
  });
  api.openapi(
    createRoute({
      method: 'patch',
      path: '/v1/settings',
      summary: 'Change settings',
      request: { body: { required: true, content: { 'application/json': { schema: change } } } },
      responses: { 200: json(settingsSchema, 'the settings'), ...problems },
    }),
    async (c) => {
      const given = c.req.valid('json');
      const now = services.settings.current();
      const next = settingsSchema.parse({
        retention: { ...now.retention, ...given.retention },
        projects: { ...now.projects, ...given.projects },
      });
      return c.json(await services.settings.change(next), 200);
    },
  );
}
