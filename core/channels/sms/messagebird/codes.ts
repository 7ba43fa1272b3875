/** What MessageBird says by number: of a request, and of a message that did not arrive. */
import type { SmsCause, SmsState } from '../../../model/sms.ts';

export interface ErrorRow {
  readonly status: number;
  readonly description: string;
  readonly parameter: string | null;
}

/**
 * `errors[].code`.
 * Source: https://developers.messagebird.com/api/#errors for the codes and their HTTP status; descriptions as the API has been
 * seen to say them.
 */
export const errorRows: Readonly<Record<string, ErrorRow>> = {
  2: { status: 401, description: 'Request not allowed (incorrect access_key)', parameter: 'access_key' },
  9: { status: 422, description: 'no (correct) recipients found', parameter: 'recipients' },
  10: { status: 422, description: 'originator is invalid', parameter: 'originator' },
  20: { status: 404, description: 'message not found', parameter: null },
  21: { status: 400, description: 'Bad request', parameter: null },
  25: { status: 402, description: 'Not enough balance', parameter: null },
  98: { status: 404, description: 'API not found', parameter: null },
  99: { status: 500, description: 'Internal error', parameter: null },
  // Not a code of the API's list: what "HTTP status codes" there says of more requests than an account may make.
  429: { status: 429, description: 'Too many requests', parameter: null },
};

export interface Outcome {
  /** `statusErrorCode`: of the carrier, where it says one. */
  readonly code: string | null;
  readonly reason: string;
}

/**
 * `statusReason` and `statusErrorCode` of what did not arrive; the codes below 100 are those of MAP.
 * Source: https://developers.messagebird.com/api/sms-messaging/#status-reasons, …#sms-error-codes
 */
const failures: Readonly<Record<SmsCause, Outcome>> = {
  unknown_number: { code: '1', reason: 'unknown subscriber' },
  landline: { code: '11', reason: 'incorrect number' },
  unreachable: { code: '27', reason: 'unavailable subscriber' },
  blocked: { code: '13', reason: 'carrier rejected' },
  filtered: { code: null, reason: 'carrier rejected' },
  opted_out: { code: '103', reason: 'opted out' },
  sender_not_registered: { code: '104', reason: 'carrier rejected' },
  sender_not_allowed: { code: '104', reason: 'carrier rejected' },
  region_not_allowed: { code: null, reason: 'generic delivery failure' },
  validity: { code: '27', reason: 'unavailable subscriber' },
  carrier_error: { code: '34', reason: 'received network error' },
  content: { code: null, reason: 'generic delivery failure' },
  canceled_by_app: { code: null, reason: 'generic delivery failure' },
  lost: { code: null, reason: 'DLR not received' },
  on_purpose: { code: null, reason: 'generic delivery failure' },
};

export function outcomeOf(state: SmsState, cause: SmsCause | null): Outcome {
  switch (state) {
    case 'scheduled':
    case 'accepted':
    case 'sent':
      return { code: null, reason: 'pending DLR' };
    case 'held':
      return { code: '27', reason: 'unavailable subscriber' };
    case 'delivered':
    case 'received':
      return { code: null, reason: 'successfully delivered' };
    case 'unknown':
      return failures.lost;
    case 'undelivered':
    case 'failed':
    case 'rejected':
    case 'expired':
    case 'canceled':
      return failures[cause ?? 'on_purpose'];
    default:
      return state satisfies never;
  }
}
