/** What MessageBird tells the app: status reports, and answers of handsets. Pure. */
import type { SmsVoice } from '../../../delivery/sms-far-side.ts';
import type { HttpCallback, NewCallback } from '../../../model/callback.ts';
import type { SmsSender } from '../../../model/handset.ts';
import type { NewSms, SmsState, SmsStep } from '../../../model/sms.ts';
import type { SmsDoorPorts } from '../room.ts';
import { outcomeOf } from './codes.ts';
import { datetime, digitsOf } from './reply.ts';
import { recordOf } from './schema.ts';

/** Ten tries are over long before; see habit.ts. */
const callbackLifetimeMs = 24 * 3_600_000;

export function createMessagebirdVoice({ random }: Pick<SmsDoorPorts, 'random'>): SmsVoice {
  return {
    provider: 'messagebird',
    say: (_, state, cause, forced) => ({
      status: forced?.status ?? words[state],
      code: forced?.code ?? outcomeOf(state, cause).code,
    }),
    report: (sms, step, { network }) => statusReport(sms, step, network),
    inbound: (sms, sender) => inboundOf(sms, sender),
    /** Who keeps a list of those who wrote STOP is the app, or a flow that it made. */
    optOut: null,
    newProviderId: () => random(16).toString('hex'),
  };
}

/** Source: https://developers.messagebird.com/api/sms-messaging/#status-reports; a canceled message is gone, and has no word. */
const words: Readonly<Record<SmsState, string>> = {
  scheduled: 'scheduled',
  accepted: 'sent',
  sent: 'sent',
  held: 'buffered',
  delivered: 'delivered',
  undelivered: 'delivery_failed',
  failed: 'delivery_failed',
  rejected: 'delivery_failed',
  expired: 'expired',
  canceled: 'delivery_failed',
  unknown: 'sent',
  received: 'received',
};

/** "`reference` is required for a status report webhook to be sent." */
function statusReport(sms: NewSms, step: SmsStep, network: string | undefined): readonly NewCallback[] {
  const record = recordOf(sms.record);
  const { reportUrl, reference } = record;
  if (reportUrl === null || reference === null) return [];
  const silent =
    step.state === 'scheduled' ||
    step.state === 'accepted' ||
    step.state === 'sent' ||
    step.state === 'canceled';
  if (silent && step.cause !== 'on_purpose') return [];
  const fields: Readonly<Record<string, string>> = {
    datacoding: record.datacoding,
    id: sms.batchId ?? sms.providerId,
    mccmnc: network ?? record.network,
    messageLength: String(sms.text.length),
    messagePartCount: String(sms.parts),
    ported: record.ported || (network !== undefined && network !== record.network) ? '1' : '0',
    'price[amount]': String(Number(sms.price?.amount ?? 0)),
    'price[currency]': sms.price?.currency ?? 'EUR',
    recipient: digitsOf(sms.number),
    reference,
    status: step.status,
    statusDatetime: datetime(step.atMs),
    ...(step.code === null ? {} : { statusErrorCode: step.code }),
    statusReason: outcomeOf(step.state, step.cause).reason,
  };
  return [
    {
      callback: {
        ...aboutOf(sms, 'report', step.status),
        kind: 'http',
        method: 'GET',
        url: withQuery(reportUrl, fields),
        contentType: null,
        body: '',
      },
      dueAtMs: step.atMs,
      lifetimeMs: callbackLifetimeMs,
    },
  ];
}

/** By GET as the API's own webhook has it; by POST the JSON that a flow of a number forwards ("Forward to URL"). */
function inboundOf(sms: NewSms, sender: SmsSender | null): readonly NewCallback[] {
  const url = sender?.inboundUrl ?? null;
  if (sender === null || url === null) return [];
  const about = aboutOf(sms, 'inbound', 'message');
  const fields = {
    id: sms.providerId,
    recipient: digitsOf(sms.sender),
    originator: digitsOf(sms.number),
    body: sms.text,
    createdDatetime: datetime(sms.receivedAtMs),
  };
  const callback: HttpCallback =
    sender.inboundMethod === 'GET'
      ? { ...about, kind: 'http', method: 'GET', url: withQuery(url, fields), contentType: null, body: '' }
      : {
          ...about,
          kind: 'http',
          method: 'POST',
          url,
          contentType: 'application/json',
          body: JSON.stringify({
            ...fields,
            message_id: sms.providerId,
            receiver: fields.recipient,
            payload: sms.text,
            reference: null,
          }),
        };
  return [{ callback, dueAtMs: sms.receivedAtMs, lifetimeMs: callbackLifetimeMs }];
}

function aboutOf(
  { id, account }: NewSms,
  purpose: HttpCallback['purpose'],
  tells: string,
): Pick<HttpCallback, 'provider' | 'account' | 'purpose' | 'tells' | 'smsId'> {
  return { provider: 'messagebird', account, purpose, tells, smsId: id };
}

function withQuery(url: string, fields: Readonly<Record<string, string>>): string {
  const made = new URL(url);
  for (const [name, value] of Object.entries(fields)) made.searchParams.append(name, value);
  return made.toString();
}
