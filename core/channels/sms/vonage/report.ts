/** What Vonage tells the app of a message, and of an answer to it: delivery receipts, status webhooks, inbound messages. Pure. */
import { createHash } from 'node:crypto';
import type { CallbackMoment, SmsVoice } from '../../../delivery/sms-far-side.ts';
import type { HttpCallback, NewCallback } from '../../../model/callback.ts';
import type { SmsSender } from '../../../model/handset.ts';
import type { NewSms, SmsCause, SmsState, SmsStep } from '../../../model/sms.ts';
import { anatomyOf } from '../../../model/sms-text.ts';
import type { SmsDoorPorts } from '../room.ts';
import { causeCodes, messagesErrors, optOutCallingCodes } from './codes.ts';
import { digitsOf, messagesErrorsPage, partPrice } from './reply.ts';
import { recordOf, type WebhookFormat } from './schema.ts';
import { messageUuid } from './send-message.ts';

/** "After 24 hours, the messages are discarded": https://api.support.vonage.com/hc/en-us/articles/360028543292 */
const callbackLifetimeMs = 24 * 3_600_000;

export function createVonageVoice(ports: Pick<SmsDoorPorts, 'random'>): SmsVoice {
  return {
    provider: 'vonage',
    say({ record }, state, cause, forced) {
      const words = recordOf(record).api === 'sms' ? receiptWords : messagesWords;
      const status = forced?.status ?? words[state];
      return { status, code: forced?.code ?? codeOf(recordOf(record).api, state, cause) };
    },
    report: (sms, step, about) =>
      recordOf(sms.record).api === 'sms' ? receiptsOf(sms, step, about) : statusWebhookOf(sms, step, about),
    inbound: (sms, sender, about) => inboundOf(sms, sender, about),
    /** Source: https://developer.vonage.com/en/opt-out-assist/guides/key-word-setup. Its answers are the app's own to word. */
    optOut: {
      stop: ['STOP', 'END', 'QUIT', 'CANCEL', 'UNSUBSCRIBE'],
      start: ['START', 'JOIN'],
      help: ['HELP'],
      callingCodes: optOutCallingCodes,
      answers: {
        stop: 'You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe.',
        start:
          'You have successfully been re-subscribed to messages from this number. Reply STOP to unsubscribe.',
        help: 'Reply STOP to unsubscribe. Msg&Data rates may apply.',
      },
      forwarded: true,
    },
    newProviderId: () => messageUuid(ports),
  };
}

/** Source: https://developer.vonage.com/messaging/sms/guides/delivery-receipts, "DLR status messages". */
const receiptWords: Readonly<Record<SmsState, string>> = {
  scheduled: 'accepted',
  accepted: 'accepted',
  sent: 'accepted',
  held: 'buffered',
  delivered: 'delivered',
  undelivered: 'failed',
  failed: 'failed',
  rejected: 'rejected',
  expired: 'expired',
  canceled: 'rejected',
  unknown: 'unknown',
  received: 'received',
};

/**
 * `undeliverable` is for a provider that could not be reached; what ran out of time is `rejected`.
 * Source: https://developer.vonage.com/en/messages/concepts/messages-status-callbacks
 */
const messagesWords: Readonly<Record<SmsState, string>> = {
  scheduled: 'submitted',
  accepted: 'submitted',
  sent: 'submitted',
  held: 'submitted',
  delivered: 'delivered',
  undelivered: 'rejected',
  failed: 'undeliverable',
  rejected: 'rejected',
  expired: 'rejected',
  canceled: 'rejected',
  unknown: 'submitted',
  received: 'received',
};

function codeOf(api: 'sms' | 'messages', state: SmsState, cause: SmsCause | null): string | null {
  switch (state) {
    case 'delivered':
      return api === 'sms' ? '0' : null;
    case 'held':
      return api === 'sms' ? '2' : null;
    case 'undelivered':
    case 'failed':
    case 'rejected':
    case 'expired':
    case 'canceled':
    case 'unknown': {
      const codes = causeCodes[cause ?? (state === 'unknown' ? 'lost' : 'on_purpose')];
      return api === 'sms' ? codes.receipt : state === 'unknown' ? null : codes.messages;
    }
    case 'scheduled':
    case 'accepted':
    case 'sent':
    case 'received':
      return null;
    default:
      return state satisfies never;
  }
}

