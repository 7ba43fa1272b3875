/** Which deliveries: the filter that lists take as a query and orders take in their body. */
import { z } from '@hono/zod-openapi';
import { everyDelivery } from '../../delivery/queue.ts';
import { statuses, streams, substatuses } from '../../model/delivery.ts';
import type { DeliveryFilter } from '../../store/deliveries.ts';
import { timeOf } from './selection.ts';

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
  carriage: z.enum(['email', 'push', 'sms', 'inapp', 'multi', 'webhook', 'callback']).optional(),
  channel: z
    .enum(['email', 'push', 'sms', 'inapp', 'multi'])
    .optional()
    .openapi({ description: 'the same as `carriage`, by the word that messages have for it' }),
  user: z.string().optional().openapi({ description: "id of one of the app's users" }),
  template: z
    .string()
    .optional()
    .openapi({ description: 'id of the template that the message was made with' }),
  topic: z.string().optional().openapi({ description: 'of the message' }),
  partOf: z
    .string()
    .optional()
    .openapi({ description: 'id of the send over several channels that led to the message' }),
  since: z
    .string()
    .optional()
    .openapi({ description: 'created then or later: ISO 8601, or 2h, 3d for that long ago; virtual time' }),
  until: z.string().optional().openapi({ description: 'created before that; virtual time' }),
  waitsFor: z
    .enum(['device'])
    .optional()
    .openapi({ description: 'device: kept by its provider or carrier for a phone that is off' }),
  live: z
    .enum(['true', 'false'])
    .optional()
    .openapi({ description: 'true: those that go, or went last, for real, by a relay' }),
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
  live: z
    .boolean()
    .optional()
    .openapi({ description: 'true: those that go, or went last, for real, by a relay' }),
});

type Given = Omit<z.infer<typeof deliveryFilterSchema>, 'live'> & {
  readonly live?: string | boolean | undefined;
};

/** @param nowMs virtual; what relative times count from */
export function toDeliveryFilter(given: Given, nowMs: number): DeliveryFilter {
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
    carriage: given.carriage ?? given.channel ?? null,
    user: filled(given.user),
    template: filled(given.template),
    topic: filled(given.topic),
    partOf: filled(given.partOf),
    sinceMs: timeOf(given.since, 'since', nowMs),
    untilMs: timeOf(given.until, 'until', nowMs),
    waitsFor: given.waitsFor ?? null,
    live: given.live === undefined ? null : String(given.live) === 'true',
  };
}

export function toOrderFilter(given: z.infer<typeof orderFilterSchema>, nowMs: number): DeliveryFilter {
  return {
    ...toDeliveryFilter(given, nowMs),
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
