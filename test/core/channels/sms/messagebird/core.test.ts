/** The whole of it: MessageBird's door, the carriers, the durable queue, and an app that is called back. */
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { startCore } from '../../../../start-core.ts';

it('delivers to each recipient, reports it, and forgets what the app deletes', async () => {
  const heard: URLSearchParams[] = [];
  const both = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    heard.push(new URL(request.url ?? '', 'http://localhost').searchParams);
    response.end();
    if (heard.length === 2) both.resolve();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');

  const core = await startCore(['--deliver']);
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`http://127.0.0.1:${core.port('providers')}/messagebird${path}`, {
      method,
      headers: { authorization: 'AccessKey live_abcdefgh', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  };
  const { status, body } = await ask('POST', '/messages', {
    originator: '+3197001234567',
    recipients: ['31612345678', '31687654321'],
    body: 'Hello',
    reference: 'order-7',
    reportUrl: `http://127.0.0.1:${address.port}/report`,
  });
  expect([status, body.recipients.totalCount]).toEqual([201, 2]);
  await both.promise;
  const told = heard.map((query) => ['id', 'recipient', 'status'].map((name) => query.get(name)).join(' '));
  expect(new Set(told)).toEqual(
    new Set([`${body.id} 31612345678 delivered`, `${body.id} 31687654321 delivered`]),
  );
  expect((await ask('GET', `/messages/${body.id}`)).body.recipients).toMatchObject({
    totalDeliveredCount: 2,
    items: [{ recipient: 31612345678 }, { recipient: 31687654321 }],
  });
  expect((await ask('GET', '/messages')).body.totalCount).toBe(1);
  expect((await ask('DELETE', `/messages/${body.id}`)).status).toBe(204);
  expect((await ask('GET', `/messages/${body.id}`)).status).toBe(404);
  expect((await ask('GET', '/messages')).body.totalCount).toBe(0);
  const { entries } = await core.json<{ entries: unknown[] }>('/v1/messages');
  expect(entries).toMatchObject([
    { channel: 'sms', door: 'messagebird', deliveries: [{ status: 'delivered' }, { status: 'delivered' }] },
  ]);
});
