/** /v1/exchanges: what came through the doors, refused too. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { AppError } from '../../model/app-error.ts';
import { exchangeDetailSchema, exchangeSchema } from '../exchange-schema.ts';
import { presentExchange, presentExchangeDetail } from '../present.ts';
import { listOf } from '../schema.ts';
import type { Services } from '../services.ts';
import { json, problems } from './responses.ts';
import { pageQuery, presentPage, toPage } from './selection.ts';

export function exchangeRoutes(api: OpenAPIHono, { store }: Services): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/exchanges',
      summary: 'List exchanges, newest first',
      request: {
        query: pageQuery.extend({
          outcome: z.enum(['open', 'accepted', 'refused', 'aborted', 'empty']).optional(),
          door: z.string().optional(),
          q: z
            .string()
            .max(200)
            .optional()
            .openapi({ description: 'in the client name, user, address or reason' }),
        }),
      },
      responses: { 200: json(listOf(exchangeSchema), 'a page'), ...problems },
    }),
    async (c) => {
      const query = c.req.valid('query');
      const filter = {
        outcome: query.outcome ?? null,
        door: query.door ?? null,
        text: query.q === undefined || query.q === '' ? null : query.q,
      };
      return c.json(presentPage(await store.exchanges(filter, toPage(query)), presentExchange), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/exchanges/{id}',
      summary: 'One exchange with its transcript',
      request: {
        params: z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) }),
        query: z.object({
          message: z
            .string()
            .optional()
            .openapi({ description: 'of a very long session, also the part about this message' }),
        }),
      },
      responses: { 200: json(exchangeDetailSchema, 'the exchange'), ...problems },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const found = await store.exchange(id, c.req.valid('query').message ?? null);
      if (found === null)
        throw new AppError('not_found', `There is no exchange ${id}; it may have been removed with time.`);
      return c.json(presentExchangeDetail(found), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/exchanges',
      summary: 'Delete all exchanges that have ended',
      request: { query: z.object({ all: z.literal('true') }) },
      responses: { 200: json(z.object({ deleted: z.int() }), 'how many went'), ...problems },
    }),
    async (c) => c.json({ deleted: await store.deleteExchanges() }, 200),
  );
}
