/**
 * A delivery: one message to one recipient, the unit that has a status, attempts and a clock. Times are virtual
 * milliseconds since the epoch unless a name says wall.
 */
import type { Authentication } from './authentication.ts';
import type { LiveRoute } from './live-relay.ts';
import type { Channel } from './message.ts';
import type { DeliveryStep } from './sms.ts';

export const statuses = ['queued', 'sent', 'delivered', 'undeliverable', 'canceled'] as const;
export type Status = (typeof statuses)[number];

export const substatuses = ['deferred', 'held', 'unconfirmed'] as const;
export type Substatus = (typeof substatuses)[number];

/** Who or what is at fault. */
export const outcomeClasses = [
  'bad_address',
  'bad_domain',
  'mailbox_full',
  'inactive',
  'rate_limited',
  'reputation',
  'authentication_failed',
  'content',
  'policy',
  'too_large',
  'network',
  'provider_down',
  'config',
  'opted_out',
  'expired',
  'collapsed',
] as const;
export type OutcomeClass = (typeof outcomeClasses)[number];

/** Why a delivery ended undeliverable. The first row comes before the provider accepted it, the second after. */
export const undeliverableReasons = [
  ...([
    'filtered',
    'no_channel',
    'no_provider',
    'provider_error',
    'unpublished',
    'unsubscribed',
    'suppressed',
  ] as const),
  ...(['bounced', 'rejected', 'expired', 'unregistered', 'blocked', 'failed'] as const),
] as const;

/**
 * What a delivery that is not at its end waits for: a new try, a release, a suspension's end, its stream's rate, its time,
 * or, taken by a provider, a device that is off.
 */
export const waitsFor = ['retry', 'hold', 'suspension', 'limit', 'schedule', 'device'] as const;
export type WaitsFor = (typeof waitsFor)[number];

export const placements = ['inbox', 'promotions', 'updates', 'spam'] as const;
export type Placement = (typeof placements)[number];

/** Kinds of traffic kept apart. */
export const streams = ['transactional', 'marketing'] as const;
export type Stream = (typeof streams)[number];

/**
 * What a delivery is carried by: the channels; and the calls of webhooks, and those that providers make to the app (reports,
 * answers of handsets), which go through the same queue.
 */
export type Carriage = Channel | 'webhook' | 'callback';

/** The queue has a turn for it. What waits for its user, or is done by other messages, has none. */
export function isAttempted(carriage: Carriage): boolean {
  return carriage !== 'inapp' && carriage !== 'multi';
}

/** What goes to the app itself, and not to a recipient: it is no mail, of no stream, and nobody suppresses it. */
export function isCall(carriage: Carriage): boolean {
  return carriage === 'webhook' || carriage === 'callback';
}

/** A delivery as intake hands it over, before the writer gave it its number. */
export interface NewDelivery {
  readonly id: string;
  readonly recipient: string;
  /** Domain of the recipient, lower case; what limits and suspensions go by. */
  readonly domain: string;
  readonly provider: string | null;
  readonly stream: Stream;
  /** Parameters that came with RCPT TO. */
  readonly parameters: Readonly<Record<string, string | true>> | null;
  /** When it is due first; null while it is held. */
  readonly dueAtMs: number | null;
  readonly expiresAtMs: number;
  readonly status: Status;
  readonly substatus: Substatus | null;
  readonly reason: string | null;
  readonly class: OutcomeClass | null;
  /** The delivery that this one tries again. */
  readonly retryOf: string | null;
  /** What holds it from the start, where it is not a person. */
  readonly heldBy?: HeldBy | null;
  /** Of what is held, and of sends over several channels: when its sender wants it sent, which a release does not hurry. */
  readonly scheduledAtMs?: number | null;
  /** Of one that is delivered to a device already: whether that shows it. */
  readonly shown?: boolean;
  /** Of a callback: the message that it is about, or of an answer the SMS. */
  readonly about?: string;
  /** Id of the user that it is for, where the app named one. */
  readonly user?: string | null;
  /** Id of the relay by which it goes: released by hand, or handed on as its app brought it. */
  readonly live?: string;
  /** Its app's own request is being handed on: it is under way from the start, and the queue has no turn for it. */
  readonly handedOn?: true;
  /** Of one that its provider took or ended already: what that said (`deliveries` of SMS). */
  readonly step?: DeliveryStep;
}

/** Of one delivery, where it was edited: `from` null is as the message has it. */
export interface DeliveryEnvelope {
  readonly from: string | null;
  readonly to: string | null;
}

/** What holds a delivery, where it is not a person. */
export interface HeldBy {
  /** A rule's id, or the tag of a magic address with its plus sign. */
  readonly key: string;
  /** As it is shown. */
  readonly label: string;
}

