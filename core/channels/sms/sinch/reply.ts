/**
 * What the Sinch SMS API answers: one table of errors, and the shape of a reply. Pure.
 * Source: https://developers.sinch.com/docs/sms/api-reference/status-codes (codes and what they are for). Sinch documents no
 * texts of single errors; they are ours, in its manner.
 */
import type { ProviderAnswer, ProviderReply } from '../../../doors/http/provider-request.ts';

export const errorRows = {
  syntax_invalid_json: {
    status: 400,
    text: "The JSON in the request is invalid or doesn't conform to the API specification.",
  },
  syntax_invalid_parameter_format: { status: 400, text: 'The format of a field value is invalid.' },
  syntax_constraint_violation: {
    status: 400,
    text: "The request body doesn't fulfill all of the constraints set by the API.",
  },
  unauthorized: {
    status: 401,
    text: 'There was an authentication error with your request: the credentials are missing or incorrect.',
  },
  unknown_group: {
    status: 403,
    text: 'A referenced group ID is unknown. This could happen if the ID is invalid or if the group has been deleted.',
  },
  unknown_campaign: { status: 403, text: 'The campaign ID does not match the specified originator.' },
  missing_callback_url: { status: 403, text: 'Callback has been requested but no URL is provided.' },
  illegal_number_type: {
    status: 403,
    text: 'Illegal phone number type of MSISDN for a chosen region was used.',
  },
  blocked_account: { status: 403, text: 'Your account is blocked.' },
  conflict_send_at: { status: 403, text: 'The batch has been sent already and cannot be changed.' },
  feedback_not_enabled: { status: 403, text: 'Feedback was not enabled when the batch was submitted.' },
  resource_not_found: { status: 404, text: 'The requested resource could not be found.' },
  method_not_allowed: { status: 405, text: 'The method is not allowed for the requested resource.' },
  too_many_requests: { status: 429, text: 'The rate limit of your service plan has been exceeded.' },
  internal_error: { status: 500, text: 'An internal error occurred.' },
  service_unavailable: { status: 503, text: 'The service is temporarily unavailable.' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly text: string }>>;
export type SinchError = keyof typeof errorRows;

export interface Refusal {
  readonly error: SinchError;
  readonly text?: string;
  /** For the exchange: what is wrong, and what to change. */
  readonly why: string;
}

export function errorReply(error: SinchError, text: string = errorRows[error].text): ProviderReply {
  return withFields(
    jsonReply(errorRows[error].status, { code: error, text }),
    error === 'unauthorized' ? [['www-authenticate', 'Bearer']] : [],
  );
}

export function refused({ error, text, why }: Refusal, user: string | null = null): ProviderAnswer {
  return { reply: errorReply(error, text), refused: why, user };
}

/** An error that a rule asks for: by name, by HTTP status, or any other word, which then stands as the code. */
export function wantedReply(wanted: {
  readonly reason: string;
  readonly status: number | null;
  readonly text: string | null;
  readonly retryAfterS: number | null;
}): ProviderReply {
  const byStatus = Object.entries(errorRows).find(([, row]) => String(row.status) === wanted.reason);
  const code = byStatus?.[0] ?? wanted.reason;
  const row = isSinchError(code) ? errorRows[code] : { status: 403, text: 'The request was refused.' };
  return withFields(
    jsonReply(wanted.status ?? row.status, { code, text: wanted.text ?? row.text }),
    wanted.retryAfterS === null ? [] : [['retry-after', String(wanted.retryAfterS)]],
  );
}

function isSinchError(code: string): code is SinchError {
  return Object.hasOwn(errorRows, code);
}

export function jsonReply(status: number, body: unknown): ProviderReply {
  return {
    status,
    fields: [['content-type', 'application/json; charset=utf-8']],
    body: JSON.stringify(body),
  };
}

export function emptyReply(status: number): ProviderReply {
  return { status, fields: [], body: '' };
}

function withFields(reply: ProviderReply, fields: ProviderReply['fields']): ProviderReply {
  return { ...reply, fields: [...reply.fields, ...fields] };
}
