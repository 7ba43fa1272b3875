/** A request to send, as Telnyx reads it: fields in its order, the first thing wrong is what it says. Pure. */
import type { PhoneNumber } from '../../../model/phone-number.ts';
import { phoneNumber } from '../../../model/phone-number.ts';
import type { SmsEncoding } from '../../../model/sms.ts';
import { partsOf, smartEncoded, unicodePartsOf } from '../../../model/sms-text.ts';
import type { ErrorWords } from './reply.ts';
import { uuidPattern } from './schema.ts';

/** By the path: which kind of sender it wants. */
export type SendKind =
  | 'any'
  | 'long_code'
  | 'short_code'
  | 'number_pool'
  | 'alphanumeric_sender_id'
  | 'group_mms'
  | 'schedule';

export interface SendRequest {
  readonly kind: SendKind;
  readonly to: readonly PhoneNumber[];
  readonly from: { readonly text: string; readonly kind: SenderKind } | null;
  readonly profileId: string | null;
  readonly type: 'SMS' | 'MMS';
  readonly text: string;
  readonly subject: string | null;
  readonly mediaUrls: readonly string[];
  readonly encoding: 'auto' | 'gsm7' | 'ucs2' | null;
  readonly webhookUrl: string | null;
  readonly webhookFailoverUrl: string | null;
  readonly useProfileWebhooks: boolean;
  /** As the app says it: wall time. */
  readonly sendAtWallMs: number | null;
}
export type SenderKind = 'number' | 'short_code' | 'alphanumeric';

export interface Fault {
  readonly code: string;
  readonly words: ErrorWords;
}

/** GSM-7 or UCS-2, and at most ten parts: https://developers.telnyx.com/docs/messaging/messages/message-encoding */
const partsMax = 10;
/** Parts of a text that is "unusually long", for `auto_detect`. */
const partsRecommended = 4;
const mediaMax = 10;
const groupMax = 8;
const urlCharsMax = 2000;
const textCharsMax = 20_000;
/** "cannot be less than 5 minutes or more than 5 days in the future" (…/messages/schedule-message). */
const scheduleMsMin = 5 * 60_000;
const scheduleMsMax = 5 * 24 * 3_600_000;

const e164 = /^\+[1-9]\d{6,14}$/;
const shortCode = /^\d{3,8}$/;
/** "1–11 characters: letters, numbers, spaces; at least one letter" (…/messages/alphanumeric-sender-id). */
const alphanumeric = /^(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}$/;

/** @param wallMs now: when the app may schedule from */
export function parseSend(
  body: Uint8Array,
  kind: SendKind,
  wallMs: number,
  strictNumbers: boolean,
): SendRequest | Fault {
  const value = objectOf(body);
  if (value === null)
    return fault('10015', { detail: 'The request body is not a JSON object.', pointer: '/' });
  const to = readTo(value.to, kind, strictNumbers);
  if ('code' in to) return to;
  const profile = readProfile(value.messaging_profile_id);
  if (profile !== null && 'code' in profile) return profile;
  const from = readFrom(value.from, kind, profile?.id ?? null);
  if (from !== null && 'code' in from) return from;
  if (from === null && profile === null)
    return fault('10004', {
      detail: "One of 'from' and 'messaging_profile_id' has to be given.",
      pointer: '/from',
    });
  const content = readContent(value, kind);
  if ('code' in content) return content;
  for (const key of ['webhook_url', 'webhook_failover_url'])
    if (badUrl(value[key])) return fault('10003', { pointer: `/${key}` });
  const sendAt = readSendAt(value.send_at, kind, wallMs);
  if (typeof sendAt === 'object' && sendAt !== null) return sendAt;
  return {
    kind,
    to: to.numbers,
    from,
    profileId: profile?.id ?? null,
    ...content,
    webhookUrl: textOr(value.webhook_url),
    webhookFailoverUrl: textOr(value.webhook_failover_url),
    useProfileWebhooks: value.use_profile_webhooks !== false,
    sendAtWallMs: sendAt,
  };
}

