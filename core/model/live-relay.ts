/**
 * Live relay: what goes out for real, by which relay, to whom, how much and until when. Times are wall milliseconds since the
 * epoch. Nothing here is secret: what opens a relay is kept by the relay's id in the vault (store/credential-vault).
 */
import type { Carriage, Status } from './delivery.ts';
import type { SmsProvider } from './sms.ts';

export const liveChannels = ['email', 'apns', 'fcm', 'webpush', 'sms'] as const;
export type LiveChannel = (typeof liveChannels)[number];

export const relayKinds = [
  'smtp',
  'mx',
  'apns',
  'fcm',
  'webpush',
  'twilio',
  'vonage',
  'messagebird',
  'sinch',
  'infobip',
  'telnyx',
  'smpp',
  'webhook',
] as const satisfies readonly (SmsProvider | 'smtp' | 'mx' | 'apns' | 'fcm' | 'webpush' | 'webhook')[];
export type RelayKind = (typeof relayKinds)[number];

/** A TLS certificate that is trusted besides those of the system: an own CA, or none (null). PEM. */
export type TrustedCa = string | null;

export interface SmtpRelaySettings {
  readonly kind: 'smtp';
  readonly host: string;
  readonly port: number;
  /** `implicit`: TLS at once (465); `starttls`: asked for, and nothing goes without it; `opportunistic`: where it is offered; `off`: never. */
  readonly tls: 'implicit' | 'starttls' | 'opportunistic' | 'off';
  /** SHA-256 of the certificate (DER) in hex, of one that may answer; empty: any that the system trusts. */
  readonly pins: readonly string[];
  readonly ca: TrustedCa;
  /** With the credential's `user` and `password`, or `accessToken` for XOAUTH2. */
  readonly auth: 'none' | 'plain' | 'login' | 'xoauth2';
  /** MAIL FROM of all that goes by it; `{delivery}` in it is the delivery's id. Null: the message's own. */
  readonly envelopeFrom: string | null;
  /** `ours`: signed with the sending domain's key, where there is one; `leave`: as the app made it. */
  readonly dkim: 'ours' | 'leave';
  /** What we say in EHLO; null: the machine's name. */
  readonly helo: string | null;
}

/** Straight to the recipients' hosts, found by the machine's real resolver. */
export interface MxRelaySettings {
  readonly kind: 'mx';
  readonly helo: string | null;
  readonly tls: 'starttls' | 'opportunistic' | 'off';
  readonly ca: TrustedCa;
  readonly envelopeFrom: string | null;
  readonly dkim: 'ours' | 'leave';
  /** Servers asked instead of the system's: `192.0.2.53`, `192.0.2.53:5353`. */
  readonly dnsServers: readonly string[];
  /** 25 everywhere; another for a test. */
  readonly port: number;
}

export interface ApnsRelaySettings {
  readonly kind: 'apns';
  /** `token`: the credential has `privateKey` (.p8); `certificate`: `certificate` and `privateKey`, PEM. */
  readonly auth: 'token' | 'certificate';
  readonly keyId: string | null;
  readonly teamId: string | null;
  /** Null: as the delivery says. */
  readonly environment: 'production' | 'development' | null;
  /** In place of Apple's: `https://…`. */
  readonly url: string | null;
  readonly ca: TrustedCa;
}

export interface FcmRelaySettings {
  readonly kind: 'fcm';
  readonly projectId: string;
  /** Of the service account; the credential has `privateKey`. */
  readonly clientEmail: string;
  readonly privateKeyId: string | null;
  /** In place of Google's. */
  readonly url: string | null;
  readonly tokenUrl: string | null;
  readonly ca: TrustedCa;
}

export interface WebPushRelaySettings {
  readonly kind: 'webpush';
  /** `mailto:` or `https:` (RFC 8292 §2.1). */
  readonly subject: string;
  /** Application server key, base64url; the credential has `privateKey`. */
  readonly publicKey: string;
  readonly ca: TrustedCa;
}

