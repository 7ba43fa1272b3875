/** /v1/providers, /v1/reputation, /v1/ip-pool: what stands behind the mailboxes. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { MailboxProviders } from '../../mailboxes/index.ts';
import { profileOf } from '../../mailboxes/profiles/profile-of.ts';
import { usualProviderSettings } from '../../mailboxes/settings.ts';
import { AppError } from '../../model/app-error.ts';
import { providerKeys } from '../../model/mail-provider.ts';
import {
  poolSchema,
  postmasterDomainSchema,
  providerKeySchema,
  providerSchema,
  providerSettingsSchema,
  reputationSchema,
} from '../mailbox-schema.ts';
import { presentProvider } from '../present-mailbox.ts';
import { listOf } from '../schema.ts';
import { json, problems } from './responses.ts';

const keyParam = z.object({ key: providerKeySchema.openapi({ param: { name: 'key', in: 'path' } }) });
const whole = <T>(entries: T[]) => ({ entries, nextCursor: null, total: entries.length });
const body = <T extends z.ZodType>(schema: T) => ({
  required: true,
  content: { 'application/json': { schema } },
});

export function providerRoutes(api: OpenAPIHono, mailboxes: MailboxProviders): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/providers',
      summary: 'List the mailbox providers',
      responses: { 200: json(listOf(providerSchema), 'all of them'), ...problems },
    }),
    (c) => c.json(whole(providerKeys.map((key) => presentProvider(key, mailboxes))), 200),
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/providers/{key}',
      summary: 'One mailbox provider: hosts and settings',
      request: { params: keyParam },
      responses: { 200: json(providerSchema, 'the provider'), ...problems },
    }),
    (c) => c.json(presentProvider(c.req.valid('param').key, mailboxes), 200),
  );

  api.openapi(
    createRoute({
      method: 'patch',
      path: '/v1/providers/{key}',
      summary: 'Break a mailbox provider, or mend it',
      request: { params: keyParam, body: body(providerSettingsSchema.partial()) },
      responses: { 200: json(providerSchema, 'the provider'), ...problems },
    }),
    async (c) => {
      const { key } = c.req.valid('param');
      await mailboxes.settings.changeProvider(key, c.req.valid('json'));
      return c.json(presentProvider(key, mailboxes), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/providers/{key}/reset',
      summary: 'Set a mailbox provider back to how it usually is',
      request: { params: keyParam },
      responses: { 200: json(providerSchema, 'the provider'), ...problems },
    }),
    async (c) => {
      const { key } = c.req.valid('param');
      await mailboxes.settings.changeProvider(key, usualProviderSettings);
      return c.json(presentProvider(key, mailboxes), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/providers/{key}/postmaster',
      summary: 'What the provider tells senders about themselves, by domain and day',
      request: { params: keyParam },
      responses: { 200: json(listOf(postmasterDomainSchema), 'by domain'), ...problems },
    }),
    (c) => {
      const { key } = c.req.valid('param');
      if (profileOf[key].complaints !== 'postmaster')
        throw new AppError(
          'not_found',
          `${key} has no page for postmasters; it reports complaints otherwise, or not.`,
        );
      const domains = mailboxes.postmaster(key).map(({ days, ...domain }) => ({
        ...domain,
        days: days.map(({ atMs, feedback, ...day }) => ({
          ...day,
          day: new Date(atMs).toISOString().slice(0, 10),
          feedback: feedback.map((one) => ({ ...one })),
        })),
      }));
      return c.json(whole(domains), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/reputation',
      summary: 'What the providers think of the senders',
      request: {
        query: z.object({
          provider: providerKeySchema.optional(),
          subject: z.string().optional().openapi({ description: 'part of a domain or an address' }),
        }),
      },
      responses: { 200: json(listOf(reputationSchema), 'all of them'), ...problems },
    }),
    (c) => {
      const { provider, subject = '' } = c.req.valid('query');
      const found = mailboxes
        .reputations()
        .filter(
          (one) => (provider === undefined || one.provider === provider) && one.subject.includes(subject),
        )
        .map((one) => ({ ...one, counts: { ...one.counts } }));
      return c.json(whole(found), 200);
    },
  );

  const shownPool = () => {
    const { neighbour, sinceMs, drag } = mailboxes.pool();
    return { neighbour, since: new Date(sinceMs).toISOString(), drag };
  };
  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/ip-pool',
      summary: 'The shared addresses and who else sends from them',
      responses: { 200: json(poolSchema, 'the pool'), ...problems },
    }),
    (c) => c.json(shownPool(), 200),
  );

  api.openapi(
    createRoute({
      method: 'patch',
      path: '/v1/ip-pool',
      summary: 'Set how the neighbour behaves',
      request: { body: body(poolSchema.pick({ neighbour: true })) },
      responses: { 200: json(poolSchema, 'the pool'), ...problems },
    }),
    async (c) => {
      await mailboxes.setNeighbour(c.req.valid('json').neighbour);
      return c.json(shownPool(), 200);
    },
  );
}
