/**
 * Delivery reports, logs and inbound messages, as Infobip tells them: pushed and fetched. Pure.
 * Source: Infobip's OpenAPI specification, webhooks `receive-outbound-sms-message-reports` (-v3) and
 * `receive-inbound-sms-messages`, and the interfaces of the same names.
 */
import type { CallbackMoment } from '../../../delivery/sms-far-side.ts';
import type { NewCallback } from '../../../model/callback.ts';
import type { SmsSender } from '../../../model/handset.ts';
import { isSmsEnd, type NewSms, type SmsStep, standingOf } from '../../../model/sms.ts';
import { type InfobipRecord, recordOf, timeText } from './schema.ts';
import { errorObject, statusObject } from './status-words.ts';
import { xmlOf } from './xml.ts';

/** Twenty-one retries; see habit.ts. */
export const callbackLifetimeMs = 49 * 60 * 60 * 1_000;

export function reportCallbacks(
  sms: NewSms,
  step: SmsStep,
  { nowMs, network }: CallbackMoment,
): readonly NewCallback[] {
  const record = recordOf(sms);
  if (sms.direction !== 'mt' || record === null || record.superseded === true) return [];
  const url = record.notifyUrl;
  if (url === null) return [];
  if (!isSmsEnd(step.state) && !(record.intermediate && step.state === 'sent')) return [];
  const body = {
    results: [{ ...reportOf(sms, record, step), ...(network === undefined ? {} : { mccMnc: network }) }],
  };
  return [
    {
      callback: {
        kind: 'http',
        provider: 'infobip',
        account: sms.account,
        purpose: 'report',
        tells: step.status,
        smsId: sms.id,
        method: 'POST',
        url,
        contentType: record.contentType,
        body:
          record.contentType === 'application/json'
            ? JSON.stringify(body)
            : xmlOf(record.version === 3 ? 'DeliveryReports' : 'reportResponse', body),
      },
      dueAtMs: nowMs,
      lifetimeMs: callbackLifetimeMs,
    },
  ];
}

/** @param version of the interface that asks, where it is asked for */
export function reportOf(
  sms: NewSms,
  record: InfobipRecord,
  step: SmsStep = standingOf(sms),
  version: 2 | 3 = record.version,
): Readonly<Record<string, unknown>> {
  const status = statusObject(step.status);
  const error = errorObject(step.code);
  const sentAt = timeText(record.sendAtMs ?? sms.receivedAtMs);
  const doneAt = timeText(step.atMs);
  const data = record.callbackData === null ? {} : { callbackData: record.callbackData };
  const campaign =
    record.campaignReferenceId === null ? {} : { campaignReferenceId: record.campaignReferenceId };
  if (version === 3)
    return {
      bulkId: sms.batchId ?? '',
      price: priceOf(sms),
      status,
      error,
      messageId: sms.providerId,
      to: record.to,
      ...(record.from === null ? {} : { sender: record.from }),
      sentAt,
      doneAt,
      messageCount: sms.parts,
      ...data,
      platform: platformOf(record),
      ...campaign,
    };
  return {
    bulkId: sms.batchId ?? '',
    messageId: sms.providerId,
    to: record.to,
    ...(record.from === null ? {} : { from: record.from }),
    sentAt,
    doneAt,
    smsCount: sms.parts,
    ...data,
    price: priceOf(sms),
    status,
    error,
    ...platformOf(record),
    ...campaign,
  };
}

export function logOf(sms: NewSms, record: InfobipRecord, version: 2 | 3): Readonly<Record<string, unknown>> {
  const step = standingOf(sms);
  const sentAt = timeText(record.sendAtMs ?? sms.receivedAtMs);
  const shared = { bulkId: sms.batchId ?? '', messageId: sms.providerId };
  const done = { sentAt, doneAt: timeText(step.atMs) };
  const stands = { price: priceOf(sms), status: statusObject(step.status), error: errorObject(step.code) };
  const campaign =
    record.campaignReferenceId === null ? {} : { campaignReferenceId: record.campaignReferenceId };
  return version === 3
    ? {
        ...(record.from === null ? {} : { sender: record.from }),
        destination: record.to,
        ...shared,
        ...done,
        messageCount: sms.parts,
        ...stands,
        platform: platformOf(record),
        content: { text: sms.text },
        ...campaign,
      }
    : {
        ...shared,
        to: record.to,
        ...(record.from === null ? {} : { from: record.from }),
        text: sms.text,
        ...done,
        smsCount: sms.parts,
        ...stands,
        ...platformOf(record),
        ...campaign,
      };
}

function platformOf({ applicationId, entityId }: InfobipRecord): Readonly<Record<string, string>> {
  return {
    ...(entityId === null ? {} : { entityId }),
    ...(applicationId === null ? {} : { applicationId }),
  };
}

/** For one part. */
function priceOf({ price, parts }: NewSms): Readonly<Record<string, unknown>> {
  if (price === null) return { pricePerMessage: 0, currency: 'EUR' };
  return {
    pricePerMessage: Number((Number(price.amount) / Math.max(1, parts)).toFixed(6)),
    currency: price.currency,
  };
}

/** A keyword is a first word in capitals: `QUIZ Correct answer is Paris`. */
export function inboundOf(sms: NewSms): Readonly<Record<string, unknown>> {
  const keyword = /^\s*([A-Z0-9]{2,})(?=\s|$)/.exec(sms.text)?.[1] ?? null;
  return {
    messageId: sms.providerId,
    from: sms.number.slice(1),
    to: sms.sender.replace(/^\+/, ''),
    text: sms.text,
    cleanText: keyword === null ? sms.text : sms.text.trimStart().slice(keyword.length).trim(),
    ...(keyword === null ? {} : { keyword }),
    receivedAt: timeText(sms.receivedAtMs),
    smsCount: Math.max(1, sms.parts),
    price: { pricePerMessage: 0, currency: 'EUR' },
  };
}

export function inboundCallbacks(
  sms: NewSms,
  sender: SmsSender | null,
  { nowMs }: CallbackMoment,
): readonly NewCallback[] {
  const url = sender?.inboundUrl ?? null;
  if (url === null) return [];
  return [
    {
      callback: {
        kind: 'http',
        provider: 'infobip',
        account: sms.account,
        purpose: 'inbound',
        tells: 'message',
        smsId: sms.id,
        method: 'POST',
        url,
        contentType: 'application/json',
        body: JSON.stringify({ results: [inboundOf(sms)], messageCount: 1, pendingMessageCount: 0 }),
      },
      dueAtMs: nowMs,
      lifetimeMs: callbackLifetimeMs,
    },
  ];
}
