/**
 * Magic numbers: an SMS to any number that ends in 7263NN (SAND on a keypad) needs no set-up. Before these six digits stand
 * a country code and whatever makes it a number there; numbers that people make up by counting or by zeros never end so.
 * Twilio's own test numbers (+1 500 555 NNNN) never do either: they are the Twilio door's. Pure.
 */
import { isSmsProvider, type SmsProvider, smsProviders } from '../model/sms.ts';
import type { MagicTag } from './magic.ts';
import type { Action, ActionKind } from './schema.ts';

/** One line of the card: the last two digits, and what becomes of the SMS. */
export interface MagicNumberWord {
  /** Two digits, behind 7263. */
  readonly end: string;
  readonly does: string;
  readonly kind: ActionKind;
}

export const magicNumberPrefix = '7263';
/** A country code and what else is before the end: eight digits at least, and fifteen at the most (E.164). */
const magicNumber = /^\+\d{2,9}7263(\d\d)$/;

const hourMs = 3_600_000;
const delayMs = 10 * 60_000;

/** In place of the yes, or in the report where the provider says so only then. */
type Trouble = Readonly<Record<SmsProvider, Action>>;

function answer(reason: string): Action {
  return { do: 'answer', reason };
}

function report(status: string, code?: string): Action {
  return { do: 'report', status, ...(code === undefined ? {} : { code }), afterMs: 0 };
}

/** Sources: those of sms-reasons.ts. */
const troubles = {
  invalid: {
    twilio: answer('21211'),
    vonage: answer('3'),
    messagebird: answer('9'),
    sinch: answer('syntax_invalid_parameter_format'),
    infobip: report('REJECTED_DESTINATION'),
    telnyx: answer('10002'),
    smpp: answer('ESME_RINVDSTADR'),
  },
  unroutable: {
    twilio: answer('21612'),
    vonage: answer('6'),
    messagebird: report('delivery_failed', '1'),
    sinch: report('Aborted', '402'),
    infobip: report('REJECTED_ROUTE_NOT_AVAILABLE'),
    telnyx: report('delivery_failed', '40001'),
    smpp: answer('ESME_RSUBMITFAIL'),
  },
  region: {
    twilio: answer('21408'),
    vonage: answer('29'),
    messagebird: report('delivery_failed', '104'),
    sinch: report('Aborted', '412'),
    infobip: report('REJECTED_NETWORK'),
    telnyx: answer('40309'),
    smpp: answer('ESME_RX_P_APPN'),
  },
  optedOut: {
    twilio: answer('21610'),
    vonage: answer('7'),
    messagebird: report('delivery_failed', '103'),
    sinch: report('Deleted', '997'),
    infobip: report('REJECTED_DND'),
    telnyx: answer('40300'),
    smpp: report('REJECTD'),
  },
  notMobile: {
    twilio: answer('21614'),
    vonage: report('failed', '12'),
    messagebird: report('delivery_failed', '11'),
    sinch: report('Failed', '11'),
    infobip: report('UNDELIVERABLE_NOT_DELIVERED', '11'),
    telnyx: answer('40310'),
    smpp: report('UNDELIV', '011'),
  },
  rateLimited: {
    twilio: answer('20429'),
    vonage: answer('1'),
    messagebird: { do: 'answer', reason: '429', status: 429, text: 'Too many requests' },
    sinch: answer('too_many_requests'),
    infobip: answer('TOO_MANY_REQUESTS'),
    telnyx: answer('10011'),
    smpp: answer('ESME_RTHROTTLED'),
  },
  providerError: {
    twilio: answer('20500'),
    vonage: answer('5'),
    messagebird: answer('99'),
    sinch: answer('internal_error'),
    infobip: answer('GENERAL_ERROR'),
    telnyx: answer('10007'),
    smpp: answer('ESME_RSYSERR'),
  },
  unreachable: {
    twilio: report('undelivered', '30003'),
    vonage: report('failed', '2'),
    messagebird: report('delivery_failed', '27'),
    sinch: report('Failed', '29'),
    infobip: report('UNDELIVERABLE_NOT_DELIVERED', '27'),
    telnyx: report('delivery_failed', '40006'),
    smpp: report('UNDELIV', '006'),
  },
  blocked: {
    twilio: report('undelivered', '30004'),
    vonage: report('rejected', '14'),
    messagebird: report('delivery_failed', '13'),
    sinch: report('Failed', '13'),
    infobip: report('UNDELIVERABLE_REJECTED_OPERATOR'),
    telnyx: report('delivery_failed', '40004'),
    smpp: report('UNDELIV', '013'),
  },
  unknownNumber: {
    twilio: report('undelivered', '30005'),
    vonage: report('failed', '3'),
    messagebird: report('delivery_failed', '1'),
    sinch: report('Deleted', '1'),
    infobip: report('UNDELIVERABLE_NOT_DELIVERED', '1'),
    telnyx: report('delivery_failed', '40012'),
    smpp: report('UNDELIV', '001'),
  },
  landline: {
    twilio: report('undelivered', '30006'),
    vonage: report('failed', '12'),
    messagebird: report('delivery_failed', '11'),
    sinch: report('Failed', '11'),
    infobip: report('UNDELIVERABLE_NOT_DELIVERED', '11'),
    telnyx: report('delivery_failed', '40001'),
    smpp: report('UNDELIV', '011'),
  },
  filtered: {
    twilio: report('undelivered', '30007'),
    vonage: report('rejected', '6'),
    messagebird: report('delivery_failed', '105'),
    sinch: report('Rejected', '991'),
    infobip: report('UNDELIVERABLE_REJECTED_OPERATOR'),
    telnyx: report('delivery_failed', '40002'),
    smpp: report('REJECTD'),
  },
  unknownError: {
    twilio: report('undelivered', '30008'),
    vonage: report('failed', '99'),
    messagebird: report('delivery_failed'),
    sinch: report('Failed', '995'),
    infobip: report('UNDELIVERABLE_NOT_DELIVERED', '34'),
    telnyx: report('delivery_failed', '40008'),
    smpp: report('UNDELIV', '034'),
  },
  expired: {
    twilio: report('failed', '30036'),
    vonage: report('expired', '1'),
    messagebird: report('expired'),
    sinch: report('Expired', '996'),
    infobip: report('EXPIRED_EXPIRED'),
    telnyx: report('expired', '40005'),
    smpp: report('EXPIRED'),
  },
} as const satisfies Readonly<Record<string, Trouble>>;

