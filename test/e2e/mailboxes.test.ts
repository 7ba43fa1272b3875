/** The room Mailboxes in a browser, against a real core with the simulated world behind it. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, quietFlags } from './find-chromium.ts';
import { namelessControls, unseenFocus } from './reachable.ts';
import { type Outside, sendMail, startOutside } from './screen-mail.ts';
import { type RunningCore, startCore } from './start-core.ts';

const executablePath = findChromium();
const built = existsSync(resolve(import.meta.dirname, '../../out/renderer/index.html'));
const waitMsMax = 15_000;
const tabSteps = 70;

describe('the room Mailboxes', () => {
  if (executablePath === null) {
    it.skip('needs a Chromium: set CHROMIUM_PATH');
    return;
  }
  if (!built) {
    it.skip('needs the built renderer: npm run build');
    return;
  }
  let core: RunningCore;
  let app: Outside;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    [core, app] = await Promise.all([startCore(), startOutside()]);
    browser = await chromium.launch({ executablePath, args: [...quietFlags] });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
    page.setDefaultTimeout(waitMsMax);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    app.close();
    await core.remove();
  });

  const box = (address: string) =>
    page.getByRole('option', { name: new RegExp(address.replaceAll('.', '\\.')) });
  const copy = (subject: string) => page.getByRole('option', { name: new RegExp(subject) });
  const toolbar = () => page.getByRole('toolbar', { name: 'Act as the recipient' });
  const outcomes = () => page.getByRole('list', { name: /made of it/ });
  const open = async (path: string) => {
    await page.goto(`${core.facts.url}${path}`);
  };
  const api = async <T>(path: string): Promise<T> => {
    const answer: T = await (await fetch(`${core.facts.url}/v1${path}`)).json();
    return answer;
  };

  it('says what to do while nobody has mail, and shows the first message when it came', async () => {
    await open('/mailboxes');
    await page.getByRole('heading', { name: 'Nobody has mail yet' }).waitFor();
    await page.getByRole('button', { name: 'Send Jane a message' }).click();
    await box('jane@gmail.com').click();
    await copy('Welcome to Birch & Bean').waitFor();
    expect(new URL(page.url()).pathname).toBe('/mailboxes/jane@gmail.com');
  });

  it('acts as the owner, and says what signal went back', async () => {
    await sendMail(core, {
      from: 'Shop <news@shop.example>',
      to: 'ann@gmail.com',
      subject: 'Three new roasts',
      html: `<p>See <a href="${app.url}/roasts">them</a></p><img src="${app.url}/pixel.gif" alt="">`,
      headers: {
        'List-Unsubscribe': `<${app.url}/leave>`,
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
        'Feedback-ID': 'autumn:shop',
      },
    });
    await open('/mailboxes/ann@gmail.com?place=promotions');
    await copy('Three new roasts').click();
    await page.frameLocator('iframe').getByText('See').waitFor();
    await toolbar().getByRole('button', { name: 'Open', exact: true }).click();
    await outcomes().getByText('The provider counts an open for shop.example.').waitFor();
    await toolbar().getByRole('button', { name: 'Click a link (1)' }).click();
    await page.getByRole('menuitem', { name: `${app.url}/roasts` }).click();
    await outcomes().getByText('the link answered 200').waitFor();
    await toolbar().getByRole('button', { name: 'Unsubscribe, one click' }).click();
    await outcomes().getByText('By one click: a POST (RFC 8058). It answered 200.').waitFor();
    expect(app.visits).toEqual(expect.arrayContaining(['/pixel.gif', '/roasts', '/leave']));
    await toolbar().getByRole('button', { name: 'Star' }).click();
    await toolbar().getByRole('button', { name: 'Unstar' }).waitFor();
    await toolbar().getByRole('button', { name: 'Report spam' }).click();
    await outcomes().getByText('shows as a rate').waitFor();
    await page.getByRole('tab', { name: 'Spam 1', selected: true }).waitFor();
    await toolbar().getByRole('button', { name: 'Not spam, move to' }).click();
    await page.getByRole('menuitem', { name: 'Inbox' }).click();
    await outcomes().getByText('“Not spam” is the strongest word').waitFor();
    await page.getByRole('tab', { name: 'Inbox 1', selected: true }).waitFor();
  });

  it('explains every point of the filter, and goes to the message', async () => {
    await sendMail(core, {
      from: 'WINNER <win@dodgy.example>',
      to: 'bob@gmail.com',
      subject: 'YOU HAVE WON!!! CLAIM NOW',
      html: '<p>VERIFY YOUR ACCOUNT PASSWORD NOW <a href="http://evil.example/x">https://paypal.com</a></p>',
    });
    await open('/mailboxes/bob@gmail.com?place=spam');
    await copy('YOU HAVE WON').click();
    await page.getByRole('tab', { name: 'Filter' }).click();
    const verdict = page.getByRole('region', { name: 'Verdict of the filter' });
    await verdict.getByText('spam from 5 on').waitFor();
    await verdict.getByRole('row', { name: /deceptive_link/ }).waitFor();
    await page.getByRole('tab', { name: 'Headers as received' }).click();
    await page.getByText('Authentication-Results').first().waitFor();
    await page.getByRole('link', { name: 'Every check, explained' }).click();
    await page.waitForURL(/\/messages\/.*tab=auth/);
  });

  it('sets a mailbox that nothing came to yet, and sets it back', async () => {
    await open('/mailboxes');
    await page.getByRole('listbox', { name: 'Mailboxes by provider' }).waitFor();
    await page.keyboard.press('f');
    await page.keyboard.type('nobody@outlook.com');
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: 'Settings' }).click();
    await page.getByRole('combobox', { name: 'The mailbox' }).selectOption('unknown');
    await page.getByText('550 5.1.1').first().waitFor();
    await page.getByText('· does not exist').waitFor();
    expect(await api('/mailboxes/nobody@outlook.com')).toMatchObject({ settings: { state: 'unknown' } });
    await page.getByRole('button', { name: 'Reset to usual' }).click();
    await page.getByText('· does not exist').waitFor({ state: 'detached' });
  });

  it('breaks a provider and mends it, and shows what it thinks of senders', async () => {
    await open('/mailboxes');
    await page.getByRole('option', { name: /^Gmail-like/ }).click();
    await page.getByRole('switch', { name: 'Greylisting' }).click();
    await page.getByRole('option', { name: /Gmail-like 1 setting changed/ }).waitFor();
    await page.getByRole('switch', { name: 'mx1.gmail.sandpost.example' }).click();
    await page.getByRole('option', { name: /2 settings changed/ }).waitFor();
    await page.getByRole('button', { name: 'Reset to usual' }).click();
    await page.getByRole('option', { name: /settings? changed/ }).waitFor({ state: 'detached' });
    await page
      .getByRole('table', { name: 'Reputation by domain, address and stream' })
      .getByRole('row', { name: /shop\.example/ })
      .first()
      .waitFor();
    await page
      .getByRole('table', { name: 'Feedback-IDs of shop.example' })
      .getByText('autumn:shop')
      .waitFor();
    await page.getByRole('combobox', { name: 'The neighbour' }).selectOption('noisy');
    await page.getByText('Costs the shared addresses up to 30 points').waitFor();
  });

  it('shows how a fault compounds, and leads to a message that shows it', async () => {
    await open('/mailboxes');
    await page.getByRole('link', { name: 'dodgy.example' }).click();
    const line = page.getByRole('list', { name: 'The five stages' });
    await line.getByText('1 of 1 in spam').waitFor();
    await page.getByRole('link', { name: 'A message that went to spam, with every reason' }).click();
    await page.getByRole('region', { name: 'Verdict of the filter' }).waitFor();
  });

  it('is moved in by keys, names every control, and shows the focus', async () => {
    await open('/messages');
    await page.getByRole('navigation', { name: 'Rooms' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('b');
    await page.getByRole('listbox', { name: 'Mailboxes by provider' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('heading', { name: 'Gmail-like', level: 1 }).waitFor();
    expect(await namelessControls(page)).toEqual([]);
    await page.getByRole('listbox', { name: 'Mailboxes by provider' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('heading', { name: 'ann@gmail.com', level: 1 }).waitFor();
    await copy('Three new roasts').waitFor();
    await page.keyboard.press('j');
    await toolbar().waitFor();
    await page.getByRole('tab', { name: 'Filter' }).waitFor();
    expect(await namelessControls(page)).toEqual([]);
    expect(await unseenFocus(page, tabSteps)).toEqual([]);
  });
});
