/**
 * A request for a message: `POST /messages` and `POST /mms`, as JSON or as a form. Pure.
 * Source: https://developers.messagebird.com/api/sms-messaging/#send-outbound-sms
 */
import { type PhoneNumber, phoneNumber } from '../../../model/phone-number.ts';
import { asBinary, asNeeded, asText, asUnicode, type Outgoing } from '../outgoing.ts';
import { datacodings, gatewayUsual, messageTypes } from './schema.ts';

export interface MessageRequest {
  readonly kind: 'sms' | 'mms';
  readonly type: (typeof messageTypes)[number];
  readonly originator: string;
  /** The same, as everything else has it: a number in E.164. */
  readonly sender: string;
  readonly body: string;
  readonly outgoing: Outgoing;
  readonly recipients: readonly PhoneNumber[];
  readonly reference: string | null;
  readonly reportUrl: string | null;
  readonly validityS: number | null;
  readonly gateway: number;
  readonly udh: string | null;
  readonly datacoding: 'plain' | 'unicode';
  readonly mclass: number;
  /** As it is written. */
  readonly scheduled: string | null;
  readonly subject: string | null;
  readonly mediaUrls: readonly string[];
}

export interface ApiError {
  readonly code: number;
  readonly description: string;
  readonly parameter: string | null;
}

export type RequestRead =
  | { readonly kind: 'read'; readonly request: MessageRequest }
  | { readonly kind: 'refused'; readonly errors: readonly ApiError[] };

export const recipientsMax = 50;
/** Nine parts. */
const plainCharsMax = 1_377;
const unicodeCharsMax = 603;
const mmsBodyCharsMax = 2_000;
const mmsSubjectCharsMax = 256;
const mediaUrlsMax = 10;
const alphanumericCharsMax = 11;
const originatorDigitsMax = 17;

export type Given = Readonly<Record<string, unknown>>;

/** @returns null for what is neither a JSON object nor a form */
export function givenOf(contentType: string, body: string): Given | null {
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') return formOf(body);
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** `recipients[]=…&recipients[]=…`, `typeDetails[udh]=…`. */
function formOf(body: string): Given {
  const given: Record<string, unknown> = {};
  const lists = new Map<string, string[]>();
  const details: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(body)) {
    const [, list] = /^(\w+)\[\d*\]$/.exec(name) ?? [];
    const [, member] = /^typeDetails\[(\w+)\]$/.exec(name) ?? [];
    if (member !== undefined) details[member] = value;
    else if (list !== undefined)
      lists
        .set(list, lists.get(list) ?? [])
        .get(list)
        ?.push(value);
    else given[name] = value;
  }
  for (const [name, list] of lists) given[name] = list;
  return Object.keys(details).length === 0 ? given : { ...given, typeDetails: details };
}

export function readMessage(kind: 'sms' | 'mms', given: Given, strictNumbers: boolean): RequestRead {
  const errors: ApiError[] = [];
  const recipients = readRecipients(given.recipients, strictNumbers, errors);
  const originator = textOf(given.originator).trim();
  const sender = readOriginator(originator, errors);
  // What is said of the rest is said once it is known who is to have it from whom.
  if (errors.length > 0 || sender === null) return { kind: 'refused', errors };
  const type = memberOf(messageTypes, given.type, 'sms', 'type', errors);
  const datacoding = memberOf(datacodings, given.datacoding, 'plain', 'datacoding', errors);
  const mediaUrls = kind === 'mms' ? readMediaUrls(given.mediaUrls, errors) : [];
  const body = textOf(given.body);
  const udh = udhOf(given.typeDetails);
  const outgoing = readBody(kind, { body, type, datacoding, udh, hasMedia: mediaUrls.length > 0 }, errors);
  const validityS = readInteger(given.validity, { name: 'validity', min: 1, max: 72 * 3_600 }, errors);
  const gateway = readInteger(given.gateway, { name: 'gateway', min: 0, max: 1_000_000 }, errors);
  const mclass = readInteger(given.mclass, { name: 'mclass', min: 0, max: 3 }, errors);
  const scheduled = readScheduled(given.scheduledDatetime, errors);
  const reportUrl = readReportUrl(given.reportUrl, errors);
  const subject = textOf(given.subject);
  if (subject.length > mmsSubjectCharsMax)
    errors.push(invalid('subject', `subject has at most ${mmsSubjectCharsMax} characters`));
  if (errors.length > 0 || outgoing === null) return { kind: 'refused', errors };
  const reference = textOf(given.reference);
  return {
    kind: 'read',
    request: {
      kind,
      type,
      originator,
      sender,
      body,
      outgoing,
      recipients,
      reference: reference === '' ? null : reference,
      reportUrl,
      validityS,
      gateway: gateway ?? gatewayUsual,
      udh,
      datacoding: outgoing.encoding === 'UCS-2' ? 'unicode' : 'plain',
      mclass: mclass ?? (type === 'flash' ? 0 : 1),
      scheduled,
      subject: subject === '' ? null : subject,
      mediaUrls,
    },
  };
}

