/**
 * Every reason that APNs gives, with its status and what to do about it, and the replies that carry them. One table; pure.
 *
 * Sources: Apple, "Handling notification responses from APNs" (device pushes) and "Handling error responses from Apple Push
 * Notification service" (broadcast channels).
 */
import type { ProviderReply } from '../../doors/http/provider-request.ts';

export interface ReasonRow {
  readonly status: number;
  /** Where Apple documents it: for pushes to devices, for broadcast channels, or for both. */
  readonly of: 'device' | 'broadcast' | 'both';
  /** What was wrong, and what to change. */
  readonly words: string;
}

export const reasons = {
  BadCollapseId: row(400, 'device', 'apns-collapse-id is longer than 64 bytes: shorten it'),
  BadDeviceToken: row(
    400,
    'device',
    'the device token is not one of this environment: check the token, and production against development',
  ),
  BadExpirationDate: row(400, 'both', 'apns-expiration is not a time in whole UNIX seconds'),
  BadMessageId: row(
    400,
    'device',
    'apns-id is not a UUID in its canonical form (8-4-4-4-12 hexadecimal digits)',
  ),
  BadPriority: row(400, 'both', 'apns-priority is 10, 5 or 1, and not 10 for background pushes'),
  BadTopic: row(400, 'device', 'apns-topic is not a bundle id, with or without a suffix'),
  DeviceTokenNotForTopic: row(
    400,
    'device',
    "the device token is another app's, or not for this kind of push: check apns-topic",
  ),
  DuplicateHeaders: row(400, 'both', 'a header field is there twice: send each once'),
  IdleTimeout: row(400, 'both', 'the connection was idle for too long: open another'),
  InvalidPushType: row(400, 'both', 'apns-push-type is unknown, or does not fit the suffix of apns-topic'),
  MissingDeviceToken: row(400, 'device', 'the path names no device: POST /3/device/<token>'),
  MissingTopic: row(
    400,
    'device',
    'apns-topic is missing: it is required with a token, and with a certificate of several topics',
  ),
  PayloadEmpty: row(400, 'both', 'there is no payload: send a JSON object'),
  TopicDisallowed: row(400, 'both', 'these credentials may not push to this topic'),
  BadCertificate: row(403, 'both', 'the client certificate is none for push notifications, or not valid now'),
  BadCertificateEnvironment: row(403, 'both', 'the client certificate is for the other environment'),
  ExpiredProviderToken: row(
    403,
    'both',
    'the token is older than an hour: sign a new one every 20 to 60 minutes',
  ),
  Forbidden: row(403, 'both', 'the action is not allowed with these credentials'),
  InvalidProviderToken: row(
    403,
    'both',
    'the token is not valid: an ES256 JWT with kid, iss and iat, signed by the key of that kid',
  ),
  MissingProviderToken: row(
    403,
    'both',
    'there is no client certificate, and no authorization: bearer <token>',
  ),
  UnrelatedKeyIdInToken: row(
    403,
    'device',
    "the token's key is not that of the connection's first push: use a connection for each key",
  ),
  BadEnvironmentKeyIdInToken: row(403, 'device', "the token's key is for the other environment"),
  // Seen on the wire in place of the documented spelling (swift-server-community/APNSwift#229).
  BadEnvironmentKeyInToken: row(403, 'device', "the token's key is for the other environment"),
  BadPath: row(404, 'both', 'there is nothing at this path: POST /3/device/<token>'),
  MethodNotAllowed: row(405, 'both', 'the method is not one that this path takes: POST'),
  ExpiredToken: row(410, 'device', 'the device token has expired: forget it'),
  Unregistered: row(410, 'device', 'the app is gone from the device: forget the token'),
  PayloadTooLarge: row(413, 'both', 'the payload is too large: 4096 bytes, 5120 for voip and broadcasts'),
  TooManyProviderTokenUpdates: row(
    429,
    'both',
    'a new token came within 20 minutes on this connection: use one token for 20 to 60 minutes',
  ),
  TooManyRequests: row(429, 'both', 'too many pushes to the same device token: slow down'),
  InternalServerError: row(500, 'both', 'an error inside APNs: try again later'),
  ServiceUnavailable: row(503, 'both', 'APNs is not available: try again later'),
  Shutdown: row(503, 'both', 'the server is shutting down: open another connection'),
  FeatureNotEnabled: row(400, 'broadcast', 'broadcast is not enabled for this app'),
  MissingChannelId: row(400, 'broadcast', 'apns-channel-id is missing'),
  BadChannelId: row(400, 'broadcast', 'apns-channel-id is not base64, or too long'),
  ChannelNotRegistered: row(
    400,
    'broadcast',
    'there is no such channel in this environment: create it first',
  ),
  BadRequestParams: row(400, 'broadcast', 'the path names no app: /1/apps/<bundle id>/channels'),
  BadRequestPayload: row(
    400,
    'broadcast',
    'the body is not {"message-storage-policy": 0 or 1, "push-type": "LiveActivity"}',
  ),
  MissingPushType: row(400, 'broadcast', 'the push type is missing: LiveActivity'),
  CannotCreateChannelConfig: row(
    400,
    'broadcast',
    'the app has as many channels as it may have (10,000): delete some',
  ),
  TopicMismatch: row(403, 'broadcast', "the app of the path is not the certificate's"),
} as const satisfies Readonly<Record<string, ReasonRow>>;

export type ApnsReason = keyof typeof reasons;

/** The token is nobody's any more, or was none of this app's. */
export const deadTokens: ReadonlySet<string> = new Set([
  'BadDeviceToken',
  'DeviceTokenNotForTopic',
  'ExpiredToken',
  'Unregistered',
]);

export function isReason(text: string): text is ApnsReason {
  return Object.hasOwn(reasons, text);
}

/** Named by its spelling on the wire; what a rule says may be a word that this table does not have: then 400. */
export function statusOf(reason: string): number {
  return isReason(reason) ? reasons[reason].status : 400;
}

export interface Refusal {
  readonly reason: string;
  /** Absent: the one that belongs to the reason. */
  readonly status?: number;
  /** Of a 410: since when the token is no longer good, in milliseconds (Apple: "The time, represented in milliseconds"). */
  readonly timestampMs?: number;
  readonly retryAfterS?: number;
}

/** Which field carries the id of the request: `apns-id` of pushes, `apns-request-id` of channel management. */
export type IdField = readonly [name: 'apns-id' | 'apns-request-id', value: string];

export function refusalReply(refusal: Refusal, id: IdField): ProviderReply {
  const { reason, status = statusOf(reason), timestampMs, retryAfterS } = refusal;
  return {
    status,
    fields: retryAfterS === undefined ? [id] : [id, ['retry-after', String(retryAfterS)]],
    body: JSON.stringify(timestampMs === undefined ? { reason } : { reason, timestamp: timestampMs }),
  };
}

/** @param uniqueId for the development environment's delivery log; null in production */
export function acceptedReply(id: IdField, uniqueId: string | null): ProviderReply {
  return { status: 200, fields: uniqueId === null ? [id] : [id, ['apns-unique-id', uniqueId]], body: '' };
}

/** Debug data of a GOAWAY. Source: "The JSON data might also be included in a GOAWAY frame when a connection terminates." */
export function goAwayData(reason: string): string {
  return JSON.stringify({ reason });
}

function row(status: number, of: ReasonRow['of'], words: string): ReasonRow {
  return { status, of, words };
}
