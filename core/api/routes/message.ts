/** /v1/messages/:id and what is in it. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { detailOfInApp } from '../../inspect/read-inapp.ts';
import { detailOfMulti } from '../../inspect/read-multi.ts';
import { detailOfPush } from '../../inspect/read-push.ts';
import { detailOfSms } from '../../inspect/read-sms.ts';
import { AppError, messageOf } from '../../model/app-error.ts';
import { headerBlockEnd } from '../../model/header-block.ts';
import type { MessageRow } from '../../model/message.ts';
import { eventSchema } from '../event-schema.ts';
import { codeSchema, linkSchema, messageDetailSchema } from '../message-schema.ts';
import { presentDetail, presentEvent, presentUnread } from '../present.ts';
import { presentReceipt } from '../present-delivery.ts';
import { presentInAppView } from '../present-inapp.ts';
import { presentMulti } from '../present-multi.ts';
import { presentPush } from '../present-push.ts';
import { presentSmsMessage } from '../present-sms-message.ts';
import { receiptSchema } from '../receipt-schema.ts';
import { listOf } from '../schema.ts';
import type { Services } from '../services.ts';
import { binary, json, problems } from './responses.ts';
import { pageQuery, presentPage, toCursor, toPage } from './selection.ts';

const idParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });
const bytes = (description: string) => ({
  description,
  content: { 'application/octet-stream': { schema: binary } },
});
const done = { description: 'done' } as const;
const eventsMax = 1_000;
const tagsMax = 32;
/** Of a send over several channels; one with more users is read in a thread, and shown without what it asked for. */
const sendBytesMax = 4 * 1024 * 1024;
/** Of an in-app message, with the message itself. */
const inAppUsersMax = 200;

/** HTML of a message never runs, never navigates, never fetches: design §4. */
const frameCsp =
  "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

