/**
 * What FCM refuses a message with, as Google lists it (https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode),
 * and what its front end does (google.rpc.Code); with the code that firebase-admin makes of each.
 */
export interface FcmAnswer {
  readonly reason: string;
  readonly status: number;
  /** `status` of the body. */
  readonly canonical: string;
  /** Whether the body has an FcmError. */
  readonly fcm: boolean;
  readonly admin: string;
  /** Whom the rule is for. */
  readonly token: string;
}

const rows: readonly (readonly [reason: string, status: number, canonical: string, admin: string])[] = [
  ['UNSPECIFIED_ERROR', 500, 'UNKNOWN', 'unknown-error'],
  ['INVALID_ARGUMENT', 400, 'INVALID_ARGUMENT', 'invalid-argument'],
  ['UNREGISTERED', 404, 'NOT_FOUND', 'registration-token-not-registered'],
  ['SENDER_ID_MISMATCH', 403, 'PERMISSION_DENIED', 'mismatched-credential'],
  ['QUOTA_EXCEEDED', 429, 'RESOURCE_EXHAUSTED', 'message-rate-exceeded'],
  ['UNAVAILABLE', 503, 'UNAVAILABLE', 'server-unavailable'],
  ['INTERNAL', 500, 'INTERNAL', 'internal-error'],
  ['THIRD_PARTY_AUTH_ERROR', 401, 'UNAUTHENTICATED', 'third-party-auth-error'],
];
const frontEnd: typeof rows = [
  ['UNAUTHENTICATED', 401, 'UNAUTHENTICATED', 'third-party-auth-error'],
  ['PERMISSION_DENIED', 403, 'PERMISSION_DENIED', 'mismatched-credential'],
  ['NOT_FOUND', 404, 'NOT_FOUND', 'registration-token-not-registered'],
  ['RESOURCE_EXHAUSTED', 429, 'RESOURCE_EXHAUSTED', 'message-rate-exceeded'],
  ['UNIMPLEMENTED', 501, 'UNIMPLEMENTED', 'unknown-error'],
  ['DEADLINE_EXCEEDED', 504, 'DEADLINE_EXCEEDED', 'unknown-error'],
];

export const fcmAnswers: readonly FcmAnswer[] = [...rows, ...frontEnd].map(
  ([reason, status, canonical, admin], at) => ({
    reason,
    status,
    canonical,
    fcm: at < rows.length,
    admin: `messaging/${admin}`,
    token: `device-${at}:APA91b${'x'.repeat(134)}`,
  }),
);

/** For each token the refusal that a rule is to give it. A 503 says so long that no client waits for it. */
export const fcmRefusals = Object.fromEntries(
  fcmAnswers.map(({ token, reason, status }) => [
    token,
    { reason, ...(status === 503 ? { retryAfterS: 3_600 } : {}) },
  ]),
);
