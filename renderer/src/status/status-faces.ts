import type { Delivery } from '../../../core/api/schema.ts';

/** What a status looks like: the sub-states that keep a delivery waiting have faces of their own. */
export type Face = Delivery['status'] | 'deferred' | 'held';

export type DeliveryState = Pick<Delivery, 'status' | 'substatus'>;

export const faces: readonly Face[] = [
  'queued',
  'deferred',
  'held',
  'sent',
  'delivered',
  'undeliverable',
  'canceled',
];

export const meanings: Readonly<Record<Face, string>> = {
  queued: 'waits for its turn',
  deferred: 'was not taken for now; it is tried again',
  held: 'waits until it is released',
  sent: 'a provider took it',
  delivered: 'it is in the mailbox',
  undeliverable: 'ended for good without arriving',
  canceled: 'was taken back before anyone took it',
};

export function faceOf({ status, substatus }: DeliveryState): Face {
  if (status !== 'queued' && status !== 'sent') return status;
  return substatus === 'deferred' || substatus === 'held' ? substatus : status;
}

/** `delivered · inbox`, `deferred ×2`, `sent, unconfirmed`. */
export function statusWords(delivery: DeliveryState & Pick<Delivery, 'placement' | 'attempts'>): string {
  const face = faceOf(delivery);
  if (face === 'delivered' && delivery.placement !== null) return `delivered · ${delivery.placement}`;
  if (face === 'deferred' && delivery.attempts > 1) return `deferred ×${delivery.attempts}`;
  if (delivery.substatus === 'unconfirmed') return 'sent, unconfirmed';
  return face;
}

/** Without those that were tried again by a later delivery. */
export function currentDeliveries<T extends Pick<Delivery, 'id' | 'retryOf'>>(
  deliveries: readonly T[],
): readonly T[] {
  const triedAgain = new Set(deliveries.flatMap(({ retryOf }) => (retryOf === null ? [] : [retryOf])));
  return triedAgain.size === 0 ? deliveries : deliveries.filter(({ id }) => !triedAgain.has(id));
}

export interface FaceCount {
  readonly face: Face;
  readonly count: number;
}

/** What needs a look comes first. */
const order: readonly Face[] = [
  'undeliverable',
  'held',
  'deferred',
  'canceled',
  'queued',
  'sent',
  'delivered',
];

/** How many deliveries have which face, the worst first. */
export function countFaces(deliveries: readonly DeliveryState[]): readonly FaceCount[] {
  const counts = new Map<Face, number>();
  for (const delivery of deliveries) {
    const face = faceOf(delivery);
    counts.set(face, (counts.get(face) ?? 0) + 1);
  }
  return order.flatMap((face) => {
    const count = counts.get(face);
    return count === undefined ? [] : [{ face, count }];
  });
}
