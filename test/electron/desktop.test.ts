/** What the shell does around a core: live mode, workspaces, crashes of its own, updates. The core is the stand-in. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Folders, isAlive, makeFolders, type StartedApp, startApp } from './launch-app.ts';
import { standInArguments } from './stand-in-core.ts';

let folders: Folders;
let started: StartedApp | null = null;
let feed: Feed | null = null;

beforeEach(() => {
  folders = makeFolders();
});

afterEach(async () => {
  await started?.app.close();
  await started?.ended;
  await feed?.close();
  started = null;
  feed = null;
  folders.remove();
});

async function start(
  more: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<StartedApp> {
  started = await startApp(folders, [...standInArguments('beside', folders), ...more], environment);
  return started;
}

const windowTitle = ({ app }: StartedApp) =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getTitle() ?? '');

const inHour = () => Date.now() + 3_600_000;

it('marks tray and window while live, and goes back to sandbox from the tray', async () => {
  const shell = await start();
  const { app, page } = shell;
  await page.waitForSelector('#pid');
  const tray = await app.evaluateHandle(({ Menu }) => {
    const seen = { first: '', back: (): void => undefined };
    const build = Menu.buildFromTemplate;
    Menu.buildFromTemplate = (template) => {
      // The tray's menu is the one that opens the window.
      if (template.some(({ label }) => label === 'Open Sandpost')) {
        seen.first = template[0]?.label ?? '';
        const click: unknown = template.find(({ label }) => label === 'Back to sandbox')?.click;
        seen.back = typeof click === 'function' ? () => click() : () => undefined;
      }
      return build(template);
    };
    return seen;
  });
  await page.evaluate((untilWallMs) => window.sandpost?.setMode({ live: true, untilWallMs }), inHour());
  await page.evaluate(() => window.sandpost?.setBadge(3));
  expect(await windowTitle(shell)).toMatch(/^LIVE until \d\d:\d\d · /);
  expect(await tray.evaluate(({ first }) => first)).toMatch(/^LIVE until \d\d:\d\d · 3 unread$/);

  await tray.evaluate(({ back }) => back());
  await expect.poll(() => windowTitle(shell)).not.toContain('LIVE');
  expect(asked()).toBe('DELETE /v1/live-relay screen\n');
  expect(await tray.evaluate(({ first }) => first)).toBe('Sandbox · 3 unread');
});

it('asks before it quits while live, and quits in sandbox', async () => {
  const shell = await start();
  const { app, page, ended } = shell;
  await page.waitForSelector('#pid');
  await page.evaluate(() => window.sandpost?.setMode({ live: true, untilWallMs: null }));
  const questions = await app.evaluateHandle(({ dialog }) => {
    const seen: string[][] = [];
    dialog.showMessageBox = (async (_window: unknown, options: { buttons?: string[] }) => {
      seen.push(options.buttons ?? []);
      return { response: seen.length === 1 ? 1 : 0, checkboxChecked: false };
    }) as typeof dialog.showMessageBox;
    return seen;
  });
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  await expect.poll(() => questions.evaluate((seen) => seen.length)).toBe(1);
  expect(await questions.evaluate((seen) => seen[0])).toEqual(['Back to sandbox and quit', 'Cancel']);
  expect(asked()).toBe('');
  expect(await windowTitle(shell)).toContain('LIVE');

  await app.evaluate(({ app: electronApp }) => setImmediate(() => electronApp.quit()));
  expect(await ended).toBe(0);
  expect(asked()).toBe('DELETE /v1/live-relay screen\n');
  started = null;
});

it('asks nobody when it is told to end, also while a question is open', async () => {
  const shell = await start();
  const { app, page, ended, pid } = shell;
  await page.waitForSelector('#pid');
  await page.evaluate(() => window.sandpost?.setMode({ live: true, untilWallMs: null }));
  const questions = await app.evaluateHandle(({ dialog }) => {
    const seen: string[] = [];
    dialog.showMessageBox = ((_window: unknown, options: { message?: string }) => {
      seen.push(options.message ?? '');
      return new Promise(() => undefined);
    }) as typeof dialog.showMessageBox;
    return seen;
  });
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  await expect.poll(() => questions.evaluate((seen) => seen.length)).toBe(1);
  const core = Number(await page.textContent('#pid'));
  process.kill(pid, 'SIGTERM');
  expect(await ended).toBe(0);
  expect(isAlive(core)).toBe(false);
  started = null;
});

it('follows no redirect of its feed from this machine to http elsewhere', async () => {
  feed = await startFeed('9.9.9', 'http://updates.example/latest-linux.yml');
  const { page } = await start([], { SANDPOST_UPDATE_FEED: feed.url });
  await page.waitForSelector('#pid');
  await expect
    .poll(() => page.evaluate(() => window.sandpost?.updateState()))
    .toMatchObject({ kind: 'failed', detail: expect.stringContaining('ERR_BLOCKED_BY_CLIENT') });
});

it('stays as it is when it is asked to restart for an update that is not there', async () => {
  const { page } = await start();
  await page.waitForSelector('#pid');
  const core = Number(await page.textContent('#pid'));
  await page.evaluate(() => window.sandpost?.restartToUpdate());
  await page.evaluate(() => window.sandpost?.about());
  expect(await page.textContent('#pid')).toBe(String(core));
  expect(existsSync(join(folders.data, 'core.json'))).toBe(true);
  expect(isAlive(core)).toBe(true);
});

it('is in sandbox again when its core ends', async () => {
  const shell = await start();
  await shell.page.waitForSelector('#pid');
  await shell.page.evaluate(() => window.sandpost?.setMode({ live: true, untilWallMs: null }));
  process.kill(Number(await shell.page.textContent('#pid')), 'SIGKILL');
  await expect.poll(() => windowTitle(shell)).not.toContain('LIVE');
});

it('shows the screen again when its process crashes, and gives up after three times in a minute', async () => {
  const { app, page } = await start();
  await page.waitForSelector('#pid');
  // A crashed page is none that Playwright can go on with: the window itself is asked.
  const heading = () =>
    app.evaluate(
      async ({ BrowserWindow }) =>
        await BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(
          "document.querySelector('h1')?.textContent ?? ''",
        ),
    );
  const crash = async (next: 'http' | 'data:') => {
    const shown = app.evaluate(
      ({ BrowserWindow }, start) =>
        new Promise<void>((resolve) => {
          const contents = BrowserWindow.getAllWindows()[0]?.webContents;
          const loaded = () => {
            if (contents?.getURL().startsWith(start) !== true) return;
            contents.off('did-finish-load', loaded);
            resolve();
          };
          contents?.on('did-finish-load', loaded);
          contents?.forcefullyCrashRenderer();
        }),
      next,
    );
    await shown;
  };
  for (let times = 0; times < 3; times += 1) {
    await crash('http');
    expect(await heading()).toBe('Stand-in core');
  }
  await crash('data:');
  expect(await heading()).toBe('The screen ends again and again');
  const press = (name: string) =>
    app.evaluate(
      async ({ BrowserWindow }, text) =>
        await BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(
          `[...document.querySelectorAll('a')].find((link) => link.textContent === '${text}').click()`,
        ),
      name,
    );
  await press('Copy the report');
  await expect
    .poll(() => app.evaluate(({ clipboard }) => clipboard.readText()))
    .toContain('screen_crashed: The process of the screen is gone');
  await press('Show the screen again');
  await expect.poll(heading).toBe('Stand-in core');
});

it('writes down what ended it, without secrets, and shows that at the next start', async () => {
  const first = await start();
  await first.page.waitForSelector('#pid');
  await first.app.evaluate(() => {
    setTimeout(() => {
      throw new Error(`boom in ${process.env.HOME}/mail with token=s3cr3t-of-mine`);
    }, 0);
  });
  expect(await first.ended).toBe(1);
  const report = readFileSync(join(folders.profile, 'crash-report.txt'), 'utf8');
  expect(report).toContain('app_crashed: boom in ~/mail with token=[masked]');
  expect(report).not.toContain('s3cr3t');

  const { page, app } = await start();
  await page.getByRole('heading', { name: 'Sandpost ended by an error the last time' }).waitFor();
  await page.getByText('app_crashed: boom').waitFor();
  await page.getByRole('link', { name: 'Copy the report' }).click();
  await expect.poll(() => app.evaluate(({ clipboard }) => clipboard.readText())).toBe(report);
  await page.getByRole('link', { name: 'Go on' }).click();
  await page.waitForSelector('#pid');
  expect(existsSync(join(folders.profile, 'crash-report.txt'))).toBe(false);
});

it('stops its core and starts it on the folder of another workspace', async () => {
  const shell = await start([], { SANDPOST_DATA: join(folders.data, 'usual') });
  const { page, app } = shell;
  await page.waitForSelector('#pid');
  const before = await page.textContent('#pid');
  const list = await page.evaluate(() => window.sandpost?.addWorkspace('Shop', 'usual'));
  const shop = join(folders.data, 'sandpost-workspaces', 'shop');
  expect(list?.workspaces.find(({ name }) => name === 'Shop')?.folder).toBe(shop);
  const labels = await app.evaluate(({ Menu }) =>
    Menu.getApplicationMenu()
      ?.items.flatMap((item) => item.submenu?.items ?? [])
      .find(({ label }) => label === 'Workspace')
      ?.submenu?.items.map(({ label }) => label),
  );
  expect(labels).toContain('Shop');
  await page.evaluate(() => void window.sandpost?.switchWorkspace('Shop'));
  await page.waitForFunction((pid) => (document.querySelector('#pid')?.textContent ?? pid) !== pid, before);
  expect(existsSync(join(shop, 'core.json'))).toBe(true);
  expect(existsSync(join(folders.data, 'core.json'))).toBe(false);
  expect(await windowTitle(shell)).toMatch(/ · Shop$/);
  expect(await page.evaluate(() => window.sandpost?.workspaces().then(({ current }) => current))).toBe(
    'Shop',
  );
});

it('starts in the tray when it is asked to, and shows its window at the next start', async () => {
  const { app } = await start(['--in-tray']);
  const visible = () =>
    app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible() ?? false);
  await expect.poll(() => existsSync(join(folders.data, 'core.json'))).toBe(true);
  expect(await visible()).toBe(false);
  await app.evaluate(({ app: electronApp }) => electronApp.emit('second-instance', {}, [], '/'));
  await expect.poll(visible).toBe(true);
});

it('keeps credentials in a file where there is no keychain, and says so', async () => {
  const { page } = await start();
  await page.waitForSelector('#pid');
  expect(existsSync(join(folders.profile, 'credentials.json'))).toBe(false);
  expect(await page.evaluate(() => window.sandpost?.about())).toMatchObject({ credentialsIn: 'file' });
});

it('asks no feed until there is one, then says what is new and fetches it when asked', async () => {
  feed = await startFeed('9.9.9');
  const program = join(folders.data, 'Sandpost.AppImage');
  writeFileSync(program, 'the program that runs');
  const { page } = await start([], { APPIMAGE: program, XDG_CACHE_HOME: join(folders.data, 'cache') });
  await page.waitForSelector('#pid');
  const state = () => page.evaluate(() => window.sandpost?.updateState());
  expect(await page.evaluate(() => window.sandpost?.checkForUpdate())).toEqual({ kind: 'off' });
  expect(feed.asked).toEqual([]);

  await page.evaluate((updateFeed) => window.sandpost?.setPreferences({ updateFeed }), feed.url);
  await expect.poll(state).toEqual({ kind: 'available', version: '9.9.9' });
  expect(feed.asked).toEqual(['/latest-linux.yml']);
  expect(await page.evaluate(() => window.sandpost?.downloadUpdate())).toEqual({
    kind: 'ready',
    version: '9.9.9',
  });
  expect(feed.asked).toContain('/Sandpost-9.9.9.AppImage');
});

it('looks at the feed of the environment, and tells what goes wrong there', async () => {
  feed = await startFeed(null);
  const { page } = await start([], { SANDPOST_UPDATE_FEED: feed.url });
  await page.waitForSelector('#pid');
  await expect
    .poll(() => page.evaluate(() => window.sandpost?.updateState().then(({ kind }) => kind)))
    .toBe('failed');
  expect(feed.asked[0]).toBe('/latest-linux.yml');
});

interface Feed {
  readonly url: string;
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/**
 * A feed as `npm run dist` leaves it beside the packages.
 *
 * @param version null: a folder without one
 * @param movedTo where it leads whoever asks
 */
async function startFeed(version: string | null, movedTo: string | null = null): Promise<Feed> {
  const asked: string[] = [];
  const program = Buffer.from('not a program, and never started');
  const sha512 = createHash('sha512').update(program).digest('base64');
  const file = `Sandpost-${version}.AppImage`;
  const server: Server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://feed');
    asked.push(pathname);
    if (movedTo !== null) {
      response.writeHead(302, { location: movedTo }).end();
    } else if (version !== null && pathname === '/latest-linux.yml') {
      response.end(
        `version: ${version}\nfiles:\n  - url: ${file}\n    sha512: ${sha512}\n    size: ${program.byteLength}\npath: ${file}\nsha512: ${sha512}\nreleaseDate: '2026-01-01T00:00:00.000Z'\n`,
      );
    } else if (pathname === `/${file}`) {
      response.end(program);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the feed has no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** What the stand-in core was asked about live mode. */
function asked(): string {
  const file = join(folders.data, 'asked');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
