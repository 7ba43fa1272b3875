/**
 * /v1/live-relay: whether anything goes out for real, and how to make it so. It takes two calls: one shows what would go, and
 * the other brings the confirmation that only the first one gave.
 */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  auditKinds,
  type LiveActor,
  type LiveChannelSetup,
  type LiveSetup,
  liveChannels,
} from '../../model/live-relay.ts';
import {
  auditEntrySchema,
  confirmationSchema,
  credentialSchema,
  type LiveSetupShape,
  liveSetupSchema,
  liveStatusSchema,
  liveSummarySchema,
  newRelaySchema,
  readBackRequestSchema,
  readBackSchema,
  relayCheckSchema,
  relaySchema,
  releasedSchema,
  releaseRequestSchema,
  releaseSummarySchema,
} from '../live-relay-schema.ts';
import {
  presentAuditEntry,
  presentLiveStatus,
  presentLiveSummary,
  presentRelay,
  presentReleaseSummary,
} from '../present-live.ts';
import { listOf } from '../schema.ts';
import type { LiveService } from '../services.ts';
import { conflict, json, problems } from './responses.ts';
import { pageQuery, presentPage, toPage } from './selection.ts';

const idParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });
const auditQuery = pageQuery.extend({
  kind: z.enum(auditKinds).optional(),
  channel: z.enum(liveChannels).optional(),
  deliveryId: z.string().optional(),
  messageId: z.string().optional(),
});

const body = <T extends z.ZodType>(schema: T) => ({
  required: true as const,
  content: { 'application/json': { schema } },
});

/** Of this module's own header: the screen and the command say who they are; whoever says nothing is the API. */
export const clientHeader = 'x-sandpost-client';

function actorOf(c: Context): LiveActor {
  const said = c.req.header(clientHeader);
  return said === 'screen' || said === 'cli' ? said : 'api';
}

