/** Handsets: numbers, the carriers behind them, and what their owners did. Times are virtual. */
import type { SmsProvider } from './sms.ts';

/** Kinds of documents that the carriers' side keeps. */
export const handsetDocuments = 'handset';
export const senderDocuments = 'sms_sender';

/** `unknown`: nobody has the number. */
export const lines = ['mobile', 'landline', 'unknown'] as const;
export type Line = (typeof lines)[number];

export interface Handset {
  /** E.164, with the plus sign: its key. */
  readonly number: string;
  readonly name: string;
  /** Whose it is, as the app knows its users; null: nobody's. */
  readonly user: string | null;
  /** ISO 3166-1 alpha-2; null where the number says none (+1 555 …). */
  readonly country: string | null;
  readonly line: Line;
  readonly carrier: Carrier;
  /** The carrier that it was taken along from; null: it is with its first one. */
  readonly portedFrom: Carrier | null;
  readonly online: boolean;
  /** When it comes back by itself; null while it is on, or until somebody switches it on. */
  readonly offlineUntilMs: number | null;
  /** Its owner, or its carrier, takes nothing of anybody. */
  readonly blocked: boolean;
  /** Off and nothing is stored for it: what comes is unreachable at once. */
  readonly unreachable: boolean;
  readonly optOuts: readonly OptOut[];
  /** Made because somebody sent to a number that nobody knew. */
  readonly onTheFly: boolean;
  readonly createdAtMs: number;
}

export interface Carrier {
  readonly name: string;
  /** MCC and MNC: `00101`. */
  readonly network: string;
}

/** Its owner wrote STOP to a sender. */
export interface OptOut {
  readonly provider: SmsProvider;
  readonly account: string;
  /** Number, short code, or id of a messaging service or profile: what the provider keeps opt-outs by. */
  readonly sender: string;
  readonly word: string;
  readonly atMs: number;
}

/** A sender of the app's: its own number, short code or alphanumeric, and where answers to it go. */
export interface SmsSender {
  /** Its key, with the provider: `twilio +15005550006`. */
  readonly sender: string;
  readonly provider: SmsProvider;
  /** Null: of any account. */
  readonly account: string | null;
  /** Countries that it is registered in, ISO 3166-1 alpha-2; `*`: everywhere. */
  readonly countries: readonly string[];
  /** Messaging service, messaging profile: whose pool it is in. */
  readonly service: string | null;
  /** Where answers of handsets go (MO); null: nowhere, they are shown only. */
  readonly inboundUrl: string | null;
  readonly inboundMethod: 'POST' | 'GET';
  /** Where the provider calls when it is not heard there; left out: nowhere. */
  readonly inboundFailoverUrl?: string | null;
  /** Where reports go that the request itself names no address for; null: nowhere. */
  readonly statusUrl: string | null;
  readonly onTheFly: boolean;
}
