/** /v1/connect: settings to copy, with this machine's ports, and a test message through a door. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { recipes } from '../../connect/recipes.ts';
import { AppError } from '../../model/app-error.ts';
import type { Services } from '../services.ts';
import { json, problems } from './responses.ts';

const recipeSchema = z.object({
  id: z.string(),
  title: z.string(),
  group: z.enum(['framework', 'language', 'tool', 'push', 'sms', 'inapp', 'send']),
  language: z.string(),
  code: z.string(),
  note: z.string().nullable(),
});

export function connectRoutes(api: OpenAPIHono, services: Services): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/connect',
      summary: 'Settings to copy into an app',
      responses: {
        200: json(
          z.object({
            host: z.string(),
            ports: z.record(z.string(), z.int()),
            caFile: z.string(),
            recipes: z.array(recipeSchema),
          }),
          'host, ports and recipes',
        ),
        ...problems,
      },
    }),
    (c) => {
      const { ports, caFile, url, host } = services.status();
      return c.json(
        { host, ports, caFile, recipes: recipes({ host, ports, url, caFile }).map((one) => ({ ...one })) },
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/connect/test',
      summary: 'Send a test message through one of the doors',
      request: {
        body: {
          required: true,
          content: {
            'application/json': { schema: z.object({ door: z.enum(['smtp', 'submission', 'smtps']) }) },
          },
        },
      },
      responses: { 202: json(z.object({ sent: z.literal(true) }), 'sent'), ...problems },
    }),
    async (c) => {
      const { door } = c.req.valid('json');
      if (services.status().ports[door] === undefined)
        throw new AppError('bad_request', `The door ${door} is closed.`);
      await services.sendTest(door);
      return c.json({ sent: true as const }, 202);
    },
  );
}
