import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildClient } from './built-client.ts';
import { entry } from './fake-door.ts';
import { launch, openPage, outboxAtRest, passTime, startClient, whyNoBrowser } from './open-page.ts';

describe.skipIf(whyNoBrowser !== null)('what the user does', () => {
  const built = buildClient();
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    built.remove();
  });

  it('is kept while there is no net, and told once, in order, when there is again', async () => {
    const { door, page, context } = await openPage(browser, built);
    door.entries = [entry('a'), entry('b')];
    await startClient(page);
    await page.waitForFunction(() => said.includes('live') && app.messages().length === 2);
    // It pulls at the start and when it is live: an answer on its way would be put over what is done now.
    await door.until(() => door.asked.filter(({ path }) => path.endsWith('/messages')).length === 2);
    await page.evaluate(async () => (await fetch('/')).text());
    await context.setOffline(true);
    await page.evaluate(() => {
      app.markSeen('a');
      app.markRead('a');
      app.dismiss('b');
      app.interacted('a', 'yes');
    });
    expect(await page.evaluate(() => app.counts())).toEqual({ total: 2, unread: 1, unseen: 1 });
    await page.clock.runFor(60_000);
    expect(door.acts()).toEqual([]);
    await outboxAtRest(page);
    await context.setOffline(false);
    await door.until(() => door.acts().length === 4);
    await outboxAtRest(page);
    await page.clock.runFor(120_000);
    expect(door.acts()).toEqual(['PUT seen', 'PUT read', 'POST dismissed', 'POST interacted']);
  });

  it('outlives the page', async () => {
    const { door, page } = await openPage(browser, built);
    await startClient(page);
    await page.waitForFunction(() => said.includes('live'));
    door.status = 503;
    await page.evaluate(() => app.markRead('a'));
    await door.until(() => door.acts().length > 0);
    await page.reload();
    door.status = null;
    door.asked.length = 0;
    await startClient(page);
    await page.waitForFunction(() => said.includes('live'));
    await door.until(() => door.acts().length > 0);
    expect(door.acts()).toEqual(['PUT read']);
  });

  it('is told before anything is asked, so that the answer knows of it', async () => {
    const { door, page } = await openPage(browser, built);
    await startClient(page, { realtime: false });
    await door.until(() => door.asked.some(({ path }) => path.endsWith('/eligible')));
    door.status = 503;
    await page.evaluate(() => app.dismiss('a'));
    await door.until(() => door.acts().length > 0);
    await outboxAtRest(page);
    door.status = null;
    door.asked.length = 0;
    await page.evaluate(() => app.page('next'));
    await door.until(() => door.asked.some(({ path }) => path.endsWith('/eligible')));
    expect(door.asked.map(({ path }) => path.split('/').at(-1))).toEqual(['dismissed', 'eligible']);
  });

  it('is tried again later when the door fails, and given up when it refuses', async () => {
    const { door, page } = await openPage(browser, built);
    await startClient(page, { realtime: false });
    await door.until(() => door.asked.some(({ path }) => path.endsWith('/eligible')));
    door.status = 503;
    await page.evaluate(() => app.markRead('a'));
    await door.until(() => door.acts().length === 1);
    await passTime(page, 1_000, () => door.acts().length > 1);
    door.status = 404;
    const tried = door.acts().length;
    await passTime(page, 1_000, () => door.acts().length > tried);
    door.status = null;
    await outboxAtRest(page);
    await page.clock.runFor(600_000);
    expect(new Set(door.acts())).toEqual(new Set(['PUT read']));
    expect(door.acts().length).toBe(tried + 1);
    const visits = door.asked.flatMap(({ method, query }) => (method === 'PUT' ? [query.get('visit')] : []));
    expect(new Set(visits).size).toBe(1);
  });

  it('is bounded: the oldest goes first', async () => {
    const { door, page, context } = await openPage(browser, built);
    await startClient(page);
    await page.waitForFunction(() => said.includes('live'));
    await context.setOffline(true);
    await page.evaluate(() => {
      for (let n = 0; n < 150; n++) app.markRead(`m${n}`);
    });
    await outboxAtRest(page);
    await context.setOffline(false);
    await door.until(() => door.acts().length === 100);
    expect(door.asked.find(({ method }) => method === 'PUT')?.path).toBe('/messages/m50/read');
  });

  it('is known to the other tabs at once, which show the same message no second time', async () => {
    const { door, page, tab } = await openPage(browser, built);
    door.entries = [entry('a')];
    door.eligible = { chosen: entry('m', { kind: 'banner' }), inline: [] };
    await startClient(page, { realtime: false });
    await page.getByRole('status').waitFor();
    const other = await tab();
    await startClient(other, { realtime: false });
    await other.waitForFunction(() => app.messages().length === 1);
    await door.until(() => door.asked.filter(({ path }) => path.endsWith('/eligible')).length === 2);
    expect(await other.getByRole('status').count()).toBe(0);
    await page.evaluate(() => app.markRead('a'));
    await other.waitForFunction(() => app.messages()[0]?.readAt !== null);
    await outboxAtRest(page);
    // The first tab goes: the message is free for the other.
    await page.close();
    await other.evaluate(() => app.page('next'));
    await other.getByRole('status').waitFor();
    const third = await tab();
    await startClient(third, { realtime: false });
    await third.evaluate(() => app.dismiss('m'));
    await other.getByRole('status').waitFor({ state: 'detached' });
    await door.until(() => door.told().includes('POST dismissed'));
    expect(door.told()).toEqual(['PUT read', 'POST dismissed']);
  });

  it('two tabs tell what waits once', async () => {
    const { door, page, tab, context } = await openPage(browser, built);
    const other = await tab();
    for (const one of [page, other]) {
      await startClient(one);
      await one.waitForFunction(() => said.includes('live'));
    }
    await context.setOffline(true);
    await page.evaluate(() => app.markRead('a'));
    await other.evaluate(() => app.markRead('b'));
    await outboxAtRest(page);
    await context.setOffline(false);
    await door.until(() => door.told().length === 2);
    await outboxAtRest(page);
    await page.clock.runFor(60_000);
    await other.clock.runFor(60_000);
    expect(door.told()).toEqual(['PUT read', 'PUT read']);
    expect(new Set(door.asked.flatMap(({ method, path }) => (method === 'PUT' ? [path] : []))).size).toBe(2);
  });
});
