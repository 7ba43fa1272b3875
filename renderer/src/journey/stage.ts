import type {
  Attempt,
  Delivery,
  DeliveryDetail,
  Event,
  Evidence,
  ExchangeDetail,
  MessageDetail,
  Receipt,
  Suppression,
} from '../../../core/api/schema.ts';
import type { HandsetView, SmsCallbackView, SmsView } from '../../../core/api/sms-schema.ts';
import type { PushRequestView, PushView } from '../message/push-view.ts';

export type Tone = 'good' | 'bad' | 'warn' | 'quiet';

export type StageKind =
  | 'submitted'
  | 'queued'
  | 'signed'
  | 'routed'
  | 'attempt'
  | 'interrupted'
  | 'held'
  | 'released'
  | 'authenticated'
  | 'filtered'
  | 'placed'
  | 'ended'
  | 'suppressed'
  | 'answered'
  | 'waiting'
  | 'rendered'
  | 'stored'
  | 'delivered'
  | 'permission'
  | 'shown'
  | 'tapped'
  | 'lost';

/** What a stage opens to. */
export type StageEvidence =
  | { readonly kind: 'submission'; readonly exchange: ExchangeDetail | null; readonly door: string }
  | {
      readonly kind: 'pushRequest';
      readonly exchange: ExchangeDetail | null;
      readonly door: string;
      readonly request: PushRequestView;
    }
  | {
      readonly kind: 'smsRequest';
      readonly exchange: ExchangeDetail | null;
      readonly door: string;
      readonly details: MessageDetail['sms'];
      /** As its provider keeps it; null where it keeps nothing. */
      readonly row: SmsView | null;
    }
  /** A provider's call to the app. */
  | { readonly kind: 'callback'; readonly call: SmsCallbackView }
  | { readonly kind: 'queue'; readonly delivery: DeliveryDetail }
  | { readonly kind: 'signatures'; readonly evidence: Evidence }
  | { readonly kind: 'rendering'; readonly changes: Evidence['changes'] }
  | { readonly kind: 'routing'; readonly evidence: Evidence }
  /** `whole`: signatures and routing have no stage of their own for this attempt. */
  | {
      readonly kind: 'attempt';
      readonly attempt: Attempt;
      readonly carriage: Delivery['carriage'];
      readonly whole: boolean;
      /** When it was to be tried again, said then. */
      readonly nextAttemptAt: string | null;
    }
  | {
      readonly kind: 'hold';
      readonly reason: string;
      readonly heldBy: Delivery['heldBy'];
    }
  | { readonly kind: 'authentication'; readonly authentication: Receipt['authentication'] }
  | { readonly kind: 'filter'; readonly receipt: Receipt }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [name: string, value: string])[] };

/** One step of a delivery on its way. */
export interface Stage {
  readonly id: string;
  readonly kind: StageKind;
  readonly word: string;
  readonly line: string;
  readonly tone: Tone;
  /** Virtual time; null for what is not over yet. */
  readonly at: string | null;
  readonly wallAt: string | null;
  readonly evidence: StageEvidence | null;
  /** It went out for real, by a relay. */
  readonly real?: boolean;
}

export interface JourneyFacts {
  /** Null for what is no message: the call of a webhook. */
  readonly message: {
    readonly door: string;
    readonly receivedAt: string;
    readonly user: string | null;
    /** Of a push, as far as it was read. */
    readonly push?: PushView | null;
    /** Of an SMS. */
    readonly sms?: MessageDetail['sms'];
  } | null;
  readonly exchange: ExchangeDetail | null;
  readonly delivery: DeliveryDetail;
  readonly events: readonly Event[];
  readonly receipts: readonly Receipt[];
  readonly suppressions: readonly Suppression[];
  /** What the providers of an SMS keep of it. */
  readonly sms?: readonly SmsView[];
  /** Whose number it is for, where somebody has it. */
  readonly handset?: Pick<HandsetView, 'name' | 'carrier'> | null;
}

/** Milliseconds of virtual time since the last stage that has one; null for the first. */
export function gapsOf(stages: readonly Stage[]): readonly (number | null)[] {
  let lastMs: number | null = null;
  return stages.map(({ at }) => {
    if (at === null) return null;
    const atMs = Date.parse(at);
    const gap = lastMs === null ? null : Math.max(0, atMs - lastMs);
    lastMs = atMs;
    return gap;
  });
}
