import { queryOptions } from '@tanstack/react-query';
import type { DeliveryDetail, List, Webhook } from '../../../core/api/schema.ts';
import { perform, request } from './request.ts';

export const webhooksQuery = queryOptions({
  queryKey: ['webhooks'],
  queryFn: async ({ signal }) => (await request<List<Webhook>>('/webhooks', { signal })).entries,
});

const callsShownMax = 50;

export const callsQuery = (id: string) =>
  queryOptions({
    queryKey: ['webhook-calls', id],
    queryFn: ({ signal }) =>
      request<List<DeliveryDetail>>(`/webhooks/${id}/calls?limit=${callsShownMax}`, { signal }),
    staleTime: 1_000,
  });

export const webhookSecretQuery = (id: string) =>
  queryOptions({
    queryKey: ['webhook-secret', id],
    queryFn: async ({ signal }) =>
      (await request<{ secret: string }>(`/webhooks/${id}/secret`, { signal })).secret,
    // A secret is not kept longer than it is looked at.
    gcTime: 0,
  });

export type WebhookChange = Partial<Omit<Webhook, 'id' | 'createdAt'>>;

export const createWebhook = (about: WebhookChange): Promise<Webhook> =>
  request('/webhooks', { method: 'POST', json: about });
export const changeWebhook = (id: string, change: WebhookChange): Promise<Webhook> =>
  request(`/webhooks/${id}`, { method: 'PATCH', json: change });
export const removeWebhook = (id: string): Promise<void> => perform(`/webhooks/${id}`, { method: 'DELETE' });
export const rotateSecret = (id: string): Promise<{ secret: string }> =>
  request(`/webhooks/${id}/rotate-secret`, { method: 'POST' });
export const testWebhook = (id: string): Promise<{ deliveryId: string }> =>
  request(`/webhooks/${id}/test`, { method: 'POST' });
export const replayEvent = (id: string, eventSeq: number): Promise<{ deliveryId: string }> =>
  request(`/webhooks/${id}/replay`, { method: 'POST', json: { eventSeq } });
