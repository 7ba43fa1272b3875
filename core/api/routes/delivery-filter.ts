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
  recipient: z.string().optional().openapi({ description: 'a part of the address' }),
  tag: z.string().optional().openapi({ description: 'of the message' }),
  carriage: z.enum(['email', 'push', 'sms', 'inapp', 'webhook', 'callback']).optional(),
  waitsFor: z
    .enum(['device'])
    .optional()
    .openapi({ description: 'device: kept by its provider or carrier for a phone that is off' }),
});

/** Deliveries that one order may name. */
export const orderIdsMax = 10_000;
const idCharsMax = 64;

/** Orders end deliveries for good: they are for whom they name, and for who looks alike only when that is asked for. */
export const orderFilterSchema = deliveryFilterSchema.extend({
  ids: z
    .array(z.string().max(idCharsMax))
    .min(1)
    .max(orderIdsMax)
    .optional()
    .openapi({ description: 'of these alone, whatever their status' }),
  recipient: z.string().optional().openapi({ description: 'the whole address, in either case' }),
  recipientContains: z.string().optional().openapi({ description: 'a part of the address' }),
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
    recipientContains: filled(given.recipient),
    tag: filled(given.tag),
    carriage: given.carriage ?? null,
    waitsFor: given.waitsFor ?? null,
  };
}

export function toOrderFilter(given: z.infer<typeof orderFilterSchema>): DeliveryFilter {
  return {
    ...toDeliveryFilter(given),
    ids: given.ids ?? null,
    recipient: filled(given.recipient),
    recipientContains: filled(given.recipientContains),
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
