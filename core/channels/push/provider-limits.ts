/** What each provider takes, and how it wants to be tried again. One row a fact, with its source. */
import type { PushProvider } from '../../model/push.ts';

/** Where each is reached; what suspensions of the queue go by. */
export const providerHosts = {
  production: 'api.push.apple.com',
  development: 'api.sandbox.push.apple.com',
  fcm: 'fcm.googleapis.com',
  /** A subscription's own endpoint says it; this one stands for the sandbox's push service. */
  webpush: 'updates.push.services.mozilla.com',
} as const;

export interface PayloadLimit {
  readonly bytesMax: number;
  readonly source: string;
}

/** Apple, "Generating a remote notification": 4 KB. */
const apnsLimit: PayloadLimit = { bytesMax: 4_096, source: 'APNs takes 4096 bytes of JSON' };
/** Firebase, "About FCM messages": 4096 bytes of data and notification; 2048 for a topic. */
const fcmLimit: PayloadLimit = { bytesMax: 4_096, source: 'FCM takes 4096 bytes' };
const fcmTopicLimit: PayloadLimit = { bytesMax: 2_048, source: 'FCM takes 2048 bytes for a topic' };
/** RFC 8030 §7.2: a push service takes at least 4096 bytes; RFC 8291 §4: that leaves 3993 for what is encrypted. */
const webPushLimit: PayloadLimit = {
  bytesMax: 3_993,
  source: 'a push service takes 4096 bytes, which leaves 3993 for what is encrypted (RFC 8291 §4)',
};

export function payloadLimit(provider: PushProvider, toTopic: boolean): PayloadLimit {
  switch (provider) {
    case 'apns':
      return apnsLimit;
    case 'fcm':
      return toTopic ? fcmTopicLimit : fcmLimit;
    case 'webpush':
      return webPushLimit;
    default:
      return provider satisfies never;
  }
}

const secondMs = 1_000;
const minuteMs = 60 * secondMs;

/**
 * How long to wait where the provider did not say; null: as the schedule has it.
 *
 * Sources: Apple, "Sending notification requests to APNs": retry 5xx no sooner than after 15 minutes. Firebase, "Error
 * codes" and "Scale FCM": without Retry-After one minute for 429, and exponential from 10 seconds for 5xx.
 */
export function waitAskedBy(
  provider: PushProvider,
  code: number | null,
  attempt: number,
): { readonly ms: number; readonly why: string } | null {
  if (code === null) return null;
  if (provider === 'apns' && code >= 500)
    return { ms: 15 * minuteMs, why: 'Apple asks to wait 15 minutes after a 5xx' };
  if (provider === 'fcm' && code === 429)
    return { ms: minuteMs, why: 'Google asks to wait a minute after a 429 that does not say how long' };
  if (provider === 'fcm' && code >= 500)
    return {
      ms: Math.min(10 * secondMs * 2 ** (attempt - 1), 60 * minuteMs),
      why: 'Google asks for exponential waits, from 10 seconds on, after a 5xx',
    };
  return null;
}
