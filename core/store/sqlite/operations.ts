/** What is sent to the writer thread and what comes back. Bytes travel in one buffer a batch, handed over, not copied. */
import type { ErrorCode } from '../../model/app-error.ts';
import type { NewDelivery } from '../../model/delivery.ts';
import type { KeptInApps } from '../../model/inapp.ts';
import type { NewAuditEntry } from '../../model/live-relay.ts';
import type { NewCopy } from '../../model/mailbox-copy.ts';
import type {
  Channel,
  ExchangeEnd,
  ExchangePart,
  ExchangeStart,
  KeptAnswer,
  KeptPushes,
  KeptSms,
  MessageSummary,
  Retention,
  StoredEvent,
} from '../../model/message.ts';
import type { KeptSteps, PartOf } from '../../model/multi-steps.ts';
import type { PushChange } from '../../model/phone.ts';
import type { NewSuppression } from '../../model/suppression.ts';
import type { User, UserEvent } from '../../model/user.ts';
import type { DeliveryFilter, DeliveryOrder, RecordedAttempt } from '../deliveries.ts';
import type { RuleCounter, RuleHit } from '../rules.ts';
import type { AddDeliveries, ClaimRequest, CopyChange, Fact, LiveSend, NewAct, Selection } from '../store.ts';

/** Where an operation's bytes stand: in the batch's buffer, or as one of its large pieces. */
export type Bytes = { readonly at: number; readonly length: number } | { readonly large: number };

export interface AcceptOperation {
  readonly kind: 'accept';
  readonly id: string;
  readonly receivedAtMs: number;
  readonly channel: Channel;
  readonly door: string;
  readonly project: string;
  readonly user: string | null;
  readonly envelopeFrom: string;
  readonly envelopeTo: string;
  readonly envelopeParameters: string | null;
  readonly spooled: readonly number[];
  readonly tail: Bytes;
  readonly bytes: number;
  /** `start` is null once the writer has it. */
  readonly exchange: {
    readonly id: string;
    readonly start: ExchangeStart | null;
    readonly transcript: string;
    readonly end: ExchangePart['end'] | null;
  } | null;
  readonly delivery: { readonly nowMs: number; readonly to: readonly NewDelivery[] } | null;
  readonly details: string | null;
  readonly answer: KeptAnswer | null;
  readonly tags: readonly string[];
  readonly pushes: KeptPushes | null;
  readonly sms: KeptSms | null;
  readonly inapp: KeptInApps | null;
  readonly partOf: PartOf | null;
  readonly template: string | null;
  readonly topic: string | null;
}

/** A copy without its bytes, with its report as text. */
export interface CopyHead extends Omit<NewCopy, 'bytes' | 'authentication' | 'filter'> {
  readonly report: string;
}

