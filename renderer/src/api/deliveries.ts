import { queryOptions } from '@tanstack/react-query';
import type {
  Delivery,
  DeliveryDetail,
  DeliverySettings,
  Event,
  Holding,
  List,
  Queues,
  Receipt,
  Suspension,
} from '../../../core/api/schema.ts';
import { type DeliveryScope, orderFields, scopeFields } from './delivery-scope.ts';
import { perform, request, withQuery } from './request.ts';

export type DeliveryAction = 'hold' | 'release' | 'retry' | 'cancel' | 'bounce';

const eventsShownMax = 1_000;
const receiptsShownMax = 200;

export const fetchDeliveries = (
  scope: DeliveryScope,
  page: { readonly after: string | null; readonly limit: number; readonly signal: AbortSignal },
): Promise<List<Delivery>> =>
  request(
    withQuery('/deliveries', { ...scopeFields(scope), after: page.after ?? undefined, limit: page.limit }),
    { signal: page.signal },
  );

export const deliveryQuery = (id: string) =>
  queryOptions({
    queryKey: ['delivery', id],
    queryFn: ({ signal }) => request<DeliveryDetail>(`/deliveries/${id}`, { signal }),
    staleTime: 10_000,
  });

export const deliveryEventsQuery = (id: string) =>
  queryOptions({
    queryKey: ['delivery', id, 'events'],
    queryFn: async ({ signal }) =>
      (
        await request<List<Event>>(withQuery('/events', { delivery: id, limit: eventsShownMax }), {
          signal,
        })
      ).entries,
    staleTime: 10_000,
  });

export const receiptsQuery = (messageId: string) =>
  queryOptions({
    queryKey: ['message', messageId, 'auth'],
    queryFn: async ({ signal }) =>
      (
        await request<List<Receipt>>(withQuery(`/messages/${messageId}/auth`, { limit: receiptsShownMax }), {
          signal,
        })
      ).entries,
    staleTime: 10_000,
  });

/** How an order is to be done; what is left out is as usual. */
export interface OrderHow {
  readonly reason?: string;
  /** With a release of one: what is another in its envelope. */
  readonly envelope?: { readonly from?: string; readonly to?: string };
  /** With a bounce. */
  readonly reply?: { readonly code: number; readonly enhanced?: string; readonly text: string };
  readonly suppress?: boolean;
}

/** @returns the delivery concerned: a new one for a retry after an end */
export const orderDelivery = (
  id: string,
  action: DeliveryAction,
  how: OrderHow = {},
): Promise<DeliveryDetail> => request(`/deliveries/${id}/${action}`, { method: 'POST', json: how });

/** Ids that one order may name, as the core has it. */
export const orderIdsMax = 10_000;

export const orderSome = (
  ids: readonly string[],
  action: DeliveryAction,
  how: OrderHow = {},
): Promise<{ count: number }> =>
  request(`/queues/${action}`, { method: 'POST', json: { ...how, ids: ids.slice(0, orderIdsMax) } });

export const orderAll = (
  scope: DeliveryScope,
  action: DeliveryAction,
  how: OrderHow = {},
): Promise<{ count: number }> => {
  const fields = orderFields(scope);
  const narrowed = Object.keys(fields).some((name) => name !== 'status' && name !== 'substatus');
  return request(`/queues/${action}`, {
    method: 'POST',
    json: { ...how, ...fields, ...(narrowed ? {} : { all: true }) },
  });
};

/** Not there where the core holds nothing beforehand. */
export const holdingQuery = queryOptions({
  queryKey: ['queues', 'holding'],
  queryFn: ({ signal }) => request<Holding>('/queues/holding', { signal }),
  staleTime: 2_000,
  retry: false,
});

export const setHolding = (next: Pick<Holding, 'everything' | 'domains'>): Promise<Holding> =>
  request('/queues/holding', { method: 'PUT', json: next });

export const queuesQuery = queryOptions({
  queryKey: ['queues'],
  queryFn: ({ signal }) => request<Queues>('/queues', { signal }),
  staleTime: 2_000,
});

export interface NewSuspension {
  readonly by: Suspension['by'];
  readonly value: string;
  readonly action: Suspension['action'];
  readonly reason: string;
  readonly durationMs: number | null;
}

export const suspend = (about: NewSuspension): Promise<Suspension> =>
  request('/queues/suspensions', { method: 'POST', json: about });

export const resume = (id: string): Promise<void> =>
  perform(`/queues/suspensions/${id}`, { method: 'DELETE' });

export const deliverySettingsQuery = queryOptions({
  queryKey: ['delivery-settings'],
  queryFn: ({ signal }) => request<DeliverySettings>('/queues/settings', { signal }),
});

export const saveDeliverySettings = (settings: DeliverySettings): Promise<DeliverySettings> =>
  request('/queues/settings', { method: 'PUT', json: settings });
