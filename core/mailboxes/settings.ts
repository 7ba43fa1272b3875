/** What can be set about a provider and about a mailbox: everything off, until somebody breaks something on purpose. */
import { z } from 'zod';
import { placements } from '../model/delivery.ts';

const rateMessagesMax = 1_000_000;
const hourMs = 3_600_000;
const spanMsMax = 7 * 24 * hourMs;
const span = z.int().min(0).max(spanMsMax);

export const providerSettingsSchema = z.object({
  greylisting: z.object({
    enabled: z.boolean(),
    delayMs: span.describe('how long a first try has to wait, in virtual time'),
  }),
  rateLimit: z
    .object({
      messages: z.int().min(0).max(rateMessagesMax),
      perMs: z.int().min(1).max(spanMsMax),
      code: z.union([z.literal(421), z.literal(450), z.literal(451)]),
    })
    .nullable()
    .describe('messages from one address within a span of virtual time'),
  throttle: z.boolean().describe('everyone is told to come back later'),
  retryAfterMs: span.nullable().describe('what a throttling provider names as the time to come back'),
  rejectAll: z.boolean().describe('the address is blocked: nothing is taken'),
  downHosts: z.array(z.string().max(255)).max(20).describe('MX hosts that are down'),
  hostsTimeOut: z.boolean().describe('hosts that are down do not answer, instead of refusing'),
  tls: z.enum(['offered', 'required', 'none', 'broken']),
  disconnectAt: z.enum(['never', 'connect', 'ehlo', 'mail', 'rcpt', 'data', 'end_of_data']),
  placementDelayMs: span.describe('how long an accepted message takes to get into the mailbox'),
  placeAll: z.enum(placements).nullable(),
  bulkPerDay: z
    .int()
    .min(1)
    .max(rateMessagesMax)
    .nullable()
    .describe("null: as the provider's own rules say"),
  complaintSampleMin: z
    .int()
    .min(1)
    .max(rateMessagesMax)
    .describe('messages below which a rate of complaints says nothing'),
  outOfBandDelayMs: span.describe('how long after its acceptance a message bounces, where it does'),
});
export type ProviderSettings = z.infer<typeof providerSettingsSchema>;

export const usualProviderSettings: ProviderSettings = {
  greylisting: { enabled: false, delayMs: 300_000 },
  rateLimit: null,
  throttle: false,
  retryAfterMs: null,
  rejectAll: false,
  downHosts: [],
  hostsTimeOut: false,
  tls: 'offered',
  disconnectAt: 'never',
  placementDelayMs: 0,
  placeAll: null,
  bulkPerDay: null,
  complaintSampleMin: 20,
  outOfBandDelayMs: 120_000,
};

export const mailboxStates = ['ok', 'unknown', 'full', 'full_for_good', 'inactive'] as const;
export const habits = [
  /** Reads when somebody acts as its owner. */
  'normal',
  'blocks_images',
  /** Pictures are fetched ahead by the provider, opened or not. */
  'prefetches',
  /** A scanner GETs every link before the message is shown. */
  'scanner',
  'opens',
  'clicks',
  /** Is deleted unread after some days. */
  'never_opens',
] as const;

const autoReplyCharsMax = 5_000;

export const mailboxSettingsSchema = z.object({
  state: z.enum(mailboxStates),
  habit: z.enum(habits),
  autoReply: z.string().min(1).max(autoReplyCharsMax).nullable().describe('what an absent owner answers'),
  outOfBandBounce: z.boolean().describe('accepts, and sends a DSN later'),
  complainsAlways: z.boolean().describe('reports every message as spam'),
  place: z.enum(placements).nullable().describe('where every message goes, whatever the filter says'),
});
export type MailboxSettings = z.infer<typeof mailboxSettingsSchema>;

export const usualMailboxSettings: MailboxSettings = {
  state: 'ok',
  habit: 'normal',
  autoReply: null,
  outOfBandBounce: false,
  complainsAlways: false,
  place: null,
};

export const neighbourBehaviours = ['quiet', 'noisy', 'spammer'] as const;
export const poolSettingsSchema = z.object({
  neighbour: z.enum(neighbourBehaviours).describe('who else sends from the shared addresses'),
  sinceMs: z.number().describe('virtual time since which it does'),
  before: z
    .object({ points: z.number().min(0), halfAfterMs: z.number().positive() })
    .optional()
    .describe('what the neighbour before it had cost by then, and how fast that comes and goes'),
});
export type PoolSettings = z.infer<typeof poolSettingsSchema>;
