/**
 * What push providers say in place of a yes: one row per reason, with the status it comes with. Rules may name others; these
 * are what magic tokens, presets and the editor offer. The first of a status stands for it. Sources: Apple, "Handling notification responses from APNs"; Google,
 * "FCM Error Codes" (`google.firebase.fcm.v1.FcmError`) and google.rpc.Code; RFC 8030 §§5, 7.2, 8.4, RFC 8292 §4.2.
 */
import { type PushProvider, pushProviders } from '../model/push.ts';

/** https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns */
export const apnsReasons = {
  BadDeviceToken: 400,
  BadCollapseId: 400,
  BadExpirationDate: 400,
  BadMessageId: 400,
  BadPriority: 400,
  BadTopic: 400,
  DeviceTokenNotForTopic: 400,
  DuplicateHeaders: 400,
  IdleTimeout: 400,
  InvalidPushType: 400,
  MissingDeviceToken: 400,
  MissingTopic: 400,
  PayloadEmpty: 400,
  TopicDisallowed: 400,
  InvalidProviderToken: 403,
  BadCertificate: 403,
  BadCertificateEnvironment: 403,
  BadEnvironmentKeyIdInToken: 403,
  ExpiredProviderToken: 403,
  Forbidden: 403,
  MissingProviderToken: 403,
  UnrelatedKeyIdInToken: 403,
  BadPath: 404,
  MethodNotAllowed: 405,
  Unregistered: 410,
  ExpiredToken: 410,
  PayloadTooLarge: 413,
  TooManyRequests: 429,
  TooManyProviderTokenUpdates: 429,
  InternalServerError: 500,
  ServiceUnavailable: 503,
  Shutdown: 503,
} as const;

/** https://firebase.google.com/docs/cloud-messaging/error-codes; UNAUTHENTICATED, PERMISSION_DENIED and NOT_FOUND come without an FcmError. */
export const fcmReasons = {
  INVALID_ARGUMENT: 400,
  UNAUTHENTICATED: 401,
  THIRD_PARTY_AUTH_ERROR: 401,
  SENDER_ID_MISMATCH: 403,
  UNREGISTERED: 404,
  QUOTA_EXCEEDED: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
} as const;

/** Push services have no common reasons: the status says it, these are its names. */
export const webPushReasons = {
  BadRequest: 400,
  Unauthorized: 401,
  VapidKeyMismatch: 401,
  Forbidden: 403,
  NotFound: 404,
  Gone: 410,
  PayloadTooLarge: 413,
  TooManyRequests: 429,
  InternalServerError: 500,
  BadGateway: 502,
  ServiceUnavailable: 503,
} as const;

export const pushReasons: Readonly<Record<PushProvider, Readonly<Record<string, number>>>> = {
  apns: apnsReasons,
  fcm: fcmReasons,
  webpush: webPushReasons,
};

export function isPushProvider(key: string | null): key is PushProvider {
  return pushProviders.some((one) => one === key);
}

/** In the provider's own spelling and with its status, whatever case it was written in; null: not one of its. */
export function reasonOf(
  provider: PushProvider,
  written: string,
): { readonly reason: string; readonly status: number } | null {
  const lower = written.toLowerCase();
  for (const [reason, status] of Object.entries(pushReasons[provider]))
    if (reason.toLowerCase() === lower) return { reason, status };
  return null;
}

/** The one that stands for a status; null: the provider has no such. */
export function reasonWith(provider: PushProvider, status: number): string | null {
  return Object.entries(pushReasons[provider]).find(([, one]) => one === status)?.[0] ?? null;
}
