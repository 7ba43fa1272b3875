/** The wire shape of how a sending domain stands: as in `schema.ts`, of which it is a part. */
import { z } from '@hono/zod-openapi';

export const standingStages = ['dns', 'authentication', 'reputation', 'filter', 'engagement'] as const;

const harm = z.int().min(0).max(100).describe('0: does no harm; 100: as much as this stage can');

export const domainStandingSchema = z
  .object({
    domain: z.string(),
    copies: z.int().describe('recent messages in mailboxes that this goes by'),
    stages: z.array(
      z.object({
        stage: z.enum(standingStages),
        harm,
        summary: z.string(),
        findings: z
          .array(z.object({ what: z.string(), detail: z.string(), harm }))
          .describe('the worst first'),
        example: z
          .object({ mailbox: z.string(), copyId: z.string() })
          .nullable()
          .describe('a message that shows it'),
      }),
    ),
  })
  .openapi('DomainStanding');
export type DomainStanding = z.infer<typeof domainStandingSchema>;
