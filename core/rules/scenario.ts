/**
 * A scenario: rules, the clock's speed and the seed as one file, so that the same input has the same outcome for
 * everyone who has it. YAML or JSON; `scenario.schema.json` tells editors what may stand in it.
 */
import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import { z } from 'zod';
import { AppError, type FieldError } from '../model/app-error.ts';
import { atFirstUse } from '../model/at-first-use.ts';
import { readRules } from './read-rules.ts';
import { type Rule, ruleInputSchema } from './schema.ts';

const require = createRequire(import.meta.url);
const yaml = atFirstUse((): typeof Yaml => require('yaml'));

export const scenarioBytesMax = 8 * 1024 * 1024;
const nameCharsMax = 80;
const descriptionCharsMax = 2_000;
const seedMax = 2 ** 31 - 1;
export const speedMax = 100_000;
/** What a file may repeat by reference: a few words that name each other could come to gigabytes. */
const aliasesMax = 100;

const shape = {
  sandpost: z.literal(1).describe('version of the format'),
  name: z.string().trim().min(1).max(nameCharsMax),
  description: z.string().trim().max(descriptionCharsMax).default(''),
  seed: z
    .int()
    .min(0)
    .max(seedMax)
    .default(1)
    .describe('what chance is drawn from: rules, jitter of retries, habits'),
  clock: z
    .strictObject({
      speed: z.number().min(0).max(speedMax).default(1).describe('virtual seconds in a real one; 0: frozen'),
    })
    .default({ speed: 1 }),
  magicAddresses: z.boolean().default(true),
};

const headSchema = z.strictObject({
  ...shape,
  $schema: z.string().optional(),
  rules: z.array(z.unknown()).default([]),
});

export interface Scenario {
  readonly name: string;
  readonly description: string;
  readonly seed: number;
  readonly speed: number;
  readonly magicAddresses: boolean;
  readonly rules: readonly Rule[];
}

/** @throws AppError `invalid_scenario` with the fields at fault */
export function readScenario(text: string): Scenario {
  if (Buffer.byteLength(text) > scenarioBytesMax)
    throw refused([
      { field: '', code: 'too_large', detail: `A scenario has ${scenarioBytesMax} bytes at the most.` },
    ]);
  const document = yaml().parseDocument(text, { uniqueKeys: true });
  const [wrong] = document.errors;
  if (wrong !== undefined)
    throw refused([
      {
        field: lineOf(wrong.linePos),
        code: 'not_yaml',
        detail: wrong.message.split('\n')[0] ?? wrong.message,
      },
    ]);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: aliasesMax });
  } catch {
    throw refused([
      { field: '', code: 'not_yaml', detail: `It repeats by reference more than ${aliasesMax} times.` },
    ]);
  }
  return scenarioOf(value);
}

/** @throws AppError `invalid_scenario` */
export function scenarioOf(value: unknown): Scenario {
  const parsed = headSchema.safeParse(value);
  if (!parsed.success)
    throw refused(
      parsed.error.issues.map((issue) => ({
        field: issue.path.join('.'),
        code: issue.code,
        detail:
          issue.code === 'unrecognized_keys'
            ? `There is no ${issue.keys.join(', ')} in a scenario.`
            : issue.message,
      })),
    );
  const { name, description, seed, clock, magicAddresses, rules } = parsed.data;
  try {
    return { name, description, seed, speed: clock.speed, magicAddresses, rules: readRules(rules) };
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_rules') throw refused(error.errors);
    throw error;
  }
}

/** As a file that `readScenario` reads back to the same. */
export function writeScenario(scenario: Scenario): string {
  const { name, description, seed, speed, magicAddresses, rules } = scenario;
  return yaml().stringify(
    { sandpost: 1, name, description, seed, clock: { speed }, magicAddresses, rules },
    { lineWidth: 110 },
  );
}

/** JSON Schema (draft 2020-12) of a scenario file. */
export function scenarioJsonSchema(): unknown {
  const whole = z.strictObject({
    ...shape,
    $schema: z.string().optional(),
    rules: z.array(ruleInputSchema).default([]),
  });
  return { title: 'Sandpost scenario', ...z.toJSONSchema(whole, { io: 'input' }) };
}

function lineOf(at: readonly { readonly line: number }[] | undefined): string {
  const line = at?.[0]?.line;
  return line === undefined ? '' : `line ${line}`;
}

function refused(errors: readonly FieldError[]): AppError {
  const [first] = errors;
  const where = first?.field === undefined || first.field === '' ? '' : `${first.field}: `;
  return new AppError('invalid_scenario', `${where}${first?.detail ?? 'wrong'} Nothing was changed.`, {
    errors,
  });
}
