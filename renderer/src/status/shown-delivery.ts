import type { Delivery } from '../../../core/api/schema.ts';
import { currentDeliveries } from './status-faces.ts';

/** The delivery that the address names, when it is one of these; else the first that needs a look. */
export function shownDelivery(deliveries: readonly Delivery[], asked: string | null): Delivery | null {
  const current = currentDeliveries(deliveries);
  return (
    deliveries.find(({ id }) => id === asked) ??
    current.find(({ status }) => status === 'undeliverable') ??
    current.find(({ substatus }) => substatus !== null) ??
    current[0] ??
    null
  );
}
