/**
 * A request to the Messages API: what its channels SMS and MMS take. Pure.
 * Source: https://developer.vonage.com/api/messages (v1).
 */
import { type PhoneNumber, phoneNumber } from '../../../model/phone-number.ts';
import type { SmsMedia } from '../../../model/sms.ts';
import { asNeeded, asText, asUnicode, type Outgoing } from '../outgoing.ts';
import { senderOf } from './parse-sms.ts';
import { invalidJsonProblem, invalidProblem, messagesErrorsPage, type Problem } from './reply.ts';

export interface MessageRequest {
  readonly channel: 'sms' | 'mms';
  readonly number: PhoneNumber;
  readonly from: string;
  readonly written: string;
  readonly outgoing: Outgoing;
  readonly media: readonly SmsMedia[];
  readonly ttlMs: number | null;
  readonly clientRef: string | null;
  readonly webhookUrl: string | null;
}

export type MessageRequestRead =
  | { readonly kind: 'read'; readonly request: MessageRequest }
  | { readonly kind: 'refused'; readonly problem: Problem; readonly why: string };

type Invalid = { readonly name: string; readonly reason: string };

const otherChannels: ReadonlySet<unknown> = new Set([
  'whatsapp',
  'messenger',
  'viber_service',
  'rcs',
  'email',
]);
const mmsTypes = ['image', 'vcard', 'audio', 'video', 'file', 'text', 'content'] as const;
const textCharsMax = 1_000;
const clientRefCharsMax = 100;
/** Seconds here, milliseconds in the SMS API. */
const ttlSMin = 20;
const ttlSMax = 604_800;

export function readMessageRequest(body: string, strictNumbers: boolean): MessageRequestRead {
  const fields = objectOf(body);
  if (fields === null)
    return { kind: 'refused', problem: invalidJsonProblem, why: 'the body is no JSON object' };
  const { channel } = fields;
  if (otherChannels.has(channel))
    return {
      kind: 'refused',
      problem: {
        status: 422,
        type: `${messagesErrorsPage}#1140`,
        title: 'Facility not allowed',
        detail: `The sandbox plays the channels sms and mms of the Messages API, not ${String(channel)}.`,
      },
      why: `the channel ${String(channel)} is not simulated: sms and mms are`,
    };
  if (channel !== 'sms' && channel !== 'mms')
    return invalid([
      { name: 'channel', reason: channel === undefined ? 'is required' : 'must be sms or mms' },
    ]);
  return readFields(channel, fields, strictNumbers);
}

function readFields(
  channel: 'sms' | 'mms',
  fields: Readonly<Record<string, unknown>>,
  strictNumbers: boolean,
): MessageRequestRead {
  const wrong: Invalid[] = [];
  const number = readTo(fields.to, strictNumbers, wrong);
  const from = readFrom(fields.from, wrong);
  const content = channel === 'sms' ? readText(fields, wrong) : readMedia(fields, wrong);
  const ttlMs = readTtl(fields.ttl, wrong);
  const clientRef = readClientRef(fields.client_ref, wrong);
  const webhookUrl = readWebhook(fields.webhook_url, wrong);
  if (wrong.length > 0 || number === null || from === null || content === null) return invalid(wrong);
  return {
    kind: 'read',
    request: { channel, number, from, ...content, ttlMs, clientRef, webhookUrl },
  };
}

function readTo(to: unknown, strictNumbers: boolean, wrong: Invalid[]): PhoneNumber | null {
  const text = typeof to === 'number' ? String(to) : to;
  if (typeof text !== 'string' || text === '') {
    wrong.push({ name: 'to', reason: 'is required' });
    return null;
  }
  const number = /^\+?\d{7,15}$/.test(text) ? phoneNumber(text) : null;
  if (number !== null && (strictNumbers ? number.valid : number.possible)) return number;
  wrong.push({ name: 'to', reason: 'must be a phone number in E.164 format, without a leading + or 00' });
  return null;
}

function readFrom(from: unknown, wrong: Invalid[]): string | null {
  const text = typeof from === 'number' ? String(from) : from;
  if (typeof text !== 'string' || text === '') {
    wrong.push({ name: 'from', reason: 'is required' });
    return null;
  }
  const sender = senderOf(text);
  if (sender === null)
    wrong.push({
      name: 'from',
      reason: 'must be a number in E.164 format or an alphanumeric sender of at most 11 characters',
    });
  return sender;
}

