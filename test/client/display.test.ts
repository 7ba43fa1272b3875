import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InAppEntry } from '../../core/channels/inapp/wire.ts';
import { buildClient } from './built-client.ts';
import { entry, noCounts } from './fake-door.ts';
import { launch, openPage, startClient, whyNoBrowser } from './open-page.ts';

const action = { id: 'yes', label: 'Yes', url: null, style: 'primary', dismisses: true } as const;

describe.skipIf(whyNoBrowser !== null)('how messages are shown', () => {
  const built = buildClient();
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    built.remove();
  });

  async function shown(chosen: InAppEntry, options: Parameters<typeof startClient>[1] = {}) {
    const { door, page, tab } = await openPage(browser, built);
    door.eligible = { chosen };
    await startClient(page, { realtime: false, ...options });
    await page.waitForFunction(() => said.some((word) => word.startsWith('shown')));
    // What was shown is not chosen again.
    door.eligible = {};
    return { door, page, tab };
  }

  it('a modal is a dialog with a name, keeps the focus, and goes by Escape', async () => {
    const { door, page } = await shown(entry('m', { kind: 'modal', actions: [action] }));
    const dialog = page.getByRole('dialog', { name: 'Title of m' });
    expect(await dialog.evaluate((element) => element.matches(':modal'))).toBe(true);
    expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await door.until(() => door.acts().length > 0);
    expect(door.acts()).toEqual(['POST dismissed']);
  });

  it('a full screen message is a dialog too', async () => {
    const { page } = await shown(entry('f', { kind: 'fullScreen' }), { style: true });
    const box = await page.getByRole('dialog').boundingBox();
    expect(box?.width).toBeGreaterThan(1200);
  });

  it('a banner is told to screen readers, and goes by its button', async () => {
    const { door, page } = await shown(entry('b', { kind: 'banner' }));
    await page.getByRole('status', { name: 'Title of b' }).getByRole('button', { name: 'Close' }).click();
    await page.getByRole('status').waitFor({ state: 'detached' });
    await door.until(() => door.acts().includes('POST dismissed'));
    expect(await page.evaluate(() => said)).toEqual(['shown b', 'closed b']);
  });

  it('an action is told by its id, and takes the message away where it says so', async () => {
    const { door, page } = await shown(entry('m', { kind: 'modal', actions: [action] }));
    await page.getByRole('button', { name: 'Yes' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await door.until(() => door.acts().length > 0);
    expect(door.acts()).toEqual(['POST interacted']);
    expect(door.asked.at(-1)?.body).toEqual({ action: 'yes' });
    expect(door.asked.at(-1)?.query.get('user')).toBe('jane');
  });

  it('inline messages and carousels stand in their slots; a carousel goes by keys', async () => {
    const { door, page } = await openPage(browser, built);
    const slide = (title: string) => ({ title, body: null, image: null, actions: [] });
    door.eligible = {
      inline: [
        entry('i', { kind: 'inline' }),
        entry('c', { kind: 'carousel', slot: 'top', slides: ['One', 'Two', 'Three'].map(slide) }),
      ],
    };
    await startClient(page, { realtime: false });
    await page.evaluate(() => {
      const slot = document.getElementById('slot');
      const inbox = document.getElementById('inbox');
      if (slot) app.mountSlot(slot);
      if (inbox) app.mountSlot(inbox, 'top');
    });
    await page.locator('#slot').getByRole('region', { name: 'Title of i' }).waitFor();
    const slides = page.locator('#inbox .sp-inapp-slide:visible');
    expect(await slides.innerText()).toBe('One');
    await page.getByRole('button', { name: 'Next' }).click();
    expect(await slides.innerText()).toBe('Two');
    await page.keyboard.press('ArrowRight');
    expect(await slides.innerText()).toBe('Three');
    await page.keyboard.press('ArrowRight');
    expect(await slides.innerText()).toBe('One');
    await page.keyboard.press('ArrowLeft');
    expect(await slides.getAttribute('aria-label')).toBe('3 / 3');
  });

  it('the words of a message are words, and its links lead nowhere that runs', async () => {
    const bad = ['javascript:alert(1)', 'java\nscript:alert(1)', ' data:text/html,x', 'VBScript:x'];
    const links = bad.map((url, index) => ({ ...action, id: `bad${index}`, label: `Bad ${index}`, url }));
    const { page } = await shown(
      entry('x', {
        kind: 'modal',
        title: '<img src=x onerror="document.title=1">',
        body: 'one\n<script>document.title = 2</script>',
        image: 'javascript:alert(2)',
        link: 'javascript:alert(3)',
        actions: [
          ...links,
          { ...action, id: 'deep', label: 'Deep', url: 'myapp://cart' },
          { ...action, id: 'web', label: 'Web', url: 'https://example.com/a' },
          { ...action, id: 'own', label: 'Own', url: '/cart' },
        ],
      }),
    );
    const dialog = page.getByRole('dialog');
    expect(await dialog.locator('img, script').count()).toBe(0);
    expect(await dialog.getByRole('heading').innerText()).toBe('<img src=x onerror="document.title=1">');
    expect(await page.title()).toBe('App');
    expect(await dialog.getByRole('link').allInnerTexts()).toEqual(['Web', 'Own']);
    // Its own scheme is the app's affair; here the app did not say that it takes them.
    expect(await dialog.getByRole('button').allInnerTexts()).toEqual(['Close']);
  });

  it('links of its own scheme go to the app, and so do all others that it wants', async () => {
    const { door, page } = await openPage(browser, built);
    door.eligible = {
      chosen: entry('d', {
        kind: 'banner',
        link: 'https://example.com/',
        actions: [{ ...action, id: 'deep', label: 'Deep', url: 'myapp://cart', dismisses: false }],
      }),
    };
    await page.evaluate(() => {
      globalThis.said = [];
      globalThis.app = SandpostInApp.createInApp({
        url: location.origin,
        user: 'jane',
        realtime: false,
        onLink: (url) => said.push(url) > 0,
      });
      app.start();
    });
    await page.getByRole('button', { name: 'Deep' }).click();
    await page.getByRole('link', { name: 'Title of d' }).click();
    expect(await page.evaluate(() => said)).toEqual(['myapp://cart', 'https://example.com/']);
    await door.until(() => door.acts().length === 2);
    expect(door.asked.slice(-2).map(({ body }) => body)).toEqual([{ action: 'deep' }, { action: null }]);
    expect(new URL(page.url()).pathname).toBe('/');
  });

  it('an app may make the markup itself', async () => {
    const { door, page } = await openPage(browser, built);
    door.eligible = { chosen: entry('m', { kind: 'modal' }) };
    await page.evaluate(() => {
      globalThis.app = SandpostInApp.createInApp({
        url: location.origin,
        user: 'jane',
        realtime: false,
        renderers: {
          modal(one, tools) {
            const element = document.createElement('aside');
            element.append(...tools.content());
            element.onclick = tools.dismiss;
            element.id = `own-${one.id}`;
            return element;
          },
        },
      });
      app.start();
    });
    await page.locator('#own-m').click();
    await page.locator('#own-m').waitFor({ state: 'detached' });
    await door.until(() => door.acts().includes('POST dismissed'));
  });

  describe('an impression', () => {
    it('is half of it in view for a second, once', async () => {
      const { door, page } = await shown(entry('m', { kind: 'modal' }));
      await rendered(page);
      await page.clock.runFor(900);
      expect(door.acts()).toEqual([]);
      await page.clock.runFor(200);
      await door.until(() => door.acts().length === 1);
      expect(door.acts()).toEqual(['PUT seen']);
      await page.clock.runFor(10_000);
      expect(await page.evaluate(() => said)).toEqual(['shown m', 'seen m']);
    });

    it('is none below the fold, nor with a break in the second', async () => {
      const { door, page } = await openPage(browser, built);
      door.eligible = { inline: [entry('i', { kind: 'inline' })] };
      await page.evaluate(() => {
        const slot = document.getElementById('slot');
        if (slot) slot.style.marginTop = '3000px';
      });
      await startClient(page, { realtime: false });
      await page.evaluate(() => {
        const slot = document.getElementById('slot');
        if (slot) app.mountSlot(slot);
      });
      await page.locator('#slot section').waitFor();
      await rendered(page);
      await page.clock.runFor(5_000);
      await page.evaluate(() => scrollTo(0, 3_000));
      await rendered(page);
      await page.clock.runFor(600);
      await page.evaluate(() => scrollTo(0, 0));
      await rendered(page);
      await page.clock.runFor(600);
      expect(await page.evaluate(() => said)).toEqual(['shown i']);
      await page.evaluate(() => scrollTo(0, 3_000));
      await rendered(page);
      await page.clock.runFor(1_000);
      expect(await page.evaluate(() => said)).toEqual(['shown i', 'seen i']);
    });

    it('is none in a tab that nobody looks at', async () => {
      const { page } = await shown(entry('b', { kind: 'banner' }));
      await rendered(page);
      await page.clock.runFor(500);
      await lookAway(page, true);
      await page.clock.runFor(5_000);
      expect(await page.evaluate(() => said)).toEqual(['shown b']);
      await lookAway(page, false);
      await page.clock.runFor(1_000);
      expect(await page.evaluate(() => said)).toEqual(['shown b', 'seen b']);
    });
  });

  it('the inbox lists, marks as read, archives, and keeps what is half seen when news comes', async () => {
    const { door, page } = await openPage(browser, built);
    door.entries = [
      entry('b'),
      entry('a', { readAt: '2026-01-01T00:00:00.000Z' }),
      entry('p', { kind: 'modal' }),
    ];
    await startClient(page);
    await page.waitForFunction(() => said.includes('live'));
    await page.evaluate(() => {
      const inbox = document.getElementById('inbox');
      if (inbox) app.mountInbox(inbox);
    });
    const items = page.getByRole('region', { name: 'Messages' }).getByRole('listitem');
    await page.waitForFunction(() => app.messages().length === 2);
    expect(await items.getByRole('heading').allInnerTexts()).toEqual(['Title of b', 'Title of a']);
    expect(await items.evaluateAll((all) => all.map((one) => one.className))).toEqual([
      'sp-inapp-item sp-inapp-unread',
      'sp-inapp-item',
    ]);
    await rendered(page);
    await page.clock.runFor(600);
    door.say({ type: 'message.created', seq: 5, entry: entry('c'), counts: noCounts });
    await page.waitForFunction(() => app.messages().length === 3);
    await page.clock.runFor(400);
    await door.until(() => door.acts().length === 2);
    const seen = door.asked.flatMap(({ method, path }) => (method === 'PUT' ? [path] : []));
    expect(new Set(seen)).toEqual(new Set(['/messages/a/seen', '/messages/b/seen']));
    await items.nth(1).getByRole('heading').click();
    await door.until(() => door.acts().includes('PUT read'));
    expect(await items.nth(1).getAttribute('class')).toBe('sp-inapp-item');
    await items.nth(1).getByRole('button', { name: 'Archive' }).click();
    await door.until(() => door.acts().includes('PUT archived'));
    expect(await items.count()).toBe(2);
    await page.getByRole('button', { name: 'Mark all as read' }).click();
    await door.until(() => door.acts().includes('POST read'));
    expect(door.asked.at(-1)?.body).toEqual({ user: 'jane', ids: 'all' });
  });

  it('a page change is asked about, and takes away what does not belong there', async () => {
    const { door, page } = await openPage(browser, built);
    const one = entry('b', { kind: 'banner' });
    door.eligible = { chosen: one };
    await startClient(page, { realtime: false });
    await page.getByRole('status').waitFor();
    door.eligible = { ineligible: [{ id: 'b', title: null, reason: 'page', detail: '' }] };
    await page.evaluate(() => history.pushState(null, '', '/cart'));
    await page.getByRole('status').waitFor({ state: 'detached' });
    expect(door.asked.at(-1)?.query.get('url')).toBe(`${door.url}/cart`);
    door.eligible = { chosen: one };
    await page.evaluate(() => app.page('checkout'));
    await page.getByRole('status').waitFor();
    expect(door.asked.at(-1)?.query.get('url')).toBe('checkout');
  });

  it('what an event chose while another one was shown has its turn, if it is still to have one', async () => {
    const { door, page } = await openPage(browser, built);
    door.eligible = { chosen: entry('b', { kind: 'banner' }) };
    await startClient(page, { realtime: false });
    await page.getByRole('status', { name: 'Title of b' }).waitFor();
    door.eligible = { chosen: entry('t', { kind: 'banner' }) };
    await page.evaluate(() => app.track('added'));
    await door.until(() => door.acts().includes('POST events'));
    await page.waitForFunction(() => said.length === 1);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('status', { name: 'Title of t' }).waitFor();
    const last = door.asked.slice(-2).map(({ path, query }) => [path.split('/').at(-1), query.get('event')]);
    expect(last).toEqual([
      ['dismissed', null],
      ['eligible', 'added'],
    ]);
  });

  it('an event is told, and what answers to it is shown', async () => {
    const { door, page } = await openPage(browser, built);
    await startClient(page, { realtime: false, session: 's1' });
    await door.until(() => door.asked.some(({ path }) => path.endsWith('/eligible')));
    door.eligible = { chosen: entry('t', { kind: 'banner' }) };
    await page.evaluate(() => app.track('added', { item: 1 }));
    await page.getByRole('status', { name: 'Title of t' }).waitFor();
    expect(door.asked.at(-1)).toMatchObject({
      path: '/users/jane/events',
      body: { name: 'added', data: { item: 1 }, url: `${door.url}/`, session: 's1' },
    });
  });
});

/** Whether an element is in view is looked at when a frame is drawn. */
async function rendered(page: Page): Promise<void> {
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

/** As when another tab is in front. */
async function lookAway(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((isHidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: isHidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}
