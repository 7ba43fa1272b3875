/** The whole of it: Vonage's SDK, the door, the carriers, the durable queue, and an app that is called back. */
import { createServer } from 'node:http';
import { AlgorithmTypes } from '@vonage/auth';
import { verifySignature } from '@vonage/jwt';
import { Vonage } from '@vonage/server-sdk';
import { expect, it, onTestFinished } from 'vitest';
import { startCore } from '../../../../start-core.ts';

const to = '447911123456';

/** @returns the bodies, once so many came */
async function anApp() {
  const calls: { readonly body: Record<string, string>; readonly token: string }[] = [];
  const waiting: { readonly times: number; readonly resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      const token = (request.headers.authorization ?? '').replace('Bearer ', '');
      calls.push({ body: JSON.parse(text), token });
      response.end();
      for (const { times, resolve } of waiting) if (calls.length >= times) resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/hook`,
    async called(times: number) {
      if (calls.length < times)
        await new Promise<void>((resolve) => {
          waiting.push({ times, resolve });
        });
      return calls;
    },
  };
}

async function world() {
  const core = await startCore(['--deliver']);
  const base = `http://127.0.0.1:${core.port('providers')}/vonage`;
  const client = new Vonage(
    { apiKey: 'abcd1234', apiSecret: 'secret-of-16-let' },
    { restHost: base, apiHost: base },
  );
  return { core, client, app: await anApp() };
}

it('delivers what the SDK sends, and calls the app back for each part', async () => {
  const { core, client, app } = await world();
  await client.sms.send({ to, from: '447700900000', text: 'a'.repeat(161), callback: app.url });
  const calls = await app.called(2);
  expect(calls.map(({ body }) => body.status)).toEqual(['delivered', 'delivered']);
  expect(new Set(calls.map(({ body }) => body.messageId)).size).toBe(2);
  const { entries } = await core.json<{ entries: unknown[] }>('/v1/messages');
  expect(entries).toMatchObject([
    { channel: 'sms', door: 'vonage', deliveries: [{ status: 'delivered', provider: 'vonage' }] },
  ]);
  const [first] = calls;
  const { sig = '', ...signed } = first?.body ?? {};
  expect(signed).toMatchObject({ msisdn: to, 'api-key': 'abcd1234' });
  // The secret is made anew in every data folder, and is none of the app's: another one does not fit.
  expect(client.sms.verifySignature(sig, signed, 'another', AlgorithmTypes.md5hash)).toBe(false);
});

it('tells by webhooks of the Messages API that a message was submitted and delivered', async () => {
  const { client, app } = await world();
  const { messageUUID } = await client.messages.send({
    channel: 'sms',
    messageType: 'text',
    to,
    from: '447700900000',
    text: 'Hello',
    ...{ webhookUrl: app.url },
  });
  const calls = await app.called(2);
  expect(new Set(calls.map(({ body }) => body.status))).toEqual(new Set(['submitted', 'delivered']));
  expect(calls[0]?.body.message_uuid).toBe(messageUUID);
  expect(verifySignature(calls[0]?.token ?? '', 'another')).toBe(false);
});

it('buffers for a handset that is off, and expires after 72 hours', async () => {
  const { core, client, app } = await world();
  const put = (path: string, body: unknown, method = 'PUT') =>
    core.get(path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await client.sms.send({ to, from: '447700900000', text: 'first', callback: app.url });
  await app.called(1);
  const off = await put(`/v1/handsets/${encodeURIComponent(`+${to}`)}/offline`, {}, 'POST');
  expect(off.ok, await off.text()).toBe(true);
  await client.sms.send({ to, from: '447700900000', text: 'second', callback: app.url });
  expect((await app.called(2))[1]?.body).toMatchObject({ status: 'buffered', 'err-code': '2' });
  await put('/v1/clock', { advanceMs: 73 * 3_600_000 }, 'POST');
  expect((await app.called(3))[2]?.body).toMatchObject({ status: 'expired', 'err-code': '2' });
});
