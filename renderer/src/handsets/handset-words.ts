/** Handsets and their messages in words. Pure. */
import type { HandsetView, SmsCallbackView, SmsView } from '../../../core/api/sms-schema.ts';
import { formatDateTime, plural, withLocalTimes } from '../format.ts';
import { onlineWords, sentence } from '../phones/phone-words.ts';

let countries: Intl.DisplayNames | undefined;

/** `United States`; the code itself where it is none. */
export function countryName(code: string | null): string {
  if (code === null) return 'no country';
  countries ??= new Intl.DisplayNames(undefined, { type: 'region', fallback: 'code' });
  return countries.of(code) ?? code;
}

export const lineWords: Readonly<Record<HandsetView['line'], string>> = {
  mobile: 'Mobile',
  landline: 'Landline: it takes no SMS',
  unknown: 'Nobody has the number',
};

/** Whether something gets there, the worst first. */
export function reachWords(
  handset: Pick<HandsetView, 'line' | 'blocked' | 'unreachable' | 'online' | 'offlineUntil'>,
  nowMs: number,
): string {
  if (handset.line !== 'mobile') return handset.line === 'landline' ? 'landline' : 'nobody’s number';
  if (handset.blocked) return 'blocked';
  if (handset.unreachable) return 'unreachable';
  return handset.online ? 'on' : onlineWords(handset, nowMs).replace('offline', 'off');
}

export type SmsTone = 'good' | 'bad' | 'warn' | 'quiet';

const stateWords: Readonly<Record<SmsView['state'], string>> = {
  scheduled: 'Scheduled',
  accepted: 'Accepted',
  sent: 'Sent',
  held: 'Held',
  delivered: 'Delivered',
  undelivered: 'Undelivered',
  failed: 'Failed',
  rejected: 'Rejected',
  expired: 'Expired',
  canceled: 'Canceled',
  unknown: 'Unknown',
  received: 'Sent by its owner',
};

export const stateTones: Readonly<Record<SmsView['state'], SmsTone>> = {
  scheduled: 'quiet',
  accepted: 'quiet',
  sent: 'quiet',
  held: 'warn',
  delivered: 'good',
  undelivered: 'bad',
  failed: 'bad',
  rejected: 'bad',
  expired: 'bad',
  canceled: 'quiet',
  unknown: 'warn',
  received: 'quiet',
};

/** A shape beside the colour: one tick for the carrier, two for the handset. */
export const stateShapes: Readonly<Record<SmsView['state'], string>> = {
  scheduled: '◷',
  accepted: '○',
  sent: '✓',
  held: '‖',
  delivered: '✓✓',
  undelivered: '✕',
  failed: '✕',
  rejected: '✕',
  expired: '✕',
  canceled: '∅',
  unknown: '?',
  received: '↗',
};

/** Where a message stands, in a line: `Held until …`, `Undelivered 30007: filtered by the carrier`. */
export function standingWords({
  state,
  steps,
  expiresAt,
}: Pick<SmsView, 'state' | 'steps' | 'expiresAt'>): string {
  const last = steps.at(-1);
  const code = last?.code ?? null;
  const why = last?.reason ?? causeWords(last?.cause ?? null);
  if (state === 'held' && (last?.cause ?? null) === null)
    return `Held by the carrier until ${formatDateTime(expiresAt)}`;
  const word = code === null ? stateWords[state] : `${stateWords[state]} ${code}`;
  if (why === null) return word;
  return `${word}: ${withLocalTimes(why)}`;
}

export function causeWords(cause: SmsView['steps'][number]['cause']): string | null {
  return cause === null ? null : causes[cause];
}

const causes: Readonly<Record<NonNullable<SmsView['steps'][number]['cause']>, string>> = {
  unknown_number: 'nobody has that number',
  landline: 'a landline takes no SMS',
  unreachable: 'the handset cannot be reached',
  blocked: 'its owner or its carrier blocks it',
  filtered: 'filtered by the carrier',
  opted_out: 'its owner wrote STOP',
  sender_not_registered: 'the sender is not registered there',
  sender_not_allowed: 'such a sender does not work there',
  region_not_allowed: 'the account may not send to that country',
  validity: 'its time was over',
  carrier_error: 'a fault of the carrier',
  content: 'its content was refused',
  canceled_by_app: 'the app called it back',
  lost: 'lost on purpose',
  on_purpose: 'by a rule or a magic number',
};

export const encodingWords: Readonly<Record<SmsView['encoding'], string>> = {
  'GSM-7': 'GSM-7',
  'UCS-2': 'Unicode',
  binary: 'binary',
};

/** `Unicode · 3 parts · 0.0249 USD`. */
export function sizeWords({ encoding, parts, price }: Pick<SmsView, 'encoding' | 'parts' | 'price'>): string {
  return [
    encodingWords[encoding],
    plural(parts, 'part', 'parts'),
    ...(price === null ? [] : [`${price.amount} ${price.currency}`]),
  ].join(' · ');
}

/** What the app was told and said to it. */
export function callbackWords(call: SmsCallbackView): string {
  const what = call.purpose === 'report' ? `Report “${call.tells}”` : 'Call to the app';
  const tries = call.attempts > 1 ? ` after ${call.attempts} tries` : '';
  if (call.status === 'queued' || call.status === 'sent') {
    const next = call.nextAttemptAt === null ? '' : `, next try ${formatDateTime(call.nextAttemptAt)}`;
    const last = call.answer === null ? '' : ` (last: ${call.answer.text})`;
    return `${what} waits${tries}${next}${last}`;
  }
  if (call.status === 'delivered') return `${what}: the app said ${call.answer?.text ?? 'yes'}${tries}`;
  return `${what} was given up${tries}. ${sentence(call.reason ?? call.answer?.text ?? '')}`.trim();
}

export const callbackTone = ({ status }: SmsCallbackView): SmsTone =>
  status === 'delivered' ? 'good' : status === 'queued' || status === 'sent' ? 'warn' : 'bad';

/** Nobody sent it: the provider answers STOP, START and HELP by itself. */
export const byProvider = ({ direction, messageId }: Pick<SmsView, 'direction' | 'messageId'>): boolean =>
  direction === 'mt' && messageId === null;
