/** /v1/scenarios: rules, speed and seed as one file; started and stopped, imported and exported. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { scenarioBytesMax, scenarioJsonSchema, writeScenario } from '../../rules/scenario.ts';
import type { KnownScenario } from '../../rules/scenarios.ts';
import { iso } from '../iso-time.ts';
import { readBody } from '../read-body.ts';
import { runningScenarioSchema, scenarioEntrySchema } from '../rules-schema.ts';
import { listOf } from '../schema.ts';
import type { Services } from '../services.ts';
import { json, problems, refusal } from './responses.ts';

const idParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });
const unprocessable = {
  422: refusal('the file is wrong: `errors` name the field and the reason; nothing is changed'),
};
const conflicting = { 409: refusal('not possible now; `detail` says why') };
const yaml = 'application/yaml';

const currentSchema = z.object({
  name: z.string().trim().min(1).max(80),
  description: z.string().trim().max(2_000).default(''),
});

export function scenarioRoutes(api: OpenAPIHono, { scenarios, rules }: Services): void {
  function present({ id, scenario, example }: KnownScenario) {
    return {
      id,
      name: scenario.name,
      description: scenario.description,
      rules: scenario.rules.length,
      speed: scenario.speed,
      seed: scenario.seed,
      magicAddresses: scenario.magicAddresses,
      example,
      running: rules.state().scenario?.id === id,
    };
  }

  function running() {
    const { scenario } = rules.state();
    return {
      scenario:
        scenario === null
          ? null
          : {
              id: scenario.id,
              name: scenario.name,
              startedAt: iso(scenario.startedAtMs),
              changed: scenario.changed,
            },
    };
  }
  const runningBody = json(z.object({ scenario: runningScenarioSchema.nullable() }), 'what is on now');

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/scenarios',
      summary: 'Scenarios that were saved, and those that come with Sandpost',
      responses: { 200: json(listOf(scenarioEntrySchema), 'all of them'), ...problems },
    }),
    (c) => {
      const entries = scenarios.list().map(present);
      return c.json({ entries, nextCursor: null, total: entries.length }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/scenarios',
      summary: 'Import a scenario file, YAML or JSON; one of the same name is replaced',
      request: {
        body: {
          required: true,
          content: { [yaml]: { schema: z.string().openapi({ description: 'JSON will do as well' }) } },
        },
      },
      responses: {
        201: json(scenarioEntrySchema, 'the scenario'),
        ...problems,
        ...unprocessable,
        ...conflicting,
      },
    }),
    async (c) => {
      const text = (await readBody(c.req.raw, scenarioBytesMax, 'scenario')).toString('utf8');
      return c.json(present(await scenarios.save(text)), 201);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/scenarios/current',
      summary: 'Save the rules in force, the speed and the seed as a scenario',
      request: { body: { required: true, content: { 'application/json': { schema: currentSchema } } } },
      responses: {
        201: json(scenarioEntrySchema, 'the scenario'),
        ...problems,
        ...unprocessable,
        ...conflicting,
      },
    }),
    async (c) => {
      const { name, description } = c.req.valid('json');
      return c.json(present(await scenarios.saveCurrent(name, description)), 201);
    },
  );

  api.get('/v1/scenarios/current', (c) =>
    c.body(writeScenario(rules.asScenario('Current rules', '')), 200, download('current-rules')),
  );

  api.get('/v1/scenarios/schema.json', (c) =>
    c.body(JSON.stringify(scenarioJsonSchema(), null, 2), 200, { 'content-type': 'application/schema+json' }),
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/scenarios/stop',
      summary: 'Switch the scenario off: rules, speed and seed are again what they were',
      responses: { 200: runningBody, ...problems, ...conflicting },
    }),
    async (c) => {
      await scenarios.stop();
      return c.json(running(), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/scenarios/{id}',
      summary: 'The file, to be kept or handed on',
      request: { params: idParam },
      responses: { 200: { description: 'YAML', content: { [yaml]: { schema: z.string() } } }, ...problems },
    }),
    (c) => {
      const { id } = c.req.valid('param');
      return c.body(scenarios.file(id), 200, download(id));
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/scenarios/{id}/start',
      summary:
        'Switch a scenario on: its rules take the place of yours until it is switched off or Sandpost stops',
      request: { params: idParam },
      responses: { 200: runningBody, ...problems },
    }),
    async (c) => {
      await scenarios.start(c.req.valid('param').id);
      return c.json(running(), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/scenarios/{id}',
      summary: 'Remove a scenario that was saved',
      request: { params: idParam },
      responses: { 204: { description: 'done' }, ...problems, ...conflicting },
    }),
    async (c) => {
      await scenarios.remove(c.req.valid('param').id);
      return c.body(null, 204);
    },
  );
}

function download(id: string): Record<string, string> {
  return {
    'content-type': `${yaml}; charset=utf-8`,
    'content-disposition': `attachment; filename="${id.replace(/[^a-z0-9-]/g, '')}.yaml"`,
  };
}
