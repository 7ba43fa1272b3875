/**
 * What nothing-leaves.test.ts runs where there is no network but loopback, under strace: every door of a core is used, every
 * field that takes an address is given one outside, and what came of it is looked at in a browser. Prints what was done, as
 * JSON. Around it the hosts file leads names outside, and the system's resolver is outside too.
 */
import { spawn } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';
import type { ReadyLine } from '../../core/serve.ts';
import { appWindowArguments } from '../../scripts/launch/app-window.mjs';
import type { ChannelDoor } from '../contract/channel-door.ts';
import type { Reached } from '../contract/reached.ts';
import { apnsDoors } from '../core/channels/door-clients/apns.ts';
import { httpDoors } from '../core/channels/door-clients/http.ts';
import { smppDoor } from '../core/channels/door-clients/smpp.ts';
import { smtpDoors } from '../core/channels/door-clients/smtp.ts';
import { webPushDoor } from '../core/channels/door-clients/web-push.ts';
import { type Api, plainRequests, reportTo, twilioBasic, twilioPath } from '../core/sms/plain-requests.ts';
import { openSmtp } from '../smtp-client.ts';
import {
  loopbackAddresses,
  outsideAddresses,
  outsideHosts,
  type Visited,
} from './nothing-leaves-addresses.ts';

const [bin = '', dataDir = '', browserPath = ''] = process.argv.slice(2);
/** Whoever has a proxy in their environment means other programs; it must not become a way out either. */
const outsideProxy = { HTTP_PROXY: 'http://203.0.113.60:3128', HTTPS_PROXY: 'http://203.0.113.60:3128' };
const settledMsMax = 60_000;
const lookAgainMs = 50;

const core = spawn(process.execPath, [bin, 'serve', '--data', dataDir, '--ports', '0', '--json'], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, ...outsideProxy, NODE_USE_ENV_PROXY: '1' },
});
const answers: Record<string, number> = {};
const told = new Set<string>();

for await (const line of createInterface({ input: core.stdout })) {
  const ready: ReadyLine = JSON.parse(line);
  const reached: Reached = { url: ready.url, port: (door) => ready.ports[door] ?? 0 };
  const app = await openApp();
  say('useEveryDoor');
  const refusedByDoors = await useEveryDoor(reached);
  say('webhooksTo');
  const { kept, refused } = await webhooksTo(reached, app);
  say('callbacksTo');
  await callbacksTo(reached, app);
  say('mailTo');
  await mailTo(reached, app);
  say('templatesOf');
  await templatesOf(reached);
  say('tunnelsTo');
  const tunnels = await tunnelsTo(reached);
  say('askDns');
  await askDns(reached);
  say('askMetadata');
  await askMetadata(reached);
  await settled(reached);
  say('actAsRecipients');
  await actAsRecipients(reached);
  await settled(reached);
  say('look');
  const shown = await look(reached, await idsOf(reached));
  await settled(reached);
  say('tryToLeave');
  await tryToLeave();
  const visited: Visited = {
    refusedByDoors,
    webhooks: { kept, refused },
    tunnels,
    appPort: app.port,
    told: [...told],
    answers,
    shown,
  };
  process.stdout.write(`${JSON.stringify(visited)}\n`);
  app.close();
  core.kill('SIGTERM');
}
await once(core, 'exit').catch(() => undefined);

/** What is under way, for whoever looks why it stops there. */
function say(step: string): void {
  process.stderr.write(`${Math.round(process.uptime())} s: ${step}\n`);
}

