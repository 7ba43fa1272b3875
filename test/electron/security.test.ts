/**
 * Electron's checklist for security, in the running app: https://www.electronjs.org/docs/latest/tutorial/security. The fuses
 * are in packed.test.ts.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channels } from '../../electron/channels.ts';
import { type Folders, makeFolders, root, type StartedApp, startApp } from './launch-app.ts';
import { freePorts, statusOf } from './real-core.ts';
import { receiveMail, row } from './screen.ts';

declare global {
  interface Window {
    /** Of raw-ipc-preload.cjs. */
    readonly raw?: {
      invoke(channel: string, ...values: readonly unknown[]): Promise<string>;
      send(channel: string, ...values: readonly unknown[]): void;
      ask(channel: string): unknown;
    };
  }
}

const subject = 'Secured';
const onlyTheScreen = 'Only the screen of the core may ask for this.';
/** From the main process to the screen. */
const toTheScreen: readonly string[] = [channels.navigate, channels.command];
/** Not answered by a promise. */
const sent: readonly string[] = [channels.hello, channels.listening];
/** Preferences of windows that are never needed here. */
const offByDefault: readonly string[] = [
  ...['nodeIntegration', 'nodeIntegrationInWorker', 'nodeIntegrationInSubFrames', 'enableRemoteModule'],
  ...['allowRunningInsecureContent', 'experimentalFeatures', 'enableBlinkFeatures', 'webviewTag'],
  ...['plugins', 'navigateOnDragDrop', 'spellcheck'],
];
const asked = Object.values(channels).filter((name) => ![...toTheScreen, ...sent].includes(name));

let folders: Folders;
let started: StartedApp;
let url: string;
let elsewhere: Server;
let elsewhereUrl: string;
const calls: string[] = [];

