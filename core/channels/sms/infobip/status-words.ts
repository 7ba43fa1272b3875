/**
 * Infobip's words: statuses of messages, and errors of networks. Data: one row per name. A step's `status` is the name of a
 * status, its `code` the id of an error.
 * Source: https://www.infobip.com/docs/essentials/api-essentials/response-status-and-error-codes
 */
import { assertNever } from '../../../model/app-error.ts';
import type { SmsCause, SmsState } from '../../../model/sms.ts';

const groups = {
  PENDING: 1,
  UNDELIVERABLE: 2,
  DELIVERED: 3,
  EXPIRED: 4,
  REJECTED: 5,
} as const;
export type StatusGroup = keyof typeof groups;

interface StatusRow {
  readonly id: number;
  readonly group: StatusGroup;
  readonly description: string;
}

export const statuses = {
  DELIVERED_TO_OPERATOR: { id: 2, group: 'DELIVERED', description: 'Message delivered to operator' },
  PENDING_WAITING_DELIVERY: {
    id: 3,
    group: 'PENDING',
    description: 'Message sent, waiting for delivery report',
  },
  UNDELIVERABLE_REJECTED_OPERATOR: {
    id: 4,
    group: 'UNDELIVERABLE',
    description: 'Message rejected by operator',
  },
  DELIVERED_TO_HANDSET: { id: 5, group: 'DELIVERED', description: 'Message delivered to handset' },
  REJECTED_NETWORK: { id: 6, group: 'REJECTED', description: 'Network is forbidden' },
  PENDING_ENROUTE: { id: 7, group: 'PENDING', description: 'Message sent to next instance' },
  REJECTED_PREFIX_MISSING: { id: 8, group: 'REJECTED', description: 'Number prefix missing' },
  UNDELIVERABLE_NOT_DELIVERED: {
    id: 9,
    group: 'UNDELIVERABLE',
    description: 'Message sent not delivered',
  },
  REJECTED_DND: { id: 10, group: 'REJECTED', description: 'Destination on DND list' },
  REJECTED_SOURCE: { id: 11, group: 'REJECTED', description: 'Invalid Source address' },
  REJECTED_NOT_ENOUGH_CREDITS: { id: 12, group: 'REJECTED', description: 'Not enough credits' },
  REJECTED_SENDER: { id: 13, group: 'REJECTED', description: 'By Sender' },
  REJECTED_DESTINATION_BLOCKLISTED: {
    id: 14,
    group: 'REJECTED',
    description: 'Destination is blocklisted',
  },
  EXPIRED_EXPIRED: { id: 15, group: 'EXPIRED', description: 'Message expired' },
  REJECTED_PREPAID_PACKAGE_EXPIRED: { id: 17, group: 'REJECTED', description: 'Prepaid package expired' },
  REJECTED_DESTINATION_NOT_REGISTERED: {
    id: 18,
    group: 'REJECTED',
    description: 'Destination not registered',
  },
  REJECTED_ROUTE_NOT_AVAILABLE: { id: 19, group: 'REJECTED', description: 'Route not available' },
  REJECTED_FLOODING_FILTER: { id: 20, group: 'REJECTED', description: 'Rejected flooding' },
  REJECTED_SYSTEM_ERROR: { id: 21, group: 'REJECTED', description: 'System error' },
  REJECTED_DUPLICATE_MESSAGE_ID: { id: 23, group: 'REJECTED', description: 'Duplicate message ID' },
  REJECTED_INVALID_UDH: { id: 24, group: 'REJECTED', description: 'Invalid UDH' },
  REJECTED_MESSAGE_TOO_LONG: { id: 25, group: 'REJECTED', description: 'Message too long' },
  PENDING_ACCEPTED: { id: 26, group: 'PENDING', description: 'Message sent to next instance' },
  EXPIRED_DLR_UNKNOWN: { id: 29, group: 'EXPIRED', description: 'Expired with unknown delivery report' },
  UNDELIVERABLE_NOT_SENT: { id: 31, group: 'UNDELIVERABLE', description: 'Message has not been sent' },
  MISSING_TO: { id: 51, group: 'REJECTED', description: 'Missing to' },
  REJECTED_DESTINATION: { id: 52, group: 'REJECTED', description: 'Invalid destination address' },
  SIGNALS_BLOCKED: { id: 87, group: 'REJECTED', description: 'Rejected by the anti-fraud mechanism' },
} as const satisfies Readonly<Record<string, StatusRow>>;
export type StatusName = keyof typeof statuses;

