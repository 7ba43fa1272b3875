import { describe, expect, it } from 'vitest';
import type { Phone, PhoneApp, PhonePush, PhoneSettings } from '../../../core/api/phones-schema.ts';
import type { ProblemDocument } from '../../../core/api/schema.ts';
import { startCore, type TestCore } from '../../start-core.ts';

const say = (method: string, body: unknown = undefined): RequestInit => ({
  method,
  ...(body === undefined
    ? {}
    : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
});

async function made(core: TestCore, platform: string, about: object = {}): Promise<Phone> {
  const response = await core.get('/v1/phones', say('POST', { platform, ...about }));
  expect(response.status).toBe(201);
  const phone: Phone = await response.json();
  return phone;
}

const registered = (core: TestCore, { id }: Phone, about: object): Promise<PhoneApp> =>
  core.json(`/v1/phones/${id}/register`, say('POST', about));

async function refused(core: TestCore, path: string, init?: RequestInit) {
  const response = await core.get(path, init);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem: ProblemDocument = await response.json();
  return [response.status, problem.code, problem.errors.map((one) => one.field), problem.detail] as const;
}

type Send = (
  core: TestCore,
  to: { readonly phone: Phone; readonly token: string },
  title: string,
  collapseKey: string,
  ttlSeconds?: number,
) => Promise<void>;

const bySendApi: Send = async (core, { phone }, title, collapseKey, ttlSeconds) => {
  const about = { link: 'shop://cart', collapseKey, ...(ttlSeconds === undefined ? {} : { ttlSeconds }) };
  const push = { channel: 'push', to: [{ phone: phone.id }], title, ...about };
  expect((await core.get('/v1/messages', say('POST', push))).status).toBe(202);
  await core.app.settled();
};

const byFcm: Send = async (core, { token }, title, collapseKey, ttlSeconds) => {
  const ttl = ttlSeconds === undefined ? {} : { ttl: `${ttlSeconds}s` };
  const message = {
    token,
    notification: { title },
    data: { link: 'shop://cart' },
    android: { collapse_key: collapseKey, ...ttl },
  };
  const response = await fetch(
    `http://127.0.0.1:${core.port('providers')}/fcm/v1/projects/shop/messages:send`,
    {
      ...say('POST', { message }),
      headers: { 'content-type': 'application/json', authorization: 'Bearer any' },
    },
  );
  expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('projects/shop/')]);
};