/** Numbers that are none are left out; where none is left, that is the error. */
function readRecipients(value: unknown, strictNumbers: boolean, errors: ApiError[]): readonly PhoneNumber[] {
  const given: readonly unknown[] = Array.isArray(value) ? value : textOf(value).split(',');
  const numbers = new Map<string, PhoneNumber>();
  for (const one of given) {
    const number = phoneNumber(textOf(one).trim().replace(/^00/, ''));
    if (number !== null && (strictNumbers ? number.valid : number.possible)) numbers.set(number.e164, number);
  }
  if (numbers.size === 0)
    errors.push({ code: 9, description: 'no (correct) recipients found', parameter: 'recipients' });
  if (numbers.size > recipientsMax)
    errors.push(invalid('recipients', `too many recipients (at most ${recipientsMax} are taken)`));
  return [...numbers.values()];
}

function readOriginator(originator: string, errors: ApiError[]): string | null {
  if (originator === '') {
    errors.push({ code: 9, description: 'originator is required', parameter: 'originator' });
    return null;
  }
  const digits = originator.replace(/^\+/, '');
  if (/^\d+$/.test(digits) && digits.length <= originatorDigitsMax) {
    const number = phoneNumber(digits);
    return number?.possible === true ? number.e164 : digits;
  }
  if (originator.length <= alphanumericCharsMax && /^[A-Za-z0-9 ._&+-]+$/.test(originator)) return originator;
  errors.push(invalid('originator', 'originator is invalid'));
  return null;
}

function readBody(
  kind: 'sms' | 'mms',
  {
    body,
    type,
    datacoding,
    udh,
    hasMedia,
  }: {
    readonly body: string;
    readonly type: MessageRequest['type'];
    readonly datacoding: (typeof datacodings)[number];
    readonly udh: string | null;
    readonly hasMedia: boolean;
  },
  errors: ApiError[],
): Outgoing | null {
  if (body === '' && !hasMedia) {
    errors.push({ code: 9, description: 'body is required', parameter: 'body' });
    return null;
  }
  if (kind === 'mms') {
    if (body.length > mmsBodyCharsMax) errors.push(tooLong(mmsBodyCharsMax));
    return { ...asNeeded(body), parts: 1 };
  }
  if (type === 'binary') {
    if (body.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(body)) {
      errors.push(invalid('body', 'body is written in hexadecimal digits where the type is binary'));
      return null;
    }
    return asBinary(udh === null ? body : `${udh} ${body}`);
  }
  const outgoing =
    datacoding === 'unicode' ? asUnicode(body) : datacoding === 'auto' ? asNeeded(body) : asText(body);
  const charsMax = outgoing.encoding === 'UCS-2' ? unicodeCharsMax : plainCharsMax;
  if (body.length > charsMax) errors.push(tooLong(charsMax));
  return outgoing;
}

function tooLong(charsMax: number): ApiError {
  return invalid('body', `body is too long (at most ${charsMax} characters)`);
}

function readMediaUrls(value: unknown, errors: ApiError[]): readonly string[] {
  const urls = (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(textOf);
  if (urls.length > mediaUrlsMax || urls.some((url) => !/^https?:\/\//.test(url) || !URL.canParse(url)))
    errors.push(invalid('mediaUrls', `mediaUrls has at most ${mediaUrlsMax} addresses with https://`));
  return urls;
}

function readInteger(
  value: unknown,
  { name, min, max }: { readonly name: string; readonly min: number; readonly max: number },
  errors: ApiError[],
): number | null {
  const text = textOf(value);
  if (text === '') return null;
  const number = Number(text);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  errors.push(invalid(name, `${name} is invalid (from ${min} to ${max})`));
  return null;
}

/** RFC 3339, `Y-m-d\TH:i:sP`. */
function readScheduled(value: unknown, errors: ApiError[]): string | null {
  const text = textOf(value);
  if (text === '') return null;
  if (
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$/.test(text) &&
    !Number.isNaN(Date.parse(text))
  )
    return text;
  errors.push(invalid('scheduledDatetime', 'scheduledDatetime is invalid (2026-01-31T10:00:00+00:00)'));
  return null;
}

function readReportUrl(value: unknown, errors: ApiError[]): string | null {
  const text = textOf(value);
  if (text === '') return null;
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text;
  errors.push(invalid('reportUrl', 'reportUrl is invalid'));
  return null;
}

function udhOf(details: unknown): string | null {
  if (typeof details !== 'object' || details === null) return null;
  const udh = Object.entries(details).find(([name]) => name === 'udh')?.[1];
  return typeof udh === 'string' && udh !== '' ? udh : null;
}

function memberOf<T extends string>(
  members: readonly T[],
  value: unknown,
  usual: T,
  name: string,
  errors: ApiError[],
): T {
  const text = textOf(value);
  if (text === '') return usual;
  const found = members.find((one) => one === text);
  if (found === undefined) errors.push(invalid(name, `${name} is invalid (${members.join(', ')})`));
  return found ?? usual;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

function invalid(parameter: string, description: string): ApiError {
  return { code: 10, description, parameter };
}
