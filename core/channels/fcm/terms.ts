/** What a message of FCM means on each platform: how long it is kept, what it takes the place of, how large it is. Pure. */
import type { Platform } from '../../model/phone.ts';
import { namesLower, objectAt, secondsOf, ttlSecondsMax } from './parse.ts';
import type { BoundMessage } from './proto-json.ts';

export interface PushTerms {
  /** As the request has it. */
  readonly priority: string | null;
  readonly collapseKey: string | null;
  /** Virtual. */
  readonly expiresAtMs: number;
  readonly nowOrNever: boolean;
}

export interface Times {
  readonly virtualMs: number;
  readonly wallMs: number;
}

/** "The maximum size is 4096 bytes"; "2048 bytes in the case of messages to topics" (the error codes' page). */
export const messageBytesMax = 4096;
export const topicMessageBytesMax = 2048;
/** "The backend sets a default value for apns-expiration of 30 days." */
const apnsKeptMs = 30 * 86_400_000;

/** What notifications collapse by on Android where no key is given is the device's business. */
export function termsOf(message: BoundMessage, platform: Platform, now: Times): PushTerms {
  switch (platform) {
    case 'android':
      return androidTerms(objectAt(message, 'android'), now);
    case 'ios':
      return apnsTerms(namesLower(objectAt(message, 'apns').headers), now);
    case 'browser':
      return webPushTerms(namesLower(objectAt(message, 'webpush').headers), now);
    default:
      return platform satisfies never;
  }
}

function androidTerms(android: BoundMessage, now: Times): PushTerms {
  const seconds = secondsOf(android.ttl) ?? ttlSecondsMax;
  return {
    priority: typeof android.priority === 'string' ? android.priority.toLowerCase() : null,
    collapseKey: given(android.collapse_key),
    expiresAtMs: now.virtualMs + seconds * 1000,
    nowOrNever: seconds === 0,
  };
}

/** An absolute time is one of the wall clock: it is moved by as much as virtual time is ahead. */
function apnsTerms(headers: ReadonlyMap<string, string>, now: Times): PushTerms {
  const expiration = headers.get('apns-expiration');
  const seconds = expiration === undefined ? null : Number(expiration);
  return {
    priority: headers.get('apns-priority') ?? null,
    collapseKey: given(headers.get('apns-collapse-id')),
    expiresAtMs:
      seconds === null
        ? now.virtualMs + apnsKeptMs
        : seconds === 0
          ? now.virtualMs
          : seconds * 1000 + (now.virtualMs - now.wallMs),
    nowOrNever: seconds === 0,
  };
}

function webPushTerms(headers: ReadonlyMap<string, string>, now: Times): PushTerms {
  const ttl = headers.get('ttl');
  const seconds = ttl === undefined ? ttlSecondsMax : Number(ttl);
  return {
    priority: headers.get('urgency') ?? null,
    collapseKey: given(headers.get('topic')),
    expiresAtMs: now.virtualMs + seconds * 1000,
    nowOrNever: seconds === 0,
  };
}

/**
 * Something to show is in it, and so the system shows it, and not the app. Such messages are collapsible by default.
 * Source: https://firebase.google.com/docs/cloud-messaging/customize-messages/collapsible-message-types
 */
export function isNotification(message: BoundMessage): boolean {
  return (
    Object.keys(objectAt(message, 'notification')).length > 0 ||
    Object.keys(objectAt(objectAt(message, 'android'), 'notification')).length > 0
  );
}

/**
 * Bytes that count: keys and values of what the platform gets, its own block before what is for all ("this includes both
 * the keys and the values"). Google says no more than that; how it packs them is not documented.
 */
export function payloadBytes(message: BoundMessage, platform: Platform): number {
  const { data, notification } = message;
  switch (platform) {
    case 'android': {
      const android = objectAt(message, 'android');
      return (
        pairBytes(android.data ?? data) +
        pairBytes({ ...asObject(notification), ...asObject(android.notification) })
      );
    }
    case 'ios':
      return pairBytes(data) + pairBytes(notification) + pairBytes(objectAt(message, 'apns').payload);
    case 'browser': {
      const webpush = objectAt(message, 'webpush');
      return (
        pairBytes(webpush.data ?? data) +
        pairBytes({ ...asObject(notification), ...asObject(webpush.notification) })
      );
    }
    default:
      return platform satisfies never;
  }
}

/** Source for Android's: seen; for the others the same in their names. */
export function tooBigText(platform: Platform): string {
  return `${{ android: 'Android', ios: 'APNs', browser: 'Web push' }[platform]} message is too big`;
}

function pairBytes(value: unknown): number {
  let bytes = 0;
  for (const [key, one] of Object.entries(asObject(value)))
    bytes += Buffer.byteLength(key) + Buffer.byteLength(typeof one === 'string' ? one : JSON.stringify(one));
  return bytes;
}

function asObject(value: unknown): BoundMessage {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function given(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
