import { queryOptions } from '@tanstack/react-query';
import type { ImportOutcome, List, Suppression } from '../../../core/api/schema.ts';
import { apiUrl } from '../base-path.ts';
import { perform, request, withQuery } from './request.ts';

export interface ListedSuppression extends Suppression {
  readonly id: string;
}

export async function fetchSuppressions(
  q: string,
  page: { readonly after: string | null; readonly limit: number; readonly signal: AbortSignal },
): Promise<List<ListedSuppression>> {
  const path = withQuery('/suppressions', { q, after: page.after ?? undefined, limit: page.limit });
  const list = await request<List<Suppression>>(path, { signal: page.signal });
  return { ...list, entries: list.entries.map((one) => ({ ...one, id: String(one.seq) })) };
}

/** Those of one address. */
export const suppressionsOfQuery = (address: string) =>
  queryOptions({
    queryKey: ['suppressions', address.toLowerCase()],
    queryFn: async ({ signal }) => {
      const list = await request<List<Suppression>>(withQuery('/suppressions', { q: address, limit: 20 }), {
        signal,
      });
      return list.entries.filter((one) => one.address === address.toLowerCase());
    },
    staleTime: 5_000,
  });

export interface NewSuppression {
  readonly address: string;
  readonly scope: Suppression['scope'];
  readonly reason: Suppression['reason'];
  readonly detail: string | null;
  readonly expiresAt: string | null;
}

export const suppress = (about: NewSuppression): Promise<Suppression> =>
  request('/suppressions', { method: 'POST', json: about });

export const unsuppress = (address: string, scope: Suppression['scope']): Promise<void> =>
  perform(withQuery(`/suppressions/${encodeURIComponent(address)}`, { scope }), { method: 'DELETE' });

export const importSuppressions = (file: Blob): Promise<ImportOutcome> =>
  request('/suppressions/import', { method: 'POST', body: new Blob([file], { type: 'text/csv' }) });

export const suppressionsFileUrl = (): string => apiUrl('/suppressions/export');
