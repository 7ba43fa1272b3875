/** /v1/suppressions: the addresses that must not be sent to, one by one and as files. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { AppError } from '../../model/app-error.ts';
import { suppressionScopes } from '../../model/suppression.ts';
import { presentSuppression } from '../present-delivery.ts';
import { readBody } from '../read-body.ts';
import { listOf } from '../schema.ts';
import type { Services } from '../services.ts';
import { streamOf } from '../stream-of.ts';
import {
  readSuppressionFile,
  suppressionEntrySchema,
  suppressionFileHead,
  suppressionLine,
  suppressionLinesMax,
  toSuppression,
} from '../suppression-file.ts';
import { importOutcomeSchema, suppressionSchema } from '../suppression-schema.ts';
import { json, problems } from './responses.ts';
import { pageQuery, presentPage, toPage } from './selection.ts';

const importBytesMax = 16 * 1024 * 1024;
/** Suppressions that one transaction takes. */
const importStep = 1_000;
const exportStep = 500;

export function suppressionRoutes(api: OpenAPIHono, services: Services): void {
  const { store, time } = services;

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/suppressions',
      summary: 'List suppressions, newest first',
      request: {
        query: pageQuery.extend({
          q: z.string().max(320).optional().openapi({ description: 'a part of the address' }),
        }),
      },
      responses: { 200: json(listOf(suppressionSchema), 'a page'), ...problems },
    }),
    async (c) => {
      const query = c.req.valid('query');
      const page = await store.suppressions({ text: query.q?.trim() || null }, toPage(query));
      return c.json(presentPage(page, presentSuppression), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/suppressions',
      summary: 'Suppress an address',
      description: 'One that is on the list without an end already stays as it is.',
      request: {
        body: { required: true, content: { 'application/json': { schema: suppressionEntrySchema } } },
      },
      responses: { 201: json(suppressionSchema, 'the suppression'), ...problems },
    }),
    async (c) => {
      const { virtualMs } = await time.view();
      const wanted = toSuppression(c.req.valid('json'), 'api', virtualMs);
      if (wanted.expiresAtMs !== null && wanted.expiresAtMs <= virtualMs)
        throw new AppError(
          'bad_request',
          `expiresAt: it is ${new Date(virtualMs).toISOString()} by the virtual clock; give a later time.`,
        );
      await store.suppress([wanted]);
      const kept = (await store.suppressed([wanted.address], virtualMs)).find(
        (one) => one.scope === wanted.scope,
      );
      if (kept === undefined)
        throw new AppError('not_found', `${wanted.address} was taken off the list just now.`);
      return c.json(presentSuppression(kept), 201);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/suppressions/import',
      summary: 'Add a list: CSV (address,scope,reason,detail,expiresAt) or JSON lines',
      description:
        'A first line that names the columns may put them in any order; `email` counts as `address`. Lines that cannot be read are reported, the others are taken.',
      request: {
        body: {
          required: true,
          content: { 'text/csv': { schema: z.string() }, 'application/x-ndjson': { schema: z.string() } },
        },
      },
      responses: {
        200: json(importOutcomeSchema, 'what became of the lines'),
        ...problems,
      },
    }),
    async (c) => {
      const text = (await readBody(c.req.raw, importBytesMax, 'list')).toString('utf8');
      const { entries, errors, refused } = readSuppressionFile(text);
      if (entries.length + refused === 0)
        throw new AppError('bad_request', 'The list is empty; send CSV or JSON lines.');
      if (entries.length > suppressionLinesMax) {
        throw new AppError(
          'too_large',
          `The list has ${entries.length} lines; import at most ${suppressionLinesMax} at a time.`,
        );
      }
      const { virtualMs } = await time.view();
      const wanted = entries.map((entry) => toSuppression(entry, 'import', virtualMs));
      let imported = 0;
      for (let from = 0; from < wanted.length; from += importStep)
        imported += await store.suppress(wanted.slice(from, from + importStep));
      const alreadyListed = wanted.length - imported;
      return c.json({ imported, alreadyListed, refused, errors: errors.map((one) => ({ ...one })) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/suppressions/export',
      summary: 'The whole list as CSV',
      responses: {
        200: { description: 'the list', content: { 'text/csv': { schema: z.string() } } },
        ...problems,
      },
    }),
    (c) =>
      c.body(streamOf(exportLines(services)), 200, {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="suppressions.csv"',
        'cache-control': 'no-store',
      }),
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/suppressions/{address}',
      summary: 'Take an address off the list',
      request: {
        params: z.object({ address: z.string().openapi({ param: { name: 'address', in: 'path' } }) }),
        query: z.object({
          scope: z
            .enum(suppressionScopes)
            .optional()
            .openapi({ description: 'only this scope; without it, all of them' }),
        }),
      },
      responses: { 204: { description: 'done' }, ...problems },
    }),
    async (c) => {
      const { address } = c.req.valid('param');
      const removed = await store.unsuppress(address.toLowerCase(), c.req.valid('query').scope ?? null);
      if (removed === 0) throw new AppError('not_found', `${address} is not on the list.`);
      return c.body(null, 204);
    },
  );
}

async function* exportLines({ store }: Services): AsyncGenerator<string> {
  yield suppressionFileHead;
  let after: number | null = null;
  do {
    const page: Awaited<ReturnType<typeof store.suppressions>> = await store.suppressions(
      { text: null },
      { after, limit: exportStep },
    );
    if (page.entries.length > 0) yield page.entries.map(suppressionLine).join('');
    after = page.next;
  } while (after !== null);
}
