/**
 * Delivery reports and inbound messages, as Sinch tells them: in callbacks, and when they are asked for. Pure.
 * Source: https://developers.sinch.com/docs/sms/api-reference/sms/delivery-reports,
 * https://developers.sinch.com/docs/sms/api-reference/sms/webhooks
 */
import type { CallbackMoment } from '../../../delivery/sms-far-side.ts';
import type { NewCallback } from '../../../model/callback.ts';
import type { SmsSender } from '../../../model/handset.ts';
import { isSmsEnd, type NewSms, type SmsStep, standingOf } from '../../../model/sms.ts';
import { recordOf, type SinchRecord } from './schema.ts';

/** The last retry comes 81,920 seconds after the first try; see habit.ts. */
export const callbackLifetimeMs = 23 * 60 * 60 * 1_000;

export function reportCallbacks(sms: NewSms, step: SmsStep, about: CallbackMoment): readonly NewCallback[] {
  const record = recordOf(sms);
  if (sms.direction !== 'mt' || record === null || record.superseded === true) return [];
  switch (record.report) {
    case 'none':
      return [];
    case 'per_recipient':
      return tellsAnew(sms, step)
        ? toApp(sms, record, step.status, recipientReport(sms, record, step), about)
        : [];
    case 'per_recipient_final':
      return isSmsEnd(step.state)
        ? toApp(sms, record, step.status, recipientReport(sms, record, step), about)
        : [];
    case 'summary':
    case 'full':
      // Of several, `batchCallbacks` tells of all at once.
      return record.total === 1 && isSmsEnd(step.state)
        ? toApp(sms, record, step.status, batchReport([{ ...sms, steps: [step] }], record.report), about)
        : [];
    default:
      return record.report satisfies never;
  }
}

/** One report for the whole batch, once the last of it came to its end. */
export function batchCallbacks(batch: readonly NewSms[], about: CallbackMoment): readonly NewCallback[] {
  const live = newestRevision(batch);
  const [first] = live;
  const record = first === undefined ? null : recordOf(first);
  if (first === undefined || record === null || record.total === 1 || live.length < record.total) return [];
  if (record.report !== 'summary' && record.report !== 'full') return [];
  if (!live.every((sms) => isSmsEnd(standingOf(sms).state))) return [];
  return toApp(first, record, standingOf(first).status, batchReport(live, record.report), about, live);
}

/** A batch of one is told of as that one ends. */
export function reportsWholeBatch(sms: NewSms): boolean {
  const record = sms.direction === 'mt' ? recordOf(sms) : null;
  return record !== null && record.total > 1 && (record.report === 'summary' || record.report === 'full');
}

/** What a replaced batch consists of now. */
export function newestRevision<T extends NewSms>(batch: readonly T[]): readonly T[] {
  const revisions = batch.map((sms) => recordOf(sms)?.revision ?? 0);
  const newest = Math.max(0, ...revisions);
  return batch.filter((sms, at) => revisions[at] === newest && recordOf(sms)?.superseded !== true);
}

/** A status that has been told already is not told again: waiting at the SMSC is still `Dispatched`. */
function tellsAnew({ steps }: NewSms, step: SmsStep): boolean {
  const before = steps[steps.indexOf(step) - 1];
  return before === undefined || before.status !== step.status || before.code !== step.code;
}

export function recipientReport(
  sms: NewSms,
  record: SinchRecord,
  step: SmsStep = standingOf(sms),
): Readonly<Record<string, unknown>> {
  const at = new Date(step.atMs).toISOString();
  return {
    type: `recipient_delivery_report_${record.kind}`,
    batch_id: sms.batchId ?? '',
    recipient: record.to,
    code: Number(step.code ?? 0),
    status: step.status,
    at,
    ...(isSmsEnd(step.state) ? { operator_status_at: at } : {}),
    ...(record.reference === null ? {} : { client_reference: record.reference }),
    ...(record.appliedOriginator === null ? {} : { applied_originator: record.appliedOriginator }),
    ...(record.tellsParts ? { number_of_message_parts: sms.parts } : {}),
  };
}

