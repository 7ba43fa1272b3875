/** /v1/users: who the app's users are, what they want, what they did and what was sent to them. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { AppError } from '../../model/app-error.ts';
import type { User } from '../../model/user.ts';
import { refusalsShownMax } from '../../people/csv/import-users.ts';
import { type People, unknownUser } from '../../people/index.ts';
import { messageSchema } from '../message-schema.ts';
import {
  batchMax,
  batchOutcomeSchema,
  batchSchema,
  importOutcomeSchema,
  newPreferencesSchema,
  newUserEventSchema,
  newUserSchema,
  replacedUserSchema,
  shownPreferencesSchema,
  userChangeSchema,
  userDetailSchema,
  userEventSchema,
  userSchema,
} from '../people-schema.ts';
import { presentMessage } from '../present.ts';
import {
  effectivePreferences,
  presentPreferences,
  presentUser,
  presentUserDetail,
  presentUserEvent,
} from '../present-people.ts';
import { listOf } from '../schema.ts';
import type { Services } from '../services.ts';
import { streamOf } from '../stream-of.ts';
import { conflict, json, problems, refusal } from './responses.ts';
import { idPageQuery, pageQuery, presentIdPage, presentPage, toIdPage, toPage } from './selection.ts';

const idParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });
const body = <T extends z.ZodType>(schema: T) => ({
  required: true,
  content: { 'application/json': { schema } },
});
const tooLarge = { 413: refusal('too large; `detail` has the limit') } as const;
/** Tokens of phones that messages are looked for by. */
const tokensMax = 50;

export type UserServices = Pick<Services, 'store' | 'phones' | 'handsets' | 'time'>;

