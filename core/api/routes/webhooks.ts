/** /v1/webhooks: who is told of what, the secret their calls are signed with, and the log of the calls. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { everyDelivery } from '../../delivery/queue.ts';
import { AppError } from '../../model/app-error.ts';
import { type Webhook, webhookEventTypes } from '../../model/webhook.ts';
import { deliveryDetailSchema } from '../delivery-schema.ts';
import { webhookSchema } from '../event-schema.ts';
import { presentDeliveryDetail, presentWebhook } from '../present-delivery.ts';
import { listOf } from '../schema.ts';
import type { Services } from '../services.ts';
import { json, problems } from './responses.ts';
import { pageQuery, toPage } from './selection.ts';

const idParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });
const descriptionCharsMax = 200;
/** Each call of the log is read with its attempts. */
const callsMax = 100;

const aboutSchema = z.object({
  url: z
    .url({ protocol: /^https?$/, error: 'give a whole address, http://127.0.0.1:3000/hooks say' })
    .max(2_000),
  description: z.string().trim().max(descriptionCharsMax),
  events: z.array(z.enum(webhookEventTypes)).max(webhookEventTypes.length),
  project: z.string().min(1).nullable(),
  active: z.boolean(),
});
const createSchema = aboutSchema.extend({
  description: aboutSchema.shape.description.default(''),
  events: aboutSchema.shape.events.default([]).openapi({ description: 'empty: all of them' }),
  project: aboutSchema.shape.project.default(null).openapi({ description: 'null: of every project' }),
  active: z.boolean().default(true),
});

const secretSchema = z.object({
  secret: z.string().describe('HMAC-SHA256 key of the signature that its calls carry'),
});
const callStarted = z.object({ deliveryId: z.string().describe('the delivery of the call') });

export function webhookRoutes(api: OpenAPIHono, { store, webhooks }: Services): void {
  function existing(id: string): Webhook {
    const found = webhooks.list().find((one) => one.id === id);
    if (found === undefined) throw new AppError('not_found', `There is no webhook ${id}.`);
    return found;
  }

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/webhooks',
      summary: 'List webhooks',
      responses: { 200: json(listOf(webhookSchema), 'all of them'), ...problems },
    }),
    (c) => {
      const entries = webhooks.list().map(presentWebhook);
      return c.json({ entries, nextCursor: null, total: entries.length }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/webhooks',
      summary: 'Make a webhook',
      request: { body: { required: true, content: { 'application/json': { schema: createSchema } } } },
      responses: { 201: json(webhookSchema, 'the webhook'), ...problems },
    }),
    async (c) => c.json(presentWebhook(await webhooks.create(c.req.valid('json'))), 201),
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/webhooks/{id}',
      summary: 'One webhook',
      request: { params: idParam },
      responses: { 200: json(webhookSchema, 'the webhook'), ...problems },
    }),
    (c) => c.json(presentWebhook(existing(c.req.valid('param').id)), 200),
  );

  api.openapi(
    createRoute({
      method: 'patch',
      path: '/v1/webhooks/{id}',
      summary: 'Change a webhook',
      request: {
        params: idParam,
        body: { required: true, content: { 'application/json': { schema: aboutSchema.partial() } } },
      },
      responses: { 200: json(webhookSchema, 'the webhook'), ...problems },
    }),
    async (c) => {
      const { url, description, events, project, active } = c.req.valid('json');
      const changed = await webhooks.change(c.req.valid('param').id, {
        ...(url === undefined ? {} : { url }),
        ...(description === undefined ? {} : { description }),
        ...(events === undefined ? {} : { events }),
        ...(project === undefined ? {} : { project }),
        ...(active === undefined ? {} : { active }),
      });
      return c.json(presentWebhook(changed), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/webhooks/{id}',
      summary: 'Remove a webhook',
      request: { params: idParam },
      responses: { 204: { description: 'done' }, ...problems },
    }),
    async (c) => {
      const { id } = existing(c.req.valid('param').id);
      await webhooks.remove(id);
      return c.body(null, 204);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/webhooks/{id}/secret',
      summary: 'The secret that its calls are signed with',
      request: { params: idParam },
      responses: { 200: json(secretSchema, 'the secret'), ...problems },
    }),
    async (c) => {
      const { id } = existing(c.req.valid('param').id);
      return c.json({ secret: await webhooks.secret(id) }, 200, { 'cache-control': 'no-store' });
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/webhooks/{id}/rotate-secret',
      summary: 'Give it a new secret; the old one signs nothing any more',
      request: { params: idParam },
      responses: { 200: json(secretSchema, 'the new secret'), ...problems },
    }),
    async (c) => {
      const { id } = existing(c.req.valid('param').id);
      return c.json({ secret: await webhooks.rotateSecret(id) }, 200, { 'cache-control': 'no-store' });
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/webhooks/{id}/test',
      summary: 'Tell it of a made-up event',
      request: { params: idParam },
      responses: { 202: json(callStarted, 'the call is queued'), ...problems },
    }),
    async (c) => {
      const { id } = existing(c.req.valid('param').id);
      return c.json({ deliveryId: await webhooks.test(id) }, 202);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/webhooks/{id}/replay',
      summary: 'Tell it of an event again',
      request: {
        params: idParam,
        body: {
          required: true,
          content: { 'application/json': { schema: z.object({ eventSeq: z.int().min(1) }) } },
        },
      },
      responses: { 202: json(callStarted, 'the call is queued'), ...problems },
    }),
    async (c) => {
      const { id } = existing(c.req.valid('param').id);
      return c.json({ deliveryId: await webhooks.replay(id, c.req.valid('json').eventSeq) }, 202);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/webhooks/{id}/calls',
      summary: 'The log of its calls, newest first, with what was answered',
      request: {
        params: idParam,
        query: pageQuery.extend({ limit: z.coerce.number().int().min(1).max(callsMax).default(20) }),
      },
      responses: { 200: json(listOf(deliveryDetailSchema), 'a page'), ...problems },
    }),
    async (c) => {
      const { id } = existing(c.req.valid('param').id);
      const page = await store.deliveries(
        { ...everyDelivery, carriage: 'webhook', recipient: id },
        toPage(c.req.valid('query')),
      );
      const read = await Promise.all(page.entries.map((one) => store.delivery(one.id)));
      return c.json(
        {
          entries: read.flatMap((one) => (one === null ? [] : [presentDeliveryDetail(one)])),
          nextCursor: page.next === null ? null : String(page.next),
          total: page.total,
        },
        200,
      );
    },
  );
}