export interface DeliveryRow {
  readonly seq: number;
  readonly id: string;
  readonly carriage: Carriage;
  readonly messageId: string;
  readonly messageSeq: number;
  readonly project: string;
  readonly recipient: string;
  readonly domain: string;
  readonly provider: string | null;
  readonly stream: Stream;
  readonly status: Status;
  readonly substatus: Substatus | null;
  readonly class: OutcomeClass | null;
  readonly reason: string | null;
  readonly attempts: number;
  readonly createdAtMs: number;
  readonly nextAttemptAtMs: number | null;
  readonly expiresAtMs: number;
  readonly endedAtMs: number | null;
  readonly placement: Placement | null;
  readonly retryOf: string | null;
  readonly waitsFor: WaitsFor | null;
  /** Since when it waits for a release, a suspension's end or its stream's rate; null when it does not. */
  readonly heldSinceMs: number | null;
  readonly heldBy: HeldBy | null;
  readonly releasedAtMs: number | null;
  /** Keys of what held it and was told to let go, the last one last: none of them is to hold it again. */
  readonly releasedFrom: readonly string[];
  /** MAIL FROM of this delivery alone, after its envelope was edited; null: the message's. */
  readonly mailFrom: string | null;
  /** What was in the envelope before it was edited first: `from` where MAIL FROM was, `to` where the recipient was. */
  readonly editedFrom: DeliveryEnvelope | null;
  /** Of a callback: the message that it is about, or of an answer the SMS; else null. */
  readonly about?: string | null;
  readonly user?: string | null;
  /** Id of the relay by which it goes, or was under way last; null: it knows the sandbox alone. */
  readonly live?: string | null;
  /** What the real provider that took it calls it; null in the sandbox. */
  readonly providerId?: string | null;
}

/** One try to hand a delivery to its next hop. Append-only. */
export interface AttemptRow {
  readonly deliveryId: string;
  readonly number: number;
  readonly startedAtMs: number;
  readonly startedAtWallMs: number;
  readonly durationMs: number;
  readonly outcome: 'sent' | 'deferred' | 'failed';
  readonly nextHop: string | null;
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly text: string;
  readonly class: OutcomeClass | null;
  /** Number of the evidence that it shares with the other recipients of the transaction, or null. */
  readonly evidence: number | null;
}

/** What an attempt rests on: kept once for a transaction with several recipients. */
export interface AttemptEvidence {
  /** DNS questions and answers, in the order asked. */
  readonly routing: readonly RoutingStep[];
  /** What egress changed, in words. */
  readonly changes: readonly EgressChange[];
  readonly signatures: readonly SignatureEvidence[];
  /** Address, HELO name and PTR that the far side saw. */
  readonly identity: { readonly ip: string; readonly helo: string; readonly ptr: string | null } | null;
  readonly transcript: readonly TranscriptLine[];
  /** What the far side found out about the sender, where the sandbox knows; also of a message that it refused. */
  readonly authentication?: Authentication | null;
  /** What was done on purpose, by a rule or a magic address; absent where nothing was. */
  readonly rules?: readonly CarriedOutRule[];
  /** What the far side answered, as it came; absent where it never answered. */
  readonly responses?: readonly ProviderResponse[];
  /** It went out for real, by this relay; absent in the sandbox. */
  readonly live?: LiveRoute;
}

/** One answer of a far side, word for word. */
export interface ProviderResponse {
  readonly protocol: 'smtp' | 'http' | 'smpp';
  /** Of a transaction with several recipients: whose answer it is alone; null: of all of them. */
  readonly recipient: string | null;
  /** Who answered: a host, or an address of one. */
  readonly from: string;
  /** Milliseconds since the attempt began. */
  readonly atMs: number;
  /** Reply code of SMTP, status of HTTP, command_status of SMPP. */
  readonly status: number;
  /** Of HTTP, in their order and their case; what is secret is masked. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** The lines of an SMTP reply, a body, a PDU. */
  readonly body: string;
  readonly encoding: 'utf8' | 'base64';
  /** Of the body as it came. */
  readonly bytes: number;
  /** There was more than is kept. */
  readonly truncated: boolean;
}

/** What a provider told later of its own accord (a delivery report, a notification by mail), word for word. */
export interface ProviderReport {
  /** It did not come by itself: the provider was asked (`target` is the question), and this is its answer. */
  readonly asked?: boolean;
  readonly provider: string;
  readonly protocol: 'http' | 'smpp' | 'mail';
  /** Virtual, and of the wall. */
  readonly atMs: number;
  readonly wallMs: number;
  readonly method: string | null;
  /** Path and query that were called, without their key; null: SMPP, mail. */
  readonly target: string | null;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly encoding: 'utf8' | 'base64';
  readonly bytes: number;
  readonly truncated: boolean;
}

/** The names of action and point are those of the rules. */
export interface CarriedOutRule {
  /** Null: everyone of the transaction. */
  readonly recipient: string | null;
  /** Null: a magic address. */
  readonly ruleId: string | null;
  readonly label: string;
  readonly action: string;
  readonly point: string;
}

export interface RoutingStep {
  readonly atMs: number;
  readonly question: string;
  readonly answer: string;
}

export interface EgressChange {
  readonly code: string;
  readonly detail: string;
}

export interface SignatureEvidence {
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256';
  readonly header: string;
  readonly headersSigned: readonly string[];
  readonly bodyHash: string;
}

/** One line said; `C` by us, `S` by the far side, `N` a note. Milliseconds since the attempt began. */
export interface TranscriptLine {
  readonly by: 'C' | 'S' | 'N';
  readonly atMs: number;
  readonly text: string;
}

/** Something the far side does later, at its virtual time. */
export interface Act {
  readonly seq: number;
  readonly dueAtMs: number;
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
}
