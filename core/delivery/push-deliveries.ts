/** The delivery that belongs to a push: where what a device did with it, or could not, leaves it. Pure. */
import type { NewDelivery, Stream } from '../model/delivery.ts';
import type { NewPush } from '../model/phone.ts';
import { byCause, causeKey, type Decision } from '../rules/decision.ts';

export interface PushDeliveryFacts {
  readonly id: string;
  /** Token, subscription, or `/topics/…`. */
  readonly recipient: string;
  /** Host of the provider: what suspensions go by. */
  readonly host: string;
  readonly stream: Stream;
  readonly nowMs: number;
}

/** How long a provider keeps what says nothing of it (FCM: four weeks; APNs: thirty days). */
const keptMsMax = 30 * 86_400_000;

/** @param push what becomes of it; null: it reaches nobody, as a topic without devices does */
export function deliveryOf(push: NewPush | null, about: PushDeliveryFacts): NewDelivery {
  const { id, recipient, host, stream, nowMs } = about;
  const base = {
    id,
    recipient,
    domain: host,
    provider: push?.provider ?? null,
    stream,
    parameters: null,
    dueAtMs: null,
    expiresAtMs: push?.expiresAtMs ?? nowMs + keptMsMax,
    retryOf: null,
    class: null,
  } as const;
  if (push === null)
    return { ...base, status: 'sent', substatus: 'unconfirmed', reason: 'nobody takes part in the topic' };
  const { reason } = push;
  switch (push.state) {
    case 'delivered':
      return { ...base, status: 'delivered', substatus: null, reason, shown: push.shown };
    case 'stored':
      return { ...base, status: 'sent', substatus: 'held', reason };
    case 'lost':
      return { ...base, status: 'sent', substatus: 'unconfirmed', reason };
    case 'collapsed':
      return { ...base, status: 'undeliverable', substatus: null, class: 'collapsed', reason };
    case 'expired':
    case 'discarded':
      return { ...base, status: 'undeliverable', substatus: null, class: 'expired', reason };
    default:
      return push.state satisfies never;
  }
}

/**
 * With who holds it, where an order does: what a device waits for cannot be released. What reaches nobody is held too, for
 * whoever held it may send it elsewhere.
 */
export function withHold(delivery: NewDelivery, after: readonly Decision[]): NewDelivery {
  const cause = after.find(({ action }) => action.do === 'hold')?.cause;
  const nobody =
    delivery.status === 'sent' && delivery.substatus === 'unconfirmed' && delivery.provider === null;
  if (cause === undefined || !(delivery.substatus === 'held' || nobody)) return delivery;
  return {
    ...delivery,
    substatus: 'held',
    heldBy: { key: causeKey(cause), label: cause.label },
    ...(nobody ? { reason: `held on purpose ${byCause(cause)}` } : {}),
  };
}
