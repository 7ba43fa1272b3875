import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { openCore, temporaryFolder } from '../../start-core.ts';
import { inAppWorld, worldOf } from './inapp-world.ts';

const day = 24 * 3_600_000;

test('a message is checked whole, and each fault names its field', async () => {
  const { call } = await inAppWorld();
  const { status, headers, body } = await call('POST', '/v1/messages', {
    user: ['', 'joe'],
    link: 'javascript:alert(1)',
    priority: 5_000,
    actions: [{ label: '' }],
    display: { kind: 'modal', slot: 'top', maxPerWeek: 0 },
    expiresAt: 'tomorrow',
  });
  expect([status, headers.get('content-type')]).toEqual([422, 'application/problem+json']);
  expect(body.errors.map(({ field }: { field: string }) => field).toSorted()).toEqual([
    'actions[0].label',
    'display.maxPerWeek',
    'display.slot',
    'expiresAt',
    'link',
    'priority',
    'title',
    'to[0]',
  ]);
  expect((await call('POST', '/v1/messages', { user: 'a', titel: 'x' })).body).toMatchObject({
    code: 'bad_request',
  });
  expect((await call('POST', '/v1/messages', '{')).body).toMatchObject({ code: 'bad_request' });
  expect((await call('GET', '/v1/nothing')).body).toMatchObject({ code: 'not_found' });
});

test('one message for many users, and the same Idempotency-Key is the same message', async () => {
  const { api, call } = await inAppWorld();
  const message = { users: ['a', 'b', 'a'], title: 'Both' };
  const first = await call('POST', '/v1/messages', message, { 'idempotency-key': 'k1' });
  const again = await call('POST', '/v1/messages', message, { 'idempotency-key': '"k1"' });
  expect([first.status, again.status]).toEqual([202, 202]);
  expect(again.body).toEqual(first.body);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(first.body.messages.map(({ user }: { user: string }) => user)).toEqual(['a', 'b']);
  const other = await call('POST', '/v1/messages', { user: 'a', title: 'x' }, { 'idempotency-key': 'k1' });
  expect(other.body.code).toBe('idempotency_key_reused');
  expect((await api('GET', '/v1/messages?channel=inapp')).body.total).toBe(1);
  const exchanges = await api('GET', '/v1/exchanges?door=inapp');
  expect(exchanges.status).toBe(200);
});

test('the send API takes the same', async () => {
  const { api, call } = await inAppWorld();
  const sent = await api('POST', '/v1/messages', {
    channel: 'inapp',
    to: ['jane', { user: 'joe' }],
    title: 'Hi',
    body: 'There',
  });
  expect(sent.status).toBe(202);
  expect(sent.body.deliveries).toMatchObject([
    { recipient: 'jane', status: 'queued' },
    { recipient: 'joe', status: 'queued' },
  ]);
  expect((await call('GET', '/v1/users/joe/messages')).body.entries[0]).toMatchObject({
    title: 'Hi',
    body: 'There',
  });
  const { body } = await api('GET', `/v1/messages/${sent.body.id}`);
  expect(body).toMatchObject({
    channel: 'inapp',
    subject: 'Hi',
    inapp: { usersTotal: 2, content: { title: 'Hi' } },
  });
  expect((await api('GET', '/v1/inapp/users')).body).toMatchObject({
    total: 2,
    entries: [
      { user: 'jane', waiting: 1 },
      { user: 'joe', waiting: 0, unseen: 1 },
    ],
  });
  expect((await api('GET', '/v1/inapp/messages?user=joe')).body.entries).toMatchObject([{ state: 'pulled' }]);
});

