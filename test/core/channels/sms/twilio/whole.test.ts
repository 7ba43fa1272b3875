/** The whole of it: the SDK, the door, the carriers, the durable queue, and an app that is called back. */
import { createServer, type IncomingMessage } from 'node:http';
import twilioSdk from 'twilio';
import { expect, onTestFinished, test } from 'vitest';
import { run } from '../../../../run-program.ts';
import { startCore, type TestCore } from '../../../../start-core.ts';
import { account, basic, from, sdkClient, token } from './twilio-world.ts';

const to = '+447911123456';
const { MessagingResponse } = twilioSdk.twiml;

interface Called {
  readonly path: string;
  readonly parameters: Record<string, string>;
  /** The official validator says that Twilio sent it. */
  readonly valid: boolean;
}

interface AnApp {
  readonly url: string;
  readonly calls: readonly Called[];
  /** Settles when so many came. */
  called(times: number): Promise<readonly Called[]>;
}

/** An app that checks each call as Twilio's guide says, and answers with TwiML. */
async function anApp(answer: (call: Called) => string = () => ''): Promise<AnApp> {
  const calls: Called[] = [];
  let waiting: { readonly times: number; readonly resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const path = request.url ?? '';
      const parameters = Object.fromEntries(new URLSearchParams(body));
      const signature = request.headers['x-twilio-signature'];
      const call = {
        path,
        parameters,
        valid: twilioSdk.validateRequest(token, String(signature), `${url}${path}`, parameters),
      };
      calls.push(call);
      response.setHeader('content-type', 'text/xml');
      response.end(answer(call));
      waiting = waiting.filter(({ times, resolve }) => {
        if (calls.length < times) return true;
        resolve();
        return false;
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = `http://127.0.0.1:${address.port}`;
  return {
    url,
    calls,
    async called(times) {
      if (calls.length < times)
        await new Promise<void>((resolve) => {
          waiting.push({ times, resolve });
        });
      return calls;
    },
  };
}

/** By name: calls that are made at once come in any order, as Twilio's do. */
function told(calls: readonly Called[]): readonly (string | undefined)[] {
  return calls.map(({ parameters }) => parameters.MessageStatus).sort();
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

function clientOf(core: TestCore): ReturnType<typeof sdkClient> {
  return sdkClient(`http://127.0.0.1:${core.port('providers')}/twilio`, account, token);
}

test('what the SDK sends is one message, delivered, and the app hears of it by signed calls', async () => {
  const app = await anApp();
  const core = await startCore(['--deliver']);
  const client = clientOf(core);
  const { sid } = await client.messages.create({
    to,
    from,
    body: 'Your code is 471147.',
    statusCallback: `${app.url}/status`,
  });
  const calls = await app.called(2);
  expect(calls.map(({ path, valid }) => [path, valid])).toEqual([
    ['/status', true],
    ['/status', true],
  ]);
  expect(told(calls)).toEqual(['delivered', 'sent']);
  expect(new Set(calls.map(({ parameters }) => parameters.MessageSid))).toEqual(new Set([sid]));
  expect(await client.messages(sid).fetch()).toMatchObject({ status: 'delivered', from, to });
  expect((await client.messages.list({ to })).map((one) => one.sid)).toEqual([sid]);
  const { entries } = await core.json<{
    entries: { channel: string; door: string; deliveries: { status: string; provider: string }[] }[];
  }>('/v1/messages');
  expect(entries).toMatchObject([
    { channel: 'sms', door: 'twilio', deliveries: [{ status: 'delivered', provider: 'twilio' }] },
  ]);
  expect(await client.messages(sid).remove()).toBe(true);
  await expect(client.messages(sid).fetch()).rejects.toMatchObject({ code: 20404 });
  expect(await client.messages.list()).toEqual([]);
});

test('a message to come is canceled, and one that was sent is redacted', async () => {
  const core = await startCore();
  const client = clientOf(core);
  const service = await client.messaging.v1.services.create({ friendlyName: 'Shop' });
  const number = await client.incomingPhoneNumbers.create({ phoneNumber: '+14155550100' });
  await client.messaging.v1.services(service.sid).phoneNumbers.create({ phoneNumberSid: number.sid });
  const scheduled = await client.messages.create({
    to,
    messagingServiceSid: service.sid,
    body: 'Later',
    scheduleType: 'fixed',
    sendAt: new Date(Date.now() + 3_600_000),
  });
  expect(await client.messages(scheduled.sid).fetch()).toMatchObject({
    status: 'scheduled',
    from: '+14155550100',
  });
  expect(await newest(core)).toEqual(['queued', null, null]);
  expect(await client.messages(scheduled.sid).update({ status: 'canceled' })).toMatchObject({
    status: 'canceled',
  });
  expect(await newest(core)).toEqual(['canceled', null, null]);
  const { sid } = await client.messages.create({ to, from, body: 'a secret' });
  await client.messages(sid).update({ body: '' });
  expect((await client.messages(sid).fetch()).body).toBe('');
});

test('the test numbers are answered so by the whole core too', async () => {
  const core = await startCore();
  const client = clientOf(core);
  for (const [number, code] of [
    ['+15005550001', 21211],
    ['+15005550002', 21612],
    ['+15005550003', 21408],
    ['+15005550004', 21610],
    ['+15005550009', 21614],
  ] as const)
    await expect(client.messages.create({ to: number, from, body: 'Hi' })).rejects.toMatchObject({ code });
  for (const [sender, code] of [
    ['+15005550001', 21212],
    ['+15005550007', 21606],
    ['+15005550008', 21611],
    ['+15005550999', 21606],
  ] as const)
    await expect(client.messages.create({ to, from: sender, body: 'Hi' })).rejects.toMatchObject({ code });
  const refused = await fetch(
    `http://127.0.0.1:${core.port('providers')}/twilio/2010-04-01/Accounts/${account}/Messages.json`,
    {
      method: 'POST',
      headers: { authorization: basic(account, token) },
      body: new URLSearchParams({ To: to, From: from, Body: '' }),
    },
  );
  expect(await refused.json()).toMatchObject({ code: 21602 });
});

test('who writes STOP is not written to, and START ends it; what the app answers is delivered', async () => {
  const app = await anApp(({ parameters }) => {
    const response = new MessagingResponse();
    if (parameters.Body === 'Are you open?') response.message('Till six & a bit.');
    return response.toString();
  });
  const core = await startCore(['--deliver']);
  const client = clientOf(core);
  await client.incomingPhoneNumbers.create({ phoneNumber: '+14155550100', smsUrl: `${app.url}/sms` });
  await client.messages.create({ to, from: '+14155550100', body: 'Your table is ready.' });
  const say = async (text: string): Promise<number> =>
    (
      await core.get(`/v1/handsets/${encodeURIComponent(to)}/replies`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ to: '+14155550100', text }),
      })
    ).status;
  expect(await say('Are you open?')).toBeLessThan(300);
  const [call] = await app.called(1);
  expect(call).toMatchObject({
    path: '/sms',
    valid: true,
    parameters: { Body: 'Are you open?', From: to, To: '+14155550100' },
  });
  expect((await core.get('/v1/messages/wait?q=six&timeoutMs=10000')).status).toBe(200);
  expect((await client.messages.list({ to })).map(({ body, direction }) => [body, direction])).toEqual([
    ['Till six & a bit.', 'outbound-reply'],
    ['Your table is ready.', 'outbound-api'],
  ]);
  expect((await client.messages.list({ from: to })).map(({ body, direction }) => [body, direction])).toEqual([
    ['Are you open?', 'inbound'],
  ]);
  await say('stop');
  await expect(client.messages.create({ to, from: '+14155550100', body: 'Hi' })).rejects.toMatchObject({
    code: 21610,
  });
  await say('START');
  await expect(client.messages.create({ to, from: '+14155550100', body: 'Hi' })).resolves.toMatchObject({
    status: 'queued',
  });
});

/** Where the delivery of the newest message is: status, sub-status, class. */
async function newest(core: TestCore): Promise<readonly (string | null)[]> {
  const { entries } = await core.json<{
    entries: { deliveries: { status: string; substatus: string | null; class: string | null }[] }[];
  }>('/v1/messages?limit=1');
  const [delivery] = entries[0]?.deliveries ?? [];
  return delivery === undefined ? [] : [delivery.status, delivery.substatus, delivery.class];
}

/** Each word of Twilio's, as the delivery that it leaves: status, sub-status, class. */
const rows: readonly (readonly [
  status: string,
  code: string | null,
  left: readonly [string, string | null, string | null],
])[] = [
  ['queued', null, ['sent', null, null]],
  ['accepted', null, ['sent', null, null]],
  ['sending', null, ['sent', null, null]],
  ['sent', null, ['sent', null, null]],
  ['delivered', null, ['delivered', null, null]],
  ['undelivered', '30003', ['undeliverable', null, 'inactive']],
  ['undelivered', '30004', ['undeliverable', null, 'opted_out']],
  ['undelivered', '30005', ['undeliverable', null, 'bad_address']],
  ['undelivered', '30006', ['undeliverable', null, 'bad_address']],
  ['undelivered', '30007', ['undeliverable', null, 'opted_out']],
  ['undelivered', '30008', ['undeliverable', null, null]],
  ['failed', '30001', ['undeliverable', null, null]],
  ['canceled', null, ['canceled', null, null]],
];

test('every word that Twilio has leaves its delivery where the one vocabulary says', async () => {
  const core = await startCore();
  const client = clientOf(core);
  const numberOf = (at: number): string => `+4479111234${String(at).padStart(2, '0')}`;
  const rules = rows.map(([status, code], at) => ({
    stage: 'farSide',
    when: { channel: 'sms', recipient: numberOf(at) },
    then: { do: 'report', status, ...(code === null ? {} : { code }) },
  }));
  const put = await core.get('/v1/rules', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ rules }),
  });
  expect(put.status).toBe(200);
  for (const [at, [status, code, left]] of rows.entries()) {
    const message = await client.messages.create({ to: numberOf(at), from, body: `${status} ${code}` });
    expect(message.status).toBe('queued');
    expect(await client.messages(message.sid).fetch()).toMatchObject({
      status,
      errorCode: code === null ? null : Number(code),
    });
    expect(await newest(core), `${status} ${code}`).toEqual(left);
  }
});

