/**
 * The far side of push as the providers' doors see it: who has a token, and what becomes of what they accept. The phones
 * stand behind it; doors know them only as this port.
 */
import type { NewPush, Platform, PushChange, PushSubscriptionKeys } from '../model/phone.ts';
import type { PushContent, PushEnvironment, PushProvider } from '../model/push.ts';
import type { Decision } from '../rules/decision.ts';
import type { NewAct } from '../store/store.ts';

/** Whom a request is for, as far as it says. */
export interface Addressee {
  readonly provider: PushProvider;
  readonly token: string;
  /** Bundle id without suffix, package, or origin; null where the request names none (FCM). */
  readonly app: string | null;
  /** Of the door or host that it came to; null where the provider has but one. */
  readonly environment: PushEnvironment | null;
}

export type Located =
  | { readonly kind: 'found'; readonly device: LocatedDevice }
  /** Uninstalled, or the token was replaced by another; since when. */
  | { readonly kind: 'unregistered'; readonly sinceMs: number }
  /** Another environment's token: APNs answers 400 BadDeviceToken. */
  | { readonly kind: 'otherEnvironment'; readonly environment: PushEnvironment }
  /** The token is another app's: DeviceTokenNotForTopic, SENDER_ID_MISMATCH. */
  | { readonly kind: 'otherApp'; readonly app: string }
  /** Nobody has it, and the setting does not make a phone of it. */
  | { readonly kind: 'unknown' };

export interface LocatedDevice {
  readonly phoneId: string;
  readonly app: string;
  readonly provider: PushProvider;
  /** What it understands of a message that speaks to several (FCM); absent: Android. */
  readonly platform?: Platform;
  /** The current one. */
  readonly token: string;
  /** Web Push only. */
  readonly subscription: PushSubscriptionKeys | null;
}

/** A push that a provider accepts, for one device. */
export interface AcceptedPush {
  readonly id: string;
  readonly device: LocatedDevice;
  readonly messageId: string;
  readonly deliveryId: string | null;
  readonly content: PushContent;
  readonly collapseKey: string | null;
  readonly priority: string | null;
  /** Null: as long as the provider keeps things. */
  readonly expiresAtMs: number | null;
  /** Tried once, never stored. */
  readonly nowOrNever: boolean;
  /** What rules and magic tokens want done with it after the yes: hold (stored until its delivery is released), blackHole, delay, duplicate. */
  readonly after: readonly Decision[];
}

/**
 * What becomes of accepted pushes: to be stored together with the message (`Submission.pushes`, `Store.keepPushes`). The
 * phones' memory has it already; `undo` takes it back where it could not be stored.
 */
export interface PushPlan {
  readonly puts: readonly NewPush[];
  readonly changes: readonly PushChange[];
  readonly acts: readonly NewAct[];
  undo(): void;
}

export interface PushFarSide {
  /**
   * Who has that token. Makes a phone on the fly where nobody has, and the setting wants it so: its being kept is begun,
   * and waited for by nobody (it is made anew from the message after a crash).
   */
  locate(addressee: Addressee): Located;
  /** What rules and magic tokens want done to the device before it is looked at: `uninstall`, `offline`. */
  prepare(addressee: Addressee, decisions: readonly Decision[]): void;
  /** Devices that take part in a topic; of a condition those that it is true of. At most `fanOutMax`, in a steady order. */
  members(audience: Audience): readonly LocatedDevice[];
  /** @returns false when nobody has that token */
  subscribe(addressee: Addressee, topic: string): boolean;
  unsubscribe(addressee: Addressee, topic: string): boolean;
  topicsOf(addressee: Addressee): readonly string[] | null;
  /** What `subscribe` and `unsubscribe` changed until now is on disk. @throws AppError where it could not be kept; it is tried again with the next change */
  written(): Promise<void>;
  /** In the order given. Changes what the phones have in memory; see `PushPlan`. */
  plan(pushes: readonly AcceptedPush[]): PushPlan;
  /** The plan is on disk: what was waiting for it (news for the screen, badges) goes on. */
  settled(plan: PushPlan): void;
  /** Private half of a subscription's keys (raw, 32 bytes), for decrypting what came for it; null when there is none. */
  subscriptionKey(
    id: string,
  ): { readonly privateKey: Uint8Array; readonly keys: PushSubscriptionKeys } | null;
}

/** Devices that one send to a topic reaches at the most. */
export const fanOutMax = 10_000;

export interface Audience {
  readonly provider: PushProvider;
  /** Of FCM the project, of APNs the bundle id; null: every one. */
  readonly app: string | null;
  /** True of the topics that a device takes part in. */
  matches(topics: readonly string[]): boolean;
}
