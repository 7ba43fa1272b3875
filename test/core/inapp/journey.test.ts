import { expect, test } from 'vitest';
import { inAppWorld } from './inapp-world.ts';

const modal = { title: 'New here', body: 'A word', display: { kind: 'modal' } };

test('waits for its user, is sent when the app pulls it, delivered with its first impression', async () => {
  const { call, send, delivery, events } = await inAppWorld();
  const { id, rows } = await send('jane', modal);
  const [row = ''] = rows;
  expect(await delivery(id)).toMatchObject({ status: 'queued', recipient: 'jane' });

  const first = await call('GET', '/v1/users/jane/messages');
  expect(first.status).toBe(200);
  expect(first.body).toMatchObject({ total: 1, unread: 0, unseen: 0, nextCursor: null });
  expect(first.body.entries[0]).toMatchObject({ id: row, title: 'New here', kind: 'modal', seenAt: null });
  expect(await delivery(id)).toMatchObject({ status: 'sent' });

  const seen = await call('PUT', `/v1/messages/${row}/seen`, { session: 's1', url: '/home' });
  expect(seen.body.seenAt).not.toBeNull();
  expect(await delivery(id)).toMatchObject({ status: 'delivered' });

  expect((await call('POST', `/v1/messages/${row}/dismissed`, { session: 's1' })).status).toBe(200);
  const told = (await events(id)).filter(({ type }) => type === 'inapp').map(({ data }) => data.what);
  expect(told).toEqual(expect.arrayContaining(['created', 'pulled', 'seen', 'dismissed']));
});

test('a pull of what did not change is 304, and leaves no exchange', async () => {
  const { api, call, send } = await inAppWorld();
  const { rows } = await send('jane', { title: 'Hello' });
  const first = await call('GET', '/v1/users/jane/messages?limit=5');
  const tag = first.headers.get('etag') ?? '';
  const exchanges = async () => (await api('GET', '/v1/exchanges?door=inapp')).body.total;
  const before = await exchanges();
  const again = await call('GET', '/v1/users/jane/messages?limit=5', undefined, { 'if-none-match': tag });
  expect([again.status, again.body, again.headers.get('etag')]).toEqual([304, null, tag]);
  expect(await exchanges()).toBe(before);
  await call('PUT', `/v1/messages/${rows[0]}/read`);
  const changed = await call('GET', '/v1/users/jane/messages?limit=5', undefined, { 'if-none-match': tag });
  expect(changed.status).toBe(200);
  expect(changed.body.unread).toBe(0);
});
