/**
 * The far side of SMS as the providers' doors see it: whose a number is, what may be sent to it, and what becomes of what they
 * accept. Carriers and handsets stand behind it; doors know them only as this port.
 */
import type { Callback, NewCallback, SmppCallback } from '../model/callback.ts';
import type { TranscriptLine } from '../model/delivery.ts';
import type { Handset, SmsSender } from '../model/handset.ts';
import type { KeptSms } from '../model/message.ts';
import type { PhoneNumber } from '../model/phone-number.ts';
import type {
  NewSms,
  SmsCause,
  SmsEncoding,
  SmsMedia,
  SmsPrice,
  SmsProvider,
  SmsRow,
  SmsState,
  SmsStep,
} from '../model/sms.ts';
import type { Decision } from '../rules/decision.ts';

/** Who sends to whom, as far as a request says. */
export interface SmsParties {
  readonly provider: SmsProvider;
  readonly account: string;
  readonly sender: string;
  /** Messaging service, messaging profile: opt-outs and pools go by it where there is one. */
  readonly service: string | null;
  /** E.164. */
  readonly number: string;
}

/** A message that a provider accepts, for one number. */
export interface AcceptedSms extends SmsParties {
  readonly id: string;
  readonly providerId: string;
  readonly batchId: string | null;
  readonly messageId: string | null;
  readonly deliveryId: string | null;
  readonly own: boolean;
  readonly text: string;
  readonly media: readonly SmsMedia[];
  readonly encoding: SmsEncoding;
  readonly parts: number;
  /** Virtual; null: at once. */
  readonly sendAtMs: number | null;
  /** How long the carrier may try, null: as long as it does (72 hours); never longer. */
  readonly validityMs: number | null;
  readonly record: Readonly<Record<string, unknown>>;
  /** What rules and magic numbers want done with it after the yes: report, hold, blackHole, delay, duplicate, reports. */
  readonly after: readonly Decision[];
  /**
   * Of a provider that says yes first and no later, in a report: why it goes no further than to that provider. It ends as
   * `rejected`, with this cause.
   */
  readonly refusal?: SmsRefusal | null;
}

export interface SmsRefusal {
  readonly cause: SmsCause;
  /** In words. */
  readonly why: string;
}

/**
 * What becomes of accepted messages: to be stored with them (`Submission.sms`, `Store.keepSms`). Memory has it already; `undo`
 * takes it back where it could not be stored.
 */
export interface SmsPlan extends KeptSms {
  undo(): void;
}

export type SenderVerdict =
  | { readonly kind: 'allowed'; readonly sender: SmsSender }
  | {
      readonly kind: 'refused';
      readonly cause: Extract<
        SmsCause,
        'sender_not_registered' | 'sender_not_allowed' | 'region_not_allowed'
      >;
      /** In words: which country wants what. */
      readonly why: string;
    };

export interface SmsFarSide {
  /** What rules want done to the handset before it is looked at: `offline`. */
  prepare(number: string, decisions: readonly Decision[]): void;
  /** Who has the number; a handset is made on the fly where nobody has. It is kept with the next plan. */
  handset(number: PhoneNumber): Handset;
  /** Whether its owner wrote STOP to that sender, or to the service that it is of. */
  optedOut(parties: SmsParties): boolean;
  /** Whether the sender works in that country; a sender not seen before is registered on the fly, unless a setting refuses it. */
  senderVerdict(parties: Omit<SmsParties, 'number'>, number: PhoneNumber): SenderVerdict;
  /** Numbers of a messaging service or profile, in a steady order. */
  sendersOf(provider: SmsProvider, service: string): readonly SmsSender[];
  sender(provider: SmsProvider, sender: string): SmsSender | null;
  /** The app set a sender up through its provider's own interface: whose pool it is in, where answers to it go. */
  putSender?(sender: SmsSender): Promise<void>;
  /** The app gave a sender up. */
  dropSender?(provider: SmsProvider, sender: string): Promise<void>;
  /** All that the account may send by, those made on the fly too, in a steady order. */
  senders?(provider: SmsProvider, account: string): readonly SmsSender[];
  /** Of the whole message; null where prices are off. */
  price(provider: SmsProvider, number: PhoneNumber, parts: number): SmsPrice | null;
  /** In the order given. Changes what the carriers have in memory; see `SmsPlan`. */
  plan(messages: readonly AcceptedSms[]): SmsPlan;
  /** The plan is on disk: what was waiting for it goes on. */
  settled(plan: SmsPlan): void;
  /** Calls back what is scheduled; its record is the one that is given. @returns null when it is on its way already @throws AppError where it could not be kept */
  cancel(sms: SmsRow): Promise<SmsRow | null>;
  /** Takes the text (and media) out of it, for good. */
  redact(sms: SmsRow, what: { readonly media: boolean }): Promise<SmsRow>;
  /**
   * Takes it out of what the provider keeps (DELETE): its row says so from then on (`isForgotten`, model/smsc), and doors leave
   * it out. The message in the sandbox's own list stays.
   */
  forget(sms: SmsRow): Promise<void>;
  settings(): SmsSettings;
}