/** One receipt a part. That the carrier has it is told of no message but on purpose: few networks say so, and Vonage passes on what they say. */
function receiptsOf(sms: NewSms, step: SmsStep, about: CallbackMoment): readonly NewCallback[] {
  const record = recordOf(sms.record);
  const { reportUrl } = record;
  if (reportUrl === null || !record.receipts) return [];
  const silent = step.state === 'scheduled' || step.state === 'accepted' || step.state === 'sent';
  if (silent && step.cause !== 'on_purpose') return [];
  const ids = record.ids.length === 0 ? [sms.providerId] : record.ids;
  return ids.map((messageId) =>
    due(
      step.atMs,
      webhook(record.webhook, reportUrl, {
        about: aboutOf(sms, 'report', step.status),
        fields: {
          msisdn: digitsOf(sms.number),
          to: digitsOf(sms.sender),
          'network-code': about.network ?? record.network,
          messageId,
          price: partPrice(sms),
          status: step.status,
          scts: minutes(step.atMs),
          'err-code': step.code ?? '0',
          'api-key': sms.account,
          ...(record.clientRef === null ? {} : { 'client-ref': record.clientRef }),
          'message-timestamp': seconds(Math.max(step.atMs, about.nowMs)),
        },
      }),
    ),
  );
}

function statusWebhookOf(sms: NewSms, step: SmsStep, about: CallbackMoment): readonly NewCallback[] {
  const { reportUrl, clientRef, channel, network: first } = recordOf(sms.record);
  const network = about.network ?? first;
  if (reportUrl === null) return [];
  // The answer said that it was taken; what the carrier keeps has no word of its own here.
  const silent =
    step.state === 'scheduled' ||
    step.state === 'accepted' ||
    step.state === 'held' ||
    step.state === 'unknown';
  if (silent && step.cause !== 'on_purpose') return [];
  const failed = step.status === 'rejected' || step.status === 'undeliverable';
  const body = {
    message_uuid: sms.providerId,
    to: digitsOf(sms.number),
    from: digitsOf(sms.sender),
    timestamp: new Date(step.atMs).toISOString(),
    status: step.status,
    ...(failed ? { error: errorOf(step.code ?? '1330', sms.providerId) } : {}),
    ...(clientRef === null ? {} : { client_ref: clientRef }),
    // "When submitted": the chargeable event of both channels.
    ...(sms.price === null ? {} : { usage: { currency: sms.price.currency, price: sms.price.amount } }),
    channel,
    ...(network === '' ? {} : { destination: { network_code: network } }),
    ...(channel === 'sms' ? { sms: { count_total: String(sms.parts) } } : {}),
  };
  return [due(step.atMs, jsonCall(reportUrl, aboutOf(sms, 'report', step.status), body, 'messages'))];
}

function errorOf(code: string, messageUuid: string): Readonly<Record<string, unknown>> {
  return {
    type: `${messagesErrorsPage}#${code}`,
    title: code,
    detail: messagesErrors[code]?.detail ?? 'Unknown',
    instance: createHash('md5').update(messageUuid).digest('hex'),
  };
}

/** A number that is linked to an application speaks as the Messages API does; every other as the SMS API. */
function inboundOf(sms: NewSms, sender: SmsSender | null, about: CallbackMoment): readonly NewCallback[] {
  const url = sender?.inboundUrl ?? null;
  if (sender === null || url === null) return [];
  const told = aboutOf(sms, 'inbound', 'message');
  if ((sms.service ?? sender.service) !== null)
    return [due(sms.receivedAtMs, jsonCall(url, told, inboundMessage(sms), 'messages'))];
  const format = sender.inboundMethod === 'GET' ? 'GET' : 'POST-JSON';
  const texts = sms.parts > 1 ? anatomyOf(sms.text).texts : [sms.text];
  const reference = createHash('sha1').update(sms.providerId).digest().readUInt8(0);
  return texts.map((text, at) =>
    due(
      sms.receivedAtMs,
      webhook(format, url, {
        about: told,
        fields: {
          'api-key': sms.account === '' ? (sender.account ?? '') : sms.account,
          msisdn: digitsOf(sms.number),
          to: digitsOf(sms.sender),
          messageId: partId(sms.providerId, at),
          text,
          type: sms.encoding === 'UCS-2' ? 'unicode' : 'text',
          keyword: keywordOf(sms.text),
          'message-timestamp': seconds(Math.max(sms.receivedAtMs, about.nowMs)),
          ...(texts.length > 1
            ? {
                concat: 'true',
                'concat-ref': String(reference),
                'concat-total': String(texts.length),
                'concat-part': String(at + 1),
              }
            : {}),
        },
      }),
    ),
  );
}

