import { queryOptions } from '@tanstack/react-query';
import type { Exchange, ExchangeDetail, List } from '../../../core/api/schema.ts';
import { request, withQuery } from './request.ts';

export interface ExchangeScope {
  readonly q: string;
  readonly outcome: string | null;
  readonly door: string | null;
}

export function fetchExchanges(
  scope: ExchangeScope,
  page: { readonly after: string | null; readonly limit: number; readonly signal: AbortSignal },
): Promise<List<Exchange>> {
  const path = withQuery('/exchanges', {
    q: scope.q,
    outcome: scope.outcome ?? undefined,
    door: scope.door ?? undefined,
    after: page.after ?? undefined,
    limit: page.limit,
  });
  return request(path, { signal: page.signal });
}

export const exchangeQuery = (id: string) =>
  queryOptions({
    queryKey: ['exchange', id],
    queryFn: ({ signal }) => request<ExchangeDetail>(`/exchanges/${id}`, { signal }),
    staleTime: 10_000,
  });
