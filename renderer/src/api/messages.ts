import { queryOptions } from '@tanstack/react-query';
import type { Code, Link, List, Message, MessageDetail } from '../../../core/api/schema.ts';
import { apiUrl } from '../base-path.ts';
import { takeFirstPage } from './first-page.ts';
import { type MessageScope, messageListPath, scopeParameters as parameters } from './message-list-path.ts';
import { perform, request, requestBytes, withQuery } from './request.ts';

export function fetchMessages(
  scope: MessageScope,
  page: { readonly after: string | null; readonly limit: number; readonly signal: AbortSignal },
): Promise<List<Message>> {
  const path = messageListPath(scope, page.after, page.limit);
  return takeFirstPage(path) ?? request(path, { signal: page.signal });
}

export const messageQuery = (id: string) =>
  queryOptions({
    queryKey: ['message', id],
    queryFn: ({ signal }) => request<MessageDetail>(`/messages/${id}`, { signal }),
    staleTime: 60_000,
  });

/** The bytes never change, so they are fetched once and dropped soon: a message can be 50 MB. */
export const rawQuery = (id: string) =>
  queryOptions({
    queryKey: ['message', id, 'raw'],
    queryFn: ({ signal }) => requestBytes(`/messages/${id}/raw`, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
  });

export const linksQuery = (id: string) =>
  queryOptions({
    queryKey: ['message', id, 'links'],
    queryFn: async ({ signal }) =>
      (await request<{ entries: readonly Link[] }>(`/messages/${id}/links`, { signal })).entries,
    staleTime: 60_000,
  });

export const codesQuery = (id: string) =>
  queryOptions({
    queryKey: ['message', id, 'codes'],
    queryFn: async ({ signal }) =>
      (await request<{ entries: readonly Code[] }>(`/messages/${id}/codes`, { signal })).entries,
    staleTime: 60_000,
  });

export const partUrl = (id: string, part: number): string => apiUrl(`/messages/${id}/parts/${part}`);
/** A picture that the payload of a push names, which the core fetches because somebody asked for it. */
export const pictureUrl = (id: string, url: string): string =>
  apiUrl(withQuery(`/messages/${id}/picture`, { url, remote: 1 }));
export const rawUrl = (id: string): string => apiUrl(`/messages/${id}/raw`);

export const htmlUrl = (id: string, choice: { readonly remote: boolean; readonly dark: boolean }): string =>
  apiUrl(
    withQuery(`/messages/${id}/html`, {
      remote: choice.remote ? 1 : undefined,
      dark: choice.dark ? 1 : undefined,
    }),
  );

export const deleteMessage = (id: string, keepalive: boolean): Promise<void> =>
  perform(`/messages/${id}`, { method: 'DELETE', keepalive });

export function deleteMessages(scope: MessageScope, keepalive = false): Promise<{ deleted: number }> {
  const everything = scope.q === '' && scope.project === null;
  const query = everything ? { all: 'true' } : parameters(scope);
  return request(withQuery('/messages', query), { method: 'DELETE', keepalive });
}

export const setRead = (id: string, read: boolean): Promise<void> =>
  perform(`/messages/${id}/read`, { method: read ? 'PUT' : 'DELETE' });

export const setAllRead = (scope: MessageScope): Promise<{ changed: number }> =>
  request(withQuery('/messages/read', parameters(scope)), { method: 'PUT' });

export const setTags = (id: string, tags: readonly string[]): Promise<{ tags: string[] }> =>
  request(`/messages/${id}/tags`, { method: 'PUT', json: { tags } });

export const importMessage = (bytes: Blob, project: string | null): Promise<{ id: string }> =>
  request(withQuery('/messages/import', { project: project ?? undefined }), {
    method: 'POST',
    body: new Blob([bytes], { type: 'message/rfc822' }),
  });