export interface SmsRelaySettings {
  readonly kind: SmsProvider;
  /** Account SID, API key, service plan, system_id; the credential has `secret`. */
  readonly account: string;
  /** Sender in place of the message's; null: as it says. */
  readonly sender: string | null;
  /** In place of the provider's; of SMPP `host:port`, or `tls://host:port`. */
  readonly url: string | null;
  /** Where the provider reaches this core's API, to report: a tunnel's address. Null: no reports; the provider is asked. */
  readonly callbackUrl: string | null;
  readonly ca: TrustedCa;
}

/** Each message is posted as JSON to an address; any answer from 200 to 299 is a yes. */
export interface WebhookRelaySettings {
  readonly kind: 'webhook';
  readonly url: string;
  readonly ca: TrustedCa;
}

export type RelaySettings =
  | SmtpRelaySettings
  | MxRelaySettings
  | ApnsRelaySettings
  | FcmRelaySettings
  | WebPushRelaySettings
  | SmsRelaySettings
  | WebhookRelaySettings;

export interface Relay {
  readonly id: string;
  /** Unique; letters, digits, `-`. Variables of the environment go by it. */
  readonly name: string;
  readonly settings: RelaySettings;
  readonly createdAtMs: number;
  /** When it was verified last, and what was found; null: never, or it was changed since. */
  readonly verified: { readonly atMs: number; readonly ok: boolean; readonly text: string } | null;
}

/** Which channels a relay of that kind can take. */
export function channelsOf(kind: RelayKind): readonly LiveChannel[] {
  switch (kind) {
    case 'smtp':
    case 'mx':
      return ['email'];
    case 'apns':
    case 'fcm':
    case 'webpush':
      return [kind];
    case 'webhook':
      return liveChannels;
    default:
      return ['sms'];
  }
}

/** @returns null for what never leaves: calls to the app, in-app messages */
export function liveChannelOf(carriage: Carriage, provider: string | null): LiveChannel | null {
  if (carriage === 'email' || carriage === 'sms') return carriage;
  if (carriage !== 'push') return null;
  return liveChannels.find((channel) => channel === provider) ?? null;
}

/** `address`: the whole of it; `domain`: with its sub-domains; `number`: E.164; `user`: the app's own id. */
export const allowKinds = ['address', 'domain', 'number', 'token', 'user'] as const;
export interface AllowEntry {
  readonly kind: (typeof allowKinds)[number];
  readonly value: string;
}

export interface LiveChannelSetup {
  readonly relayId: string;
  readonly recipients:
    | { readonly kind: 'allow'; readonly entries: readonly AllowEntry[] }
    /** Everything goes to this one. */
    | { readonly kind: 'rewrite'; readonly to: string };
  /** Sends in any sixty minutes. */
  readonly perHourMax: number;
  /** What the app itself brings to the provider's door is handed on to the real one. */
  readonly passThrough: boolean;
}

export interface LiveSetup {
  readonly channels: Readonly<Partial<Record<LiveChannel, LiveChannelSetup>>>;
  readonly durationMs: number;
}

export const liveLimits = {
  durationMsMin: 10_000,
  durationMsMax: 8 * 3_600_000,
  durationMsUsual: 15 * 60_000,
  perHourMaxUsual: 50,
  perHourMaxMax: 10_000,
  entriesMax: 1_000,
  relaysMax: 100,
  /** Deliveries that a summary looks at. */
  summaryMax: 20_000,
  /** Of them those that are listed, for each channel. */
  summaryListed: 200,
  confirmationMs: 120_000,
  /** Confirmations that wait at once. */
  confirmationsMax: 20,
  /** How long what was released by hand may be tried. */
  releaseMs: 3_600_000,
  releasedMax: 100,
  /** Deliveries that are asked after by hand at once. */
  readBackMax: 100,
} as const;

/** Who asked: the screen, the command, or another client of the API. */
export const liveActors = ['screen', 'cli', 'api', 'sandpost'] as const;
export type LiveActor = (typeof liveActors)[number];

export const liveEnds = ['time_over', 'stopped', 'closed', 'clock_drifted'] as const;
export type LiveEnd = (typeof liveEnds)[number];

