/** /v1/deliveries: one message to one recipient each, their attempts, and what is done to one of them by hand. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { queueActions } from '../../delivery/queue.ts';
import { AppError } from '../../model/app-error.ts';
import { deliveryDetailSchema, deliverySchema } from '../delivery-schema.ts';
import { presentDelivery, presentDeliveryDetail } from '../present-delivery.ts';
import { listOf } from '../schema.ts';
import type { Services } from '../services.ts';
import { deliveryFilterSchema, toDeliveryFilter } from './delivery-filter.ts';
import { detailFieldsOfOne, toOrderDetails } from './order-details.ts';
import { conflict, json, problems } from './responses.ts';
import { pageQuery, presentPage, toPage } from './selection.ts';

const idParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });

const summaries = {
  hold: 'Stop it until it is released; it does not grow older meanwhile',
  release: 'Let it go on, with another envelope if need be',
  retry: 'Try it now; after its end as a new delivery that names it',
  cancel: 'Take it back, when nobody took it yet',
  bounce: 'Turn it back for good, with a reply if need be',
} as const;

export function deliveryRoutes(api: OpenAPIHono, { store, queue, time }: Services): void {
  async function detail(id: string) {
    const found = await store.delivery(id);
    if (found === null)
      throw new AppError('not_found', `There is no delivery ${id}; its message may have been deleted.`);
    return presentDeliveryDetail(found);
  }

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/deliveries',
      summary: 'List deliveries, newest first',
      request: { query: deliveryFilterSchema.extend(pageQuery.shape) },
      responses: {
        200: json(listOf(deliverySchema), 'a page; `total` is counted up to 10,000'),
        ...problems,
      },
    }),
    async (c) => {
      const query = c.req.valid('query');
      return c.json(
        presentPage(
          await store.deliveries(toDeliveryFilter(query, time.nowMs()), toPage(query)),
          presentDelivery,
        ),
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/deliveries/{id}',
      summary: 'One delivery with its attempts and what they rest on',
      request: { params: idParam },
      responses: { 200: json(deliveryDetailSchema, 'the delivery'), ...problems },
    }),
    async (c) => c.json(await detail(c.req.valid('param').id), 200),
  );

  for (const action of queueActions) {
    api.openapi(
      createRoute({
        method: 'post',
        path: `/v1/deliveries/{id}/${action}` as const,
        summary: summaries[action],
        request: {
          params: idParam,
          body: {
            content: {
              'application/json': {
                schema: z.object(detailFieldsOfOne[action]),
              },
            },
          },
        },
        responses: {
          200: json(deliveryDetailSchema, 'the delivery concerned: the new one for a retry after an end'),
          ...problems,
          ...conflict,
        },
      }),
      async (c) => {
        const how = toOrderDetails(c.req.valid('json'));
        const concerned = await queue.act(c.req.valid('param').id, action, how);
        return c.json(await detail(concerned), 200);
      },
    );
  }
}
