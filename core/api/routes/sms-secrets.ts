/** /v1/sms/secrets: what callbacks of SMS providers are signed with, to be copied into the app. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { listOf } from '../schema.ts';
import { type SmsSecretsService, shownSmsSecretSchema } from '../sms-secrets-schema.ts';
import { json, problems } from './responses.ts';

/** Of those that were seen the screen shows the newest; the rest come when they are used again. */
const shownMax = 500;

const revealQuery = z.object({
  reveal: z
    .enum(['true', 'false'])
    .default('false')
    .openapi({ description: 'true: the values themselves, not masked' }),
});
const nameParam = z.object({ name: z.string().openapi({ param: { name: 'name', in: 'path' } }) });

export function smsSecretRoutes(api: OpenAPIHono, secrets: SmsSecretsService): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/sms/secrets',
      summary: 'Secrets that reports and answers of SMS providers are signed with',
      request: { query: revealQuery },
      responses: {
        200: json(listOf(shownSmsSecretSchema), 'the sandbox’s own, fixed ones, and those seen at the doors'),
        ...problems,
      },
    }),
    (c) => {
      const all = secrets.list(c.req.valid('query').reveal === 'true');
      c.header('cache-control', 'no-store');
      return c.json({ entries: all.slice(0, shownMax), nextCursor: null, total: all.length }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/sms/secrets/{name}/rotate',
      summary: 'Make one of the sandbox’s own secrets anew',
      description: 'Callbacks are signed with the new one from then on. The answer shows it.',
      request: { params: nameParam },
      responses: { 200: json(shownSmsSecretSchema, 'the new one'), ...problems },
    }),
    async (c) => {
      const made = await secrets.rotate(c.req.valid('param').name);
      c.header('cache-control', 'no-store');
      return c.json(made, 200);
    },
  );
}
