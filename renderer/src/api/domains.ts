import { queryOptions } from '@tanstack/react-query';
import type {
  DomainChange,
  ExpectedRecord,
  List,
  RecipientFaults,
  RecordCheck,
  SendingDomain,
} from '../../../core/api/schema.ts';
import { perform, request, withQuery } from './request.ts';

/** As many as one page of the API has; beyond them the filter helps. */
const shownMax = 200;

export const domainsQuery = (q: string) =>
  queryOptions({
    queryKey: ['domains', 'list', q],
    queryFn: ({ signal }) =>
      request<List<SendingDomain>>(withQuery('/domains', { q, limit: shownMax }), { signal }),
    staleTime: 2_000,
  });

export const domainQuery = (name: string) =>
  queryOptions({
    queryKey: ['domains', 'one', name],
    queryFn: ({ signal }) => request<SendingDomain>(path(name), { signal }),
    staleTime: 2_000,
    retry: false,
  });

export const domainChecksQuery = (name: string) =>
  queryOptions({
    queryKey: ['domains', 'checks', name],
    queryFn: async ({ signal }) =>
      (
        await request<List<RecordCheck>>(`${path(name)}/check`, {
          method: 'POST',
          json: { real: false },
          signal,
        })
      ).entries,
    staleTime: 2_000,
    retry: false,
  });

/** What is to be pasted, the live relay's part of SPF included. */
export const domainRecordsQuery = (name: string) =>
  queryOptions({
    queryKey: ['domains', 'records', name],
    queryFn: async ({ signal }) =>
      (await request<List<ExpectedRecord>>(`${path(name)}/records`, { signal })).entries,
    staleTime: 2_000,
    retry: false,
  });

/** Asks the real DNS: the names leave this machine. */
export const checkRealDns = async (name: string): Promise<readonly RecordCheck[]> =>
  (await request<List<RecordCheck>>(`${path(name)}/check`, { method: 'POST', json: { real: true } })).entries;

export const createDomain = (name: string): Promise<SendingDomain> =>
  request('/domains', { method: 'POST', json: { name } });

export const changeDomain = (name: string, change: DomainChange): Promise<SendingDomain> =>
  request(path(name), { method: 'PATCH', json: change });

export const removeDomain = (name: string): Promise<void> => perform(path(name), { method: 'DELETE' });

export const rotateKeys = (name: string, publish: 'publish' | 'forget to publish'): Promise<SendingDomain> =>
  request(`${path(name)}/rotate`, { method: 'POST', json: { publish: publish === 'publish' } });

export const removeKey = (name: string, selector: string): Promise<SendingDomain> =>
  request(`${path(name)}/keys/${encodeURIComponent(selector)}`, { method: 'DELETE' });

export const recipientFaultsQuery = queryOptions({
  queryKey: ['recipient-faults'],
  queryFn: async ({ signal }) => (await request<RecipientFaults>('/dns/faults', { signal })).faults,
});

export const setRecipientFaults = async (
  faults: RecipientFaults['faults'],
): Promise<RecipientFaults['faults']> =>
  (await request<RecipientFaults>('/dns/faults', { method: 'PUT', json: { faults } })).faults;

const path = (name: string): string => `/domains/${encodeURIComponent(name)}`;
