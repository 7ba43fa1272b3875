/** A page of a real browser that has the client as a script, and a door of its own. */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import type { createInApp as CreateInApp, InAppEntry, InAppOptions } from '../../client/inapp/index.ts';
import { findChromium, quietFlags } from '../e2e/find-chromium.ts';
import type { BuiltClient } from './built-client.ts';
import { type FakeDoor, openFakeDoor } from './fake-door.ts';

declare global {
  // What the script makes, and what a test keeps on the page.
  var SandpostInApp: { readonly createInApp: typeof CreateInApp };
  var app: ReturnType<typeof CreateInApp>;
  var said: string[];
}

export const whyNoBrowser: string | null =
  findChromium() === null ? 'needs a Chromium: set CHROMIUM_PATH' : null;

const waitMsMax = 10_000;

export async function launch(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('there is no Chromium');
  return await chromium.launch({ executablePath, args: [...quietFlags] });
}

export interface ClientPage {
  readonly door: FakeDoor;
  readonly context: BrowserContext;
  readonly page: Page;
  /** Another tab of the same user. */
  tab(): Promise<Page>;
}

const html = `<!doctype html><title>App</title><script src="/client.js"></script>
<main><div id="slot"></div><div id="inbox"></div></main>`;

export async function openPage(browser: Browser, built: BuiltClient): Promise<ClientPage> {
  const door = await openFakeDoor({
    '/': { type: 'text/html', body: html },
    '/client.js': { type: 'text/javascript', body: built.file('client.js') },
  });
  const context = await browser.newContext();
  context.setDefaultTimeout(waitMsMax);
  // In all tabs time goes by when a test says so.
  await context.clock.install({ time: '2026-01-01T00:00:00Z' });
  await context.clock.pauseAt('2026-01-01T00:01:00Z');
  onTestFinished(async () => {
    await context.close();
    await door.close();
  });
  const tab = async (): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(door.url);
    return page;
  };
  return { door, context, page: await tab(), tab };
}

/** Lets time go by until that holds: what a timer is set for may still be on its way to the page. */
export async function passTime(page: Page, stepMs: number, holds: () => boolean): Promise<void> {
  while (!holds()) await page.clock.runFor(stepMs);
}

/**
 * Settles when no tab has an act on its way: the last try is over, and the next waits for time to go by. Whoever brings the net
 * back before that has a try that was begun without it, and fails; whoever closes the tab has it told again by another; to whoever has
 * time go by, the answer may come too late.
 */
export async function outboxAtRest(page: Page): Promise<void> {
  await page.waitForFunction(async () => {
    const { held = [], pending = [] } = await navigator.locks.query();
    // The lock of the outbox ends with the user, that of a message that is shown with its id.
    return [...held, ...pending].every(({ name = '' }) => !name.endsWith(':jane'));
  });
}

/** Makes the client there, keeps on the page what it says, and starts it. */
export async function startClient(
  page: Page,
  options: Partial<Omit<InAppOptions, 'root' | 'renderers' | 'onLink'>> = {},
): Promise<void> {
  await page.evaluate((own) => {
    globalThis.said = [];
    globalThis.app = SandpostInApp.createInApp({ url: location.origin, user: 'jane', ...own });
    const note = (name: string) => (entry: InAppEntry) => said.push(`${name} ${entry.id}`);
    app.on('shown', note('shown'));
    app.on('seen', note('seen'));
    app.on('closed', note('closed'));
    app.on('connection', (state) => said.push(state));
    app.start();
  }, options);
}