export function liveRelayRoutes(api: OpenAPIHono, live: LiveService): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/live-relay',
      summary: 'Whether anything goes out for real',
      responses: { 200: json(liveStatusSchema, 'how it stands'), ...problems },
    }),
    (c) => c.json(presentLiveStatus(live.status()), 200),
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/live-relay/summary',
      summary: 'What would go out for real if it were turned on like that',
      description: 'Turns nothing on. Its confirmation does, once, for a short while: POST /v1/live-relay.',
      request: { body: body(liveSetupSchema) },
      responses: { 200: json(liveSummarySchema, 'what would go'), ...problems, ...conflict },
    }),
    async (c) => c.json(presentLiveSummary(await live.summarize(toSetup(c.req.valid('json')))), 200),
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/live-relay',
      summary: 'Turn live relay on, as a summary showed it',
      request: { body: body(confirmationSchema) },
      responses: { 200: json(liveStatusSchema, 'it is on'), ...problems, ...conflict },
    }),
    async (c) => {
      const { confirmation } = c.req.valid('json');
      return c.json(presentLiveStatus(await live.turnOn(confirmation, actorOf(c))), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/live-relay',
      summary: 'Back to the sandbox, at once',
      description: 'No attempt begins after it, releases by hand included. Good at any time.',
      responses: { 200: json(liveStatusSchema, 'it is off'), ...problems },
    }),
    async (c) => c.json(presentLiveStatus(await live.turnOff(actorOf(c))), 200),
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/live-relay/relays',
      summary: 'The relays that were set up',
      responses: { 200: json(listOf(relaySchema), 'all of them'), ...problems },
    }),
    async (c) => {
      const entries = (await live.relays.list()).map(presentRelay);
      return c.json({ entries, nextCursor: null, total: entries.length }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/live-relay/relays',
      summary: 'Set up a relay',
      request: { body: body(newRelaySchema) },
      responses: { 201: json(relaySchema, 'the relay'), ...problems, ...conflict },
    }),
    async (c) => {
      const { name, settings } = c.req.valid('json');
      return c.json(presentRelay(await live.relays.create(name, settings, actorOf(c))), 201);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/live-relay/relays/{id}',
      summary: 'One relay',
      request: { params: idParam },
      responses: { 200: json(relaySchema, 'the relay'), ...problems },
    }),
    async (c) => c.json(presentRelay(await live.relays.view(c.req.valid('param').id)), 200),
  );

  api.openapi(
    createRoute({
      method: 'put',
      path: '/v1/live-relay/relays/{id}',
      summary: 'Change a relay; its kind stays',
      request: { params: idParam, body: body(newRelaySchema) },
      responses: { 200: json(relaySchema, 'the relay'), ...problems, ...conflict },
    }),
    async (c) => {
      const { name, settings } = c.req.valid('json');
      const { id } = c.req.valid('param');
      return c.json(presentRelay(await live.relays.change(id, name, settings, actorOf(c))), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/live-relay/relays/{id}',
      summary: 'Delete a relay, with its credential',
      request: { params: idParam },
      responses: { 204: { description: 'done' }, ...problems, ...conflict },
    }),
    async (c) => {
      await live.relays.remove(c.req.valid('param').id, actorOf(c));
      return c.body(null, 204);
    },
  );

  api.openapi(
    createRoute({
      method: 'put',
      path: '/v1/live-relay/relays/{id}/credential',
      summary: 'Give what opens a relay; it replaces what is kept',
      description:
        'It is kept in the keychain or a file of this user’s alone, never in the database, and is never shown again.',
      request: { params: idParam, body: body(credentialSchema) },
      responses: { 200: json(relaySchema, 'the relay'), ...problems, ...conflict },
    }),
    async (c) =>
      c.json(
        presentRelay(
          await live.relays.setCredential(c.req.valid('param').id, c.req.valid('json'), actorOf(c)),
        ),
        200,
      ),
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/live-relay/relays/{id}/credential',
      summary: 'Forget what opens a relay',
      request: { params: idParam },
      responses: { 200: json(relaySchema, 'the relay'), ...problems, ...conflict },
    }),
    async (c) =>
      c.json(presentRelay(await live.relays.setCredential(c.req.valid('param').id, null, actorOf(c))), 200),
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/live-relay/relays/{id}/verify',
      summary: 'Ask a relay whether it would take something, without sending to anyone',
      request: { params: idParam },
      responses: { 200: json(relayCheckSchema, 'what it said'), ...problems },
    }),
    async (c) => {
      const { ok, text, steps } = await live.relays.verify(c.req.valid('param').id, actorOf(c));
      return c.json({ ok, text, steps: [...steps] }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/live-relay/releases/summary',
      summary: 'What would be released by hand',
      request: { body: body(releaseRequestSchema) },
      responses: { 200: json(releaseSummarySchema, 'what would go'), ...problems, ...conflict },
    }),
    async (c) => c.json(presentReleaseSummary(await live.summarizeRelease(c.req.valid('json'))), 200),
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/live-relay/releases',
      summary: 'Release messages by hand through a relay; the sandbox stays as it is',
      request: { body: body(confirmationSchema) },
      responses: { 202: json(releasedSchema, 'a delivery for each message'), ...problems, ...conflict },
    }),
    async (c) => {
      const made = await live.release(c.req.valid('json').confirmation, actorOf(c));
      return c.json({ deliveries: made.map((one) => ({ ...one })) }, 202);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/live-relay/read-back',
      summary: 'Ask the real providers what became of what they took',
      description: 'Of SMS, where the provider can be asked. While live relay is on it is done by itself.',
      request: { body: body(readBackRequestSchema) },
      responses: { 200: json(readBackSchema, 'one for each delivery, in their order'), ...problems },
    }),
    async (c) => {
      const { deliveryIds } = c.req.valid('json');
      return c.json({ results: [...(await live.readBack(deliveryIds, actorOf(c)))] }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/live-relay/audit',
      summary: 'The log of live relay, newest first',
      request: { query: auditQuery },
      responses: { 200: json(listOf(auditEntrySchema), 'a page'), ...problems },
    }),
    async (c) => {
      const { kind, channel, deliveryId, messageId, ...page } = c.req.valid('query');
      const found = await live.audit(
        {
          kind: kind ?? null,
          channel: channel ?? null,
          deliveryId: deliveryId ?? null,
          messageId: messageId ?? null,
        },
        toPage(page),
      );
      return c.json(presentPage(found, presentAuditEntry), 200);
    },
  );
}

function toSetup({ channels, durationMs }: LiveSetupShape): LiveSetup {
  const wanted: Partial<Record<(typeof liveChannels)[number], LiveChannelSetup>> = {};
  for (const channel of liveChannels) {
    const one = channels[channel];
    if (one !== undefined) wanted[channel] = one;
  }
  return { channels: wanted, durationMs };
}
