/**
 * A page of another site in the user's own browser: it may try all that a page can, from another port, another name, and a
 * name of its own that it had lead to this machine (DNS rebinding). Nothing of the sandbox changes, and it reads nothing.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpDoors } from '../core/channels/door-clients/http.ts';
import { twilioBasic, twilioPath } from '../core/sms/plain-requests.ts';
import { findChromium, quietFlags } from './find-chromium.ts';
import { whyNoScreen } from './open-screen.ts';
import { type RunningCore, startCore } from './start-core.ts';

const lacking = whyNoScreen();
const tryMsMax = 120_000;
const looksMax = 50;
const marker = 'Marked-4f1d9a7b2c';
/** The page's own names: of another site, and of the same site on another port. */
const foreignNames = ['evil.example', 'localhost', '127.0.0.1'] as const;

interface Route {
  readonly method: string;
  readonly path: string;
}

let core: RunningCore;
let browser: Browser;
let evil: { readonly port: number; close(): void };
let routes: readonly Route[];

beforeAll(async () => {
  if (lacking !== null) return;
  core = await startCore(['--no-deliver']);
  evil = await serveBlankPages();
  browser = await chromium.launch({
    executablePath: findChromium() ?? '',
    args: [...quietFlags, '--host-resolver-rules=MAP evil.example 127.0.0.1, MAP *.evil.example 127.0.0.1'],
  });
  routes = await routesOf();
  const reached = { url: core.facts.url, port };
  for (const one of httpDoors) expect(await one.send(reached, marker), one.name).toMatchObject({ yes: true });
  // What is still under way of these is over when nothing changes any more.
  let before: Readonly<Record<string, unknown>> = {};
  for (let looks = 0; ; looks++) {
    const now = await everything();
    const restless = Object.keys(now).filter((path) => now[path] !== before[path]);
    if (restless.length === 0) break;
    if (looks === looksMax) throw new Error(`never the same twice: ${restless.join(', ')}`);
    before = now;
  }
}, tryMsMax);
afterAll(async () => {
  if (lacking !== null) return;
  await browser.close();
  evil.close();
  await core.remove();
});