test('pages of a feed, the newest first, by status, tag and page', async () => {
  const { call, send } = await inAppWorld();
  for (const [at, tags] of [['a'], ['b'], ['a', 'b']].entries()) await send('jane', { title: `${at}`, tags });
  const titles = async (query: string) =>
    (await call('GET', `/v1/users/jane/messages?${query}`)).body.entries.map(
      ({ title }: { title: string }) => title,
    );
  const first = (await call('GET', '/v1/users/jane/messages?limit=2')).body;
  expect(first).toMatchObject({ total: 3, entries: [{ title: '2' }, { title: '1' }] });
  expect(await titles(`limit=2&after=${first.nextCursor}`)).toEqual(['0']);
  expect(await titles('tags=a')).toEqual(['2', '0']);
  await call('POST', '/v1/users/jane/batch/read', { ids: [first.entries[0].id] });
  expect(await titles('status=unread')).toEqual(['1', '0']);
  await call('PUT', `/v1/messages/${first.entries[1].id}/archived`);
  expect(await titles('')).toEqual(['2', '0']);
  expect(await titles('archived=only')).toEqual(['1']);
  expect((await call('GET', '/v1/users/jane/counts')).body).toEqual({ total: 2, unread: 1, unseen: 1 });
  expect((await call('GET', '/v1/users/jane/messages?limit=500')).body.errors[0].field).toBe('limit');
});

test('a click, a dismissal and an unseen mark are told, and an unknown action is refused', async () => {
  const { call, send, delivery, events } = await inAppWorld();
  const { id, rows } = await send('jane', {
    title: 'Rate us',
    display: { kind: 'modal' },
    actions: [
      { label: 'Rate now', url: 'https://app.example/rate' },
      { id: 'later', label: 'Later' },
    ],
  });
  const [row = ''] = rows;
  expect((await call('POST', `/v1/messages/${row}/interacted`, { action: 'never' })).status).toBe(400);
  const clicked = await call('POST', `/v1/messages/${row}/interacted`, { action: 'rate-now' });
  expect(clicked.body).toMatchObject({ interactedAt: expect.any(String), dismissedAt: expect.any(String) });
  expect(await delivery(id)).toMatchObject({ status: 'delivered' });
  const click = (await events(id)).find(({ type }) => type === 'clicked');
  expect(click?.data).toMatchObject({ action: 'rate-now', url: 'https://app.example/rate', user: 'jane' });
  expect((await call('DELETE', `/v1/messages/${row}/seen`)).body).toMatchObject({ seenAt: null });
  expect((await call('PUT', `/v1/messages/${row}/seen?user=joe`)).status).toBe(404);
});

test('a banner is an impression once in each session, until it is dismissed', async () => {
  const { api, call, send } = await inAppWorld();
  const { rows } = await send('jane', {
    title: 'News',
    display: { kind: 'banner', frequency: 'untilDismissed' },
  });
  const [row = ''] = rows;
  const seen = async (session: string) => {
    await call('PUT', `/v1/messages/${row}/seen`, { session });
    return (await api('GET', '/v1/inapp/messages?user=jane')).body.entries[0].impressions;
  };
  expect([await seen('s1'), await seen('s1'), await seen('s2')]).toEqual([1, 1, 2]);
  const eligible = async () => (await call('GET', '/v1/users/jane/eligible?session=s2')).body;
  expect((await eligible()).chosen.id).toBe(row);
  await call('POST', `/v1/messages/${row}/dismissed`, { session: 's2' });
  expect(await eligible()).toMatchObject({ chosen: null, ineligible: [{ id: row, reason: 'dismissed' }] });
});

test('an event answers with what waits for it, and is remembered', async () => {
  const { call, send, delivery, events } = await inAppWorld();
  const { id } = await send('jane', { title: 'Paid', display: { kind: 'modal', trigger: 'paid' } });
  expect((await call('GET', '/v1/users/jane/eligible')).body.ineligible).toMatchObject([
    { reason: 'trigger' },
  ]);
  const paid = await call('POST', '/v1/users/jane/events', {
    name: 'paid',
    data: { amount: 5 },
    url: '/cart',
  });
  expect(paid.body.chosen).toMatchObject({ title: 'Paid' });
  expect(await delivery(id)).toMatchObject({ status: 'sent' });
  const passed = (await events(id)).find(({ data }) => data.what === 'passed_over');
  expect(passed?.data).toMatchObject({ reason: 'trigger', detail: expect.stringContaining('“paid”') });
});

test('what was put off comes back when its time has come', async () => {
  const { call, send, advance } = await inAppWorld();
  const { rows } = await send('jane', { title: 'Later' });
  const snoozed = await call('POST', `/v1/messages/${rows[0]}/snooze`, { seconds: 3_600 });
  expect(snoozed.body.snoozedUntil).toEqual(expect.any(String));
  const pull = async () => (await call('GET', '/v1/users/jane/messages')).body.total;
  expect(await pull()).toBe(0);
  await advance(3_600_000);
  expect(await pull()).toBe(1);
});

