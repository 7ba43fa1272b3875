/** What the rooms pass among themselves: plain, immutable values. Times are milliseconds since the epoch. */

import type { DeliveryRow, NewDelivery, Stream } from './delivery.ts';
import type { KeptInApps } from './inapp.ts';
import type { PartOf } from './multi-steps.ts';
import type { NewPush, PushChange } from './phone.ts';
import type { PushDetails } from './push.ts';
import type { NewSms, SmsChange, SmsDetails } from './sms.ts';

/** `multi`: a send over several channels; what goes out by each is a message of its own. */
export type Channel = 'email' | 'push' | 'sms' | 'inapp' | 'multi';

/** The parameters that came with MAIL FROM and RCPT TO (RFC 1870, 3461, 6152, 6531), as they were written. */
export interface EnvelopeParameters {
  readonly mail: Readonly<Record<string, string | true>>;
  /** One entry for each recipient, in the order of the envelope; empty when no recipient had any. */
  readonly rcpt: readonly Readonly<Record<string, string | true>>[];
}

/** A message as a door hands it over: exact bytes and envelope, nothing parsed. */
export interface Submission {
  readonly id: string;
  readonly receivedAtMs: number;
  readonly channel: Channel;
  readonly door: string;
  readonly project: string;
  readonly user: string | null;
  readonly envelopeFrom: string;
  readonly envelopeTo: readonly string[];
  readonly envelopeParameters: EnvelopeParameters | null;
  /** Chunks already on disk, in order (see Store.spool), then `tail`. */
  readonly spooled: readonly number[];
  readonly tail: Uint8Array;
  /** Size of the whole message. */
  readonly bytes: number;
  readonly exchange: ExchangePart | null;
  /** One for each recipient that it is to be delivered to, with the virtual time of its acceptance; null: captured only. */
  readonly delivery: { readonly nowMs: number; readonly to: readonly NewDelivery[] } | null;
  readonly details: MessageDetails | null;
  readonly tags: readonly string[];
  /** What its sender was answered, kept with it in one transaction, so that a repeat is answered alike. */
  readonly answer?: KeptAnswer | null;
  /** What becomes of it on devices, kept in the same transaction; its deliveries are where that leaves them already. */
  readonly pushes?: KeptPushes | null;
  /** Of SMS: what becomes of it at its provider and its handset, kept in the same transaction. */
  readonly sms?: KeptSms | null;
  /** In-app messages, which wait for their users from then on; and what is to be done for a send over several channels. */
  readonly inapp?: KeptInApps | null;
}

/** What the carriers' side keeps in one transaction. */
export interface KeptSms {
  readonly puts: readonly NewSms[];
  readonly changes: readonly SmsChange[];
  readonly acts: KeptPushes['acts'];
  /** Reports and answers to be brought to the app: deliveries of the carriage `callback`. */
  readonly callbacks: readonly NewDelivery[];
  /** Handsets and senders that changed; null takes one away. Each is news of the kind `handset`. */
  readonly documents?: readonly KeptDocument[];
}

export interface KeptDocument {
  readonly kind: string;
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>> | null;
  /** What happened to it, for whoever listens. */
  readonly news: Readonly<Record<string, unknown>>;
  readonly nowMs: number;
}

export interface KeptPushes {
  readonly puts: readonly NewPush[];
  readonly changes: readonly PushChange[];
  readonly acts: readonly {
    readonly dueAtMs: number | null;
    readonly kind: string;
    readonly data: Readonly<Record<string, unknown>>;
    readonly awaitedBy?: string | null;
  }[];
  /** What becomes of the devices themselves, kept with the rest: null takes one away. Each is news of the kind `phone`. */
  readonly phones?: readonly KeptPhone[];
}

export interface KeptPhone {
  readonly phoneId: string;
  readonly document: Readonly<Record<string, unknown>> | null;
  /** What happened to it, for whoever listens. */
  readonly news: Readonly<Record<string, unknown>>;
  readonly nowMs: number;
  /** The delivery that led to it. */
  readonly deliveryId?: string | null;
}

/** The answer to a request that came with an Idempotency-Key. */
export interface KeptAnswer {
  readonly key: string;
  /** Of the request: the key belongs to it alone. */
  readonly hash: string;
  readonly answer: unknown;
  readonly nowMs: number;
}

/** The stretch of a session's transcript that belongs to one message, and whose session it is. */
export interface ExchangePart {
  readonly start: ExchangeStart;
  readonly transcript: string;
  /** Of an exchange that is over with this message: it is kept whole at once, and `endExchange` is not called for it. */
  readonly end?: Omit<ExchangeEnd, 'start' | 'transcript'>;
}

export interface ExchangeStart {
  readonly id: string;
  readonly door: string;
  readonly kind: 'smtp' | 'http' | 'smpp';
  readonly startedAtMs: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly clientName: string | null;
  readonly user: string | null;
  readonly tls: {
    readonly protocol: string;
    readonly cipher: string;
    readonly servername: string | null;
  } | null;
}

export type ExchangeOutcome = 'open' | 'accepted' | 'refused' | 'aborted' | 'empty';

export interface ExchangeEnd {
  readonly start: ExchangeStart;
  readonly endedAtMs: number;
  readonly outcome: ExchangeOutcome;
  readonly reason: string | null;
  readonly messages: number;
  readonly refusals: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly transcript: string;
}

