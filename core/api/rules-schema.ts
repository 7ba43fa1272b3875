/** The wire shapes of rules and scenarios. */
import { z } from '@hono/zod-openapi';
import { verdicts } from '../rules/explain.ts';
import { actionSchema, conditionsSchema, points, ruleProviders, stages } from '../rules/schema.ts';

// A schema takes an OpenAPI name only when it was made after the library was loaded: these are copies.
export const whenSchema = conditionsSchema.clone().openapi('RuleConditions', {
  description: 'All that is named must be met; of a list any one will do.',
});
export const thenSchema = actionSchema.clone().openapi('RuleAction');

export const ruleEntrySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    enabled: z.boolean(),
    stage: z.enum(stages),
    when: whenSchema,
    // What comes of it.
    then: thenSchema,
    position: z.int().describe('place in the list, from 0: the first that is met wins'),
    decidedAt: z.enum(points).describe('the moment of a session at which it is asked'),
    matches: z.int().describe('how often all was met that does not count'),
    hits: z.int(),
    lastHitAt: z.string().nullable().describe('virtual'),
    since: z.string().describe('in force since, virtual'),
  })
  .openapi('Rule');

export const runningScenarioSchema = z
  .object({
    id: z.string().nullable().describe('null when it was given by a file'),
    name: z.string(),
    startedAt: z.string().describe('virtual'),
    changed: z.boolean().describe('rules were changed since'),
  })
  .openapi('RunningScenario');

export const rulesSchema = z
  .object({
    entries: z.array(ruleEntrySchema),
    nextCursor: z.string().nullable(),
    total: z.int(),
    magicAddresses: z.boolean(),
    seed: z.int(),
    scenario: runningScenarioSchema.nullable(),
    undo: z.string().nullable().describe('what an undo would take back'),
  })
  .openapi('Rules');

export const ruleHitSchema = z
  .object({
    seq: z.int(),
    ruleId: z.string().nullable().describe('null for a magic address, token or number'),
    label: z.string(),
    at: z.string(),
    virtualAt: z.string(),
    stage: z.string(),
    point: z.string(),
    action: z.string(),
    recipient: z.string().nullable(),
    sender: z.string().nullable(),
    messageId: z.string().nullable(),
    deliveryId: z.string().nullable(),
    exchangeId: z.string().nullable(),
  })
  .openapi('RuleHit');

const explainedSchema = z
  .object({
    ruleId: z.string().nullable(),
    label: z.string(),
    stage: z.enum(stages),
    point: z.enum(points),
    verdict: z.enum(verdicts),
    action: thenSchema,
    why: z.array(z.string()).readonly(),
  })
  .openapi('ExplainedRule');

const explanationSchema = z
  .object({
    met: z.array(explainedSchema).readonly().describe('in the order of the way'),
    others: z.array(explainedSchema).readonly().describe('in the order of the list, with why not'),
    total: z.int().describe('rules of that stage'),
  })
  .openapi('RuleExplanation');

export const dryRunSchema = z
  .object({
    recipients: z
      .array(
        z.object({
          recipient: z.string(),
          provider: z.string().nullable(),
          door: explanationSchema,
          farSide: explanationSchema,
        }),
      )
      .readonly(),
  })
  .openapi('DryRun');

export const presetSchema = z
  .object({
    id: z.string(),
    provider: z.union([z.enum(ruleProviders), z.literal('any')]),
    group: z.string().describe('whose words they are'),
    kind: z.string(),
    title: z.string(),
    about: z.string(),
    source: z.string(),
    rule: z.object({
      name: z.string(),
      enabled: z.boolean(),
      stage: z.enum(stages),
      when: whenSchema,
      then: thenSchema,
    }),
  })
  .openapi('RulePreset');

export const magicWordSchema = z
  .object({
    of: z
      .enum(['address', 'token', 'number', 'user'])
      .describe('stands behind a plus in an address, is a push token, or is the end of a phone number'),
    form: z.string(),
    example: z.string(),
    hex: z.string().nullable().describe('the same where a token must be hex (APNs); null for others'),
    countries: z
      .array(z.object({ country: z.string(), example: z.string() }))
      .readonly()
      .describe('of a number: the example in several countries'),
    stage: z.enum(stages),
    does: z.string(),
    kind: z.string(),
  })
  .openapi('MagicWord');

export const scenarioEntrySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    rules: z.int(),
    speed: z.number(),
    seed: z.int(),
    magicAddresses: z.boolean(),
    example: z.boolean().describe('comes with Sandpost'),
    running: z.boolean(),
  })
  .openapi('Scenario');

export const holdingSchema = z
  .object({
    everything: z.boolean(),
    domains: z.array(z.string()),
    since: z.string().nullable().describe('virtual; null when nothing is held by this'),
  })
  .openapi('Holding');

export type RuleEntry = z.infer<typeof ruleEntrySchema>;
export type RulesPage = z.infer<typeof rulesSchema>;
export type RunningScenario = z.infer<typeof runningScenarioSchema>;
export type RuleHit = z.infer<typeof ruleHitSchema>;
export type ExplainedRule = z.infer<typeof explainedSchema>;
export type RuleExplanation = z.infer<typeof explanationSchema>;
export type DryRun = z.infer<typeof dryRunSchema>;
export type RulePreset = z.infer<typeof presetSchema>;
export type MagicWord = z.infer<typeof magicWordSchema>;
export type ScenarioEntry = z.infer<typeof scenarioEntrySchema>;