test('a message that expires before it is pulled is undeliverable and was never sent', async () => {
  const { call, send, delivery, events, advance } = await inAppWorld();
  const { id } = await send('jane', { title: 'Sale', ttlSeconds: 60 });
  const tag = (await call('GET', '/v1/users/joe/messages')).headers.get('etag');
  const pulled = await send('joe', { title: 'Sale', ttlSeconds: 60 });
  await call('GET', '/v1/users/joe/messages');
  await advance(60_000);
  expect(await delivery(id)).toMatchObject({ status: 'undeliverable', class: 'expired' });
  expect((await events(id)).map(({ type }) => type)).not.toContain('sent');
  expect(await delivery(pulled.id)).toMatchObject({ status: 'undeliverable', class: 'expired' });
  expect((await events(pulled.id)).map(({ type }) => type)).toContain('sent');
  expect((await call('GET', '/v1/users/joe/messages')).headers.get('etag')).not.toBe(tag);
  expect((await call('GET', '/v1/users/joe/messages')).body.total).toBe(0);
});

test('a message for later is not there before', async () => {
  const { call, send, advance } = await inAppWorld();
  await send('jane', {
    title: 'Later',
    sendAt: new Date(Date.now() + day).toISOString(),
    display: { kind: 'modal' },
  });
  expect((await call('GET', '/v1/users/jane/eligible')).body.ineligible).toMatchObject([
    { reason: 'scheduled' },
  ]);
  await advance(day);
  expect((await call('GET', '/v1/users/jane/eligible')).body.chosen).toMatchObject({ title: 'Later' });
});

test('held, released, canceled, and tried again by hand', async () => {
  const { api, call, send, delivery } = await inAppWorld();
  const { id, rows } = await send('jane', { title: 'By hand' });
  const total = async () => (await call('GET', '/v1/users/jane/messages')).body.total;
  const one = await delivery(id);
  const order = (name: string, of = one.id) => api('POST', `/v1/deliveries/${of}/${name}`, {});
  await call('GET', '/v1/users/jane/counts');
  expect((await order('hold')).status).toBe(200);
  expect(await total()).toBe(0);
  expect(await delivery(id)).toMatchObject({ status: 'queued', substatus: 'held' });
  expect((await call('PUT', `/v1/messages/${rows[0]}/seen`)).status).toBe(404);
  await order('release');
  expect(await delivery(id)).toMatchObject({ status: 'queued', substatus: null });
  await order('hold');
  await order('release');
  await order('cancel');
  expect(await delivery(id)).toMatchObject({ status: 'canceled' });
  expect(await total()).toBe(0);
  expect((await order('retry')).status).toBe(200);
  const again = (await api('GET', `/v1/messages/${id}`)).body.deliveries;
  expect(again).toHaveLength(2);
  expect(await total()).toBe(1);
  expect(
    (await api('GET', `/v1/messages/${id}`)).body.deliveries.map((d: { status: string }) => d.status),
  ).toEqual(expect.arrayContaining(['canceled', 'sent']));
});

test('a message that is deleted is gone from its users’ queues', async () => {
  const { api, call, send } = await inAppWorld();
  const { id } = await send(['jane', 'joe'], { title: 'Gone' });
  const before = await call('GET', '/v1/users/jane/messages');
  expect(before.body.total).toBe(1);
  await api('DELETE', `/v1/messages/${id}`);
  const after = await call('GET', '/v1/users/jane/messages', undefined, {
    'if-none-match': before.headers.get('etag') ?? '',
  });
  expect(after.body.total).toBe(0);
});

test('what was told is known after a restart, and no tag of before is taken for a new one', async () => {
  const folder = await temporaryFolder();
  const first = await openCore(folder, ['--deliver']);
  const before = worldOf(first);
  const { rows } = await before.send('jane', { title: 'Once', display: { kind: 'modal' } });
  await before.call('PUT', `/v1/messages/${rows[0]}/seen`, { session: 's1' });
  await before.send('jane', { title: 'Feed' });
  const pulled = await before.call('GET', '/v1/users/jane/messages');
  await first.close();
  const second = await openCore(folder, ['--deliver']);
  const after = worldOf(second);
  const again = await after.call('GET', '/v1/users/jane/messages', undefined, {
    'if-none-match': pulled.headers.get('etag') ?? '',
  });
  expect([again.status, again.body.entries.map(({ title }: { title: string }) => title)]).toEqual([
    200,
    ['Feed'],
  ]);
  expect((await after.call('GET', '/v1/users/jane/eligible')).body.ineligible).toEqual(
    expect.arrayContaining([expect.objectContaining({ reason: 'already_shown' })]),
  );
  await second.close();
});