/** What doors ask of the settings; see phones/sms-settings for all of them. */
export interface SmsSettings {
  /** Numbers have to be ones that exist, not only of a possible length. */
  readonly strictNumbers: boolean;
  /** Fixed credentials of a provider; empty: any are taken. */
  readonly credentials: Readonly<Partial<Record<SmsProvider, readonly SmsCredential[]>>>;
  /** What a Vonage account sets in its dashboard; left out: as a new account has it. */
  readonly vonage?: VonageSettings;
}

export interface VonageSettings {
  /** How receipts and answers of the SMS API come (`POST-JSON`). */
  readonly webhookFormat?: 'POST-JSON' | 'POST' | 'GET';
  /** How they are signed (`MD5HASH`); `none`: not at all. */
  readonly signature?: 'none' | 'MD5HASH' | 'MD5HMAC' | 'SHA1HMAC' | 'SHA256HMAC' | 'SHA512HMAC';
}

export interface SmsCredential {
  /** Account SID, API key, service plan, system_id … */
  readonly account: string;
  readonly secret: string;
}

/**
 * How one provider speaks of what becomes of a message: its words, its reports, its way with STOP. Pure, but for ids and time
 * that come in. The carriers' side asks it, and knows no provider.
 */
export interface SmsVoice {
  readonly provider: SmsProvider;
  /** Its status word and code for a state. `forced`: a rule wants these very words. */
  say(
    sms: Pick<NewSms, 'record' | 'media' | 'direction'>,
    state: SmsState,
    cause: SmsCause | null,
    forced?: { readonly status?: string | undefined; readonly code?: string | undefined },
  ): { readonly status: string; readonly code: string | null };
  /** Whether, and how, the app hears of the last step of `steps`. Not of the state that the first answer told already. */
  report(sms: NewSms, step: SmsStep, about: CallbackMoment): readonly NewCallback[];
  /**
   * Of a provider that can report a batch as a whole: asked when one of its messages came to its end, with every message of
   * the batch as it stands then, in their order. `report` has been asked for that one before.
   */
  batchReport?(batch: readonly NewSms[], about: CallbackMoment): readonly NewCallback[];
  /** Whether its batch is reported so; it is not remembered else. */
  reportsWholeBatch?(sms: NewSms): boolean;
  /** How the app hears of an answer of a handset; empty where there is nowhere to call. */
  inbound(sms: NewSms, sender: SmsSender | null, about: CallbackMoment): readonly NewCallback[];
  /** Words that opt out, in, and ask for help, upper case, and what the provider answers by itself; null: it does not see to that. */
  readonly optOut: {
    readonly stop: readonly string[];
    readonly start: readonly string[];
    readonly help: readonly string[];
    readonly answers: {
      readonly stop: string | null;
      readonly start: string | null;
      readonly help: string | null;
    };
    /** Only for handsets whose numbers begin so (`1`); left out: everywhere. */
    readonly callingCodes?: readonly string[];
    /** Whether the app is told of such an answer too. */
    readonly forwarded: boolean;
  } | null;
  /** Id of an answer, or of a message that the provider makes by itself. */
  newProviderId(): string;
}