function fault(code: string, words: ErrorWords = {}): Fault {
  return { code, words };
}

/** @returns null where it is no JSON object */
export function objectOf(body: Uint8Array): Readonly<Record<string, unknown>> | null {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // Not UTF-8, or not JSON: the caller says so.
    return null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return Object.fromEntries(Object.entries(value));
}

function readTo(
  value: unknown,
  kind: SendKind,
  strict: boolean,
): { readonly numbers: readonly PhoneNumber[] } | Fault {
  if (value === undefined || value === null || value === '')
    return fault('10004', {
      detail: "The required parameter 'to' was missing.",
      pointer: '/to',
    });
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) return fault('10004', { pointer: '/to' });
  if (list.length > 1 && kind !== 'group_mms' && kind !== 'any')
    return fault('10015', { detail: "'to' has to be one address here.", pointer: '/to' });
  if (list.length > groupMax)
    return fault('10015', {
      detail: `A group MMS has at most ${groupMax} recipients.`,
      pointer: '/to',
    });
  const numbers: PhoneNumber[] = [];
  for (const [at, one] of list.entries()) {
    const pointer = Array.isArray(value) ? `/to/${at}` : '/to';
    const number = typeof one === 'string' && e164.test(one) ? phoneNumber(one) : null;
    if (number === null || !number.possible || (strict && !number.valid)) return fault('40310', { pointer });
    if (!numbers.some(({ e164: known }) => known === number.e164)) numbers.push(number);
  }
  return { numbers };
}

function readProfile(value: unknown): { readonly id: string } | Fault | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string' || !uuidPattern.test(value))
    return fault('10006', {
      detail: 'The messaging profile ID is not a UUID.',
      pointer: '/messaging_profile_id',
    });
  return { id: value.toLowerCase() };
}

function readFrom(value: unknown, kind: SendKind, profile: string | null): SendRequest['from'] | Fault {
  if (kind === 'number_pool') return null;
  const missing = value === undefined || value === null || value === '';
  if (missing)
    return kind === 'any' || kind === 'schedule'
      ? null
      : fault('10004', { detail: "The required parameter 'from' was missing.", pointer: '/from' });
  const sender = typeof value === 'string' ? senderKind(value) : null;
  if (typeof value !== 'string' || sender === null) return fault('40305', { pointer: '/from' });
  if (!suits(sender, kind)) return fault('40305', { pointer: '/from' });
  if (sender === 'alphanumeric' && profile === null)
    return fault('10004', {
      detail: "'messaging_profile_id' is required with an alphanumeric sender ID.",
      pointer: '/messaging_profile_id',
    });
  return { text: value, kind: sender };
}

function senderKind(text: string): SenderKind | null {
  if (shortCode.test(text)) return 'short_code';
  if (e164.test(text)) return phoneNumber(text)?.possible === true ? 'number' : null;
  return alphanumeric.test(text) ? 'alphanumeric' : null;
}

function suits(sender: SenderKind, kind: SendKind): boolean {
  switch (kind) {
    case 'long_code':
    case 'group_mms':
      return sender === 'number';
    case 'short_code':
      return sender === 'short_code';
    case 'alphanumeric_sender_id':
      return sender === 'alphanumeric';
    case 'any':
    case 'schedule':
    case 'number_pool':
      return true;
    default:
      return kind satisfies never;
  }
}

