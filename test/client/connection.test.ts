import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildClient } from './built-client.ts';
import { entry, noCounts } from './fake-door.ts';
import { launch, openPage, passTime, startClient, whyNoBrowser } from './open-page.ts';

describe.skipIf(whyNoBrowser !== null)('how the client hears of news', () => {
  const built = buildClient();
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    built.remove();
  });

  it('pulls, listens by WebSocket, and comes back from where it heard last', async () => {
    const { door, page } = await openPage(browser, built);
    door.entries = [entry('a')];
    await startClient(page);
    await page.waitForFunction(() => said.includes('live') && app.messages().length === 1);
    door.say({
      type: 'message.created',
      seq: 7,
      entry: entry('b'),
      counts: { total: 2, unread: 2, unseen: 2 },
    });
    await page.waitForFunction(() => app.messages().length === 2 && app.counts().unread === 2);
    door.hello = { seq: 7, resumed: true };
    door.cut();
    await page.waitForFunction(() => said.includes('polling'));
    await page.clock.runFor(1_000);
    await door.until(() => door.connections.length === 2);
    expect(door.connections).toEqual([
      { kind: 'ws', after: null },
      { kind: 'ws', after: '7' },
    ]);
    const pulls = door.asked.filter(({ path }) => path.endsWith('/messages')).length;
    await page.waitForFunction(() => said.filter((word) => word === 'live').length === 2);
    expect(door.asked.filter(({ path }) => path.endsWith('/messages')).length).toBe(pulls);
  });

  it('pulls anew where the door does not know any more what was missed', async () => {
    const { door, page } = await openPage(browser, built);
    await startClient(page);
    await page.waitForFunction(() => said.includes('live'));
    door.entries = [entry('a'), entry('b')];
    door.cut();
    await page.waitForFunction(() => said.includes('polling'));
    await page.clock.runFor(1_000);
    await page.waitForFunction(() => app.messages().length === 2);
  });

  it('comes back when the door said', async () => {
    const { door, page } = await openPage(browser, built);
    await startClient(page);
    await page.waitForFunction(() => said.includes('live'));
    door.say({ type: 'reconnect', retryAfterMs: 20_000 });
    await page.waitForFunction(() => said.includes('polling'));
    await page.clock.runFor(19_000);
    expect(door.connections.length).toBe(1);
    await page.clock.runFor(1_000);
    await door.until(() => door.connections.length === 2);
  });

  it('comes back once where it is let go, says that it is refused, and is live again as soon as it is not', async () => {
    const { door, page } = await openPage(browser, built);
    await startClient(page, { pollMs: 5_000 });
    await page.waitForFunction(() => said.includes('live'));
    door.ws = 'refused';
    door.status = 403;
    door.say({ type: 'reconnect', retryAfterMs: 1_000 });
    await page.waitForFunction(() => said.at(-1) === 'polling');
    await passTime(page, 250, () => door.connections.length > 1);
    await page.waitForFunction(() => said.at(-1) === 'refused');
    expect(door.connections.length).toBe(2);
    const pulls = () => door.asked.filter(({ path }) => path.endsWith('/messages')).length;
    for (let polls = 0; polls < 4; polls++) {
      const before = pulls();
      await page.clock.runFor(5_000);
      await door.until(() => pulls() > before);
    }
    expect(door.connections.length).toBe(2);
    door.ws = 'open';
    door.status = null;
    await passTime(page, 250, () => door.connections.length > 2);
    await page.waitForFunction(() => said.at(-1) === 'live');
  });

  it('opens one connection and no more where several polls are told that it is refused no longer', async () => {
    const { door, page } = await openPage(browser, built);
    door.ws = 'refused';
    door.status = 403;
    await startClient(page, { pollMs: 5_000 });
    await page.waitForFunction(() => said.at(-1) === 'refused');
    const { length } = door.connections;
    const pulls = () => door.asked.filter(({ path }) => path.endsWith('/messages')).length;
    const before = pulls();
    const answer = door.holdAnswers();
    await page.clock.runFor(10_000);
    // The browser keeps back the second one, which asks the same, until the first is answered.
    await door.until(() => pulls() > before);
    door.ws = 'open';
    door.status = null;
    answer();
    await page.waitForFunction(() => said.at(-1) === 'live');
    await door.until(() => pulls() >= before + 2);
    await page.evaluate(() => app.more());
    expect(door.connections.length).toBe(length + 1);
  });

  it('stays stopped where a poll is answered later', async () => {
    const { door, page } = await openPage(browser, built);
    door.ws = 'refused';
    door.status = 403;
    await startClient(page, { pollMs: 5_000 });
    await page.waitForFunction(() => said.at(-1) === 'refused');
    const { length } = door.connections;
    const pulls = () => door.asked.filter(({ path }) => path.endsWith('/messages')).length;
    const before = pulls();
    const answer = door.holdAnswers();
    await page.clock.runFor(5_000);
    await door.until(() => pulls() > before);
    await page.evaluate(() => app.stop());
    door.ws = 'open';
    door.status = null;
    door.entries = [entry('a')];
    answer();
    await page.waitForFunction(() => app.messages().length === 1);
    await page.evaluate(() => undefined);
    expect(door.connections.length).toBe(length);
    expect(await page.evaluate(() => said.at(-1))).toBe('stopped');
  });

  it('takes an event stream where WebSockets do not get through', async () => {
    const { door, page } = await openPage(browser, built);
    door.ws = 'refused';
    await startClient(page);
    await page.waitForFunction(() => said.includes('polling'));
    await page.clock.runFor(1_000);
    await page.waitForFunction(() => said.includes('live'));
    expect(door.connections.map(({ kind }) => kind)).toEqual(['ws', 'stream']);
    door.say({ type: 'message.created', seq: 9, entry: entry('a'), counts: noCounts });
    await page.waitForFunction(() => app.messages().length === 1);
    // What worked is tried first.
    door.cut();
    await page.waitForFunction(() => said.at(-1) === 'polling');
    await page.clock.runFor(1_000);
    await door.until(() => door.connections.length === 3);
    expect(door.connections.at(-1)).toEqual({ kind: 'stream', after: '9' });
  });

  it('polls where nothing stays open, and has nothing new for the same tag', async () => {
    const { door, page } = await openPage(browser, built);
    door.ws = 'refused';
    door.stream = 'refused';
    door.entries = [entry('a')];
    await startClient(page, { pollMs: 5_000 });
    await page.waitForFunction(() => app.messages().length === 1);
    const tagged = () => door.asked.filter(({ headers }) => headers['if-none-match'] !== undefined).length;
    await page.clock.runFor(5_000);
    await door.until(() => tagged() > 0);
    door.entries = [entry('a'), entry('b')];
    await page.clock.runFor(5_000);
    await page.waitForFunction(() => app.messages().length === 2);
    expect(await page.evaluate(() => app.counts().total)).toBe(2);
  });

  it('polls alone when it is told to, and does not where it is not', async () => {
    const { door, page, tab } = await openPage(browser, built);
    await startClient(page, { realtime: 'poll', pollMs: 1_000 });
    await door.until(() => door.asked.some(({ path }) => path.endsWith('/messages')));
    door.entries = [entry('a')];
    await page.clock.runFor(1_000);
    await page.waitForFunction(() => app.messages().length === 1);
    const other = await tab();
    await startClient(other, { realtime: false });
    await other.waitForFunction(() => app.messages().length === 1);
    expect(door.connections).toEqual([]);
  });

  it('says who asks: the key and the hash in fields, and in the address of what cannot have fields', async () => {
    const { door, page } = await openPage(browser, built);
    await startClient(page, { key: 'pk_1', userHash: 'abc', session: 's1', user: 'jane@example.com' });
    const path = '/users/jane%40example.com/messages';
    await door.until(() => door.asked.some((one) => one.path === path));
    const pull = door.asked.find((one) => one.path === path);
    expect(pull?.headers).toMatchObject({ authorization: 'Bearer pk_1', 'x-user-hash': 'abc' });
  });
});
