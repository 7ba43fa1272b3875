/** /v1/live-relay/return-mailbox: what comes back of what went out for real, read from a mailbox. */
import { createRoute, type OpenAPIHono, type z } from '@hono/zod-openapi';
import { credentialSchema } from '../live-relay-schema.ts';
import {
  presentCheck,
  presentReturnMailbox,
  returnMailboxCheckSchema,
  returnMailboxSchema,
  returnMailboxSettingsSchema,
  watchSchema,
} from '../return-mailbox-schema.ts';
import type { ReturnService } from '../services.ts';
import { conflict, json, problems } from './responses.ts';

const path = '/v1/live-relay/return-mailbox';
const body = <T extends z.ZodType>(schema: T) => ({
  required: true as const,
  content: { 'application/json': { schema } },
});
const shown = { 200: json(returnMailboxSchema, 'the return mailbox'), ...problems } as const;

export function returnMailboxRoutes(api: OpenAPIHono, returns: ReturnService): void {
  const view = async () => presentReturnMailbox(await returns.settings(), returns.status());

  api.openapi(
    createRoute({
      method: 'get',
      path,
      summary: 'The mailbox that live mail comes back to, and how it stands',
      responses: shown,
    }),
    async (c) => c.json(await view(), 200),
  );

  api.openapi(
    createRoute({
      method: 'put',
      path,
      summary: 'Say where the return mailbox is',
      description: 'It is asked when you ask, and watched while live relay is on; otherwise not.',
      request: { body: body(returnMailboxSettingsSchema) },
      responses: shown,
    }),
    async (c) => {
      await returns.change(c.req.valid('json'));
      return c.json(await view(), 200);
    },
  );

  api.openapi(
    createRoute({ method: 'delete', path, summary: 'Have no return mailbox any more', responses: shown }),
    async (c) => {
      await returns.change(null);
      await returns.setCredential(null);
      return c.json(await view(), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'put',
      path: `${path}/credential`,
      summary: 'Give what opens the return mailbox: password, or accessToken for XOAUTH2',
      description:
        'It is kept in the keychain or a file of this user’s alone, never in the database, and is never shown again.',
      request: { body: body(credentialSchema) },
      responses: shown,
    }),
    async (c) => {
      await returns.setCredential(c.req.valid('json'));
      return c.json(await view(), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: `${path}/credential`,
      summary: 'Forget what opens the return mailbox',
      responses: shown,
    }),
    async (c) => {
      await returns.setCredential(null);
      return c.json(await view(), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: `${path}/check`,
      summary: 'Read what is new in the return mailbox, now',
      responses: { 200: json(returnMailboxCheckSchema, 'what was found'), ...problems, ...conflict },
    }),
    async (c) => c.json(presentCheck(await returns.check()), 200),
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: `${path}/watch`,
      summary: 'Read the return mailbox again and again for some minutes',
      request: { body: body(watchSchema) },
      responses: { 200: json(returnMailboxSchema, 'the return mailbox'), ...problems, ...conflict },
    }),
    async (c) => {
      returns.watch(c.req.valid('json').minutes);
      return c.json(await view(), 200);
    },
  );
}
