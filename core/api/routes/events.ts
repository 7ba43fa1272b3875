/** /v1/events: the facts, in the order they happened. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { AppError } from '../../model/app-error.ts';
import { eventTypes, type StoredEvent } from '../../model/message.ts';
import type { Store } from '../../store/store.ts';
import { eventSchema } from '../event-schema.ts';
import { presentEvent } from '../present.ts';
import { listOf } from '../schema.ts';
import type { Services } from '../services.ts';
import { json, problems } from './responses.ts';
import { toCursor } from './selection.ts';

/** Events that one call looks through for those that match, and how many at a time. */
const scannedMax = 20_000;
const scanStep = 1_000;

interface Wanted {
  readonly messageId: string | null;
  readonly deliveryId: string | null;
  readonly types: readonly string[];
}

export function eventRoutes(api: OpenAPIHono, { store }: Services): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/events',
      summary: 'Events in the order they happened',
      description:
        'With a filter a page may hold fewer than `limit`, even none: `nextCursor` says whether there is more to look through. `total` is of all that match and are still there; with a filter it is counted up to 10,000.',
      request: {
        query: z.object({
          after: z.string().optional(),
          limit: z.coerce.number().int().min(1).max(1000).default(100),
          type: z.string().optional().openapi({
            description: 'one or several, with commas between',
            example: 'delivered,undeliverable',
          }),
          delivery: z.string().optional().openapi({ description: 'id of a delivery' }),
        }),
      },
      responses: { 200: json(listOf(eventSchema), 'events after the cursor'), ...problems },
    }),
    async (c) => {
      const { after, limit, type, delivery } = c.req.valid('query');
      const from = after === undefined || after === '' ? 0 : toCursor(after);
      const deliveryId = delivery === undefined || delivery === '' ? null : delivery;
      const wanted: Wanted = {
        messageId: await messageOfDelivery(store, deliveryId),
        deliveryId,
        types: typesOf(type),
      };
      const { events, next } = await findEvents(store, wanted, from, limit);
      return c.json(
        {
          entries: events.map(presentEvent),
          nextCursor: next === null ? null : String(next),
          total: await totalOf(store, wanted),
        },
        200,
      );
    },
  );
}

async function totalOf(store: Store, wanted: Wanted): Promise<number> {
  if (wanted.deliveryId !== null || wanted.types.length > 0) return store.countEvents(wanted);
  // Their numbers have no gaps, and the oldest go first.
  const oldest = await store.oldestEventSeq();
  return oldest === null ? 0 : store.lastEventSeq() - oldest + 1;
}

async function messageOfDelivery(store: Store, id: string | null): Promise<string | null> {
  if (id === null) return null;
  const found = await store.delivery(id);
  if (found === null)
    throw new AppError('not_found', `There is no delivery ${id}; its message may have been deleted.`);
  return found.delivery.messageId === '' ? null : found.delivery.messageId;
}

function typesOf(text: string | undefined): readonly string[] {
  const types = (text ?? '').split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]));
  const known: readonly string[] = eventTypes;
  const unknown = types.find((type) => !known.includes(type));
  if (unknown !== undefined)
    throw new AppError('bad_request', `type: there is no event ${unknown}; there are ${known.join(', ')}.`);
  return types;
}

/** @returns those that match, and where to go on; null at the end */
export async function findEvents(
  store: Store,
  wanted: Wanted,
  after: number,
  limit: number,
): Promise<{ readonly events: readonly StoredEvent[]; readonly next: number | null }> {
  const matches = (event: StoredEvent): boolean =>
    (wanted.deliveryId === null || event.deliveryId === wanted.deliveryId) &&
    (wanted.types.length === 0 || wanted.types.includes(event.type));
  const filtered = wanted.deliveryId !== null || wanted.types.length > 0;
  const step = filtered ? scanStep : limit;
  const events: StoredEvent[] = [];
  let cursor = after;
  for (let scanned = 0; scanned < scannedMax; scanned += step) {
    const page = await store.events({ after: cursor, limit: step, messageId: wanted.messageId });
    for (const event of page) {
      if (!matches(event)) continue;
      if (events.length === limit) return { events, next: events.at(-1)?.seq ?? cursor };
      events.push(event);
    }
    cursor = page.at(-1)?.seq ?? cursor;
    if (page.length < step) return { events, next: null };
    if (!filtered) return { events, next: cursor < store.lastEventSeq() ? cursor : null };
  }
  return { events, next: cursor };
}
