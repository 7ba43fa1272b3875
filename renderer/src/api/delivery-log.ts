import { queryOptions } from '@tanstack/react-query';
import type { AttemptResponse, ProviderReport, StatusLog } from '../../../core/api/log-schema.ts';
import type { List } from '../../../core/api/schema.ts';
import { request } from './request.ts';

// Under the delivery's own key: whatever happens to it makes them stale.
export const statusLogQuery = (id: string) =>
  queryOptions({
    queryKey: ['delivery', id, 'log'],
    queryFn: ({ signal }) => request<StatusLog>(`/deliveries/${id}/log`, { signal }),
    staleTime: 5_000,
  });

export const attemptResponseQuery = (id: string, attempt: number) =>
  queryOptions({
    queryKey: ['delivery', id, 'response', attempt],
    queryFn: ({ signal }) =>
      request<AttemptResponse>(`/deliveries/${id}/attempts/${attempt}/response`, { signal }),
    retry: false,
    staleTime: 60_000,
  });

export const reportsQuery = (id: string) =>
  queryOptions({
    queryKey: ['delivery', id, 'reports'],
    queryFn: async ({ signal }) =>
      (await request<List<ProviderReport>>(`/deliveries/${id}/reports`, { signal })).entries,
    staleTime: 5_000,
  });
