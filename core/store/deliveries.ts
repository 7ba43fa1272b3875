/** What the queue's part of the store takes and gives. Times are virtual unless a name says wall. */
import type {
  AttemptEvidence,
  AttemptRow,
  DeliveryRow,
  OutcomeClass,
  Status,
  Stream,
  Substatus,
} from '../model/delivery.ts';
import type { NewAuditEntry } from '../model/live-relay.ts';
import type { EnvelopeParameters, MessageDetails } from '../model/message.ts';
import type { NewSuppression, SuppressionReason, SuppressionScope } from '../model/suppression.ts';
import type { NewAct } from './store.ts';

/** A delivery taken out of the queue. `message` is null for a webhook's call. */
export interface ClaimedRow {
  readonly delivery: DeliveryRow;
  readonly dueAtMs: number;
  readonly parameters: Readonly<Record<string, string | true>> | null;
  readonly message: {
    readonly id: string;
    readonly seq: number;
    readonly door: string;
    readonly project: string;
    readonly envelopeFrom: string;
    readonly envelopeParameters: EnvelopeParameters | null;
    readonly bytes: number;
    readonly receivedAtMs: number;
    readonly details: MessageDetails | null;
    readonly tags: readonly string[];
  } | null;
  /** The suppression that covers its recipient, if there is one. */
  readonly suppressed: { readonly reason: SuppressionReason; readonly scope: SuppressionScope } | null;
}

export interface RecordedAttempt {
  readonly nowMs: number;
  readonly startedAtMs: number;
  readonly startedAtWallMs: number;
  readonly durationMs: number;
  /** Null for what ended before an attempt (suppressed, expired). */
  readonly evidence: AttemptEvidence | null;
  readonly results: readonly RecordedResult[];
  /** What is owed for it later: kept in the same transaction. */
  readonly acts?: readonly NewAct[];
  /** Of what went live: what came of it. */
  readonly audit?: readonly NewAuditEntry[];
}

export interface RecordedResult {
  readonly seq: number;
  readonly id: string;
  readonly change: /** `unconfirmed`: it was taken, and nothing more will be heard of it, with the reason. */
    | { readonly kind: 'send'; readonly unconfirmed?: string }
    | { readonly kind: 'defer'; readonly dueAtMs: number }
    | { readonly kind: 'fail' }
    /** Not an attempt: back into the queue, due then. */
    | { readonly kind: 'postpone'; readonly dueAtMs: number; readonly waitsFor: 'suspension' | 'limit' }
    /** Live relay ended before it was handed over: back into the queue, by the way that it went before. */
    | { readonly kind: 'withdraw'; readonly dueAtMs: number; readonly live: string | null }
    /** Not an attempt: it waits until somebody lets it go. See the order `hold`. */
    | {
        readonly kind: 'hold';
        readonly reason: string;
        readonly cause: string;
        readonly causeLabel: string;
      };
  /** Counts as an attempt and is kept as one. */
  readonly attempted: boolean;
  readonly class: OutcomeClass | null;
  readonly reason: string | null;
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly text: string;
  readonly nextHop: string | null;
  readonly suppress: NewSuppression | null;
  /** Null when it is no soft bounce. */
  readonly softBounce: SoftBounce | null;
  /** What the provider that took it calls it. */
  readonly providerId?: string;
  /** Who took it, where that need not be the provider that the delivery was for. */
  readonly takenBy?: { readonly provider: string; readonly domain: string };
}

/** The run that soft bounces may make before they suppress, and the suppression. */
export interface SoftBounce {
  readonly runMax: number;
  readonly suppression: NewSuppression;
}

/** What may be done to deliveries from outside. */
export type DeliveryOrder =
  | {
      readonly kind: 'hold';
      readonly nowMs: number;
      readonly reason: string;
      /** What holds it, where it is not a person: a rule's id, or the tag of a magic address with its plus sign. */
      readonly cause?: string;
      /** The rule's name. */
      readonly causeLabel?: string;
    }
  | {
      readonly kind: 'release';
      readonly nowMs: number;
      readonly reason: string;
      readonly envelope?: EditedEnvelope;
    }
  /** Makes a delivery that waits due now. */
  | { readonly kind: 'retry_now'; readonly nowMs: number }
  | { readonly kind: 'cancel'; readonly nowMs: number; readonly reason: string }
  | {
      readonly kind: 'bounce';
      readonly nowMs: number;
      readonly reason: string;
      readonly class: OutcomeClass | null;
      readonly reply?: OrderedReply;
      readonly suppress?: OrderedSuppression;
    }
  /** A suspension is over: what waits for it is due. */
  | { readonly kind: 'resume'; readonly nowMs: number };

/** What is left out stays as it is. */
export interface EditedEnvelope {
  /** MAIL FROM of that delivery; empty: the null sender. */
  readonly from?: string;
  readonly to?: { readonly recipient: string; readonly domain: string; readonly provider: string };
}

/** What a delivery is bounced with, as if a far side had said it. */
export interface OrderedReply {
  readonly code: number;
  readonly enhanced: string | null;
  /** The whole of it, codes included. */
  readonly text: string;
}

/** Of each address that is bounced; `runMax` null: at once, else as a soft bounce. */
export interface OrderedSuppression {
  readonly suppression: Omit<NewSuppression, 'address' | 'deliveryId'>;
  readonly runMax: number | null;
}

export interface DeliveryFilter {
  /** Of these alone. */
  readonly ids: readonly string[] | null;
  readonly status: Status | null;
  readonly substatus: Substatus | null;
  readonly domain: string | null;
  readonly provider: string | null;
  readonly stream: Stream | null;
  readonly project: string | null;
  readonly messageId: string | null;
  readonly carriage: DeliveryRow['carriage'] | null;
  /** The whole of it, in either case. */
  readonly recipient: string | null;
  /** A part of it. */
  readonly recipientContains: string | null;
  readonly waitsFor: string | null;
  readonly tag: string | null;
  /** Callbacks about these messages, or SMS. */
  readonly about?: readonly string[] | null;
  /** Of the app's users: its own id. */
  readonly user?: string | null;
  /** Those three of the message. */
  readonly template?: string | null;
  readonly topic?: string | null;
  readonly partOf?: string | null;
  /** By a relay, now or at last; or never. */
  readonly live?: boolean | null;
  /** Created then or later, and before that; virtual. */
  readonly sinceMs?: number | null;
  readonly untilMs?: number | null;
}

export interface DeliveryDetail {
  readonly delivery: DeliveryRow;
  readonly parameters: Readonly<Record<string, string | true>> | null;
  readonly attempts: readonly (AttemptRow & { readonly evidenceValue: AttemptEvidence | null })[];
}

export interface DeliveryCounts {
  readonly queued: number;
  readonly deferred: number;
  readonly held: number;
  readonly underWay: number;
  readonly byDomain: readonly DomainCount[];
  /** What is due in each of the coming spans; for a chart. */
  readonly due: readonly { readonly atMs: number; readonly count: number }[];
}

export interface DomainCount {
  readonly domain: string;
  readonly provider: string | null;
  readonly queued: number;
  readonly deferred: number;
  readonly held: number;
  readonly nextAtMs: number | null;
}
