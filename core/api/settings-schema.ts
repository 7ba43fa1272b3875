/** Projects, what is set for all of them, and how the core stands. See `schema.ts`. */
import { z } from '@hono/zod-openapi';

export const projectSchema = z
  .object({
    name: z.string(),
    fixed: z.boolean().describe('named by a setting, not made on the fly'),
    messages: z.int(),
    unread: z.int(),
    bytes: z.int(),
    lastMessageAt: z.string().nullable(),
    retention: z
      .object({ countMax: z.int().nullable(), ageMaxMs: z.int().nullable(), bytesMax: z.int().nullable() })
      .describe('null: the general setting holds'),
  })
  .openapi('Project');

export const statsSchema = z
  .object({
    messages: z.int(),
    unread: z.int(),
    bytes: z.int(),
    waitingForIndex: z.int(),
    exchanges: z.int(),
    tags: z.array(z.object({ tag: z.string(), messages: z.int() })),
  })
  .openapi('Stats');

export const statusSchema = z
  .object({
    version: z.string(),
    url: z.string(),
    dataDir: z.string(),
    caFile: z.string(),
    startedAt: z.string(),
    node: z.string(),
    sqlite: z.string().describe('version of the SQLite that keeps the messages'),
    platform: z.string(),
    host: z.string(),
    ports: z.record(z.string(), z.int()),
    mode: z.enum(['sandbox', 'live']),
    limits: z.object({ messageBytesMax: z.int(), recipientsMax: z.int() }),
  })
  .openapi('Status');

export const retentionSchema = z
  .object({
    countMax: z.int().min(1).nullable(),
    ageMaxMs: z.int().min(1000).nullable(),
    bytesMax: z.int().min(1).nullable(),
  })
  .openapi('Retention');

export const projectRuleSchema = z
  .object({
    by: z.enum(['user', 'recipient', 'door', 'header']),
    header: z.string().optional().describe('with `by: header`: its name'),
    match: z.string().describe('a pattern with * and ?; case does not matter'),
    project: z.string(),
  })
  .openapi('ProjectRule');

export const settingsSchema = z
  .object({
    retention: retentionSchema,
    projects: z.object({
      fromUserName: z.boolean().describe('an SMTP user name names the project, made on the fly'),
      header: z.string().nullable().describe('a header that names the project, made on the fly'),
      rules: z.array(projectRuleSchema),
      onTheFly: z.boolean().describe('false: a name not known lands in main'),
    }),
  })
  .openapi('Settings');
