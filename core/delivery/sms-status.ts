/**
 * One vocabulary for what SMS providers say of a message: their status words and codes, from a read-back, a report or a
 * refusal, become steps of a delivery. What is not in the tables is taken as the provider's kind of word has it. Pure.
 * Source: the project's table of statuses; each provider's documentation of its words, named in its room.
 */
import { assertNever } from '../model/app-error.ts';
import type { OutcomeClass } from '../model/delivery.ts';
import type { DeliveryStep, SmsProvider, SmsStep } from '../model/sms.ts';

interface Meaning {
  readonly kind: DeliveryStep['kind'];
  readonly class: OutcomeClass | null;
}

const sent: Meaning = { kind: 'send', class: null };
const delivered: Meaning = { kind: 'deliver', class: null };
const failed: Meaning = { kind: 'fail', class: null };
const expired: Meaning = { kind: 'fail', class: 'expired' };
const canceled: Meaning = { kind: 'cancel', class: null };
const unconfirmed: Meaning = { kind: 'unconfirm', class: null };
const deferred: Meaning = { kind: 'defer', class: null };
const badAddress: Meaning = { kind: 'fail', class: 'bad_address' };
const optedOut: Meaning = { kind: 'fail', class: 'opted_out' };
const inactive: Meaning = { kind: 'fail', class: 'inactive' };
const config: Meaning = { kind: 'fail', class: 'config' };
const rateLimited: Meaning = { kind: 'defer', class: 'rate_limited' };
const providerDown: Meaning = { kind: 'defer', class: 'provider_down' };

/** By status word, lower case. */
const words: Readonly<Record<SmsProvider, Readonly<Record<string, Meaning>>>> = {
  twilio: {
    accepted: sent,
    queued: sent,
    sending: sent,
    sent,
    scheduled: sent,
    delivered,
    read: delivered,
    partially_delivered: delivered,
    undelivered: failed,
    failed,
    canceled,
  },
  vonage: {
    accepted: sent,
    submitted: sent,
    buffered: deferred,
    delivered,
    read: delivered,
    expired,
    failed,
    rejected: failed,
    undeliverable: failed,
    unknown: unconfirmed,
  },
  messagebird: {
    scheduled: sent,
    sent,
    buffered: deferred,
    delivered,
    expired,
    delivery_failed: failed,
  },
  sinch: {
    queued: sent,
    dispatched: sent,
    delivered,
    aborted: failed,
    rejected: failed,
    failed,
    deleted: badAddress,
    expired,
    cancelled: canceled,
    unknown: unconfirmed,
  },
  // By the name of the status's group; see `infobipStatus`.
  infobip: {
    accepted: sent,
    pending: sent,
    undeliverable: failed,
    delivered,
    expired,
    rejected: failed,
  },
  telnyx: {
    queued: sent,
    sending: sent,
    sent,
    delivered,
    sending_failed: failed,
    delivery_failed: failed,
    delivery_unconfirmed: unconfirmed,
    expired,
    scheduled: sent,
    cancelled: canceled,
  },
  smpp: {
    scheduled: sent,
    enroute: sent,
    acceptd: sent,
    delivrd: delivered,
    expired,
    deleted: canceled,
    undeliv: failed,
    rejectd: failed,
    unknown: unconfirmed,
    skipped: unconfirmed,
  },
};

/** By code, which goes before the word where it says more. */
const codes: Readonly<Partial<Record<SmsProvider, Readonly<Record<string, Meaning>>>>> = {
  twilio: {
    20003: config,
    20429: rateLimited,
    21211: badAddress,
    21610: optedOut,
    21611: rateLimited,
    21614: badAddress,
    30003: { kind: 'fail', class: 'inactive' },
    30004: optedOut,
    30005: badAddress,
    30006: badAddress,
    30007: optedOut,
  },
  // Of the first answer: `messages[].status`.
  vonage: {
    0: sent,
    1: rateLimited,
    2: config,
    3: config,
    4: config,
    5: providerDown,
    6: config,
    7: optedOut,
    8: config,
    9: config,
    10: config,
    11: config,
    12: config,
    13: config,
    14: config,
    15: config,
  },
  // Of a report: SMPP's codes and Sinch's own, and the ids of Infobip's errors.
  sinch: { 1: badAddress, 11: badAddress, 13: optedOut, 29: inactive, 991: optedOut, 997: optedOut },
  infobip: {
    1: badAddress,
    11: badAddress,
    13: optedOut,
    27: inactive,
    351: badAddress,
    603: optedOut,
    607: optedOut,
  },
  // Of submit_sm_resp: SMPP 3.4, §5.1.3.
  smpp: {
    ESME_RTHROTTLED: rateLimited,
    ESME_RMSGQFUL: rateLimited,
    ESME_RSYSERR: providerDown,
    ESME_RX_T_APPN: providerDown,
    ESME_RINVDSTADR: badAddress,
    ESME_RINVDSTTON: badAddress,
    ESME_RINVDSTNPI: badAddress,
  },
  telnyx: {
    10009: config,
    10011: rateLimited,
    40001: badAddress,
    40012: badAddress,
    40300: optedOut,
    40310: badAddress,
    40318: rateLimited,
  },
};

/** Taken by the carrier, says Infobip of id 2 of its delivered group: an intermediate word. */
const infobipIds: Readonly<Record<string, Meaning>> = { DELIVERED_TO_OPERATOR: sent };

/** What a provider's word means for the delivery. Codes of Vonage are those of its first answer, not of a report. */
export function stepOf(
  provider: SmsProvider,
  { status, code, reason }: Pick<SmsStep, 'status' | 'code' | 'reason'>,
): DeliveryStep {
  const word = status.toLowerCase();
  const own =
    provider === 'infobip'
      ? (infobipIds[status] ?? words.infobip[infobipGroup(status)])
      : words[provider][word];
  const known = own ?? failed;
  // A code says why it failed; that it came through, the word says.
  const byCode = code === null || provider === 'vonage' ? undefined : codes[provider]?.[code];
  const meaning = known.kind === 'fail' && byCode !== undefined ? byCode : known;
  return {
    kind: meaning.kind,
    class: meaning.class,
    reason: reason ?? wordsFor(meaning, status, code),
    providerStatus: status,
    code,
  };
}

/** What a provider's refusal means: its error code, and the HTTP status that it came with (null: none, SMPP or Vonage's 200). */
export function refusalMeaning(
  provider: SmsProvider,
  code: string | null,
  httpStatus: number | null,
): Meaning {
  const byCode = code === null ? undefined : codes[provider]?.[code];
  if (byCode !== undefined) return byCode;
  if (httpStatus === 429) return rateLimited;
  if (httpStatus !== null && httpStatus >= 500) return providerDown;
  return config;
}

/** Names of Infobip's statuses begin with their group's, but for a few. */
function infobipGroup(status: string): string {
  const [first = ''] = status.toLowerCase().split('_');
  return first === 'undelivered' || first === 'undeliverable' ? 'undeliverable' : first;
}

function wordsFor({ kind }: Meaning, status: string, code: string | null): string | null {
  const said = code === null ? status : `${status}, ${code}`;
  switch (kind) {
    case 'fail':
    case 'unconfirm':
    case 'defer':
    case 'cancel':
      return `the provider says ${said}`;
    case 'send':
    case 'deliver':
    case 'hold':
    case 'release':
      return null;
    default:
      return assertNever(kind);
  }
}