/** The app that the core is to call: on loopback, and it sends whoever calls it outside. */
async function openApp() {
  const server = createServer((request, response) => {
    told.add((request.url ?? '').replace(/\?.*/, ''));
    request.resume();
    const status = request.url?.startsWith('/307') ? 307 : 302;
    response.writeHead(status, { location: 'http://203.0.113.20/redirected' }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the app has no port');
  const { port } = address;
  return { port, url: (path: string) => `http://localhost:${port}${path}`, close: () => server.close() };
}
type App = Awaited<ReturnType<typeof openApp>>;

/** @returns what was refused, which is to be nothing */
async function useEveryDoor(reached: Reached): Promise<string[]> {
  const doors: readonly ChannelDoor[] = [...smtpDoors, ...httpDoors, ...apnsDoors, webPushDoor, smppDoor];
  const refused: string[] = [];
  for (const one of doors) {
    await one.ready?.(reached);
    const sent = await one.send(reached, 'Nothing leaves');
    if (!sent.yes) refused.push(`${one.name}: ${sent.words}`);
  }
  return refused;
}

async function webhooksTo(reached: Reached, app: App) {
  const kept: string[] = [];
  const refused: string[] = [];
  for (const url of [...outsideAddresses, ...loopbackAddresses, app.url('/302'), app.url('/307')]) {
    const { status, body } = await ask(reached, 'POST', '/v1/webhooks', { url, events: ['accepted'] });
    (status === 201 ? kept : refused).push(url);
    if (status === 201) await ask(reached, 'POST', `/v1/webhooks/${idOf(body)}/test`, {});
  }
  return { kept, refused };
}

/** Where providers are to report to, and where what users answer goes. */
async function callbacksTo(reached: Reached, app: App): Promise<void> {
  const plain = await plainRequests(reached.port);
  const apis = ['twilio', 'vonage', 'vonageMessages', 'messagebird', 'sinch', 'infobip', 'telnyx'] as const;
  for (const api of apis)
    for (const [at, url] of [...outsideAddresses, app.url(`/302/${api}`)].entries()) {
      const said = plain.send(api satisfies Api, `+4479111${String(20_000 + at)}`, reportTo[api](url));
      // Some of these are no addresses at all to the provider, which says so.
      await said.catch((error: unknown) => count(`refused by ${api}: ${String(error).slice(0, 60)}`));
    }
  await plain.send('smpp', '+447911120000');
  const answering = '+447911129999';
  await plain.send('twilio', answering);
  const media = new URLSearchParams({ To: '+14155550123', From: '+14155550100', Body: 'Picture' });
  for (const url of outsideAddresses.slice(0, 10)) media.append('MediaUrl', url);
  await plain.post(`${twilioPath}.json`, twilioBasic, media).catch(() => count('media refused'));
  for (const url of [...outsideAddresses, app.url('/302/inbound')]) {
    const change = { inboundUrl: url, statusUrl: url };
    await ask(reached, 'PUT', '/v1/sms/senders/twilio/%2B447700900001', change);
    const reply = { to: '+447700900001', text: 'Yes please' };
    await ask(reached, 'POST', `/v1/handsets/${encodeURIComponent(answering)}/replies`, reply);
  }
  plain.close();
  const notification = { title: 'Picture', image: 'http://203.0.113.21/push.png' };
  const link = 'https://203.0.113.22/tapped';
  const webpush = {
    notification: { icon: notification.image, badge: notification.image },
    fcm_options: { link },
  };
  const push = JSON.stringify({ message: { token: 'jane-2', notification, webpush } });
  await fetch(`http://127.0.0.1:${reached.port('providers')}/fcm/v1/projects/shop/messages:send`, {
    method: 'POST',
    headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
    body: push,
  });
  const { title, image } = notification;
  await ask(reached, 'POST', '/v1/messages', { channel: 'inapp', to: ['ann'], title, image, link });
  await ask(reached, 'POST', '/v1/messages', {
    channel: 'email',
    from: 'news@shop.example',
    to: ['jane@gmail.com'],
    subject: 'Tracked',
    html: pageOf(app),
    trackOpens: true,
    trackClicks: true,
  });
}

/** Mail that is full of addresses, to everywhere; domains whose records and routes lead outside. */
async function mailTo(reached: Reached, app: App): Promise<void> {
  const far = 'far.shop.example';
  await ask(reached, 'POST', '/v1/domains', { name: 'shop.example' });
  const records = [
    { name: far, ttlS: 60, type: 'A', address: '203.0.113.31' },
    { name: far, ttlS: 60, type: 'MX', preference: 1, exchange: 'outside.example' },
  ];
  await ask(reached, 'PUT', `/v1/dns/records/${far}`, { records });
  const client = await openSmtp(reached.port('smtp'));
  await client.reply();
  await client.say('EHLO client.example');
  const to = [
    'jane@gmail.com',
    'jane@outside.example',
    `jane@${far}`,
    'jane@[203.0.113.30]',
    'jane@yahoo.com',
  ];
  const send = async (recipients: readonly string[], unsubscribe: string): Promise<void> => {
    count(
      `SMTP ${(await client.deliver('news@shop.example', recipients, letter(app, unsubscribe))).slice(0, 3)}`,
    );
    await client.say('RSET');
  };
  for (const url of [...outsideAddresses, app.url('/307/unsubscribe')]) await send(['jane@gmail.com'], url);
  for (const one of to) await send([one], 'http://203.0.113.23/leave');
  for (const host of outsideHosts) {
    const change = { inbound: { kind: 'smtp', host, port: 25 } };
    await ask(reached, 'PATCH', '/v1/domains/shop.example', change);
    await send(['in@shop.example'], app.url('/302'));
    await settled(reached);
  }
  for (const url of [...outsideAddresses, app.url('/302/route')]) {
    await ask(reached, 'PATCH', '/v1/domains/shop.example', { inbound: { kind: 'webhook', url } });
    await send(['in@shop.example'], app.url('/302'));
    await settled(reached);
  }
  await client.quit();
}

function pageOf(app: App): string {
  const links = [...outsideAddresses, app.url('/302/link')].map(
    (url) => `<a href="${url}">link</a><img src="${url}"><iframe src="${url}"></iframe>`,
  );
  return `<html><head><link rel="stylesheet" href="http://203.0.113.24/style.css">
<link rel="dns-prefetch" href="//outside.example"><link rel="preconnect" href="https://203.0.113.25">
<style>@import url(http://203.0.113.26/import.css); body { background: url(//outside.example/b.png) }</style>
<meta http-equiv="refresh" content="0; url=http://203.0.113.27/refresh"></head><body><p>Nothing leaves</p>
${links.join('\n')}<form action="http://203.0.113.28/"><button>go</button></form>
<script>fetch('http://203.0.113.29/'); location = 'http://203.0.113.29/'</script></body></html>`;
}

function letter(app: App, unsubscribe: string): string {
  return [
    'From: News <news@shop.example>',
    'To: jane@gmail.com',
    'Subject: Nothing leaves',
    'Message-ID: <nothing-leaves@shop.example>',
    'Date: Mon, 23 Nov 2026 04:00:00 +0000',
    `List-Unsubscribe: <${unsubscribe}>`,
    'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    'DKIM-Signature: v=1; a=rsa-sha256; d=outside.example; s=key; h=From; bh=x; b=y',
    'Disposition-Notification-To: receipt@outside.example',
    'MIME-Version: 1.0',
    'Content-Type: text/html; charset=utf-8',
    '',
    pageOf(app).replaceAll('\n', '\r\n'),
    '',
  ].join('\r\n');
}

async function templatesOf(reached: Reached): Promise<void> {
  const image = 'http://203.0.113.33/template.png';
  const mjml = (inHead: string): string =>
    `<mjml><mj-head>${inHead}<mj-font name="x" href="http://203.0.113.35/f.css"/></mj-head><mj-body><mj-section><mj-column><mj-image src="${image}"/><mj-text font-family="x">Hello</mj-text></mj-column></mj-section></mj-body></mjml>`;
  for (const [id, inHead] of [
    ['outside', ''],
    ['including', '<mj-include path="http://203.0.113.34/x.mjml"/>'],
  ] as const) {
    const email = { subject: 'Hello', format: 'mjml', body: mjml(inHead) };
    const content = { email, push: { body: 'Hello', image } };
    await ask(reached, 'POST', '/v1/templates', { id, name: id, content });
    await ask(reached, 'POST', `/v1/templates/${id}/check`, {});
    await ask(reached, 'POST', `/v1/templates/${id}/preview`, {});
    await ask(reached, 'GET', `/v1/templates/${id}/preview.html`);
  }
}

/** @returns the first line of what the proxy answers to each */
async function tunnelsTo(reached: Reached): Promise<string[]> {
  const lines: string[] = [];
  for (const target of [...outsideHosts.map((host) => `CONNECT ${host}:443`), 'GET http://203.0.113.36/']) {
    const socket = connect({ host: '127.0.0.1', port: reached.port('proxy') });
    socket.write(`${target} HTTP/1.1\r\nHost: outside.example\r\nConnection: close\r\n\r\n`);
    let said = '';
    for await (const chunk of socket) said += String(chunk);
    lines.push(said.split('\r\n')[0] ?? '');
  }
  return lines;
}

async function askDns(reached: Reached): Promise<void> {
  const resolver = new Resolver({ timeout: 5_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${reached.port('dns')}`]);
  for (const name of ['outside.example', 'example.com', 'gmail.com', 'provider.test', 'api.twilio.com'])
    for (const type of ['A', 'AAAA', 'MX', 'TXT', 'CNAME', 'NS'] as const)
      await resolver.resolve(name, type).catch((error: unknown) => count(`DNS ${codeOf(error)}`));
  await resolver.reverse('203.0.113.1').catch((error: unknown) => count(`DNS ${codeOf(error)}`));
}

async function askMetadata(reached: Reached): Promise<void> {
  const base = `http://127.0.0.1:${reached.port('metadata')}/computeMetadata/v1`;
  for (const path of ['/', '/instance/service-accounts/default/token', '/project/project-id'])
    await fetch(`${base}${path}`, { headers: { 'metadata-flavor': 'Google' } });
}

/** Opened, clicked and left by the simulated owner, with pictures wanted. */
async function actAsRecipients(reached: Reached): Promise<void> {
  for (const address of ['jane@gmail.com', 'jane@yahoo.com']) {
    const box = `/v1/mailboxes/${address}/messages`;
    const { body } = await ask(reached, 'GET', `${box}?limit=100`);
    for (const [at, copy] of entriesOf(body).entries()) {
      await ask(reached, 'POST', `${box}/${copy.id}/unsubscribe`, {});
      // The letters differ in whom they are left by, and in nothing else.
      if (at > 1) continue;
      await ask(reached, 'POST', `${box}/${copy.id}/open`, { showPictures: true });
      for (const url of outsideAddresses) await ask(reached, 'POST', `${box}/${copy.id}/click`, { url });
      await ask(reached, 'POST', `${box}/${copy.id}/reply`, { text: 'Hello' });
      await ask(reached, 'POST', `${box}/${copy.id}/report-spam`, {});
    }
  }
}

/** @returns how many messages were shown whole */
async function look(reached: Reached, ids: readonly string[]): Promise<number> {
  if (browserPath === '') return 0;
  const { url } = reached;
  // What the app window starts its browser with, but for the window and the profile, which are the driver's.
  const args = appWindowArguments({ url, profile: dataDir, asRoot: true, more: ['--disable-quic'] });
  const quiet = args.filter((flag) => !/^--(?:app|user-data-dir|window-size)=/.test(flag));
  const browser = await chromium.launch({ executablePath: browserPath, args: quiet, timeout: 60_000 });
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  let shown = 0;
  for (const id of ids) {
    await page.goto(`${url}/messages/${id}`);
    await page.getByRole('article').first().waitFor();
    shown += 1;
  }
  // What stands in the frame of a message can be clicked, and leads nowhere.
  const [letter] = entriesOf((await ask(reached, 'GET', '/v1/messages?q=to:jane@yahoo.com')).body);
  await page.goto(`${url}/messages/${letter?.id}`);
  const frame = page.frameLocator('iframe').first();
  await frame.getByText('Nothing leaves').waitFor();
  await frame
    .getByRole('link')
    .first()
    .click({ noWaitAfter: true, timeout: 5_000 })
    .catch(() => count('no click'));
  for (const place of ['/inapp', '/phones', '/handsets', '/templates/outside', '/connect', '/webhooks'])
    await page.goto(`${url}${place}`, { waitUntil: 'networkidle' }).catch(() => count('not idle'));
  await browser.close();
  return shown;
}

/** One of each kind, beside the mail: the newest. */
async function idsOf(reached: Reached): Promise<string[]> {
  const ids: string[] = [];
  for (const query of [
    'q=to:jane@yahoo.com',
    'channel=push',
    'channel=sms',
    'channel=inapp',
    'channel=multi',
  ])
    ids.push(
      ...entriesOf((await ask(reached, 'GET', `/v1/messages?limit=2&${query}`)).body).map(({ id }) => id),
    );
  for (const id of ids)
    for (const more of ['', '/html', '/links', '/auth', '/raw', '/events'])
      await ask(reached, 'GET', `/v1/messages/${id}${more}`);
  return [...new Set(ids)];
}

/** The control: who does try to leave is seen, in the same tree and by the same trace. */
async function tryToLeave(): Promise<void> {
  const attempt = `const net = require('node:net'), ignore = () => undefined;
net.connect(25, '203.0.113.250').on('error', ignore); net.connect(25, '2001:db8::250').on('error', ignore);
const socket = require('node:dgram').createSocket('udp4').on('error', ignore);
socket.send('x', 53, '203.0.113.251', () => socket.close()); setTimeout(() => process.exit(), 2000).unref();`;
  await once(spawn(process.execPath, ['-e', attempt], { stdio: 'ignore' }), 'exit');
}

/** Until nothing is due or under way any more; what is deferred has had its attempt. */
async function settled(reached: Reached): Promise<void> {
  for (let waitedMs = 0; waitedMs < settledMsMax; waitedMs += lookAgainMs) {
    const { body } = await ask(reached, 'GET', '/v1/queues');
    // Without a domain stands what waits for its user to come.
    if (isQueue(body) && body.underWay + sum(body.byDomain.filter(({ domain }) => domain !== '')) === 0)
      return;
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
  }
  throw new Error('the queue does not settle');
}

interface Asked {
  readonly status: number;
  readonly body: unknown;
}

async function ask(reached: Reached, method: string, path: string, body?: unknown): Promise<Asked> {
  const answer = await fetch(`${reached.url}${path}`, {
    method,
    redirect: 'manual',
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const route = path.replace(/\?.*/, '').replaceAll(/[0-9a-f-]{36}|%2B\d+|[\w.]+@[\w.]+/g, '…');
  count(`${method} ${route} ${answer.status}`);
  return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : null };
}

function count(what: string): void {
  answers[what] = (answers[what] ?? 0) + 1;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

interface Queue {
  readonly underWay: number;
  readonly byDomain: readonly Waiting[];
}

interface Waiting {
  readonly domain: string;
  readonly queued: number;
  readonly deferred: number;
}

function isQueue(value: unknown): value is Queue {
  return typeof value === 'object' && value !== null && 'underWay' in value && 'byDomain' in value;
}

function sum(waiting: readonly Waiting[]): number {
  return waiting.reduce((total, { queued, deferred }) => total + queued - deferred, 0);
}

function idOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : '';
}

function entriesOf(value: unknown): readonly { readonly id: string }[] {
  if (typeof value !== 'object' || value === null || !('entries' in value)) return [];
  return Array.isArray(value.entries) ? value.entries.map((one) => ({ id: idOf(one) })) : [];
}