export type Operation =
  | AcceptOperation
  | { readonly kind: 'spool'; readonly bytes: Bytes }
  | { readonly kind: 'unspool'; readonly chunks: readonly number[] }
  | { readonly kind: 'endExchange'; readonly end: ExchangeEnd }
  | {
      readonly kind: 'index';
      readonly entries: readonly { readonly seq: number; readonly summary: MessageSummary }[];
    }
  | { readonly kind: 'read'; readonly ids: readonly string[]; readonly read: boolean }
  | { readonly kind: 'readAll'; readonly selection: Selection }
  | { readonly kind: 'tags'; readonly id: string; readonly tags: readonly string[] }
  | { readonly kind: 'delete'; readonly ids: readonly string[] }
  | { readonly kind: 'deleteStep'; readonly selection: Selection; readonly upTo: number }
  | { readonly kind: 'deleteExchanges' }
  | {
      readonly kind: 'project';
      readonly name: string;
      readonly retention: Retention | null;
      readonly fixed: boolean | null;
    }
  | { readonly kind: 'deleteProject'; readonly name: string }
  | { readonly kind: 'setting'; readonly key: string; readonly value: string }
  | { readonly kind: 'prune'; readonly general: Retention; readonly nowMs: number }
  | { readonly kind: 'claim'; readonly request: ClaimRequest }
  | { readonly kind: 'record'; readonly attempt: RecordedAttempt }
  | { readonly kind: 'beginLive'; readonly sends: readonly LiveSend[] }
  | { readonly kind: 'addAudit'; readonly entries: readonly NewAuditEntry[] }
  | { readonly kind: 'shiftDues'; readonly byMs: number }
  | { readonly kind: 'order'; readonly ids: readonly string[]; readonly order: DeliveryOrder }
  | {
      readonly kind: 'orderMatching';
      readonly filter: DeliveryFilter;
      readonly order: DeliveryOrder;
      readonly from: number;
      readonly upTo: number;
    }
  | { readonly kind: 'addDeliveries'; readonly request: AddDeliveries }
  | {
      readonly kind: 'keepCopies';
      /** Copies that share their bytes, which stand one behind the other in `bytes`. */
      readonly groups: readonly { readonly copies: readonly CopyHead[]; readonly length: number }[];
      readonly acts: readonly NewAct[];
      readonly bytes: Bytes;
    }
  | { readonly kind: 'changeCopy'; readonly id: string; readonly change: CopyChange }
  | { readonly kind: 'keepPushes'; readonly pushes: KeptPushes }
  | { readonly kind: 'changePush'; readonly change: PushChange }
  | { readonly kind: 'keepSms'; readonly sms: KeptSms; readonly nowMs: number }
  | { readonly kind: 'keepInApps'; readonly inapp: KeptInApps; readonly nowMs: number }
  | { readonly kind: 'keepSteps'; readonly steps: KeptSteps }
  | {
      readonly kind: 'putUsers';
      readonly users: readonly User[];
      readonly news: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'deleteUsers'; readonly ids: readonly string[] }
  | { readonly kind: 'userEvents'; readonly events: readonly Omit<UserEvent, 'seq'>[] }
  | { readonly kind: 'note'; readonly facts: readonly Fact[] }
  | { readonly kind: 'suppress'; readonly suppressions: readonly NewSuppression[] }
  | { readonly kind: 'unsuppress'; readonly address: string; readonly scope: string | null }
  | { readonly kind: 'addActs'; readonly acts: readonly NewAct[] }
  | { readonly kind: 'finishActs'; readonly seqs: readonly number[] }
  | {
      readonly kind: 'ruleHits';
      readonly hits: readonly RuleHit[];
      readonly counters: readonly RuleCounter[];
    }
  | { readonly kind: 'forgetRules'; readonly ids: readonly string[] }
  | {
      readonly kind: 'document';
      readonly document: string;
      readonly key: string;
      readonly value: string | null;
    };

/**
 * What waited, as one message. The operations travel as JSON text: cloning objects from thread to thread costs several
 * times as much as writing and reading the text.
 */
export interface Batch {
  readonly type: 'batch';
  /** `readonly Operation[]` */
  readonly operations: string;
  readonly buffer: ArrayBuffer | null;
  readonly large: readonly Uint8Array[];
}

export type OperationResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

export interface Counts {
  readonly messages: number;
  readonly unread: number;
  readonly bytes: number;
  readonly waitingForIndex: number;
  readonly exchanges: number;
  readonly lastEventSeq: number;
  /** Deliveries that still wait, by what for. */
  readonly queued: number;
  readonly deferred: number;
  readonly held: number;
  readonly suppressions: number;
}

export interface Outcome {
  readonly results: readonly OperationResult[];
  readonly events: readonly StoredEvent[];
  readonly counts: Counts;
}

export type FromWriter =
  | { readonly type: 'ready'; readonly counts: Counts; readonly sqliteVersion: string }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'notice'; readonly message: string }
  | {
      readonly type: 'done';
      /** `Outcome`, as JSON for the same reason. */
      readonly outcome: string;
      readonly commitMs: number;
      /** Memory of the chunks that were written, handed back to be filled again. */
      readonly rooms: readonly ArrayBuffer[];
    }
  | { readonly type: 'closed' };
