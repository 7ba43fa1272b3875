/** What FCM and Google's front end answer: one table of errors, and the exact shape of a reply. Pure. */
import type { ProviderReply } from '../../doors/http/provider-request.ts';

export interface ErrorRow {
  readonly status: number;
  /** `status` of the body: the canonical code (google.rpc.Code). */
  readonly code: string;
  readonly message: string;
  /** Whether the body names it as FCM's own `errorCode`; Google's front end knows nothing of those. */
  readonly fcm: boolean;
}

/**
 * By what a client reads first: `errorCode` of FcmError, else `status`.
 * Source: https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode for the codes and their HTTP status,
 * https://cloud.google.com/apis/design/errors#handling_errors for the canonical ones; messages as FCM has been seen to say them.
 */
export const errorRows = {
  UNSPECIFIED_ERROR: { status: 500, code: 'UNKNOWN', message: 'Unknown Error.', fcm: true },
  INVALID_ARGUMENT: {
    status: 400,
    code: 'INVALID_ARGUMENT',
    message: 'Request contains an invalid argument.',
    fcm: true,
  },
  UNREGISTERED: { status: 404, code: 'NOT_FOUND', message: 'Requested entity was not found.', fcm: true },
  SENDER_ID_MISMATCH: { status: 403, code: 'PERMISSION_DENIED', message: 'SenderId mismatch', fcm: true },
  QUOTA_EXCEEDED: {
    status: 429,
    code: 'RESOURCE_EXHAUSTED',
    message: 'Resource has been exhausted (e.g. check quota).',
    fcm: true,
  },
  UNAVAILABLE: {
    status: 503,
    code: 'UNAVAILABLE',
    message: 'The service is currently unavailable.',
    fcm: true,
  },
  INTERNAL: { status: 500, code: 'INTERNAL', message: 'Internal error encountered.', fcm: true },
  THIRD_PARTY_AUTH_ERROR: {
    status: 401,
    code: 'UNAUTHENTICATED',
    message: 'Auth error from APNS or Web Push Service',
    fcm: true,
  },
  UNAUTHENTICATED: {
    status: 401,
    code: 'UNAUTHENTICATED',
    message:
      'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
    fcm: false,
  },
  PERMISSION_DENIED: {
    status: 403,
    code: 'PERMISSION_DENIED',
    message: 'The caller does not have permission',
    fcm: false,
  },
  NOT_FOUND: { status: 404, code: 'NOT_FOUND', message: 'Requested entity was not found.', fcm: false },
  ALREADY_EXISTS: {
    status: 409,
    code: 'ALREADY_EXISTS',
    message: 'Requested entity already exists',
    fcm: false,
  },
  ABORTED: { status: 409, code: 'ABORTED', message: 'The operation was aborted.', fcm: false },
  FAILED_PRECONDITION: {
    status: 400,
    code: 'FAILED_PRECONDITION',
    message: 'Precondition check failed.',
    fcm: false,
  },
  RESOURCE_EXHAUSTED: {
    status: 429,
    code: 'RESOURCE_EXHAUSTED',
    message: 'Resource has been exhausted (e.g. check quota).',
    fcm: false,
  },
  CANCELLED: { status: 499, code: 'CANCELLED', message: 'The operation was cancelled.', fcm: false },
  UNKNOWN: { status: 500, code: 'UNKNOWN', message: 'Unknown Error.', fcm: false },
  UNIMPLEMENTED: {
    status: 501,
    code: 'UNIMPLEMENTED',
    message: 'Operation is not implemented, or supported, or enabled.',
    fcm: false,
  },
  DEADLINE_EXCEEDED: {
    status: 504,
    code: 'DEADLINE_EXCEEDED',
    message: 'Deadline expired before operation could complete.',
    fcm: false,
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;
export type ErrorReason = keyof typeof errorRows;

export const fcmErrorType = 'type.googleapis.com/google.firebase.fcm.v1.FcmError';
const badRequestType = 'type.googleapis.com/google.rpc.BadRequest';
const quotaFailureType = 'type.googleapis.com/google.rpc.QuotaFailure';
const errorInfoType = 'type.googleapis.com/google.rpc.ErrorInfo';

export interface FieldViolation {
  /** A path in the names of the API's protocol buffers; empty for the body as a whole. */
  readonly field: string;
  readonly description: string;
}

export type ErrorDetail = Readonly<Record<string, unknown>>;

export interface ErrorWords {
  readonly message?: string;
  /** Before FCM's own. */
  readonly details?: readonly ErrorDetail[];
  readonly retryAfterS?: number;
  readonly fields?: readonly (readonly [name: string, value: string])[];
}

/** An error of the table, as its body and fields. */
export function errorReply(reason: ErrorReason, words: ErrorWords = {}): ProviderReply {
  return replyOf(errorRows[reason], reason, words);
}

/**
 * An error that a rule asks for by name: one of the table, or any word, which then stands as FCM's `errorCode` with the
 * status given (500 where none is).
 */
export function namedErrorReply(
  reason: string,
  status: number | undefined,
  words: ErrorWords = {},
): ProviderReply {
  const row: ErrorRow = isErrorReason(reason)
    ? errorRows[reason]
    : { status: 500, code: canonicalOf(status ?? 500), message: 'Unknown Error.', fcm: true };
  return replyOf(status === undefined ? row : { ...row, status }, reason, words);
}

export function isErrorReason(reason: string): reason is ErrorReason {
  return Object.hasOwn(errorRows, reason);
}

function replyOf(row: ErrorRow, reason: string, words: ErrorWords): ProviderReply {
  const details = [
    ...(words.details ?? []),
    ...(row.fcm ? [{ '@type': fcmErrorType, errorCode: reason }] : []),
  ];
  const retryAfter = words.retryAfterS;
  return jsonReply(
    row.status,
    {
      error: {
        code: row.status,
        message: words.message ?? row.message,
        status: row.code,
        ...(details.length === 0 ? {} : { details }),
      },
    },
    [
      ...(words.fields ?? []),
      ...(retryAfter === undefined ? [] : [['retry-after', String(retryAfter)] as const]),
    ],
  );
}

/**
 * What the front end says of a body that does not fit the API (no FcmError), or FCM of what it says (with it).
 * Source: https://firebase.google.com/docs/cloud-messaging/error-codes, its two examples.
 */
export function badFieldsReply(violations: readonly FieldViolation[], byFcm: boolean): ProviderReply {
  const message = violations.map(({ description }) => description).join('\n');
  const details = [badRequest(violations)];
  if (byFcm) return errorReply('INVALID_ARGUMENT', { message, details });
  return replyOf({ ...errorRows.INVALID_ARGUMENT, fcm: false }, 'INVALID_ARGUMENT', { message, details });
}

export function badRequest(violations: readonly FieldViolation[]): ErrorDetail {
  return {
    '@type': badRequestType,
    fieldViolations: violations.map(({ field, description }) =>
      field === '' ? { description } : { field, description },
    ),
  };
}

/** Which quota: "an extension of type google.rpc.QuotaFailure is returned to specify which quota was exceeded". */
export function quotaFailure(subject: string, description: string): ErrorDetail {
  return { '@type': quotaFailureType, violations: [{ subject, description }] };
}

export function errorInfo(
  reason: string,
  domain: string,
  metadata: Readonly<Record<string, string>>,
): ErrorDetail {
  return { '@type': errorInfoType, reason, domain, metadata };
}

/** Google indents its JSON and ends it with a line feed. */
export function jsonReply(
  status: number,
  body: unknown,
  fields: readonly (readonly [name: string, value: string])[] = [],
): ProviderReply {
  return {
    status,
    fields: [
      ['content-type', 'application/json; charset=UTF-8'],
      ['vary', 'Origin, X-Origin, Referer'],
      ['cache-control', 'private'],
      ['x-content-type-options', 'nosniff'],
      ...fields,
    ],
    body: `${JSON.stringify(body, null, 2)}\n`,
  };
}

/** Source: google/rpc/code.proto, the HTTP mapping in its comments. */
function canonicalOf(status: number): string {
  switch (status) {
    case 400:
      return 'INVALID_ARGUMENT';
    case 401:
      return 'UNAUTHENTICATED';
    case 403:
      return 'PERMISSION_DENIED';
    case 404:
      return 'NOT_FOUND';
    case 409:
      return 'ABORTED';
    case 429:
      return 'RESOURCE_EXHAUSTED';
    case 501:
      return 'UNIMPLEMENTED';
    case 503:
      return 'UNAVAILABLE';
    case 504:
      return 'DEADLINE_EXCEEDED';
    default:
      return status < 500 ? 'FAILED_PRECONDITION' : 'UNKNOWN';
  }
}
