/** The wire shapes of the mailboxes and their providers: as in `schema.ts`, of which they are a part. */
import { z } from '@hono/zod-openapi';
import { habits, mailboxStates, neighbourBehaviours } from '../mailboxes/settings.ts';
import { placements, streams } from '../model/delivery.ts';
import { providerKeys } from '../model/mail-provider.ts';

export const placementSchema = z.enum(placements);
export const providerKeySchema = z.enum(providerKeys);

const spanMsMax = 7 * 24 * 3_600_000;
const messagesMax = 1_000_000;
const span = z.int().min(0).max(spanMsMax);

export const providerSettingsSchema = z
  .object({
    greylisting: z.object({ enabled: z.boolean(), delayMs: span }),
    rateLimit: z
      .object({
        messages: z.int().min(0).max(messagesMax),
        perMs: z.int().min(1).max(spanMsMax),
        code: z.union([z.literal(421), z.literal(450), z.literal(451)]),
      })
      .nullable()
      .describe('messages from one address within a span of virtual time'),
    throttle: z.boolean().describe('everyone is told to come back later'),
    retryAfterMs: span.nullable().describe('when, if it says so'),
    rejectAll: z.boolean().describe('the address is blocked: nothing is taken'),
    downHosts: z.array(z.string().max(255)).max(20).describe('names of MX hosts that are down'),
    hostsTimeOut: z.boolean().describe('hosts that are down do not answer, instead of refusing'),
    tls: z.enum(['offered', 'required', 'none', 'broken']),
    disconnectAt: z.enum(['never', 'connect', 'ehlo', 'mail', 'rcpt', 'data', 'end_of_data']),
    placementDelayMs: span.describe('from the acceptance to the mailbox'),
    placeAll: placementSchema.nullable(),
    bulkPerDay: z
      .int()
      .min(1)
      .max(messagesMax)
      .nullable()
      .describe('messages a day that make a bulk sender; null: as the provider has it'),
    complaintSampleMin: z.int().min(1).max(messagesMax),
    outOfBandDelayMs: span,
  })
  .openapi('ProviderSettings');

const changedSchema = z.array(z.string()).describe('settings that are not as usual');

export const mxHostSchema = z.object({
  name: z.string(),
  preference: z.int(),
  address: z.string(),
  address6: z.string().nullable(),
  up: z.boolean(),
});

export const providerSchema = z
  .object({
    key: providerKeySchema,
    title: z.string(),
    domains: z.array(z.string()).describe('its own; every other recipient domain belongs to `default`'),
    hosts: z.array(mxHostSchema),
    settings: providerSettingsSchema,
    complaints: z
      .enum(['postmaster', 'arf_by_ip', 'arf_by_dkim_domain', 'arf_to_abuse', 'none'])
      .describe('how complaints reach the sender'),
    tabs: z.boolean(),
    pictures: z.enum(['shown', 'prefetched', 'blocked']),
    messageBytesMax: z.int(),
    spamAt: z.number(),
    refuseAt: z.number().nullable().describe('from which score on it refuses; null: never'),
    rules: z.object({
      authentication: z.enum(['all', 'bulk', 'none']).describe('of whom SPF or DKIM is asked'),
      ptr: z.boolean(),
      bulkPerDay: z.int().describe('messages a day that make a bulk sender'),
      noOneClick: z.enum(['spam', 'warned_then_refused', 'ignored']),
      complaintRateWarned: z.number(),
      complaintRateThrottled: z.number(),
    }),
    changed: changedSchema,
  })
  .openapi('MailProvider');

const autoReplyCharsMax = 5_000;
export const mailboxSettingsSchema = z
  .object({
    state: z.enum(mailboxStates),
    habit: z.enum(habits),
    autoReply: z.string().min(1).max(autoReplyCharsMax).nullable(),
    outOfBandBounce: z.boolean(),
    complainsAlways: z.boolean(),
    place: placementSchema.nullable().describe('where every message goes, whatever the filter says'),
  })
  .openapi('MailboxSettings');

export const mailboxSchema = z
  .object({
    address: z.string(),
    provider: z.string(),
    counts: z.record(placementSchema, z.int()),
    unseen: z.int(),
    lastAt: z.string().nullable(),
    settings: mailboxSettingsSchema,
    changed: changedSchema,
  })
  .openapi('Mailbox');

export const copyFlagsSchema = z.object({
  seen: z.boolean(),
  starred: z.boolean(),
  answered: z.boolean(),
  reportedSpam: z.boolean(),
  unsubscribed: z.boolean(),
  deleted: z.boolean(),
});

export const filterReasonSchema = z.object({
  code: z.string(),
  points: z.number().describe('more is worse; below zero speaks for the message'),
  detail: z.string(),
  stage: z.enum(['authentication', 'content', 'reputation', 'engagement', 'recipient']),
});
export const filterReportSchema = z
  .object({
    score: z.number(),
    spamAt: z.number(),
    reasons: z.array(filterReasonSchema),
    stream: z.enum(streams).optional().describe('the kind of traffic that the provider took it for'),
  })
  .openapi('FilterReport');

