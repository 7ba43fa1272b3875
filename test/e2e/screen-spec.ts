import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { namelessControls, unseenFocus } from './reachable.ts';
import { escapingHtml, type Outside, sendMail, startOutside } from './screen-mail.ts';
import type { RunningCore } from './start-core.ts';

/** A screen to try: one page that shows one core. */
export interface ScreenUnderTest {
  readonly page: Page;
  readonly core: RunningCore;
  readonly close: () => Promise<void>;
}

const waitMsMax = 15_000;

/** What the screen does wherever it runs: a browser, an app window, the desktop app. */
export function screenSpec(openScreen: () => Promise<ScreenUnderTest>): void {
  let screen: ScreenUnderTest;
  let page: Page;
  let core: RunningCore;

  beforeAll(async () => {
    screen = await openScreen();
    ({ page, core } = screen);
    page.setDefaultTimeout(waitMsMax);
  }, 60_000);
  afterAll(() => screen.close());

  beforeEach(async () => {
    await fetch(`${core.facts.url}/v1/messages?all=true`, { method: 'DELETE' });
    await page.goto(`${core.facts.url}/messages`);
    await page.evaluate(() => localStorage.clear());
    await page.reload();
  });

  const row = (subject: string) => page.getByRole('option').filter({ hasText: subject });
  const open = async (subject: string) => {
    await row(subject).click();
    await page.getByRole('heading', { name: subject, level: 1 }).waitFor();
  };

  describe('messages', () => {
    it('says what to do first when there are none', async () => {
      await page.getByRole('heading', { name: 'No messages yet' }).waitFor();
      await page.getByText(`:${core.facts.ports.smtp}`).waitFor();
      await page.getByRole('link', { name: 'Settings for your framework' }).click();
      await page.getByRole('region', { name: 'Doors' }).waitFor();
    });

    it('show up by themselves when they arrive by SMTP', async () => {
      await sendMail(core, { subject: 'First light' });
      await row('First light').waitFor();
      await sendMail(core, { subject: 'Second light' });
      await row('Second light').waitFor();
      expect(await page.getByRole('option').first().textContent()).toContain('Second light');
      await page.getByRole('link', { name: 'Messages, 2 unread' }).waitFor();
    });

    it('become read when they are opened, and unread again by u', async () => {
      await sendMail(core, { subject: 'To be read' });
      await open('To be read');
      await row('To be read').getByRole('img', { name: 'read', exact: true }).waitFor();
      await page.keyboard.press('u');
      await row('To be read').getByRole('img', { name: 'unread', exact: true }).waitFor();
    });

    it('wait behind a count while the list is scrolled', async () => {
      for (let index = 0; index < 40; index += 1) await sendMail(core, { subject: `Row ${index}` });
      await row('Row 39').waitFor();
      const list = page.getByRole('listbox', { name: 'Messages' });
      await list.evaluate((element) => element.scrollTo(0, 500));
      const before = await list.evaluate((element) => element.scrollTop);
      await sendMail(core, { subject: 'Late arrival' });
      await page.getByRole('button', { name: '1 new' }).waitFor();
      expect(await list.evaluate((element) => element.scrollTop)).toBe(before);
      expect(await row('Late arrival').count()).toBe(0);
      await page.getByRole('button', { name: '1 new' }).click();
      await row('Late arrival').waitFor();
    });

    it('show who only the envelope names', async () => {
      await sendMail(core, { subject: 'Blind copy', bcc: 'hidden@example.com' });
      await open('Blind copy');
      await page.getByText('hidden@example.com').first().waitFor();
      await page.getByText('envelope only').waitFor();
    });
  });

  describe('a message', () => {
    it('shows every tab', async () => {
      await sendMail(core, {
        subject: 'All tabs',
        text: 'Plain words, your code is 739201',
        html: '<p>Rich words, your code is 739201</p><a href="https://shop.example/order">Order</a>',
        attachments: [{ filename: 'notes.txt', content: 'attached words' }],
        headers: { 'X-Campaign-Id': 'spring' },
      });
      await open('All tabs');
      await page.frameLocator('iframe').getByText('Rich words').waitFor();
      await page
        .getByRole('complementary', { name: 'Links and codes' })
        .getByText('739201')
        .first()
        .waitFor();
      await page.getByRole('button', { name: 'Open https://shop.example/order' }).waitFor();

      await page.getByRole('tab', { name: 'Text' }).click();
      await page.getByRole('region', { name: 'Text of the message' }).getByText('Plain words').waitFor();
      await page.getByRole('tab', { name: 'Headers' }).click();
      await page.getByLabel('Filter headers').fill('campaign');
      await page.getByRole('rowheader', { name: 'X-Campaign-Id' }).waitFor();
      await page.getByText('1 of').waitFor();
      await page.getByRole('tab', { name: 'MIME' }).click();
      await page.getByRole('rowheader', { name: 'multipart/alternative' }).waitFor();
      await page.getByRole('tab', { name: 'Source' }).click();
      await page.getByText('every line ends in CRLF').waitFor();
      await page.locator('.sp-header-name', { hasText: 'Subject:' }).waitFor();
      await page.getByRole('tab', { name: 'Exchange' }).click();
      await page.getByText('MAIL FROM:').first().waitFor();
      expect(page.url()).toContain('tab=exchange');

      await page.getByRole('button', { name: /notes\.txt/ }).click();
      await page.getByRole('dialog').getByText('attached words').waitFor();
    });

    it('cannot get out of its preview', async () => {
      const outside: Outside = await startOutside();
      const strangers: string[] = [];
      const watch = (request: { url(): string }) => {
        if (!request.url().startsWith(core.facts.url) && !request.url().startsWith('data:'))
          strangers.push(request.url());
      };
      page.on('request', watch);
      try {
        await sendMail(core, { subject: 'Way out', html: escapingHtml(outside.url) });
        await open('Way out');
        const place = page.url();
        const frame = page.frameLocator('iframe');
        await frame.getByRole('heading', { name: 'Way out' }).waitFor();
        await page.getByText(/\d+ remote things? blocked/).waitFor();
        expect(await page.locator('iframe').getAttribute('sandbox')).toBe('');
        for (const name of ['Leave by link', 'Leave in the frame']) {
          const link = frame.getByText(name);
          if ((await link.count()) > 0) await link.click({ noWaitAfter: true });
        }
        // The answer to this comes after whatever the clicks set off.
        await page.reload();
        await page.frameLocator('iframe').getByRole('heading', { name: 'Way out' }).waitFor();
        expect(page.url()).toBe(place);
        expect(outside.visits).toEqual([]);
        expect(strangers).toEqual([]);
      } finally {
        page.off('request', watch);
        outside.close();
      }
    });
  });

  describe('search and projects', () => {
    it('finds by word and by field, and says when nothing matches', async () => {
      await sendMail(core, { subject: 'Invoice 118', from: 'billing@example.com' });
      await sendMail(core, { subject: 'Welcome', from: 'hello@example.com' });
      await row('Welcome').waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type('from:billing');
      await row('Welcome').waitFor({ state: 'detached' });
      await row('Invoice 118').waitFor();
      expect(page.url()).toContain('q=from%3Abilling');
      await page.getByLabel('Search messages').fill('nothinglikethis');
      await page.getByRole('heading', { name: 'Nothing matches this search' }).waitFor();
      await page.getByRole('link', { name: 'Clear the search' }).click();
      await row('Welcome').waitFor();
    });

    it('says what is wrong with a search that cannot be read', async () => {
      await page.goto(`${core.facts.url}/messages?q=${encodeURIComponent('larger:abc')}`);
      await page.getByRole('alert').waitFor();
    });

    it('keeps one project apart from another', async () => {
      await sendMail(core, { subject: 'From the shop' }, 'shop');
      await sendMail(core, { subject: 'From nobody' });
      await row('From the shop').waitFor();
      await page.getByRole('button', { name: 'Project: all projects' }).click();
      await page.getByRole('menuitem', { name: /^shop/ }).click();
      await row('From nobody').waitFor({ state: 'detached' });
      await row('From the shop').waitFor();
      expect(page.url()).toContain('project=shop');
    });
  });

  describe('deleting', () => {
    it('can be undone', async () => {
      await sendMail(core, { subject: 'Nearly gone' });
      await open('Nearly gone');
      await page.keyboard.press('#');
      await row('Nearly gone').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Undo' }).click();
      await row('Nearly gone').waitFor();
    });

    it('happens even when the page goes away before the time to undo is over', async () => {
      await sendMail(core, { subject: 'Really gone' });
      await open('Really gone');
      await page.keyboard.press('#');
      await row('Really gone').waitFor({ state: 'detached' });
      await page.goto(`${core.facts.url}/settings`);
      await page.goto(`${core.facts.url}/messages`);
      await page.getByRole('heading', { name: 'No messages yet' }).waitFor();
    });
  });

  describe('keyboard', () => {
    it('moves with j and k, and between the rooms with g', async () => {
      for (const subject of ['One', 'Two', 'Three']) await sendMail(core, { subject });
      await row('Three').waitFor();
      await page.keyboard.press('j');
      await page.getByRole('heading', { name: 'Three', level: 1 }).waitFor();
      await page.keyboard.press('j');
      await page.getByRole('heading', { name: 'Two', level: 1 }).waitFor();
      await page.keyboard.press('k');
      await page.getByRole('heading', { name: 'Three', level: 1 }).waitFor();
      await page.keyboard.press('g');
      await page.keyboard.press('e');
      await page.getByRole('listbox', { name: 'Exchanges' }).waitFor();
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
      await page.keyboard.press('Escape');
    });

    it('reaches every action from the palette', async () => {
      await page.getByRole('heading', { name: 'No messages yet' }).waitFor();
      await page.keyboard.press('Control+k');
      await page.getByLabel('Search actions').fill('settings');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
    });
  });

  describe('without a mouse or without sight', () => {
    const tabSteps = 30;

    it('every control of an open message has a name, on each tab', async () => {
      await sendMail(core, {
        subject: 'Named',
        html: '<p>Your code is 739201</p><a href="https://shop.example/order">Order</a>',
        attachments: [{ filename: 'notes.txt', content: 'attached words' }],
      });
      await open('Named');
      for (const tab of ['Journey', 'Preview', 'Text', 'Headers', 'MIME', 'Auth', 'Source', 'Exchange']) {
        await page.getByRole('tab', { name: tab }).click();
        await page.getByRole('tabpanel', { name: tab }).waitFor();
        expect(await namelessControls(page), tab).toEqual([]);
      }
    });

    it('every control of every room has a name', async () => {
      await sendMail(core, { subject: 'Somewhere' });
      const rooms = {
        queue: page.getByRole('region', { name: 'The whole queue' }),
        exchanges: page.getByRole('listbox', { name: 'Exchanges' }),
        suppressions: page.getByRole('button', { name: 'Export' }),
        connect: page.getByRole('region', { name: 'Doors' }),
        settings: page.getByRole('radiogroup', { name: 'Theme' }),
      };
      for (const [room, sign] of Object.entries(rooms)) {
        await page.goto(`${core.facts.url}/${room}`);
        await sign.waitFor();
        expect(await namelessControls(page), room).toEqual([]);
      }
    });

    it('whatever Tab reaches can be seen to have the focus', async () => {
      await sendMail(core, { subject: 'In focus', html: '<p>Hello</p>' });
      await open('In focus');
      expect(await unseenFocus(page, tabSteps)).toEqual([]);
      await page.goto(`${core.facts.url}/settings`);
      await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
      expect(await unseenFocus(page, tabSteps)).toEqual([]);
    });
  });

  describe('the rest', () => {
    afterEach(() => page.emulateMedia({ colorScheme: 'light' }));

    it('follows the system into the dark, and stays where it is told', async () => {
      const scheme = () => page.locator('html').getAttribute('data-mantine-color-scheme');
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
      await page.goto(`${core.facts.url}/settings`);
      await page.getByRole('radiogroup', { name: 'Theme' }).getByText('Light').click();
      await page.locator('html[data-mantine-color-scheme="light"]').waitFor();
      await page.reload();
      expect(await scheme()).toBe('light');
    });

    it('imports an .eml file that is dropped anywhere', async () => {
      const transfer = await page.evaluateHandle(() => {
        const data = new DataTransfer();
        const text = 'From: a@example.com\r\nTo: b@example.com\r\nSubject: Dropped in\r\n\r\nHello\r\n';
        data.items.add(new File([text], 'dropped.eml', { type: 'message/rfc822' }));
        return data;
      });
      await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
      await page.getByRole('heading', { name: 'Dropped in', level: 1 }).waitFor();
    });

    it('sends itself a test from Connect', async () => {
      await page.goto(`${core.facts.url}/connect`);
      await page.getByRole('button', { name: 'Send a test' }).first().click();
      await page.getByText('A message arrived.').waitFor();
    });

    it('leads from Connect to the documents that clients are made of', async () => {
      await page.goto(`${core.facts.url}/connect`);
      const titles: unknown[] = [];
      for (const name of ['the API', 'in-app messages']) {
        const href = await page.getByRole('link', { name, exact: true }).getAttribute('href');
        const answer = await fetch(new URL(href ?? '', page.url()));
        const document: { readonly info: { readonly title: string } } = JSON.parse(await answer.text());
        titles.push(document.info.title);
      }
      expect(titles).toEqual(['Sandpost', 'Sandpost, in-app messages']);
    });

    it('says so when the core is gone, and goes on when it is back', async () => {
      await sendMail(core, { subject: 'Before' });
      await row('Before').waitFor();
      await core.stop();
      await page.getByText('Reconnecting to the core').waitFor();
      await row('Before').waitFor();
      await core.start();
      await page.getByText('Reconnecting to the core').waitFor({ state: 'detached' });
      await sendMail(core, { subject: 'After' });
      await row('After').waitFor();
    });
  });
}
