/** /v1/messages: lists and waits, and what changes many messages at once. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { AppError } from '../../model/app-error.ts';
import type { Selection } from '../../store/store.ts';
import { messageSchema } from '../message-schema.ts';
import { presentMessage } from '../present.ts';
import { readBody } from '../read-body.ts';
import { listOf } from '../schema.ts';
import type { Services } from '../services.ts';
import { binary, json, problems } from './responses.ts';
import { pageQuery, presentPage, selectionQuery, toPage, toSelection } from './selection.ts';

const waitMsMax = 300_000;
/** Calls that wait at the same time: each asks the store again whenever something comes in. */
const waitsMax = 200;
const importBytesMax = 256 * 1024 * 1024;

export function messageRoutes(api: OpenAPIHono, services: Services): void {
  const { store, clock } = services;
  let waits = 0;

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/messages',
      summary: 'List messages, newest first',
      request: { query: selectionQuery.extend(pageQuery.shape) },
      responses: { 200: json(listOf(messageSchema), 'a page'), ...problems },
    }),
    async (c) => {
      const query = c.req.valid('query');
      const page = await store.messages(toSelection(query, clock.wallMs()), toPage(query));
      return c.json(presentPage(page, presentMessage), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/messages/wait',
      summary: 'Wait for a message: the newest that matches, stored ones included',
      description: 'The call for tests. Answers as soon as there is a match, else 404 `wait_timed_out`.',
      request: {
        query: selectionQuery.extend({
          timeoutMs: z.coerce.number().int().min(0).max(waitMsMax).default(10_000),
          since: z.string().optional().openapi({
            description: 'only messages received at or after this time (ISO 8601), or with a greater seq',
          }),
        }),
      },
      responses: { 200: json(messageSchema, 'the message'), ...problems },
    }),
    async (c) => {
      const query = c.req.valid('query');
      const selection = withSince(toSelection({ ...query, since: undefined }, clock.wallMs()), query.since);
      if (waits >= waitsMax) {
        throw new AppError(
          'store_busy',
          `${waitsMax} calls wait for a message already; end some, or try again.`,
        );
      }
      waits++;
      const found = await waitFor(
        services,
        selection,
        sinceSeq(query.since),
        query.timeoutMs,
        c.req.raw.signal,
      ).finally(() => {
        waits--;
      });
      if (found === null) {
        throw new AppError('wait_timed_out', `No message matched within ${query.timeoutMs} ms.`);
      }
      return c.json(presentMessage(found), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/messages',
      summary: 'Delete the messages that match',
      request: { query: selectionQuery.extend({ all: z.enum(['true', 'false']).optional() }) },
      responses: { 200: json(z.object({ deleted: z.int() }), 'how many went'), ...problems },
    }),
    async (c) => {
      const query = c.req.valid('query');
      const selection = toSelection(query, clock.wallMs());
      if (query.all !== 'true' && selection.query.length === 0 && selection.project === null) {
        throw new AppError(
          'bad_request',
          'This would delete every message: say so with ?all=true, or narrow it with q= or project=.',
        );
      }
      return c.json({ deleted: await store.deleteSelection(selection) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'put',
      path: '/v1/messages/read',
      summary: 'Mark the messages that match as read',
      request: { query: selectionQuery },
      responses: { 200: json(z.object({ changed: z.int() }), 'how many were unread'), ...problems },
    }),
    async (c) => {
      return c.json(
        { changed: await store.markAllRead(toSelection(c.req.valid('query'), clock.wallMs())) },
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/messages/import',
      summary: 'Import a message as it is, an .eml file say',
      request: {
        query: z.object({
          project: z.string().optional(),
          from: z.string().optional(),
          to: z.string().optional(),
        }),
        body: { content: { 'message/rfc822': { schema: binary } }, required: true },
      },
      responses: { 201: json(z.object({ id: z.string() }), 'its id'), ...problems },
    }),
    async (c) => {
      const raw = new Uint8Array(await readBody(c.req.raw, importBytesMax, 'message'));
      if (raw.length === 0)
        throw new AppError('bad_request', 'The body is empty; send the message itself as message/rfc822.');
      const { project, from, to } = c.req.valid('query');
      const id = await services.intake.accept({
        channel: 'email',
        door: 'import',
        user: null,
        envelopeFrom: from ?? '',
        envelopeTo: to === undefined || to === '' ? [] : to.split(','),
        envelopeParameters: null,
        spooled: [],
        tail: raw,
        head: raw,
        bytes: raw.length,
        exchange: null,
        project: project ?? null,
      });
      return c.json({ id }, 201);
    },
  );
}

function sinceSeq(since: string | undefined): number {
  return since !== undefined && /^\d{1,12}$/.test(since) ? Number(since) : 0;
}

function withSince(selection: Selection, since: string | undefined): Selection {
  if (since === undefined || sinceSeq(since) > 0) return selection;
  const atMs = Date.parse(since);
  if (Number.isNaN(atMs))
    throw new AppError(
      'bad_request',
      `since=${since} is no time; write 2026-01-31T10:00:00Z, or the seq of a message`,
    );
  return {
    ...selection,
    query: [...selection.query, { kind: 'received', compare: 'after', atMs, not: false }],
  };
}

/** What a wait by words, addresses or tags looks for can only come true by these. */
const messageEvents: ReadonlySet<string> = new Set(['accepted', 'indexed', 'tagged']);
const deliveryEvents: ReadonlySet<string> = new Set([
  'queued',
  'deferred',
  'held',
  'released',
  'sent',
  'delivered',
  'undeliverable',
  'canceled',
]);

/** Asks again whenever something happened that could matter; a wait costs nothing in between. */
async function waitFor(
  services: Services,
  selection: Selection,
  afterSeq: number,
  timeoutMs: number,
  signal: AbortSignal,
) {
  const { store, bus, clock } = services;
  const asksForStatus = selection.query.some((term) => term.kind === 'equals' && term.column === 'status');
  let wake: () => void = () => undefined;
  let changed = false;
  const notice = (): void => {
    changed = true;
    wake();
  };
  const unsubscribe = bus.subscribe((events) => {
    if (events.some(({ type }) => messageEvents.has(type) || (asksForStatus && deliveryEvents.has(type))))
      notice();
  });
  let over = false;
  const cancel = clock.after(timeoutMs, () => {
    over = true;
    wake();
  });
  const aborted = (): void => {
    over = true;
    wake();
  };
  signal.addEventListener('abort', aborted);
  try {
    for (;;) {
      changed = false;
      const { entries } = await store.messages(selection, { after: null, limit: 1 });
      const [newest] = entries;
      if (newest !== undefined && newest.seq > afterSeq) return newest;
      if (over) return null;
      if (!changed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    unsubscribe();
    cancel();
    signal.removeEventListener('abort', aborted);
  }
}
