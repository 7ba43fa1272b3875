/** What can be set about the doors of the push providers: in a whole core, live, by the clients that feel it. */
import { generateKeyPairSync } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import http2 from 'node:http2';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MadeApnsKey, ServiceAccountFile, ShownPushSettings } from '../../../core/api/push-schema.ts';
import type { List, Message, MessageDetail, ProblemDocument } from '../../../core/api/schema.ts';
import { environmentOf } from '../../../core/connect/environment.ts';
import { writeRedirectKit } from '../../../core/connect/redirect-kit.ts';
import { run } from '../../run-program.ts';
import { openCore, startCore, type TestCore, temporaryFolder } from '../../start-core.ts';
import { jwt, kid, privateKey, publicKey, teamId, token } from '../channels/apns/apns-world.ts';
import { type Answer, eventually, post2, request2 } from '../doors/http/clients.ts';
import { rawPlain } from '../doors/http/frames.ts';

const say = (method: string, body: unknown = undefined): RequestInit => ({
  method,
  ...(body === undefined
    ? {}
    : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
});

const settings = (core: TestCore): Promise<ShownPushSettings> => core.json('/v1/push/settings');

async function set(core: TestCore, change: unknown): Promise<ShownPushSettings> {
  const response = await core.get('/v1/push/settings', say('PUT', change));
  const text = await response.text();
  expect([response.status, response.status === 200 ? '' : text]).toEqual([200, '']);
  return JSON.parse(text);
}

async function refused(core: TestCore, path: string, init: RequestInit) {
  const response = await core.get(path, init);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem: ProblemDocument = await response.json();
  return [response.status, problem.code, problem.errors.map((one) => one.field), problem.detail] as const;
}

const otherPair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsaPair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = {
  spki: { type: 'spki', format: 'pem' },
  pkcs8: { type: 'pkcs8', format: 'pem' },
} as const;

const apnsHeaders = (bearer: string) => ({
  ':path': `/3/device/${token}`,
  authorization: `bearer ${bearer}`,
  'apns-topic': 'com.example.shop',
  'apns-push-type': 'alert',
});
const apnsBody = '{"aps":{"alert":"Hello"}}';

async function pushToApns(core: TestCore, bearer: string): Promise<Answer> {
  return await post2(`https://localhost:${core.port('apns')}`, apnsHeaders(bearer), apnsBody, {
    ca: await core.ca(),
  });
}

async function newestPush(core: TestCore) {
  const { entries } = await core.json<List<Message>>('/v1/messages');
  const { push } = await core.json<MessageDetail>(`/v1/messages/${entries[0]?.id}`);
  return push?.details;
}

async function pushToFcm(
  core: TestCore,
  bearer: string,
  message: object,
): Promise<{ readonly status: number; readonly retryAfter: string | null; readonly text: string }> {
  const answer = await fetch(
    `http://127.0.0.1:${core.port('providers')}/fcm/v1/projects/shop/messages:send`,
    {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: JSON.stringify({ message }),
    },
  );
  return {
    status: answer.status,
    retryAfter: answer.headers.get('retry-after'),
    text: await answer.text(),
  };
}

/** Runs a script that prints one JSON value in a process of its own, which the preload leads here. */
async function script(core: TestCore, code: string): Promise<unknown> {
  const facts = {
    host: '127.0.0.1',
    ports: core.app.ports,
    url: core.app.url,
    caFile: core.app.caFile,
    current: {},
  };
  await writeRedirectKit(facts, {
    preloadSource: new URL('../../../bin/sandpost-redirect.cjs', import.meta.url),
    systemRoots: () => Promise.resolve(''),
  });
  const { stdout, stderr } = await run(process.execPath, ['-e', code], { env: environmentOf(facts, 'node') });
  try {
    return JSON.parse(stdout) as unknown;
  } catch (error) {
    throw new Error(`the script printed no JSON: ${stdout}\n${stderr}`, { cause: error });
  }
}

describe('the settings', () => {
  it('let everything in at first, and tell what the sandbox itself pushes with, but no secret', async () => {
    const core = await startCore();
    const response = await core.get('/v1/push/settings');
    const text = await response.text();
    expect(text).not.toMatch(/PRIVATE|privateKey/);
    const shown: ShownPushSettings = JSON.parse(text);
    expect(shown).toMatchObject({
      apns: { strict: false, keys: [], perDevicePerSecond: 0 },
      fcm: { strict: false, serviceAccounts: [], deviceRates: false },
      proxy: { otherHosts: 'refuse' },
      own: {
        apns: { kid: expect.stringMatching(/^\w{10}$/), teamId: expect.stringMatching(/^\w{10}$/) },
        fcm: { clientEmail: 'sandbox@sandpost.iam.gserviceaccount.com', projectId: 'sandpost' },
        vapid: { publicKey: expect.stringMatching(/^[\w-]{87}$/) },
      },
    });
    expect(await settings(core)).toEqual(shown);
    const openapi = await core.json<{ paths: object; components: { schemas: object } }>('/v1/openapi.json');
    expect(Object.keys(openapi.paths)).toContain('/v1/push/settings');
    expect(Object.keys(openapi.components.schemas)).toEqual(
      expect.arrayContaining(['ApnsSettings', 'FcmSettings', 'ProxySettings']),
    );
  });

  it('change one member alone, take what GET gave, and are there after a restart', async () => {
    const folder = await temporaryFolder();
    const core = await openCore(folder);
    await set(core, { apns: { keys: [{ kid, teamId, publicKey }] }, fcm: { projects: [{ id: 'shop' }] } });
    const changed = await set(core, { apns: { strict: true }, proxy: { otherHosts: 'tunnel' } });
    expect(changed).toMatchObject({
      apns: { strict: true, keys: [{ kid, teamId, publicKey }] },
      fcm: { projects: [{ id: 'shop', number: null, apps: [] }] },
      proxy: { otherHosts: 'tunnel' },
    });
    expect(await set(core, changed)).toEqual(changed);
    await core.close();
    const again = await openCore(folder);
    onTestFinished(() => again.close());
    expect(await settings(again)).toEqual(changed);
    await again.close();
    const told = await openCore(folder, ['--proxy-allow', 'API.example.com']);
    onTestFinished(() => told.close());
    expect((await settings(told)).proxy).toEqual({ otherHosts: { list: ['api.example.com'] } });
  });

  it('name the field that is wrong, and nothing is changed then', async () => {
    const core = await startCore();
    const before = await settings(core);
    const key = { kid, teamId, publicKey };
    const put = async (change: unknown) =>
      (await refused(core, '/v1/push/settings', say('PUT', change))).slice(0, 3);
    expect(await put({ apns: { strict: 'yes' } })).toEqual([400, 'bad_request', ['apns.strict']]);
    expect(await put({ apns: { strikt: true } })).toEqual([400, 'bad_request', ['apns']]);
    expect(await put({ mail: {} })).toEqual([400, 'bad_request', ['']]);
    expect(await put({ apns: { keys: [key, { ...key, kid: 'short' }] } })).toEqual([
      400,
      'bad_request',
      ['apns.keys.1.kid'],
    ]);
    expect(await put({ apns: { keys: [key, key] } })).toEqual([400, 'bad_request', ['apns.keys.1.kid']]);
    expect(
      await put({
        apns: { strict: true, keys: [{ ...key, publicKey: rsaPair.publicKey.export(pem.spki) }] },
      }),
    ).toEqual([400, 'bad_request', ['apns.keys.0.publicKey']]);
    expect(
      await put({ fcm: { serviceAccounts: [{ clientEmail: 'a@b.example', publicKey: 'no PEM' }] } }),
    ).toEqual([400, 'bad_request', ['fcm.serviceAccounts.0.publicKey']]);
    expect(await put({ proxy: { otherHosts: { list: ['fine.example', 'https://x.example/'] } } })).toEqual([
      400,
      'bad_request',
      ['proxy.otherHosts.list.1'],
    ]);
    expect(await refused(core, '/v1/push/settings', say('PUT', { proxy: { otherHosts: 'all' } }))).toEqual([
      400,
      'bad_request',
      ['proxy.otherHosts'],
      'proxy.otherHosts: "refuse", "tunnel" or {"list": ["api.example.com", …]} is expected',
    ]);
    expect(await settings(core)).toEqual(before);
    await expect(openCore(await temporaryFolder(), ['--proxy-allow', 'not a host'])).rejects.toThrow(
      '--proxy-allow: a host, a host:port, or *.domain is expected',
    );
  });

  it('keep the public half of a private key, and nothing else of it', async () => {
    const core = await startCore();
    const account = rsaPair.privateKey.export(pem.pkcs8).toString();
    const changed = await set(core, {
      apns: { keys: [{ kid, teamId, publicKey: privateKey }] },
      fcm: { serviceAccounts: [{ clientEmail: 'app@shop.iam.gserviceaccount.com', publicKey: account }] },
    });
    expect(changed.apns.keys).toEqual([{ kid, teamId, publicKey }]);
    expect(changed.fcm.serviceAccounts).toEqual([
      {
        clientEmail: 'app@shop.iam.gserviceaccount.com',
        projectId: null,
        publicKey: rsaPair.publicKey.export(pem.spki),
      },
    ]);
    const made: MadeApnsKey = await core.json('/v1/push/apns-key', say('POST'));
    await core.close();
    const files = (await readdir(core.dataDir)).filter((name) => name.includes('.db'));
    const kept = Buffer.concat(await Promise.all(files.map((name) => readFile(join(core.dataDir, name)))));
    expect(kept.includes('PUBLIC KEY')).toBe(true);
    expect(kept.includes('PRIVATE KEY')).toBe(false);
    for (const secret of [privateKey, account, made.privateKey])
      expect(kept.includes(secret.split('\n')[1] ?? 'no PEM')).toBe(false);
  });
});

describe('APNs', () => {
  it('checks a signature from when its key is known on', async () => {
    const core = await startCore();
    const good = jwt({}, Date.now());
    expect((await pushToApns(core, good)).status).toBe(200);
    expect((await newestPush(core))?.credentials).toMatchObject({ signature: 'unknownKey' });

    await set(core, { apns: { keys: [{ kid, teamId, publicKey }] } });
    expect((await pushToApns(core, good)).status).toBe(200);
    expect((await newestPush(core))?.credentials).toMatchObject({
      signature: 'valid',
      checks: expect.arrayContaining([
        { check: 'signature', result: 'pass', detail: `made with the key ${kid}` },
      ]),
    });
    const forged = jwt({ key: otherPair.privateKey }, Date.now());
    expect(await pushToApns(core, forged)).toMatchObject({
      status: 403,
      body: '{"reason":"InvalidProviderToken"}',
    });
  });

  it('when strict refuses a key that it does not know, on a connection that is open already too', async () => {
    const core = await startCore();
    const session = http2.connect(`https://localhost:${core.port('apns')}`, { ca: await core.ca() });
    onTestFinished(() => session.close());
    const bearer = jwt({}, Date.now());
    const push = () => request2(session, apnsHeaders(bearer), apnsBody);
    expect((await push()).status).toBe(200);
    await set(core, { apns: { strict: true } });
    expect(await push()).toMatchObject({ status: 403, body: '{"reason":"InvalidProviderToken"}' });
    await set(core, { apns: { keys: [{ kid, teamId, publicKey }] } });
    expect((await push()).status).toBe(200);
  });

  it('says when it is too much for one device, once the limit is on', async () => {
    const core = await startCore();
    await set(core, { apns: { perDevicePerSecond: 1 } });
    const session = http2.connect(`https://localhost:${core.port('apns')}`, { ca: await core.ca() });
    onTestFinished(() => session.close());
    const bearer = jwt({}, Date.now());
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => request2(session, apnsHeaders(bearer), apnsBody)),
    );
    expect(answers).toContainEqual(
      expect.objectContaining({ status: 429, body: '{"reason":"TooManyRequests"}' }),
    );
  });

  it('knows a key that was made here', async () => {
    const core = await startCore();
    const response = await core.get(
      '/v1/push/apns-key',
      say('POST', { kid: 'ABCDE12345', topics: ['com.example.shop'] }),
    );
    expect(response.status).toBe(201);
    const made: MadeApnsKey = await response.json();
    const { apns, own } = await settings(core);
    expect(made).toMatchObject({
      kid: 'ABCDE12345',
      teamId: own.apns.teamId,
      fileName: 'AuthKey_ABCDE12345.p8',
      privateKey: expect.stringMatching(/^-----BEGIN PRIVATE KEY-----\n/),
    });
    expect(apns.keys).toEqual([
      { kid: made.kid, teamId: made.teamId, publicKey: made.publicKey, topics: ['com.example.shop'] },
    ]);
    expect(await refused(core, '/v1/push/apns-key', say('POST', { kid: 'ABCDE12345' }))).toEqual([
      409,
      'not_possible',
      [],
      'There is a key ABCDE12345 already; give another id, or none.',
    ]);

    await set(core, { apns: { strict: true } });
    const pushed = await script(
      core,
      `const apn = require('@parse/node-apn');
       const provider = new apn.Provider({
         token: { key: ${JSON.stringify(made.privateKey)}, keyId: '${made.kid}', teamId: '${made.teamId}' },
         production: true,
       });
       const note = new apn.Notification({ alert: 'Hi', topic: 'com.example.shop' });
       provider.send(note, '${token}').then(({ sent, failed }) => {
         console.log(JSON.stringify({ sent: sent.length, failed }));
         process.exit();
       });`,
    );
    expect(pushed).toEqual({ sent: 1, failed: [] });
    expect((await newestPush(core))?.credentials).toMatchObject({ signature: 'valid' });
  });
});