interface Line {
  readonly end: string;
  readonly does: string;
  readonly action: Action | Trouble;
  /** So many tries of the same message, then it goes on. */
  readonly times?: number;
}

const lines: readonly Line[] = [
  { end: '01', action: troubles.invalid, does: 'is no number: 21211, Vonage 3, ESME_RINVDSTADR …' },
  { end: '02', action: troubles.unroutable, does: 'cannot be routed to: 21612, Vonage 6, Sinch 402 …' },
  {
    end: '03',
    action: troubles.region,
    does: 'is in a region that is not allowed: 21408, Vonage 29, Telnyx 40309 …',
  },
  { end: '04', action: troubles.optedOut, does: 'wrote STOP: 21610, Vonage 7, Telnyx 40300 …' },
  {
    end: '09',
    action: troubles.notMobile,
    does: 'is not a mobile number: 21614, Telnyx 40310; others report it',
  },
  {
    end: '11',
    action: troubles.rateLimited,
    times: 1,
    does: 'finds the account limited once, then goes on: 20429 (429), Vonage 1, ESME_RTHROTTLED …',
  },
  { end: '12', action: troubles.rateLimited, does: 'finds the account limited every time' },
  {
    end: '13',
    action: troubles.providerError,
    times: 1,
    does: 'finds a fault of the provider once, then goes on: 20500 (500), Vonage 5, ESME_RSYSERR …',
  },
  { end: '14', action: troubles.providerError, does: 'finds a fault of the provider every time' },
  {
    end: '15',
    action: { do: 'disconnect', at: 'endOfData' },
    times: 1,
    does: 'finds the connection cut in place of the answer once: nothing was taken',
  },
  {
    end: '16',
    action: { do: 'disconnect', at: 'endOfData', keep: true },
    times: 1,
    does: 'finds the connection cut once, though the message was taken: a new try sends it twice',
  },
  {
    end: '33',
    action: troubles.unreachable,
    does: 'is accepted, and reported as unreachable: undelivered 30003 …',
  },
  { end: '34', action: troubles.blocked, does: 'is accepted, and reported as blocked: undelivered 30004 …' },
  {
    end: '35',
    action: troubles.unknownNumber,
    does: 'is accepted, and nobody has the number: undelivered 30005 …',
  },
  {
    end: '36',
    action: troubles.landline,
    does: 'is accepted, and reported as a landline: undelivered 30006 …',
  },
  {
    end: '37',
    action: troubles.filtered,
    does: 'is accepted, and filtered by the carrier: undelivered 30007 …',
  },
  {
    end: '38',
    action: troubles.unknownError,
    does: 'is accepted, and fails for a reason that nobody tells: undelivered 30008 …',
  },
  {
    end: '39',
    action: troubles.expired,
    does: 'is accepted, and expires: failed 30036, expired, EXPIRED_EXPIRED …',
  },
  {
    end: '51',
    action: { do: 'offline', forMs: hourMs },
    does: 'is a handset that is off for 1 hour: held, then delivered',
  },
  {
    end: '52',
    action: { do: 'offline', forMs: 71 * hourMs },
    does: 'is a handset that is off for 71 hours: held, and delivered just in time',
  },
  {
    end: '53',
    action: { do: 'offline', forMs: 73 * hourMs },
    does: 'is a handset that is off for 73 hours: held, and expired',
  },
  { end: '61', action: { do: 'hold' }, does: 'is held until somebody releases it' },
  {
    end: '62',
    action: { do: 'delay', ms: delayMs },
    does: 'gets to the handset 10 minutes later, in virtual time',
  },
  { end: '63', action: { do: 'blackHole' }, does: 'is accepted and lost, without a word' },
  { end: '64', action: { do: 'duplicate', copies: 2 }, does: 'gets to the handset twice' },
  {
    end: '71',
    action: { do: 'reports', how: 'lose', times: 2, ms: 60_000 },
    does: 'is delivered, and its delivery reports get lost',
  },
  {
    end: '72',
    action: { do: 'reports', how: 'repeat', times: 2, ms: 60_000 },
    does: 'is delivered, and each of its delivery reports comes twice',
  },
  {
    end: '73',
    action: { do: 'reports', how: 'late', times: 2, ms: delayMs },
    does: 'is delivered, and its delivery reports come 10 minutes late',
  },
  {
    end: '74',
    action: { do: 'reports', how: 'shuffle', times: 2, ms: 60_000 },
    does: 'is delivered, and its delivery reports come out of order',
  },
];

