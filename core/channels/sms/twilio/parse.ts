/**
 * A create request: read, and judged in Twilio's order: what is missing first, then the number, the sender, the content.
 * Pure. Source: https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource
 */
import { type PhoneNumber, phoneNumber } from '../../../model/phone-number.ts';
import type { SmsMedia } from '../../../model/sms.ts';
import { readTime } from './dates.ts';
import type { Form } from './form.ts';
import type { Refused } from './reply.ts';
import { isSid } from './sids.ts';

export interface CreateRequest {
  readonly to: PhoneNumber;
  /** As written. */
  readonly toText: string;
  /** Null: the service chooses. */
  readonly from: string | null;
  readonly service: string | null;
  readonly body: string;
  readonly media: readonly SmsMedia[];
  readonly callback: string | null;
  readonly validityS: number | null;
  /** Wall time; null: at once. */
  readonly sendAtMs: number | null;
  /** Null: as the service has it. */
  readonly smartEncoded: boolean | null;
}

export const bodyCharsMax = 1_600;
const mediaMax = 10;
/** Source: https://www.twilio.com/docs/api/errors/21609 */
const callbackCharsMax = 4_000;
const validitySMax = 36_000;
const sendAheadMsMin = 15 * 60_000;
const sendAheadMsMax = 35 * 24 * 3_600_000;

export function parseCreate(form: Form, wallMs: number, strictNumbers: boolean): CreateRequest | Refused {
  const toText = (form.get('To') ?? '').trim();
  const fromText = (form.get('From') ?? '').trim();
  const sid = (form.get('MessagingServiceSid') ?? '').trim();
  if (toText === '') return { code: 21604, why: 'there is no To' };
  if (fromText === '' && sid === '')
    return { code: 21603, why: 'there is neither a From nor a MessagingServiceSid' };
  const content = contentOf(form);
  if ('code' in content) return content;
  const to = recipientOf(toText, strictNumbers);
  if ('code' in to) return to;
  // A service's id is taken in either place.
  const named = sid !== '' ? sid : fromText.startsWith('MG') ? fromText : '';
  if (named !== '' && !isSid('MG', named))
    return { code: 21705, why: `${named} is no SID of a messaging service (MG and 32 hex digits)` };
  const from = fromText === '' || fromText === named ? null : senderOf(fromText);
  if (from !== null && typeof from !== 'string') return from;
  if (from !== null && from === to.e164)
    return { code: 21266, words: { to: toText }, why: 'To and From are the same number' };
  const callback = callbackOf(form);
  if (callback !== null && typeof callback !== 'string') return callback;
  const validityS = validityOf(form);
  if (validityS !== null && typeof validityS !== 'number') return validityS;
  const sendAtMs = sendAtOf(form, named !== '', wallMs);
  if (sendAtMs !== null && typeof sendAtMs !== 'number') return sendAtMs;
  const smart = form.get('SmartEncoded');
  return {
    to,
    toText,
    from,
    service: named === '' ? null : named,
    ...content,
    callback,
    validityS,
    sendAtMs,
    smartEncoded: smart === null ? null : smart.toLowerCase() === 'true',
  };
}

function contentOf(form: Form): Pick<CreateRequest, 'body' | 'media'> | Refused {
  const body = form.get('Body') ?? '';
  const urls = form.all('MediaUrl');
  if (form.has('ContentSid'))
    return {
      code: 21655,
      why: 'content templates (ContentSid) are not kept here: send the text itself as Body',
    };
  if (body === '' && urls.length === 0) return { code: 21602, why: 'there is neither a Body nor a MediaUrl' };
  if (body === '' && urls.every((url) => url.trim() === ''))
    return { code: 21619, why: 'there is no Body, and MediaUrl is empty' };
  if (urls.length > mediaMax)
    return { code: 21623, why: `there are ${urls.length} MediaUrl, and ${mediaMax} at the most are taken` };
  const bad = urls.find((url) => !isWebAddress(url));
  if (bad !== undefined)
    return { code: 21620, why: `MediaUrl ${bad.slice(0, shownCharsMax)} is no http or https address` };
  if (body.length > bodyCharsMax && [...body].length > bodyCharsMax)
    return { code: 21617, why: `the Body is longer than ${bodyCharsMax} characters` };
  return { body, media: urls.map((url) => ({ url, contentType: typeOf(url) })) };
}

