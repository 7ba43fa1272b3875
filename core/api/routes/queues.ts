/** /v1/queues: what waits, orders to all that match, suspensions, and the settings of the delivery core. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type QueueAction, queueActions } from '../../delivery/queue.ts';
import { AppError } from '../../model/app-error.ts';
import { type Status, streams } from '../../model/delivery.ts';
import { presentQueues, presentSuspension } from '../present-delivery.ts';
import { deliverySettingsShape, holdingSchema, queuesSchema, suspensionSchema } from '../queue-schema.ts';
import type { Services } from '../services.ts';
import { meansEverything, orderFilterSchema, toOrderFilter } from './delivery-filter.ts';
import { detailFields, reasonCharsMax, toOrderDetails } from './order-details.ts';
import { json, problems } from './responses.ts';

const suspensionMsMax = 366 * 24 * 3_600_000;

const orderSchema = orderFilterSchema.extend({
  all: z.literal(true).optional().openapi({ description: 'needed when nothing narrows it' }),
});

const domainsMax = 1_000;
const domainCharsMax = 255;
const holdingChangeSchema = z.object({
  everything: z.boolean().default(false),
  domains: z.array(z.string().trim().toLowerCase().min(1).max(domainCharsMax)).max(domainsMax).default([]),
});

const suspendSchema = z.object({
  by: z.enum(['domain', 'provider', 'stream', 'tag', 'all']),
  value: z.string().trim().max(255).default('').openapi({ description: 'not needed with `by: all`' }),
  action: z.enum(['suspend', 'bounce']).default('suspend'),
  reason: z.string().trim().min(1).max(reasonCharsMax),
  durationMs: z
    .int()
    .min(1_000)
    .max(suspensionMsMax)
    .nullable()
    .default(null)
    .openapi({ description: 'of virtual time; null: until it is taken away' }),
});

export function queueRoutes(api: OpenAPIHono, services: Services): void {
  const { store, queue, time } = services;

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/queues',
      summary: 'What waits, by domain and by due time, and what is suspended',
      responses: { 200: json(queuesSchema, 'the queue'), ...problems },
    }),
    async (c) => c.json(presentQueues(await store.deliveryCounts(), queue.suspensions()), 200),
  );

  for (const action of queueActions) {
    api.openapi(
      createRoute({
        method: 'post',
        path: `/v1/queues/${action}` as const,
        summary: `${action} all deliveries that match, where it can be done`,
        request: {
          body: {
            required: true,
            content: { 'application/json': { schema: orderSchema.extend(detailFields[action]) } },
          },
        },
        responses: { 200: json(z.object({ count: z.int() }), 'how many it was done to'), ...problems },
      }),
      async (c) => {
        const { all, ...given } = c.req.valid('json');
        const filter = toOrderFilter(given, time.nowMs());
        const how = toOrderDetails(given);
        if (!mayBe(filter.status, action, filter.ids !== null))
          throw new AppError(
            'bad_request',
            `status: only what is queued can be told to ${action} together, or name the ids.`,
          );
        if (action === 'release' && (filter.substatus ?? 'held') !== 'held')
          throw new AppError('bad_request', 'substatus: only what is held can be released.');
        if (all !== true && meansEverything(filter)) {
          throw new AppError(
            'bad_request',
            `This would ${action} every delivery that waits: say so with "all": true, or narrow it.`,
          );
        }
        return c.json({ count: await queue.actOnAll(filter, action, how) }, 200);
      },
    );
  }

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/queues/suspensions',
      summary: 'Suspend a part of the queue, or turn it back, for a reason and a while',
      request: { body: { required: true, content: { 'application/json': { schema: suspendSchema } } } },
      responses: { 201: json(suspensionSchema, 'the suspension'), ...problems },
    }),
    async (c) => {
      const { by, value, action, reason, durationMs } = c.req.valid('json');
      const named = by === 'all' ? '' : value.toLowerCase();
      if (by !== 'all' && named === '') {
        throw new AppError('bad_request', `value: which ${by}? Name it, or suspend with "by": "all".`);
      }
      if (by === 'stream' && !streams.some((one) => one === named)) {
        throw new AppError(
          'bad_request',
          `value: there is no stream ${named}; the streams are ${streams.join(' and ')}.`,
        );
      }
      const { virtualMs } = await time.view();
      const suspension = await queue.suspend({
        match: { by, value: named },
        action,
        reason,
        untilMs: durationMs === null ? null : virtualMs + durationMs,
      });
      return c.json(presentSuspension(suspension), 201);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/queues/suspensions/{id}',
      summary: 'End a suspension: what waits for it is due',
      request: {
        params: z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) }),
      },
      responses: { 204: { description: 'done' }, ...problems },
    }),
    async (c) => {
      await queue.resume(c.req.valid('param').id);
      return c.body(null, 204);
    },
  );

  const { holding } = services;
  if (holding !== undefined) {
    api.openapi(
      createRoute({
        method: 'get',
        path: '/v1/queues/holding',
        summary: 'What is held before it is tried',
        responses: { 200: json(holdingSchema, 'what is held'), ...problems },
      }),
      (c) => c.json(holding.get(), 200),
    );
    api.openapi(
      createRoute({
        method: 'put',
        path: '/v1/queues/holding',
        summary:
          'Hold everything, or all to some domains, before it is tried; what waits already is left as it is',
        request: {
          body: { required: true, content: { 'application/json': { schema: holdingChangeSchema } } },
        },
        responses: { 200: json(holdingSchema, 'what is held now'), ...problems },
      }),
      async (c) => c.json(await holding.set(c.req.valid('json')), 200),
    );
  }

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/queues/settings',
      summary: 'Settings of the delivery core',
      responses: { 200: json(deliverySettingsShape, 'the settings'), ...problems },
    }),
    (c) => c.json(queue.settings(), 200),
  );

  api.openapi(
    createRoute({
      method: 'put',
      path: '/v1/queues/settings',
      summary: 'Set all of them; what is left out has its default',
      request: {
        body: { required: true, content: { 'application/json': { schema: deliverySettingsShape } } },
      },
      responses: { 200: json(deliverySettingsShape, 'the settings'), ...problems },
    }),
    async (c) => c.json(await queue.change(c.req.valid('json')), 200),
  );
}

/** What a provider has can be released together, when it is held there; to all else ids have to be named. */
function mayBe(status: Status | null, action: QueueAction, named: boolean): boolean {
  return named || status === null || status === 'queued' || (action === 'release' && status === 'sent');
}
