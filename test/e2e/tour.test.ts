/** The tour as a browser shows it the first time; there it is the browser that remembers. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OpenScreen, openScreen, whyNoScreen } from './open-screen.ts';

const why = whyNoScreen();
let screen: OpenScreen;

beforeAll(async () => {
  if (why === null) screen = await openScreen({ width: 1280, height: 800 });
}, 60_000);

afterAll(() => screen?.close());

const tourOf = (page: Page) => page.getByRole('dialog', { name: 'Tour of Sandpost' });

it.skipIf(why !== null)('stays out of the way of a browser that a program drives', async () => {
  const { page, core } = screen;
  await page.goto(core.facts.url);
  await page.getByRole('heading', { name: 'No messages yet' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByLabel('Search actions').fill('tour');
  await page.keyboard.press('Enter');
  await tourOf(page).waitFor();
  await page.getByRole('button', { name: 'Skip', exact: true }).click();
  await tourOf(page).waitFor({ state: 'detached' });
});

it.skipIf(why !== null)('meets a person the first time, opens the first message, and is done', async () => {
  const { browser, core } = screen;
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.addInitScript(() => Object.defineProperty(navigator, 'webdriver', { get: () => false }));
  await page.goto(core.facts.url);
  await tourOf(page).getByRole('heading', { name: 'Step 1 of 3' }).waitFor();
  for (const step of ['Step 2 of 3', 'Step 3 of 3']) {
    await page.getByRole('button', { name: 'Next', exact: true }).click();
    await tourOf(page).getByRole('heading', { name: step }).waitFor();
  }
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.waitForURL('**/messages/*-*');
  await tourOf(page).waitFor({ state: 'detached' });

  await fetch(`${core.facts.url}/v1/messages?all=true`, { method: 'DELETE' });
  await page.goto(`${core.facts.url}/messages`);
  await page.getByRole('heading', { name: 'No messages yet' }).waitFor();
  expect(await tourOf(page).count()).toBe(0);
  await page.keyboard.press('Control+,');
  await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
  expect(await page.getByRole('region', { name: 'Workspaces' }).count()).toBe(0);
  await page.close();
});
