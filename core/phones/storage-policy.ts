/**
 * What each provider keeps for a device that is off. Pure: which of those that wait make room for a new one, and how long
 * it is kept.
 */
import type { Platform } from '../model/phone.ts';
import type { PushProvider } from '../model/push.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * Apple: "up to 30 days or less" where the header is left out; older pages and other providers' documents speak of
 * four hours, so that both can be set.
 */
export const apnsStorageMsUsual = 30 * dayMs;
export const apnsStorageMsShort = 4 * hourMs;
export const apnsStorageMsMax = 30 * dayMs;
/** FCM: ttl is at most four weeks, which is also what is taken where there is none. */
export const fcmStorageMsMax = 28 * dayMs;
/** Push services shorten longer times (RFC 8030 §5.2); those of the browsers keep four weeks. */
const webPushStorageMsMax = 28 * dayMs;
/** FCM: messages without a collapse key that it stores for a device; at one more all are thrown away. */
export const fcmStoredMax = 100;
/** FCM: collapse keys that it keeps for a device. */
export const collapseKeysMax = 4;
/** Nothing says how much push services keep for one browser; here so much, the oldest makes room. */
export const webPushStoredMax = 500;

export type StoragePolicy = 'apns' | 'fcm' | 'webpush';

/** What comes to an iPhone by FCM is handed on to APNs, and to a browser by FCM to its push service. */
export function policyFor(provider: PushProvider, platform: Platform): StoragePolicy {
  if (provider !== 'fcm') return provider;
  return platform === 'ios' ? 'apns' : platform === 'browser' ? 'webpush' : 'fcm';
}

export interface Stored {
  readonly id: string;
  /** As the provider sees it, see `collapseKeyOf`. */
  readonly collapseKey: string | null;
  /** Tells the app that others were thrown away; counts for nothing. */
  readonly tells: boolean;
}

/**
 * FCM: "by default, the collapse key is the app package name", for notification messages; data messages have none.
 * Source: https://firebase.google.com/docs/cloud-messaging/customize-messages/collapsible-message-types
 */
export function collapseKeyOf(
  policy: StoragePolicy,
  push: { readonly collapseKey: string | null; readonly app: string; readonly silent: boolean },
): string | null {
  if (push.collapseKey !== null || policy !== 'fcm' || push.silent) return push.collapseKey;
  return push.app;
}

export function storedUntilMs(
  policy: StoragePolicy,
  nowMs: number,
  expiresAtMs: number | null,
  apnsStorageMs: number,
): number {
  const keptMs = policy === 'apns' ? apnsStorageMs : policy === 'fcm' ? fcmStorageMsMax : webPushStorageMsMax;
  return Math.min(expiresAtMs ?? Number.POSITIVE_INFINITY, nowMs + keptMs);
}

export interface MadeRoom<T extends Stored> {
  readonly gone: readonly {
    readonly one: T;
    readonly state: 'collapsed' | 'discarded';
    readonly reason: string;
  }[];
  /** How many the app is to be told of when its device comes back; 0: nothing is told. */
  readonly tell: number;
}

/** @param waiting of this app on this device, oldest first */
export function makeRoom<T extends Stored>(
  policy: StoragePolicy,
  waiting: readonly T[],
  next: { readonly collapseKey: string | null; readonly defaultKey: boolean },
): MadeRoom<T> {
  switch (policy) {
    case 'apns':
      return {
        gone: waiting.map((one) => ({
          one,
          state: 'collapsed',
          reason: 'a newer one took its place: APNs stores one notification for an app on a device',
        })),
        tell: 0,
      };
    case 'fcm':
      return next.collapseKey === null
        ? fcmPlainRoom(waiting)
        : fcmKeyRoom(waiting, next.collapseKey, next.defaultKey);
    case 'webpush': {
      const same =
        next.collapseKey === null ? [] : waiting.filter((one) => one.collapseKey === next.collapseKey);
      const oldest = same.length === 0 && waiting.length >= webPushStoredMax ? waiting.slice(0, 1) : [];
      return {
        gone: [
          ...same.map((one) => ({
            one,
            state: 'collapsed' as const,
            reason: `a newer one with the same Topic (${next.collapseKey}) took its place`,
          })),
          ...oldest.map((one) => ({
            one,
            state: 'discarded' as const,
            reason: `more than ${webPushStoredMax} waited for the browser: the oldest made room`,
          })),
        ],
        tell: 0,
      };
    }
    default:
      return policy satisfies never;
  }
}

function fcmPlainRoom<T extends Stored>(waiting: readonly T[]): MadeRoom<T> {
  const plain = waiting.filter((one) => one.collapseKey === null && !one.tells);
  if (plain.length < fcmStoredMax) return { gone: [], tell: 0 };
  // "If the limit is reached, all stored messages are discarded": the one that comes then is the first of the next hundred.
  const gone = waiting.filter((one) => !one.tells);
  return {
    gone: gone.map((one) => ({
      one,
      state: 'discarded',
      reason: `more than ${fcmStoredMax} without a collapse key waited: FCM threw all away, and the app is told so`,
    })),
    tell: gone.length,
  };
}

function fcmKeyRoom<T extends Stored>(waiting: readonly T[], key: string, defaultKey: boolean): MadeRoom<T> {
  const same = waiting.filter((one) => one.collapseKey === key);
  const because = defaultKey ? `${key}: of a notification message the package name, where none is set` : key;
  if (same.length > 0)
    return {
      gone: same.map((one) => ({
        one,
        state: 'collapsed',
        reason: `a newer one with the same collapse key (${because}) took its place`,
      })),
      tell: 0,
    };
  const keyed = waiting.filter((one) => one.collapseKey !== null);
  if (new Set(keyed.map((one) => one.collapseKey)).size < collapseKeysMax) return { gone: [], tell: 0 };
  return {
    gone: keyed.slice(0, 1).map((one) => ({
      one,
      state: 'discarded',
      reason: `FCM keeps ${collapseKeysMax} collapse keys for a device, and a further one came; which one goes is not defined: here the oldest`,
    })),
    tell: 0,
  };
}
