import type { Delivery } from '../../../core/api/schema.ts';
import type { DeliveryAction } from '../api/deliveries.ts';

type Actable = Pick<Delivery, 'status' | 'substatus' | 'nextAttemptAt' | 'waitsFor'>;

/** What can be done to a delivery by hand, as the core has it. */
export function actionsFor(delivery: Actable): readonly DeliveryAction[] {
  const { status, substatus, waitsFor } = delivery;
  // It is at a device's own provider: only the device, or time, lets it go on.
  if (waitsFor === 'device') return [];
  switch (status) {
    case 'queued':
      return substatus === 'held'
        ? ['release', 'cancel', 'bounce']
        : ['hold', ...(delivery.nextAttemptAt === null ? [] : (['retry'] as const)), 'cancel', 'bounce'];
    case 'sent':
      return substatus === 'held' ? ['release', 'bounce'] : ['bounce'];
    default:
      return ['retry'];
  }
}

export function actionLabel(action: DeliveryAction, delivery: Actable): string {
  switch (action) {
    case 'hold':
      return 'Hold';
    case 'release':
      return 'Release';
    case 'retry':
      return delivery.status === 'queued' ? 'Try now' : 'Send again';
    case 'cancel':
      return 'Cancel';
    case 'bounce':
      return 'Bounce';
  }
}

export const actionMeanings: Readonly<Record<DeliveryAction, string>> = {
  hold: 'Stop it until it is released; it does not grow older meanwhile',
  release: 'Let it go on',
  retry: 'Make it due now; after its end as a new delivery',
  cancel: 'Take it back, for nobody took it yet',
  bounce: 'End it for good as undeliverable',
};
