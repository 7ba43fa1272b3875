/** The door of FCM in a whole core: real store, real rules, real phones. */
import { expect, it } from 'vitest';
import type { DeliveryDetail, List, Message, MessageDetail } from '../../../../core/api/schema.ts';
import { startCore, type TestCore } from '../../../start-core.ts';

async function push(
  core: TestCore,
  message: unknown,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const answer = await fetch(
    `http://127.0.0.1:${core.app.ports.providers}/fcm/v1/projects/shop/messages:send`,
    {
      method: 'POST',
      headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
      body: JSON.stringify({ message }),
    },
  );
  return { status: answer.status, body: await answer.json() };
}

it('lists what an app sent, with its delivery, what it said and who it was', async () => {
  const core = await startCore();
  const told = await push(core, {
    token: 'jane-1',
    notification: { title: 'Größe', body: 'Half price' },
    android: { ttl: '60s', collapse_key: 'sale' },
  });
  expect(told).toEqual({ status: 200, body: { name: expect.stringMatching(/^projects\/shop\/messages\//) } });
  await core.app.caughtUp();
  const { entries } = await core.json<List<Message>>('/v1/messages');
  expect(entries).toMatchObject([
    {
      channel: 'push',
      door: 'fcm',
      subject: 'Größe',
      envelope: { from: 'shop', to: ['jane-1'] },
      deliveries: [{ recipient: 'jane-1', provider: 'fcm', status: 'delivered' }],
    },
  ]);
  const detail = await core.json<MessageDetail>(`/v1/messages/${entries[0]?.id}`);
  expect(detail.push).toMatchObject({
    details: { provider: 'fcm', app: 'shop', collapseKey: 'sale', credentials: { kind: 'oauth' } },
    content: { title: 'Größe' },
  });
});

it('refuses what a magic token asks it to, and keeps the refused exchange', async () => {
  const core = await startCore();
  expect(await push(core, { token: 'unregistered-jane', data: { a: 'b' } })).toMatchObject({
    status: 404,
    body: { error: { details: [{ errorCode: 'UNREGISTERED' }] } },
  });
  expect((await push(core, { token: 'ratelimited-jane', data: { a: 'b' } })).status).toBe(429);
  expect((await push(core, { token: 'jane', data: { a: 1 } })).status).toBe(400);
  await expect
    .poll(async () => (await core.json<List<{ outcome: string; door: string }>>('/v1/exchanges')).entries)
    .toMatchObject(Array(3).fill({ outcome: 'refused', door: 'fcm' }));
});

it('takes what the core itself sends for one of ours: one message in the list', async () => {
  const core = await startCore(['--deliver']);
  const answer = await core.get('/v1/messages', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ channel: 'push', to: { token: 'jane-2', provider: 'fcm' }, title: 'Hello' }),
  });
  expect(answer.status).toBe(202);
  const { deliveries }: { deliveries: readonly { id: string }[] } = await answer.json();
  await core.app.settled();
  const delivery = await core.json<DeliveryDetail>(`/v1/deliveries/${deliveries[0]?.id}`);
  expect(delivery).toMatchObject({ provider: 'fcm', status: 'delivered', attempts: 1 });
  expect((await core.json<List<Message>>('/v1/messages')).total).toBe(1);
});