describe.skipIf(lacking !== null)(`a page of another site (${lacking ?? 'in Chromium'})`, () => {
  it.each(foreignNames)(
    'on %s changes nothing by any route of the API, and reads nothing',
    { timeout: tryMsMax },
    async (name) => {
      const before = await everything();
      const { page, answers, close } = await openPage(`http://${name}:${evil.port}/`);
      const read = await page.evaluate(tryRequests, {
        base: core.facts.url,
        targets: routes.flatMap(({ method, path }) =>
          waysToAsk(method)
            .filter(({ type }) => name === 'evil.example' || type === 'text/plain' || type === null)
            .map((way) => ({ ...way, path })),
        ),
      });
      expect(read).toEqual([]);
      await submitForms(
        { page, answers },
        core.facts.url,
        routes.filter(({ method }) => method === 'POST').map(({ path }) => path),
        ...(name === 'evil.example' ? [] : [['text/plain']]),
      );
      expect(answers().length).toBeGreaterThan(routes.length);
      expect(answers().filter(({ status }) => status !== 403)).toEqual([]);
      await close();
      expect(await everything()).toEqual(before);
    },
  );

  it.each(['evil.example'] as const)(
    'on %s is refused by every provider’s door',
    { timeout: tryMsMax },
    async (name) => {
      const before = await everything();
      const base = `http://127.0.0.1:${port('providers')}`;
      const { page, answers, close } = await openPage(`http://${name}:${evil.port}/`);
      const read = await page.evaluate(tryRequests, {
        base,
        targets: doorPaths().flatMap((path) =>
          ['GET', 'POST', 'PUT', 'DELETE'].flatMap((method) =>
            waysToAsk(method).map((way) => ({ ...way, path })),
          ),
        ),
      });
      expect(read).toEqual([]);
      await submitForms({ page, answers }, base, doorPaths());
      await submitForms(
        { page, answers },
        base.replace('//', '//AC0123456789abcdef0123456789abcdef:secret@'),
        doorPaths(),
      );
      expect(answers().filter(({ status }) => status < 400)).toEqual([]);
      await close();
      expect(await everything()).toEqual(before);
    },
  );

  it.each(foreignNames)('on %s opens no WebSocket and no event stream', async (name) => {
    const { page, close } = await openPage(`http://${name}:${evil.port}/`);
    const api = new URL(core.facts.url).host;
    const opened = await page.evaluate(tryToListen, {
      sockets: [
        `ws://${api}/v1/live`,
        `ws://${api}/inapp/v1/ws?user=ann`,
        ...(name === 'evil.example' ? [`ws://127.0.0.1:${port('providers')}/inapp/v1/ws?user=ann`] : []),
      ],
      streams: [
        `http://${api}/inapp/v1/stream?user=ann`,
        ...(name === 'evil.example'
          ? [`http://127.0.0.1:${port('providers')}/inapp/v1/stream?user=ann`]
          : []),
      ],
    });
    expect(opened).toEqual([]);
    await close();
  });

  it('reads nothing by picture, script, style, frame, window or service worker', {
    timeout: tryMsMax,
  }, async () => {
    const { page, answers, close } = await openPage(`http://evil.example:${evil.port}/`);
    const paths = [
      '/',
      '/v1/messages',
      '/v1/status',
      '/inapp/demo',
      '/inapp/v1/client.js',
      '/metrics',
      '/v1/openapi.json',
    ];
    const loaded = await page.evaluate(tryElements, { base: core.facts.url, paths });
    expect(loaded).toEqual([]);
    // A link to the screen is welcome from anywhere; whoever opens it gets no hold of it.
    const opened = await page.evaluate(tryWindow, core.facts.url);
    expect(opened).toEqual({ read: 'SecurityError', answered: false });
    expect(
      answers().filter(
        ({ status, path }) =>
          status !== 403 && path !== '/' && !path.startsWith('/assets/') && !isOfScreen(path),
      ),
    ).toEqual([]);
    await close();
  });

  it.each([
    ['the API', 'http'],
    ['the providers', 'providers'],
    ['the metadata server', 'metadata'],
  ] as const)(
    'gets nothing of %s by a name of its own that leads there',
    { timeout: tryMsMax },
    async (_, door) => {
      const before = await everything();
      const base = `http://evil.example:${door === 'http' ? new URL(core.facts.url).port : port(door)}`;
      // The name led to the page's own server at first, and leads here now.
      const { page, answers, close } = await openPage(`${base}/rebound`, true);
      const paths =
        door === 'http'
          ? routes.map(({ path }) => path)
          : door === 'providers'
            ? [...doorPaths(), '/inapp/v1/users/ann/messages']
            : [
                '/',
                '/computeMetadata/v1/instance/service-accounts/default/token',
                '/computeMetadata/v1/project/project-id',
              ];
      const read = await page.evaluate(tryRequests, {
        base,
        targets: paths.flatMap((path) =>
          ['GET', 'POST', 'DELETE'].flatMap((method) => waysToAsk(method).map((way) => ({ ...way, path }))),
        ),
      });
      // What is refused may be read: it says that it is refused.
      expect(read.length).toBeGreaterThanOrEqual(paths.length);
      expect(read.filter(({ status }) => status < 400)).toEqual([]);
      expect(JSON.stringify(read)).not.toContain(marker);
      const socket = `ws://evil.example:${new URL(base).port}`;
      const opened = await page.evaluate(tryToListen, {
        sockets: [`${socket}/v1/live`, `${socket}/inapp/v1/ws?user=ann`],
        streams: [`${base}/inapp/v1/stream?user=ann`],
      });
      expect(opened).toEqual([]);
      expect(answers().filter(({ status, path }) => status < 400 && path !== '/rebound')).toEqual([]);
      await close();
      expect(await everything()).toEqual(before);
    },
  );
});

function isOfScreen(path: string): boolean {
  return /\.(?:js|css|svg|png|ico|woff2)$/.test(path) || path.startsWith('/v1/');
}

const port = (door: string): number => core.facts.ports[door] ?? 0;

const doorPaths = (): readonly string[] => [
  '/fcm/v1/projects/shop/messages:send',
  `${twilioPath}.json`,
  '/vonage/sms/json?api_key=abcd1234&api_secret=secret&from=a&to=14155550123&text=x',
  '/vonage/v1/messages',
  '/messagebird/messages',
  '/sinch/xms/v1/plan/batches',
  '/infobip/sms/3/messages',
  '/infobip/sms/1/text/query?username=a&password=b&to=14155550123&text=x',
  '/telnyx/v2/messages',
  '/inapp/v1/messages',
  '/google/token',
];

