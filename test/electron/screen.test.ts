import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  appArguments,
  electronBinary,
  type Folders,
  isAlive,
  makeFolders,
  root,
  type StartedApp,
  startApp,
} from './launch-app.ts';
import { freePorts, readCoreFile, sandpostCommand, statusOf } from './real-core.ts';
import { dropFile, type OpenScreen, receiveMail, row, tryToBreakOut, walkThroughTabs } from './screen.ts';
import { type CoreInTerminal, startInTerminal } from './stand-in-core.ts';

let folders: Folders;
let started: StartedApp | null = null;
let terminal: CoreInTerminal | null = null;

beforeEach(() => {
  folders = makeFolders();
});

afterEach(async () => {
  await started?.app.close();
  await started?.ended;
  await terminal?.end();
  started = null;
  terminal = null;
  folders.remove();
});

/** Each way to a core that the real one can be reached by in the Electron at hand. */
const waysToOpen = {
  'a core that the app started': () => startApp(folders, freePorts),
  'a core in a terminal': async () => {
    const elsewhere = join(folders.data, 'terminal');
    terminal = await startInTerminal(sandpostCommand, ['--data', elsewhere, ...freePorts]);
    return await startApp(folders, [`--attach=${terminal.url}`]);
  },
} as const;

async function open(way: keyof typeof waysToOpen): Promise<OpenScreen & StartedApp> {
  const app = await waysToOpen[way]();
  started = app;
  await app.page.locator('#room').waitFor();
  const url = new URL(app.page.url()).origin;
  return { ...app, url, smtpPort: (await statusOf(url)).ports.smtp };
}

describe.each(['a core that the app started', 'a core in a terminal'] as const)('the window on %s', (way) => {
  it('shows a mail that comes in by SMTP, whole, and keeps its HTML inside', async () => {
    const screen = await open(way);
    await receiveMail(screen, 'Welcome aboard');
    await walkThroughTabs(screen, 'Welcome aboard');
    await tryToBreakOut(screen);
    await dropFile(screen, 'Dropped on the window');
    expect(screen.pageWarnings().filter((text) => text.includes('Electron Security Warning'))).toEqual([]);
  });

  it('tells the dock how many are unread, and saves a message where the person says', async () => {
    const screen = await open(way);
    const file = join(folders.data, 'exported.eml');
    await screen.app.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = async () => ({ canceled: false, filePath });
    }, file);
    const badge = screen.app.evaluate(
      ({ app }) =>
        new Promise<number>((resolve) => {
          app.setBadgeCount = (count = 0) => {
            if (count > 0) resolve(count);
            return true;
          };
        }),
    );
    await receiveMail(screen, 'One unread');
    expect(await badge).toBe(1);
    await row(screen.page, 'One unread').click();
    await screen.page.getByRole('article', { name: 'One unread' }).waitFor();
    await screen.page.keyboard.press('e');
    await expect.poll(() => readIfThere(file)).toContain('Subject: One unread');
  });

  it('opens a message by deep link and a file by a second start, which focuses the first', async () => {
    const screen = await open(way);
    await receiveMail(screen, 'Linked to');
    await row(screen.page, 'Linked to').click();
    const path = new URL(screen.page.url()).pathname;
    await screen.page.evaluate(() => window.history.back());
    expect(await secondStart([`sandpost://message/${path.split('/').at(-1)}`])).toBe(0);
    await screen.page.waitForURL(`**${path}`);

    const file = join(folders.data, 'saved.eml');
    writeFileSync(file, 'From: a@example.com\r\nTo: b@example.org\r\nSubject: From a file\r\n\r\nhello\r\n');
    expect(await secondStart([file])).toBe(0);
    await screen.page.getByRole('article', { name: 'From a file' }).waitFor();
  });
});

it('comes back with every message when the core is killed, on the message that was open', async () => {
  const screen = await open('a core that the app started');
  await receiveMail(screen, 'Still here');
  await row(screen.page, 'Still here').click();
  await screen.page.getByRole('article', { name: 'Still here' }).waitFor();
  const { pid } = readCoreFile(folders);
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => readCoreFile(folders).pid, { timeout: 20_000 }).not.toBe(pid);
  await screen.page.getByRole('article', { name: 'Still here' }).waitFor();
  await row(screen.page, 'Still here').waitFor();
});

it('leaves no process when it quits', async () => {
  const screen = await open('a core that the app started');
  const { pid } = readCoreFile(folders);
  await screen.app.close();
  expect(await screen.ended).toBe(0);
  expect(isAlive(pid)).toBe(false);
});

it('has its core finish in order when the app itself is killed', async () => {
  const screen = await open('a core that the app started');
  process.kill(screen.pid, 'SIGKILL');
  await screen.ended;
  await expect.poll(() => existsSync(join(folders.data, 'core.json')), { timeout: 20_000 }).toBe(false);
  started = null;
});

it('leaves a core in a terminal running when it quits', async () => {
  const screen = await open('a core in a terminal');
  await screen.app.close();
  expect(await screen.ended).toBe(0);
  expect((await fetch(new URL('/livez', screen.url))).status).toBe(200);
});

/** @returns the exit code of another start of the app on the same folders */
async function secondStart(more: readonly string[]): Promise<number | null> {
  const child = spawn(electronBinary(), appArguments(folders, more), { cwd: root, stdio: 'ignore' });
  return await new Promise((resolve) => child.on('exit', (code) => resolve(code)));
}

function readIfThere(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