export function oneMessageRoutes(api: OpenAPIHono, services: Services): void {
  const { store, viewer } = services;

  async function existing(id: string): Promise<MessageRow> {
    const row = await store.message(id);
    if (row === null) throw new AppError('not_found', `There is no message ${id}; it may have been deleted.`);
    return row;
  }

  /** A push has a few kilobytes. @throws AppError `not_found` */
  async function wholeOf(id: string): Promise<Uint8Array> {
    const raw = await store.raw(id);
    if (raw === null) throw new AppError('not_found', `There is no message ${id}; it was deleted just now.`);
    const chunks: Uint8Array[] = [];
    for await (const chunk of raw.chunks) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  const get = <P extends string, R extends { readonly description: string }>(
    path: P,
    summary: string,
    response: R,
  ) =>
    createRoute({
      method: 'get',
      path: `/v1/messages/{id}${path}` as const,
      summary,
      request: { params: idParam },
      responses: { 200: response, ...problems },
    });

  api.openapi(get('', 'One message, read', json(messageDetailSchema, 'the message')), async (c) => {
    const row = await existing(c.req.valid('param').id);
    if (row.channel === 'push') {
      const raw = await wholeOf(row.id);
      return c.json(presentDetail(row, detailOfPush(row, raw), { push: presentPush(row, raw) }), 200);
    }
    if (row.channel === 'sms') {
      const raw = await wholeOf(row.id);
      const shortLinks = `${services.status().url}/s/`;
      return c.json(
        presentDetail(row, detailOfSms(row, raw), { sms: presentSmsMessage(row, raw, shortLinks) }),
        200,
      );
    }
    if (row.channel === 'multi' && row.bytes <= sendBytesMax) {
      const raw = await wholeOf(row.id);
      return c.json(presentDetail(row, detailOfMulti(raw), { multi: presentMulti(raw) }), 200);
    }
    if (row.channel === 'inapp') {
      const raw = await wholeOf(row.id);
      const users = await store.inApps({ messageId: row.id }, { after: null, limit: inAppUsersMax });
      return c.json(presentDetail(row, detailOfInApp(raw), { inapp: presentInAppView(raw, users) }), 200);
    }
    try {
      const detail = await viewer.ask('detail', { messageId: row.id });
      if (detail === null)
        throw new AppError('not_found', `There is no message ${row.id}; it was deleted just now.`);
      return c.json(presentDetail(row, detail), 200);
    } catch (error) {
      // What cannot be read is shown by what is known of it; its source is there in full.
      if (error instanceof AppError && error.code === 'unreadable')
        return c.json(presentUnread(row, messageOf(error)), 200);
      throw error;
    }
  });

  api.openapi(get('/raw', 'The message, byte for byte as it came', bytes('the message')), async (c) => {
    const { id } = c.req.valid('param');
    const { channel, details } = await existing(id);
    const raw = await store.raw(id);
    if (raw === null) throw new AppError('not_found', `There is no message ${id}; it may have been deleted.`);
    const { type, ending } = rawKind(channel, details);
    return c.body(streamOf(raw.chunks), 200, {
      'content-type': type,
      'content-length': String(raw.bytes),
      ...downloadAs(c, `${id}.${ending}`),
      ...inert,
    });
  });

  api.openapi(get('/source-headers', 'The header block as it came', bytes('the header block')), async (c) => {
    const { id } = c.req.valid('param');
    const { channel, details } = await existing(id);
    if (channel !== 'email') {
      const lines = (details?.push?.headers ?? details?.sms?.headers ?? []).map(
        ([name, value]) => `${name}: ${value}\r\n`,
      );
      return c.body(lines.join(''), 200, { 'content-type': 'text/plain; charset=utf-8', ...inert });
    }
    const raw = await store.raw(id);
    if (raw === null) throw new AppError('not_found', `There is no message ${id}; it may have been deleted.`);
    for await (const chunk of raw.chunks) {
      const start = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const block = start.subarray(0, headerBlockEnd(start) ?? start.length);
      return c.body(new Uint8Array(block), 200, { 'content-type': 'text/plain; charset=utf-8', ...inert });
    }
    return c.body('', 200, { 'content-type': 'text/plain; charset=utf-8', ...inert });
  });

  api.openapi(
    get('/html', 'The HTML, made inert for a sandboxed frame', bytes('an HTML document')),
    async (c) => {
      const { id } = c.req.valid('param');
      const { channel } = await existing(id);
      if (channel !== 'email')
        throw new AppError('not_found', `The message ${id} is no mail: it has no HTML.`);
      const remote = c.req.query('remote') === '1' ? await fetchedRemotes(id) : new Map<string, string>();
      const html = await viewer.ask('html', { messageId: id, dark: c.req.query('dark') === '1', remote });
      if (html === null) throw new AppError('not_found', `The message ${id} has no HTML.`);
      return c.body(html, 200, {
        'content-type': 'text/html; charset=utf-8',
        ...inert,
        'content-security-policy': frameCsp,
      });
    },
  );

  async function fetchedRemotes(id: string): Promise<ReadonlyMap<string, string>> {
    const remotes = (await viewer.ask('remotes', { messageId: id })) ?? [];
    return services.fetchRemote(remotes.filter((one) => one.kind === 'image').map((one) => one.url));
  }

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/messages/{id}/parts/{n}',
      summary: 'One MIME part, decoded',
      request: {
        params: idParam.extend({
          n: z.coerce
            .number()
            .int()
            .min(0)
            .openapi({ param: { name: 'n', in: 'path', required: true } }),
        }),
      },
      responses: { 200: bytes('the part'), ...problems },
    }),
    async (c) => {
      const { id, n } = c.req.valid('param');
      const { channel } = await existing(id);
      if (channel !== 'email')
        throw new AppError('not_found', `The message ${id} is no mail: it has no parts.`);
      const part = await viewer.ask('part', { messageId: id, n });
      if (part === null) throw new AppError('not_found', `The message ${id} has no part ${n}.`);
      return c.body(part.bytes.slice().buffer, 200, {
        'content-type': partType(part.contentType, part.charset),
        ...downloadAs(c, part.filename ?? `part-${n}`),
        ...inert,
      });
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/messages/{id}/events',
      summary: 'What happened to it and to its deliveries',
      request: {
        params: idParam,
        query: z.object({
          after: z.string().optional(),
          limit: z.coerce.number().int().min(1).max(eventsMax).default(eventsMax),
        }),
      },
      responses: { 200: json(listOf(eventSchema), 'its events'), ...problems },
    }),
    async (c) => {
      const row = await existing(c.req.valid('param').id);
      const { after, limit } = c.req.valid('query');
      const events = await store.events({
        after: after === undefined || after === '' ? 0 : toCursor(after),
        limit: limit + 1,
        messageId: row.id,
      });
      const entries = events.slice(0, limit);
      const last = entries.at(-1);
      return c.json(
        {
          entries: entries.map(presentEvent),
          nextCursor: events.length > limit && last !== undefined ? String(last.seq) : null,
          total: entries.length,
        },
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/messages/{id}/auth',
      summary: 'What each receiver found out about who sent it, and what its filter made of it',
      request: { params: idParam, query: pageQuery },
      responses: { 200: json(listOf(receiptSchema), 'one for each copy, newest first'), ...problems },
    }),
    async (c) => {
      const row = await existing(c.req.valid('param').id);
      const page = await store.copies(
        { mailbox: null, placement: null, messageId: row.id, deliveryId: null },
        toPage(c.req.valid('query')),
      );
      return c.json(presentPage(page, presentReceipt), 200);
    },
  );

  api.openapi(
    get('/links', 'The links in it', json(z.object({ entries: z.array(linkSchema) }), 'its links')),
    async (c) => {
      const row = await existing(c.req.valid('param').id);
      const detail = await viewer.ask('detail', { messageId: row.id });
      return c.json({ entries: (detail?.links ?? []).map((one) => ({ ...one })) }, 200);
    },
  );

  api.openapi(
    get('/codes', 'One-time codes in it', json(z.object({ entries: z.array(codeSchema) }), 'its codes')),
    async (c) => {
      const row = await existing(c.req.valid('param').id);
      const detail = await viewer.ask('detail', { messageId: row.id });
      return c.json({ entries: (detail?.codes ?? []).map((one) => ({ ...one })) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/messages/{id}',
      summary: 'Delete one message',
      request: { params: idParam },
      responses: { 204: done, ...problems },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      if ((await store.deleteMessages([id])) === 0)
        throw new AppError('not_found', `There is no message ${id}; it may have been deleted.`);
      return c.body(null, 204);
    },
  );

  for (const [method, read] of [
    ['put', true],
    ['delete', false],
  ] as const) {
    api.openapi(
      createRoute({
        method,
        path: '/v1/messages/{id}/read',
        summary: read ? 'Mark as read' : 'Mark as unread',
        request: { params: idParam },
        responses: { 204: done, ...problems },
      }),
      async (c) => {
        const row = await existing(c.req.valid('param').id);
        await store.setRead([row.id], read);
        return c.body(null, 204);
      },
    );
  }

  api.openapi(
    createRoute({
      method: 'put',
      path: '/v1/messages/{id}/tags',
      summary: 'Set its tags',
      request: {
        params: idParam,
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.object({ tags: z.array(z.string().trim().min(1).max(64)).max(tagsMax) }),
            },
          },
        },
      },
      responses: { 200: json(z.object({ tags: z.array(z.string()) }), 'its tags'), ...problems },
    }),
    async (c) => {
      const row = await existing(c.req.valid('param').id);
      const tags = [...new Set(c.req.valid('json').tags)];
      await store.setTags(row.id, tags);
      return c.json({ tags }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/messages/{id}/tags',
      summary: 'Take its tags off',
      request: { params: idParam },
      responses: { 204: done, ...problems },
    }),
    async (c) => {
      const row = await existing(c.req.valid('param').id);
      await store.setTags(row.id, []);
      return c.body(null, 204);
    },
  );
}

