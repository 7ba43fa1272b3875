/** /v1/domains: what the app sends from; /v1/dns: what goes wrong for recipients' domains, and records made by hand. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { checkRank } from '../../dns/check-records.ts';
import type { SendingDomains } from '../../dns/sending-domains.ts';
import { AppError } from '../../model/app-error.ts';
import type { SendingDomain } from '../../model/sending-domain.ts';
import {
  dnsRecordSchema,
  domainChangeSchema,
  expectedRecordSchema,
  recipientFaultsSchema,
  recordCheckSchema,
  sendingDomainSchema,
} from '../domain-schema.ts';
import { listOf, type SendingDomain as ShownDomain } from '../schema.ts';
import type { Services } from '../services.ts';
import { json, problems } from './responses.ts';

const nameParam = z.object({ name: z.string().openapi({ param: { name: 'name', in: 'path' } }) });
const limitMax = 200;
const body = <T extends z.ZodType>(schema: T) => ({
  required: true,
  content: { 'application/json': { schema } },
});

export function domainRoutes(api: OpenAPIHono, { domains }: Services): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/domains',
      summary: 'List sending domains, by name',
      request: {
        query: z.object({
          q: z.string().optional().openapi({ description: 'part of the name' }),
          after: z.string().optional(),
          limit: z.coerce.number().int().min(1).max(limitMax).default(100),
        }),
      },
      responses: { 200: json(listOf(sendingDomainSchema), 'a page of them'), ...problems },
    }),
    async (c) => {
      const { q = '', after = '', limit } = c.req.valid('query');
      const matching = domains.list().filter((domain) => domain.name.includes(q.trim().toLowerCase()));
      const page = matching.filter((domain) => domain.name > after).slice(0, limit);
      const last = page.at(-1)?.name ?? null;
      return c.json(
        {
          entries: await Promise.all(page.map((domain) => presentDomain(domains, domain))),
          nextCursor: last !== null && matching.at(-1)?.name !== last ? last : null,
          total: matching.length,
        },
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/domains',
      summary: 'Set up a sending domain: keys are made, and records',
      request: { body: body(z.object({ name: z.string().min(1).max(300) })) },
      responses: { 201: json(sendingDomainSchema, 'the domain'), ...problems },
    }),
    async (c) => c.json(await presentDomain(domains, await domains.create(c.req.valid('json').name)), 201),
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/domains/{name}',
      summary: 'One sending domain',
      request: { params: nameParam },
      responses: { 200: json(sendingDomainSchema, 'the domain'), ...problems },
    }),
    async (c) => c.json(await presentDomain(domains, existing(c.req.valid('param').name)), 200),
  );

  api.openapi(
    createRoute({
      method: 'patch',
      path: '/v1/domains/{name}',
      summary: 'Change a sending domain, or break it',
      request: { params: nameParam, body: body(domainChangeSchema) },
      responses: { 200: json(sendingDomainSchema, 'the domain'), ...problems },
    }),
    async (c) => {
      const changed = await domains.change(c.req.valid('param').name, c.req.valid('json'));
      return c.json(await presentDomain(domains, changed), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/domains/{name}',
      summary: 'Forget a sending domain and its keys',
      request: { params: nameParam },
      responses: { 204: { description: 'done' }, ...problems },
    }),
    async (c) => {
      await domains.remove(c.req.valid('param').name);
      return c.body(null, 204);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/domains/{name}/rotate',
      summary: 'New DKIM keys; the old ones stay published',
      request: {
        params: nameParam,
        body: {
          required: false,
          content: {
            'application/json': {
              schema: z.object({
                publish: z
                  .boolean()
                  .default(true)
                  .openapi({ description: 'false: DKIM fails until they are' }),
              }),
            },
          },
        },
      },
      responses: { 200: json(sendingDomainSchema, 'the domain'), ...problems },
    }),
    async (c) => {
      const { publish } = c.req.valid('json');
      const rotated = await domains.rotate(c.req.valid('param').name, { publish });
      return c.json(await presentDomain(domains, rotated), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/domains/{name}/keys/{selector}',
      summary: 'Remove a key that signs no more',
      request: {
        params: nameParam.extend({
          selector: z.string().openapi({ param: { name: 'selector', in: 'path' } }),
        }),
      },
      responses: { 200: json(sendingDomainSchema, 'the domain'), ...problems },
    }),
    async (c) => {
      const { name, selector } = c.req.valid('param');
      return c.json(await presentDomain(domains, await domains.removeKey(name, selector)), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/domains/{name}/records',
      summary: 'The records that it should have, and which of them to paste into real DNS',
      request: { params: nameParam },
      responses: { 200: json(listOf(expectedRecordSchema), 'all of them'), ...problems },
    }),
    (c) => {
      const records = domains.records(c.req.valid('param').name);
      return c.json({ entries: [...records], nextCursor: null, total: records.length }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/domains/{name}/check',
      summary: 'Check its records one by one, in the sandbox or in the real DNS',
      request: {
        params: nameParam,
        body: {
          required: false,
          content: {
            'application/json': {
              schema: z.object({
                real: z
                  .boolean()
                  .default(false)
                  .openapi({ description: 'true: ask the real DNS; the names leave this machine' }),
              }),
            },
          },
        },
      },
      responses: { 200: json(listOf(recordCheckSchema), 'each record with its verdict'), ...problems },
    }),
    async (c) => {
      const world = c.req.valid('json').real ? 'real' : 'sandbox';
      const checks = await domains.check(c.req.valid('param').name, world);
      return c.json(
        {
          entries: checks.map((check) => ({ ...check, found: [...check.found] })),
          nextCursor: null,
          total: checks.length,
        },
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/dns/faults',
      summary: "Recipients' domains whose DNS goes wrong",
      responses: { 200: json(recipientFaultsSchema, 'all of them'), ...problems },
    }),
    (c) => c.json({ faults: Object.fromEntries(domains.recipientFaults()) }, 200),
  );

  api.openapi(
    createRoute({
      method: 'put',
      path: '/v1/dns/faults',
      summary: "Set the recipients' domains whose DNS goes wrong",
      request: { body: body(recipientFaultsSchema) },
      responses: { 200: json(recipientFaultsSchema, 'all of them'), ...problems },
    }),
    async (c) => {
      await domains.setRecipientFaults(c.req.valid('json').faults);
      return c.json({ faults: Object.fromEntries(domains.recipientFaults()) }, 200);
    },
  );

  const recordsOf = (name: string) => {
    const records = domains.extraRecords(name).flatMap((record) => {
      const parsed = dnsRecordSchema.safeParse(record);
      return parsed.success ? [parsed.data] : [];
    });
    return { entries: records, nextCursor: null, total: records.length };
  };

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/dns/records/{name}',
      summary: 'Records made by hand for a domain, whoever it belongs to',
      request: { params: nameParam },
      responses: { 200: json(listOf(dnsRecordSchema), 'all of them'), ...problems },
    }),
    (c) => c.json(recordsOf(c.req.valid('param').name), 200),
  );

  api.openapi(
    createRoute({
      method: 'put',
      path: '/v1/dns/records/{name}',
      summary: 'Set the records made by hand for a domain; none takes them away',
      request: { params: nameParam, body: body(z.object({ records: z.array(dnsRecordSchema) })) },
      responses: { 200: json(listOf(dnsRecordSchema), 'all of them'), ...problems },
    }),
    async (c) => {
      const { name } = c.req.valid('param');
      await domains.setExtraRecords(name, c.req.valid('json').records);
      return c.json(recordsOf(name), 200);
    },
  );

  function existing(name: string): SendingDomain {
    const domain = domains.get(name);
    if (domain === null) throw new AppError('not_found', `There is no sending domain ${name}.`);
    return domain;
  }
}

async function presentDomain(domains: SendingDomains, domain: SendingDomain): Promise<ShownDomain> {
  const checks: ShownDomain['checks'] = {};
  for (const { purpose, result } of await domains.check(domain.name, 'sandbox')) {
    const worst = checks[purpose];
    if (worst === undefined || checkRank(result) > checkRank(worst)) checks[purpose] = result;
  }
  const { createdAtMs, keys, faults, ...shown } = domain;
  return {
    ...shown,
    createdAt: new Date(createdAtMs).toISOString(),
    // The private half stays here.
    keys: keys.map((key) => ({
      selector: key.selector,
      algorithm: key.algorithm,
      publicKey: key.publicKey,
      active: key.active,
      createdAt: new Date(key.createdAtMs).toISOString(),
    })),
    faults: [...faults],
    streams: { ...shown.streams },
    extraRecords: domains.extraRecords(domain.name).flatMap((record) => {
      const parsed = dnsRecordSchema.safeParse(record);
      return parsed.success ? [parsed.data] : [];
    }),
    checks,
  };
}
