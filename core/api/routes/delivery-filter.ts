/** Which deliveries: the filter that lists take as a query and orders take in their body. */
import { z } from '@hono/zod-openapi';
import { everyDelivery } from '../../delivery/queue.ts';
import { statuses, streams, substatuses } from '../../model/delivery.ts';
import type { DeliveryFilter } from '../../store/deliveries.ts';

export const deliveryFilterSchema = z.object({
  status: z.enum(statuses).optional(),
  substatus: z.enum(substatuses).optional(),
  domain: z.string().optional().openapi({ description: "of the recipient's address" }),
  provider: z.string().optional(),
  stream: z.enum(streams).optional(),
  project: z.string().optional(),
  messageId: z.string().optional(),
  recipient: z.string().optional(),
  tag: z.string().optional().openapi({ description: 'of the message' }),
  carriage: z.enum(['email', 'push', 'sms', 'inapp', 'webhook']).optional(),
});

type Given = z.infer<typeof deliveryFilterSchema>;

export function toDeliveryFilter(given: Given): DeliveryFilter {
  return {
    ...everyDelivery,
    status: given.status ?? null,
    substatus: given.substatus ?? null,
    domain: filled(given.domain)?.toLowerCase() ?? null,
    provider: filled(given.provider),
    stream: given.stream ?? null,
    project: filled(given.project),
    messageId: filled(given.messageId),
    recipient: filled(given.recipient),
    tag: filled(given.tag),
    carriage: given.carriage ?? null,
  };
}

/** True when it names nothing, and so means every delivery there is. */
export function meansEverything(filter: DeliveryFilter): boolean {
  return Object.values(filter).every((value) => value === null);
}

/** An empty field of a form means the same as none. */
function filled(value: string | undefined): string | null {
  return value === undefined || value === '' ? null : value;
}
