/** Sinch and Infobip in a whole core: from an app's request to the handset, and back to the app over HTTP. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { SinchClient, SmsCallbackWebhooks } from '@sinch/sdk-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startCore, type TestCore } from '../../../../start-core.ts';

const hourMs = 60 * 60 * 1_000;

interface Call {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The app's webhook. */
async function receiver(): Promise<{ readonly url: string; next(): Promise<Call> }> {
  const calls: Call[] = [];
  const waiting: ((call: Call) => void)[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      response.writeHead(200).end();
      const call = { headers: request.headers, body: Buffer.concat(parts).toString('utf8') };
      const first = waiting.shift();
      if (first === undefined) calls.push(call);
      else first(call);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${port}/`,
    next: () => {
      const call = calls.shift();
      return call === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(call);
    },
  };
}

function post(core: TestCore, path: string, body: unknown, method = 'POST'): Promise<Response> {
  return core.get(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function ownSecret(core: TestCore): Promise<string> {
  const { entries } = await core.json<{
    entries: readonly {
      readonly name: string | null;
      readonly provider: string;
      readonly value: string | null;
    }[];
  }>('/v1/sms/secrets?reveal=true');
  return entries.find(({ provider, name }) => provider === 'sinch' && name === 'sinch')?.value ?? '';
}

describe('Sinch in a whole core', () => {
  it('reports a batch signed once the last handset has it, and brings an answer', async () => {
    const core = await startCore(['--deliver']);
    const app = await receiver();
    const client = new SinchClient({
      servicePlanId: 'plan',
      apiToken: 'token',
      smsHostname: `http://127.0.0.1:${core.port('providers')}/sinch`,
      forceServicePlanIdUsageForSmsApi: true,
      logger: null,
    });
    await client.sms.batches.send({
      sendSMSRequestBody: { to: ['447700900124'], from: '447700900001', body: 'made on the fly' },
    });
    expect((await post(core, '/v1/handsets/+447700900124/offline', {})).status).toBe(200);
    const batch = await client.sms.batches.send({
      sendSMSRequestBody: {
        to: ['447700900123', '447700900124'],
        from: '447700900001',
        body: 'Hello',
        delivery_report: 'full',
        callback_url: app.url,
        client_reference: 'order 7',
      },
    });
    const batch_id = batch.id ?? '';
    expect(await client.sms.deliveryReports.get({ batch_id, type: 'full' })).toMatchObject({
      statuses: [
        { code: 0, status: 'Delivered', recipients: ['447700900123'] },
        { code: 401, status: 'Dispatched', recipients: ['447700900124'] },
      ],
    });
    await post(core, '/v1/clock', { advanceMs: 71 * hourMs });
    expect((await post(core, '/v1/handsets/+447700900124/online', {})).status).toBe(200);
    const report = await app.next();
    const webhooks = new SmsCallbackWebhooks(await ownSecret(core));
    expect(webhooks.validateAuthenticationHeader(report.headers, report.body)).toBe(true);
    expect(webhooks.parseEvent(report.body)).toEqual({
      type: 'delivery_report_sms',
      batch_id,
      total_message_count: 2,
      statuses: [{ code: 0, status: 'Delivered', count: 2, recipients: ['447700900123', '447700900124'] }],
      client_reference: 'order 7',
    });
    expect(
      (await post(core, '/v1/sms/senders/sinch/+447700900001', { inboundUrl: app.url }, 'PUT')).status,
    ).toBe(200);
    const replied = await post(core, '/v1/handsets/+447700900123/replies', {
      to: '+447700900001',
      text: 'STOP',
    });
    expect(replied.status).toBeLessThan(300);
    const answer = await app.next();
    expect(webhooks.validateAuthenticationHeader(answer.headers, answer.body)).toBe(true);
    expect(webhooks.parseEvent(answer.body)).toMatchObject({
      type: 'mo_text',
      from: '447700900123',
      to: '447700900001',
      body: 'STOP',
    });
    // Its owner opted out: Sinch says yes, and the report no.
    const late = await client.sms.batches.send({
      sendSMSRequestBody: { to: ['447700900123'], from: '447700900001', body: 'once more' },
    });
    expect(
      await client.sms.deliveryReports.getForNumber({
        batch_id: late.id ?? '',
        recipient_msisdn: '447700900123',
      }),
    ).toMatchObject({ status: 'Deleted', code: 997 });
  });

  it('says nothing of what a change took the place of', async () => {
    const core = await startCore(['--deliver']);
    const app = await receiver();
    const client = new SinchClient({
      servicePlanId: 'plan',
      apiToken: 'token',
      smsHostname: `http://127.0.0.1:${core.port('providers')}/sinch`,
      forceServicePlanIdUsageForSmsApi: true,
      logger: null,
    });
    const batch = await client.sms.batches.send({
      sendSMSRequestBody: {
        to: ['447700900123'],
        from: '447700900001',
        body: 'first',
        send_at: new Date(Date.now() + hourMs),
        delivery_report: 'per_recipient',
        callback_url: app.url,
      },
    });
    await client.sms.batches.update({
      batch_id: batch.id ?? '',
      updateBatchMessageRequestBody: { type: 'mt_text', body: 'second' },
    });
    await post(core, '/v1/clock', { advanceMs: 2 * hourMs });
    const told = [JSON.parse((await app.next()).body), JSON.parse((await app.next()).body)];
    expect(told.map(({ status }) => String(status)).sort((one, other) => one.localeCompare(other))).toEqual([
      'Delivered',
      'Dispatched',
    ]);
    const { entries } = await core.json<{ entries: readonly { text: string; state: string }[] }>(
      '/v1/handsets/+447700900123/messages',
    );
    expect(entries.map(({ text, state }) => [text, state])).toEqual([
      ['second', 'delivered'],
      ['first', 'canceled'],
    ]);
  });

  it('tells Infobip’s app that a message expired after two days', async () => {
    const core = await startCore(['--deliver']);
    const app = await receiver();
    const send = (text: string) =>
      fetch(`http://127.0.0.1:${core.port('providers')}/infobip/sms/3/messages`, {
        method: 'POST',
        headers: { authorization: 'App key', 'content-type': 'application/json' },
        body: JSON.stringify({
          messages: [
            {
              sender: 'InfoSMS',
              destinations: [{ to: '447700900124' }],
              content: { text },
              webhooks: { delivery: { url: app.url } },
            },
          ],
        }),
      });
    await send('first');
    expect(JSON.parse((await app.next()).body)).toMatchObject({
      results: [{ status: { name: 'DELIVERED_TO_HANDSET' } }],
    });
    await post(core, '/v1/handsets/+447700900124/offline', {});
    await send('second');
    await post(core, '/v1/clock', { advanceMs: 49 * hourMs });
    expect(JSON.parse((await app.next()).body)).toMatchObject({
      results: [{ status: { name: 'EXPIRED_EXPIRED', groupName: 'EXPIRED' }, error: { id: 6 } }],
    });
  });
});