/** Of a group alone, as a rule may name it. */
const groupStatuses: Readonly<Record<StatusGroup, StatusName>> = {
  PENDING: 'PENDING_ENROUTE',
  UNDELIVERABLE: 'UNDELIVERABLE_NOT_DELIVERED',
  DELIVERED: 'DELIVERED_TO_HANDSET',
  EXPIRED: 'EXPIRED_EXPIRED',
  REJECTED: 'REJECTED_NETWORK',
};

const errorGroups = ['OK', 'HANDSET_ERRORS', 'USER_ERRORS', 'OPERATOR_ERRORS'] as const;

interface ErrorRow {
  readonly group: 0 | 1 | 2 | 3;
  readonly name: string;
  readonly description: string;
  readonly permanent: boolean;
}

export const errors: Readonly<Record<number, ErrorRow>> = {
  0: { group: 0, name: 'NO_ERROR', description: 'No Error', permanent: false },
  1: { group: 1, name: 'EC_UNKNOWN_SUBSCRIBER', description: 'Unknown Subscriber', permanent: true },
  5: {
    group: 1,
    name: 'EC_UNIDENTIFIED_SUBSCRIBER',
    description: 'Unidentified Subscriber',
    permanent: false,
  },
  6: { group: 1, name: 'EC_ABSENT_SUBSCRIBER_SM', description: 'Absent Subscriber', permanent: false },
  9: { group: 1, name: 'EC_ILLEGAL_SUBSCRIBER', description: 'Illegal Subscriber', permanent: true },
  11: {
    group: 1,
    name: 'EC_TELESERVICE_NOT_PROVISIONED',
    description: 'Teleservice Not Provisioned',
    permanent: true,
  },
  13: { group: 1, name: 'EC_CALL_BARRED', description: 'Call Barred', permanent: false },
  21: {
    group: 1,
    name: 'EC_FACILITY_NOT_SUPPORTED',
    description: 'Facility Not Supported',
    permanent: false,
  },
  27: { group: 1, name: 'EC_ABSENT_SUBSCRIBER', description: 'Absent Subscriber', permanent: false },
  31: {
    group: 1,
    name: 'EC_SUBSCRIBER_BUSY_FOR_MT_SMS',
    description: 'Subscriber Busy For Mt SMS',
    permanent: false,
  },
  32: { group: 1, name: 'EC_SM_DELIVERY_FAILURE', description: 'SM Delivery Failure', permanent: false },
  34: { group: 1, name: 'EC_SYSTEM_FAILURE', description: 'System Failure', permanent: false },
  255: { group: 1, name: 'EC_UNKNOWN_ERROR', description: 'Unknown Error', permanent: false },
  256: {
    group: 1,
    name: 'EC_SM_DF_MEMORYCAPACITYEXCEEDED',
    description: 'SM DF Memory Capacity Exceeded',
    permanent: false,
  },
  351: {
    group: 2,
    name: 'EC_INVALID_DESTINATION_ADDRESS',
    description: 'Invalid destination address',
    permanent: true,
  },
  500: {
    group: 1,
    name: 'EC_PROVIDER_GENERAL_ERROR',
    description: 'Provider General Error',
    permanent: false,
  },
  502: { group: 1, name: 'EC_NO_RESPONSE', description: 'No Response', permanent: false },
  603: {
    group: 2,
    name: 'EC_CONTENT_BLOCKED',
    description: 'Content blocked by user opt-out (MO: STOP)',
    permanent: true,
  },
  607: {
    group: 2,
    name: 'EC_REJECTED_SPAM_BY_OPERATOR',
    description: 'Rejected as spam by operator',
    permanent: true,
  },
  2053: {
    group: 2,
    name: 'EC_BLACKLISTED_SENDERADDRESS',
    description: 'Sender address is blocklisted',
    permanent: true,
  },
};

interface Words {
  readonly status: StatusName;
  /** Null: nothing is said of an error yet. */
  readonly error: number | null;
}

export function wordsFor(state: SmsState, cause: SmsCause | null, intermediate: boolean): Words {
  switch (state) {
    case 'scheduled':
    case 'accepted':
      return { status: 'PENDING_ACCEPTED', error: null };
    case 'sent':
      // Id 2 is told as an intermediate report alone.
      return { status: intermediate ? 'DELIVERED_TO_OPERATOR' : 'PENDING_ENROUTE', error: null };
    case 'held':
      return { status: 'PENDING_WAITING_DELIVERY', error: null };
    case 'delivered':
    case 'received':
      return { status: 'DELIVERED_TO_HANDSET', error: 0 };
    case 'expired':
      return { status: 'EXPIRED_EXPIRED', error: 6 };
    case 'canceled':
      return { status: 'UNDELIVERABLE_NOT_SENT', error: 0 };
    case 'unknown':
      return { status: 'EXPIRED_DLR_UNKNOWN', error: 502 };
    case 'undelivered':
    case 'failed':
    case 'rejected':
      return failureWords(state, cause);
    default:
      return assertNever(state);
  }
}