export interface LiveChannelStatus {
  readonly relayId: string;
  readonly relayName: string;
  readonly kind: RelayKind;
  readonly recipients: LiveChannelSetup['recipients'];
  readonly perHourMax: number;
  readonly passThrough: boolean;
  /** In the last sixty minutes. */
  readonly sentThisHour: number;
  /** Held for not being allowed, or over the cap, since it was turned on. */
  readonly held: number;
}

export interface LiveStatus {
  readonly live: boolean;
  readonly channels: Readonly<Partial<Record<LiveChannel, LiveChannelStatus>>>;
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
  readonly startedBy: LiveActor | null;
  /** Attempts that are under way by a relay now, those of releases by hand among them. */
  readonly underWay: number;
  /** Deliveries released by hand that may still be tried. */
  readonly released: number;
  /** How it ended last in this run; null: it was not on yet. */
  readonly lastEnd: { readonly atMs: number; readonly why: LiveEnd; readonly by: LiveActor } | null;
}

/** One delivery that would go. */
export interface SummaryEntry {
  readonly deliveryId: string;
  readonly messageId: string;
  readonly recipient: string;
  /** Whom it would really go to. */
  readonly to: string;
  readonly dueAtMs: number | null;
}

export interface ChannelSummary {
  readonly relay: {
    readonly id: string;
    readonly name: string;
    readonly kind: RelayKind;
    readonly address: string;
  };
  /** Queued, allowed, within the cap, due before it ends. */
  readonly goes: number;
  /** Queued and allowed, over the cap: it would be held. */
  readonly overCap: number;
  /** Queued and not allowed: it would be held. */
  readonly notAllowed: number;
  /** Queued, with a due time after the end. */
  readonly later: number;
  readonly entries: readonly SummaryEntry[];
  readonly notAllowedEntries: readonly SummaryEntry[];
}

export interface LiveSummary {
  readonly setup: LiveSetup;
  readonly untilMs: number;
  readonly channels: Readonly<Partial<Record<LiveChannel, ChannelSummary>>>;
}

export interface ReleaseSummary {
  readonly relay: ChannelSummary['relay'];
  readonly to: string;
  readonly messages: readonly { readonly id: string; readonly subject: string; readonly from: string }[];
}

/** Shown once: whoever has it has seen the summary. */
export interface Confirmable<T> {
  readonly summary: T;
  readonly confirmation: string;
  readonly expiresAtMs: number;
}

export const auditKinds = [
  'turned_on',
  'turned_off',
  'relay_changed',
  'relay_deleted',
  'credential_changed',
  'verified',
  'released',
  'send',
  'answer',
  'held',
  'passed_through',
  'mailbox_read',
  'read_back',
] as const;
export type AuditKind = (typeof auditKinds)[number];

export interface NewAuditEntry {
  readonly atMs: number;
  readonly kind: AuditKind;
  readonly by: LiveActor;
  readonly channel: LiveChannel | null;
  /** Its name: a relay that is gone has no other. */
  readonly relay: string | null;
  /** Whom it really went to. */
  readonly recipient: string | null;
  readonly messageId: string | null;
  readonly deliveryId: string | null;
  /** What there is to say: the provider's answer, the setup, the reason. Without secrets. */
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface AuditEntry extends NewAuditEntry {
  readonly seq: number;
}

/** Of a delivery that goes, or went, by a relay: kept with the attempt's evidence. */
export interface LiveRoute {
  readonly relayId: string;
  readonly relay: string;
  readonly kind: RelayKind;
  /** Who it was for, where it was rewritten; else null. */
  readonly rewrittenFrom: string | null;
}

/** `same`: it said so before. `not_live`: no real provider has it. */
export const readBackOutcomes = ['changed', 'same', 'unknown', 'not_offered', 'failed', 'not_live'] as const;
export type ReadBackOutcome = (typeof readBackOutcomes)[number];

export interface ReadBackResult {
  readonly deliveryId: string;
  readonly outcome: ReadBackOutcome;
  /** Where the delivery stands now; null: there is no such delivery. */
  readonly status: Status | null;
  /** The provider's own words for it, where it said some. */
  readonly providerStatus: string | null;
  /** What there is to say. */
  readonly text: string;
}
