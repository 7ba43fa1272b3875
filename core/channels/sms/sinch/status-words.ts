/**
 * Sinch's words for what becomes of a message. Data: one row per code.
 * Source: https://developers.sinch.com/docs/sms/api-reference/sms/delivery-reports/delivery-report-error-codes for codes
 * from 400 on, https://developers.sinch.com/docs/sms/smpp/error-codes for those below and from 500 on.
 */
import { assertNever } from '../../../model/app-error.ts';
import type { SmsCause, SmsState } from '../../../model/sms.ts';

export const statuses = [
  'Queued',
  'Dispatched',
  'Aborted',
  'Cancelled',
  'Rejected',
  'Deleted',
  'Delivered',
  'Failed',
  'Expired',
  'Unknown',
] as const;
export type SinchStatus = (typeof statuses)[number];

interface CodeRow {
  readonly status: SinchStatus;
  readonly name: string;
}

export const codes: Readonly<Record<number, CodeRow>> = {
  0: { status: 'Delivered', name: 'Delivered' },
  1: { status: 'Deleted', name: 'Unknown subscriber' },
  11: { status: 'Failed', name: 'Teleservice not provisioned' },
  13: { status: 'Failed', name: 'Call barred' },
  29: { status: 'Failed', name: 'Absent subscriber' },
  36: { status: 'Failed', name: 'Network/Protocol failure' },
  400: { status: 'Queued', name: 'Queued' },
  401: { status: 'Dispatched', name: 'Dispatched' },
  402: { status: 'Aborted', name: 'Message unroutable' },
  403: { status: 'Aborted', name: 'Internal error' },
  404: { status: 'Aborted', name: 'Temporary delivery failure' },
  405: { status: 'Aborted', name: 'Unmatched Parameter' },
  406: { status: 'Aborted', name: 'Internal Expiry' },
  407: { status: 'Cancelled', name: 'Cancelled' },
  408: { status: 'Aborted', name: 'Internal Reject' },
  410: { status: 'Aborted', name: 'Unmatched default originator' },
  411: { status: 'Aborted', name: 'Exceeded parts limit' },
  412: { status: 'Aborted', name: 'Unprovisioned region' },
  413: { status: 'Aborted', name: 'Blocked' },
  500: { status: 'Unknown', name: 'Other error' },
  991: { status: 'Rejected', name: 'Rejected by message text filter' },
  993: { status: 'Rejected', name: 'Blacklisted sender' },
  995: { status: 'Failed', name: 'Undeliverable' },
  996: { status: 'Expired', name: 'Validity expired' },
  997: { status: 'Deleted', name: 'Blacklisted receiver' },
};

/** The code that goes with a status of which no more is known. */
const usualCodes: Readonly<Record<SinchStatus, number>> = {
  Queued: 400,
  Dispatched: 401,
  Aborted: 402,
  Cancelled: 407,
  Rejected: 408,
  Deleted: 1,
  Delivered: 0,
  Failed: 995,
  Expired: 996,
  Unknown: 500,
};

/** What a rule wants, a status or a code or both: the other one by the tables. */
export function forcedWords(
  status: string | undefined,
  code: string | undefined,
): { readonly status: string; readonly code: string } | null {
  if (status !== undefined) {
    const known = statuses.find((one) => one.toLowerCase() === status.toLowerCase());
    return { status: known ?? status, code: code ?? String(known === undefined ? 995 : usualCodes[known]) };
  }
  if (code === undefined) return null;
  return { status: codes[Number(code)]?.status ?? 'Failed', code };
}

export function codeFor(state: SmsState, cause: SmsCause | null): number {
  switch (state) {
    case 'scheduled':
    case 'accepted':
      return 400;
    // It has the SMSC, whether that waits for the handset or not: Sinch has no word for the difference.
    case 'sent':
    case 'held':
      return 401;
    case 'delivered':
    case 'received':
      return 0;
    case 'expired':
      return 996;
    case 'canceled':
      return 407;
    case 'unknown':
      return 500;
    case 'undelivered':
    case 'failed':
    case 'rejected':
      return failureCode(state, cause);
    default:
      return assertNever(state);
  }
}

function failureCode(state: 'undelivered' | 'failed' | 'rejected', cause: SmsCause | null): number {
  switch (cause) {
    case 'unknown_number':
      return 1;
    case 'landline':
      return 11;
    case 'unreachable':
      return 29;
    case 'blocked':
      return 13;
    case 'filtered':
      return 991;
    case 'opted_out':
      return 997;
    case 'sender_not_registered':
    case 'sender_not_allowed':
      return 993;
    case 'region_not_allowed':
      return 412;
    case 'validity':
      return 996;
    case 'content':
      return 411;
    case 'canceled_by_app':
      return 407;
    case 'carrier_error':
      return state === 'failed' ? 404 : 36;
    case 'lost':
    case 'on_purpose':
    case null:
      return state === 'rejected' ? 408 : state === 'failed' ? 403 : 995;
    default:
      return assertNever(cause);
  }
}