export function userRoutes(api: OpenAPIHono, people: People, services: UserServices): void {
  const { store } = services;

  async function existing(id: string): Promise<User> {
    const user = await people.get(id);
    if (user === null) throw unknownUser(id);
    return user;
  }

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/users',
      summary: 'List users, in the order of their ids',
      request: {
        query: idPageQuery.extend({
          q: z
            .string()
            .max(320)
            .optional()
            .openapi({ description: 'a part of the id, name, address or number' }),
        }),
      },
      responses: { 200: json(listOf(userSchema), 'a page'), ...problems },
    }),
    async (c) => {
      const { q, ...page } = c.req.valid('query');
      return c.json(
        presentIdPage(await people.users({ text: q?.trim() || null }, toIdPage(page)), presentUser),
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/users',
      summary: 'Make a user',
      request: { body: body(newUserSchema) },
      responses: { 201: json(userSchema, 'the user'), ...problems, ...conflict },
    }),
    async (c) => {
      const { id, ...profile } = c.req.valid('json');
      return c.json(presentUser(await people.create(id, profile)), 201);
    },
  );

  // Before /v1/users/{id}, which would take them for users.
  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/users/batch',
      summary: `Make or change up to ${batchMax} users`,
      description: 'Each as of POST /v1/users. What is not said of one that is there stays.',
      request: { body: body(batchSchema) },
      responses: { 200: json(batchOutcomeSchema, 'what became of them'), ...problems },
    }),
    async (c) => {
      const refused: { index: number; field: string | null; detail: string }[] = [];
      const given: { id: string; profile: Parameters<People['create']>[1]; index: number }[] = [];
      for (const [index, one] of c.req.valid('json').users.entries()) {
        const read = newUserSchema.safeParse(one);
        if (read.success) {
          const { id, ...profile } = read.data;
          given.push({ id, profile, index });
        } else {
          const [issue] = read.error.issues;
          const field = issue?.path.join('.') || null;
          refused.push({
            index,
            field,
            detail: `${field === null ? '' : `${field}: `}${issue?.message ?? 'is wrong'}`,
          });
        }
      }
      const outcome = await people.putAll(given);
      for (const { at, field, detail } of outcome.refused)
        refused.push({ index: given[at]?.index ?? 0, field, detail });
      return c.json(
        {
          created: outcome.created,
          updated: outcome.updated,
          refusedTotal: refused.length,
          refused: refused.toSorted((a, b) => a.index - b.index).slice(0, refusalsShownMax),
        },
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/users/import',
      summary: 'Users from a CSV file, made or changed',
      description:
        'The first line names the columns: id, name, email, phone, locale, timezone under their usual names (e-mail, mobile, lang …), unsubscribed, channels.<channel>, topics.<topic>, devices (JSON). Any other column is an attribute, address.city a nested one; numbers, booleans and JSON are read as such. Without an id it is the address, or the number. Comma, semicolon and tab are told apart. A line that is wrong does not stop the others.',
      request: {
        query: z.object({
          dryRun: z
            .enum(['true', 'false'])
            .default('false')
            .openapi({ description: 'true: only says what would become of it' }),
          empty: z.enum(['keep', 'clear']).default('keep').openapi({
            description: 'what an empty cell does to a user who is there: nothing, or it takes away',
          }),
        }),
        body: { required: true, content: { 'text/csv': { schema: z.any() } } },
      },
      responses: { 200: json(importOutcomeSchema, 'what became of the lines'), ...problems, ...tooLarge },
    }),
    async (c) => {
      const { dryRun, empty } = c.req.valid('query');
      const options = { dryRun: dryRun === 'true', empty };
      const outcome = await people.importCsv(c.req.raw.body ?? nothing(), options);
      return c.json(
        {
          ...outcome,
          refused: outcome.refused.map((one) => ({ ...one })),
          columns: outcome.columns.map((one) => ({ ...one })),
          dryRun: options.dryRun,
        },
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/users/export',
      summary: 'All users as CSV, which the import takes back as the same',
      description:
        'A cell that a spreadsheet would take for a formula begins with an apostrophe, which the import takes away again.',
      responses: {
        200: { description: 'the users', content: { 'text/csv': { schema: z.string() } } },
        ...problems,
      },
    }),
    (c) =>
      c.body(streamOf(people.exportCsv()), 200, {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="users.csv"',
        'cache-control': 'no-store',
      }),
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/users/{id}',
      summary: 'One user, with what the sandbox knows of them besides',
      request: { params: idParam },
      responses: { 200: json(userDetailSchema, 'the user'), ...problems },
    }),
    async (c) => c.json(await detailOf(await existing(c.req.valid('param').id)), 200),
  );

  api.openapi(
    createRoute({
      method: 'put',
      path: '/v1/users/{id}',
      summary: 'Make a user, or replace one: what is left out is taken away',
      request: { params: idParam, body: body(replacedUserSchema) },
      responses: {
        200: json(userSchema, 'the user, replaced'),
        201: json(userSchema, 'the user, new'),
        ...problems,
      },
    }),
    async (c) => {
      const id = idOf(c.req.valid('param').id);
      const { id: said = id, ...profile } = c.req.valid('json');
      if (said !== id)
        throw new AppError('bad_request', `id: it is "${said}", but the path says "${id}".`, {
          errors: [{ field: 'id', code: 'other_id', detail: 'leave it out, or say that of the path' }],
        });
      const { user, isNew } = await people.replace(id, profile);
      return isNew ? c.json(presentUser(user), 201) : c.json(presentUser(user), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'patch',
      path: '/v1/users/{id}',
      summary: 'Change a user: what is left out stays',
      description: 'Attributes and preferences are merged (RFC 7396): null takes a member away.',
      request: { params: idParam, body: body(userChangeSchema) },
      responses: { 200: json(userSchema, 'the user'), ...problems },
    }),
    async (c) => c.json(presentUser(await people.change(c.req.valid('param').id, c.req.valid('json'))), 200),
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/users/{id}',
      summary: 'Remove a user, with what they did',
      request: { params: idParam },
      responses: { 204: { description: 'done' }, ...problems },
    }),
    async (c) => {
      await people.remove(c.req.valid('param').id);
      return c.body(null, 204);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/users/{id}/events',
      summary: 'What the user did, newest first',
      request: {
        params: idParam,
        query: pageQuery.extend({ name: z.string().optional().openapi({ description: 'only these' }) }),
      },
      responses: { 200: json(listOf(userEventSchema), 'a page'), ...problems },
    }),
    async (c) => {
      const { name = null, ...page } = c.req.valid('query');
      const found = await people.events(c.req.valid('param').id, name, toPage(page));
      return c.json(presentPage(found, presentUserEvent), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/users/{id}/events',
      summary: 'Say what the user did',
      description: 'Of anybody, also of one who is not in the book yet. The newest 1,000 of each are kept.',
      request: { params: idParam, body: body(newUserEventSchema) },
      responses: { 202: { description: 'kept' }, ...problems },
    }),
    async (c) => {
      const { name, data, at } = c.req.valid('json');
      await people.track(idOf(c.req.valid('param').id), {
        name,
        data,
        atMs: at === undefined ? null : Date.parse(at),
      });
      return c.body(null, 202);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/users/{id}/messages',
      summary: 'Everything sent to the user, over any channel, newest first',
      description: 'By the user, by their address, their number and their devices.',
      request: { params: idParam, query: pageQuery },
      responses: { 200: json(listOf(messageSchema), 'a page'), ...problems },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const user = await people.get(id);
      const tokens = [
        ...(user?.devices ?? []),
        ...(services.phones?.phonesOf(id) ?? []).flatMap(({ apps }) => apps),
      ].map(({ token }) => token);
      const addresses = [user?.email, user?.phone, ...tokens.slice(0, tokensMax)].filter(
        (one) => one !== null && one !== undefined,
      );
      const page = await store.userMessages({ user: id, addresses }, toPage(c.req.valid('query')));
      return c.json(presentPage(page, presentMessage), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/users/{id}/preferences',
      summary: 'What the user wants to hear, and what comes of it by topic and channel',
      request: { params: idParam },
      responses: { 200: json(shownPreferencesSchema, 'the preferences'), ...problems },
    }),
    async (c) => c.json(shownPreferences(await existing(c.req.valid('param').id)), 200),
  );

  api.openapi(
    createRoute({
      method: 'put',
      path: '/v1/users/{id}/preferences',
      summary: 'Set what the user wants to hear',
      request: { params: idParam, body: body(newPreferencesSchema) },
      responses: { 200: json(shownPreferencesSchema, 'the preferences'), ...problems },
    }),
    async (c) =>
      c.json(
        shownPreferences(await people.setPreferences(c.req.valid('param').id, c.req.valid('json'))),
        200,
      ),
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/users/{id}/segments',
      summary: 'Segments that the user is in now',
      request: { params: idParam },
      responses: {
        200: json(z.object({ segments: z.array(z.string()).describe('their ids') }), 'the segments'),
        ...problems,
      },
    }),
    async (c) => {
      const { id } = await existing(c.req.valid('param').id);
      const asked = await Promise.all(
        people.segments().map(async (segment) => ({
          id: segment.id,
          in: (await people.scan(segment.expression, [id])).ids.length > 0,
        })),
      );
      return c.json({ segments: asked.filter((one) => one.in).map((one) => one.id) }, 200);
    },
  );

  function shownPreferences(user: User) {
    return {
      ...presentPreferences(user),
      effective: effectivePreferences(user, people.topics(), people),
    };
  }

  async function detailOf(user: User) {
    const { virtualMs } = await services.time.view();
    const addresses = [user.email?.toLowerCase(), user.phone].filter(
      (one) => one !== null && one !== undefined,
    );
    const own = services.handsets?.handsets;
    const handsets = [
      ...(own?.of(user.id) ?? []),
      ...(user.phone === null ? [] : [own?.get(user.phone) ?? null]),
    ].filter((one) => one !== null);
    const [inapp, suppressions] = await Promise.all([
      store.inAppUser(user.id),
      addresses.length === 0 ? [] : store.suppressed(addresses, virtualMs),
    ]);
    return presentUserDetail(user, {
      phones: services.phones?.phonesOf(user.id) ?? [],
      handsets: [...new Map(handsets.map((one) => [one.number, one])).values()],
      inapp,
      suppressions,
    });
  }
}

/** @throws AppError `bad_request` */
function idOf(id: string): string {
  const read = newUserSchema.shape.id.safeParse(id);
  if (read.success) return read.data;
  const detail = read.error.issues[0]?.message ?? 'is wrong';
  throw new AppError('bad_request', `id: ${detail}`, { errors: [{ field: 'id', code: 'invalid', detail }] });
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // An empty body: the import says what is wrong with it.
}
