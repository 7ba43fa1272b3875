/** Handsets, SMS and what the app was told of them, as the API shows them. Pure. */
import { callbackOf } from '../delivery/callback-deliveries.ts';
import type { Handset, SmsSender } from '../model/handset.ts';
import { type SmsRow, standingOf } from '../model/sms.ts';
import { anatomyOf } from '../model/sms-text.ts';
import { smscNoteOf } from '../model/smsc.ts';
import type { DeliveryDetail } from '../store/deliveries.ts';
import type { SmsThread } from '../store/store.ts';
import { iso, isoOrNull } from './iso-time.ts';
import type { HandsetView, SmsCallbackView, SmsSenderView, SmsThreadView, SmsView } from './sms-schema.ts';

export function presentHandset(handset: Handset, waiting: number): HandsetView {
  const { offlineUntilMs, createdAtMs, optOuts, carrier, portedFrom, ...rest } = handset;
  return {
    ...rest,
    carrier: { ...carrier },
    portedFrom: portedFrom === null ? null : { ...portedFrom },
    offlineUntil: isoOrNull(offlineUntilMs),
    optOuts: optOuts.map(({ atMs, ...one }) => ({ ...one, at: iso(atMs) })),
    createdAt: iso(createdAtMs),
    waiting,
  };
}

/** @param calls of the page: those that are about this one are shown with it */
export function presentSms(sms: SmsRow, calls: readonly CallAbout[]): SmsView {
  const { receivedAtMs, expiresAtMs, steps, media, price, record, own: _own, ...rest } = sms;
  return {
    ...rest,
    media: media.map((one) => ({ ...one })),
    price: price === null ? null : { ...price },
    receivedAt: iso(receivedAtMs),
    expiresAt: iso(expiresAtMs),
    state: standingOf(sms).state,
    copies: smscNoteOf(sms).copies,
    steps: steps.map(({ atMs, ...step }) => ({ ...step, at: iso(atMs) })),
    ...anatomyIn(sms),
    callbacks: calls.filter(({ smsIds }) => smsIds.includes(sms.id)).map(({ shown }) => shown),
    faults: faultsIn(record),
  };
}

/** Noted by the door that read the app's reply. */
function faultsIn({ faults }: SmsRow['record']): string[] {
  return Array.isArray(faults) ? faults.filter((one) => typeof one === 'string') : [];
}

/** Counted as it was sent: a binary message, or one in another encoding than it needed, has its own numbers. */
function anatomyIn({ text, encoding, parts }: SmsRow) {
  const { texts, unicode, ...counted } = anatomyOf(text, encoding === 'UCS-2' ? encoding : undefined);
  const isAsCounted = counted.encoding === encoding && counted.parts === parts;
  return {
    ...counted,
    encoding,
    parts,
    partTexts: isAsCounted ? [...texts] : [text],
    unicode: unicode.map((one) => ({ ...one })),
  };
}

export interface CallAbout {
  readonly smsIds: readonly string[];
  readonly shown: SmsCallbackView;
}

/** @returns null where it is no callback */
export function presentCallback({ delivery, parameters, attempts }: DeliveryDetail): CallAbout | null {
  const callback = callbackOf(parameters);
  if (callback === null) return null;
  const { id, status, substatus, reason, nextAttemptAtMs } = delivery;
  const last = attempts.at(-1);
  return {
    smsIds: [callback.smsId, ...(callback.smsIds ?? [])],
    shown: {
      id,
      purpose: callback.purpose,
      tells: callback.tells,
      method: callback.kind === 'http' ? callback.method : null,
      url: callback.kind === 'http' ? callback.url : callback.systemId,
      body: callback.kind === 'http' ? callback.body : null,
      status,
      substatus,
      reason,
      attempts: delivery.attempts,
      nextAttemptAt: isoOrNull(nextAttemptAtMs),
      answer: last === undefined ? null : { at: iso(last.startedAtMs), code: last.code, text: last.text },
    },
  };
}

export function presentThread(
  { number, sender, messages, last }: SmsThread,
  about: { readonly optedOut: boolean; readonly canReply: boolean },
): SmsThreadView {
  const { id, direction, text, receivedAtMs, provider } = last;
  return {
    number,
    sender,
    provider,
    messages,
    ...about,
    last: { id, direction, text, state: standingOf(last).state, at: iso(receivedAtMs) },
  };
}

export function presentSender(sender: SmsSender): SmsSenderView {
  return { ...sender, countries: [...sender.countries] };
}
