/** The delivery that belongs to an SMS which an app brought to a provider's door: where it leaves it. Pure. */
import { assertNever } from '../model/app-error.ts';
import type { NewDelivery, Stream } from '../model/delivery.ts';
import { type DeliveryStep, type NewSms, type SmsStep, standingOf } from '../model/sms.ts';
import { smscNoteOf } from '../model/smsc.ts';
import { stepOf } from './sms-status.ts';

export interface SmsDeliveryFacts {
  readonly id: string;
  /** Host of the provider: what suspensions go by. */
  readonly host: string;
  readonly stream: Stream;
  readonly nowMs: number;
}

/** What a step means for the delivery: the provider's word, and what the sandbox knows beyond it (scheduled, held). */
export function deliveryStepOf({ provider }: Pick<NewSms, 'provider'>, step: SmsStep): DeliveryStep {
  const said = stepOf(provider, step);
  // Providers have no word of their own for what waits at the SMSC; a rule's word stands as it is.
  if (step.state === 'held' && step.cause !== 'on_purpose')
    return { ...said, kind: 'hold', class: null, reason: step.reason };
  // Nor has every one a word for what was called back before it went out.
  if (step.state === 'canceled' && step.cause !== 'on_purpose')
    return { ...said, kind: 'cancel', class: null, reason: step.reason ?? said.reason };
  return step.reason === null ? said : { ...said, reason: step.reason };
}

/** The delivery of a message that its provider accepted, with the status that its last step leaves it in. */
export function smsDeliveryOf(sms: NewSms, about: SmsDeliveryFacts): NewDelivery {
  const last = standingOf(sms);
  const step = deliveryStepOf(sms, last);
  const base = {
    id: about.id,
    recipient: sms.number,
    domain: about.host,
    provider: sms.provider,
    stream: about.stream,
    parameters: null,
    dueAtMs: null,
    expiresAtMs: sms.expiresAtMs,
    retryOf: null,
    class: step.class,
    reason: step.reason,
    step,
  } as const;
  if (last.state === 'scheduled') return { ...base, status: 'queued', substatus: null };
  switch (step.kind) {
    case 'send':
    case 'release':
      return { ...base, status: 'sent', substatus: null };
    case 'deliver':
      return { ...base, status: 'delivered', substatus: null };
    case 'hold':
      // What a rule holds is let go by a release.
      return { ...base, status: 'sent', substatus: 'held', heldBy: smscNoteOf(sms).heldBy };
    case 'defer':
      return { ...base, status: 'sent', substatus: 'deferred' };
    case 'unconfirm':
      return { ...base, status: 'sent', substatus: 'unconfirmed' };
    case 'fail':
      return { ...base, status: 'undeliverable', substatus: null };
    case 'cancel':
      return { ...base, status: 'canceled', substatus: null };
    default:
      return assertNever(step.kind);
  }
}
