/** /v1/rules: what goes wrong on purpose. The set is replaced as a whole or changed one rule at a time. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { AppError } from '../../model/app-error.ts';
import { pushProviders } from '../../model/push.ts';
import { smsProviders } from '../../model/sms.ts';
import { isOfInAppOnly } from '../../rules/channel-fault.ts';
import { magicCard } from '../../rules/magic-card.ts';
import { decidedAt, inAppMomentsOf } from '../../rules/moments.ts';
import { presets } from '../../rules/presets/index.ts';
import { ruleJsonSchema } from '../../rules/read-rules.ts';
import { type Rule, ruleInputSchema } from '../../rules/schema.ts';
import type { RuleHitRow } from '../../store/rules.ts';
import { iso, isoOrNull } from '../iso-time.ts';
import {
  dryRunSchema,
  magicWordSchema,
  presetSchema,
  ruleEntrySchema,
  ruleHitSchema,
  rulesSchema,
} from '../rules-schema.ts';
import { listOf } from '../schema.ts';
import type { Services } from '../services.ts';
import { json, problems, refusal } from './responses.ts';
import { pageQuery, presentPage, toCursor, toPage } from './selection.ts';

const entriesMax = 20_000;
const usualEntries = 500;
const seedMax = 2 ** 31 - 1;
const idParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });
const unprocessable = {
  422: refusal('a rule is wrong: `errors` name the field and the reason; nothing is changed'),
};
const conflicting = { 409: refusal('not possible now; `detail` says why') };

const setSchema = z
  .object({
    rules: z
      .array(z.unknown())
      .optional()
      .openapi({
        type: 'array',
        items: { $ref: '#/components/schemas/RuleInput' },
        description: 'left out: as they are',
      }),
    magicAddresses: z.boolean().optional(),
    seed: z.int().min(0).max(seedMax).optional().openapi({ description: 'what chance is drawn from' }),
  })
  .strict();

const listQuery = z.object({
  q: z
    .string()
    .optional()
    .openapi({ description: 'a part of the name, the id, or of what the rule asks for and does' }),
  after: pageQuery.shape.after,
  limit: z.coerce.number().int().min(1).max(entriesMax).default(usualEntries),
});

const ruleBody = {
  required: true,
  content: {
    'application/json': {
      schema: z.looseObject({}).openapi({ $ref: '#/components/schemas/RuleInput' } as object),
    },
  },
} as const;

const addressesMax = 100;
const dryRunBody = z
  .object({
    messageId: z.string().optional(),
    message: z
      .object({
        channel: z.enum(['email', 'push', 'sms', 'inapp']).default('email'),
        door: z.string().max(32).default('smtp'),
        from: z.string().max(320).default('you@sandpost.example'),
        to: z.array(z.string().min(1).max(320)).min(1).max(addressesMax),
        subject: z.string().max(2_000).default(''),
        headers: z.record(z.string().max(100), z.string().max(2_000)).default({}),
        body: z.string().max(1_000_000).default(''),
        attachments: z
          .array(z.object({ name: z.string(), type: z.string(), bytes: z.int().min(0) }))
          .max(100)
          .default([]),
        bytes: z.int().min(0).nullable().default(null),
        tags: z.array(z.string().max(64)).max(32).default([]),
        provider: z
          .enum([...pushProviders, ...smsProviders])
          .optional()
          .openapi({ description: 'of a push or an SMS: whose it is; left out, the door tells' }),
      })
      .optional(),
    rules: z
      .array(z.unknown())
      .optional()
      .openapi({ description: 'to try these in place of those in force' }),
    others: z
      .int()
      .min(0)
      .max(2_000)
      .default(200)
      .openapi({ description: 'how many of those that are not met are told' }),
  })
  .strict();

export function ruleRoutes(api: OpenAPIHono, { rules: room, dryRun }: Services): void {
  api.openAPIRegistry.register('RuleInput', ruleInputSchema.clone());

  function present(rule: Rule, position: number) {
    const standing = room.desk.standingOf(rule.id);
    return {
      ...rule,
      position,
      decidedAt:
        rule.stage === 'farSide' && isOfInAppOnly(rule)
          ? (inAppMomentsOf(rule)[0] ?? 'send')
          : decidedAt(rule),
      matches: standing?.counts.matches ?? 0,
      hits: standing?.counts.hits ?? 0,
      lastHitAt: isoOrNull(standing?.counts.lastHitMs ?? null),
      since: iso(standing?.sinceMs ?? 0),
    };
  }

  function view(query: {
    readonly q?: string | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  }) {
    const { rules, magicAddresses, seed, scenario, undo } = room.state();
    const wanted = query.q?.trim().toLowerCase() ?? '';
    const found = rules.flatMap((rule, position) =>
      wanted === '' || JSON.stringify(rule).toLowerCase().includes(wanted) ? [{ rule, position }] : [],
    );
    const from = query.after === undefined || query.after === '' ? 0 : toCursor(query.after) + 1;
    const page = found.filter(({ position }) => position >= from).slice(0, query.limit);
    const last = page.at(-1);
    return {
      entries: page.map(({ rule, position }) => present(rule, position)),
      nextCursor: last === undefined || last === found.at(-1) ? null : String(last.position),
      total: found.length,
      magicAddresses,
      seed,
      scenario:
        scenario === null
          ? null
          : {
              id: scenario.id,
              name: scenario.name,
              startedAt: iso(scenario.startedAtMs),
              changed: scenario.changed,
            },
      undo,
    };
  }

  function entry(id: string) {
    const { rules } = room.state();
    const at = rules.findIndex((rule) => rule.id === id);
    const rule = rules[at];
    if (rule === undefined)
      throw new AppError('not_found', `There is no rule ${id}; it may have been removed.`);
    return present(rule, at);
  }

  const whole = () => view({ limit: usualEntries });

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/rules',
      summary: 'The rules in force, in their order, with what they hit',
      request: { query: listQuery },
      responses: { 200: json(rulesSchema, 'a page of them'), ...problems },
    }),
    (c) => c.json(view(c.req.valid('query')), 200),
  );

  api.openapi(
    createRoute({
      method: 'put',
      path: '/v1/rules',
      summary: 'Replace the set, in one step: it holds for the next command on every connection',
      request: { body: { required: true, content: { 'application/json': { schema: setSchema } } } },
      responses: { 200: json(rulesSchema, 'the rules in force now'), ...problems, ...unprocessable },
    }),
    async (c) => {
      const change = c.req.valid('json');
      if (Object.keys(change).length === 0)
        throw new AppError('bad_request', 'Give rules, magicAddresses or seed.');
      await room.replace(change);
      return c.json(whole(), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/rules',
      summary: 'Add a rule',
      request: {
        query: z.object({
          before: z
            .string()
            .optional()
            .openapi({ description: 'id of the rule it is to stand before; else it is the last' }),
        }),
        body: ruleBody,
      },
      responses: { 201: json(ruleEntrySchema, 'the rule'), ...problems, ...unprocessable, ...conflicting },
    }),
    async (c) => {
      const rule = await room.add(c.req.valid('json'), c.req.valid('query').before ?? null);
      return c.json(entry(rule.id), 201);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/rules/undo',
      summary: 'Take the last change back',
      responses: { 200: json(rulesSchema, 'the rules in force now'), ...problems, ...conflicting },
    }),
    async (c) => {
      await room.undo();
      return c.json(whole(), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/rules/start-over',
      summary: 'Let all counts begin anew: nth, at most, rates, deferrals, chance',
      responses: { 200: json(rulesSchema, 'the rules in force'), ...problems },
    }),
    async (c) => {
      await room.startOver();
      return c.json(whole(), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/rules/dry-run',
      summary: 'Which rule a message would meet, and why not the others; nothing is counted',
      request: { body: { required: true, content: { 'application/json': { schema: dryRunBody } } } },
      responses: { 200: json(dryRunSchema, 'for each recipient, up to 20'), ...problems, ...unprocessable },
    }),
    async (c) => {
      const { messageId, message, rules, others } = c.req.valid('json');
      if ((messageId === undefined) === (message === undefined))
        throw new AppError('bad_request', 'Give either messageId or message.');
      const about = messageId === undefined ? (message === undefined ? null : { message }) : { messageId };
      if (about === null) throw new AppError('bad_request', 'Give either messageId or message.');
      const recipients = await dryRun({ about, rules, othersMax: others });
      return c.json({ recipients }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/rules/hits',
      summary: 'What rules and magic addresses did, newest first; of each rule the last 200 are kept',
      request: {
        query: pageQuery.extend({
          rule: z.string().optional(),
          messageId: z.string().optional(),
          deliveryId: z.string().optional(),
          exchangeId: z.string().optional(),
        }),
      },
      responses: { 200: json(listOf(ruleHitSchema), 'a page'), ...problems },
    }),
    async (c) => {
      const query = c.req.valid('query');
      const { rule = null, messageId = null, deliveryId = null, exchangeId = null } = query;
      const page = await room.hits({ rule, messageId, deliveryId, exchangeId }, toPage(query));
      return c.json(presentPage(page, presentHit), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/rules/presets',
      summary: 'Failures as providers word them, to be added as rules',
      responses: { 200: json(listOf(presetSchema), 'all of them'), ...problems },
    }),
    (c) => c.json({ entries: [...presets], nextCursor: null, total: presets.length }, 200),
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/rules/magic-addresses',
      summary:
        'The magic words: those that addresses may have behind a plus, and those that push tokens may be',
      responses: { 200: json(listOf(magicWordSchema), 'all of them'), ...problems },
    }),
    (c) => c.json({ entries: [...magicCard], nextCursor: null, total: magicCard.length }, 200),
  );

  api.get('/v1/rules/schema.json', (c) =>
    c.body(JSON.stringify(ruleJsonSchema()), 200, { 'content-type': 'application/schema+json' }),
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/rules/{id}',
      summary: 'One rule',
      request: { params: idParam },
      responses: { 200: json(ruleEntrySchema, 'the rule'), ...problems },
    }),
    (c) => c.json(entry(c.req.valid('param').id), 200),
  );

  api.openapi(
    createRoute({
      method: 'put',
      path: '/v1/rules/{id}',
      summary: 'Change a rule',
      request: { params: idParam, body: ruleBody },
      responses: { 200: json(ruleEntrySchema, 'the rule'), ...problems, ...unprocessable },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      await room.change(id, c.req.valid('json'));
      return c.json(entry(id), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/rules/{id}/move',
      summary: 'Give a rule another place',
      request: {
        params: idParam,
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.object({
                before: z.string().nullable().openapi({ description: 'id of a rule; null: to the end' }),
              }),
            },
          },
        },
      },
      responses: { 200: json(ruleEntrySchema, 'the rule'), ...problems },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      await room.move(id, c.req.valid('json').before);
      return c.json(entry(id), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/rules/{id}',
      summary: 'Remove a rule',
      request: { params: idParam },
      responses: { 204: { description: 'done' }, ...problems },
    }),
    async (c) => {
      await room.remove(c.req.valid('param').id);
      return c.body(null, 204);
    },
  );
}

function presentHit(hit: RuleHitRow) {
  const { rule, atMs, virtualAtMs, ...rest } = hit;
  return { ...rest, ruleId: ruleIdOf(rule), at: iso(atMs), virtualAt: iso(virtualAtMs) };
}

/** Of a scenario's rule what stands behind the scenario's name; ids have no slash. */
function ruleIdOf(key: string | null): string | null {
  return key === null ? null : key.slice(key.lastIndexOf('/') + 1);
}
