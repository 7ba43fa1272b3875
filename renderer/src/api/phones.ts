import { queryOptions } from '@tanstack/react-query';
import type { Phone, PhoneApp, PhonePush, PhoneSettings, Tapped } from '../../../core/api/phones-schema.ts';
import type { List } from '../../../core/api/schema.ts';
import { perform, request, withQuery } from './request.ts';

/** As many as one page of the API has; beyond them the search helps. */
const phonesShownMax = 500;
/** Of one device and kind, the newest. */
const pushesShownMax = 100;

export const phonesQuery = (q: string) =>
  queryOptions({
    queryKey: ['phones', 'list', q],
    queryFn: ({ signal }) =>
      request<List<Phone>>(withQuery('/phones', { q, limit: phonesShownMax }), { signal }),
    staleTime: 1_000,
  });

export const phoneQuery = (id: string) =>
  queryOptions({
    queryKey: ['phones', 'one', id],
    queryFn: ({ signal }) => request<Phone>(pathOf(id), { signal }),
    staleTime: 1_000,
    retry: false,
  });

export const phonePushesQuery = (id: string) =>
  queryOptions({
    queryKey: ['phones', 'pushes', id],
    queryFn: async ({ signal }) => {
      const page = (query: Record<string, string>) =>
        request<List<PhonePush>>(withQuery(`${pathOf(id)}/pushes`, { ...query, limit: pushesShownMax }), {
          signal,
        });
      // What is on the screen, and what waits, may be older than many others.
      const pages = await Promise.all([page({}), page({ shown: 'true' }), page({ state: 'stored' })]);
      const byId = new Map(pages.flatMap(({ entries }) => entries).map((push) => [push.id, push]));
      return [...byId.values()].sort((a, b) => b.seq - a.seq);
    },
    staleTime: 1_000,
  });

export const phoneSettingsQuery = queryOptions({
  queryKey: ['phones', 'settings'],
  queryFn: ({ signal }) => request<PhoneSettings>('/phones/settings', { signal }),
  staleTime: 1_000,
});
export const changePhoneSettings = (settings: PhoneSettings): Promise<PhoneSettings> =>
  request('/phones/settings', { method: 'PUT', json: settings });

export interface NewPhone {
  readonly platform: Phone['platform'];
  readonly name?: string;
  readonly user?: string;
}
export const createPhone = (phone: NewPhone): Promise<Phone> =>
  request('/phones', { method: 'POST', json: phone });
export const deletePhone = (id: string): Promise<void> => perform(pathOf(id), { method: 'DELETE' });

export interface Registration {
  readonly app: string;
  readonly provider?: 'apns' | 'fcm';
  readonly environment?: NonNullable<PhoneApp['environment']>;
  readonly topics?: readonly string[];
  readonly applicationServerKey?: string;
  readonly token?: string;
  readonly linkSchemes?: readonly string[];
  readonly linkDomains?: readonly string[];
}
/** @returns the app with its token, or a page with its subscription */
export const registerApp = (id: string, about: Registration): Promise<PhoneApp> =>
  request(`${pathOf(id)}/register`, { method: 'POST', json: about });

const order = <T = Phone>(id: string, act: string, said: object = {}): Promise<T> =>
  request(`${pathOf(id)}/${act}`, { method: 'POST', json: said });

export const goOnline = (id: string): Promise<Phone> => order(id, 'online');
/** @param forMs of virtual time; null: until somebody switches it on */
export const goOffline = (id: string, forMs: number | null): Promise<Phone> =>
  order(id, 'offline', { forMs });
export const rotateToken = (id: string, { app, provider }: PhoneApp): Promise<PhoneApp> =>
  order(id, 'rotate', { app, provider });
export const setPermission = (id: string, app: string, permission: PhoneApp['permission']): Promise<Phone> =>
  order(id, 'permission', { app, permission });
export const install = (id: string, app: string): Promise<Phone> => order(id, 'install', { app });
export interface Uninstall {
  readonly tellAfterSends?: number;
  readonly tellAfterMs?: number;
}
export const uninstall = (id: string, app: string, how: Uninstall): Promise<Phone> =>
  order(id, 'uninstall', { app, ...how });

/** @param action id of one of its buttons; null: the notification itself */
export const tapPush = (id: string, push: string, action: string | null): Promise<Tapped> =>
  request(`${pushPath(id, push)}/tap`, { method: 'POST', json: { action } });
export const dismissPush = (id: string, push: string): Promise<PhonePush> =>
  request(`${pushPath(id, push)}/dismiss`, { method: 'POST' });
export const dismissAll = (id: string): Promise<{ dismissed: number }> =>
  request(`${pathOf(id)}/pushes`, { method: 'DELETE' });

/** Somebody’s devices, to look around with. */
export async function makeExamplePhones(): Promise<void> {
  const iphone = await createPhone({ platform: 'ios', name: 'Jane’s iPhone', user: 'jane' });
  const android = await createPhone({ platform: 'android', name: 'Jane’s Android', user: 'jane' });
  const browser = await createPhone({ platform: 'browser', name: 'Jane’s browser', user: 'jane' });
  const links = { linkSchemes: ['birchbean'], linkDomains: ['birchbean.example'] };
  await registerApp(iphone.id, { app: 'example.birchbean', environment: 'development', ...links });
  await registerApp(android.id, { app: 'example.birchbean', ...links });
  await registerApp(browser.id, { app: 'https://birchbean.example' });
}

const pathOf = (id: string): string => `/phones/${encodeURIComponent(id)}`;
const pushPath = (id: string, push: string): string => `${pathOf(id)}/pushes/${encodeURIComponent(push)}`;