function failureWords(state: 'undelivered' | 'failed' | 'rejected', cause: SmsCause | null): Words {
  switch (cause) {
    case 'unknown_number':
      return { status: 'UNDELIVERABLE_NOT_DELIVERED', error: 1 };
    case 'landline':
      return { status: 'UNDELIVERABLE_NOT_DELIVERED', error: 11 };
    case 'unreachable':
      return { status: 'UNDELIVERABLE_NOT_DELIVERED', error: 27 };
    case 'blocked':
      return { status: 'UNDELIVERABLE_NOT_DELIVERED', error: 13 };
    case 'filtered':
      return { status: 'UNDELIVERABLE_REJECTED_OPERATOR', error: 607 };
    case 'opted_out':
      return { status: 'REJECTED_DESTINATION_BLOCKLISTED', error: 603 };
    case 'sender_not_registered':
    case 'sender_not_allowed':
      return { status: 'REJECTED_SOURCE', error: 0 };
    case 'region_not_allowed':
      return { status: 'REJECTED_NETWORK', error: 0 };
    case 'validity':
      return { status: 'EXPIRED_EXPIRED', error: 6 };
    case 'content':
      return { status: 'REJECTED_MESSAGE_TOO_LONG', error: 0 };
    case 'canceled_by_app':
      return { status: 'UNDELIVERABLE_NOT_SENT', error: 0 };
    case 'carrier_error':
      return state === 'undelivered'
        ? { status: 'UNDELIVERABLE_REJECTED_OPERATOR', error: 34 }
        : { status: 'UNDELIVERABLE_NOT_SENT', error: 500 };
    case 'lost':
    case 'on_purpose':
    case null:
      return state === 'rejected'
        ? { status: 'REJECTED_SYSTEM_ERROR', error: 0 }
        : state === 'failed'
          ? { status: 'UNDELIVERABLE_NOT_SENT', error: 500 }
          : { status: 'UNDELIVERABLE_NOT_DELIVERED', error: 32 };
    default:
      return assertNever(cause);
  }
}

/** What a rule wants: a status by name, id or group, an error by id or name. */
export function forcedWords(
  status: string | undefined,
  code: string | undefined,
): { readonly status: string; readonly code: string } | null {
  if (status === undefined && code === undefined) return null;
  const error = errorIdOf(code);
  if (status === undefined) return { status: 'UNDELIVERABLE_NOT_DELIVERED', code: error ?? '0' };
  const name = statusNamed(status);
  return { status: name ?? status, code: error ?? '0' };
}

export function statusNamed(text: string): StatusName | null {
  const upper = text.toUpperCase();
  if (isStatusName(upper)) return upper;
  if (isGroup(upper)) return groupStatuses[upper];
  const byId = Object.entries(statuses).find(([, { id }]) => String(id) === text)?.[0];
  return byId !== undefined && isStatusName(byId) ? byId : null;
}

function errorIdOf(code: string | undefined): string | null {
  if (code === undefined) return null;
  const named = Object.entries(errors).find(([, { name }]) => name === code.toUpperCase());
  return named?.[0] ?? code;
}

function isStatusName(text: string): text is StatusName {
  return Object.hasOwn(statuses, text);
}

function isGroup(text: string): text is StatusGroup {
  return Object.hasOwn(groups, text);
}

/** A status as the API writes it. One that is not in the table is of the group that its name begins with. */
export function statusObject(name: string): Readonly<Record<string, unknown>> {
  const row: StatusRow | undefined = isStatusName(name) ? statuses[name] : undefined;
  const [first = ''] = name.split('_');
  const group = row?.group ?? (isGroup(first) ? first : 'UNDELIVERABLE');
  return {
    groupId: groups[group],
    groupName: group,
    id: row?.id ?? statuses[groupStatuses[group]].id,
    name,
    description: row?.description ?? name,
  };
}

export function groupOf(name: string): string {
  return String(statusObject(name).groupName);
}

export function errorObject(code: string | null): Readonly<Record<string, unknown>> {
  const id = Number(code ?? 0);
  const row = errors[id] ?? {
    group: 1,
    name: 'EC_UNKNOWN_ERROR',
    description: 'Unknown Error',
    permanent: false,
  };
  return {
    groupId: row.group,
    groupName: errorGroups[row.group],
    id: Number.isInteger(id) ? id : 255,
    name: row.name,
    description: row.description,
    permanent: row.permanent,
  };
}
