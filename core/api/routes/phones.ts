/** /v1/phones: simulated devices and browsers, what is on them, and acting as one of their owners. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { AppError } from '../../model/app-error.ts';
import { type Phone, type Platform, platforms, pushStates } from '../../model/phone.ts';
import type { Phones, Registration } from '../../phones/index.ts';
import {
  appOfSchema,
  newPhoneSchema,
  offlineSchema,
  permissionSchema,
  phoneAppSchema,
  phoneChangeSchema,
  phonePushSchema,
  phoneSchema,
  phoneSettingsSchema,
  registrationSchema,
  rotationSchema,
  tappedSchema,
  tapSchema,
  uninstallSchema,
} from '../phones-schema.ts';
import { presentPhone, presentPhoneApp, presentPhonePush } from '../present-phone.ts';
import { listOf } from '../schema.ts';
import { conflict, json, problems } from './responses.ts';
import { pageQuery, presentPage, toPage } from './selection.ts';

const idParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });
const pushParam = idParam.extend({
  pushId: z.string().openapi({ param: { name: 'pushId', in: 'path' } }),
});
const body = <T extends z.ZodType>(schema: T, required = true) => ({
  required,
  content: { 'application/json': { schema } },
});
const usualNames: Readonly<Record<Platform, string>> = {
  ios: 'iPhone',
  android: 'Android phone',
  browser: 'Browser',
};

export function phoneRoutes(api: OpenAPIHono, phones: Phones): void {
  const shown = (phone: Phone) => presentPhone(phone, phones);

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/phones',
      summary: 'List phones, newest first',
      request: {
        query: z.object({
          q: z.string().max(400).optional().openapi({ description: 'part of a name, user, app or token' }),
          user: z.string().optional(),
          platform: z.enum(platforms).optional(),
          after: z.string().optional().openapi({ description: 'nextCursor of the page before' }),
          limit: pageQuery.shape.limit,
        }),
      },
      responses: { 200: json(listOf(phoneSchema), 'a page of them'), ...problems },
    }),
    (c) => {
      const { q = '', user, platform, after = '', limit } = c.req.valid('query');
      const text = q.trim().toLowerCase();
      const all = (user === undefined ? phones.list() : phones.phonesOf(user)).toReversed();
      const matching = all.filter(
        (phone) => (platform === undefined || phone.platform === platform) && has(phone, text),
      );
      const from = after === '' ? 0 : matching.findIndex((phone) => phone.id === after) + 1;
      if (after !== '' && from === 0)
        throw new AppError('bad_request', `"${after}" is no cursor; use nextCursor of the page before`);
      const page = matching.slice(from, from + limit);
      const last = page.at(-1)?.id ?? null;
      return c.json(
        {
          entries: page.map(shown),
          nextCursor: from + limit < matching.length ? last : null,
          total: matching.length,
        },
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/phones',
      summary: 'Make a phone, or a browser',
      request: { body: body(newPhoneSchema) },
      responses: { 201: json(phoneSchema, 'the phone'), ...problems, ...conflict },
    }),
    async (c) => {
      const { platform, user, name } = c.req.valid('json');
      return c.json(shown(await phones.create({ platform, user, name: name ?? usualNames[platform] })), 201);
    },
  );

  // Before /v1/phones/{id}, which would take it for a phone.
  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/phones/settings',
      summary: 'How push providers treat tokens that nobody knows, and what they store',
      responses: { 200: json(phoneSettingsSchema, 'the settings'), ...problems },
    }),
    (c) => c.json(phones.settings(), 200),
  );

  api.openapi(
    createRoute({
      method: 'put',
      path: '/v1/phones/settings',
      summary: 'Set how push providers treat tokens that nobody knows, and what they store',
      request: { body: body(phoneSettingsSchema) },
      responses: { 200: json(phoneSettingsSchema, 'the settings'), ...problems },
    }),
    async (c) => c.json(await phones.changeSettings(c.req.valid('json')), 200),
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/phones/{id}',
      summary: 'One phone',
      request: { params: idParam },
      responses: { 200: json(phoneSchema, 'the phone'), ...problems },
    }),
    (c) => c.json(shown(existing(c.req.valid('param').id)), 200),
  );

  api.openapi(
    createRoute({
      method: 'patch',
      path: '/v1/phones/{id}',
      summary: 'Give a phone another name or owner',
      request: { params: idParam, body: body(phoneChangeSchema) },
      responses: { 200: json(phoneSchema, 'the phone'), ...problems },
    }),
    async (c) => {
      const { name, user } = c.req.valid('json');
      const changed = await phones.change(c.req.valid('param').id, {
        ...(name === undefined ? {} : { name }),
        ...(user === undefined ? {} : { user }),
      });
      return c.json(shown(changed), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/phones/{id}',
      summary: 'Delete a phone; what waits for it is lost',
      request: { params: idParam },
      responses: { 204: { description: 'done' }, ...problems },
    }),
    async (c) => {
      await phones.remove(c.req.valid('param').id);
      return c.body(null, 204);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/phones/{id}/register',
      summary: "An app's first start: it gets its token, or a page its subscription",
      description: 'An app that is registered already keeps its token.',
      request: { params: idParam, body: body(registrationSchema) },
      responses: {
        200: json(phoneAppSchema, 'the app, with `token` and `subscription`'),
        ...problems,
        ...conflict,
      },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const wanted = registrationOf(existing(id), c.req.valid('json'));
      return c.json(presentPhoneApp(id, await phones.register(id, wanted), phones), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/phones/{id}/rotate',
      summary: 'A new token; the provider says that the old one is gone',
      request: { params: idParam, body: body(rotationSchema) },
      responses: { 200: json(phoneAppSchema, 'the app, with its new token'), ...problems, ...conflict },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      return c.json(presentPhoneApp(id, await phones.rotate(id, c.req.valid('json')), phones), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/phones/{id}/online',
      summary: 'Switch it on; what waits gets there',
      request: { params: idParam },
      responses: { 200: json(phoneSchema, 'the phone'), ...problems },
    }),
    async (c) => c.json(shown(await phones.switchOn(c.req.valid('param').id)), 200),
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/phones/{id}/offline',
      summary: 'Switch it off, for a while of virtual time or until it is switched on',
      request: { params: idParam, body: body(offlineSchema, false) },
      responses: { 200: json(phoneSchema, 'the phone'), ...problems },
    }),
    async (c) => {
      const { forMs = null } = c.req.valid('json');
      return c.json(shown(await phones.switchOff(c.req.valid('param').id, forMs)), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/phones/{id}/permission',
      summary: 'Allow the notifications of an app, or switch them off',
      request: { params: idParam, body: body(permissionSchema) },
      responses: { 200: json(phoneSchema, 'the phone'), ...problems },
    }),
    async (c) => {
      const { app, permission } = c.req.valid('json');
      return c.json(shown(await phones.setPermission(c.req.valid('param').id, app, permission)), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/phones/{id}/install',
      summary: 'Install an app, again or for the first time; it gets a new token',
      request: { params: idParam, body: body(appOfSchema) },
      responses: { 200: json(phoneSchema, 'the phone'), ...problems, ...conflict },
    }),
    async (c) => c.json(shown(await phones.install(c.req.valid('param').id, c.req.valid('json'))), 200),
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/phones/{id}/uninstall',
      summary: 'Uninstall an app; the provider knows at once, after some sends, or after a while',
      request: { params: idParam, body: body(uninstallSchema) },
      responses: { 200: json(phoneSchema, 'the phone'), ...problems, ...conflict },
    }),
    async (c) => {
      const { app, ...telling } = c.req.valid('json');
      return c.json(shown(await phones.uninstall(c.req.valid('param').id, app, telling)), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/phones/{id}/pushes',
      summary: 'What came for it, newest first: what it shows, what waits, what never got there',
      request: {
        params: idParam,
        query: pageQuery.extend({
          app: z.string().optional(),
          state: z.enum(pushStates).optional(),
          shown: z.enum(['true']).optional().openapi({ description: 'only what is on its screen now' }),
        }),
      },
      responses: { 200: json(listOf(phonePushSchema), 'a page of them'), ...problems },
    }),
    async (c) => {
      const { app = null, state = null, shown: onScreen, ...page } = c.req.valid('query');
      const filter = { app, state, shown: onScreen !== undefined };
      const found = await phones.pushes(c.req.valid('param').id, filter, toPage(page));
      return c.json(presentPage(found, presentPhonePush), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/phones/{id}/pushes',
      summary: 'Dismiss all that it shows',
      request: { params: idParam },
      responses: { 200: json(z.object({ dismissed: z.int() }), 'how many'), ...problems },
    }),
    async (c) => c.json({ dismissed: await phones.clear(c.req.valid('param').id) }, 200),
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/phones/{id}/pushes/{pushId}/tap',
      summary: 'Tap it, or one of its buttons: what opens',
      request: { params: pushParam, body: body(tapSchema, false) },
      responses: { 200: json(tappedSchema, 'what opens, and why'), ...problems, ...conflict },
    }),
    async (c) => {
      const { id, pushId } = c.req.valid('param');
      const { action = null } = c.req.valid('json');
      const { push, tapped } = await phones.tap(id, pushId, action);
      return c.json({ push: presentPhonePush(push), ...tapped }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/phones/{id}/pushes/{pushId}/dismiss',
      summary: 'Dismiss it',
      request: { params: pushParam },
      responses: { 200: json(phonePushSchema, 'the push'), ...problems, ...conflict },
    }),
    async (c) => {
      const { id, pushId } = c.req.valid('param');
      return c.json(presentPhonePush(await phones.dismiss(id, pushId)), 200);
    },
  );

  function existing(id: string): Phone {
    const phone = phones.get(id);
    if (phone === null) throw new AppError('not_found', `There is no phone ${id}.`);
    return phone;
  }
}

function has(phone: Phone, text: string): boolean {
  if (text === '') return true;
  const in_ = (value: string | null): boolean => value?.toLowerCase().includes(text) ?? false;
  return in_(phone.name) || in_(phone.user) || phone.apps.some(({ app, token }) => in_(app) || in_(token));
}

/** A page subscribes for its origin (Push API: a service worker's registration belongs to one). */
function registrationOf({ platform }: Phone, wanted: Registration): Registration {
  const provider = wanted.provider ?? (platform === 'browser' ? 'webpush' : null);
  if (provider !== 'webpush') return wanted;
  if (wanted.token !== undefined && !/^[\w.~-]+$/.test(wanted.token))
    throw new AppError('bad_request', 'token: the id of a subscription is a part of its address.', {
      errors: [{ field: 'token', code: 'no_path_segment', detail: 'letters, digits and _.~-' }],
    });
  const url = URL.canParse(wanted.app) ? new URL(wanted.app) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new AppError(
      'bad_request',
      `app: "${wanted.app}" is no origin; give one like https://shop.example.`,
      {
        errors: [{ field: 'app', code: 'no_origin', detail: 'an origin like https://shop.example' }],
      },
    );
  return { ...wanted, app: url.origin };
}
