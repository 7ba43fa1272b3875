import { queryOptions } from '@tanstack/react-query';
import type {
  EffectivePreferenceView,
  SegmentPreviewView,
  SegmentView,
  TopicView,
  UserDetailView,
  UserEventView,
  UserImportOutcomeView,
  UserPreferencesView,
  UserView,
} from '../../../core/api/people-schema.ts';
import type { List, Message } from '../../../core/api/schema.ts';
import type { UserChannel } from '../../../core/model/user.ts';
import { apiUrl } from '../base-path.ts';
import { perform, request, withQuery } from './request.ts';

/** Lists are newest first, users by their ids: the place in the list stands for the age. */
export interface ListedUser extends UserView {
  readonly seq: number;
}

const shownMax = 100;

/** @returns what fetches the pages of one list, each behind the one before */
export function userPages(q: string) {
  const places = new Map<string, number>();
  return async (page: {
    readonly after: string | null;
    readonly limit: number;
    readonly signal: AbortSignal;
  }): Promise<List<ListedUser>> => {
    const path = withQuery('/users', { q, after: page.after ?? undefined, limit: page.limit });
    const list = await request<List<UserView>>(path, { signal: page.signal });
    const first = page.after === null ? 0 : (places.get(page.after) ?? 0);
    if (list.nextCursor !== null) places.set(list.nextCursor, first + list.entries.length);
    return { ...list, entries: list.entries.map((user, index) => ({ ...user, seq: -(first + index) })) };
  };
}

export const usersFoundQuery = (q: string) =>
  queryOptions({
    queryKey: ['users', 'found', q],
    queryFn: async ({ signal }) =>
      (await request<List<UserView>>(withQuery('/users', { q, limit: 20 }), { signal })).entries,
    staleTime: 5_000,
  });

export const userQuery = (id: string) =>
  queryOptions({
    queryKey: ['users', 'one', id],
    queryFn: ({ signal }) => request<UserDetailView>(userPath(id), { signal }),
    staleTime: 5_000,
  });

export type ShownPreferences = UserPreferencesView & { readonly effective: EffectivePreferenceView[] };

export const preferencesQuery = (id: string) =>
  queryOptions({
    queryKey: ['users', 'one', id, 'preferences'],
    queryFn: ({ signal }) => request<ShownPreferences>(`${userPath(id)}/preferences`, { signal }),
    staleTime: 5_000,
  });

export const userEventsQuery = (id: string) =>
  queryOptions({
    queryKey: ['users', 'one', id, 'events'],
    queryFn: ({ signal }) =>
      request<List<UserEventView>>(withQuery(`${userPath(id)}/events`, { limit: shownMax }), { signal }),
    staleTime: 5_000,
  });

export const userMessagesQuery = (id: string) =>
  queryOptions({
    queryKey: ['users', 'one', id, 'messages'],
    queryFn: ({ signal }) =>
      request<List<Message>>(withQuery(`${userPath(id)}/messages`, { limit: shownMax }), { signal }),
    staleTime: 5_000,
  });

export const userSegmentsQuery = (id: string) =>
  queryOptions({
    queryKey: ['users', 'one', id, 'segments'],
    queryFn: async ({ signal }) =>
      (await request<{ segments: string[] }>(`${userPath(id)}/segments`, { signal })).segments,
    staleTime: 5_000,
  });

export type Profile = Pick<UserView, 'name' | 'email' | 'phone' | 'locale' | 'timezone'>;

export const addUser = (id: string, profile: Partial<Profile>): Promise<UserView> =>
  request('/users', { method: 'POST', json: { id, ...profile } });

/** Attributes are merged (RFC 7396): null takes a member away. */
export const changeUser = (
  id: string,
  change: Profile & { readonly attributes: Readonly<Record<string, unknown>> },
): Promise<UserView> => request(userPath(id), { method: 'PATCH', json: change });

export const deleteUser = (id: string): Promise<void> => perform(userPath(id), { method: 'DELETE' });

export const setPreferences = (id: string, next: UserPreferencesView): Promise<ShownPreferences> =>
  request(`${userPath(id)}/preferences`, { method: 'PUT', json: next });

export const trackEvent = (
  id: string,
  name: string,
  data: Readonly<Record<string, unknown>>,
): Promise<void> => perform(`${userPath(id)}/events`, { method: 'POST', json: { name, data } });

export const importUsers = (
  file: Blob,
  how: { readonly dryRun: boolean; readonly empty: 'keep' | 'clear' },
): Promise<UserImportOutcomeView> =>
  request(withQuery('/users/import', { dryRun: String(how.dryRun), empty: how.empty }), {
    method: 'POST',
    body: new Blob([file], { type: 'text/csv' }),
  });

export const usersFileUrl = (): string => apiUrl('/users/export');

export const topicsQuery = queryOptions({
  queryKey: ['users', 'topics'],
  queryFn: async ({ signal }) => (await request<List<TopicView>>('/topics', { signal })).entries,
  staleTime: 5_000,
});

export const addTopic = (topic: TopicView): Promise<TopicView> =>
  request('/topics', { method: 'POST', json: topic });
export const putTopic = (topic: TopicView): Promise<TopicView> =>
  request(`/topics/${encodeURIComponent(topic.id)}`, { method: 'PUT', json: topic });
export const deleteTopic = (id: string): Promise<void> =>
  perform(`/topics/${encodeURIComponent(id)}`, { method: 'DELETE' });

export const segmentsQuery = queryOptions({
  queryKey: ['users', 'segments'],
  queryFn: async ({ signal }) => (await request<List<SegmentView>>('/segments', { signal })).entries,
  staleTime: 5_000,
});

export const segmentPreviewQuery = (expression: string) =>
  queryOptions({
    queryKey: ['users', 'segment-preview', expression],
    queryFn: ({ signal }) =>
      request<SegmentPreviewView>('/segments/preview', { method: 'POST', json: { expression }, signal }),
    enabled: expression !== '',
    retry: false,
    staleTime: 5_000,
    gcTime: 30_000,
  });

export const addSegment = (segment: SegmentView): Promise<SegmentView> =>
  request('/segments', { method: 'POST', json: segment });
export const putSegment = (segment: SegmentView): Promise<SegmentView> =>
  request(`/segments/${encodeURIComponent(segment.id)}`, { method: 'PUT', json: segment });
export const deleteSegment = (id: string): Promise<void> =>
  perform(`/segments/${encodeURIComponent(id)}`, { method: 'DELETE' });

export interface NewSend {
  readonly to: readonly ({ readonly user: string } | { readonly segment: string })[];
  readonly channels: readonly UserChannel[];
  readonly routing: 'first' | 'all';
  readonly template?: { readonly id: string; readonly version?: number | 'draft' };
  readonly content?: Readonly<Record<string, unknown>>;
  readonly topic?: string;
  readonly from?: string;
}

export const sendMessage = (send: NewSend): Promise<{ readonly id: string }> =>
  request('/messages', { method: 'POST', json: { channel: 'multi', ...send } });

const userPath = (id: string): string => `/users/${encodeURIComponent(id)}`;
