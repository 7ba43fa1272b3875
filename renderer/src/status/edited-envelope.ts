import type { OrderHow } from '../api/deliveries.ts';

interface Envelope {
  readonly from: string;
  readonly to: string;
}

/** What is another than it was, and nothing else: an envelope that nobody changed is left as it is. */
export function editedOnly(before: Envelope, after: Envelope): Pick<OrderHow, 'envelope'> {
  const envelope = {
    ...(after.from === before.from ? {} : { from: after.from }),
    ...(after.to === before.to ? {} : { to: after.to }),
  };
  return Object.keys(envelope).length === 0 ? {} : { envelope };
}