test('keys and hashes are asked for when they are switched on', async () => {
  const { api, call, send } = await inAppWorld();
  await send('jane', { title: 'Secret' });
  const { body: settings } = await api('PUT', '/v1/inapp/settings', { requireKey: true, requireHash: true });
  const { body: secret } = await api('GET', '/v1/inapp/secret-key');
  expect(settings).toMatchObject({ requireKey: true, publishableKey: expect.stringMatching(/^pk_/) });
  expect(secret.secretKey).toMatch(/^sk_/);
  const hash = createHmac('sha256', secret.secretKey).update('jane').digest('hex');
  expect((await api('GET', '/v1/inapp/users/jane/hash')).body).toEqual({ user: 'jane', hash });
  const page = { authorization: `Bearer ${settings.publishableKey}` };
  const statusOf = async (path: string, headers: Record<string, string> = {}) =>
    (await call('GET', path, undefined, headers)).status;
  expect(await statusOf('/v1/users/jane/messages')).toBe(401);
  expect(await statusOf('/v1/users/jane/messages', page)).toBe(403);
  expect(await statusOf('/v1/users/jane/messages', { ...page, 'x-user-hash': hash })).toBe(200);
  expect(await statusOf('/v1/users/joe/messages', { ...page, 'x-user-hash': hash })).toBe(403);
  expect(await statusOf(`/v1/users/jane/messages?key=${settings.publishableKey}&hash=${hash}`)).toBe(200);
  expect((await call('POST', '/v1/messages', { user: 'jane', title: 'x' }, page)).status).toBe(403);
  const backend = { authorization: `Bearer ${secret.secretKey}` };
  expect((await call('POST', '/v1/messages', { user: 'jane', title: 'x' }, backend)).status).toBe(202);
  const transcripts = JSON.stringify((await api('GET', '/v1/exchanges')).body);
  for (const hidden of [secret.secretKey, hash]) expect(transcripts).not.toContain(hidden);
});

test('whoever has only a hash of their own sends nothing to others', async () => {
  const { api, call } = await inAppWorld();
  await api('PUT', '/v1/inapp/settings', { requireHash: true });
  const { hash } = (await api('GET', '/v1/inapp/users/jane/hash')).body;
  const { secretKey } = (await api('GET', '/v1/inapp/secret-key')).body;
  const send = async (headers: Readonly<Record<string, string>>) =>
    (await call('POST', '/v1/messages', { user: 'joe', title: 'You won' }, headers)).status;
  expect(await send({ 'x-user-hash': hash })).toBe(401);
  expect((await api('GET', '/v1/messages')).body.total).toBe(0);
  expect(await send({ authorization: `Bearer ${secretKey}` })).toBe(202);
});

test('pages of this machine may ask, those of others when they are let in', async () => {
  const { api, call } = await inAppWorld();
  const from = (origin: string, method = 'GET', more: Record<string, string> = {}) =>
    call(method, '/v1/users/jane/messages', undefined, { origin, ...more });
  const near = await from('http://localhost:5173');
  expect([near.status, near.headers.get('access-control-allow-origin'), near.headers.get('vary')]).toEqual([
    200,
    'http://localhost:5173',
    'Origin',
  ]);
  expect(near.headers.get('access-control-expose-headers')).toContain('etag');
  expect((await from('https://app.example')).status).toBe(403);
  expect((await from('null')).status).toBe(403);
  await api('PUT', '/v1/inapp/settings', { allowedOrigins: ['https://app.example'] });
  expect((await from('https://app.example')).status).toBe(200);
  const preflight = await from('https://app.example', 'OPTIONS', { 'access-control-request-method': 'PUT' });
  expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([
    204,
    'GET, HEAD, POST, PUT, DELETE, OPTIONS',
  ]);
});
