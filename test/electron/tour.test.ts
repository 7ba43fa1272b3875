/** The first start of a person, on the product's own core: the tour, what this is, the settings of the desktop. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { namelessControls } from '../e2e/reachable.ts';
import { type Folders, makeFolders, type StartedApp, startApp } from './launch-app.ts';
import { freePorts } from './real-core.ts';

let folders: Folders;
let started: StartedApp | null = null;

beforeEach(() => {
  folders = makeFolders('first');
});

afterEach(async () => {
  await started?.app.close();
  await started?.ended;
  started = null;
  folders.remove();
});

async function start(): Promise<StartedApp> {
  started = await startApp(folders, freePorts);
  await started.page.locator('#room').waitFor();
  return started;
}

async function restart(): Promise<StartedApp> {
  await started?.app.close();
  await started?.ended;
  return await start();
}

/** As a person chooses it from the menu. */
async function choose({ app }: StartedApp, label: string): Promise<void> {
  await app.evaluate(({ Menu }, wanted) => {
    const items = Menu.getApplicationMenu()?.items.flatMap((item) => item.submenu?.items ?? []) ?? [];
    items.find((item) => item.label === wanted)?.click();
  }, label);
}

const tourOf = (page: Page) => page.getByRole('dialog', { name: 'Tour of Sandpost' });

it('leads from the first start to the first message, by keyboard alone', async () => {
  const { page } = await start();
  const tour = tourOf(page);
  await tour.getByRole('heading', { name: 'Step 1 of 3 What this is' }).waitFor();
  await tour.getByText('lets nothing leave this machine').waitFor();
  expect(await nameless(page)).toEqual([]);
  await reach(page, 'Next');
  await page.keyboard.press('Enter');
  await tour.getByRole('heading', { name: 'Step 2 of 3 Connect your app' }).waitFor();
  await tour.getByLabel('Your app is made with').selectOption({ label: 'Django' });
  await tour.getByText('EMAIL_HOST_USER').waitFor();
  await reach(page, 'Copy');
  await page.keyboard.press('Enter');
  await tour.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await nameless(page)).toEqual([]);
  await reach(page, 'Next');
  await page.keyboard.press('Enter');
  await tour.getByRole('status').getByText('Waiting for the first message').waitFor();
  expect(await nameless(page)).toEqual([]);
  await reach(page, 'Send a test');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/messages/*-*');
  await tour.waitFor({ state: 'detached' });
  await page.getByRole('article').waitFor();
});

it('is met once: after it was skipped it comes back from the Help menu alone', async () => {
  const first = await start();
  await tourOf(first.page).waitFor();
  await first.page.keyboard.press('Escape');
  await tourOf(first.page).waitFor({ state: 'detached' });
  await expect
    .poll(() => first.page.evaluate(() => window.sandpost?.preferences().then((kept) => kept.tourTaken)))
    .toBe(true);

  const second = await restart();
  await second.page.getByRole('heading', { name: 'No messages yet' }).waitFor();
  expect(await tourOf(second.page).count()).toBe(0);
  await choose(second, 'Take the Tour');
  await tourOf(second.page).getByRole('heading', { name: 'Step 1 of 3' }).waitFor();
});

it('says what it is made of, from the menu and from the palette', async () => {
  writeFileSync(join(folders.profile, 'preferences.json'), '{"tourTaken":true}');
  const app = await start();
  const { page } = app;
  const about = page.getByRole('dialog', { name: 'About Sandpost' });
  await page.getByRole('heading', { name: 'No messages yet' }).waitFor();
  await choose(app, 'About Sandpost');
  for (const fact of [
    'Electron',
    'Chromium',
    'Node of the app',
    'Node of the core',
    'SQLite',
    'Data folder',
  ]) {
    await about.getByText(fact, { exact: true }).waitFor();
  }
  await about.getByText(folders.data).waitFor();
  await about.getByText(/^3\.\d+\.\d+$/).waitFor();
  await about.getByRole('button', { name: 'Copy' }).click();
  await expect
    .poll(() => app.app.evaluate(({ clipboard }) => clipboard.readText()))
    .toMatch(/^Sandpost: .*\nElectron: /);
  await page.keyboard.press('Escape');
  await about.waitFor({ state: 'detached' });
  await page.keyboard.press('Control+k');
  await page.getByLabel('Search actions').fill('about');
  await page.keyboard.press('Enter');
  await about.waitFor();
});

it('has everything of the desktop in the settings, which Ctrl and the comma open', async () => {
  writeFileSync(join(folders.profile, 'preferences.json'), '{"tourTaken":true}');
  const { page } = await start();
  await page.getByRole('heading', { name: 'No messages yet' }).waitFor();
  await page.keyboard.press('Control+,');
  await page.getByRole('region', { name: 'Desktop app' }).waitFor();
  const kept = () => page.evaluate(() => window.sandpost?.preferences());

  const workspaces = page.getByRole('region', { name: 'Workspaces' });
  await workspaces.getByText(folders.data).waitFor();
  const updates = page.getByRole('region', { name: 'Updates' });
  await updates.getByLabel('Feed', { exact: true }).fill('ftp://example.com');
  await updates.getByText('An address begins with').waitFor();
  await updates.getByLabel('Feed', { exact: true }).fill('http://127.0.0.1:9/feed/');
  await updates.getByRole('button', { name: 'Save: Feed' }).click();
  await expect.poll(async () => (await kept())?.updateFeed).toBe('http://127.0.0.1:9/feed/');
  await updates.getByText('It could not be found out').waitFor();
  await page.getByLabel('Keep running in the tray when the window is closed').click();
  await expect.poll(async () => (await kept())?.closeToTray).toBe(true);
  expect(await nameless(page)).toEqual([]);
});

/** Goes on with Tab until the control of this name has the focus. */
async function reach(page: Page, name: string): Promise<void> {
  const stepsMax = 20;
  for (let steps = 0; steps < stepsMax; steps += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => document.activeElement?.textContent?.trim());
    if (focused === name) return;
  }
  throw new Error(`“${name}” is not reached by Tab`);
}

/** Without the pictures: Chromium 108 takes the arrows of Mantine's selects for such. */
async function nameless(page: Page): Promise<readonly string[]> {
  return (await namelessControls(page)).filter((control) => !control.startsWith('img '));
}
