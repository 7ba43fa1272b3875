/**
 * Calls that a provider makes to the app: delivery reports, and answers of handsets. Each is a delivery of the carriage
 * `callback` in the durable queue; what it is to say is kept whole in its parameters.
 */
import type { SmsProvider } from './sms.ts';

export const callbackPurposes = ['report', 'inbound'] as const;
export type CallbackPurpose = (typeof callbackPurposes)[number];

interface CallbackAbout {
  readonly provider: SmsProvider;
  /** Whose secret signs it. */
  readonly account: string;
  readonly purpose: CallbackPurpose;
  /** What it tells, for lists: the provider's status word, or `message`. */
  readonly tells: string;
  /** The SMS that it is about; of a report about several the first. */
  readonly smsId: string;
  /** Of a batch: the others too. */
  readonly smsIds?: readonly string[];
  /** What the provider's own carrier wants to know again (fail-over address, connection settings). */
  readonly extra?: Readonly<Record<string, unknown>>;
}

export interface HttpCallback extends CallbackAbout {
  readonly kind: 'http';
  readonly method: 'POST' | 'GET';
  /** As the app gave it. Of GET the fields stand in its query already. */
  readonly url: string;
  /** Null: no body. */
  readonly contentType: string | null;
  /** The exact bytes, as text. */
  readonly body: string;
}

/** To whoever is bound as a receiver. */
export interface SmppCallback extends CallbackAbout {
  readonly kind: 'smpp';
  readonly systemId: string;
  /** Fields of deliver_sm by their names in the specification; octet strings in base64 under `…Base64`. */
  readonly pdu: Readonly<Record<string, unknown>>;
}

export type Callback = HttpCallback | SmppCallback;

/** One that is to be queued: when it is due, and until when it is tried. */
export interface NewCallback {
  readonly callback: Callback;
  /** Virtual; at once where it is in the past. */
  readonly dueAtMs: number;
  /** How long it is tried. */
  readonly lifetimeMs: number;
}