beforeAll(async () => {
  folders = makeFolders();
  elsewhere = createServer((request, response) => {
    calls.push(request.url ?? '');
    response.writeHead(200, { 'access-control-allow-origin': '*' }).end('elsewhere');
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  elsewhereUrl = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  started = await startApp(folders, freePorts);
  const { page } = started;
  await page.locator('#room').waitFor();
  url = new URL(page.url()).origin;
  await receiveMail({ page, url, smtpPort: (await statusOf(url)).ports.smtp }, subject);
  await row(page, subject).click();
  await page.frameLocator('iframe').getByRole('heading', { name: 'Hello Jane' }).waitFor();
});
afterAll(async () => {
  await started.app.close();
  await started.ended;
  elsewhere.close();
  folders.remove();
});

function messageFrame(): Frame {
  const frame = started.page.frames().find((one) => one.url().includes('/html'));
  if (frame === undefined) throw new Error('the preview has no frame');
  return frame;
}

describe('the windows', () => {
  it('are one, without Node, isolated and in the sandbox, with nothing switched on that is off by default', async () => {
    const windows = await started.app.evaluate(({ webContents, session }) =>
      webContents.getAllWebContents().map((contents) => ({
        kind: contents.getType(),
        isDefaultSession: contents.session === session.defaultSession,
        // Not among its types, but there in every Electron.
        preferences: (
          contents as unknown as { getLastWebPreferences(): Record<string, unknown> }
        ).getLastWebPreferences(),
      })),
    );
    expect(windows).toHaveLength(1);
    for (const { kind, isDefaultSession, preferences } of windows) {
      expect(kind).toBe('window');
      expect(isDefaultSession).toBe(true);
      expect(preferences).toMatchObject({ contextIsolation: true, sandbox: true, webSecurity: true });
      const on = Object.entries(preferences).filter(([, value]) => value !== false && value !== '');
      expect(on.map(([name]) => name).filter((name) => offByDefault.includes(name))).toEqual([]);
    }
  });

  it('are started without a switch that weakens the browser', async () => {
    const weak = [
      ...['disable-web-security', 'allow-running-insecure-content', 'disable-site-isolation-trials'],
      'ignore-certificate-errors',
    ];
    const given = await started.app.evaluate(
      ({ app }, names) => names.filter((name) => app.commandLine.hasSwitch(name)),
      weak,
    );
    expect(given).toEqual([]);
  });

  it('know nothing of Node, in the page and in its frames', async () => {
    const globals = () =>
      ['require', 'process', 'module', 'Buffer', 'global', '__dirname', 'electron', 'ipcRenderer'].filter(
        (name) => name in globalThis,
      );
    expect(await started.page.evaluate(globals)).toEqual([]);
    expect(await messageFrame().evaluate(globals)).toEqual([]);
    const inWorker = await started.page.evaluate(async () => {
      const worker = new Worker(`${location.origin}/v1/none.js`);
      return await new Promise<string>((resolve) => {
        worker.onerror = () => resolve('no worker');
        worker.onmessage = ({ data }) => resolve(String(data));
      });
    });
    expect(inWorker).toBe('no worker');
  });

  it('check no spelling, and know no protocol of their own', async () => {
    const found = await started.app.evaluate(({ session, protocol }) => ({
      spelling: session.defaultSession.isSpellCheckerEnabled(),
      registered: ['sandpost', 'sandpost-shell', 'app', 'file2'].filter((name) =>
        protocol.isProtocolRegistered(name),
      ),
      intercepted: ['http', 'https', 'file', 'data'].filter((name) => protocol.isProtocolIntercepted(name)),
    }));
    expect(found).toEqual({ spelling: false, registered: [], intercepted: [] });
  });
});

describe('permissions', () => {
  const names = [
    ...[
      'geolocation',
      'notifications',
      'camera',
      'microphone',
      'midi',
      'clipboard-read',
      'persistent-storage',
    ],
    ...[
      'background-sync',
      'accelerometer',
      'gyroscope',
      'magnetometer',
      'screen-wake-lock',
      'storage-access',
    ],
    ...['payment-handler', 'idle-detection', 'periodic-background-sync', 'window-placement', 'local-fonts'],
  ];
  const query = async (all: readonly string[]): Promise<readonly string[]> => {
    const granted: string[] = [];
    for (const name of all) {
      // Some are not known to every Chromium.
      const state = await navigator.permissions
        .query({ name: name as PermissionName })
        .then((found) => found.state)
        .catch(() => 'unknown');
      if (state === 'granted') granted.push(name);
    }
    return granted;
  };

  it('are denied to the page but for copying on its own origin', async () => {
    expect(await started.page.evaluate(query, [...names, 'clipboard-write'])).toEqual(['clipboard-write']);
  });

  it('are all denied to the frame of a message', async () => {
    expect(await messageFrame().evaluate(query, [...names, 'clipboard-write'])).toEqual([]);
  });

  it('that are asked for are refused', async () => {
    const answers = await started.page.evaluate(async () => {
      const nameOf = (error: unknown): string => (error instanceof DOMException ? error.name : String(error));
      const media = (wish: MediaStreamConstraints): Promise<string> =>
        navigator.mediaDevices.getUserMedia(wish).then(() => 'granted', nameOf);
      return {
        notification: await Notification.requestPermission(),
        camera: await media({ video: true }),
        microphone: await media({ audio: true }),
        screen: await navigator.mediaDevices.getDisplayMedia().then(() => 'granted', nameOf),
        place: await new Promise<number | string>((resolve) =>
          navigator.geolocation.getCurrentPosition(
            () => resolve('granted'),
            ({ code }) => resolve(code),
          ),
        ),
        midi: await navigator.requestMIDIAccess({ sysex: true }).then(() => 'granted', nameOf),
        clipboard: await navigator.clipboard.readText().then(() => 'granted', nameOf),
      };
    });
    expect(answers.notification).toBe('denied');
    expect(answers.place).toBe(1);
    expect(Object.values(answers)).not.toContain('granted');
  });
});

describe('ways out', () => {
  it('by navigation, new windows and webviews are closed', async () => {
    const { page, app } = started;
    const home = page.url();
    const opened = await page.evaluate((to) => {
      const handles = [
        window.open(to),
        window.open(to, '_self'),
        window.open('about:blank'),
        window.open('file:///'),
      ];
      const link = document.body.appendChild(document.createElement('a'));
      for (const target of ['', '_blank', '_top', '_parent']) {
        Object.assign(link, { href: to, target });
        link.click();
      }
      link.remove();
      const form = document.body.appendChild(document.createElement('form'));
      form.action = to;
      form.submit();
      form.remove();
      const view = document.body.appendChild(document.createElement('webview'));
      view.setAttribute('src', to);
      location.assign(to);
      return handles.filter((one) => one !== null && one !== window).length;
    }, `${elsewhereUrl}/left`);
    await page.evaluate(() => document.querySelector('webview')?.remove());
    expect(opened).toBe(0);
    expect(page.url()).toBe(home);
    expect(await app.evaluate(({ webContents }) => webContents.getAllWebContents().length)).toBe(1);
    expect(calls).toEqual([]);
  });

  it('by a redirect are closed, also where the main process asked for the page', async () => {
    const target = await trackedLink(`${elsewhereUrl}/redirected`);
    const home = started.page.url();
    const outcome = await started.app.evaluate(async ({ BrowserWindow }, to) => {
      const [window] = BrowserWindow.getAllWindows();
      return await window?.loadURL(to).then(
        () => 'loaded',
        () => 'refused',
      );
    }, target);
    expect(outcome).toBe('refused');
    expect(calls).toEqual([]);
    await started.page.goto(home);
    await started.page.locator('#room').waitFor();
  });

  it('by a request are closed for every page of the session, whatever policy it has', async () => {
    const page = await openRawWindow('data:text/html,<title>raw</title>');
    const outcome = await page.evaluate(async (base) => {
      const load = (
        element: HTMLImageElement | HTMLScriptElement | HTMLIFrameElement,
        path: string,
      ): Promise<string> =>
        new Promise((resolve) => {
          element.addEventListener('load', () => resolve('loaded'));
          element.addEventListener('error', () => resolve('refused'));
          element.src = base + path;
          document.body.append(element);
        });
      const fetched = await fetch(`${base}/fetch`, { mode: 'no-cors' }).then(
        () => 'loaded',
        () => 'refused',
      );
      const beacon = navigator.sendBeacon(`${base}/beacon`);
      return [
        fetched,
        await load(new Image(), '/img'),
        await load(document.createElement('script'), '/script'),
        beacon,
      ];
    }, elsewhereUrl);
    expect(outcome.slice(0, 3)).toEqual(['refused', 'refused', 'refused']);
    expect(calls).toEqual([]);
    await closeRawWindows();
  });

  it('by the person’s own browser are http, https and mailto, as parsed', async () => {
    const opened = await started.app.evaluateHandle(({ shell }) => {
      const urls: string[] = [];
      shell.openExternal = (to) => {
        urls.push(to);
        return Promise.resolve();
      };
      return urls;
    });
    const good = [
      'https://ok.example/a?b',
      'HTTP://ok.example',
      'mailto:a@ok.example',
      ' https://ok.example/trimmed ',
    ];
    const bad = [
      ...['file:///etc/passwd', 'javascript:alert(1)', 'data:text/html,x', 'vbscript:x', 'smb://host/share'],
      ...[
        'ms-msdt:/id',
        'search-ms:query=x',
        'sandpost://message/x',
        'sandpost-shell://quit',
        'tel:1',
        'about:blank',
      ],
      ...['\\\\host\\share', '/etc/passwd', '', 'x', 'https://', 'http://[', 'calculator:'],
    ];
    const answers = await started.page.evaluate(
      (all) => Promise.all(all.map((one) => window.sandpost?.openExternal(one))),
      [...good, ...bad],
    );
    expect(answers).toEqual([...good.map(() => true), ...bad.map(() => false)]);
    expect(await opened.jsonValue()).toEqual([
      'https://ok.example/a?b',
      'http://ok.example/',
      'mailto:a@ok.example',
      'https://ok.example/trimmed',
    ]);
  });
});

describe('the main process', () => {
  it('answers every channel to the main frame of its window alone', async () => {
    expect(asked.length).toBeGreaterThan(5);
    const page = await openRawWindow(`${url}/messages`);
    await page.evaluate(() => {
      const frame = document.createElement('iframe');
      frame.src = '/inapp/demo';
      document.body.append(frame);
    });
    await expect.poll(() => page.frames().length).toBe(2);
    const inner = page.frames()[1];
    await inner?.waitForFunction(() => window.raw !== undefined);
    const foreign = await openRawWindow('data:text/html,<title>foreign</title>');
    for (const place of [page, inner, foreign]) {
      for (const channel of asked)
        expect(
          await place?.evaluate((name) => window.raw?.invoke(name, null, null), channel),
          channel,
        ).toContain(onlyTheScreen);
      expect(await place?.evaluate((name) => window.raw?.ask(name), channels.hello)).toBeNull();
    }
    await closeRawWindows();
  });

  it('answers none to a frame in that window', async () => {
    const answers = await started.app.evaluate(
      async ({ BrowserWindow, ipcMain }, { asked, hello }) => {
        const [window] = BrowserWindow.getAllWindows();
        const frame = window?.webContents.mainFrame.frames[0];
        if (window === undefined || frame === undefined) return null;
        // What Electron itself calls when a message comes; frames without a preload cannot send one.
        const handlers = (
          ipcMain as unknown as { _invokeHandlers: Map<string, (...all: unknown[]) => unknown> }
        )._invokeHandlers;
        const said: Record<string, string> = {};
        const event = { sender: window.webContents, senderFrame: frame, returnValue: 'none' as unknown };
        for (const channel of asked)
          said[channel] = await new Promise<string>((resolve) => {
            // Handlers of older Electrons answer by the event itself.
            const answering = {
              ...event,
              _reply: () => resolve('answered'),
              _throw: (error: Error) => resolve(error.message),
            };
            const handler = handlers.get(channel) ?? (() => 'nobody answers');
            Promise.resolve()
              .then(() => handler(answering, null, null))
              .then(
                () => resolve('answered'),
                (error: Error) => resolve(error.message),
              );
          });
        ipcMain.emit(hello, event);
        return { said, hello: event.returnValue, handled: [...handlers.keys()] };
      },
      { asked, hello: channels.hello },
    );
    expect(answers?.said).toEqual(Object.fromEntries(asked.map((name) => [name, onlyTheScreen])));
    expect(answers?.hello).toBeNull();
    // Nothing is answered that is not in the table.
    expect(answers?.handled.filter((name) => name.startsWith('sandpost')).toSorted()).toEqual(
      asked.toSorted(),
    );
  });

  it('is not told by others that the screen has stopped to listen', async () => {
    const { page, app } = started;
    const raw = await openRawWindow(`${url}/messages`);
    await raw.evaluate((name) => window.raw?.send(name, false), channels.listening);
    // An answered question behind it: the message before it has come.
    await raw.evaluate((name) => window.raw?.ask(name), channels.hello);
    await closeRawWindows();
    await page.evaluate(() => Object.assign(window, { sameDocument: true }));
    await receiveMail({ page, url, smtpPort: (await statusOf(url)).ports.smtp }, 'Linked to');
    const newest = await (await fetch(new URL('/v1/messages?q=subject:Linked', url))).json();
    const { id }: { readonly id: string } = newest.entries[0];
    await app.evaluate(
      ({ app: main }, link) => main.emit('second-instance', {}, ['x', link], '/'),
      `sandpost://message/${id}`,
    );
    await page.waitForURL(`**/messages/${id}`);
    await page.frameLocator('iframe').getByRole('heading', { name: 'Hello Jane' }).waitFor();
    expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
  });
});

describe('the policies of content', () => {
  it('are sent with the page, and stricter ones with the frame of a message', async () => {
    const policyOf = async (path: string): Promise<readonly string[]> => {
      const answer = await fetch(new URL(path, url));
      return (answer.headers.get('content-security-policy') ?? '').split('; ');
    };
    expect(await policyOf('/')).toEqual(
      expect.arrayContaining([
        "default-src 'self'",
        "frame-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ]),
    );
    expect((await policyOf('/')).join()).not.toMatch(/script-src|unsafe-eval|\*/);
    const frame = await policyOf(new URL(messageFrame().url()).pathname);
    expect(frame).toEqual(
      expect.arrayContaining(['sandbox', "default-src 'none'", "frame-ancestors 'self'"]),
    );
    expect(frame.join()).not.toMatch(/allow-|script-src|https?:/);
  });

  it('hold in the window: no script of a string, no script of another origin', async () => {
    const ran = await started.page.evaluate(async (base) => {
      const outcomes: string[] = [];
      const inline = document.createElement('script');
      inline.textContent = 'window.inlineRan = true';
      document.body.append(inline);
      if ('inlineRan' in window) outcomes.push('inline');
      const outside = document.createElement('script');
      const over = new Promise((resolve) => {
        outside.onload = () => resolve(outcomes.push('outside'));
        outside.onerror = resolve;
      });
      outside.src = `${base}/script.js`;
      document.body.append(outside);
      await over;
      return outcomes;
    }, elsewhereUrl);
    expect(ran).toEqual([]);
    expect(calls).toEqual([]);
  });
});

/** A window gone wrong: its page may say anything to the main process. */
async function openRawWindow(to: string): Promise<Page> {
  const opened = started.app.waitForEvent('window');
  await started.app.evaluate(
    ({ BrowserWindow }, { preload, to }) => {
      const window = new BrowserWindow({
        show: false,
        webPreferences: { preload, contextIsolation: true, sandbox: true, nodeIntegrationInSubFrames: true },
      });
      window.loadURL(to).catch(() => undefined);
    },
    { preload: join(root, 'test', 'electron', 'raw-ipc-preload.cjs'), to },
  );
  const page = await opened;
  await page.waitForFunction(() => window.raw !== undefined && document.body !== null);
  return page;
}

async function closeRawWindows(): Promise<void> {
  await started.app.evaluate(({ BrowserWindow }) => {
    for (const window of BrowserWindow.getAllWindows().filter(
      (one) => !one.webContents.getURL().includes('/messages/'),
    ))
      window.destroy();
  });
}

/** @returns an address of the core that redirects to that one, as tracked mail has it */
async function trackedLink(to: string): Promise<string> {
  const answer = await fetch(new URL('/v1/messages', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      channel: 'email',
      from: 'shop@example.com',
      to: ['jane@gmail.com'],
      subject: 'Tracked',
      html: `<a href="${to}">out</a>`,
      trackClicks: true,
    }),
  });
  const { id }: { readonly id: string } = await answer.json();
  let found: string | undefined;
  await expect
    .poll(async () => {
      const source = await (await fetch(new URL(`/v1/messages/${id}/links`, url))).text();
      found = /http[^"]*\/t\/c\/[^"]*/.exec(source)?.[0];
      return found;
    })
    .toBeDefined();
  const { pathname } = new URL(found ?? '');
  return new URL(pathname, url).href;
}
