/** Projects, rules, scenarios, templates, webhooks and suppressions, as parts of an exported workspace. */
import { z } from 'zod';
import { retentionSchema } from '../../api/settings-schema.ts';
import {
  readSuppressionFile,
  suppressionFileHead,
  suppressionLine,
  suppressionLinesMax,
  toSuppression,
} from '../../api/suppression-file.ts';
import { projectName } from '../../intake/projects.ts';
import { AppError } from '../../model/app-error.ts';
import type { Template, TemplateVersion } from '../../model/template.ts';
import { type Webhook, type WebhookService, webhookEventTypes } from '../../model/webhook.ts';
import type { RulesRoom } from '../../rules/room.ts';
import { readScenario } from '../../rules/scenario.ts';
import type { ScenariosRoom } from '../../rules/scenarios.ts';
import { idOf } from '../../rules/scenarios.ts';
import type { Store } from '../../store/store.ts';
import type { TemplatesRoom } from '../../templates/room.ts';
import { headSchema, isDraftContent } from '../../templates/schema.ts';
import { readText } from '../../workspace/import.ts';
import { listSection, type Section } from '../../workspace/section.ts';

const rowsAtOnce = 500;
const suppressedAtOnce = 1_000;

const projectSchema = z.object({
  name: z.string().refine((name) => projectName(name) === name, 'is no name of a project'),
  retention: retentionSchema,
});

export function projectSection(store: Pick<Store, 'projects' | 'saveProject'>): Section {
  return listSection({
    entry: 'projects.json',
    part: 'projects',
    schema: projectSchema,
    rows: async function* () {
      for (const { name, retention } of await store.projects()) yield { name, retention };
    },
    nameOf: ({ name }) => name,
    isKnown: async ({ name }) => (await store.projects()).some((one) => one.name === name),
    put: ({ name, retention }) => store.saveProject(name, { retention }),
  });
}

const scenarioSchema = z.object({ text: z.string().max(4_000_000) });

export function scenarioSection(scenarios: ScenariosRoom): Section {
  return listSection({
    entry: 'scenarios.json',
    part: 'scenarios',
    schema: scenarioSchema.superRefine(({ text }, context) => {
      try {
        readScenario(text);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        context.addIssue({ code: 'custom', message: error.message });
      }
    }),
    rows: () =>
      scenarios
        .list()
        .filter(({ example }) => !example)
        .map(({ id }) => ({ text: scenarios.file(id) })),
    nameOf: ({ text }) => readScenario(text).name,
    isKnown: ({ text }) =>
      scenarios.list().some(({ id, example }) => !example && id === idOf(readScenario(text).name)),
    put: ({ text }) => scenarios.save(text),
  });
}

const versionSchema = z
  .looseObject({ version: z.int().min(1), publishedAtMs: z.number().nullable(), changedAtMs: z.number() })
  .transform(({ version, publishedAtMs, changedAtMs, content, locales, variables }, context) => {
    const draft: unknown = { content, locales, variables };
    if (isDraftContent(draft)) return { version, publishedAtMs, changedAtMs, ...draft };
    context.addIssue({ code: 'custom', message: `version ${version} is no content of a template` });
    return z.NEVER;
  });

const templateSchema: z.ZodType<Template> = z.object({
  ...headSchema.shape,
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/i),
  revision: z.int().min(1),
  versions: z.array(versionSchema satisfies z.ZodType<TemplateVersion>).max(1_000),
  draft: versionSchema.nullable(),
  published: z.int().nullable(),
  createdAtMs: z.number(),
});

export function templateSection(templates: TemplatesRoom): Section {
  return listSection<Template>({
    entry: 'templates.json',
    part: 'templates',
    schema: templateSchema,
    rows: () => templates.list(),
    nameOf: ({ id }) => id,
    isKnown: ({ id }) => templates.get(id) !== null,
    put: (template) => templates.adopt(template),
  });
}

const webhookSchema = z.object({
  url: z.url({ protocol: /^https?$/ }).max(2_000),
  description: z.string().max(200),
  events: z.array(z.enum(webhookEventTypes)),
  project: z.string().min(1).nullable(),
  active: z.boolean(),
});

