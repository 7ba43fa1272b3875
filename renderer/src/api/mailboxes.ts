import { queryOptions } from '@tanstack/react-query';
import type {
  Mailbox,
  MailboxActResult,
  MailboxMessage,
  MailboxMessageDetail,
  MailProvider,
  Placement,
  Pool,
  PostmasterDomain,
  Reputation,
} from '../../../core/api/mailbox-schema.ts';
import type { List } from '../../../core/api/schema.ts';
import type { DomainStanding } from '../../../core/api/standing-schema.ts';
import { request, withQuery } from './request.ts';

/** As many as one page of the API has; beyond them the search helps. */
const mailboxesShownMax = 500;

export const mailboxesQuery = (q: string) =>
  queryOptions({
    queryKey: ['mailboxes', 'list', q],
    queryFn: ({ signal }) =>
      request<List<Mailbox>>(withQuery('/mailboxes', { q, limit: mailboxesShownMax }), { signal }),
    staleTime: 1_000,
  });

export const mailboxQuery = (address: string) =>
  queryOptions({
    queryKey: ['mailboxes', 'one', address],
    queryFn: ({ signal }) => request<Mailbox>(pathOf(address), { signal }),
    staleTime: 1_000,
    retry: false,
  });

export const copyQuery = (address: string, copyId: string) =>
  queryOptions({
    queryKey: ['mailboxes', 'copy', address, copyId],
    queryFn: ({ signal }) =>
      request<MailboxMessageDetail>(`${pathOf(address)}/messages/${encodeURIComponent(copyId)}`, { signal }),
    staleTime: 1_000,
    retry: false,
  });

export const fetchCopies = (
  address: string,
  placement: Placement,
  page: { readonly after: string | null; readonly limit: number; readonly signal: AbortSignal },
): Promise<List<MailboxMessage>> =>
  request(
    withQuery(`${pathOf(address)}/messages`, {
      placement,
      after: page.after ?? undefined,
      limit: page.limit,
    }),
    { signal: page.signal },
  );

/** What the owner of a mailbox can do with a message. */
export type OwnerAct =
  | { readonly act: 'open'; readonly showPictures: boolean }
  | { readonly act: 'click'; readonly url: string }
  | { readonly act: 'reply'; readonly text: string }
  | { readonly act: 'unsubscribe' }
  | { readonly act: 'report-spam' }
  | { readonly act: 'star'; readonly starred: boolean }
  | { readonly act: 'delete' }
  | { readonly act: 'move'; readonly to: Placement };

export const actAsOwner = (
  address: string,
  copyId: string,
  { act, ...said }: OwnerAct,
): Promise<MailboxActResult> =>
  request(`${pathOf(address)}/messages/${encodeURIComponent(copyId)}/${act}`, { method: 'POST', json: said });

export type MailboxSettings = Mailbox['settings'];
export const changeMailbox = (address: string, change: Partial<MailboxSettings>): Promise<Mailbox> =>
  request(pathOf(address), { method: 'PATCH', json: change });
export const resetMailbox = (address: string): Promise<Mailbox> =>
  request(`${pathOf(address)}/reset`, { method: 'POST' });

export const providersQuery = queryOptions({
  queryKey: ['mailboxes', 'providers'],
  queryFn: async ({ signal }) => (await request<List<MailProvider>>('/providers', { signal })).entries,
  staleTime: 1_000,
});

export type ProviderSettings = MailProvider['settings'];
export const changeProvider = (key: string, change: Partial<ProviderSettings>): Promise<MailProvider> =>
  request(`/providers/${encodeURIComponent(key)}`, { method: 'PATCH', json: change });
export const resetProvider = (key: string): Promise<MailProvider> =>
  request(`/providers/${encodeURIComponent(key)}/reset`, { method: 'POST' });

export const reputationQuery = (provider: string) =>
  queryOptions({
    queryKey: ['mailboxes', 'reputation', provider],
    queryFn: async ({ signal }) =>
      (await request<List<Reputation>>(withQuery('/reputation', { provider }), { signal })).entries,
    staleTime: 1_000,
  });

export const postmasterQuery = (provider: string) =>
  queryOptions({
    queryKey: ['mailboxes', 'postmaster', provider],
    queryFn: async ({ signal }) =>
      (
        await request<List<PostmasterDomain>>(`/providers/${encodeURIComponent(provider)}/postmaster`, {
          signal,
        })
      ).entries,
    staleTime: 1_000,
  });

export const poolQuery = queryOptions({
  queryKey: ['mailboxes', 'pool'],
  queryFn: ({ signal }) => request<Pool>('/ip-pool', { signal }),
  staleTime: 1_000,
});
export const setNeighbour = (neighbour: Pool['neighbour']): Promise<Pool> =>
  request('/ip-pool', { method: 'PATCH', json: { neighbour } });

export const standingQuery = (domain: string) =>
  queryOptions({
    queryKey: ['mailboxes', 'standing', domain],
    queryFn: ({ signal }) =>
      request<DomainStanding>(`/domains/${encodeURIComponent(domain)}/standing`, { signal }),
    staleTime: 1_000,
    retry: false,
  });

/** A first message, for somebody who has not sent one yet. */
export const sendFirst = (): Promise<{ id: string }> =>
  request('/messages', {
    method: 'POST',
    json: {
      channel: 'email',
      from: 'Birch & Bean <hello@birchbean.example>',
      to: ['jane@gmail.com'],
      subject: 'Welcome to Birch & Bean',
      text: 'Good to have you, Jane. Your first order ships free: https://birchbean.example/welcome',
    },
  });

const pathOf = (address: string): string => `/mailboxes/${encodeURIComponent(address)}`;
