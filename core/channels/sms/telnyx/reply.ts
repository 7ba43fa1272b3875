/** What Telnyx answers: one table of errors, and the shape of a message as its API and its webhooks show it. Pure. */
import type { ProviderReply } from '../../../doors/http/provider-request.ts';
import type { NewSms, SmsStep } from '../../../model/sms.ts';
import { recordOf, type TelnyxRecord } from './schema.ts';

export interface ErrorRow {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

/**
 * Source: https://developers.telnyx.com/development/api-fundamentals/api-errors (10xxx) and
 * https://developers.telnyx.com/docs/messaging/messages/error-codes (40xxx). The pages name no HTTP status: those that clients
 * have been seen to report stand here (10009: 401, 10011: 429, 40300: 403, 40305: 400), the others by their kind.
 */
export const errorRows: Readonly<Record<string, ErrorRow>> = {
  10002: { status: 422, title: 'Invalid phone number', detail: 'The phone number is invalid.' },
  10003: {
    status: 422,
    title: 'Invalid URL',
    detail: 'The URL provided was invalid, malformed, or too long. URLs can be a maximum of 2000 characters.',
  },
  10004: { status: 422, title: 'Missing required parameter', detail: 'A required parameter was missing.' },
  10005: {
    status: 404,
    title: 'Resource not found',
    detail: 'The requested resource or URL could not be found.',
  },
  10006: { status: 422, title: 'Invalid ID', detail: 'The resource ID provided was invalid.' },
  10007: { status: 500, title: 'Unexpected error', detail: 'An unexpected error occured.' },
  10008: { status: 408, title: 'Request timeout', detail: 'The request timed out.' },
  10009: {
    status: 401,
    title: 'Authentication failed',
    detail: 'The required authentication headers were either invalid or not included in the request.',
  },
  10010: {
    status: 403,
    title: 'Authorization failed',
    detail:
      'You do not have permission to perform the requested action on the specified resource or resources.',
  },
  10011: {
    status: 429,
    title: 'Too many requests',
    detail: 'You have exceeded the maximum number of allowed requests.',
  },
  10014: {
    status: 415,
    title: 'Unsupported Media Type',
    detail: 'The request failed because the server does not support the media type.',
  },
  10015: {
    status: 400,
    title: 'Bad Request',
    detail: 'The request failed because it was not well-formed.',
  },
  10016: {
    status: 422,
    title: 'Phone number must be in +E.164 format',
    detail: 'The specified phone number parameter must be in +E.164 format.',
  },
  20100: {
    status: 403,
    title: 'Insufficient Funds',
    detail: 'You have insufficient funds to perform this action.',
  },
  40001: {
    status: 422,
    title: 'Not routable',
    detail: 'The destination number is either a landline or a non-routable wireless number.',
  },
  40002: {
    status: 422,
    title: 'Blocked as spam - temporary',
    detail: 'The message was flagged by a SPAM filter and was not delivered. This is a temporary condition.',
  },
  40003: {
    status: 422,
    title: 'Blocked as spam - permanent',
    detail:
      'The message was flagged by a SPAM filter and was not delivered. The originating phone number is permanently blocked.',
  },
  40004: {
    status: 422,
    title: 'Rejected by destination',
    detail: 'The recipient server is rejecting the message for an unknown reason.',
  },
  40005: {
    status: 422,
    title: 'Message expired during transmission',
    detail:
      'The message expired before it could be fully delivered to the recipient. This error occured after the message left Telnyx and was en route to the destination.',
  },
  40006: {
    status: 422,
    title: 'Recipient server unavailable',
    detail: 'The recipient server is unavailable or not responding. This may be a temporary issue.',
  },
  40008: {
    status: 422,
    title: 'Undeliverable',
    detail:
      'The recipient carrier did not accept the message. This is a general purpose undeliverable message.',
  },
  40009: { status: 422, title: 'Invalid message body', detail: 'The message body was invalid.' },
  40010: {
    status: 422,
    title: 'Message is not 10DLC registered',
    detail: 'The message was not registered with 10DLC and was rejected by the carrier.',
  },
  40011: {
    status: 422,
    title: 'Too many requests',
    detail: 'Exceeded upstream rate limit. As a result the message was not delivered.',
  },
  40012: {
    status: 422,
    title: 'Invalid messaging destination number',
    detail: 'The destination phone number was deemed invalid by the carrier.',
  },
  40013: {
    status: 422,
    title: 'Invalid messaging source number',
    detail: 'The source phone number was deemed invalid by the carrier.',
  },
  40014: {
    status: 422,
    title: 'Message expired in queue',
    detail: 'The message expired while it waited to be sent.',
  },
  40015: {
    status: 422,
    title: 'Blocked as spam - internal',
    detail: 'The message was flagged by an internal SPAM filter.',
  },
  40300: {
    status: 403,
    title: 'Blocked due to STOP message',
    detail: 'Messages cannot be sent due to an existing block rule.',
  },
  40301: {
    status: 400,
    title: "Unsupported message type for the 'to' address",
    detail: "The message type is not supported for the 'to' address.",
  },
  40302: {
    status: 400,
    title: 'Message too large',
    detail: 'The message is larger than the maximum of 10 parts.',
  },
  40304: {
    status: 400,
    title: 'Invalid combination of message content arguments',
    detail: "The arguments 'type', 'text', 'subject' and 'media_urls' do not go together.",
  },
  40305: {
    status: 400,
    title: "Invalid 'from' address",
    detail:
      "The 'from' address should be string containing a valid number associated with the sending messaging profile.",
  },
  40306: {
    status: 400,
    title: 'Alpha sender not configured',
    detail: 'The messaging profile has no alphanumeric sender for that destination.',
  },
  40308: {
    status: 400,
    title: "Invalid 'from' address for MMS",
    detail: "The 'from' address cannot send MMS.",
  },
  40309: {
    status: 400,
    title: 'Invalid destination region',
    detail: 'The destination region is not among the whitelisted destinations of the messaging profile.',
  },
  40310: {
    status: 400,
    title: "Invalid 'to' address",
    detail: "The 'to' address should be a string containing a valid phone number in +E.164 format.",
  },
  40311: {
    status: 403,
    title: 'Invalid messaging profile secret',
    detail: 'The messaging profile secret is invalid.',
  },
  40312: {
    status: 403,
    title: 'Messaging profile is disabled',
    detail: 'The messaging profile is disabled.',
  },
  40314: {
    status: 403,
    title: 'Messaging disabled on account',
    detail: 'Messaging is disabled on the account.',
  },
  40315: {
    status: 400,
    title: "Unhealthy 'from' address",
    detail: "The 'from' address has a low deliverability or a high spam ratio.",
  },
  40316: {
    status: 400,
    title: 'No content provided for message',
    detail: "One of 'text' or 'media_urls' has to be given.",
  },
  40317: {
    status: 400,
    title: 'Invalid MMS content',
    detail: 'An MMS has at most 10 media URLs, and 1 MB in all.',
  },
  40318: { status: 429, title: 'Message queue full', detail: 'The queue of messages is full.' },
  40319: {
    status: 400,
    title: "Incompatible message type for the 'to' address",
    detail: "The message type cannot be sent to the 'to' address.",
  },
  40320: {
    status: 400,
    title: "Temporarily unusable 'from' address",
    detail: "The 'from' address is not ready yet.",
  },
  40321: {
    status: 400,
    title: 'No usable numbers on messaging profile',
    detail: 'The number pool of the messaging profile has no number to send from.',
  },
};

export interface ErrorWords {
  readonly detail?: string | undefined;
  /** JSON pointer into the body. */
  readonly pointer?: string;
  readonly parameter?: string;
  /** In place of the table's. */
  readonly status?: number | null;
  readonly retryAfterS?: number | null;
}

export function errorReply(code: string, words: ErrorWords = {}): ProviderReply {
  const row = errorRows[code];
  const { retryAfterS = null } = words;
  return jsonReply(
    words.status ?? row?.status ?? 400,
    { errors: [errorBody(code, words)] },
    retryAfterS === null ? [] : [['retry-after', String(retryAfterS)]],
  );
}

/** One of `errors`, as the API answers with and as a report has it. */
export function errorBody(code: string, words: ErrorWords = {}): Readonly<Record<string, unknown>> {
  const row = errorRows[code];
  const source = {
    ...(words.pointer === undefined ? {} : { pointer: words.pointer }),
    ...(words.parameter === undefined ? {} : { parameter: words.parameter }),
  };
  return {
    code,
    title: row?.title ?? 'Unknown error',
    detail: words.detail ?? row?.detail ?? 'An error occured.',
    ...(Object.keys(source).length === 0 ? {} : { source }),
    meta: { url: `https://developers.telnyx.com/docs/overview/errors/${code}` },
  };
}

export function jsonReply(
  status: number,
  body: unknown,
  fields: readonly (readonly [name: string, value: string])[] = [],
): ProviderReply {
  return {
    status,
    fields: [['content-type', 'application/json; charset=utf-8'], ...fields],
    body: JSON.stringify(body),
  };
}

/** As Telnyx writes times: milliseconds, and the offset as numbers. */
export function telnyxTime(atMs: number): string {
  return new Date(atMs).toISOString().replace('Z', '+00:00');
}

/** How long Telnyx keeps a message in its queue. Seen in its answers: an hour. */
const queueLifetimeMs = 3_600_000;

/**
 * A message as it stands after `step`; the first answer and the read-back of a message show it alike.
 * Source: https://developers.telnyx.com/api-reference/messages/send-a-message, OutboundMessagePayload.
 */
export function outboundView(
  smses: readonly NewSms[],
  stepOfEach: (sms: NewSms) => SmsStep,
): Readonly<Record<string, unknown>> | null {
  const [first] = smses;
  if (first === undefined) return null;
  const record = recordOf(first.record);
  const step = stepOfEach(first);
  const sent = first.steps.find(({ state, atMs }) => state === 'sent' && atMs <= step.atMs);
  const waiting = ['queued', 'scheduled', 'sending'].includes(step.status);
  return {
    record_type: 'message',
    direction: 'outbound',
    id: record.messageId ?? first.providerId,
    type: record.type,
    organization_id: record.organizationId ?? first.account,
    messaging_profile_id: first.service,
    from: { phone_number: first.sender, carrier: 'Telnyx', line_type: 'Wireless' },
    to: smses.map((sms) => recipientView(sms, stepOfEach(sms).status)),
    cc: [],
    text: first.text,
    subject: record.subject,
    media: first.media.map(({ url, contentType }) => ({
      url,
      content_type: contentType,
      sha256: null,
      size: null,
    })),
    webhook_url: record.webhookUrl,
    webhook_failover_url: record.webhookFailoverUrl,
    encoding: first.encoding,
    parts: first.parts,
    num_chars: [...first.text].length,
    smart_encoding_applied: record.smartEncoded,
    tags: [],
    ...costView(first, smses.length),
    tcr_campaign_id: null,
    tcr_campaign_billable: false,
    tcr_campaign_registered: null,
    received_at: telnyxTime(first.receivedAtMs),
    ...(record.sendAtMs === null ? {} : { send_at: telnyxTime(record.sendAtMs) }),
    sent_at: waiting || sent === undefined ? null : telnyxTime(sent.atMs),
    completed_at: isFinal(step.status) ? telnyxTime(step.atMs) : null,
    valid_until: waiting ? telnyxTime((record.sendAtMs ?? first.receivedAtMs) + queueLifetimeMs) : null,
    errors: smses.flatMap((sms) => errorsOf(stepOfEach(sms))),
  };
}

function recipientView(sms: NewSms, status: string): Readonly<Record<string, unknown>> {
  const { carrier, lineType } = recordOf(sms.record);
  return { phone_number: sms.number, status, carrier, line_type: lineType };
}

function costView(sms: NewSms, times: number): Readonly<Record<string, unknown>> {
  const { price } = sms;
  if (price === null) return { cost: null, cost_breakdown: null };
  const places = (price.amount.split('.')[1] ?? '').length;
  const amount = times === 1 ? price.amount : (Number(price.amount) * times).toFixed(places);
  const cost = { amount, currency: price.currency };
  return {
    cost,
    cost_breakdown: { rate: cost, carrier_fee: { amount: '0.00000', currency: price.currency } },
  };
}

function errorsOf({ code }: SmsStep): readonly unknown[] {
  return code === null ? [] : [errorBody(code)];
}

const finalWords = new Set([
  'delivered',
  'sending_failed',
  'delivery_failed',
  'delivery_unconfirmed',
  'expired',
  'cancelled',
  'read',
]);

/** Nothing follows that word. */
export function isFinal(status: string): boolean {
  return finalWords.has(status);
}

/** What was answered to by the provider itself (`autoresponse_type`). */
export type AutoResponse = 'STOP' | 'START' | 'HELP';

/** Source: https://developers.telnyx.com/api-reference/callbacks/inbound-message */
export function inboundView(
  sms: NewSms,
  about: {
    readonly urls: readonly string[];
    readonly autoResponse: AutoResponse | null;
  },
): Readonly<Record<string, unknown>> {
  const record: TelnyxRecord = recordOf(sms.record);
  return {
    record_type: 'message',
    direction: 'inbound',
    id: sms.providerId,
    type: sms.media.length > 0 ? 'MMS' : 'SMS',
    organization_id: record.organizationId ?? sms.account,
    messaging_profile_id: sms.service ?? '',
    from: { phone_number: sms.number, carrier: record.carrier, line_type: 'Wireless' },
    to: [
      {
        phone_number: sms.sender,
        status: 'webhook_delivered',
        carrier: 'Telnyx',
        line_type: 'Wireless',
      },
    ],
    cc: [],
    text: sms.text,
    subject: null,
    media: sms.media.map(({ url, contentType }) => ({
      url,
      content_type: contentType,
      sha256: null,
      size: null,
    })),
    webhook_url: about.urls[0] ?? null,
    webhook_failover_url: about.urls[1] ?? null,
    encoding: sms.encoding,
    parts: sms.parts,
    tags: [],
    cost: sms.price,
    cost_breakdown: null,
    tcr_campaign_id: null,
    tcr_campaign_billable: false,
    tcr_campaign_registered: null,
    received_at: telnyxTime(sms.receivedAtMs),
    sent_at: null,
    completed_at: null,
    valid_until: null,
    errors: [],
    ...(about.autoResponse === null ? {} : { autoresponse_type: about.autoResponse }),
  };
}
