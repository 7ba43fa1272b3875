/** Twilio's answers: a message as its resource, pages, and errors. Pure, but for the request's id. */
import type { ProviderAnswer, ProviderReply } from '../../../doors/http/provider-request.ts';
import { type NewSms, type SmsState, standingOf } from '../../../model/sms.ts';
import { rfc2822 } from './dates.ts';
import { type ErrorCode, type ErrorRow, type ErrorWords, endMessage, errorRow, filled } from './errors.ts';
import { apiVersion, type Direction, recordOf } from './schema.ts';
import type { NewSid } from './sids.ts';

/** A refusal: what is answered, and why in words that tell what to change. */
export interface Refused {
  readonly code: ErrorCode;
  readonly words?: ErrorWords;
  /** In place of the table's. */
  readonly text?: string;
  readonly why: string;
}

export function isRefused(value: object): value is Refused {
  return 'code' in value && 'why' in value;
}

export interface MessageResource {
  readonly body: string;
  readonly num_segments: string;
  readonly direction: Direction;
  readonly from: string | null;
  readonly to: string;
  readonly date_updated: string;
  readonly price: string | null;
  readonly error_message: string | null;
  readonly uri: string;
  readonly account_sid: string;
  readonly num_media: string;
  readonly date_created: string;
  readonly status: string;
  readonly sid: string;
  readonly date_sent: string | null;
  readonly messaging_service_sid: string | null;
  readonly error_code: number | null;
  readonly price_unit: string;
  readonly api_version: string;
  readonly subresource_uris: Readonly<Record<string, string>>;
}

/**
 * The answer to a create: the message as it is accepted, whatever becomes of it in the same moment. Of one that a service
 * sends, sender and segments are not known yet.
 * Source: https://www.twilio.com/docs/messaging/api/message-resource#message-properties
 */
export function createdResource(about: {
  readonly account: string;
  readonly sid: string;
  readonly text: string;
  readonly parts: number;
  readonly media: number;
  readonly from: string | null;
  readonly to: string;
  readonly service: string | null;
  readonly status: string;
  readonly nowMs: number;
  readonly currency: string;
}): MessageResource {
  const date = rfc2822(about.nowMs);
  const resource = messageUri(about.account, about.sid);
  return {
    body: about.text,
    num_segments: String(about.parts),
    direction: 'outbound-api',
    from: about.from,
    date_updated: date,
    price: null,
    error_message: null,
    uri: `${resource}.json`,
    account_sid: about.account,
    num_media: String(about.media),
    to: about.to,
    date_created: date,
    status: about.status,
    sid: about.sid,
    date_sent: null,
    messaging_service_sid: about.service,
    error_code: null,
    price_unit: about.currency,
    api_version: apiVersion,
    subresource_uris: { media: `${resource}/Media.json` },
  };
}

/** A message as it stands. */
export function messageResource(sms: NewSms): MessageResource {
  const record = recordOf(sms);
  const last = standingOf(sms);
  const inbound = sms.direction === 'mo';
  const sent = inbound
    ? sms.receivedAtMs
    : (sms.steps.find(({ state }) => !notSent.has(state))?.atMs ?? null);
  const resource = messageUri(sms.account, sms.providerId);
  // A rule keeps it at Twilio itself: it was not handed on yet.
  const kept = last.state === 'held' && !sms.steps.some(({ state }) => state === 'sent');
  return {
    body: sms.text,
    num_segments: String(sms.parts),
    direction: record.direction,
    from: inbound ? sms.number : sms.sender,
    date_updated: rfc2822(Math.max(last.atMs, record.changedAtMs ?? 0)),
    price: sent === null || sms.price === null ? null : `-${sms.price.amount}`,
    error_message: endMessage(last.code),
    uri: `${resource}.json`,
    account_sid: sms.account,
    num_media: String(sms.media.length),
    to: inbound ? sms.sender : sms.number,
    date_created: rfc2822(sms.receivedAtMs),
    status: kept ? 'queued' : last.status,
    sid: sms.providerId,
    date_sent: sent === null ? null : rfc2822(sent),
    messaging_service_sid: sms.service,
    error_code: last.code === null ? null : Number(last.code),
    price_unit: sms.price?.currency ?? defaultCurrency,
    api_version: apiVersion,
    subresource_uris: { media: `${resource}/Media.json`, feedback: `${resource}/Feedback.json` },
  };
}

/** Twilio had not tried it yet. */
const notSent: ReadonlySet<SmsState> = new Set(['scheduled', 'accepted', 'held', 'canceled']);

export const defaultCurrency = 'USD';

export function messageUri(account: string, sid: string): string {
  return `/${apiVersion}/Accounts/${account}/Messages/${sid}`;
}

export function jsonReply(
  status: number,
  body: unknown,
  newSid: NewSid,
  fields: readonly (readonly [name: string, value: string])[] = [],
): ProviderReply {
  return {
    status,
    fields: [
      ['content-type', 'application/json'],
      ['twilio-request-id', newSid('RQ')],
      ['twilio-concurrent-requests', '1'],
      ['x-home-region', 'us1'],
      ['x-api-domain', 'api.twilio.com'],
      ...fields,
    ],
    body: JSON.stringify(body),
  };
}

export function answered(reply: ProviderReply, user: string | null): ProviderAnswer {
  return { reply, refused: null, user };
}

export function refusedAnswer(refused: Refused, newSid: NewSid, user: string | null): ProviderAnswer {
  return { reply: errorReply(refused, newSid), refused: refused.why, user };
}

export function errorReply({ code, words = {}, text }: Omit<Refused, 'why'>, newSid: NewSid): ProviderReply {
  const row = errorRow(code) ?? unknownRow;
  return codeReply(code, text === undefined ? row : { ...row, message: text }, words, newSid);
}

/** What a rule asks for: a code of Twilio's, or any other in the same form. */
export function namedErrorReply(
  about: {
    readonly reason: string;
    readonly status: number | null;
    readonly text: string | null;
    readonly retryAfterS: number | null;
  },
  words: ErrorWords,
  newSid: NewSid,
): ProviderReply {
  const code = /^\d{3,6}$/.test(about.reason) ? Number(about.reason) : 0;
  const row = errorRow(code);
  const ended = endMessage(about.reason);
  const reply = codeReply(
    code === 0 ? (about.status ?? unknownRow.status) : code,
    {
      status: about.status ?? row?.status ?? unknownRow.status,
      message: about.text ?? row?.message ?? ended ?? (code === 0 ? about.reason : unknownRow.message),
    },
    words,
    newSid,
  );
  return about.retryAfterS === null
    ? reply
    : { ...reply, fields: [...reply.fields, ['retry-after', String(about.retryAfterS)]] };
}

const unknownRow: ErrorRow = { status: 400, message: 'Bad Request' };

function codeReply(
  code: number,
  { status, message }: ErrorRow,
  words: ErrorWords,
  newSid: NewSid,
): ProviderReply {
  return jsonReply(
    status,
    {
      code,
      message: filled(message, words),
      more_info: `https://www.twilio.com/docs/errors/${code}`,
      status,
    },
    newSid,
    status === 401 ? [['www-authenticate', 'Basic realm="Twilio API"']] : [],
  );
}