export interface CallbackMoment {
  readonly nowMs: number;
  readonly wallMs: number;
  /** MCC and MNC of the carrier that the handset is with now: another one than at first where it was ported. */
  readonly network?: string;
}

/** What a provider's callbacks are sent by: signed, judged, tried again as that provider does. */
export interface CallbackHabit {
  readonly provider: SmsProvider;
  /** How long it waits for an answer (wall time). */
  readonly timeoutMs: number;
  /** What goes over the wire at this attempt: signature fields and whatever else is made anew each time. */
  dress(
    callback: Extract<Callback, { kind: 'http' }>,
    attempt: CallbackAttempt,
  ): Promise<DressedCallback> | DressedCallback;
  /** What the app's answer means; null: no answer (refused, timed out, reset). */
  judge(
    callback: Extract<Callback, { kind: 'http' }>,
    answer: CallbackAnswer | null,
    attempt: CallbackAttempt,
  ): CallbackVerdict;
  /** The app answered, and the provider reads it (TwiML). Before the attempt is recorded; must bear being called twice. */
  heard?(callback: Extract<Callback, { kind: 'http' }>, answer: CallbackAnswer): Promise<void>;
}

export interface CallbackAttempt {
  /** Of the delivery: the same at every try. */
  readonly id: string;
  /** From 1. */
  readonly number: number;
  readonly wallMs: number;
}

export interface DressedCallback {
  readonly method: 'POST' | 'GET';
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface CallbackAnswer {
  readonly status: number;
  readonly contentType: string | null;
  /** Its beginning. */
  readonly body: string;
  readonly retryAfter: string | null;
}

export type CallbackVerdict =
  | { readonly kind: 'done' }
  /** Virtual time. */
  | { readonly kind: 'again'; readonly afterMs: number }
  | { readonly kind: 'over'; readonly why: string };

/** The receivers that are bound at the SMPP door, as the queue sees them. */
export interface SmppReceivers {
  /**
   * Hands one deliver_sm to a receiver of that system_id and waits for its answer, or for `signal`. Never rejects for what the
   * receiver does: that is a result.
   */
  deliver(callback: SmppCallback, signal: AbortSignal): Promise<SmppHandover>;
}

export interface SmppHandover {
  /**
   * `done`: ESME_ROK. `notBound`: nobody is there to take it. `refused`: another command_status, to be tried again.
   * `rejected`: one that says never again. `noAnswer`: the connection broke, or no deliver_sm_resp came.
   */
  readonly kind: 'done' | 'notBound' | 'refused' | 'rejected' | 'noAnswer';
  /** Of deliver_sm_resp; null: none came. */
  readonly commandStatus: number | null;
  /** In words, for the attempt. */
  readonly text: string;
  /** What was said, in order: fields of the PDUs; milliseconds since it began. */
  readonly transcript?: readonly TranscriptLine[];
}

/** Secrets that sign callbacks: those seen at a door, and those made here. Sealed on disk. */
export interface SmsSecrets {
  /** @returns null when it is known already; else settles once it is on disk */
  seen(provider: SmsProvider, account: string, secret: string): Promise<void> | null;
  /** The newest one seen, or fixed by a setting; null: none. */
  of(provider: SmsProvider, account: string): string | null;
  /** A secret of the sandbox's own, made once: signing keys that no request carries. PEM for `ed25519`. */
  readonly own: (name: SmsOwnSecret) => string;
}

export const smsOwnSecrets = [
  /** For an account whose auth token was never seen (API keys). */
  'twilio',
  /** Signature secret of Vonage's SMS API, and of its Messages API's JWT. */
  'vonage',
  'messagebird',
  /** Of Sinch's callbacks (HMAC). */
  'sinch',
  'infobip',
  /** Ed25519: the private key. */
  'telnyx',
] as const;
export type SmsOwnSecret = (typeof smsOwnSecrets)[number];