/** Served to whoever asks for it. */
async function serveBlankPages(): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(blank);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: own } = server.address() as AddressInfo;
  return { port: own, close: () => server.closeAllConnections() ?? server.close() };
}

const blank = '<!doctype html><title>evil</title><body></body>';

interface Answer {
  readonly path: string;
  readonly method: string;
  readonly status: number;
}

interface OpenPage {
  readonly page: Page;
  /** What this Sandpost answered, also where the page may not see it. */
  answers(): readonly Answer[];
  close(): Promise<void>;
}

/** @param isOurs the page is put in place of what the address has */
async function openPage(url: string, isOurs = false): Promise<OpenPage> {
  const context: BrowserContext = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(tryMsMax);
  const seen: Answer[] = [];
  const doors = [...Object.values(core.facts.ports), Number(new URL(core.facts.url).port)].map(String);
  context.on('response', (response) => {
    const asked = new URL(response.url());
    if (doors.includes(asked.port) && response.url() !== url)
      seen.push({ path: asked.pathname, method: response.request().method(), status: response.status() });
  });
  // From its own server, and not out of the air: the browser goes by where a page came from (Local Network Access).
  if (isOurs) await page.route(url, (route) => route.continue({ url: `http://127.0.0.1:${evil.port}/` }));
  await page.goto(url);
  return { page, answers: (): readonly Answer[] => seen, close: () => context.close() };
}

interface Way {
  readonly method: string;
  readonly mode: 'cors' | 'no-cors';
  readonly type: string | null;
  readonly authorization: string | null;
}

/** What a page may set: simple requests without being asked about, others after a preflight. */
function waysToAsk(method: string): readonly Way[] {
  const simple = ['GET', 'HEAD', 'POST'].includes(method);
  const types =
    method === 'GET' ? [null] : ['text/plain', 'application/x-www-form-urlencoded', 'application/json'];
  return [
    ...types.map((type): Way => ({ method, mode: 'cors', type, authorization: null })),
    { method, mode: 'cors', type: types.at(-1) ?? null, authorization: twilioBasic },
    ...(simple
      ? types
          .filter((type) => type !== 'application/json')
          .map((type): Way => ({ method, mode: 'no-cors', type, authorization: null }))
      : []),
  ];
}

/** In the page. @returns what it could read */
async function tryRequests({
  base,
  targets,
}: {
  base: string;
  targets: readonly (Way & { path: string })[];
}) {
  const read: { path: string; method: string; status: number; text: string }[] = [];
  const ask = async ({ path, method, mode, type, authorization }: Way & { path: string }): Promise<void> => {
    try {
      const answer = await fetch(base + path, {
        method,
        mode,
        credentials: 'include',
        redirect: 'follow',
        headers: {
          ...(type === null ? {} : { 'content-type': type }),
          ...(authorization === null ? {} : { authorization, 'metadata-flavor': 'Google' }),
        },
        ...(method === 'GET' || method === 'HEAD'
          ? {}
          : { body: '{"url":"http://localhost:1/","name":"evil"}' }),
      });
      if (answer.type !== 'opaque')
        read.push({ path, method, status: answer.status, text: await answer.text() });
    } catch {
      // Refused by the browser or the core: nothing was read.
    }
  };
  const atATime = 8;
  for (let at = 0; at < targets.length; at += atATime)
    await Promise.all(targets.slice(at, at + atATime).map(ask));
  return read;
}

/** Forms need no script to send them, and none of the browser's rules of origins stops them. */
async function submitForms(
  { page, answers }: Pick<OpenPage, 'page' | 'answers'>,
  base: string,
  paths: readonly string[],
  enctypes: readonly string[] = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'],
): Promise<void> {
  const posts = (): number => answers().filter(({ method }) => method === 'POST').length;
  const before = posts();
  await page.evaluate(
    ({ base, paths, enctypes }) => {
      for (const path of paths)
        for (const enctype of enctypes) {
          const frame = document.body.appendChild(document.createElement('iframe'));
          frame.name = `frame${Math.random()}`;
          const form = document.body.appendChild(document.createElement('form'));
          Object.assign(form, { action: base + path, method: 'POST', enctype, target: frame.name });
          const field = form.appendChild(document.createElement('input'));
          Object.assign(field, { name: '{"name":"evil","url":"http://localhost:1/","x":"', value: '"}' });
          form.submit();
        }
    },
    { base, paths, enctypes },
  );
  await expect
    .poll(posts, { timeout: tryMsMax })
    .toBeGreaterThanOrEqual(before + paths.length * enctypes.length);
}

