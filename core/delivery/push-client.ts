/**
 * A push as it is brought to one provider: rendered, so that a client needs to know nothing of submissions. The clients are
 * the providers' own rooms; the delivery core knows them only as this port.
 */
import type { TranscriptLine } from '../model/delivery.ts';
import type { PushEnvironment, PushProvider } from '../model/push.ts';
import type { CarryResult } from './carrier.ts';

export interface PushRequest {
  readonly provider: PushProvider;
  readonly target: { readonly kind: 'token' | 'topic'; readonly value: string };
  /** Bundle id, package, or origin; null where nobody said. */
  readonly app: string | null;
  /** APNs only. */
  readonly environment: PushEnvironment | null;
  /** APNs: the payload. FCM: the whole body. Web Push: what is encrypted. */
  readonly payload: Uint8Array;
  /** Request fields beside credentials and content type, names in lower case: `apns-…`, `ttl`, `urgency`, `topic`. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

export interface PushSending {
  readonly request: PushRequest;
  /** Further fields that are no part of what is shown, see own-sends. */
  readonly marks: readonly (readonly [name: string, value: string])[];
  /** Virtual. */
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** What the provider said, or why it could not be asked. */
export interface PushAnswer extends Omit<CarryResult, 'deliveryId' | 'suppresses'> {
  readonly transcript: readonly TranscriptLine[];
}

export interface PushClient {
  /** Never rejects for what the provider does. */
  send(sending: PushSending): Promise<PushAnswer>;
  close(): Promise<void>;
}