/** What is encrypted (RFC 8188) is no text; all other pushes are JSON. */
function rawKind(
  channel: MessageRow['channel'],
  details: MessageRow['details'],
): { readonly type: string; readonly ending: string } {
  if (channel === 'sms') return smsKind(details);
  if (channel === 'multi' || channel === 'inapp') return { type: 'application/json', ending: 'json' };
  if (channel !== 'push') return { type: 'message/rfc822', ending: 'eml' };
  return details?.push?.provider === 'webpush'
    ? { type: 'application/octet-stream', ending: 'bin' }
    : { type: 'application/json', ending: 'json' };
}

/** Of SMPP the PDU; the others write JSON or forms, and what the send API took is JSON. */
function smsKind(details: MessageRow['details']): { readonly type: string; readonly ending: string } {
  const sms = details?.sms;
  if (sms?.provider === 'smpp') return { type: 'application/octet-stream', ending: 'bin' };
  const said = sms?.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  return sms === undefined || said.includes('json')
    ? { type: 'application/json', ending: 'json' }
    : { type: 'text/plain; charset=utf-8', ending: 'txt' };
}

function streamOf(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const step = await iterator.next();
      if (step.done === true) controller.close();
      else controller.enqueue(step.value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

/** A part opened by itself must not run in our origin. */
const inert = {
  'content-security-policy':
    "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; frame-ancestors 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  // Browsers look up the names of links ahead of a click.
  'x-dns-prefetch-control': 'off',
  'cache-control': 'private, no-store',
} as const;

/** Types a browser would run are served as plain text: their source is what is looked at. */
function partType(contentType: string, charset: string | null): string {
  const plain =
    /^(?:text\/html|application\/xhtml\+xml|image\/svg\+xml|text\/xml|application\/xml|text\/javascript|application\/javascript)$/i.test(
      contentType,
    );
  const type = plain
    ? 'text/plain'
    : /^[\w.+-]+\/[\w.+-]+$/.test(contentType)
      ? contentType
      : 'application/octet-stream';
  const named = charset !== null && /^[\w.:-]+$/.test(charset) ? charset : 'utf-8';
  return type.startsWith('text/') ? `${type}; charset=${named}` : type;
}

function downloadAs(c: Context, filename: string): Record<string, string> {
  if (c.req.query('download') !== '1') return {};
  // RFC 6266 §4.3: the plain name for old clients, the encoded one for all others.
  const plain = filename.replace(/[^\w. -]/g, '_');
  // Half a character, as an encoded word may decode to, cannot be encoded.
  const encoded = encodeURIComponent(filename.toWellFormed()).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return {
    'content-disposition': `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`,
  };
}
