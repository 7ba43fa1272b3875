/** The return mailbox: where it is, what was found in it, how long it is watched. Secrets go in, and never come out. */
import { z } from '@hono/zod-openapi';
import {
  type ReturnMailboxCheck,
  type ReturnMailboxStatus,
  type ReturnMailboxView,
  returnMailboxLimits,
} from '../model/return-mailbox.ts';
import { iso, isoOrNull } from './iso-time.ts';

const pemMax = 100_000;

export const returnMailboxSettingsSchema = z
  .object({
    host: z.string().trim().min(1).max(255),
    port: z.int().min(1).max(65_535).default(993),
    tls: z
      .enum(['implicit', 'starttls', 'off'])
      .default('implicit')
      .describe('off: only to this machine, for credentials are not said in the clear'),
    user: z.string().trim().min(1).max(320),
    folder: z.string().trim().min(1).max(500).default('INBOX'),
    markSeen: z
      .boolean()
      .default(true)
      .describe('what was tied to a delivery is marked as seen; nothing else is touched'),
    ca: z
      .string()
      .max(pemMax)
      .nullable()
      .default(null)
      .describe('PEM of a CA that is trusted besides those of the system'),
  })
  .openapi('ReturnMailboxSettings');

export const returnMailboxCheckSchema = z
  .object({
    at: z.string(),
    ok: z.boolean(),
    text: z.string().describe('what was found, or what stands in the way'),
    messages: z.int().describe('new since the last time'),
    reports: z.int().describe('DSNs and complaints among them'),
    matched: z.array(z.string()).describe('deliveries that they are about'),
    more: z.boolean(),
  })
  .openapi('ReturnMailboxCheck');

export const returnMailboxSchema = z
  .object({
    settings: returnMailboxSettingsSchema.nullable(),
    credential: z
      .record(z.string(), z.enum(['environment', 'keychain', 'file']))
      .describe('the fields of its credential that are known, and where each is kept; never what they are'),
    watching: z.object({ why: z.enum(['asked', 'live']), until: z.string().nullable() }).nullable(),
    nextCheckAt: z.string().nullable(),
    lastCheck: returnMailboxCheckSchema.nullable(),
  })
  .openapi('ReturnMailbox', {
    description: 'The mailbox that DSNs and complaints about live mail come back to, read over IMAP.',
  });

export const watchSchema = z
  .object({
    minutes: z.number().min(0).max(returnMailboxLimits.watchMinutesMax).describe('0: not any more'),
  })
  .openapi('WatchReturnMailbox');

export type ReturnMailboxShape = z.infer<typeof returnMailboxSchema>;

export function presentReturnMailbox(
  { settings, credential }: ReturnMailboxView,
  { watching, nextCheckMs, lastCheck }: ReturnMailboxStatus,
): ReturnMailboxShape {
  return {
    settings: settings === null ? null : { ...settings },
    credential: { ...credential },
    watching: watching === null ? null : { why: watching.why, until: isoOrNull(watching.untilMs) },
    nextCheckAt: isoOrNull(nextCheckMs),
    lastCheck: lastCheck === null ? null : presentCheck(lastCheck),
  };
}

export function presentCheck({
  atMs,
  matched,
  ...check
}: ReturnMailboxCheck): z.infer<typeof returnMailboxCheckSchema> {
  return { at: iso(atMs), ...check, matched: [...matched] };
}