/** "Only status codes with at least one recipient will be listed." */
export function batchReport(
  batch: readonly NewSms[],
  type: 'summary' | 'full',
  wanted: { readonly statuses: readonly string[]; readonly codes: readonly number[] } = {
    statuses: [],
    codes: [],
  },
): Readonly<Record<string, unknown>> {
  const byCode = new Map<number, { readonly status: string; readonly recipients: string[] }>();
  for (const sms of batch) {
    const { status, code } = standingOf(sms);
    const number = Number(code ?? 0);
    const row = byCode.get(number) ?? { status, recipients: [] };
    byCode.set(number, row);
    row.recipients.push(recordOf(sms)?.to ?? sms.number.slice(1));
  }
  const first = batch[0];
  const record = first === undefined ? null : recordOf(first);
  const reference = record?.reference ?? null;
  return {
    type: `delivery_report_${record?.kind ?? 'sms'}`,
    batch_id: first?.batchId ?? '',
    total_message_count: batch.length,
    statuses: [...byCode]
      .filter(
        ([code, { status }]) =>
          (wanted.statuses.length === 0 || wanted.statuses.includes(status.toLowerCase())) &&
          (wanted.codes.length === 0 || wanted.codes.includes(code)),
      )
      .sort(([one], [other]) => one - other)
      .map(([code, { status, recipients }]) => ({
        code,
        status,
        count: recipients.length,
        ...(type === 'full' ? { recipients } : {}),
      })),
    ...(reference === null ? {} : { client_reference: reference }),
  };
}

/** `mo_text`, or `mo_media` where the handset sent a picture. */
export function inboundMessage(sms: NewSms): Readonly<Record<string, unknown>> {
  const base = {
    id: sms.providerId,
    from: sms.number.slice(1),
    to: sms.sender.replace(/^\+/, ''),
    received_at: new Date(sms.receivedAtMs).toISOString(),
    sent_at: new Date(sms.receivedAtMs).toISOString(),
  };
  if (sms.media.length === 0)
    return sms.encoding === 'binary'
      ? { type: 'mo_binary', ...base, body: sms.text, udh: '' }
      : { type: 'mo_text', ...base, body: sms.text };
  return {
    type: 'mo_media',
    ...base,
    body: {
      ...(sms.text === '' ? {} : { message: sms.text }),
      media: sms.media.map(({ url, contentType }) => ({
        url,
        content_type: contentType ?? 'application/octet-stream',
        status: 'Uploaded',
        code: 0,
      })),
    },
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
        provider: 'sinch',
        account: sms.account,
        purpose: 'inbound',
        tells: 'message',
        smsId: sms.id,
        method: 'POST',
        url,
        contentType: 'application/json',
        body: JSON.stringify(inboundMessage(sms)),
      },
      dueAtMs: nowMs,
      lifetimeMs: callbackLifetimeMs,
    },
  ];
}

function toApp(
  sms: NewSms,
  { callbackUrl }: SinchRecord,
  tells: string,
  body: Readonly<Record<string, unknown>>,
  { nowMs }: CallbackMoment,
  batch: readonly NewSms[] = [],
): readonly NewCallback[] {
  if (callbackUrl === null) return [];
  return [
    {
      callback: {
        kind: 'http',
        provider: 'sinch',
        account: sms.account,
        purpose: 'report',
        tells,
        smsId: sms.id,
        ...(batch.length > 1 ? { smsIds: batch.map(({ id }) => id) } : {}),
        method: 'POST',
        url: callbackUrl,
        contentType: 'application/json',
        body: JSON.stringify(body),
      },
      dueAtMs: nowMs,
      lifetimeMs: callbackLifetimeMs,
    },
  ];
}