const dkimSchema = z.object({
  result: z.string(),
  domain: z.string().nullable(),
  selector: z.string().nullable(),
  algorithm: z.string().nullable(),
  aligned: z.boolean(),
  why: z.string(),
});
export const authenticationSchema = z
  .object({
    client: z.object({
      ip: z.string(),
      helo: z.string(),
      ptr: z.string().nullable(),
      ptrConfirmed: z.boolean(),
      heloMatches: z.boolean(),
      tls: z.boolean(),
    }),
    spf: z.object({
      result: z.string(),
      domain: z.string(),
      record: z.string().nullable(),
      why: z.string(),
      lookups: z.int().nullable(),
    }),
    dkim: z.array(dkimSchema),
    dmarc: z.object({
      result: z.string(),
      domain: z.string().nullable(),
      policy: z.string().nullable(),
      record: z.string().nullable(),
      spfAligned: z.boolean(),
      dkimAligned: z.boolean(),
      disposition: z.string(),
      why: z.string(),
    }),
    arc: z.object({ result: z.string(), why: z.string() }),
    header: z.string().describe('Authentication-Results as the receiver stamps it'),
    oneClickSigned: z.boolean().optional(),
    lookups: z.array(z.object({ question: z.string(), answer: z.string() })),
  })
  .openapi('Authentication');

export const mailboxMessageSchema = z
  .object({
    id: z.string(),
    seq: z.int(),
    mailbox: z.string(),
    provider: z.string(),
    messageId: z.string(),
    deliveryId: z.string().nullable().describe('null for what a server other than ours brought'),
    receivedAt: z.string().describe('virtual time'),
    placement: placementSchema,
    envelopeFrom: z.string(),
    subject: z.string().nullable(),
    fromName: z.string().nullable(),
    flags: copyFlagsSchema,
    score: z.number(),
    spf: z.string(),
    dkim: z.string(),
    dmarc: z.string(),
  })
  .openapi('MailboxMessage');

export const mailboxMessageDetailSchema = mailboxMessageSchema
  .extend({
    authentication: authenticationSchema,
    filter: filterReportSchema,
    headers: z
      .array(z.object({ name: z.string(), value: z.string(), raw: z.string() }))
      .describe('as received'),
    stamped: z
      .array(z.object({ name: z.string(), value: z.string() }))
      .describe('what the receiver puts above them'),
    stream: z.enum(streams).describe('what the provider takes it for'),
    links: z.array(z.string()),
    pictures: z.array(z.string()),
    unsubscribe: z.object({ way: z.enum(['one_click', 'mailto', 'link']).nullable(), why: z.string() }),
  })
  .openapi('MailboxMessageDetail');

export const visitResultSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('answered'), status: z.int() }),
  z.object({ kind: z.literal('not_made'), why: z.string() }),
]);

/** What an act led to; only the parts that the act has. */
export const actResultSchema = z
  .object({
    message: mailboxMessageSchema,
    pictures: z.int().optional(),
    visit: visitResultSchema.nullable().optional(),
    to: z.string().optional(),
    way: z.enum(['one_click', 'mailto', 'link']).optional(),
    why: z.string().optional(),
    reported: z
      .enum(['postmaster_page', 'report_by_address', 'report_by_signature', 'report_to_abuse', 'not_at_all'])
      .optional(),
  })
  .openapi('MailboxActResult');

const standingSchema = z.enum(['bad', 'low', 'medium', 'high']);
export const reputationSchema = z
  .object({
    provider: z.string(),
    kind: z.enum(['domain', 'ip', 'stream']),
    subject: z.string(),
    score: z.int().min(0).max(100),
    standing: standingSchema,
    drag: z.number().describe('points that neighbours on a shared address cost'),
    complaintRate: z.number().nullable(),
    counts: z.record(z.string(), z.number()).describe('fading with a half-life of a week'),
  })
  .openapi('Reputation');

export const poolSchema = z
  .object({
    neighbour: z.enum(neighbourBehaviours),
    since: z.string(),
    drag: z.number(),
  })
  .openapi('IpPool', { description: 'The addresses that domains share with a neighbour.' });

const share = z.number().nullable();
export const postmasterDomainSchema = z
  .object({
    domain: z.string(),
    reputation: standingSchema,
    score: z.int(),
    days: z.array(
      z.object({
        day: z.string(),
        delivered: z.int(),
        spamRate: share,
        warned: z.boolean(),
        throttled: z.boolean(),
        spfRate: share,
        dkimRate: share,
        dmarcRate: share,
        tlsRate: share,
        refused: z.int(),
        feedback: z.array(z.object({ id: z.string(), delivered: z.int(), spamRate: share })),
      }),
    ),
  })
  .openapi('PostmasterDomain');

export type MailboxMessage = z.infer<typeof mailboxMessageSchema>;
export type MailboxMessageDetail = z.infer<typeof mailboxMessageDetailSchema>;
export type Mailbox = z.infer<typeof mailboxSchema>;
export type MailProvider = z.infer<typeof providerSchema>;
export type Reputation = z.infer<typeof reputationSchema>;
export type PostmasterDomain = z.infer<typeof postmasterDomainSchema>;
export type MailboxActResult = z.infer<typeof actResultSchema>;
export type Placement = z.infer<typeof placementSchema>;
export type Pool = z.infer<typeof poolSchema>;
