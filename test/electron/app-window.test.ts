import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findBrowser } from '../../scripts/launch/app-window.mjs';
import { type Folders, isAlive, makeFolders, root } from './launch-app.ts';
import { freePorts, readCoreFile, statusOf } from './real-core.ts';
import { dropFile, receiveMail, tryToBreakOut, walkThroughTabs } from './screen.ts';

let folders: Folders;
let launcher: ChildProcess | null = null;
let browser: Browser | null = null;

beforeEach(() => {
  folders = makeFolders();
});

afterEach(async () => {
  await browser?.close();
  launcher?.kill();
  folders.remove();
});

it.skipIf(findBrowser() === null)(
  'the same screen in an app window of a browser, for where no Electron can be had',
  async () => {
    const child = spawn(
      process.execPath,
      [join(root, 'scripts', 'launch.mjs'), '--browser', `--data=${folders.data}`, ...freePorts],
      {
        cwd: root,
        env: {
          ...process.env,
          SANDPOST_BROWSER_FLAGS: '--headless=new --remote-debugging-port=0 --window-size=1280,800',
        },
        stdio: ['ignore', 'inherit', 'pipe'],
      },
    );
    launcher = child;
    const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
    browser = await chromium.connectOverCDP(await inspectorOf(child));
    const page = browser.contexts()[0]?.pages()[0];
    if (page === undefined) throw new Error('the browser has no page');
    await page.getByRole('main').waitFor();
    const { pid, url } = readCoreFile(folders);
    const screen = { page, url, smtpPort: (await statusOf(url)).ports.smtp };
    await receiveMail(screen, 'Welcome aboard');
    await walkThroughTabs(screen, 'Welcome aboard');
    await tryToBreakOut(screen);
    await dropFile(screen, 'Dropped on the window');

    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(isAlive(pid)).toBe(false);
  },
);

/** Chromium says on its error output where it listens. */
function inspectorOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      const address = /DevTools listening on (ws:\S+)/.exec(text)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.on('exit', () => reject(new Error(`the app window did not open:\n${text}`)));
  });
}