type Content = Pick<MessageRequest, 'written' | 'outgoing' | 'media'>;

function readText(fields: Readonly<Record<string, unknown>>, wrong: Invalid[]): Content | null {
  const { message_type: type, text } = fields;
  if (type !== 'text') {
    wrong.push({
      name: 'message_type',
      reason: type === undefined ? 'is required' : 'must be text for the channel sms',
    });
    return null;
  }
  if (typeof text !== 'string' || text === '') {
    wrong.push({ name: 'text', reason: 'is required' });
    return null;
  }
  if (text.length > textCharsMax) {
    wrong.push({ name: 'text', reason: `must have at most ${textCharsMax} characters` });
    return null;
  }
  const encoding = memberOf(fields.sms, 'encoding_type') ?? 'auto';
  if (encoding === 'text') return { written: text, outgoing: asText(text), media: [] };
  if (encoding === 'unicode') return { written: text, outgoing: asUnicode(text), media: [] };
  if (encoding === 'auto') return { written: text, outgoing: asNeeded(text), media: [] };
  wrong.push({ name: 'sms.encoding_type', reason: 'must be text, unicode or auto' });
  return null;
}

function readMedia(fields: Readonly<Record<string, unknown>>, wrong: Invalid[]): Content | null {
  const type = mmsTypes.find((one) => one === fields.message_type);
  if (type === undefined) {
    wrong.push({ name: 'message_type', reason: `must be one of ${mmsTypes.join(', ')}` });
    return null;
  }
  const value = fields[type];
  if (type === 'text') {
    if (typeof value === 'string' && value !== '')
      return { written: value, outgoing: { ...asNeeded(value), parts: 1 }, media: [] };
    wrong.push({ name: 'text', reason: 'is required' });
    return null;
  }
  const entries = type === 'content' ? value : [value];
  const media: SmsMedia[] = [];
  const captions: string[] = [];
  for (const entry of Array.isArray(entries) ? entries : []) {
    const url: unknown = memberOf(entry, 'url');
    if (typeof url !== 'string' || !/^https?:\/\//.test(url)) {
      wrong.push({ name: `${type}.url`, reason: 'must be an address with http:// or https://' });
      return null;
    }
    const caption = memberOf(entry, 'caption');
    if (typeof caption === 'string' && caption !== '') captions.push(caption);
    media.push({ url, contentType: null });
  }
  if (media.length === 0) {
    wrong.push({ name: type, reason: 'is required' });
    return null;
  }
  const written = captions.join('\n');
  // An MMS is one message, however long its captions are.
  return { written, outgoing: { ...asNeeded(written), parts: 1 }, media };
}

function readTtl(ttl: unknown, wrong: Invalid[]): number | null {
  if (ttl === undefined || ttl === null) return null;
  if (typeof ttl === 'number' && Number.isInteger(ttl) && ttl >= ttlSMin && ttl <= ttlSMax) return ttl * 1000;
  wrong.push({ name: 'ttl', reason: `must be from ${ttlSMin} to ${ttlSMax} seconds` });
  return null;
}

function readClientRef(reference: unknown, wrong: Invalid[]): string | null {
  if (reference === undefined || reference === null) return null;
  if (typeof reference === 'string' && reference.length <= clientRefCharsMax) return reference;
  wrong.push({ name: 'client_ref', reason: `must be a text of at most ${clientRefCharsMax} characters` });
  return null;
}

function readWebhook(url: unknown, wrong: Invalid[]): string | null {
  if (url === undefined || url === null) return null;
  if (typeof url === 'string' && /^https?:\/\//.test(url) && URL.canParse(url)) return url;
  wrong.push({ name: 'webhook_url', reason: 'must be an address with http:// or https://' });
  return null;
}

function invalid(wrong: readonly Invalid[]): MessageRequestRead {
  return {
    kind: 'refused',
    problem: invalidProblem(wrong),
    why: wrong.map(({ name, reason }) => `${name} ${reason}`).join('; '),
  };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

function objectOf(body: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
