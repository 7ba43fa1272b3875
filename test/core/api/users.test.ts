import { describe, expect, it } from 'vitest';
import { startCore, type TestCore } from '../../start-core.ts';

interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly { readonly field: string }[];
}
interface User {
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly locale: string | null;
  readonly timezone: string | null;
  readonly attributes: Record<string, unknown>;
  readonly devices: readonly { readonly token: string }[];
  readonly preferences: {
    readonly channels: Record<string, boolean>;
    readonly topics: Record<string, unknown>;
    readonly unsubscribed: boolean;
  };
}
interface List<T> {
  readonly entries: readonly T[];
  readonly nextCursor: string | null;
  readonly total: number;
}

const send = (method: string, body: unknown): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

async function refused(core: TestCore, path: string, init: RequestInit): Promise<[number, Problem]> {
  const answer = await core.get(path, init);
  const problem: Problem = await answer.json();
  return [answer.status, problem];
}

describe('users', () => {
  it('are made in their form, listed, searched, changed and removed', async () => {
    const core = await startCore();
    const made = await core.get(
      '/v1/users',
      send('POST', {
        id: 'u 1/ä',
        name: ' Jane ',
        email: 'Jane@example.com',
        phone: '+43 660 1234567',
        locale: 'de_at',
        timezone: 'Europe/Vienna',
        attributes: { plan: 'pro', address: { city: 'Graz', zip: null } },
        devices: [{ provider: 'fcm', token: 'abc' }],
      }),
    );
    expect(made.status).toBe(201);
    const user: User = await made.json();
    expect(user).toMatchObject({
      id: 'u 1/ä',
      name: 'Jane',
      email: 'Jane@example.com',
      phone: '+436601234567',
      locale: 'de-AT',
      timezone: 'Europe/Vienna',
      attributes: { plan: 'pro', address: { city: 'Graz', zip: null } },
      devices: [{ provider: 'fcm', token: 'abc', app: null, environment: null }],
      preferences: { channels: {}, topics: {}, unsubscribed: false },
    });
    expect(await refused(core, '/v1/users', send('POST', { id: 'u 1/ä' }))).toMatchObject([
      409,
      { code: 'not_possible', errors: [{ field: 'id' }] },
    ]);

    const path = `/v1/users/${encodeURIComponent('u 1/ä')}`;
    const changed = await core.json<User>(
      path,
      send('PATCH', {
        phone: null,
        attributes: { plan: null, address: { zip: '8010' }, n: 3 },
        preferences: { channels: { sms: false }, topics: { news: false } },
      }),
    );
    expect(changed).toMatchObject({
      name: 'Jane',
      phone: null,
      preferences: { channels: { sms: false }, topics: { news: false }, unsubscribed: false },
    });
    expect(changed.attributes).toEqual({ address: { city: 'Graz', zip: '8010' }, n: 3 });

    const replaced = await core.json<User>(path, send('PUT', { email: 'j@example.org' }));
    expect(replaced).toMatchObject({ name: null, email: 'j@example.org', attributes: {}, devices: [] });
    expect((await core.get('/v1/users/new', send('PUT', { name: 'New' }))).status).toBe(201);

    for (const [q, ids] of [
      ['', ['new', 'u 1/ä']],
      ['EXAMPLE.ORG', ['u 1/ä']],
      ['%', []],
    ] as const) {
      const list = await core.json<List<User>>(`/v1/users?q=${encodeURIComponent(q)}`);
      expect(list.entries.map(({ id }) => id)).toEqual(ids);
      expect(list).toMatchObject({ total: ids.length, nextCursor: null });
    }
    const page = await core.json<List<User>>('/v1/users?limit=1');
    expect(page).toMatchObject({ entries: [{ id: 'new' }], nextCursor: 'new', total: 2 });
    const rest = await core.json<List<User>>(`/v1/users?limit=1&after=${page.nextCursor}`);
    expect(rest).toMatchObject({ entries: [{ id: 'u 1/ä' }], nextCursor: null, total: 2 });

    expect((await core.get(path, { method: 'DELETE' })).status).toBe(204);
    expect((await core.get(path)).status).toBe(404);
    expect((await core.get(path, { method: 'DELETE' })).status).toBe(404);
  });

  it.each([
    ['no id', { id: '' }, 'id'],
    ['a space before the id', { id: ' a' }, 'id'],
    ['a line break in the id', { id: 'a\nb' }, 'id'],
    ['a long id', { id: 'x'.repeat(257) }, 'id'],
    ['an address without a domain', { id: 'a', email: 'jane' }, 'email'],
    ['a number that is too short', { id: 'a', phone: '12' }, 'phone'],
    ['a locale that is no tag', { id: 'a', locale: 'not a tag' }, 'locale'],
    ['a zone that is nowhere', { id: 'a', timezone: 'Middle/Earth' }, 'timezone'],
    ['an offset for a zone', { id: 'a', timezone: '+02:00' }, 'timezone'],
    ['attributes that are too large', { id: 'a', attributes: { big: 'x'.repeat(65 * 1024) } }, 'attributes'],
    [
      'a provider that is none',
      { id: 'a', devices: [{ provider: 'pager', token: '1' }] },
      'devices.0.provider',
    ],
    ['a channel that is none', { id: 'a', preferences: { channels: { fax: true } } }, 'preferences.channels'],
    ['a member that is none', { id: 'a', nickname: 'x' }, ''],
  ])('are refused with the field at fault: %s', async (_what, body, field) => {
    const core = await startCore();
    const [status, problem] = await refused(core, '/v1/users', send('POST', body));
    expect([status, problem.errors[0]?.field]).toEqual([400, field]);
  });

  it('are made by the batch, where one that is wrong does not stop the others', async () => {
    const core = await startCore();
    await core.get('/v1/users', send('POST', { id: 'b', name: 'Before', email: 'b@example.com' }));
    const outcome = await core.json(
      '/v1/users/batch',
      send('POST', {
        users: [
          { id: 'a' },
          { id: 'b', name: 'After' },
          { id: 'c', email: 'nobody' },
          7,
          { id: 'a', name: 'A' },
        ],
      }),
    );
    expect(outcome).toMatchObject({
      created: 1,
      updated: 1,
      refusedTotal: 2,
      refused: [{ index: 2, field: 'email' }, { index: 3 }],
    });
    expect(await core.json('/v1/users/b')).toMatchObject({ name: 'After', email: 'b@example.com' });
    expect(await core.json('/v1/users/a')).toMatchObject({ name: 'A' });
  });

  it('say what they did, and when', async () => {
    const core = await startCore();
    await core.get('/v1/users/u/events', send('POST', { name: 'login' }));
    const at = '2026-01-02T03:04:05.000Z';
    const kept = await core.get(
      '/v1/users/u/events',
      send('POST', { name: 'purchase', data: { total: 9.5 }, at }),
    );
    expect(kept.status).toBe(202);
    const events = await core.json<List<{ readonly at: string }>>('/v1/users/u/events');
    expect(events).toMatchObject({
      total: 2,
      entries: [{ name: 'purchase', data: { total: 9.5 } }, { name: 'login' }],
    });
    // Shifted by what the virtual clock differs from the wall clock: next to nothing here.
    expect(Math.abs(Date.parse(events.entries[0]?.at ?? '') - Date.parse(at))).toBeLessThan(1_000);
    expect(await core.json('/v1/users/u/events?name=login')).toMatchObject({ total: 1 });
    expect((await core.get('/v1/users/u/events', send('POST', { name: '' }))).status).toBe(400);
  });

  it('show what the sandbox knows of them besides', async () => {
    const core = await startCore();
    await core.get(
      '/v1/users',
      send('POST', { id: 'jane', email: 'Jane@Example.com', phone: '+14155550123' }),
    );
    const phone = await core.json<{ readonly id: string }>(
      '/v1/phones',
      send('POST', { platform: 'android', user: 'jane' }),
    );
    await core.get(`/v1/phones/${phone.id}/apps`, send('POST', { app: 'com.example' }));
    await core.get('/v1/handsets', send('POST', { number: '+14155550123' }));
    await core.get('/v1/suppressions', send('POST', { address: 'jane@example.com', reason: 'manual' }));
    expect(await core.json('/v1/users/jane')).toMatchObject({
      id: 'jane',
      known: {
        phones: [{ id: phone.id, platform: 'android' }],
        handsets: [{ number: '+14155550123' }],
        inapp: { total: 0, waiting: 0, unseen: 0, unread: 0, lastAt: null },
        suppressions: [{ address: 'jane@example.com', reason: 'manual' }],
      },
    });
  });

  it('list everything that was sent to them, over any channel', async () => {
    const core = await startCore();
    await core.get(
      '/v1/users',
      send('POST', { id: 'jane', email: 'Jane@example.com', phone: '+14155550123' }),
    );
    const sms = await core.json<{ readonly id: string }>(
      '/v1/messages',
      send('POST', { channel: 'sms', from: '+14155550100', to: ['+14155550123'], body: 'Hi' }),
    );
    const mail = await core.send('To: jane@example.com\r\nSubject: Hi\r\n\r\nHello\r\n', 'a@b.example', [
      'JANE@example.com',
    ]);
    // Names her, and went to somebody else.
    await core.send('To: jane@example.com\r\nSubject: Hi\r\n\r\nHello\r\n', 'a@b.example', ['x@y.example']);
    await core.app.caughtUp();
    const list = await core.json<List<{ readonly id: string }>>('/v1/users/jane/messages');
    expect(list.entries.map(({ id }) => id)).toEqual([mail, sms.id]);
    expect(list.total).toBe(2);
    expect(await core.json('/v1/users/jane/messages?limit=1')).toMatchObject({ total: 2 });
    expect(await core.json('/v1/users/nobody/messages')).toMatchObject({ total: 0 });
  });

  it('have preferences, and what comes of them', async () => {
    const core = await startCore();
    await core.get('/v1/users', send('POST', { id: 'jane' }));
    await core.get('/v1/topics', send('POST', { id: 'news', name: 'News', usual: 'out' }));
    const shown = await core.json<{ readonly effective: readonly unknown[] }>(
      '/v1/users/jane/preferences',
      send('PUT', { channels: { sms: false }, topics: { news: { email: true } } }),
    );
    expect(shown).toMatchObject({ channels: { sms: false }, unsubscribed: false });
    expect(shown.effective).toContainEqual({
      topic: 'news',
      channel: 'email',
      wanted: true,
      reason: null,
      detail: null,
    });
    expect(shown.effective).toContainEqual(
      expect.objectContaining({ topic: 'news', channel: 'push', wanted: false, reason: 'filtered' }),
    );
    expect(shown.effective).toContainEqual(
      expect.objectContaining({ topic: null, channel: 'sms', wanted: false }),
    );
    expect(await core.json('/v1/users/jane/preferences')).toEqual(shown);
    expect((await core.get('/v1/users/gone/preferences', send('PUT', {}))).status).toBe(404);
  });

  it('stand in the OpenAPI document', async () => {
    const core = await startCore();
    const document = await core.json<{ readonly paths: Record<string, unknown> }>('/v1/openapi.json');
    for (const path of [
      '/v1/users',
      '/v1/users/import',
      '/v1/users/{id}/preferences',
      '/v1/segments/preview',
    ])
      expect(Object.keys(document.paths)).toContain(path);
  });

  it('are told of when they change', async () => {
    const core = await startCore();
    const events = await core.json<List<{ readonly type: string }>>('/v1/events?after=0');
    await core.get('/v1/users', send('POST', { id: 'jane' }));
    const after =
      await core.json<List<{ readonly type: string; readonly data: unknown }>>('/v1/events?after=0');
    expect(after.entries.slice(events.entries.length)).toMatchObject([
      { type: 'user', data: { ids: ['jane'], users: 1, what: 'created' } },
    ]);
  });
});
