/** /v1/segments: users that an expression holds for. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Clock } from '../../clock.ts';
import { AppError } from '../../model/app-error.ts';
import type { Segment, User } from '../../model/user.ts';
import type { People } from '../../people/index.ts';
import {
  newSegmentSchema,
  previewSchema,
  replacedSegmentSchema,
  segmentPreviewSchema,
  segmentSchema,
  userSchema,
} from '../people-schema.ts';
import { presentUser } from '../present-people.ts';
import { listOf } from '../schema.ts';
import { conflict, json, problems } from './responses.ts';
import { idPageQuery, toIdPage } from './selection.ts';

const idParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });
const body = <T extends z.ZodType>(schema: T) => ({
  required: true,
  content: { 'application/json': { schema } },
});
/** Users that a preview shows. */
const sampleMax = 20;

export function segmentRoutes(
  api: OpenAPIHono,
  people: People,
  { clock }: { readonly clock: Pick<Clock, 'monotonicMs'> },
): void {
  function existing(id: string): Segment {
    const segment = people.segment(id);
    if (segment === null) throw new AppError('not_found', `There is no segment ${id}.`);
    return segment;
  }

  /** In the order of the ids; one that went away meanwhile is left out. */
  async function usersOf(ids: readonly string[]): Promise<User[]> {
    const found = await people.byIds(ids);
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/segments',
      summary: 'List segments',
      responses: { 200: json(listOf(segmentSchema), 'all of them'), ...problems },
    }),
    (c) => {
      const entries = people.segments().map((segment) => ({ ...segment }));
      return c.json({ entries, nextCursor: null, total: entries.length }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/segments',
      summary: 'Make a segment',
      request: { body: body(newSegmentSchema) },
      responses: { 201: json(segmentSchema, 'the segment'), ...problems, ...conflict },
    }),
    async (c) => {
      const segment = c.req.valid('json');
      if (people.segment(segment.id) !== null)
        throw new AppError('not_possible', `There is a segment ${segment.id} already; PUT replaces it.`, {
          errors: [{ field: 'id', code: 'taken', detail: 'there is a segment of this id already' }],
        });
      await people.putSegment(segment);
      return c.json(segment, 201);
    },
  );

  // Before /v1/segments/{id}, which would take it for a segment.
  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/segments/preview',
      summary: 'Whom an expression holds for, without keeping it',
      request: { body: body(previewSchema) },
      responses: { 200: json(segmentPreviewSchema, 'how many, and some of them'), ...problems },
    }),
    async (c) => {
      const startMs = clock.monotonicMs();
      const { ids, errors } = await people.scan(c.req.valid('json').expression, null);
      const sample = await usersOf(ids.slice(0, sampleMax));
      return c.json(
        {
          total: ids.length,
          sample: sample.map(presentUser),
          errors: errors.map((one) => ({ ...one })),
          tookMs: Math.round(clock.monotonicMs() - startMs),
        },
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/segments/{id}',
      summary: 'One segment',
      request: { params: idParam },
      responses: { 200: json(segmentSchema, 'the segment'), ...problems },
    }),
    (c) => c.json({ ...existing(c.req.valid('param').id) }, 200),
  );

  api.openapi(
    createRoute({
      method: 'put',
      path: '/v1/segments/{id}',
      summary: 'Make a segment, or replace one',
      request: { params: idParam, body: body(replacedSegmentSchema) },
      responses: {
        200: json(segmentSchema, 'the segment, replaced'),
        201: json(segmentSchema, 'the segment, new'),
        ...problems,
        ...conflict,
      },
    }),
    async (c) => {
      const { name, expression } = c.req.valid('json');
      const id = newSegmentSchema.shape.id.safeParse(c.req.valid('param').id);
      if (!id.success) throw new AppError('bad_request', `id: ${id.error.issues[0]?.message ?? 'is wrong'}`);
      const segment = { id: id.data, name, expression };
      return (await people.putSegment(segment)) ? c.json(segment, 201) : c.json(segment, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/segments/{id}',
      summary: 'Remove a segment',
      request: { params: idParam },
      responses: { 204: { description: 'done' }, ...problems, ...conflict },
    }),
    async (c) => {
      await people.removeSegment(c.req.valid('param').id);
      return c.body(null, 204);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/segments/{id}/users',
      summary: 'Users who are in it now, in the order of their ids',
      request: { params: idParam, query: idPageQuery },
      responses: { 200: json(listOf(userSchema), 'a page'), ...problems },
    }),
    async (c) => {
      const { after, limit } = toIdPage(c.req.valid('query'));
      const { ids } = await people.scan(existing(c.req.valid('param').id).expression, null);
      const rest = after === null ? ids : ids.filter((id) => id > after);
      const page = rest.slice(0, limit);
      return c.json(
        {
          entries: (await usersOf(page)).map(presentUser),
          nextCursor: rest.length > limit ? (page.at(-1) ?? null) : null,
          total: ids.length,
        },
        200,
      );
    },
  );
}
