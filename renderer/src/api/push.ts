import { queryOptions } from '@tanstack/react-query';
import type {
  MadeApnsKey,
  NewApnsKey,
  NewServiceAccount,
  PushSettings,
  ServiceAccountFile,
  ShownPushSettings,
} from '../../../core/api/push-schema.ts';
import { request } from './request.ts';

export const pushSettingsQuery = queryOptions({
  queryKey: ['push-settings'],
  queryFn: ({ signal }) => request<ShownPushSettings>('/push/settings', { signal }),
  staleTime: 1_000,
});

/** What is left out, a part or a member of one, stays as it is. */
export interface PushSettingsEdit {
  readonly apns?: Partial<PushSettings['apns']>;
  readonly fcm?: Partial<PushSettings['fcm']>;
  readonly proxy?: PushSettings['proxy'];
}
export const changePushSettings = (edit: PushSettingsEdit): Promise<ShownPushSettings> =>
  request('/push/settings', { method: 'PUT', json: edit });

export const makeApnsKey = (wanted: NewApnsKey): Promise<MadeApnsKey> =>
  request('/push/apns-key', { method: 'POST', json: wanted });
export const makeServiceAccount = (wanted: NewServiceAccount): Promise<ServiceAccountFile> =>
  request('/push/service-account', { method: 'POST', json: wanted });
