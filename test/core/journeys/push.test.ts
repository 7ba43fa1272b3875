import { expect, it } from 'vitest';
import type { DeliveryDetail, List, Message, MessageDetail } from '../../../core/api/schema.ts';
import { startCore, type TestCore } from '../../start-core.ts';

async function post(core: TestCore, request: object): Promise<{ id: string; deliveries: { id: string }[] }> {
  const answer = await core.get('/v1/messages', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ channel: 'push', ...request }),
  });
  const body: { id: string; deliveries: { id: string }[] } = await answer.json();
  if (answer.status !== 202) throw new Error(JSON.stringify(body));
  return body;
}

it('brings a push to a token', async () => {
  const core = await startCore(['--deliver']);
  const { id, deliveries } = await post(core, {
    to: { token: 'ab'.repeat(32), provider: 'apns', app: 'com.example.shop' },
    title: 'Hello',
    body: 'There is news.',
  });
  await core.app.settled();
  await core.app.caughtUp();
  const detail = await core.json<DeliveryDetail>(`/v1/deliveries/${deliveries[0]?.id}`);
  console.log(JSON.stringify(detail, null, 1));
  const message = await core.json<MessageDetail>(`/v1/messages/${id}`);
  console.log(JSON.stringify(message, null, 1));
  const list = await core.json<List<Message>>('/v1/messages?q=news');
  expect(list.entries.map((one) => one.id)).toEqual([id]);
  console.log(core.log);
});
