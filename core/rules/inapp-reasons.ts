/**
 * What the in-app door says in place of a yes: one row per reason, with its status. Rules may name others; these are what
 * presets and the editor offer.
 * Sources: Knock (https://docs.knock.app/reference#errors), Novu (https://docs.novu.co/api-reference), RFC 9110 §15.
 */
export interface InAppReason {
  /** What `answer.reason` names: the `code` of the problem document. */
  readonly code: string;
  readonly status: number;
  readonly means: string;
}

function said(code: string, status: number, means: string): InAppReason {
  return { code, status, means };
}

export const inAppReasons: readonly InAppReason[] = [
  said('unauthorized', 401, 'the key or the user’s token is not taken'),
  said('token_expired', 401, 'the user’s token is over'),
  said('forbidden', 403, 'the hash is not that of the user'),
  said('not_found', 404, 'there is no such user, or no such message'),
  said('payload_too_large', 413, 'the message is too large'),
  said('invalid_message', 422, 'the message is not taken as it is'),
  said('rate_limited', 429, 'too many requests'),
  said('internal_error', 500, 'a fault of the server'),
  said('bad_gateway', 502, 'a proxy reaches no server'),
  said('unavailable', 503, 'out of order, or overloaded'),
  said('timeout', 504, 'a proxy waited in vain'),
];

const byCode = new Map(inAppReasons.map((one) => [one.code, one]));

/** The status that goes with a reason; 500 for one that is not known. */
export function inAppStatusOf(reason: string): number {
  return byCode.get(reason)?.status ?? 500;
}

export function inAppReasonOf(reason: string): InAppReason | null {
  return byCode.get(reason) ?? null;
}
