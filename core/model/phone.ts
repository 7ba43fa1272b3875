/** Devices of users, simulated: what they have installed, and what became of what was pushed to them. */
import type { PushContent, PushEnvironment, PushProvider } from './push.ts';

export const platforms = ['ios', 'android', 'browser'] as const;
export type Platform = (typeof platforms)[number];

/** Kind of the documents that phones are kept as. */
export const phoneDocuments = 'phone';

export interface Phone {
  readonly id: string;
  readonly name: string;
  /** Whose it is, as the app knows its users; null: nobody's. */
  readonly user: string | null;
  readonly platform: Platform;
  readonly online: boolean;
  /** When it comes back by itself; null while it is online, or until somebody switches it on. */
  readonly offlineUntilMs: number | null;
  readonly createdAtMs: number;
  /** Made because somebody pushed to a token that nobody knew. */
  readonly onTheFly: boolean;
  readonly apps: readonly PhoneApp[];
}

export interface PhoneApp {
  /** Bundle id, package name, or origin of a page. */
  readonly app: string;
  readonly provider: PushProvider;
  /** Device token; of a browser the id of its subscription. Lower case for APNs. */
  readonly token: string;
  /** APNs only. */
  readonly environment: PushEnvironment | null;
  readonly permission: 'granted' | 'denied';
  readonly installed: boolean;
  /** When it went, virtual; null while it is installed. */
  readonly uninstalledAtMs: number | null;
  /** An uninstalled app goes on looking alive to the provider until one of these; both null: it is known at once. */
  readonly tellAfterSends: number | null;
  readonly tellAtMs: number | null;
  /** Tokens that it had before: the provider says that they are gone. */
  readonly formerTokens: readonly { readonly token: string; readonly sinceMs: number }[];
  /** FCM topics, and APNs broadcast channels, that it takes part in. */
  readonly topics: readonly string[];
  /** Number on its icon. */
  readonly badge: number;
  /** Of a browser. */
  readonly subscription: PushSubscriptionKeys | null;
  /** Which links open the app: schemes (`myapp`) and domains of universal links (`shop.example`). */
  readonly linkSchemes: readonly string[];
  readonly linkDomains: readonly string[];
  /** FCM only: the project whose sends the token takes; absent or null: any. */
  readonly project?: string | null;
  /** The core's own sends do not go there any more: a provider said that the token is gone. */
  readonly dropped?: { readonly atMs: number; readonly why: string } | null;
}

/** RFC 8291 §2: base64url without padding. The private key never leaves the data folder. */
export interface PushSubscriptionKeys {
  readonly p256dh: string;
  readonly auth: string;
  /** Public key of the only application server that may push (RFC 8292 §4), or null: any. */
  readonly applicationServerKey: string | null;
}

/**
 * `stored`: waits at the provider for a device that is off. `lost`: accepted and never anywhere, on purpose.
 * `discarded`: thrown away by the provider with all others of the device (FCM's limit of 100).
 */
export const pushStates = ['stored', 'delivered', 'expired', 'collapsed', 'discarded', 'lost'] as const;
export type PushState = (typeof pushStates)[number];

/** One push on its way to one app on one device. */
export interface NewPush {
  readonly id: string;
  readonly phoneId: string;
  readonly app: string;
  readonly provider: PushProvider;
  readonly messageId: string;
  readonly deliveryId: string | null;
  readonly state: PushState;
  /** Of a delivered one: false where permission is off, or there is nothing to show. */
  readonly shown: boolean;
  /** Why it is where it is, in words. */
  readonly reason: string | null;
  readonly collapseKey: string | null;
  readonly priority: string | null;
  readonly receivedAtMs: number;
  /** Null: never stored, or without an end. */
  readonly expiresAtMs: number | null;
  /** Of a stored one that is late on purpose: when it comes at the earliest, whether the device is on or not. */
  readonly deliveredAtMs: number | null;
  readonly content: PushContent;
}

export interface PushFlags {
  readonly dismissed: boolean;
  readonly opened: boolean;
}

export const noFlags: PushFlags = { dismissed: false, opened: false };

export interface PushRow extends NewPush {
  readonly seq: number;
  readonly flags: PushFlags;
}

/** What becomes of a push later. */
export interface PushChange {
  readonly id: string;
  readonly nowMs: number;
  readonly state?: PushState;
  readonly shown?: boolean;
  readonly reason?: string | null;
  /** Of a stored one that was late on purpose: null, it may come at any time now. */
  readonly deliveredAtMs?: null;
  readonly flags?: Partial<PushFlags>;
}