/** In the page. @returns addresses that it got through to */
async function tryToListen({ sockets, streams }: { sockets: readonly string[]; streams: readonly string[] }) {
  const outcomes = [
    ...sockets.map(
      (url) =>
        new Promise<string | null>((resolve) => {
          const socket = new WebSocket(url);
          socket.onopen = () => resolve(url);
          socket.onerror = () => resolve(null);
        }),
    ),
    ...streams.map(
      (url) =>
        new Promise<string | null>((resolve) => {
          const stream = new EventSource(url, { withCredentials: true });
          stream.onopen = () => resolve(url);
          stream.onerror = () => resolve(null);
        }),
    ),
  ];
  return (await Promise.all(outcomes)).filter((url) => url !== null);
}

/** In the page. @returns what loaded */
async function tryElements({ base, paths }: { base: string; paths: readonly string[] }) {
  const make = {
    img: (url: string) => Object.assign(new Image(), { src: url }),
    script: (url: string) => Object.assign(document.createElement('script'), { src: url }),
    link: (url: string) => Object.assign(document.createElement('link'), { rel: 'stylesheet', href: url }),
    object: (url: string) => Object.assign(document.createElement('object'), { data: url }),
    video: (url: string) => Object.assign(document.createElement('video'), { src: url }),
  };
  const loaded: string[] = [];
  for (const path of paths)
    for (const [name, element] of Object.entries(make)) {
      const one = element(base + path);
      document.body.append(one);
      await new Promise<void>((resolve) => {
        for (const good of ['load', 'loadeddata'])
          one.addEventListener(good, () => {
            loaded.push(`${name} ${path}`);
            resolve();
          });
        one.addEventListener('error', () => resolve());
      });
      one.remove();
    }
  for (const path of paths) {
    const frame = document.createElement('iframe');
    frame.src = base + path;
    document.body.append(frame);
    await new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
    // A frame that shows an error has the browser's own opaque origin, as one that shows the screen would; what it asked
    // for is among the answers.
    frame.remove();
  }
  const worker = await navigator.serviceWorker?.register(`${base}/inapp/v1/client.js`).then(
    () => 'service worker',
    () => null,
  );
  return worker === null || worker === undefined ? loaded : [...loaded, worker];
}

/** In the page. */
async function tryWindow(url: string) {
  const opened = window.open(`${url}/`);
  if (opened === null) return { read: 'no window', answered: false };
  let answered = false;
  addEventListener('message', () => {
    answered = true;
  });
  // The screen is there when it no longer has the origin of this page.
  let read = 'nothing';
  for (let at = 0; at < 200 && read !== 'SecurityError'; at += 1) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    try {
      read = opened.document.title;
    } catch (error) {
      read = error instanceof DOMException ? error.name : 'another error';
    }
  }
  for (const type of ['sandpost-inapp', 'sandpost-inapp-do'])
    opened.postMessage({ type, page: '/', event: 'evil', url: 'http://evil.example/' }, '*');
  await new Promise((resolve) => setTimeout(resolve, 200));
  opened.close();
  return { read, answered };
}

/** The routes of the API as its own document has them, with a message's id where one is asked for. */
async function routesOf(): Promise<readonly Route[]> {
  const answer = await fetch(`${core.facts.url}/v1/openapi.json`);
  const { paths }: { readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>> } =
    await answer.json();
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
      .map((method) => ({ method: method.toUpperCase(), path: path.replaceAll(/\{\w+\}/g, 'x') })),
  );
}

/** All that a route would have changed. */
async function everything(): Promise<Readonly<Record<string, unknown>>> {
  const lists = routes.filter(
    ({ method, path }) =>
      method === 'GET' && !path.includes('x/') && !path.endsWith('/x') && !uneven.includes(path),
  );
  const found: Record<string, unknown> = {};
  for (const { path } of lists) found[path] = await (await fetch(`${core.facts.url}${path}`)).text();
  return found;
}

/** What differs from one moment to the next by itself, or only waits. */
const uneven = [
  // It says when it was made.
  '/v1/workspace/export',
  '/v1/messages/wait',
  '/v1/status',
  '/v1/clock',
  '/v1/exchanges',
  '/v1/stats',
  '/v1/stats/statuses',
  '/v1/queues',
  '/v1/postmaster',
  '/v1/events',
];
