/**
 * How the engine hands deliveries on. It knows a channel's client only as this port: `app` gives it one for each
 * channel.
 */
import type { AttemptEvidence, DeliveryRow, OutcomeClass } from '../model/delivery.ts';
import type { EnvelopeParameters, MessageDetails } from '../model/message.ts';
import type { FarSideOrders } from '../rules/decision.ts';
import type { LivePass } from './live.ts';

/** A delivery taken from the queue, with what its message says about itself. */
export interface ClaimedDelivery {
  readonly delivery: DeliveryRow;
  readonly parameters: Readonly<Record<string, string | true>> | null;
  /** Null for what is no message: a webhook's call. */
  readonly message: ClaimedMessage | null;
}

export interface ClaimedMessage {
  readonly id: string;
  readonly seq: number;
  readonly door: string;
  readonly project: string;
  readonly envelopeFrom: string;
  readonly envelopeParameters: EnvelopeParameters | null;
  readonly bytes: number;
  readonly receivedAtMs: number;
  /** Also tells who made it, when it was not the app (`origin`). */
  readonly details: MessageDetails | null;
}

/** One transaction to be: deliveries of one message to one domain, at most `recipientsMax` of the hop. */
export interface Job {
  readonly deliveries: readonly ClaimedDelivery[];
  /** Virtual time at which it begins. */
  readonly nowMs: number;
  /** Aborted when the attempt has taken too long: the carrier ends it, and says how far it came. */
  readonly signal: AbortSignal;
  /** What the rules want done at the far side, by the id of the delivery; absent where nothing. */
  readonly orders?: ReadonlyMap<string, FarSideOrders>;
  /** It goes for real, by this relay: nothing is handed over once that is not valid any more. Absent in the sandbox. */
  readonly live?: LivePass;
}

export type CarryOutcome =
  | { readonly kind: 'sent' }
  /** `retryAfterMs`: what the far side asked for, believed. */
  | { readonly kind: 'deferred'; readonly retryAfterMs: number | null }
  | { readonly kind: 'failed' }
  /** Live relay ended before anything of it was handed over: as if it had not been begun. */
  | { readonly kind: 'withdrawn' };

export interface CarryResult {
  readonly deliveryId: string;
  readonly outcome: CarryOutcome;
  readonly class: OutcomeClass | null;
  readonly code: number | null;
  readonly enhanced: string | null;
  /** The far side's own words, or ours where it never answered. */
  readonly text: string;
  readonly nextHop: string | null;
  /** What it means for the address: it is surely dead, it counts towards a run of soft bounces, or nothing. */
  readonly suppresses: 'now' | 'after_n' | 'never';
  /** The hop that took it sees to notifications of success itself (RFC 3461 §5.2.2). */
  readonly dsnOffered?: boolean;
  /** It was taken, and will never be anywhere: why. */
  readonly unconfirmed?: string;
  /** Of a push: the provider says that the token is nobody's any more, and its device is to be forgotten by it. */
  readonly unregistered?: boolean;
  /** What the provider calls it: by that name it reports, and is asked. */
  readonly providerId?: string;
  /** Of an SMS: who took it, which need not be the first one that was asked. */
  readonly takenBy?: { readonly provider: string; readonly domain: string };
}

export interface Carried {
  /** One for each delivery of the job. */
  readonly results: readonly CarryResult[];
  readonly evidence: AttemptEvidence;
}

export interface Carrier {
  /**
   * Makes one attempt. Never rejects for what the far side does: that is a result. A rejection is a fault of ours, and
   * the engine defers the deliveries.
   */
  carry(job: Job): Promise<Carried>;
  /** Lets idle connections go and waits for what is under way. */
  close(): Promise<void>;
}