function inboundMessage(sms: NewSms): Readonly<Record<string, unknown>> {
  const [media] = sms.media;
  return {
    channel: media === undefined ? 'sms' : 'mms',
    message_uuid: sms.providerId,
    to: digitsOf(sms.sender),
    from: digitsOf(sms.number),
    timestamp: new Date(sms.receivedAtMs).toISOString(),
    message_type: media === undefined ? 'text' : 'image',
    ...(media === undefined ? { text: sms.text } : { image: { url: media.url, caption: sms.text } }),
    ...(media === undefined
      ? { sms: { num_messages: String(sms.parts), keyword: keywordOf(sms.text) } }
      : {}),
    usage: { currency: sms.price?.currency ?? 'EUR', price: sms.price?.amount ?? '0' },
  };
}

/** "The first word in the message body. Converted to upper case." */
function keywordOf(text: string): string {
  return (text.trim().split(/\s+/)[0] ?? '').toUpperCase();
}

/** Of each part one of its own, in the SMS API's way of writing; the same at every asking. */
function partId(providerId: string, at: number): string {
  return createHash('sha1').update(`${providerId} ${at}`).digest('hex').slice(0, 16).toUpperCase();
}

type About = Pick<HttpCallback, 'provider' | 'account' | 'purpose' | 'tells' | 'smsId'>;

function aboutOf(
  { id, account }: Pick<NewSms, 'id' | 'account'>,
  purpose: HttpCallback['purpose'],
  tells: string,
): About {
  return { provider: 'vonage', account, purpose, tells, smsId: id };
}

/** Of the SMS API: by whichever method the account has set. */
function webhook(
  format: WebhookFormat,
  url: string,
  { about, fields }: { readonly about: About; readonly fields: Readonly<Record<string, string>> },
): HttpCallback {
  const call = { ...about, kind: 'http', extra: { api: 'sms' } } as const;
  switch (format) {
    case 'POST-JSON':
      return {
        ...call,
        method: 'POST',
        url,
        contentType: 'application/json',
        body: JSON.stringify(fields),
      };
    case 'POST':
      return {
        ...call,
        method: 'POST',
        url,
        contentType: 'application/x-www-form-urlencoded',
        body: new URLSearchParams(fields).toString(),
      };
    case 'GET':
      return { ...call, method: 'GET', url: withQuery(url, fields), contentType: null, body: '' };
    default:
      return format satisfies never;
  }
}

function jsonCall(
  url: string,
  about: About,
  body: Readonly<Record<string, unknown>>,
  api: 'messages',
): HttpCallback {
  return {
    ...about,
    kind: 'http',
    method: 'POST',
    url,
    contentType: 'application/json',
    body: JSON.stringify(body),
    extra: { api },
  };
}

export function withQuery(url: string, fields: Readonly<Record<string, string>>): string {
  const [address = url, fragment] = url.split('#', 2);
  const query = new URLSearchParams(fields).toString();
  const joined = `${address}${address.includes('?') ? '&' : '?'}${query}`;
  return fragment === undefined ? joined : `${joined}#${fragment}`;
}

function due(dueAtMs: number, callback: HttpCallback): NewCallback {
  return { callback, dueAtMs, lifetimeMs: callbackLifetimeMs };
}

/** UTC, `YYMMDDHHMM`. */
function minutes(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\D/g, '').slice(2, 12);
}

/** UTC, `YYYY-MM-DD HH:MM:SS`. */
function seconds(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');
}
