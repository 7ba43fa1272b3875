/**
 * SMS: what an app's request says, what an aggregator, a carrier and a handset make of it. Numbers are E.164 with the plus
 * sign. Times end in Ms; virtual unless a name says wall.
 */
import type { OutcomeClass } from './delivery.ts';
import type { TransitionKind } from './status.ts';

export const smsProviders = [
  'twilio',
  'vonage',
  'messagebird',
  'sinch',
  'infobip',
  'telnyx',
  'smpp',
] as const;
export type SmsProvider = (typeof smsProviders)[number];

export const smsProviderNames: Readonly<Record<SmsProvider, string>> = {
  twilio: 'Twilio',
  vonage: 'Vonage',
  messagebird: 'MessageBird',
  sinch: 'Sinch',
  infobip: 'Infobip',
  telnyx: 'Telnyx',
  smpp: 'SMPP',
};

export function isSmsProvider(value: string | null | undefined): value is SmsProvider {
  return smsProviders.some((one) => one === value);
}

/**
 * Where a message stands, in words of no provider. `accepted`: the provider has it. `sent`: the carrier has it. `held`: the
 * carrier's SMSC keeps it for a handset that is off. `undelivered`: the carrier could not hand it over; `failed`: the
 * provider could not hand it to the carrier; `rejected`: refused by one of them. `unknown`: nothing more will be heard.
 * `received`: an answer of a handset (MO).
 */
export const smsStates = [
  'scheduled',
  'accepted',
  'sent',
  'held',
  'delivered',
  'undelivered',
  'failed',
  'rejected',
  'expired',
  'canceled',
  'unknown',
  'received',
] as const;
export type SmsState = (typeof smsStates)[number];

/** No state follows these. */
export function isSmsEnd(state: SmsState): boolean {
  return !(state === 'scheduled' || state === 'accepted' || state === 'sent' || state === 'held');
}

/** Why it is where it is, in words of no provider. */
export const smsCauses = [
  /** No such number, or nobody has it. */
  'unknown_number',
  /** A fixed line: it takes no SMS. */
  'landline',
  /** The handset cannot be reached, and the carrier does not store for it. */
  'unreachable',
  /** The handset's owner, or its carrier, blocks it. */
  'blocked',
  /** The carrier's filter. */
  'filtered',
  /** Its owner wrote STOP. */
  'opted_out',
  /** The sender is not registered for that country. */
  'sender_not_registered',
  /** A sender of that kind does not work in that country: an alphanumeric one in the United States. */
  'sender_not_allowed',
  /** The account may not send to that country. */
  'region_not_allowed',
  /** The SMSC kept it as long as it was to, or the sender's validity period passed. */
  'validity',
  /** A fault of the carrier, nothing more is said. */
  'carrier_error',
  /** Longer than the provider takes, or a medium that the handset cannot have. */
  'content',
  'canceled_by_app',
  /** Taken and lost on purpose. */
  'lost',
  /** By a rule or a magic number, in the provider's own words (`SmsStep.status`, `code`). */
  'on_purpose',
] as const;
export type SmsCause = (typeof smsCauses)[number];

export type SmsEncoding = 'GSM-7' | 'UCS-2' | 'binary';

/** One state that a message came to. */
export interface SmsStep {
  readonly state: SmsState;
  readonly atMs: number;
  readonly cause: SmsCause | null;
  /** As the provider says it: its status word, and its code or null. */
  readonly status: string;
  readonly code: string | null;
  /** In words, for the journey. */
  readonly reason: string | null;
}

/** What a step means for the delivery; see delivery/sms-status. */
export interface DeliveryStep {
  readonly kind: Extract<
    TransitionKind,
    'send' | 'deliver' | 'defer' | 'hold' | 'fail' | 'unconfirm' | 'cancel' | 'release'
  >;
  readonly class: OutcomeClass | null;
  readonly reason: string | null;
  readonly providerStatus: string;
  readonly code: string | null;
  /** Of a failure that no provider had a part in: it was never sent. */
  readonly unsent?: boolean;
}