test('a scheduled message is sent when its time comes, and the app hears of each step', async () => {
  const app = await anApp();
  const core = await startCore(['--deliver']);
  const client = clientOf(core);
  const { sid } = await client.messages.create({
    to,
    messagingServiceSid: 'MG0123456789abcdef0123456789abcdef',
    body: 'Your table is booked for tomorrow.',
    scheduleType: 'fixed',
    sendAt: new Date(Date.now() + 24 * 3_600_000),
    statusCallback: `${app.url}/status`,
  });
  const day = 24 * 3_600_000;
  await core.get('/v1/clock', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ advanceMs: day + 60_000 }),
  });
  const calls = await app.called(3);
  expect(calls.every(({ valid }) => valid)).toBe(true);
  expect(told(calls)).toEqual(['delivered', 'queued', 'sent']);
  expect(await client.messages(sid).fetch()).toMatchObject({ status: 'delivered' });
});

test('what is sent to a handset that is off waits at the carrier, and Twilio says sent', async () => {
  const core = await startCore();
  const client = clientOf(core);
  await core.get('/v1/rules', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      rules: [{ stage: 'farSide', when: { channel: 'sms' }, then: { do: 'offline', forMs: 3_600_000 } }],
    }),
  });
  const { sid } = await client.messages.create({ to, from, body: 'Hi' });
  expect(await client.messages(sid).fetch()).toMatchObject({ status: 'sent', errorCode: null });
  expect(await newest(core)).toEqual(['sent', 'held', null]);
  await expect(client.messages(sid).remove()).rejects.toMatchObject({ code: 20009 });
});

test('an app that knows nothing of the sandbox is led here by HTTP_PROXY and the local CA', async () => {
  const core = await startCore();
  const script = `
    const client = require('twilio')('${account}', '${token}');
    (async () => {
      const service = await client.messaging.v1.services.create({ friendlyName: 'Shop' });
      const { status } = await client.messages.create({ to: '${to}', from: '${from}', body: 'Hi' });
      console.log(JSON.stringify([service.friendlyName, status]));
    })();`;
  const { stdout } = await run(process.execPath, ['-e', script], {
    env: {
      HTTP_PROXY: `http://127.0.0.1:${core.port('proxy')}`,
      NODE_EXTRA_CA_CERTS: core.app.caFile,
    },
  });
  expect(JSON.parse(stdout)).toEqual(['Shop', 'queued']);
});
