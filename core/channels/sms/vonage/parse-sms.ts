/** A request to the SMS API: its parameters, checked in Vonage's order. Pure. */
import { type PhoneNumber, phoneNumber } from '../../../model/phone-number.ts';
import { asBinary, asText, asUnicode, type Outgoing } from '../outgoing.ts';
import type { Parameters } from './parameters.ts';

export interface SmsRequest {
  readonly number: PhoneNumber;
  readonly from: string;
  /** As the request has it. */
  readonly written: string;
  readonly outgoing: Outgoing;
  readonly ttlMs: number | null;
  readonly callback: string | null;
  readonly receipts: boolean;
  readonly clientRef: string | null;
  readonly accountRef: string | null;
}

export interface Fault {
  readonly code: string;
  readonly text: string | null;
  /** What to change. */
  readonly why: string;
}

export type SmsRequestRead =
  | { readonly kind: 'read'; readonly request: SmsRequest }
  | { readonly kind: 'refused'; readonly fault: Fault };

const ttlMsMin = 20_000;
const ttlMsMax = 604_800_000;
const textCharsMax = 3_200;
const clientRefCharsMax = 100;
const binaryOctetsMax = 140;
const alphanumericCharsMax = 11;
const callbackCharsMax = 2_000;

export function readSmsRequest(parameters: Parameters, strictNumbers: boolean): SmsRequestRead {
  const to = parameters.get('to')?.trim() ?? '';
  if (to === '') return missing('to');
  const from = parameters.get('from')?.trim() ?? '';
  if (from === '') return missing('from');
  const content = contentOf(parameters);
  if (content.kind === 'refused') return content;
  if (!/^(?:\+|00)?\d+$/.test(to))
    return refused('3', 'to address is not numeric', 'to has digits alone, with the country code first');
  const number = phoneNumber(to.replace(/^00/, ''));
  if (number === null || !(strictNumbers ? number.valid : number.possible))
    return refused(
      '6',
      null,
      `${to} is no number of any country: it begins with the country code, without 00`,
    );
  const sender = senderOf(from);
  if (sender === null)
    return refused(
      '15',
      null,
      `from is a number, or a name of at most ${alphanumericCharsMax} letters, digits and spaces`,
    );
  const rest = restOf(parameters);
  if (rest.kind === 'refused') return rest;
  return { kind: 'read', request: { number, from: sender, ...content.content, ...rest.rest } };
}

type ContentRead =
  | {
      readonly kind: 'read';
      readonly content: { readonly written: string; readonly outgoing: Outgoing };
    }
  | { readonly kind: 'refused'; readonly fault: Fault };

function contentOf(parameters: Parameters): ContentRead {
  const type = parameters.get('type') ?? 'text';
  const content = (written: string, outgoing: Outgoing): ContentRead => ({
    kind: 'read',
    content: { written, outgoing },
  });
  switch (type) {
    case 'text':
    case 'unicode': {
      const text = parameters.get('text') ?? '';
      if (text === '') return missing('text');
      if (text.length > textCharsMax)
        return refused(
          '12',
          null,
          `the text has ${text.length} characters, at most ${textCharsMax} are taken`,
        );
      return content(text, type === 'text' ? asText(text) : asUnicode(text));
    }
    case 'binary': {
      const body = parameters.get('body') ?? '';
      const udh = parameters.get('udh') ?? '';
      if (body === '') return missing('body');
      if (udh === '') return missing('udh');
      if (!isHex(body)) return invalid('body', 'body is written in hexadecimal digits');
      if (!isHex(udh)) return invalid('udh', 'udh is written in hexadecimal digits');
      if ((body.length + udh.length) / 2 > binaryOctetsMax)
        return refused('12', null, `udh and body together have more than ${binaryOctetsMax} octets`);
      return content(body, asBinary(`${udh} ${body}`));
    }
    case 'wappush': {
      const title = parameters.get('title') ?? '';
      const url = parameters.get('url') ?? '';
      if (title === '') return missing('title');
      if (url === '') return missing('url');
      return content(`${title} ${url}`, asBinary(`${title} ${url}`));
    }
    case 'vcard':
    case 'vcal': {
      const card = parameters.get(type) ?? '';
      return card === '' ? missing(type) : content(card, asBinary(card));
    }
    default:
      return invalid('type', 'type is text, unicode, binary, wappush, vcard or vcal');
  }
}

type RestRead =
  | {
      readonly kind: 'read';
      readonly rest: Pick<SmsRequest, 'ttlMs' | 'callback' | 'receipts' | 'clientRef' | 'accountRef'>;
    }
  | { readonly kind: 'refused'; readonly fault: Fault };

function restOf(parameters: Parameters): RestRead {
  const ttl = parameters.get('ttl') ?? '';
  if (ttl !== '' && !(/^\d+$/.test(ttl) && Number(ttl) >= ttlMsMin && Number(ttl) <= ttlMsMax))
    return refused('16', null, `ttl is from ${ttlMsMin} to ${ttlMsMax} milliseconds`);
  const messageClass = parameters.get('message-class') ?? '';
  if (messageClass !== '' && !/^[0-3]$/.test(messageClass))
    return refused('20', null, 'message-class is from 0 to 3');
  const callback = parameters.get('callback') ?? '';
  if (callback !== '') {
    if (!/^https?:\/\//i.test(callback))
      return refused('23', null, 'callback is a whole address, with http:// or https://');
    if (callback.length > callbackCharsMax || !URL.canParse(callback))
      return refused('23', 'Invalid Callback Url', 'callback is no address, or too long');
  }
  const clientRef = parameters.get('client-ref') ?? '';
  if (clientRef.length > clientRefCharsMax)
    return invalid('client-ref', `client-ref has at most ${clientRefCharsMax} characters`);
  const accountRef = parameters.get('account-ref') ?? '';
  return {
    kind: 'read',
    rest: {
      ttlMs: ttl === '' ? null : Number(ttl),
      callback: callback === '' ? null : callback,
      receipts: !['0', 'false'].includes(parameters.get('status-report-req') ?? ''),
      clientRef: clientRef === '' ? null : clientRef,
      accountRef: accountRef === '' ? null : accountRef,
    },
  };
}

/**
 * Numbers in E.164 with the plus sign, short codes and names as they are; null for what is neither.
 * Source: https://developer.vonage.com/messaging/sms/guides/custom-sender-id (3 to 11 letters, digits and spaces; more
 * is cut off at the handset, and some routes refuse it).
 */
export function senderOf(from: string): string | null {
  const digits = from.replace(/^\+/, '');
  if (/^\d+$/.test(digits)) {
    const number = phoneNumber(digits);
    return number?.possible === true ? number.e164 : digits.length <= shortCodeDigitsMax ? digits : null;
  }
  return from.length <= alphanumericCharsMax && /^[A-Za-z0-9 ._&+-]+$/.test(from) ? from : null;
}

const shortCodeDigitsMax = 15;

function isHex(text: string): boolean {
  return text.length % 2 === 0 && /^[0-9a-f]+$/i.test(text);
}

function missing(name: string): { readonly kind: 'refused'; readonly fault: Fault } {
  return refused('2', `Missing ${name} param`, `the parameter ${name} is missing`);
}

function invalid(name: string, why: string): { readonly kind: 'refused'; readonly fault: Fault } {
  return refused('3', `Invalid value for param ${name}`, why);
}

function refused(
  code: string,
  text: string | null,
  why: string,
): { readonly kind: 'refused'; readonly fault: Fault } {
  return { kind: 'refused', fault: { code, text, why } };
}
