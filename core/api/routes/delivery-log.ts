/** /v1/deliveries/:id/log and what it rests on: providers' answers and reports, word for word. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { AppError } from '../../model/app-error.ts';
import type { ProviderResponse } from '../../model/delivery.ts';
import { statusLog } from '../../model/status-log.ts';
import type { DeliveryDetail } from '../../store/deliveries.ts';
import type { Store } from '../../store/store.ts';
import { attemptResponseSchema, providerReportSchema, statusLogSchema } from '../log-schema.ts';
import { presentAttemptResponse, presentProviderReport, presentStatusChange } from '../present-log.ts';
import { listOf } from '../schema.ts';
import type { Services } from '../services.ts';
import { json, problems } from './responses.ts';

const idParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });

export function deliveryLogRoutes(api: OpenAPIHono, { store }: Pick<Services, 'store'>): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/deliveries/{id}/log',
      summary: 'Its status log: each change of status, with what the provider said of it',
      description:
        'One vocabulary for every channel and provider. Statuses go forward only; a sub-state may come again.',
      request: { params: idParam },
      responses: { 200: json(statusLogSchema, 'the log, the oldest change first'), ...problems },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const { delivery } = await knownDelivery(store, id);
      const log = statusLog(await store.deliveryEvents(id));
      return c.json(
        {
          entries: log.map(presentStatusChange),
          nextCursor: null,
          total: log.length,
          complete: log[0]?.status === 'queued' && log.at(-1)?.status === delivery.status,
        },
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/deliveries/{id}/attempts/{number}/response',
      summary: 'What the provider answered to an attempt, word for word',
      request: {
        params: idParam.extend({
          number: z.coerce
            .number()
            .int()
            .min(1)
            .openapi({ param: { name: 'number', in: 'path' }, description: 'of the attempt, from 1' }),
        }),
      },
      responses: { 200: json(attemptResponseSchema, 'its answers'), ...problems },
    }),
    async (c) => {
      const { id, number } = c.req.valid('param');
      const { delivery, attempts } = await knownDelivery(store, id);
      const attempt = attempts.find((one) => one.number === number);
      if (attempt === undefined)
        throw new AppError(
          'not_found',
          `The delivery ${id} has no attempt ${number}; there are ${attempts.length}.`,
        );
      return c.json(presentAttemptResponse(attempt, heardBy(attempt, delivery.recipient)), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/deliveries/{id}/reports',
      summary: 'What its provider reported later, word for word',
      description:
        'Delivery reports of SMS providers, as they came to Sandpost: the first hundred of a delivery.',
      request: { params: idParam },
      responses: { 200: json(listOf(providerReportSchema), 'all of them, the oldest first'), ...problems },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      await knownDelivery(store, id);
      const entries = (await store.deliveryReports(id)).map(presentProviderReport);
      return c.json({ entries, nextCursor: null, total: entries.length }, 200);
    },
  );
}

async function knownDelivery(store: Store, id: string): Promise<DeliveryDetail> {
  const found = await store.delivery(id);
  if (found === null)
    throw new AppError('not_found', `There is no delivery ${id}; its message may have been deleted.`);
  return found;
}

/** Its own answers, and those that all of the transaction share. */
function heardBy(
  { evidenceValue }: DeliveryDetail['attempts'][number],
  recipient: string,
): readonly ProviderResponse[] {
  return (evidenceValue?.responses ?? []).filter(
    (one) => one.recipient === null || one.recipient === recipient,
  );
}
