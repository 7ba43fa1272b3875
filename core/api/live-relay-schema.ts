/** Live relay: relays, what would go, what goes, and the log of it. Secrets go in, and never come out. See `schema.ts`. */
import { z } from '@hono/zod-openapi';
import {
  allowKinds,
  auditKinds,
  liveActors,
  liveChannels,
  liveEnds,
  liveLimits,
  readBackOutcomes,
  relayKinds,
} from '../model/live-relay.ts';
import { smsProviders } from '../model/sms.ts';

const pemMax = 100_000;
const host = z.string().trim().min(1).max(255);
const port = z.int().min(1).max(65_535);
const name = z.string().trim().min(1).max(40);
const url = z
  .url({ protocol: /^https?$/, error: 'give a whole address, https://api.example.com say' })
  .max(2_000)
  .refine((text) => {
    // What is no address at all was said so already.
    const read = URL.parse(text);
    return read === null || (read.username === '' && read.password === '');
  }, 'give what opens it as its credential, not in the address');
const ca = z
  .string()
  .max(pemMax)
  // It is shown to whoever asks for the relay.
  .refine((text) => !text.includes('PRIVATE KEY'), 'a key is in it: give the certificate alone')
  .nullable()
  .default(null)
  .describe('PEM of a CA that is trusted besides those of the system');
const helo = z.string().trim().min(1).max(255).nullable().default(null);
const envelopeFrom = z
  .string()
  .trim()
  .max(320)
  .nullable()
  .default(null)
  .describe(
    'MAIL FROM of all that goes by it; {delivery} in it becomes the id of the delivery; null: the message’s own',
  );
const dkim = z
  .enum(['ours', 'leave'])
  .default('leave')
  .describe('signed with the key of the sending domain, or left as the app made it');

export const relaySettingsSchema = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('smtp'),
      host,
      port: port.default(587),
      tls: z.enum(['implicit', 'starttls', 'opportunistic', 'off']).default('starttls'),
      pins: z
        .array(z.string().regex(/^[0-9a-f]{64}$/i, 'a pin is the SHA-256 of the certificate, 64 hex digits'))
        .max(10)
        .default([]),
      ca,
      auth: z.enum(['none', 'plain', 'login', 'xoauth2']).default('plain'),
      envelopeFrom,
      dkim,
      helo,
    }),
    z.object({
      kind: z.literal('mx'),
      helo,
      tls: z.enum(['starttls', 'opportunistic', 'off']).default('opportunistic'),
      ca,
      envelopeFrom,
      dkim: dkim.default('ours'),
      dnsServers: z.array(z.string().max(100)).max(5).default([]),
      port: port.default(25),
    }),
    z.object({
      kind: z.literal('apns'),
      auth: z.enum(['token', 'certificate']).default('token'),
      keyId: z.string().max(40).nullable().default(null),
      teamId: z.string().max(40).nullable().default(null),
      environment: z.enum(['production', 'development']).nullable().default(null),
      url: url.nullable().default(null),
      ca,
    }),
    z.object({
      kind: z.literal('fcm'),
      projectId: z.string().min(1).max(100),
      clientEmail: z.string().min(3).max(320),
      privateKeyId: z.string().max(100).nullable().default(null),
      url: url.nullable().default(null),
      tokenUrl: url.nullable().default(null),
      ca,
    }),
    z.object({
      kind: z.literal('webpush'),
      subject: z
        .string()
        .regex(/^(?:mailto:|https:\/\/)./, 'the subject is a mailto: or https: address (RFC 8292)')
        .max(500),
      publicKey: z.string().min(80).max(100),
      ca,
    }),
    z.object({
      kind: z.enum(smsProviders),
      account: z.string().min(1).max(200),
      sender: z.string().min(1).max(50).nullable().default(null),
      url: z
        .string()
        .max(2_000)
        .nullable()
        .default(null)
        .describe('in place of the provider’s; of SMPP host:port'),
      callbackUrl: url
        .nullable()
        .default(null)
        .describe('where the provider reaches this core’s API, through a tunnel say'),
      ca,
    }),
    z.object({ kind: z.literal('webhook'), url, ca }),
  ])
  .openapi('RelaySettings');

export const relaySchema = z
  .object({
    id: z.string(),
    name,
    settings: relaySettingsSchema,
    channels: z.array(z.enum(liveChannels)).describe('which it can take'),
    address: z.string().describe('where it leads, in words'),
    credential: z
      .record(z.string(), z.enum(['environment', 'keychain', 'file']))
      .describe('the fields of its credential that are known, and where each is kept; never what they are'),
    missing: z
      .array(z.string())
      .describe('fields of its credential that nobody gave yet: nothing goes by it before that'),
    createdAt: z.string(),
    verified: z.object({ at: z.string(), ok: z.boolean(), text: z.string() }).nullable(),
  })
  .openapi('Relay');

export const newRelaySchema = z.object({ name, settings: relaySettingsSchema }).openapi('NewRelay');

export const credentialSchema = z
  .record(z.string().regex(/^[a-z][A-Za-z0-9]{0,40}$/), z.string().min(1).max(pemMax))
  .refine((fields) => Object.keys(fields).length <= 10, 'at most ten fields')
  .openapi('RelayCredential', {
    description:
      'What opens it: user, password, accessToken (mail); privateKey, certificate (push, PEM; of Web Push base64url); secret (SMS, webhook); signingSecret, what the provider of SMS signs its reports with (of Telnyx its public key).',
  });

export const relayCheckSchema = z
  .object({ ok: z.boolean(), text: z.string(), steps: z.array(z.string()) })
  .openapi('RelayCheck');

const recipientsSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('allow'),
    entries: z
      .array(z.object({ kind: z.enum(allowKinds), value: z.string().trim().min(1).max(4_096) }))
      .min(1)
      .max(liveLimits.entriesMax),
  }),
  z.object({
    kind: z.literal('rewrite'),
    to: z.string().trim().min(1).max(4_096).describe('everything goes to this one'),
  }),
]);

const channelSetupSchema = z.object({
  relayId: z.string(),
  recipients: recipientsSchema,
  perHourMax: z.int().min(1).max(liveLimits.perHourMaxMax).default(liveLimits.perHourMaxUsual),
  passThrough: z
    .boolean()
    .default(false)
    .describe('what the app itself brings to the provider’s door is handed on to the real one'),
});

const byChannel = <T extends z.ZodType>(schema: T) =>
  z.object({ email: schema, apns: schema, fcm: schema, webpush: schema, sms: schema }).partial();

export const liveSetupSchema = z
  .object({
    channels: byChannel(channelSetupSchema),
    durationMs: z
      .int()
      .min(liveLimits.durationMsMin)
      .max(liveLimits.durationMsMax)
      .default(liveLimits.durationMsUsual),
  })
  .openapi('LiveSetup');

const shownRelaySchema = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(relayKinds),
  address: z.string(),
});

const summaryEntrySchema = z.object({
  deliveryId: z.string(),
  messageId: z.string(),
  recipient: z.string(),
  to: z.string().describe('whom it would really go to'),
  dueAt: z.string().nullable(),
});

export const liveSummarySchema = z
  .object({
    setup: liveSetupSchema,
    until: z.string(),
    channels: byChannel(
      z.object({
        relay: shownRelaySchema,
        goes: z.int(),
        overCap: z.int(),
        notAllowed: z.int(),
        later: z.int().describe('allowed, and due after it ends'),
        entries: z.array(summaryEntrySchema),
        notAllowedEntries: z.array(summaryEntrySchema),
      }),
    ),
    confirmation: z.string().describe('good once, until it expires: POST /v1/live-relay with it'),
    expiresAt: z.string(),
  })
  .openapi('LiveSummary', { description: 'What would go out for real, of what waits now.' });

export const confirmationSchema = z
  .object({ confirmation: z.string().min(1).max(200) })
  .openapi('Confirmation');

export const liveStatusSchema = z
  .object({
    live: z.boolean(),
    channels: byChannel(
      z.object({
        relay: z.object({ id: z.string(), name: z.string(), kind: z.enum(relayKinds) }),
        recipients: recipientsSchema,
        perHourMax: z.int(),
        passThrough: z.boolean(),
        sentThisHour: z.int(),
        held: z.int().describe('for not being allowed, or over the cap, since it was turned on'),
      }),
    ),
    since: z.string().nullable(),
    until: z.string().nullable(),
    startedBy: z.enum(liveActors).nullable(),
    underWay: z.int().describe('attempts by a relay at this moment'),
    released: z.int().describe('deliveries released by hand that may still be tried'),
    lastEnd: z.object({ at: z.string(), why: z.enum(liveEnds), by: z.enum(liveActors) }).nullable(),
  })
  .openapi('LiveStatus');

export const releaseRequestSchema = z
  .object({
    messageIds: z.array(z.string()).min(1).max(liveLimits.releasedMax),
    relayId: z.string(),
    to: z.string().trim().min(1).max(4_096).describe('whom it goes to, whoever it was for'),
  })
  .openapi('ReleaseRequest');

export const releaseSummarySchema = z
  .object({
    relay: shownRelaySchema,
    to: z.string(),
    messages: z.array(z.object({ id: z.string(), subject: z.string(), from: z.string() })),
    confirmation: z.string(),
    expiresAt: z.string(),
  })
  .openapi('ReleaseSummary');

export const releasedSchema = z
  .object({ deliveries: z.array(z.object({ id: z.string(), messageId: z.string() })) })
  .openapi('Released');

export const readBackRequestSchema = z
  .object({ deliveryIds: z.array(z.string()).min(1).max(liveLimits.readBackMax) })
  .openapi('ReadBackRequest');

export const readBackSchema = z
  .object({
    results: z.array(
      z.object({
        deliveryId: z.string(),
        outcome: z
          .enum(readBackOutcomes)
          .describe(
            'same: it said so before; not_live: no real provider has it; not_offered: it cannot be asked',
          ),
        status: z
          .string()
          .nullable()
          .describe('where the delivery stands now; null: there is no such delivery'),
        providerStatus: z.string().nullable().describe('the provider’s own word'),
        text: z.string(),
      }),
    ),
  })
  .openapi('ReadBack');

export const auditEntrySchema = z
  .object({
    seq: z.int(),
    at: z.string(),
    kind: z.enum(auditKinds),
    by: z.enum(liveActors),
    channel: z.enum(liveChannels).nullable(),
    relay: z.string().nullable(),
    recipient: z.string().nullable(),
    messageId: z.string().nullable(),
    deliveryId: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()),
  })
  .openapi('LiveAuditEntry', {
    description: 'One entry of the log of live relay, which is only ever added to.',
  });

export type LiveStatusShape = z.infer<typeof liveStatusSchema>;
export type LiveSetupShape = z.infer<typeof liveSetupSchema>;
export type LiveSummaryShape = z.infer<typeof liveSummarySchema>;
export type RelayShape = z.infer<typeof relaySchema>;
export type RelaySettingsShape = z.infer<typeof relaySettingsSchema>;
export type RelayCheckShape = z.infer<typeof relayCheckSchema>;
export type ReleaseSummaryShape = z.infer<typeof releaseSummarySchema>;
export type AuditEntryShape = z.infer<typeof auditEntrySchema>;
