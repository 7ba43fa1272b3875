/** Leave to send for real: what the guard of live relay hands out. */
import type { LiveActor, LiveChannel, LiveRoute, Relay } from '../model/live-relay.ts';
import type { ClaimedRow } from '../store/deliveries.ts';
import type { LiveHold } from './live-holds.ts';

/** Leave to send one thing by a relay. */
export interface LivePass {
  readonly relay: Relay;
  readonly channel: LiveChannel;
  readonly route: LiveRoute;
  /** Who turned it on, or released it. */
  readonly by: LiveActor;
  /** Asked right before anything is handed over: once it is false nothing may be. */
  valid(): boolean;
  /** It leaves now: what it takes of the cap counts from here, however long it waited for its turn. */
  begins?(): void;
  /** It was not handed over: its place under the cap is free again. */
  giveBack(): void;
}

export type LiveDecision =
  | { readonly kind: 'sandbox' }
  /** `row`: as it goes, to whom it really goes. */
  | { readonly kind: 'live'; readonly pass: LivePass; readonly row: ClaimedRow }
  | LiveHold;

/** What an app itself brings to a provider's door. */
export type LiveAdmission =
  | { readonly kind: 'sandbox' }
  | { readonly kind: 'forward'; readonly pass: LivePass }
  | LiveHold;

export interface ReleaseRequest {
  readonly messageIds: readonly string[];
  readonly relayId: string;
  /** Whom it goes to, whoever it was for: an address, a number, a token. */
  readonly to: string;
}

/** One message is one delivery. */
export interface ReleasedDelivery {
  readonly id: string;
  readonly messageId: string;
}
