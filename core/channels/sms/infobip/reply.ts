/**
 * What Infobip answers: one table of errors in its two shapes, that of its first interfaces (`requestError`) and that of
 * version 3 (`errorCode`). Pure.
 * Source: Infobip's OpenAPI specification (https://www.infobip.com/docs/api), responses ApiException4xx and ApiError4xx.
 */
import type { ProviderAnswer, ProviderReply } from '../../../doors/http/provider-request.ts';

export type ApiVersion = 1 | 2 | 3;

interface ErrorRow {
  readonly status: number;
  readonly text: string;
  readonly description: string;
  readonly action: string;
  readonly resources: readonly { readonly name: string; readonly url: string }[];
}

export const errorRows = {
  BAD_REQUEST: {
    status: 400,
    text: 'Bad Request',
    description: 'Request cannot be processed.',
    action: 'Check the syntax, violations and adjust the request.',
    resources: [],
  },
  UNAUTHORIZED: {
    status: 401,
    text: 'Unauthorized',
    description: 'The request lacks valid authentication credentials for the requested resource.',
    action: 'Check the resources and adjust authentication credentials.',
    resources: [
      { name: 'API Authentication', url: 'https://www.infobip.com/docs/essentials/api-authentication' },
    ],
  },
  FORBIDDEN: {
    status: 403,
    text: 'Forbidden',
    description: 'Insufficient permissions to access the requested resource.',
    action: 'Repeat the request with new or different credentials.',
    resources: [
      {
        name: 'API Scopes',
        url: 'https://www.infobip.com/docs/essentials/api-essentials/api-authorization#api-scopes',
      },
    ],
  },
  NOT_FOUND: {
    status: 404,
    text: 'Not found',
    description: 'The requested resource could not be found.',
    action: 'Check the requested resource.',
    resources: [],
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    text: 'Method not allowed',
    description: 'The method is not allowed for the requested resource.',
    action: 'Check the method of the request.',
    resources: [],
  },
  TOO_MANY_REQUESTS: {
    status: 429,
    text: 'Too many requests',
    description: 'Too many requests sent.',
    action: 'Check request rate limit specified in the API endpoint documentation resource.',
    resources: [
      {
        name: 'Throttling handling errors',
        url: 'https://www.infobip.com/docs/essentials/integration-best-practices#throttling-handling-errors',
      },
    ],
  },
  GENERAL_ERROR: {
    status: 500,
    text: 'Something went wrong. Please contact support.',
    description: 'Something went wrong.',
    action: 'Contact the support.',
    resources: [],
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;
export type InfobipError = keyof typeof errorRows;

/** `property` as in `messages[0].destinations[1].to`. */
export interface Violation {
  readonly property: string;
  readonly violation: string;
}

export interface Refusal {
  readonly error: InfobipError;
  readonly text?: string;
  readonly violations?: readonly Violation[];
  /** For the exchange: what is wrong, and what to change. */
  readonly why: string;
}

export function errorReply(
  version: ApiVersion,
  error: InfobipError,
  {
    text,
    violations = [],
  }: { readonly text?: string | undefined; readonly violations?: readonly Violation[] | undefined } = {},
): ProviderReply {
  const row: ErrorRow = errorRows[error];
  return jsonReply(row.status, bodyOf(version, error, row, text ?? null, violations));
}

function bodyOf(
  version: ApiVersion,
  code: string,
  row: ErrorRow,
  text: string | null,
  violations: readonly Violation[],
): unknown {
  if (version === 3)
    return {
      errorCode: `E${row.status}`,
      description: text ?? row.description,
      action: row.action,
      violations,
      resources: row.resources,
    };
  const validationErrors: Record<string, string[]> = {};
  for (const { property, violation } of violations)
    validationErrors[property] = [...(validationErrors[property] ?? []), violation];
  return {
    requestError: {
      serviceException: {
        messageId: code,
        text: text ?? row.text,
        ...(violations.length === 0 ? {} : { validationErrors }),
      },
    },
  };
}

export function refused(version: ApiVersion, refusal: Refusal, user: string | null = null): ProviderAnswer {
  return { reply: errorReply(version, refusal.error, refusal), refused: refusal.why, user };
}

/** An error that a rule asks for: by name, by HTTP status (`429`, `E429`), or any other word, which then stands as its id. */
export function wantedReply(
  version: ApiVersion,
  wanted: {
    readonly reason: string;
    readonly status: number | null;
    readonly text: string | null;
    readonly retryAfterS: number | null;
  },
): ProviderReply {
  const number = /^E?(\d{3})$/i.exec(wanted.reason)?.[1];
  const byStatus = Object.entries(errorRows).find(([, { status }]) => String(status) === number)?.[0];
  const code = byStatus ?? wanted.reason;
  const known: ErrorRow = isInfobipError(code) ? errorRows[code] : errorRows.BAD_REQUEST;
  const row = {
    ...known,
    status: wanted.status ?? (byStatus === undefined && number !== undefined ? Number(number) : known.status),
  };
  const reply = jsonReply(row.status, bodyOf(version, code, row, wanted.text, []));
  return wanted.retryAfterS === null
    ? reply
    : { ...reply, fields: [...reply.fields, ['retry-after', String(wanted.retryAfterS)]] };
}

function isInfobipError(code: string): code is InfobipError {
  return Object.hasOwn(errorRows, code);
}

export function jsonReply(status: number, body: unknown): ProviderReply {
  return {
    status,
    fields: [['content-type', 'application/json;charset=utf-8']],
    body: JSON.stringify(body),
  };
}

export function told(body: unknown, user: string): ProviderAnswer {
  return { reply: jsonReply(200, body), refused: null, user };
}
