import { queryOptions } from '@tanstack/react-query';
import type { Part } from '../../../core/api/multi-view-schema.ts';
import type { List } from '../../../core/api/schema.ts';
import { request, withQuery } from './request.ts';

const partsShownMax = 200;

/** The ways that a send over several channels took for one of its users, the first one first. */
export const partsQuery = (messageId: string, deliveryId: string) =>
  queryOptions({
    queryKey: ['message', messageId, 'parts', deliveryId],
    queryFn: async ({ signal }) => {
      const path = withQuery(`/messages/${messageId}/parts`, { deliveryId, limit: partsShownMax });
      return (await request<List<Part>>(path, { signal })).entries.toSorted((a, b) => a.step - b.step);
    },
    staleTime: 1_000,
  });
