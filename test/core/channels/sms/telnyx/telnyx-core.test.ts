/** Telnyx over the whole core: real carriers and handsets, the durable queue, webhooks to a real receiver. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import Telnyx from 'telnyx';
import { expect, it, onTestFinished } from 'vitest';
import { startCore, type TestCore } from '../../../../start-core.ts';

const handset = '+13125550142';
const sender = '+13125550199';

interface Heard {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Hooks {
  readonly url: string;
  readonly heard: Heard[];
  until(count: number): Promise<void>;
}

async function hooks(status = 200): Promise<Hooks> {
  const heard: Heard[] = [];
  let told: () => void = () => undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      heard.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      response.writeHead(status).end();
      told();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/telnyx`,
    heard,
    async until(count) {
      while (heard.length < count)
        await new Promise<void>((resolve) => {
          told = resolve;
        });
    },
  };
}

async function clientOf(core: TestCore): Promise<Telnyx> {
  const secrets = await core.json<{ entries: { name: string; publicKey: string | null }[] }>(
    '/v1/sms/secrets',
  );
  const publicKey = secrets.entries.find(({ publicKey: key }) => key !== null)?.publicKey ?? null;
  return new Telnyx({
    apiKey: 'KEY_core',
    publicKey,
    baseURL: `http://127.0.0.1:${core.port('providers')}/telnyx/v2`,
    maxRetries: 0,
  });
}

const post = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

it('sends, reports signed, hears an answer, and is refused after STOP', async () => {
  const core = await startCore(['--deliver']);
  const client = await clientOf(core);
  const app = await hooks();
  const { data: profile } = await client.messagingProfiles.create({
    name: 'shop',
    whitelisted_destinations: ['*'],
    webhook_url: app.url,
  });
  await client.phoneNumbers.messaging.update(sender, { messaging_profile_id: profile?.id ?? '' });
  const { data } = await client.messages.send({ from: sender, to: handset, text: 'Your code is 4711' });
  expect(data).toMatchObject({ to: [{ status: 'queued' }], messaging_profile_id: profile?.id });
  await app.until(2);
  const events = [];
  for (const { headers, body } of app.heard)
    events.push(await client.webhooks.unwrap(body, { headers: { ...headers } as Record<string, string> }));
  expect(events).toMatchObject([
    { data: { event_type: 'message.sent', payload: { id: data?.id } } },
    { data: { event_type: 'message.finalized', payload: { to: [{ status: 'delivered' }] } } },
  ]);
  expect((await client.messages.retrieve(data?.id ?? '')).data).toMatchObject({
    to: [{ status: 'delivered' }],
  });
  const replies = `/v1/handsets/${encodeURIComponent(handset)}/replies`;
  await core.json(replies, post({ to: sender, text: 'Thanks' }));
  await app.until(3);
  expect(JSON.parse(app.heard[2]?.body ?? '')).toMatchObject({
    data: {
      event_type: 'message.received',
      payload: {
        from: { phone_number: handset },
        to: [{ phone_number: sender }],
        text: 'Thanks',
        messaging_profile_id: profile?.id,
      },
    },
  });
  await core.json(replies, post({ to: sender, text: 'Stop' }));
  await app.until(4);
  expect(JSON.parse(app.heard[3]?.body ?? '')).toMatchObject({
    data: { payload: { autoresponse_type: 'STOP' } },
  });
  await expect(client.messages.send({ from: sender, to: handset, text: 'again' })).rejects.toMatchObject({
    status: 403,
    error: { errors: [{ code: '40300' }] },
  });
  await core.json(replies, post({ to: sender, text: 'START' }));
  expect((await client.messages.send({ from: sender, to: handset, text: 'again' })).data?.id).toBeTruthy();
});

it('turns to the failover address after three tries', async () => {
  const core = await startCore(['--deliver']);
  const client = await clientOf(core);
  const [down, up] = [await hooks(500), await hooks()];
  await client.messages.send({
    from: sender,
    to: handset,
    text: 'x',
    webhook_url: down.url,
    webhook_failover_url: up.url,
  });
  await down.until(2);
  for (const wanted of [4, 6]) {
    await core.json('/v1/clock', post({ advanceMs: 5_000 }));
    await down.until(wanted);
  }
  await core.json('/v1/clock', post({ advanceMs: 5_000 }));
  await up.until(2);
  const [first] = up.heard;
  expect(JSON.parse(first?.body ?? '')).toMatchObject({ meta: { attempt: 4, delivered_to: up.url } });
  expect(down.heard).toHaveLength(6);
});
