/** /v1/inapp: users' queues as the screen shows them, and what can be set about the in-app door. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { AppError } from '../../model/app-error.ts';
import { inAppStates } from '../../model/inapp.ts';
import type { Store } from '../../store/store.ts';
import {
  inAppHashSchema,
  inAppMessageSchema,
  inAppSecretSchema,
  inAppSettingsChangeSchema,
  inAppUserSchema,
  shownInAppSettingsSchema,
} from '../inapp-schema.ts';
import { presentInApp, presentInAppUser } from '../present-inapp.ts';
import { listOf } from '../schema.ts';
import type { InAppSettingsService } from '../services.ts';
import { json, problems } from './responses.ts';
import { pageQuery, presentPage, toPage } from './selection.ts';

const userCharsMax = 256;

export interface InAppRoutePorts {
  readonly store: Pick<Store, 'inApps' | 'inAppUsers'>;
  readonly settings: InAppSettingsService;
}

export function inAppRoutes(api: OpenAPIHono, { store, settings }: InAppRoutePorts): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/inapp/users',
      summary: 'List users that have in-app messages, in the order of their ids',
      request: {
        query: z.object({
          q: z.string().max(400).optional().openapi({ description: 'part of the id' }),
          ...pageQuery.shape,
        }),
      },
      responses: { 200: json(listOf(inAppUserSchema), 'users with their counts'), ...problems },
    }),
    async (c) => {
      const { q = '', after, limit } = c.req.valid('query');
      const page = await store.inAppUsers(
        { text: q === '' ? null : q },
        { after: after === undefined || after === '' ? null : after, limit },
      );
      return c.json(
        { entries: page.entries.map(presentInAppUser), nextCursor: page.next, total: page.total },
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/inapp/messages',
      summary: 'List in-app messages as each user has them, newest first',
      description:
        'Looking at them here is no pull: nothing becomes sent by it. Messages that are over are listed too.',
      request: {
        query: z.object({
          user: z.string().max(userCharsMax).optional(),
          messageId: z.string().optional(),
          deliveryId: z.string().optional(),
          state: z.enum(inAppStates).optional(),
          ...pageQuery.shape,
        }),
      },
      responses: { 200: json(listOf(inAppMessageSchema), 'messages'), ...problems },
    }),
    async (c) => {
      const { user, messageId, deliveryId, state, ...page } = c.req.valid('query');
      const found = await store.inApps(
        {
          ...(user === undefined ? {} : { user }),
          ...(messageId === undefined ? {} : { messageId }),
          ...(deliveryId === undefined ? {} : { deliveryId }),
          ...(state === undefined ? {} : { states: [state] }),
        },
        toPage(page),
      );
      return c.json(presentPage(found, presentInApp), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/inapp/messages/{id}/expire',
      summary: 'End a user’s message now, as if its time were over',
      request: { params: z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) }) },
      responses: { 200: json(z.object({ id: z.string() }), 'it is over'), ...problems },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      if (!(await settings.expire(id)))
        throw new AppError('not_found', `There is no in-app message ${id}, or it is over already.`);
      return c.json({ id }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/inapp/settings',
      summary: 'What the in-app door asks of whoever comes, and the key for the app’s pages',
      responses: { 200: json(shownInAppSettingsSchema, 'the settings'), ...problems },
    }),
    (c) => c.json(settings.settings(), 200),
  );

  api.openapi(
    createRoute({
      method: 'put',
      path: '/v1/inapp/settings',
      summary: 'Set what the in-app door asks of whoever comes',
      description: 'In force at once. Members that are left out stay as they are.',
      request: {
        body: { required: true, content: { 'application/json': { schema: inAppSettingsChangeSchema } } },
      },
      responses: { 200: json(shownInAppSettingsSchema, 'the settings'), ...problems },
    }),
    async (c) => c.json(await settings.changeSettings(c.req.valid('json')), 200),
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/inapp/secret-key',
      summary: 'The key for the app’s backend',
      responses: { 200: json(inAppSecretSchema, 'the key'), ...problems },
    }),
    (c) => {
      c.header('cache-control', 'no-store');
      return c.json({ secretKey: settings.secretKey() }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/inapp/keys',
      summary: 'Make both keys of the in-app door anew',
      description: 'Those of before are not taken any more, where keys are asked for.',
      responses: { 201: json(shownInAppSettingsSchema.extend(inAppSecretSchema.shape), 'both'), ...problems },
    }),
    async (c) => {
      const shown = await settings.makeKeys();
      c.header('cache-control', 'no-store');
      return c.json({ ...shown, secretKey: settings.secretKey() }, 201);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/inapp/users/{user}/hash',
      summary: 'The hash that requests for that user carry',
      description: 'As the app’s backend would make it: HMAC-SHA256 of the id with the secret key, in hex.',
      request: {
        params: z.object({
          user: z
            .string()
            .min(1)
            .max(userCharsMax)
            .openapi({ param: { name: 'user', in: 'path' } }),
        }),
      },
      responses: { 200: json(inAppHashSchema, 'the hash'), ...problems },
    }),
    (c) => {
      const { user } = c.req.valid('param');
      c.header('cache-control', 'no-store');
      return c.json({ user, hash: settings.hashOf(user) }, 200);
    },
  );
}
