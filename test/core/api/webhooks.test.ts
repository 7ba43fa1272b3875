import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { DeliveryDetail, Event, Webhook } from '../../../core/api/schema.ts';
import { callLifetimeMs } from '../../../core/delivery/schedule.ts';
import { type Listed, startQueueWorld } from './queue-world.ts';

interface Hook {
  readonly url: string;
  readonly bodies: { readonly type: string; readonly deliveryId?: string }[];
  status: number;
}

async function listen(): Promise<Hook> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      hook.bodies.push(JSON.parse(body));
      response.writeHead(hook.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const hook: Hook = { url: `http://127.0.0.1:${port}/hooks`, bodies: [], status: 204 };
  return hook;
}

it('are made, changed, listed and removed', async () => {
  const core = await startQueueWorld();
  const made = await core.done<Webhook>('POST', '/v1/webhooks', { url: 'http://localhost:3000/hooks' });
  expect(made).toMatchObject({ description: '', events: [], project: null, active: true });
  const changed = await core.done<Webhook>('PATCH', `/v1/webhooks/${made.id}`, {
    events: ['bounced'],
    active: false,
  });
  expect(changed).toEqual({ ...made, events: ['bounced'], active: false });
  expect(await core.get(`/v1/webhooks/${made.id}`)).toEqual(changed);
  expect(await core.get('/v1/webhooks')).toEqual({ entries: [changed], nextCursor: null, total: 1 });
  expect((await core.ask('DELETE', `/v1/webhooks/${made.id}`)).status).toBe(204);
  for (const [method, path] of [
    ['GET', ''],
    ['DELETE', ''],
    ['GET', '/secret'],
    ['POST', '/rotate-secret'],
    ['POST', '/test'],
    ['GET', '/calls'],
  ] as const)
    expect(await core.refusal(method, `/v1/webhooks/${made.id}${path}`)).toMatchObject({ status: 404 });
});

it('call only what may be called, about what there is', async () => {
  const core = await startQueueWorld();
  for (const body of [
    {},
    { url: 'nowhere' },
    { url: 'ftp://localhost/x' },
    { url: 'https://elsewhere.example/hooks' },
    { url: 'http://localhost/x', events: ['lost'] },
  ])
    expect(await core.refusal('POST', '/v1/webhooks', body)).toMatchObject({
      status: 400,
      code: 'bad_request',
    });
});

it('show their secret, and give them a new one', async () => {
  const core = await startQueueWorld();
  const { id } = await core.done<Webhook>('POST', '/v1/webhooks', { url: 'http://localhost:3000/hooks' });
  const { secret } = await core.get<{ secret: string }>(`/v1/webhooks/${id}/secret`);
  expect(secret.length).toBeGreaterThan(20);
  const next = await core.done<{ secret: string }>('POST', `/v1/webhooks/${id}/rotate-secret`);
  expect(next.secret).not.toBe(secret);
  expect(await core.get(`/v1/webhooks/${id}/secret`)).toEqual(next);
  expect(JSON.stringify(await core.get('/v1/webhooks'))).not.toContain(next.secret);
});

it('have a log of their calls, which can be tested and replayed', async () => {
  const hook = await listen();
  const core = await startQueueWorld();
  const { id } = await core.done<Webhook>('POST', '/v1/webhooks', { url: hook.url, events: ['sent'] });
  hook.status = 500;
  const [deliveryId] = await core.world.send(['jane@one.example']);
  await core.idle();
  expect(hook.bodies).toMatchObject([{ type: 'sent', deliveryId }]);
  const failed = await core.get<Listed<DeliveryDetail>>(`/v1/webhooks/${id}/calls`);
  expect(failed.entries).toMatchObject([
    {
      carriage: 'webhook',
      messageId: null,
      recipient: id,
      status: 'queued',
      substatus: 'deferred',
      attemptLog: [{ number: 1, outcome: 'deferred', code: 500 }],
    },
  ]);

  hook.status = 204;
  const { entries } = await core.get<Listed<Event>>('/v1/events?type=sent');
  const eventSeq = entries.find((event) => event.deliveryId === deliveryId)?.seq;
  const replayed = await core.done<{ deliveryId: string }>('POST', `/v1/webhooks/${id}/replay`, { eventSeq });
  // Two calls on their way at once may arrive in either order.
  await core.idle();
  const tested = await core.done<{ deliveryId: string }>('POST', `/v1/webhooks/${id}/test`);
  await core.idle();
  expect(hook.bodies.slice(1).map((body) => body.type)).toEqual(['sent', 'test']);
  const { entries: calls, total } = await core.get<Listed<DeliveryDetail>>(
    `/v1/webhooks/${id}/calls?limit=2`,
  );
  expect(total).toBe(3);
  expect(calls.map((call) => [call.id, call.status])).toEqual([
    [tested.deliveryId, 'delivered'],
    [replayed.deliveryId, 'delivered'],
  ]);
  expect(calls[1]?.parameters).toEqual({ event: String(eventSeq) });
  expect(await core.refusal('POST', `/v1/webhooks/${id}/replay`, { eventSeq: 9_999 })).toMatchObject({
    status: 404,
  });
  const again = await core.done<DeliveryDetail>('POST', `/v1/deliveries/${tested.deliveryId}/retry`);
  // As long as every call, which is not as long as mail.
  expect(Date.parse(again.expiresAt) - Date.parse(again.createdAt)).toBe(callLifetimeMs);
  await core.idle();
});
