import { queryOptions } from '@tanstack/react-query';
import type { List } from '../../../core/api/schema.ts';
import type { Platform, PushState } from '../../../core/model/phone.ts';
import type { PushContent, PushEnvironment, PushProvider } from '../../../core/model/push.ts';
import { perform, request, withQuery } from './request.ts';

export interface PhoneApp {
  readonly app: string;
  readonly provider: PushProvider;
  readonly token: string;
  readonly environment: PushEnvironment | null;
  readonly permission: 'granted' | 'denied';
  readonly installed: boolean;
  readonly uninstalledAt: string | null;
  readonly tellAfterSends: number | null;
  readonly tellAt: string | null;
  readonly formerTokens: readonly { readonly token: string; readonly since: string }[];
  readonly topics: readonly string[];
  readonly badge: number;
  readonly subscription: PushSubscriptionJson | null;
  readonly linkSchemes: readonly string[];
  readonly linkDomains: readonly string[];
  readonly dropped: { readonly at: string; readonly why: string } | null;
}

export interface PushSubscriptionJson {
  readonly endpoint: string;
  readonly expirationTime: number | null;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

export interface Phone {
  readonly id: string;
  readonly name: string;
  readonly user: string | null;
  readonly platform: Platform;
  readonly online: boolean;
  readonly offlineUntil: string | null;
  readonly createdAt: string;
  readonly onTheFly: boolean;
  readonly waiting: number;
  readonly apps: readonly PhoneApp[];
}

export interface PhonePush {
  readonly id: string;
  readonly seq: number;
  readonly phoneId: string;
  readonly app: string;
  readonly provider: PushProvider;
  readonly messageId: string;
  readonly deliveryId: string | null;
  readonly state: PushState;
  readonly shown: boolean;
  readonly reason: string | null;
  readonly collapseKey: string | null;
  readonly priority: string | null;
  readonly receivedAt: string;
  readonly expiresAt: string | null;
  readonly deliveredAt: string | null;
  readonly content: PushContent;
  readonly flags: { readonly dismissed: boolean; readonly opened: boolean };
}

export interface TapResult {
  readonly opens: 'app' | 'browser' | 'nothing';
  readonly link: string | null;
}

export interface PhoneSettings {
  readonly unknownTokens: 'make' | 'refuse';
  readonly apnsStorageMs: number;
}

/** As many as one page of the API has; beyond them the search helps. */
const phonesShownMax = 500;
/** Of one device, the newest. */
const pushesShownMax = 300;

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
    queryFn: ({ signal }) =>
      request<List<PhonePush>>(withQuery(`${pathOf(id)}/pushes`, { limit: pushesShownMax }), { signal }),
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
  readonly platform: Platform;
  readonly name?: string;
  readonly user?: string;
}
export const createPhone = (phone: NewPhone): Promise<Phone> =>
  request('/phones', { method: 'POST', json: phone });
export const deletePhone = (id: string): Promise<void> => perform(pathOf(id), { method: 'DELETE' });

export interface Registration {
  readonly app: string;
  readonly provider?: 'apns' | 'fcm';
  readonly environment?: PushEnvironment;
  readonly topics?: readonly string[];
  readonly applicationServerKey?: string;
  readonly token?: string;
  readonly linkSchemes?: readonly string[];
  readonly linkDomains?: readonly string[];
}
export interface Registered {
  readonly token: string;
  readonly subscription: PushSubscriptionJson | null;
}
export const registerApp = (id: string, about: Registration): Promise<Registered> =>
  request(`${pathOf(id)}/register`, { method: 'POST', json: about });

/** Which of the apps of a device. */
export interface WhichApp {
  readonly app: string;
  readonly provider: PushProvider;
}
const order = (id: string, act: string, said: object = {}): Promise<Phone> =>
  request(`${pathOf(id)}/${act}`, { method: 'POST', json: said });

export const goOnline = (id: string): Promise<Phone> => order(id, 'online');
/** @param forMs of virtual time; null: until somebody switches it on */
export const goOffline = (id: string, forMs: number | null): Promise<Phone> =>
  order(id, 'offline', forMs === null ? {} : { forMs });
export const rotateToken = (id: string, which: WhichApp): Promise<Phone> => order(id, 'rotate', which);
export const setPermission = (
  id: string,
  which: WhichApp,
  permission: PhoneApp['permission'],
): Promise<Phone> => order(id, 'permission', { ...which, permission });
export const install = (id: string, which: WhichApp): Promise<Phone> => order(id, 'install', which);
export interface Uninstall {
  readonly tellAfterSends?: number;
  readonly tellAfterMs?: number;
}
export const uninstall = (id: string, which: WhichApp, how: Uninstall): Promise<Phone> =>
  order(id, 'uninstall', { ...which, ...how });

/** @param action id of one of its buttons; null: the notification itself */
export const tapPush = (id: string, push: string, action: string | null): Promise<TapResult> =>
  request(`${pushPath(id, push)}/tap`, { method: 'POST', json: action === null ? {} : { action } });
export const dismissPush = (id: string, push: string): Promise<unknown> =>
  request(`${pushPath(id, push)}/dismiss`, { method: 'POST', json: {} });
export const clearPushes = (id: string): Promise<unknown> =>
  request(`${pathOf(id)}/pushes`, { method: 'DELETE' });

/** Somebody's devices, to look around with. */
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