const byEnd = new Map(lines.map((line) => [line.end, line]));

/** @returns what the number asks for; empty for all but magic ones */
export function magicNumberOf(number: string, provider: string | null): readonly MagicTag[] {
  // Told apart by a look at one place: every SMS comes by here.
  if (!number.startsWith(magicNumberPrefix, number.length - 6)) return nothing;
  const line = byEnd.get(magicNumber.exec(number)?.[1] ?? '');
  return line === undefined ? nothing : tagsOf(line, isSmsProvider(provider) ? provider : 'twilio');
}

/** Made once for each provider: nothing in them depends on what is before the end. */
const made = new Map<string, readonly MagicTag[]>();

function tagsOf(line: Line, provider: SmsProvider): readonly MagicTag[] {
  const key = `${provider} ${line.end}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const { end, times = null } = line;
  const whole = 'do' in line.action ? line.action : line.action[provider];
  const action: Action = whole.do === 'answer' && times !== null ? { ...whole, times } : whole;
  const tags: readonly MagicTag[] = [
    { label: `…${magicNumberPrefix}${end}`, stage: 'farSide', action, times },
  ];
  made.set(key, tags);
  return tags;
}

const nothing: readonly MagicTag[] = [];

export const magicNumberWords: readonly MagicNumberWord[] = lines.map(({ end, does, action }) => ({
  end,
  does,
  kind: 'do' in action ? action.do : action[smsProviders[0]].do,
}));

/** What may stand before the end, so that it is a valid mobile number there. */
export const magicNumberBegins: readonly { readonly country: string; readonly begin: string }[] = [
  { country: 'US', begin: '+12025' },
  { country: 'GB', begin: '+447400' },
  { country: 'DE', begin: '+4915112' },
  { country: 'FR', begin: '+33612' },
  { country: 'IN', begin: '+919876' },
];
