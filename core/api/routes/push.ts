/** /v1/push: what can be set about the doors of the push providers, and credentials that they know. */
import { createRoute, type OpenAPIHono, type z } from '@hono/zod-openapi';
import {
  madeApnsKeySchema,
  newApnsKeySchema,
  newServiceAccountSchema,
  pushSettingsChangeSchema,
  serviceAccountFileSchema,
  shownPushSettingsSchema,
} from '../push-schema.ts';
import type { PushSettingsService } from '../services.ts';
import { conflict, json, problems } from './responses.ts';

const body = <T extends z.ZodType>(schema: T, required = true) => ({
  required,
  content: { 'application/json': { schema } },
});

export function pushRoutes(api: OpenAPIHono, push: PushSettingsService): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/push/settings',
      summary: 'What the doors of the push providers take, and the credentials that they know',
      responses: { 200: json(shownPushSettingsSchema, 'the settings'), ...problems },
    }),
    async (c) => c.json(await push.settings(), 200),
  );

  api.openapi(
    createRoute({
      method: 'put',
      path: '/v1/push/settings',
      summary: 'Set what the doors of the push providers take, and the credentials that they know',
      description:
        'In force at once. Of private keys that are given, the public half is kept and nothing else.',
      request: { body: body(pushSettingsChangeSchema) },
      responses: { 200: json(shownPushSettingsSchema, 'the settings'), ...problems },
    }),
    async (c) => c.json(await push.changeSettings(c.req.valid('json')), 200),
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/push/apns-key',
      summary: 'Make a signing key for APNs that the sandbox knows',
      request: { body: body(newApnsKeySchema, false) },
      responses: { 201: json(madeApnsKeySchema, 'the key, told this once'), ...problems, ...conflict },
    }),
    async (c) => c.json(await push.makeApnsKey(c.req.valid('json')), 201),
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/push/service-account',
      summary: 'Make a service account for FCM that the sandbox knows',
      description: 'The answer is the file itself, as firebase-admin and Google’s other libraries read it.',
      request: { body: body(newServiceAccountSchema, false) },
      responses: {
        201: json(serviceAccountFileSchema, 'the JSON file, told this once'),
        ...problems,
        ...conflict,
      },
    }),
    async (c) => c.json(await push.makeServiceAccount(c.req.valid('json')), 201),
  );
}
