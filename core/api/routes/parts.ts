/** GET /v1/messages/:id/parts: what a send over several channels led to, way by way. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { AppError } from '../../model/app-error.ts';
import { partSchema } from '../multi-view-schema.ts';
import { presentPart } from '../present-multi.ts';
import { listOf } from '../schema.ts';
import type { Services } from '../services.ts';
import { json, problems } from './responses.ts';
import { pageQuery, toPage } from './selection.ts';

export function partRoutes(api: OpenAPIHono, { store }: Pick<Services, 'store'>): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/messages/{id}/parts',
      summary: 'The ways that a send over several channels took',
      description:
        'One entry for each way that was tried for each of its users, newest first, with what became of it and why it was tried. A way that led to no message has none.',
      request: {
        params: z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) }),
        query: pageQuery.extend({
          deliveryId: z.string().optional().describe('of one of its users alone'),
        }),
      },
      responses: { 200: json(listOf(partSchema), 'its ways'), ...problems },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const { deliveryId, ...page } = c.req.valid('query');
      const row = await store.message(id);
      if (row === null)
        throw new AppError('not_found', `There is no message ${id}; it may have been deleted.`);
      const filter = { messageId: id, ...(deliveryId === undefined ? {} : { deliveryIds: [deliveryId] }) };
      const steps = await store.multiSteps(filter, toPage(page));
      const children = new Map(
        await Promise.all(
          steps.entries.flatMap(({ childMessageId }) =>
            childMessageId === null
              ? []
              : [store.message(childMessageId).then((child) => [childMessageId, child] as const)],
          ),
        ),
      );
      const users = new Map(
        await Promise.all(
          [...new Set(steps.entries.map((one) => one.deliveryId))].map(
            async (one) => [one, (await store.delivery(one))?.delivery ?? null] as const,
          ),
        ),
      );
      return c.json(
        {
          entries: steps.entries.map((step) =>
            presentPart(
              step,
              users.get(step.deliveryId) ?? null,
              children.get(step.childMessageId ?? '') ?? null,
            ),
          ),
          nextCursor: steps.next === null ? null : String(steps.next),
          total: steps.total,
        },
        200,
      );
    },
  );
}
