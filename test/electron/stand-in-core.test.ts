import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  appArguments,
  electronBinary,
  type Folders,
  isAlive,
  makeFolders,
  root,
  type StartedApp,
  standInCore,
  startApp,
} from './launch-app.ts';
import { setFault, standInArguments, startInTerminal } from './stand-in-core.ts';

let folders: Folders;
let started: StartedApp | null = null;

beforeEach(() => {
  folders = makeFolders();
});

afterEach(async () => {
  await started?.app.close();
  await started?.ended;
  started = null;
  folders.remove();
});

async function start(more: readonly string[]): Promise<StartedApp> {
  started = await startApp(folders, more);
  return started;
}

/** @returns the process id that the stand-in's page shows */
async function corePid(page: Page): Promise<number> {
  await page.waitForSelector('#pid');
  return Number(await page.textContent('#pid'));
}

describe.each(['own', 'beside'] as const)('a core started the way "%s"', (way) => {
  it('gets the window, comes back when it is killed, and ends with the app', async () => {
    const { page, app, ended } = await start(standInArguments(way, folders));
    const first = await corePid(page);
    process.kill(first, 'SIGKILL');
    await page.waitForFunction(
      (pid) => Number(document.querySelector('#pid')?.textContent ?? pid) !== pid,
      first,
    );
    const second = await corePid(page);
    expect(second).not.toBe(first);
    await app.close();
    expect(await ended).toBe(0);
    expect(isAlive(second)).toBe(false);
  });

  it('is given up after three restarts in a minute, with a report to copy', async () => {
    setFault(folders, 'crash-at-start');
    const { page, app } = await start(standInArguments(way, folders));
    await page.getByRole('heading', { name: 'The core ends again and again' }).waitFor();
    await page.getByRole('link', { name: 'Copy the report' }).click();
    await expect.poll(() => app.evaluate(({ clipboard }) => clipboard.readText())).toContain('crashed: ');
    setFault(folders, 'none');
    await page.getByRole('link', { name: 'Try again' }).click();
    expect(await corePid(page)).toBeGreaterThan(0);
  });

  it('leaves no core behind when the app itself is killed', async () => {
    const { page, pid, ended } = await start(standInArguments(way, folders));
    const core = await corePid(page);
    process.kill(pid, 'SIGKILL');
    await ended;
    await expect.poll(() => isAlive(core), { timeout: 15_000 }).toBe(false);
    started = null;
  });

  it('says which port is taken and offers free ones', async () => {
    setFault(folders, 'port-taken');
    const { page } = await start(standInArguments(way, folders));
    await page.getByRole('heading', { name: 'Another program holds a port' }).waitFor();
    await page.getByText('port 1025 (smtp) is taken', { exact: false }).waitFor();
    setFault(folders, 'none');
    await page.getByRole('link', { name: 'Start on free ports' }).click();
    expect(await corePid(page)).toBeGreaterThan(0);
  });
});

it('attaches to the core that holds the data folder, and leaves it running', async () => {
  const core = await startInTerminal(standInCore, ['--data', folders.data]);
  const { page, app } = await start(standInArguments('beside', folders));
  expect(await corePid(page)).toBe(core.child.pid);
  await app.close();
  expect(isAlive(core.child.pid ?? 0)).toBe(true);
  await core.end();
});

it('says that an attached core is gone, and goes on when it is back', async () => {
  const elsewhere = makeFolders();
  const core = await startInTerminal(standInCore, ['--data', elsewhere.data]);
  const { page } = await start([`--attach=${core.url}`]);
  expect(await corePid(page)).toBe(core.child.pid);
  await core.end();
  await page.getByText('Looking for the core').waitFor();
  const again = await startInTerminal(standInCore, [
    '--data',
    elsewhere.data,
    '--port',
    new URL(core.url).port,
  ]);
  expect(await corePid(page)).toBe(again.child.pid);
  await again.end();
  elsewhere.remove();
});

it('imports an .eml given at the start, and another given to a second start, which focuses the first', async () => {
  const eml = join(folders.data, 'hello.eml');
  writeFileSync(eml, 'Subject: hello\r\n\r\nworld\r\n');
  const { page, app } = await start([...standInArguments('beside', folders), eml]);
  await shows(page, '/messages/00000001');
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.minimize());
  expect(await secondStart([eml])).toBe(0);
  await shows(page, '/messages/00000002');
  await expect
    .poll(() => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible()))
    .toBe(true);
});

it('opens the message that a deep link names, at the start and later', async () => {
  const { page } = await start([...standInArguments('beside', folders), 'sandpost://message/0199-aa']);
  await shows(page, '/messages/0199-aa');
  expect(await secondStart(['sandpost://message/0199-bb'])).toBe(0);
  await shows(page, '/messages/0199-bb');
});

it('gives the bridge to the screen alone, and lets no page leave', async () => {
  const { page, app, pageWarnings } = await start(standInArguments('beside', folders));
  await corePid(page);
  const home = page.url();
  const frame = page.frames().find((candidate) => candidate.url().endsWith('/frame'));
  expect(await page.evaluate(() => typeof window.sandpost)).toBe('object');
  expect(await frame?.evaluate(() => typeof window.sandpost)).toBe('undefined');
  expect(await page.evaluate(() => window.open('https://example.com/') === null)).toBe(true);
  await page.evaluate(() => {
    window.location.href = '/v1/crash';
  });
  await page.evaluate(() => {
    window.location.href = 'https://example.com/';
  });
  expect(await page.evaluate(() => window.sandpost?.openExternal('file:///etc/passwd'))).toBe(false);
  expect(
    await page.evaluate(() => navigator.permissions.query({ name: 'geolocation' }).then((s) => s.state)),
  ).toBe('denied');
  expect(page.url()).toBe(home);
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  expect(pageWarnings().filter((text) => text.includes('Electron Security Warning'))).toEqual([]);
});

it('stays in the tray when the window is closed and the person wants that', async () => {
  const { page, app } = await start(standInArguments('beside', folders));
  await corePid(page);
  await page.evaluate(() => window.sandpost?.setPreferences({ closeToTray: true }));
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible())).toBe(
    false,
  );
  expect(await secondStart([])).toBe(0);
  await expect
    .poll(() => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible()))
    .toBe(true);
});

/** Addresses come and go while the core starts; what counts is the page that the core gave in the end. */
async function shows(page: Page, path: string): Promise<void> {
  await page.locator('#path', { hasText: path }).waitFor();
}

/** @returns the exit code of another start of the app on the same folders */
async function secondStart(more: readonly string[]): Promise<number | null> {
  const child = spawn(electronBinary(), appArguments(folders, more), { cwd: root, stdio: 'ignore' });
  return await new Promise((resolve) => child.on('exit', (code) => resolve(code)));
}