describe('FCM', () => {
  it('when strict takes the accounts that it knows, and no other', async () => {
    const core = await startCore();
    const message = { token: 'jane', notification: { title: 'Sale' } };
    expect((await pushToFcm(core, 'any', message)).status).toBe(200);
    await set(core, { fcm: { strict: true } });
    expect((await pushToFcm(core, 'any', message)).status).toBe(401);

    const response = await core.get('/v1/push/service-account', say('POST', { projectId: 'shop' }));
    expect(response.status).toBe(201);
    const account: ServiceAccountFile = await response.json();
    expect(account).toMatchObject({
      type: 'service_account',
      project_id: 'shop',
      client_email: expect.stringMatching(/^firebase-adminsdk-\w{5}@shop\.iam\.gserviceaccount\.com$/),
      token_uri: `http://127.0.0.1:${core.port('providers')}/google/token`,
    });
    const print = 'then((value) => { console.log(JSON.stringify(value)); process.exit(); });';
    const bearer = await script(
      core,
      `const { GoogleAuth } = require('google-auth-library');
       new GoogleAuth({
         credentials: ${JSON.stringify(account)},
         scopes: ['https://www.googleapis.com/auth/firebase.messaging'],
       }).getAccessToken().catch(String).${print}`,
    );
    expect((await pushToFcm(core, String(bearer), message)).status).toBe(200);
    expect((await newestPush(core))?.credentials).toMatchObject({
      signature: 'valid',
      claims: { email: account.client_email },
    });
    const admin = (file: object): string => `
      const { initializeApp, cert } = require('firebase-admin/app');
      const { getMessaging } = require('firebase-admin/messaging');
      getMessaging(initializeApp({ credential: cert(${JSON.stringify(file)}) }))
        .send(${JSON.stringify(message)}).catch((error) => ({ code: error.code })).${print}`;
    expect(await script(core, admin(account))).toMatch(/^projects\/shop\/messages\//);
    const stranger = { ...account, client_email: 'other@shop.iam.gserviceaccount.com' };
    expect(await script(core, admin(stranger))).toMatchObject({ code: 'app/invalid-credential' });
  });

  it('says when it is too much for one device, once the limit is on', async () => {
    const core = await startCore();
    await set(core, { fcm: { collapsibleRate: true } });
    const sale = { token: 'jane', notification: { title: 'Sale' }, android: { collapse_key: 'sale' } };
    const statuses: number[] = [];
    for (let at = 0; at < 20; at++) statuses.push((await pushToFcm(core, 'any', sale)).status);
    expect(statuses).toEqual(Array(20).fill(200));
    const over = await pushToFcm(core, 'any', sale);
    expect([over.status, Number(over.retryAfter) > 0]).toEqual([429, true]);
    expect(over.text).toContain('QUOTA_EXCEEDED');
    await set(core, { fcm: { collapsibleRate: false } });
    expect((await pushToFcm(core, 'any', sale)).status).toBe(200);
  });

  it('makes no account while its token endpoint is closed', async () => {
    const core = await startCore(['--providers-port', 'off', '--tls-port', 'off']);
    expect(await refused(core, '/v1/push/service-account', say('POST'))).toEqual([
      409,
      'not_possible',
      [],
      expect.stringContaining('open the door providers or tls'),
    ]);
  });
});

describe('the proxy', () => {
  it('leads elsewhere from when it is told to on', async () => {
    const core = await startCore();
    const far = createServer((socket) => socket.on('error', () => undefined).end('from elsewhere'));
    await new Promise<void>((resolve) => far.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void far.close());
    const address = far.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const ask = async (): Promise<string> => {
      const client = await rawPlain(core.port('proxy'));
      onTestFinished(() => void client.socket.destroy());
      client.socket.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
      await eventually(() => client.said().toString()).toContain('\r\n\r\n');
      return client.said().toString().slice(0, 12);
    };
    expect(await ask()).toBe('HTTP/1.1 403');
    await set(core, { proxy: { otherHosts: 'tunnel' } });
    expect(await ask()).toBe('HTTP/1.1 200');
    await set(core, { proxy: { otherHosts: { list: ['*.example.com'] } } });
    expect(await ask()).toBe('HTTP/1.1 403');
    await set(core, { proxy: { otherHosts: { list: [`127.0.0.1:${port}`] } } });
    expect(await ask()).toBe('HTTP/1.1 200');
  });
});

describe('what the sandbox itself pushes with', () => {
  it('is known to its own doors, however strict they are', async () => {
    const core = await startCore(['--deliver']);
    await set(core, { apns: { strict: true }, fcm: { strict: true } });
    for (const provider of ['apns', 'fcm'] as const) {
      const answer = await core.get(
        '/v1/messages',
        say('POST', {
          channel: 'push',
          to: { token: provider === 'apns' ? token : 'jane', provider, app: 'com.example.shop' },
          title: 'Hello',
        }),
      );
      expect([answer.status, await answer.text()]).toEqual([202, expect.any(String)]);
    }
    await core.app.settled();
    const { entries } = await core.json<List<Message>>('/v1/messages');
    expect(entries.map((one) => one.deliveries.map(({ status }) => status))).toEqual([
      ['delivered'],
      ['delivered'],
    ]);
  });
});
