import { queryOptions } from '@tanstack/react-query';
import type { StatusStats } from '../../../core/api/log-schema.ts';
import { request, withQuery } from './request.ts';

export interface StatsAsked {
  readonly bucket: StatusStats['bucket'];
  /** As `24h`: so long before now. */
  readonly from: string;
  readonly channel: string;
  readonly template: string;
  readonly tag: string;
  readonly project: string;
}

export const statusStatsQuery = ({ ...asked }: StatsAsked) =>
  queryOptions({
    queryKey: ['stats', 'statuses', asked],
    queryFn: ({ signal }) => request<StatusStats>(withQuery('/stats/statuses', asked), { signal }),
    staleTime: 1_000,
  });
