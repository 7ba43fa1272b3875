/** The client for web apps in a real browser, against a whole Sandpost: through the demo page, which uses it as any app would. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { DemoState } from '../../client/inapp/demo/demo.ts';
import type { InAppEntry } from '../../core/channels/inapp/wire.ts';
import { startCore } from '../start-core.ts';
import { findChromium, quietFlags } from './find-chromium.ts';

const waitMsMax = 15_000;
const built = existsSync(resolve(import.meta.dirname, '../../out/client/client.js'));
const whyNot =
  findChromium() === null
    ? 'needs a Chromium: set CHROMIUM_PATH'
    : built
      ? null
      : 'needs the built client: npm run build';

interface Sent {
  /** Of the message. */
  readonly id: string;
  /** What the door says of the one for Jane. */
  entry(): Promise<InAppEntry>;
  status(): Promise<string | undefined>;
  remove(): Promise<void>;
}

interface World {
  readonly context: BrowserContext;
  /** The door by itself, and beside the API and the screen. */
  readonly door: string;
  readonly api: string;
  /** To Jane. */
  send(message: Readonly<Record<string, unknown>>): Promise<Sent>;
  /** The demo page, in a tab of its own. */
  open(user?: string, at?: string): Promise<Page>;
}

describe.skipIf(whyNot !== null)(`the in-app client${whyNot === null ? '' : ` (${whyNot})`}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    const executablePath = findChromium();
    if (executablePath !== null) browser = await chromium.launch({ executablePath, args: [...quietFlags] });
  });
  afterAll(() => browser.close());

  async function world(): Promise<World> {
    const core = await startCore(['--deliver']);
    const door = `http://127.0.0.1:${core.port('providers')}`;
    const context = await browser.newContext({ viewport: { width: 900, height: 700 } });
    context.setDefaultTimeout(waitMsMax);
    onTestFinished(() => context.close());
    // Of the pages time goes by when a test says so; of the door by itself.
    await context.clock.install();
    await context.clock.pauseAt(Date.now() + 60_000);
    return {
      context,
      door,
      api: core.app.url,
      async send(message) {
        const response = await fetch(`${door}/inapp/v1/messages`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ user: 'jane', ...message }),
        });
        const answer: { readonly id: string } = await response.json();
        expect([response.status, answer]).toEqual([202, expect.anything()]);
        const { id } = answer;
        return {
          id,
          async entry() {
            const shown: { readonly entries: readonly InAppEntry[] } = await (
              await fetch(`${door}/inapp/v1/messages/${id}`)
            ).json();
            const [first] = shown.entries;
            if (first === undefined) throw new Error(`nobody has ${id}`);
            return first;
          },
          async status() {
            const message = await core.json<{ readonly deliveries: readonly { readonly status: string }[] }>(
              `/v1/messages/${id}`,
            );
            return message.deliveries[0]?.status;
          },
          async remove() {
            const done = await core.get(`/v1/messages/${id}`, { method: 'DELETE' });
            expect(done.ok, await done.text()).toBe(true);
          },
        };
      },
      async open(user = 'jane', at = door) {
        const page = await context.newPage();
        const chosen = page.waitForResponse(/\/eligible\?/);
        await page.goto(`${at}/inapp/demo?user=${user}`);
        await chosen;
        return page;
      },
    };
  }

  it('a modal is seen after a second, and its click and dismissal are on the door’s record', async () => {
    const { send, open } = await world();
    const sent = await send({
      title: 'Welcome',
      body: 'Have a look around.',
      actions: [{ id: 'tour', label: 'Take the tour', dismisses: true }],
      display: { kind: 'modal' },
    });
    const page = await open();
    const dialog = page.getByRole('dialog', { name: 'Welcome' });
    await dialog.waitFor();
    await drawn(page);
    await page.clock.runFor(900);
    expect((await sent.entry()).seenAt).toBeNull();
    expect(await sent.status()).toBe('sent');
    const seen = told(page, 'seen');
    await page.clock.runFor(200);
    await seen;
    expect((await sent.entry()).seenAt).not.toBeNull();
    expect(await sent.status()).toBe('delivered');
    const clicked = told(page, 'interacted');
    await dialog.getByRole('button', { name: 'Take the tour' }).click();
    await dialog.waitFor({ state: 'detached' });
    await clicked;
    const { interactedAt, dismissedAt } = await sent.entry();
    expect([interactedAt, dismissedAt]).toEqual([expect.any(String), expect.any(String)]);
  });

  it('a banner, an inline message and a carousel are shown at once, each in its place', async () => {
    const { send, open } = await world();
    const banner = await send({ title: 'On its way', display: { kind: 'banner' } });
    await send({ title: 'Finish your profile', display: { kind: 'inline' } });
    await send({
      title: 'New',
      slides: [{ title: 'Chairs' }, { title: 'Tables' }],
      display: { kind: 'carousel', slot: 'top' },
    });
    const page = await open();
    await page.getByRole('status', { name: 'On its way' }).waitFor();
    await page.locator('[data-slot=""]').getByRole('region', { name: 'Finish your profile' }).waitFor();
    const carousel = page.locator('[data-slot="top"]').getByRole('region', { name: 'New' });
    await carousel.getByRole('button', { name: 'Next' }).click();
    await carousel.getByRole('heading', { name: 'Tables' }).waitFor();
    const dismissed = told(page, 'dismissed');
    await page.getByRole('status', { name: 'On its way' }).getByRole('button', { name: 'Close' }).click();
    await dismissed;
    expect((await banner.entry()).dismissedAt).not.toBeNull();
  });

  it('the inbox lists what is for it, counts what is unread, and archives', async () => {
    const { send, open } = await world();
    const first = await send({ title: 'First' });
    await send({ title: 'Second' });
    await send({ title: 'No part of it', display: { kind: 'modal', trigger: 'never' } });
    const page = await open();
    const bell = page.getByRole('button', { name: 'Messages, 2 unread' });
    await bell.click();
    const items = page.getByRole('region', { name: 'Messages' }).getByRole('listitem');
    expect(await items.getByRole('heading').allInnerTexts()).toEqual(['Second', 'First']);
    const seen = told(page, 'seen');
    await drawn(page);
    await page.clock.runFor(1_000);
    await seen;
    const archived = told(page, 'archived');
    await items.nth(1).getByRole('button', { name: 'Archive' }).click();
    await archived;
    expect((await first.entry()).archivedAt).not.toBeNull();
    await page.getByRole('button', { name: 'Messages, 1 unread' }).waitFor();
    expect(await items.count()).toBe(1);
  });

  it('what is not looked at is not seen: below the fold, in a tab behind, or gone within the second', async () => {
    const { send, open } = await world();
    const below = await send({ title: 'Below', display: { kind: 'inline' } });
    const banner = await send({ title: 'Behind', display: { kind: 'banner' } });
    const page = await open();
    await page.getByRole('status', { name: 'Behind' }).waitFor();
    await page.evaluate(() => {
      const slots = document.getElementById('slots');
      if (slots) slots.style.marginTop = '2000px';
    });
    await drawn(page);
    await page.clock.runFor(500);
    await lookAway(page, true);
    await page.clock.runFor(10_000);
    await lookAway(page, false);
    await page.clock.runFor(500);
    await page.getByRole('status', { name: 'Behind' }).getByRole('button', { name: 'Close' }).click();
    await page.clock.runFor(10_000);
    for (const sent of [below, banner]) {
      expect((await sent.entry()).seenAt).toBeNull();
      expect(await sent.status()).toBe('sent');
    }
    const seen = told(page, 'seen');
    await page.getByRole('region', { name: 'Below' }).scrollIntoViewIfNeeded();
    await drawn(page);
    await page.clock.runFor(1_000);
    await seen;
    expect(await below.status()).toBe('delivered');
  });

  it('once ever is once ever over a reload; until dismissed comes again until then', async () => {
    const { send, open } = await world();
    await send({ title: 'Once', priority: 900, display: { kind: 'modal', frequency: 'once' } });
    await send({ title: 'Until', display: { kind: 'banner', frequency: 'untilDismissed' } });
    const page = await open();
    await page.getByRole('dialog', { name: 'Once' }).waitFor();
    await seenNow(page);
    for (const _reload of [1, 2]) {
      await page.reload();
      await page.getByRole('status', { name: 'Until' }).waitFor();
      expect(await page.getByRole('dialog').count()).toBe(0);
      await seenNow(page);
    }
    const dismissed = told(page, 'dismissed');
    await page.getByRole('button', { name: 'Close' }).click();
    await dismissed;
    const eligible = page.waitForResponse(/\/eligible\?/);
    await page.reload();
    expect(await (await eligible).json()).toMatchObject({
      chosen: null,
      ineligible: [{ reason: 'already_shown' }, { reason: 'dismissed' }],
    });
    expect(await page.locator('.sp-inapp').count()).toBe(0);
  });

  it('without a net nothing is lost, and with it nothing comes twice', async () => {
    const { send, open, context } = await world();
    const modal = await send({
      title: 'Modal',
      actions: [{ id: 'yes', label: 'Yes', dismisses: true }],
      display: { kind: 'modal', frequency: 'always' },
    });
    const page = await open();
    await page.getByRole('dialog', { name: 'Modal' }).waitFor();
    await seenNow(page);
    await context.setOffline(true);
    await page.getByRole('button', { name: 'Yes' }).click();
    for (const title of ['One', 'Two', 'Three']) await send({ title });
    await page.clock.runFor(120_000);
    expect((await modal.entry()).interactedAt).toBeNull();
    const acts: string[] = [];
    page.on('request', (request) => {
      if (request.method() !== 'GET') acts.push(new URL(request.url()).pathname);
    });
    const clicked = told(page, 'interacted');
    await context.setOffline(false);
    await clicked;
    expect((await modal.entry()).interactedAt).not.toBeNull();
    await page.getByRole('button', { name: 'Messages, 3 unread' }).click();
    const titles = page.getByRole('region', { name: 'Messages' }).getByRole('heading', { level: 2 });
    await page.getByRole('heading', { name: 'One' }).waitFor();
    expect(await titles.allInnerTexts()).toEqual(['Messages', 'Three', 'Two', 'One']);
    expect(acts.map((path) => path.split('/').at(-1))).toEqual(['interacted']);
  });

  it('two tabs agree: one shows it, and a dismissal in one takes it from the other', async () => {
    const { send, open } = await world();
    const sent = await send({ title: 'Modal', display: { kind: 'banner', frequency: 'untilDismissed' } });
    await send({ title: 'Inline', display: { kind: 'inline', frequency: 'untilDismissed' } });
    await send({ title: 'Note' });
    const [one, two] = [await open(), await open()];
    const inline = (page: Page) => page.getByRole('region', { name: 'Inline' });
    for (const page of [one, two]) {
      await inline(page).waitFor();
      await page.getByRole('button', { name: 'Messages, 1 unread' }).click();
    }
    // Both are in sight of their windows; only the first has the banner.
    expect(await one.getByRole('status', { name: 'Modal' }).count()).toBe(1);
    expect(await two.getByRole('status', { name: 'Modal' }).count()).toBe(0);
    await two.getByRole('heading', { name: 'Note' }).click();
    for (const page of [one, two]) await page.getByRole('button', { name: 'Messages, 0 unread' }).click();
    await inline(two).getByRole('button', { name: 'Close' }).click();
    await inline(one).waitFor({ state: 'detached' });
    const dismissed = told(one, 'dismissed');
    await one.getByRole('status', { name: 'Modal' }).getByRole('button', { name: 'Close' }).click();
    await dismissed;
    expect((await sent.entry()).dismissedAt).not.toBeNull();
    await two.reload();
    await two.getByRole('button', { name: 'Messages, 0 unread' }).waitFor();
    expect(await two.locator('.sp-inapp').count()).toBe(0);
  });

  it('a message that comes while the page is open is shown at once, and taken away when it is deleted', async () => {
    const { send, open } = await world();
    const page = await open();
    await page.getByText('live', { exact: true }).waitFor();
    const sent = await send({ title: 'Just now', display: { kind: 'banner' } });
    await page.getByRole('status', { name: 'Just now' }).waitFor();
    await sent.remove();
    await page.getByRole('status', { name: 'Just now' }).waitFor({ state: 'detached' });
    await send({ title: 'A note' });
    await page.getByRole('button', { name: 'Messages, 1 unread' }).waitFor();
  });

  it('pages and events choose: the demo goes there, and the door answers', async () => {
    const { send, open } = await world();
    const show = { directive: 'show', operator: 'startsWith', argument: '/cart' };
    await send({ title: 'In the cart', display: { kind: 'inline', pageRules: [show] } });
    await send({ title: 'You bought it', display: { kind: 'modal', trigger: 'purchase' } });
    const page = await open();
    expect(await page.locator('.sp-inapp').count()).toBe(0);
    await page.getByRole('button', { name: 'Cart' }).click();
    await page.getByRole('region', { name: 'In the cart' }).waitFor();
    await page.getByRole('button', { name: 'Home' }).click();
    await page.getByRole('region', { name: 'In the cart' }).waitFor({ state: 'detached' });
    await page.getByLabel('Event').fill('purchase');
    await page.getByRole('button', { name: 'Fire' }).click();
    await page.getByRole('dialog', { name: 'You bought it' }).waitFor();
  });

  it('who comes with a wrong hash gets nothing, and the page says why; with the right one it is live', async () => {
    const { send, open, api } = await world();
    await send({ title: 'For Jane alone', display: { kind: 'banner' } });
    const settings = await fetch(`${api}/v1/inapp/settings`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ requireHash: true }),
    });
    expect(settings.status).toBe(200);
    const wrong = await open('jane&hash=00ff');
    await wrong.getByText('refused with 403: The hash is not that of this user').waitFor();
    expect(await wrong.locator('.sp-inapp').count()).toBe(0);
    const { hash }: { readonly hash: string } = await (await fetch(`${api}/v1/inapp/users/jane/hash`)).json();
    const right = await open(`jane&hash=${hash}`);
    await right.getByRole('status', { name: 'For Jane alone' }).waitFor();
    await right.getByText('live', { exact: true }).waitFor();
  });

  it('in a frame the demo says what it shows and why not the others, and goes where it is told', async () => {
    const { send, open, api } = await world();
    const sent = await send({ title: 'Shown', display: { kind: 'banner' } });
    await send({ title: 'Waits', display: { kind: 'modal', trigger: 'purchase' } });
    const page = await open('nobody', api);
    const errors: string[] = [];
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) errors.push(message.text());
    });
    const states: DemoState[] = [];
    await page.exposeFunction('heard', (state: DemoState) => states.push(state));
    await page.evaluate(() => {
      addEventListener('message', ({ data }) => Reflect.get(globalThis, 'heard')(data));
      const frame = document.createElement('iframe');
      frame.src = '/inapp/demo?user=jane&theme=dark&surface=phone';
      document.body.append(frame);
    });
    const frame = page.frameLocator('iframe');
    await frame.getByRole('status', { name: 'Shown' }).waitFor();
    const { id } = await sent.entry();
    await expect
      .poll(() => states.at(-1))
      .toMatchObject({
        type: 'sandpost-inapp',
        user: 'jane',
        url: '/',
        connection: 'live',
        shown: [id],
        passedOver: [{ title: 'Waits', reason: 'trigger' }],
      });
    await page.evaluate(() => {
      const target = document.querySelector('iframe')?.contentWindow;
      target?.postMessage({ type: 'sandpost-inapp-do', page: '/products' }, location.origin);
      target?.postMessage({ type: 'sandpost-inapp-do', event: 'purchase' }, location.origin);
    });
    await frame.getByRole('heading', { name: 'Products' }).waitFor();
    // One at a time: what the event chose has its turn behind the banner.
    await frame.getByRole('status', { name: 'Shown' }).getByRole('button', { name: 'Close' }).click();
    await frame.getByRole('dialog', { name: 'Waits' }).waitFor();
    expect(errors).toEqual([]);
    const served = await fetch(`${api}/inapp/demo`);
    expect(served.headers.get('content-security-policy')).toMatch(/^default-src 'self';/);
  });
});

/** Settles with the answer to the next thing of that kind which the page tells. */
function told(page: Page, what: string): Promise<unknown> {
  return page.waitForResponse(
    (response) => new URL(response.url()).pathname.endsWith(`/${what}`) && response.ok(),
  );
}

/** Whether an element is in view is looked at when a frame is drawn. */
async function drawn(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const observer = new IntersectionObserver(() => {
          observer.disconnect();
          resolve();
        });
        observer.observe(document.body);
      }),
  );
}

async function seenNow(page: Page): Promise<void> {
  const seen = told(page, 'seen');
  await drawn(page);
  await page.clock.runFor(1_000);
  await seen;
}

/** As when another tab is in front. */
async function lookAway(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((isHidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: isHidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}
