import type { z } from '@hono/zod-openapi';
import { queryOptions } from '@tanstack/react-query';
import type {
  InAppSettingsChange,
  inAppMessageSchema,
  inAppUserSchema,
  ShownInAppSettings,
} from '../../../core/api/inapp-schema.ts';
import type { List } from '../../../core/api/schema.ts';
import type { DoorRequest } from '../../../core/channels/inapp/schema.ts';
import { perform, request, withQuery } from './request.ts';

export type InAppMessage = z.output<typeof inAppMessageSchema>;
export type InAppUser = z.output<typeof inAppUserSchema>;
export type NewInApp = Omit<DoorRequest, 'user' | 'users' | 'to'>;

/** As many as one page of the API has; beyond them the search helps. */
const usersShownMax = 500;
/** Of one user, the newest. */
const messagesShownMax = 200;

export const inAppUsersQuery = (q: string) =>
  queryOptions({
    queryKey: ['inapp', 'users', q],
    queryFn: ({ signal }) =>
      request<List<InAppUser>>(withQuery('/inapp/users', { q, limit: usersShownMax }), { signal }),
    staleTime: 1_000,
    retry: false,
  });

/** @returns the newest first */
export const inAppQueueQuery = (user: string) =>
  queryOptions({
    queryKey: ['inapp', 'queue', user],
    queryFn: ({ signal }) =>
      request<List<InAppMessage>>(withQuery('/inapp/messages', { user, limit: messagesShownMax }), {
        signal,
      }),
    staleTime: 1_000,
  });

/** What a delivery is to its user: one row, or none where it is gone. */
export const inAppOfDeliveryQuery = (deliveryId: string) =>
  queryOptions({
    queryKey: ['inapp', 'delivery', deliveryId],
    queryFn: async ({ signal }) => {
      const path = withQuery('/inapp/messages', { deliveryId, limit: 1 });
      return (await request<List<InAppMessage>>(path, { signal })).entries[0] ?? null;
    },
    staleTime: 1_000,
  });

export const inAppSettingsQuery = queryOptions({
  queryKey: ['inapp-settings'],
  queryFn: ({ signal }) => request<ShownInAppSettings>('/inapp/settings', { signal }),
  retry: false,
});

export const changeInAppSettings = (change: InAppSettingsChange): Promise<ShownInAppSettings> =>
  request('/inapp/settings', { method: 'PUT', json: change });

export const inAppSecretQuery = queryOptions({
  queryKey: ['inapp-settings', 'secret'],
  queryFn: async ({ signal }) =>
    (await request<{ secretKey: string }>('/inapp/secret-key', { signal })).secretKey,
});

export const makeInAppKeys = (): Promise<unknown> => request('/inapp/keys', { method: 'POST' });

/** What a page of that user's shows at the door: the app's backend would have made it. */
export interface InAppPass {
  readonly user: string;
  readonly key: string;
  readonly hash: string;
}

export const inAppPassQuery = (user: string) =>
  queryOptions({
    queryKey: ['inapp-settings', 'pass', user],
    queryFn: async ({ signal }): Promise<InAppPass> => {
      const [{ publishableKey }, { hash }] = await Promise.all([
        request<ShownInAppSettings>('/inapp/settings', { signal }),
        request<{ hash: string }>(`/inapp/users/${encodeURIComponent(user)}/hash`, { signal }),
      ]);
      return { user, key: publishableKey, hash };
    },
    staleTime: 60_000,
  });

export const sendInApp = (user: string, message: NewInApp): Promise<{ id: string }> =>
  request('/messages', { method: 'POST', json: { channel: 'inapp', to: user, ...message } });

export type InAppMark = 'seen' | 'read' | 'archived';

/** As the user's own app tells it. */
export const markInApp = (pass: InAppPass, id: string, mark: InAppMark, on: boolean): Promise<void> =>
  perform(doorPath(pass, id, mark), { method: on ? 'PUT' : 'DELETE', door: 'inapp' });

export const dismissInApp = (pass: InAppPass, id: string): Promise<void> =>
  perform(doorPath(pass, id, 'dismissed'), { method: 'POST', json: {}, door: 'inapp' });

export const snoozeInApp = (pass: InAppPass, id: string, seconds: number): Promise<void> =>
  perform(doorPath(pass, id, 'snooze'), { method: 'POST', json: { seconds }, door: 'inapp' });

export const readAllInApp = ({ user, key, hash }: InAppPass): Promise<void> =>
  perform(withQuery(`/v1/users/${encodeURIComponent(user)}/batch/read`, { key, hash }), {
    method: 'POST',
    json: { ids: 'all' },
    door: 'inapp',
  });

export const expireInApp = (id: string): Promise<unknown> =>
  request(`/inapp/messages/${id}/expire`, { method: 'POST' });

const doorPath = ({ user, key, hash }: InAppPass, id: string, what: string): string =>
  withQuery(`/v1/messages/${id}/${what}`, { user, key, hash });
