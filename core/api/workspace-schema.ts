/** The wire shapes of exporting and importing the workspace. See `schema.ts`. */
import { z } from '@hono/zod-openapi';
import { messageForms } from '../workspace/format.ts';

const flag = z.enum(['true', 'false']).default('false');

export const exportQuery = z.object({
  messages: z
    .enum(messageForms)
    .default('mbox')
    .openapi({ description: 'mail in one mbox, or each message in a file of its own, or none' }),
  privateKeys: flag.openapi({ description: 'the private DKIM keys of the sending domains too' }),
});

export const importQuery = z.object({
  mode: z.enum(['add', 'replace-settings']).default('add').openapi({
    description:
      'add: what is here already stays as it is. replace-settings: settings, and what has the same name or id, become what the archive says. Messages are only ever added.',
  }),
  dryRun: flag.openapi({ description: 'nothing is changed: the answer says what would be' }),
  project: z.string().optional().openapi({ description: 'of messages of elsewhere' }),
});

export const importReportSchema = z
  .object({
    dryRun: z.boolean(),
    form: z.enum(['workspace', 'mbox', 'message']),
    about: z
      .object({
        sandpost: z.string().describe('the version that made it'),
        formatVersion: z.int(),
        madeAt: z.string(),
        privateKeys: z.boolean(),
        leftOut: z.array(z.string()),
      })
      .nullable()
      .describe('what the archive says of itself; null of mail of elsewhere'),
    messages: z.object({
      added: z.int(),
      alreadyThere: z.int().describe('the same id, or the same bytes received at the same time'),
    }),
    parts: z.array(
      z.object({
        part: z.string(),
        added: z.int(),
        replaced: z.int(),
        kept: z.int().describe('here already, and left as they are'),
      }),
    ),
    refused: z
      .array(z.object({ entry: z.string(), code: z.string(), detail: z.string() }))
      .describe('what is wrong, by the entry of the archive; the first hundred'),
    refusedTotal: z.int(),
    passedOver: z.array(z.string()).describe('entries that nobody here knows'),
    notes: z.array(z.string()),
  })
  .openapi('ImportReport');
export type ImportReport = z.infer<typeof importReportSchema>;