export const eventTypes = [
  'accepted',
  'indexed',
  'read',
  'unread',
  'tagged',
  'deleted',
  'exchange',
  'project',
  'settings',
  // What happens to a delivery.
  'queued',
  'attempted',
  // An attempt that nobody knows the outcome of: Sandpost stopped while it was under way.
  'interrupted',
  'deferred',
  'held',
  'released',
  'sent',
  'delivered',
  'undeliverable',
  'canceled',
  'bounced',
  // A far side says, after the fact, that it handed a message on or delivered it.
  'reported',
  'complained',
  'opened',
  'clicked',
  'replied',
  'unsubscribed',
  'starred',
  'moved',
  'suppressed',
  'unsuppressed',
  // An answer of a handset came (MO), and whom it is for.
  'inbound',
  // What becomes of what waits for a device, or is on one.
  'expired',
  'collapsed',
  'discarded',
  'dismissed',
  // What happens to the world around it.
  'mailbox',
  'phone',
  'handset',
  // Something became of an in-app message: pulled, seen, archived …; `what` tells.
  'inapp',
  'user',
  'template',
  'domain',
  'clock',
  'queue',
  'webhook',
  'live_relay',
] as const;
export type EventType = (typeof eventTypes)[number];

/** One append-only fact, with the `seq` that the writer gave it at commit. */
export interface StoredEvent {
  readonly seq: number;
  readonly atMs: number;
  readonly type: EventType;
  readonly messageId: string | null;
  readonly exchangeId: string | null;
  readonly project: string | null;
  readonly data: Readonly<Record<string, unknown>>;
  readonly deliveryId: string | null;
  /** Virtual time, where the event belongs to a delivery. */
  readonly virtualAtMs: number | null;
}

/** What a submission says about itself beside its envelope; null where a door had nothing to say. */
export interface MessageDetails {
  /** Who made it, when it was not the app: `dsn`, `report`, or the key of a provider. */
  readonly origin: string | null;
  /** Domain of the From field, lower case: who it claims to be from. */
  readonly fromDomain: string | null;
  /** What a stranger's server said it is (XCLIENT, HELO), at the MX door. */
  readonly client: { readonly ip: string; readonly helo: string } | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly sendAtMs: number | null;
  readonly trackOpens: boolean;
  readonly trackClicks: boolean;
  /** Where the redirects of its tracked links lead, by their number. */
  readonly links: readonly string[];
  readonly stream: Stream | null;
  /**
   * What a rule of its door, or a magic address, wants done with it at the far side (rules/decision: `Ordered[]`); absent
   * where nothing.
   */
  readonly ordered?: readonly unknown[];
  /** Of a push: what its request says beside the payload. */
  readonly push?: PushDetails;
  /** Of an SMS: what its request says. */
  readonly sms?: SmsDetails;
  /** What a send over several channels led to: which one, for whom, and the how manieth way that was tried (from 1). */
  readonly partOf?: PartOf;
  readonly template?: { readonly id: string; readonly version: number };
  /** What its readers can unsubscribe from. */
  readonly topic?: string;
}

export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

export interface AttachmentSummary {
  readonly part: number;
  readonly filename: string | null;
  readonly contentType: string;
  readonly contentId: string | null;
  readonly disposition: 'attachment' | 'inline';
  readonly bytes: number;
}

export interface Problem {
  readonly code: string;
  readonly detail: string;
}

/** What reading a message found: what lists show and what the search index holds. */
export interface MessageSummary {
  readonly subject: string;
  readonly from: Mailbox | null;
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly bcc: readonly Mailbox[];
  readonly replyTo: readonly Mailbox[];
  readonly messageId: string | null;
  readonly dateMs: number | null;
  readonly snippet: string;
  readonly attachments: readonly AttachmentSummary[];
  readonly problems: readonly Problem[];
  /** The text to search in, shortened to the index's limit. */
  readonly body: string;
}

/** One row of a list. `summary` is null while the message still waits to be read; then `head` has its header block. */
export interface MessageRow {
  readonly seq: number;
  readonly id: string;
  readonly project: string;
  readonly channel: Channel;
  readonly door: string;
  readonly user: string | null;
  readonly envelopeFrom: string;
  readonly envelopeTo: readonly string[];
  readonly envelopeParameters: EnvelopeParameters | null;
  readonly receivedAtMs: number;
  readonly bytes: number;
  readonly read: boolean;
  readonly tags: readonly string[];
  readonly exchangeId: string | null;
  readonly summary: Omit<MessageSummary, 'body'> | null;
  readonly head: Uint8Array | null;
  readonly details: MessageDetails | null;
  /** In lists the first few, see the reader; of a single message all. */
  readonly deliveries: readonly DeliveryRow[];
}

export interface ExchangeRow extends ExchangeStart {
  readonly seq: number;
  readonly endedAtMs: number | null;
  readonly outcome: ExchangeOutcome;
  readonly reason: string | null;
  readonly messages: number;
  readonly refusals: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface ProjectRow {
  readonly name: string;
  readonly fixed: boolean;
  readonly messages: number;
  readonly unread: number;
  readonly bytes: number;
  readonly lastMessageAtMs: number | null;
  readonly retention: Retention;
}

/** How much to keep; null means without limit (for a project: as the general setting says). */
export interface Retention {
  readonly countMax: number | null;
  readonly ageMaxMs: number | null;
  readonly bytesMax: number | null;
}