describe('/v1/phones', () => {
  it('makes, lists, finds, renames and deletes phones', async () => {
    const core = await startCore();
    const phone = await made(core, 'ios', { name: 'Jane’s iPhone', user: 'jane' });
    expect(phone).toMatchObject({ online: true, onTheFly: false, waiting: 0, apps: [], user: 'jane' });
    await made(core, 'android');
    await made(core, 'browser');
    const page = await core.json<{ entries: Phone[]; nextCursor: string; total: number }>(
      '/v1/phones?limit=2',
    );
    expect(page.entries.map((one) => one.name)).toEqual(['Browser', 'Android phone']);
    const next = await core.json<{ entries: Phone[]; nextCursor: string | null }>(
      `/v1/phones?limit=2&after=${page.nextCursor}`,
    );
    expect([next.entries.map((one) => one.id), next.nextCursor]).toEqual([[phone.id], null]);
    expect((await core.json<{ total: number }>('/v1/phones?user=jane')).total).toBe(1);
    expect((await core.json<{ total: number }>('/v1/phones?q=JANE&platform=ios')).total).toBe(1);
    const renamed = await core.json<Phone>(`/v1/phones/${phone.id}`, say('PATCH', { user: null }));
    expect([renamed.name, renamed.user]).toEqual(['Jane’s iPhone', null]);
    expect((await core.get(`/v1/phones/${phone.id}`, say('DELETE'))).status).toBe(204);
    expect((await refused(core, `/v1/phones/${phone.id}`)).slice(0, 2)).toEqual([404, 'not_found']);
  });

  it('says which field is at fault', async () => {
    const core = await startCore();
    expect((await refused(core, '/v1/phones', say('POST', { platform: 'nokia' }))).slice(0, 3)).toEqual([
      400,
      'bad_request',
      ['platform'],
    ]);
    const phone = await made(core, 'browser');
    const register = `/v1/phones/${phone.id}/register`;
    expect((await refused(core, register, say('POST', { app: 'shop' }))).slice(0, 3)).toEqual([
      400,
      'bad_request',
      ['app'],
    ]);
    expect(
      (
        await refused(core, register, say('POST', { app: 'https://x.example', applicationServerKey: 'AA' }))
      )[2],
    ).toEqual(['applicationServerKey']);
    expect(
      (await refused(core, register, say('POST', { app: 'https://x.example', provider: 'apns' })))[2],
    ).toEqual(['provider']);
    expect((await refused(core, `/v1/phones/${phone.id}/offline`, say('POST', { forMs: -1 })))[2]).toEqual([
      'forMs',
    ]);
    expect(
      (await refused(core, `/v1/phones/${phone.id}/uninstall`, say('POST', { app: 'https://x.example' })))[2],
    ).toEqual(['app']);
  });

  it('registers apps: a token for each, the same one at the next start, a chosen one, a new one on rotation', async () => {
    const core = await startCore();
    const phone = await made(core, 'ios');
    const first = await registered(core, phone, { app: 'com.example.shop', topics: ['news'] });
    expect(first).toMatchObject({ provider: 'apns', environment: 'development', topics: ['news'] });
    expect(first.token).toMatch(/^[0-9a-f]{64}$/);
    expect((await registered(core, phone, { app: 'com.example.shop' })).token).toBe(first.token);
    const rotated = await core.json<PhoneApp>(
      `/v1/phones/${phone.id}/rotate`,
      say('POST', { app: 'com.example.shop' }),
    );
    expect(rotated.token).not.toBe(first.token);
    expect(rotated.formerTokens.map((one) => one.token)).toEqual([first.token]);
    const android = await made(core, 'android');
    const chosen = { app: 'com.example.shop', token: 'unregistered-1' };
    expect((await registered(core, android, chosen)).token).toBe('unregistered-1');
    const other = await made(core, 'android');
    expect((await refused(core, `/v1/phones/${other.id}/register`, say('POST', chosen))).slice(0, 3)).toEqual(
      [409, 'not_possible', ['token']],
    );
  });

  it('gives a browser the subscription that its page gets, with keys on P-256', async () => {
    const core = await startCore();
    const phone = await made(core, 'browser');
    const { subscription, token, app } = await registered(core, phone, { app: 'https://shop.example/cart' });
    expect(app).toBe('https://shop.example');
    expect(Object.keys(subscription ?? {})).toEqual(['endpoint', 'expirationTime', 'keys']);
    expect(subscription?.endpoint).toMatch(new RegExp(`^https?://[^/]+/webpush/v1/${token}$`));
    expect(Buffer.from(subscription?.keys.p256dh ?? '', 'base64url')).toHaveLength(65);
    expect(Buffer.from(subscription?.keys.auth ?? '', 'base64url')).toHaveLength(16);
  });

  it('switches phones off and on, permission, apps, and is asked of the same after a restart of the settings', async () => {
    const core = await startCore();
    const phone = await made(core, 'ios');
    const at = `/v1/phones/${phone.id}`;
    await registered(core, phone, { app: 'com.example.shop' });
    const off = await core.json<Phone>(`${at}/offline`, say('POST', { forMs: 60_000 }));
    expect([off.online, off.offlineUntil === null]).toEqual([false, false]);
    expect((await core.json<Phone>(`${at}/offline`, say('POST'))).offlineUntil).toBeNull();
    expect((await core.json<Phone>(`${at}/online`, say('POST'))).online).toBe(true);
    const denied = { app: 'com.example.shop', permission: 'denied' };
    expect((await core.json<Phone>(`${at}/permission`, say('POST', denied))).apps[0]?.permission).toBe(
      'denied',
    );
    const gone = await core.json<Phone>(
      `${at}/uninstall`,
      say('POST', { app: 'com.example.shop', tellAfterSends: 2 }),
    );
    expect(gone.apps[0]).toMatchObject({ installed: false, tellAfterSends: 2 });
    const back = await core.json<Phone>(`${at}/install`, say('POST', { app: 'com.example.shop' }));
    expect(back.apps[0]).toMatchObject({ installed: true, tellAfterSends: null });
    expect(back.apps[0]?.formerTokens).toHaveLength(1);
    const settings = await core.json<PhoneSettings>('/v1/phones/settings');
    expect(settings).toEqual({ unknownTokens: 'make', apnsStorageMs: 30 * 86_400_000 });
    await core.json(
      '/v1/phones/settings',
      say('PUT', { unknownTokens: 'refuse', apnsStorageMs: 14_400_000 }),
    );
    expect(await core.json('/v1/phones/settings')).toEqual({
      unknownTokens: 'refuse',
      apnsStorageMs: 14_400_000,
    });
  });

  it('tells the screen: each change of a phone is an event', async () => {
    const core = await startCore();
    const phone = await made(core, 'ios');
    await core.get(`/v1/phones/${phone.id}/offline`, say('POST'));
    const { entries } = await core.json<{ entries: { type: string; data: object }[] }>(
      '/v1/events?after=0&limit=100',
    );
    expect(entries.filter((one) => one.type === 'phone').map((one) => one.data)).toEqual([
      { phoneId: phone.id, made: true },
      { phoneId: phone.id, online: false },
    ]);
  });

  it('is described, and shows nothing on a phone that nothing came for', async () => {
    const core = await startCore();
    const phone = await made(core, 'ios');
    const pushes = await core.json<{ entries: PhonePush[]; total: number }>(`/v1/phones/${phone.id}/pushes`);
    expect([pushes.entries, pushes.total]).toEqual([[], 0]);
    expect(await core.json(`/v1/phones/${phone.id}/pushes`, say('DELETE'))).toEqual({ dismissed: 0 });
    expect((await refused(core, `/v1/phones/${phone.id}/pushes/x/tap`, say('POST')))[0]).toBe(404);
    const { paths } = await core.json<{ paths: object }>('/v1/openapi.json');
    expect(Object.keys(paths).filter((path) => path.startsWith('/v1/phones'))).toHaveLength(13);
  });

  it('gets pushes when it is on again, of the send API and of FCM’s door: what each provider keeps', async () => {
    const core = await startCore(['--deliver']);
    const shown = async ({ id }: Phone) => {
      const { entries } = await core.json<{ entries: PhonePush[] }>(`/v1/phones/${id}/pushes?shown=true`);
      return entries.map((push) => push.content.title).reverse();
    };
    const states = async ({ id }: Phone) => {
      const { entries } = await core.json<{ entries: PhonePush[] }>(`/v1/phones/${id}/pushes`);
      return entries.map((push) => `${push.content.title}: ${push.state}`).reverse();
    };
    const expected = {
      ios: [['one: collapsed', 'two: collapsed', 'three: expired', 'four: delivered'], ['four']],
      android: [
        ['one: delivered', 'two: collapsed', 'three: expired', 'four: delivered'],
        ['one', 'four'],
      ],
    } as const;
    for (const platform of ['ios', 'android'] as const) {
      const phone = await made(core, platform);
      const { token } = await registered(core, phone, { app: 'com.example.shop', linkSchemes: ['shop'] });
      await core.get(`/v1/phones/${phone.id}/offline`, say('POST', { forMs: 4 * 3_600_000 }));
      const send = { ios: bySendApi, android: byFcm }[platform];
      await send(core, { phone, token }, 'one', 'a');
      await send(core, { phone, token }, 'two', 'b');
      await send(core, { phone, token }, 'three', 'b', 3_600);
      await core.json('/v1/clock', say('POST', { advanceMs: 2 * 3_600_000 }));
      await send(core, { phone, token }, 'four', 'c');
      expect(await shown(phone)).toEqual([]);
      await core.json('/v1/clock', say('POST', { advanceMs: 3 * 3_600_000 }));
      expect([platform, await states(phone), await shown(phone)]).toEqual([platform, ...expected[platform]]);
      const { entries } = await core.json<{ entries: PhonePush[] }>(
        `/v1/phones/${phone.id}/pushes?shown=true&limit=1`,
      );
      const tapped = await core.json<{ opens: string; link: string }>(
        `/v1/phones/${phone.id}/pushes/${entries[0]?.id}/tap`,
        say('POST'),
      );
      expect(tapped).toMatchObject({ opens: 'customScheme', link: 'shop://cart' });
    }
  });
});
