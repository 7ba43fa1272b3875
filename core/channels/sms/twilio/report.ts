/**
 * What Twilio calls the app with: status callbacks, and messages of handsets. Pure.
 * Sources: https://www.twilio.com/docs/messaging/guides/track-outbound-message-status,
 * https://www.twilio.com/docs/messaging/guides/webhook-request
 */
import type { CallbackMoment } from '../../../delivery/sms-far-side.ts';
import type { NewCallback } from '../../../model/callback.ts';
import type { SmsSender } from '../../../model/handset.ts';
import { phoneNumber } from '../../../model/phone-number.ts';
import type { NewSms, SmsState, SmsStep } from '../../../model/sms.ts';
import { receiptTime } from './dates.ts';
import { type FormFields, withQuery, writeForm } from './form.ts';
import { apiVersion, recordOf, type TwilioRecord } from './schema.ts';

export const formType = 'application/x-www-form-urlencoded; charset=UTF-8';
/** A call and its tries take 15 s; a core that is down meanwhile makes them when it is back. */
export const callbackLifetimeMs = 3_600_000;

/** A change of status that the first answer did not tell; of a service's message `queued` comes before it is sent. */
export function reportCallbacks(
  sms: NewSms,
  step: SmsStep,
  { nowMs }: CallbackMoment,
): readonly NewCallback[] {
  const record = recordOf(sms);
  if (record.callback === null || sms.direction === 'mo') return [];
  const at = sms.steps.indexOf(step);
  return wordsOf(step, at < 0 ? sms.steps : sms.steps.slice(0, at), record.first).map((status) =>
    reportCallback(sms, step, status, nowMs),
  );
}

/** In their order; empty where nothing new is to be told. */
function wordsOf(
  { state, status, cause }: SmsStep,
  before: readonly SmsStep[],
  first: TwilioRecord['first'],
): readonly string[] {
  if (cause !== 'on_purpose') {
    // Kept by the carrier, or lost there: the app hears nothing. The first status it was told already.
    if (state === 'held' || state === 'unknown') return [];
    if (status === first || status === 'accepted') return [];
  }
  const wasQueued =
    first === 'queued' ||
    before.some((one) => one.status === 'queued' || (one.state !== 'held' && hasLeft.has(one.state)));
  return wasQueued || status === 'queued' || status === 'canceled' ? [status] : ['queued', status];
}

const hasLeft: ReadonlySet<SmsState> = new Set([
  'sent',
  'delivered',
  'undelivered',
  'failed',
  'rejected',
  'expired',
]);

function reportCallback(sms: NewSms, step: SmsStep, status: string, nowMs: number): NewCallback {
  const { callback, callbackMethod } = recordOf(sms);
  const ended = status === step.status;
  const fields: (readonly [string, string])[] = [
    ['ApiVersion', apiVersion],
    ['MessageStatus', status],
    ...(ended && (status === 'delivered' || status === 'undelivered')
      ? [['RawDlrDoneDate', receiptTime(step.atMs)] as const]
      : []),
    ['SmsSid', sms.providerId],
    ['SmsStatus', status],
    ...(ended && step.code !== null ? [['ErrorCode', step.code] as const] : []),
    ['To', sms.number],
    ['From', sms.sender],
    ['MessageSid', sms.providerId],
    ['AccountSid', sms.account],
    ...(sms.service === null ? [] : [['MessagingServiceSid', sms.service] as const]),
  ];
  return calling(
    sms,
    { url: callback ?? '', method: callbackMethod, fields, tells: status, purpose: 'report' },
    nowMs,
  );
}

/** Empty where neither the number nor its service has an address. */
export function inboundCallbacks(
  sms: NewSms,
  sender: SmsSender | null,
  { nowMs }: CallbackMoment,
): readonly NewCallback[] {
  const url = sender?.inboundUrl ?? null;
  if (url === null || url === '') return [];
  return [
    calling(
      sms,
      {
        url,
        method: sender?.inboundMethod ?? 'POST',
        fields: inboundFields(sms),
        tells: 'message',
        purpose: 'inbound',
        ...(sender?.inboundFailoverUrl == null ? {} : { extra: { fallbackUrl: sender.inboundFailoverUrl } }),
      },
      nowMs,
    ),
  ];
}

export function inboundFields(sms: NewSms): FormFields {
  const optOut = sms.service === null ? null : optOutType(sms.text);
  return [
    ['ToCountry', countryOf(sms.sender)],
    ['ToState', ''],
    ['SmsMessageSid', sms.providerId],
    ['NumMedia', String(sms.media.length)],
    ['ToCity', ''],
    ['FromZip', ''],
    ['SmsSid', sms.providerId],
    ['FromState', ''],
    ['SmsStatus', 'received'],
    ['FromCity', ''],
    ['Body', sms.text],
    ['FromCountry', countryOf(sms.number)],
    ['To', sms.sender],
    ...(sms.service === null ? [] : [['MessagingServiceSid', sms.service] as const]),
    ['ToZip', ''],
    ['NumSegments', String(Math.max(1, sms.parts))],
    ['MessageSid', sms.providerId],
    ['AccountSid', sms.account],
    ['From', sms.number],
    ['ApiVersion', apiVersion],
    // Only a service has advanced opt-out. Source: https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
    ...(optOut === null ? [] : [['OptOutType', optOut] as const]),
    ...sms.media.flatMap(({ url, contentType }, at) => [
      [`MediaContentType${at}`, contentType ?? 'application/octet-stream'] as const,
      [`MediaUrl${at}`, url] as const,
    ]),
  ];
}

export const stopWords = ['STOP', 'UNSUBSCRIBE', 'END', 'QUIT', 'STOPALL', 'REVOKE', 'OPTOUT', 'CANCEL'];
export const startWords = ['START', 'YES', 'UNSTOP'];
export const helpWords = ['HELP', 'INFO'];

function optOutType(text: string): 'STOP' | 'START' | 'HELP' | null {
  const word = text.trim().toUpperCase();
  if (stopWords.includes(word)) return 'STOP';
  if (startWords.includes(word)) return 'START';
  return helpWords.includes(word) ? 'HELP' : null;
}

function countryOf(number: string): string {
  return number.startsWith('+') ? (phoneNumber(number)?.country ?? '') : '';
}

export interface Call {
  readonly url: string;
  readonly method: 'POST' | 'GET';
  readonly fields: FormFields;
  readonly tells: string;
  readonly purpose: 'report' | 'inbound';
  readonly extra?: Readonly<Record<string, unknown>>;
}

export function calling(
  sms: Pick<NewSms, 'id' | 'account'>,
  { url, method, fields, tells, purpose, extra }: Call,
  nowMs: number,
): NewCallback {
  const get = method === 'GET';
  return {
    callback: {
      kind: 'http',
      provider: 'twilio',
      account: sms.account,
      purpose,
      tells,
      smsId: sms.id,
      ...(extra === undefined ? {} : { extra }),
      method,
      url: get ? withQuery(url, fields) : url,
      contentType: get ? null : formType,
      body: get ? '' : writeForm(fields),
    },
    dueAtMs: nowMs,
    lifetimeMs: callbackLifetimeMs,
  };
}