export interface SmsMedia {
  readonly url: string;
  readonly contentType: string | null;
}

/** What a request says of a message, kept with it (`MessageDetails.sms`). */
export interface SmsDetails {
  readonly provider: SmsProvider;
  /** Which of a provider's interfaces it came by: `messages`, `sms`, `batches`, `v2`, `v3`, `submit_sm`; shown. */
  readonly api: string;
  /** Account, API key, service plan, system_id; empty where there is none. Never a secret. */
  readonly account: string;
  /** Number, short code or alphanumeric sender; empty where a service chooses it. */
  readonly sender: string;
  /** Messaging service, messaging profile …; null: none. */
  readonly service: string | null;
  /** What the provider calls the message, or the batch of several. */
  readonly providerId: string;
  /** As it is written, before parameters are filled in. */
  readonly text: string;
  readonly media: readonly SmsMedia[];
  readonly encoding: SmsEncoding;
  readonly parts: number;
  /** Of the request: as it was, credentials masked; empty for SMPP. */
  readonly headers: readonly (readonly [string, string])[];
  /** How long the carrier may try; null: as long as it does (72 hours). */
  readonly validityMs: number | null;
  readonly sendAtMs: number | null;
  /** Where the app wants to hear of it. */
  readonly callbackUrl: string | null;
  /** The app's own name for it: client-ref, reference, callbackData. */
  readonly reference: string | null;
  /** Whose answer it is, where a webhook's answer made it (TwiML): id of the MO. */
  readonly answers: string | null;
}

/** One message to, or from, one handset, as its provider keeps it: for its status, its lists, its reports, and the thread. */
export interface NewSms {
  readonly id: string;
  readonly provider: SmsProvider;
  readonly account: string;
  /** Unique within the provider: SM…, message-id, message_id. */
  readonly providerId: string;
  /** Of the batch or bulk that it belongs to. */
  readonly batchId: string | null;
  /** `mt`: to the handset. `mo`: from it. */
  readonly direction: 'mt' | 'mo';
  /** The handset's number. */
  readonly number: string;
  /** The app's side of it: number, short code, alphanumeric. */
  readonly sender: string;
  readonly service: string | null;
  /** Null: one that no app sent (an answer to STOP), or an MO. */
  readonly messageId: string | null;
  readonly deliveryId: string | null;
  /** Sent by our own core: its delivery goes by the reports that come back, not by what the carrier knows. */
  readonly own: boolean;
  readonly text: string;
  readonly media: readonly SmsMedia[];
  readonly encoding: SmsEncoding;
  readonly parts: number;
  readonly price: SmsPrice | null;
  readonly receivedAtMs: number;
  /** Until when the carrier keeps it. */
  readonly expiresAtMs: number;
  /** In their order; the last one is where it stands. At least one. */
  readonly steps: readonly SmsStep[];
  /** What the provider wants to know again, for its status, its lists and its reports; JSON values. */
  readonly record: Readonly<Record<string, unknown>>;
}

export interface SmsPrice {
  /** Of the whole message, a decimal: `0.0158`. */
  readonly amount: string;
  /** ISO 4217. */
  readonly currency: string;
}

export interface SmsRow extends NewSms {
  readonly seq: number;
}

/** What becomes of one later. Steps are appended; what is left out stays as it is. */
export interface SmsChange {
  readonly id: string;
  readonly nowMs: number;
  readonly steps?: readonly SmsStep[];
  /** What the last step means for its delivery; null: nothing (an own send), or it has none. */
  readonly delivery?: DeliveryStep | null;
  /** Redacted: empty. */
  readonly text?: string;
  readonly media?: readonly SmsMedia[];
  readonly expiresAtMs?: number;
  /** Merged into what is there. */
  readonly record?: Readonly<Record<string, unknown>>;
}

/** Where it stands. */
export function standingOf({ steps }: Pick<NewSms, 'steps'>): SmsStep {
  const last = steps.at(-1);
  if (last === undefined) throw new Error('an SMS without a step');
  return last;
}