const shownCharsMax = 200;
const shortCode = /^\d{3,6}$/;
const channelPrefix = /^(?:whatsapp|messenger|rcs|viber|line|telegram|chat):/i;

function recipientOf(text: string, strictNumbers: boolean): PhoneNumber | Refused {
  if (channelPrefix.test(text)) return otherChannel(text);
  if (shortCode.test(text))
    return { code: 21265, words: { to: text }, why: 'a short code takes no messages' };
  const number = phoneNumber(text);
  const wrong =
    number === null || !number.possible
      ? 'is no phone number: write it as E.164, a plus sign and the country code first'
      : strictNumbers && !number.valid
        ? 'is in no range that somebody was given, and the settings want numbers that exist'
        : null;
  return number === null || wrong !== null
    ? { code: 21211, words: { to: text }, why: `${text.slice(0, shownCharsMax)} ${wrong ?? ''}` }
    : number;
}

/** Source: https://www.twilio.com/docs/glossary/what-alphanumeric-sender-id */
const alphanumeric = /^(?=.*[A-Za-z])[A-Za-z0-9 +&_-]{1,11}$/;

/** @returns a number in E.164, a short code, or an alphanumeric sender */
export function senderOf(text: string): string | Refused {
  if (channelPrefix.test(text)) return otherChannel(text);
  if (shortCode.test(text)) return text;
  const number = phoneNumber(text);
  if (number?.possible === true) return number.e164;
  if (alphanumeric.test(text)) return text;
  return {
    code: 21212,
    words: { from: text },
    why: `${text.slice(0, shownCharsMax)} is no number, no short code, and no alphanumeric sender (11 characters at the most)`,
  };
}

function otherChannel(text: string): Refused {
  return {
    code: 63007,
    why: `${text.slice(0, text.indexOf(':'))} is a channel that this sandbox does not have: only SMS and MMS are taken`,
  };
}

function callbackOf(form: Form): string | null | Refused {
  const url = form.get('StatusCallback') ?? '';
  if (url === '') return null;
  if (url.length <= callbackCharsMax && isWebAddress(url)) return url;
  return {
    code: 21609,
    words: { detail: url.slice(0, shownCharsMax) },
    why: 'the StatusCallback is no http or https address',
  };
}

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && hostname !== '';
}

function validityOf(form: Form): number | null | Refused {
  const text = form.get('ValidityPeriod') ?? '';
  if (text === '') return null;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return seconds >= 1 && seconds <= validitySMax
    ? seconds
    : { code: 21624, why: `the ValidityPeriod is to be 1 to ${validitySMax} seconds` };
}

/** Without ScheduleType a SendAt is not looked at. Source: https://www.twilio.com/docs/messaging/features/message-scheduling */
function sendAtOf(form: Form, byService: boolean, wallMs: number): number | null | Refused {
  const type = form.get('ScheduleType') ?? '';
  if (type === '') return null;
  if (type !== 'fixed') return { code: 35126, why: 'ScheduleType can only be fixed' };
  const text = form.get('SendAt') ?? '';
  if (text === '') return { code: 35111, why: 'ScheduleType wants a SendAt' };
  if (!byService)
    return { code: 35118, why: 'only a messaging service schedules: send a MessagingServiceSid' };
  const ms = readTime(text);
  if (ms === null) return { code: 35114, why: 'SendAt is no ISO 8601 time' };
  const aheadMs = ms - wallMs;
  return aheadMs >= sendAheadMsMin && aheadMs <= sendAheadMsMax
    ? ms
    : { code: 35114, why: 'SendAt is not between 15 minutes and 35 days ahead' };
}

/** Twilio asks the server that has it; here its name tells. */
const typesByEnding: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  mp4: 'video/mp4',
  '3gp': 'video/3gpp',
  pdf: 'application/pdf',
  vcf: 'text/vcard',
  ics: 'text/calendar',
  csv: 'text/csv',
};

/** @returns one, or none where it is no address */
export function mediumOf(url: string): readonly SmsMedia[] {
  return isWebAddress(url) ? [{ url, contentType: typeOf(url) }] : [];
}

function typeOf(url: string): string | null {
  const [, ending = ''] = /\.([a-z0-9]{2,4})$/i.exec(new URL(url).pathname) ?? [];
  return typesByEnding[ending.toLowerCase()] ?? null;
}
