/** Journey, Queue, Suppressions and the clock in a browser, on an engine whose far side is scripted. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Holding } from '../../core/api/schema.ts';
import type { HoldingService } from '../../core/api/services.ts';
import { openQueueWorld, type QueueWorld } from '../core/api/queue-world.ts';
import { copyOf } from '../core/api/receipt.ts';
import { deferred, refused, sent, startMs } from '../core/delivery/world.ts';
import { findChromium, quietFlags } from './find-chromium.ts';
import { namelessControls } from './reachable.ts';

const executablePath = findChromium();
const built = existsSync(resolve(import.meta.dirname, '../../out/renderer/index.html'));
const waitMsMax = 15_000;

describe('deliveries on the screen', () => {
  if (executablePath === null) {
    it.skip('need a Chromium: set CHROMIUM_PATH');
    return;
  }
  if (!built) {
    it.skip('need the built renderer: npm run build');
    return;
  }
  let browser: Browser;
  let page: Page;
  let core: QueueWorld;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: [...quietFlags] });
  }, 60_000);
  afterAll(() => browser.close());
  beforeEach(async () => {
    core = await openQueueWorld({ holding: holdingInMemory() });
    page = await browser.newPage({ viewport: { width: 1280, height: 860 }, colorScheme: 'light' });
    page.setDefaultTimeout(waitMsMax);
  });
  afterEach(async () => {
    await page.close();
    await core.close();
  });

  const stage = (word: string) =>
    page.getByRole('list', { name: 'Journey' }).getByRole('listitem').filter({ hasText: word });
  const row = (text: string) => page.getByRole('listbox').getByRole('option').filter({ hasText: text });
  const send = (to: readonly string[], subject: string) =>
    core.world.send(to, { content: `From: a@shop.example\r\nSubject: ${subject}\r\n\r\nhello\r\n` });

  it('tell the journey to each recipient, with its evidence', async () => {
    core.copy = (delivery) => copyOf(delivery);
    core.world.answer = (recipient) => (recipient.startsWith('bob') ? deferred() : sent);
    core.evidence = () => ({
      routing: [{ atMs: 1, question: 'MX a.example', answer: '10 mx1.a.example' }],
      transcript: [{ by: 'S', atMs: 1_200, text: '250 2.0.0 OK' }],
    });
    await send(['jane@a.example', 'bob@b.example'], 'Two ways');
    await core.idle();
    await page.goto(`${core.url}/messages`);
    await row('Two ways').getByRole('img', { name: 'deferred' }).waitFor();
    await row('Two ways').click();
    await page.getByRole('button', { name: /jane delivered · inbox/ }).click();
    await stage('Placed').getByText('in inbox of jane@a.example').waitFor();
    await stage('Attempt 1').getByRole('button', { expanded: false }).click();
    await page
      .getByRole('region', { name: 'Evidence: Attempt 1' })
      .getByText('The next hop took it.')
      .waitFor();
    await stage('Routed').getByRole('button', { expanded: false }).click();
    await page.getByRole('cell', { name: '10 mx1.a.example' }).waitFor();
    expect(await namelessControls(page)).toEqual([]);

    await page.getByRole('button', { name: /bob deferred/ }).click();
    await stage('Deferred').getByText('Next attempt').waitFor();
    await page.keyboard.press('h');
    await stage('held by hand').waitFor();
    core.world.answer = () => sent;
    await page.keyboard.press('r');
    await stage('Attempt 2').waitFor();
    await stage('Placed').waitFor();

    await page.getByRole('tab', { name: 'Auth' }).click();
    await page.getByRole('list', { name: 'Checks' }).getByText('DMARC', { exact: true }).waitFor();
    await page.getByText('Authentication-Results: mx.example.net').waitFor();
    expect(await namelessControls(page)).toEqual([]);
  });

  it('wait in the queue until they are told otherwise', async () => {
    core.world.answer = () => deferred();
    await send(['one@a.example', 'two@b.example'], 'Waiting');
    await core.idle();
    await page.goto(`${core.url}/queue`);
    await row('one@a.example').waitFor();
    await page.getByRole('img', { name: /^Due times of 2 deliveries/ }).waitFor();
    expect(await namelessControls(page)).toEqual([]);

    await page.getByRole('button', { name: 'What to do with a.example' }).click();
    await page.getByRole('menuitem', { name: 'Hold all' }).click();
    await row('one@a.example').getByText('held', { exact: true }).waitFor();

    await page.getByRole('button', { name: 'Suspend…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Suspend a part of the queue' });
    await dialog.getByLabel('Which').fill('b.example');
    await dialog.getByLabel('Reason').fill('they are down');
    expect(await namelessControls(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Suspend' }).click();
    await page.getByRole('list', { name: 'Suspensions' }).getByText('they are down').waitFor();

    await row('two@b.example').click();
    await stage('Attempt 1').waitFor();
    await page.getByRole('button', { name: 'Bounce…' }).click();
    const bounce = page.getByRole('dialog', { name: 'Bounce two@b.example' });
    await bounce.getByLabel('Reply').selectOption('Mailbox full');
    expect(await namelessControls(page)).toEqual([]);
    await bounce.getByRole('button', { name: 'Bounce' }).click();
    await stage('Undeliverable').getByText('552 5.2.2').waitFor();
    await row('two@b.example').waitFor({ state: 'detached' });
    await page.getByRole('combobox', { name: 'Status' }).selectOption('undeliverable');
    await row('two@b.example').waitFor();
    expect(page.url()).toContain('status=undeliverable');
  });

  it('are marked and ordered about together, and released with another envelope', async () => {
    core.world.answer = () => deferred();
    await send(['one@a.example', 'two@b.example', 'three@b.example'], 'Marked');
    await core.idle();
    await page.goto(`${core.url}/queue`);
    const marked = page.getByRole('region', { name: 'Marked deliveries' });
    await row('one@a.example').getByTitle('Mark (space)').click();
    await marked.getByText('1 marked').waitFor();
    await row('three@b.example').click({ modifiers: ['Shift'] });
    await marked.getByText('3 marked').waitFor();
    await row('two@b.example').click({ modifiers: ['Control'] });
    await marked.getByText('2 marked').waitFor();
    expect(await namelessControls(page)).toEqual([]);
    await marked.getByRole('button', { name: 'Hold' }).click();
    await row('one@a.example').getByText('held', { exact: true }).waitFor();
    await row('three@b.example').getByText('held', { exact: true }).waitFor();
    await row('two@b.example').getByText('deferred', { exact: true }).waitFor();
    await marked.waitFor({ state: 'detached' });

    await row('one@a.example').click();
    await page.keyboard.press('x');
    await marked.getByText('1 marked').waitFor();
    await page.keyboard.press('Escape');
    await marked.waitFor({ state: 'detached' });
    await page.getByText(/^Held since .*: held by hand/).waitFor();
    await page.getByRole('button', { name: 'Edit envelope…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Release with another envelope' });
    await dialog.getByLabel('To').fill('nobody');
    expect(await namelessControls(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Release' }).click();
    await dialog.getByText('an address is local-part@domain').waitFor();
    await dialog.getByLabel('To').fill('other@c.example');
    await dialog.getByRole('button', { name: 'Release' }).click();
    await page.getByText('RCPT TO is other@c.example, was one@a.example').waitFor();
    await stage('Released').getByText('RCPT TO other@c.example').waitFor();
  });

  it('are held beforehand by one switch, which says so as long as it is on', async () => {
    await page.goto(`${core.url}/queue`);
    const holding = page.getByRole('region', { name: 'Holding' });
    await holding.getByRole('switch', { name: 'Hold everything' }).click();
    await holding.getByText(/^Nothing is tried until it is released, since/).waitFor();
    expect(await namelessControls(page)).toEqual([]);
    await page.reload();
    await holding.getByText(/^Nothing is tried/).waitFor();
    await holding.getByRole('switch', { name: 'Hold everything' }).click();
    await holding.getByText(/^Nothing is tried/).waitFor({ state: 'detached' });
  });

  it('go on when the clock does', async () => {
    core.world.answer = (_, attempt) => (attempt === 1 ? deferred() : sent);
    await send(['one@a.example'], 'Later');
    await core.idle();
    await page.goto(`${core.url}/queue`);
    await row('one@a.example').waitFor();
    await page.getByRole('group', { name: 'Virtual clock' }).getByText('frozen').waitFor();
    await page.getByRole('button', { name: 'Advance the clock to the next event' }).click();
    await page.getByRole('heading', { name: 'Nothing waits' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByLabel('Search actions').fill('let the clock');
    await page.keyboard.press('Enter');
    await page.getByRole('group', { name: 'Virtual clock' }).getByText('×1').waitFor();
  });

  it('leave dead addresses on the suppression list, where they can be taken off', async () => {
    core.world.answer = () => refused();
    await send(['dead@a.example'], 'Dead');
    await core.idle();
    await page.goto(`${core.url}/suppressions`);
    await row('dead@a.example').click();
    await page.getByText('The address does not exist.').waitFor();
    expect(await namelessControls(page)).toEqual([]);
    await page.getByRole('button', { name: 'Take it off the list' }).click();
    await page.getByRole('heading', { name: 'Nobody is suppressed' }).waitFor();
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog', { name: 'Suppress an address' });
    await dialog.getByLabel('Address').fill('nobody');
    await dialog.getByRole('button', { name: 'Suppress' }).click();
    await dialog.getByText('is no mail address').waitFor();
    await dialog.getByLabel('Address').fill('jane@b.example');
    await dialog.getByRole('button', { name: 'Suppress' }).click();
    await row('jane@b.example').waitFor();
  });

  it('are told to webhooks that the settings name', async () => {
    await page.goto(`${core.url}/settings`);
    await page.getByRole('button', { name: 'Add a webhook' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a webhook' });
    await dialog.getByLabel('Address').fill('https://elsewhere.example/hooks');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('is not this machine').waitFor();
    await dialog.getByLabel('Address').fill(`${core.url}/livez`);
    expect(await namelessControls(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await page
      .getByRole('dialog', { name: /^Calls to/ })
      .getByText('test', { exact: true })
      .click();
    await page.getByText('Attempt 1').waitFor();
    expect(await namelessControls(page)).toEqual([]);
  });
});

function holdingInMemory(): HoldingService {
  let kept: Holding = { everything: false, domains: [], since: null };
  return {
    get: () => kept,
    async set(next) {
      kept = { ...next, since: next.everything ? new Date(startMs).toISOString() : null };
      return kept;
    },
  };
}
