import { queryOptions } from '@tanstack/react-query';
import type { Settings, Stats, Status } from '../../../core/api/schema.ts';
import type { Recipe } from '../../../core/connect/recipes.ts';
import { perform, request, withQuery } from './request.ts';

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => request<Status>('/status', { signal }),
  staleTime: 60_000,
});

export const statsQuery = (project: string | null) =>
  queryOptions({
    queryKey: ['stats', project],
    queryFn: ({ signal }) =>
      request<Stats>(withQuery('/stats', { project: project ?? undefined }), { signal }),
    staleTime: 5_000,
  });

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => request<Settings>('/settings', { signal }),
});

export interface SettingsChange {
  readonly retention?: Partial<Settings['retention']>;
  readonly projects?: Partial<Settings['projects']>;
}

export const changeSettings = (change: SettingsChange): Promise<Settings> =>
  request('/settings', { method: 'PATCH', json: change });

export interface ConnectFacts {
  readonly host: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly caFile: string;
  readonly recipes: readonly Recipe[];
}

export const connectQuery = queryOptions({
  queryKey: ['connect'],
  queryFn: ({ signal }) => request<ConnectFacts>('/connect', { signal }),
  staleTime: 60_000,
});

export type TestDoor = 'smtp' | 'submission' | 'smtps';

export const sendTest = (door: TestDoor): Promise<void> =>
  perform('/connect/test', { method: 'POST', json: { door } });

/** To a device that is made for it, by our own client of that provider. */
export const sendTestPush = (provider: 'apns' | 'fcm'): Promise<{ id: string }> =>
  request('/messages', {
    method: 'POST',
    json: {
      channel: 'push',
      to:
        provider === 'apns'
          ? { token: testToken, provider, app: 'example.sandpost', environment: 'development' }
          : { token: 'test-of-the-connect-room', provider },
      title: 'A test',
      body: 'It came through. The Phones room has the device that it is on.',
    },
  });

/** To a handset that is made for it, by our own client of that provider. */
export const sendTestSms = (): Promise<{ id: string }> =>
  request('/messages', {
    method: 'POST',
    json: {
      channel: 'sms',
      to: '+14155552671',
      provider: 'smpp',
      body: 'A test: it came through. Answer it in Phones, Handsets.',
    },
  });

/** APNs tokens are bytes in hex. */
const testToken = '7e57'.repeat(16);