/** It is the same one where it tells the same address of the same; its secret is made anew. */
export function webhookSection(webhooks: WebhookService): Section {
  const sameAs = (one: z.infer<typeof webhookSchema>): Webhook | undefined =>
    webhooks
      .list()
      .find(
        ({ url, project, events }) =>
          url === one.url &&
          project === one.project &&
          [...events].sort().join() === [...one.events].sort().join(),
      );
  return listSection({
    entry: 'webhooks.json',
    part: 'webhooks',
    afterMessages: true,
    schema: webhookSchema,
    rows: () =>
      webhooks.list().map(({ url, description, events, project, active }) => ({
        url,
        description,
        events,
        project,
        active,
      })),
    nameOf: ({ url }) => url,
    isKnown: (one) => sameAs(one) !== undefined,
    put: ({ description, active, ...about }) => {
      const known = sameAs({ description, active, ...about });
      return known === undefined
        ? webhooks.create({ description, active, ...about })
        : webhooks.change(known.id, { description, active });
    },
  });
}

const rulesSchema = z.object({
  rules: z.array(z.looseObject({ id: z.string() })),
  magicAddresses: z.boolean(),
  seed: z.int(),
});

/** One set, in its order. Added to another one, those that are not there yet stand behind the others. */
export function ruleSection(rules: RulesRoom): Section {
  return {
    entry: 'rules.json',
    part: 'rules',
    async *write() {
      const { rules: set, magic, seed } = rules.own();
      yield `${JSON.stringify({ rules: set, magicAddresses: magic, seed }, null, 1)}\n`;
    },
    async take(content, { mode, dryRun, outcome, refuse }) {
      const read = rulesSchema.safeParse(parsedJson(await readText('rules.json', content)));
      if (!read.success) return refuse('', 'invalid', read.error.issues[0]?.message ?? 'is no set of rules');
      const { rules: wanted, magicAddresses, seed } = read.data;
      const known = new Set(rules.own().rules.map(({ id }) => id));
      const fresh = wanted.filter(({ id }) => !known.has(id));
      outcome.added = fresh.length;
      if (mode === 'add') outcome.kept = wanted.length - fresh.length;
      else outcome.replaced = wanted.length - fresh.length;
      if (rules.state().scenario !== null)
        return refuse('', 'not_possible', 'A scenario is on; stop it, so that the rules are your own again.');
      const next = mode === 'add' ? [...rules.own().rules, ...fresh] : wanted;
      try {
        await rules.check(next);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        for (const { field, code, detail } of error.errors) refuse(field, code, detail);
        if (error.errors.length === 0) refuse('', error.code, error.message);
        return;
      }
      if (dryRun || (mode === 'add' && fresh.length === 0)) return;
      await rules.replace({ rules: next, ...(mode === 'add' ? {} : { magicAddresses, seed }) });
    },
  };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema says what is expected instead.
    return null;
  }
}

/** The list as the Suppressions room writes and reads it. */
export function suppressionSection(
  store: Pick<Store, 'suppressions' | 'suppress' | 'suppressed'>,
  virtualMs: () => number,
): Section {
  return {
    entry: 'suppressions.csv',
    part: 'suppressions',
    async *write() {
      yield suppressionFileHead;
      let after: number | null = null;
      do {
        const page: Awaited<ReturnType<typeof store.suppressions>> = await store.suppressions(
          { text: null },
          { after, limit: rowsAtOnce },
        );
        if (page.entries.length > 0) yield page.entries.map(suppressionLine).join('');
        after = page.next;
      } while (after !== null);
    },
    async take(content, { dryRun, outcome, refuse }) {
      const { entries, errors } = readSuppressionFile(await readText('suppressions.csv', content));
      for (const { line, detail } of errors) refuse(`line ${line}`, 'invalid', detail);
      if (entries.length > suppressionLinesMax)
        return refuse(
          '',
          'too_large',
          `It has ${entries.length} lines; ${suppressionLinesMax} are the limit.`,
        );
      const nowMs = virtualMs();
      // Newest first in the file, and in the list too.
      const wanted = entries.map((entry) => toSuppression(entry, 'import', nowMs)).reverse();
      for (let from = 0; from < wanted.length; from += suppressedAtOnce) {
        const step = wanted.slice(from, from + suppressedAtOnce);
        const here = await store.suppressed([...new Set(step.map(({ address }) => address))], nowMs);
        const known = new Set(here.map(({ address, scope }) => `${scope} ${address}`));
        const fresh = step.filter(({ address, scope }) => !known.has(`${scope} ${address}`));
        if (!dryRun && fresh.length > 0) await store.suppress(fresh);
        outcome.added += fresh.length;
        outcome.kept += step.length - fresh.length;
      }
    },
  };
}
