/** Unmodified SDKs in a process of their own, led to our doors by the preload and by the proxy. */
import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { webPushRoutes } from '../../../core/channels/webpush/index.ts';
import { environmentOf } from '../../../core/connect/environment.ts';
import { writeRedirectKit } from '../../../core/connect/redirect-kit.ts';
import type { ProviderRequest, ProviderRoute } from '../../../core/doors/http/provider-request.ts';
import { findProgram, type Ran, run } from '../../run-program.ts';
import { temporaryFolder } from '../../start-core.ts';
import { farSideWith, makeBrowser } from '../channels/webpush/push-service.ts';
import { route, startDoors } from '../doors/http/doors.ts';
import { serviceAccount } from './service-account.ts';

const { privateKey: ecKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const apnsKey = ecKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const sendByApns2 = `
  const { ApnsClient, Notification } = require('apns2');
  const client = new ApnsClient({
    team: 'TEAM123456', keyId: 'KEY1234567', defaultTopic: 'com.example.shop',
    signingKey: ${JSON.stringify(apnsKey)},
  });
  client.send(new Notification('${'ab'.repeat(32)}', { alert: 'Hello' })).then(
    () => { console.log('sent'); process.exit(); },
    (error) => { console.log(error); process.exit(1); });`;

const sendByFirebase = `
  const { initializeApp, cert } = require('firebase-admin/app');
  const { getMessaging } = require('firebase-admin/messaging');
  const app = initializeApp({ credential: cert(${JSON.stringify(serviceAccount)}) });
  getMessaging(app).send({ token: 'token-1', notification: { title: 'Hello' } }).then(
    (name) => { console.log(name); process.exit(); },
    (error) => { console.log(error); process.exit(1); });`;

const browser = makeBrowser();
const sendByWebPush = (endpoint: string, proxy?: string): string => `
  const webpush = require('web-push');
  webpush.setVapidDetails('mailto:app@shop.example', ...Object.values(webpush.generateVAPIDKeys()));
  webpush.sendNotification(
    { endpoint: ${JSON.stringify(endpoint)}, keys: ${JSON.stringify(browser.keys)} }, 'Hello',
    ${JSON.stringify(proxy === undefined ? {} : { proxy })},
  ).then(
    ({ statusCode, headers }) => console.log(statusCode, headers.location),
    (error) => { console.log(error); process.exitCode = 1; });`;

const sendByFetch = `
  fetch('https://fcm.googleapis.com/v1/projects/shop/messages:send', { method: 'POST', body: '{}' }).then(
    async (answer) => console.log(await answer.json()),
    (error) => { console.log(error); process.exitCode = 1; });`;

describe('the preload for Node', () => {
  it('leads apns2 to the door of APNs', async () => {
    const { node, asked } = await sandbox();
    const { stdout, stderr, code } = await node(sendByApns2);
    expect([stdout.trim(), code], stderr).toEqual(['sent', 0]);
    expect(asked).toEqual([
      { door: 'apns', host: 'api.push.apple.com', path: `/3/device/${'ab'.repeat(32)}`, version: '2' },
    ]);
  });

  it('leads firebase-admin to Google’s, for its token and for its message', async () => {
    const { node, asked } = await sandbox();
    const { stdout, stderr, code } = await node(sendByFirebase);
    expect([stdout.trim(), code], stderr).toEqual(['projects/shop/messages/1', 0]);
    expect(asked.map(({ door, host, path }) => [door, host, path])).toEqual([
      ['tls', 'oauth2.googleapis.com', '/token'],
      ['tls', 'fcm.googleapis.com', '/v1/projects/shop/messages:send'],
    ]);
  });

  it.each([
    ['Mozilla', 'updates.push.services.mozilla.com', '/wpush/v2/'],
    ['Google', 'fcm.googleapis.com', '/fcm/send/'],
    ['Apple', 'web.push.apple.com', '/'],
    ['Microsoft', 'wns2-par02p.notify.windows.com', '/w/?token='],
  ])('leads web-push to the push service of %s', async (_, host, path) => {
    const { node, accepted } = await sandbox();
    const { stdout, stderr } = await node(sendByWebPush(`https://${host}${path}${browser.id}`));
    expect(stdout, stderr).toContain(`201 https://${host}/m/${accepted[0]?.id}`);
    expect(accepted[0]?.details?.push?.plain).toBe('Hello');
  });

  it('leads fetch there too', async () => {
    const { node } = await sandbox();
    const { stdout, stderr } = await node(sendByFetch);
    expect(stdout, stderr).toContain('projects/shop/messages/1');
  });

  it('is enough without NODE_EXTRA_CA_CERTS', async () => {
    const { node } = await sandbox();
    const { stdout, stderr } = await node(sendByFetch, { NODE_EXTRA_CA_CERTS: '' });
    expect(stdout, stderr).toContain('projects/shop/messages/1');
  });

  it('leaves other hosts alone', async () => {
    const { node } = await sandbox();
    const { stdout } = await node(`
      const net = require('net');
      const server = net.createServer((socket) => socket.end('untouched')).listen(0, '127.0.0.1', () => {
        net.connect(server.address().port, 'localhost').on('data', (data) => { console.log(String(data)); process.exit(); });
      });`);
    expect(stdout.trim()).toBe('untouched');
  });

  it('says what it does when asked, and what is wrong with its file', async () => {
    const { node, folder } = await sandbox();
    expect((await node(sendByFetch, { SANDPOST_REDIRECT_LOG: '1' })).stderr).toMatch(
      /sandpost: fcm\.googleapis\.com:443 → 127\.0\.0\.1:\d+/,
    );
    const broken = join(folder, 'broken.json');
    await writeFile(broken, '{');
    const { stdout, stderr } = await node("console.log('runs all the same')", { SANDPOST_REDIRECT: broken });
    expect(stdout.trim()).toBe('runs all the same');
    expect(stderr).toMatch(/sandpost-redirect: .*broken\.json cannot be read/);
  });

  it('takes what goes where from the environment', async () => {
    const { node, folder } = await sandbox();
    const { hosts } = JSON.parse(await readFile(join(folder, 'sandpost-redirect.json'), 'utf8'));
    const own = JSON.stringify({ hosts: { 'push.example:443': hosts['fcm.googleapis.com'] } });
    const { stdout } = await node(
      `require('net').connect(443, 'push.example').on('connect', function () { console.log('connected'); this.destroy(); });`,
      { SANDPOST_REDIRECT: own },
    );
    expect(stdout.trim()).toBe('connected');
  });
});

describe('the CONNECT proxy', () => {
  it('is read by Node’s own fetch and https', async () => {
    const { proxied } = await sandbox();
    const { stdout, stderr } = await proxied(sendByFetch);
    expect(stdout, stderr).toContain('projects/shop/messages/1');
  });

  it('is read by firebase-admin', async () => {
    const { proxied, asked } = await sandbox();
    const { stdout, stderr } = await proxied(sendByFirebase);
    expect(stdout.trim(), stderr).toBe('projects/shop/messages/1');
    expect(asked.map(({ host }) => host)).toContain('fcm.googleapis.com');
  });

  it('is taken by web-push as an option', async () => {
    const { proxied, accepted, proxy } = await sandbox();
    const endpoint = `https://updates.push.services.mozilla.com/wpush/v2/${browser.id}`;
    const { stdout, stderr } = await proxied(sendByWebPush(endpoint, proxy));
    expect(stdout, stderr).toMatch(/^201 /);
    expect(accepted).toHaveLength(1);
  });

  it.skipIf(findProgram('python3') === null)('is read by Python, with the bundle as its roots', async () => {
    const { python } = await sandbox();
    const { stdout, stderr } = await python(`
import urllib.request
print(urllib.request.urlopen('https://fcm.googleapis.com/v1/projects/shop/messages:send', b'{}').read().decode())`);
    expect(stdout, stderr).toContain('projects/shop/messages/1');
  });

  it.skipIf(findProgram('curl') === null)(
    'is read by curl, and refuses it whoever is no provider',
    async () => {
      const { curl } = await sandbox();
      const url = 'https://fcm.googleapis.com/v1/projects/shop/messages:send';
      expect((await curl(['-sS', '-d', '{}', url])).stdout).toContain('projects/shop/messages/1');
      const { code, stderr } = await curl(['-sS', 'https://bank.example/']);
      expect([code, stderr]).toEqual([56, expect.stringContaining('403')]);
    },
  );
});

interface Asked {
  readonly door: string;
  readonly host: string;
  readonly path: string;
  readonly version: string;
}

async function sandbox() {
  const folder = await temporaryFolder();
  const asked: Asked[] = [];
  const farSide = farSideWith([browser]);
  const answers = (body: (request: ProviderRequest) => unknown) => (request: ProviderRequest) => {
    const { door, host, path, httpVersion } = request;
    asked.push({ door, host, path, version: httpVersion });
    const text = JSON.stringify(body(request));
    return {
      reply: { status: 200, fields: [['content-type', 'application/json'] as const], body: text },
      refused: null,
    };
  };
  const routes: readonly ProviderRoute[] = [
    ...webPushRoutes(farSide.ports),
    route({ handle: answers(() => ({ name: 'projects/shop/messages/1' })) }),
    route({
      key: 'google',
      prefix: '/google',
      hosts: ['oauth2.googleapis.com'],
      handle: answers(() => ({ access_token: 'token', expires_in: 3599, token_type: 'Bearer' })),
    }),
  ];
  const apns = route({
    key: 'apns',
    prefix: '/apns',
    hosts: ['api.push.apple.com', 'api.sandbox.push.apple.com'],
    handle: answers(() => ({})),
  });
  const doors = await startDoors({ routes, apns: [apns] });
  onTestFinished(() => doors.close());
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, doors.ca);
  const ports = { ...doors.ports };
  const facts = { host: '127.0.0.1', ports, url: 'http://127.0.0.1:1', caFile, current: {} };
  await writeRedirectKit(facts, {
    preloadSource: new URL('../../../bin/sandpost-redirect.cjs', import.meta.url),
    systemRoots: () => Promise.resolve(''),
  });
  const inNode =
    (way: 'node' | 'proxy') =>
    (code: string, other: Readonly<Record<string, string>> = {}): Promise<Ran> =>
      run(process.execPath, ['-e', code], { env: { ...environmentOf(facts, way), ...other } });
  return {
    asked,
    accepted: farSide.accepted,
    folder,
    proxy: `http://127.0.0.1:${doors.ports.proxy}`,
    node: inNode('node'),
    proxied: inNode('proxy'),
    python: (code: string) => run('python3', ['-c', code], { env: environmentOf(facts, 'proxy') }),
    curl: (args: readonly string[]) => run('curl', args, { env: environmentOf(facts, 'proxy') }),
  };
}