function readContent(
  value: Readonly<Record<string, unknown>>,
  kind: SendKind,
): Pick<SendRequest, 'type' | 'text' | 'subject' | 'mediaUrls' | 'encoding'> | Fault {
  const { text, subject, media_urls: media } = value;
  if (text !== undefined && text !== null && typeof text !== 'string')
    return fault('10015', { detail: "'text' has to be a string.", pointer: '/text' });
  const mediaUrls = media === undefined || media === null ? [] : stringsOf(media);
  if (mediaUrls === null)
    return fault('10015', {
      detail: "'media_urls' has to be a list of strings.",
      pointer: '/media_urls',
    });
  if ((text ?? '') === '' && mediaUrls.length === 0) return fault('40316', { pointer: '/text' });
  const type = typeOf(value.type, mediaUrls, kind);
  if (type === null) return fault('10015', { detail: "'type' is SMS or MMS.", pointer: '/type' });
  if (type === 'SMS' && mediaUrls.length > 0) return fault('40304', { pointer: '/type' });
  if (mediaUrls.length > mediaMax) return fault('40317', { pointer: '/media_urls' });
  const badAt = mediaUrls.findIndex((url) => !isUrl(url));
  if (badAt >= 0) return fault('10003', { pointer: `/media_urls/${badAt}` });
  const encoding = encodingOf(value.encoding);
  if (encoding === undefined)
    return fault('10015', { detail: "'encoding' is auto, gsm7 or ucs2.", pointer: '/encoding' });
  const written = text ?? '';
  if (written.length > textCharsMax) return fault('40302', { pointer: '/text' });
  if (type === 'SMS') {
    const { parts, encoding: used } = encoded(written, encoding, false);
    if (encoding === 'gsm7' && used !== 'GSM-7')
      return fault('10015', {
        detail: 'The text has characters that GSM-7 has not.',
        pointer: '/text',
      });
    if (parts > (value.auto_detect === true ? partsRecommended : partsMax))
      return fault('40302', { pointer: '/text' });
  }
  return { type, text: written, subject: textOr(subject), mediaUrls, encoding };
}

function stringsOf(value: unknown): readonly string[] | null {
  if (!Array.isArray(value)) return null;
  const texts = value.filter((one): one is string => typeof one === 'string');
  return texts.length === value.length ? texts : null;
}

function typeOf(value: unknown, media: readonly string[], kind: SendKind): 'SMS' | 'MMS' | null {
  if (kind === 'group_mms') return 'MMS';
  if (value === undefined || value === null || value === '') return media.length > 0 ? 'MMS' : 'SMS';
  return value === 'SMS' || value === 'MMS' ? value : null;
}

function encodingOf(value: unknown): SendRequest['encoding'] | undefined {
  if (value === undefined || value === null) return null;
  return value === 'auto' || value === 'gsm7' || value === 'ucs2' ? value : undefined;
}

/** The text as it goes out. @param smart whether its profile swaps such characters for plain ones */
export function encoded(
  text: string,
  wanted: SendRequest['encoding'],
  smart: boolean,
): {
  readonly text: string;
  readonly encoding: SmsEncoding;
  readonly parts: number;
  readonly swapped: boolean;
} {
  if (wanted === 'ucs2') return { text, ...unicodePartsOf(text), swapped: false };
  const sent = wanted === 'auto' || (wanted === null && smart) ? smartEncoded(text) : text;
  return { text: sent, ...partsOf(sent), swapped: sent !== text };
}

function readSendAt(value: unknown, kind: SendKind, wallMs: number): number | Fault | null {
  if (value === undefined || value === null || value === '')
    return kind === 'schedule'
      ? fault('10004', {
          detail: "The required parameter 'send_at' was missing.",
          pointer: '/send_at',
        })
      : null;
  const atMs = typeof value === 'string' && isoTime.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(atMs))
    return fault('10015', {
      detail: "'send_at' has to be an ISO 8601 date and time.",
      pointer: '/send_at',
    });
  if (atMs < wallMs + scheduleMsMin || atMs > wallMs + scheduleMsMax)
    return fault('10015', {
      detail: "'send_at' cannot be less than 5 minutes or more than 5 days in the future.",
      pointer: '/send_at',
    });
  return atMs;
}
const isoTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

function textOr(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Of a field that may be left out. */
export function badUrl(value: unknown): boolean {
  return (
    value !== undefined && value !== null && value !== '' && !(typeof value === 'string' && isUrl(value))
  );
}

function isUrl(text: string): boolean {
  if (text.length > urlCharsMax || !URL.canParse(text)) return false;
  const { protocol } = new URL(text);
  return protocol === 'http:' || protocol === 'https:';
}
