/** The room Domains in a browser, against a real core. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findChromium, quietFlags } from './find-chromium.ts';
import { namelessControls, unseenFocus } from './reachable.ts';
import { sendMail } from './screen-mail.ts';
import { type RunningCore, startCore } from './start-core.ts';

const executablePath = findChromium();
const built = existsSync(resolve(import.meta.dirname, '../../out/renderer/index.html'));
const waitMsMax = 15_000;
const tabSteps = 60;

describe('the room Domains', () => {
  if (executablePath === null) {
    it.skip('needs a Chromium: set CHROMIUM_PATH');
    return;
  }
  if (!built) {
    it.skip('needs the built renderer: npm run build');
    return;
  }
  let core: RunningCore;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    core = await startCore();
    browser = await chromium.launch({ executablePath, args: [...quietFlags] });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    page.setDefaultTimeout(waitMsMax);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await core.remove();
  });

  beforeEach(async () => {
    const { entries }: { readonly entries: readonly { readonly name: string }[] } = await (
      await fetch(`${core.facts.url}/v1/domains`)
    ).json();
    for (const { name } of entries) await fetch(`${core.facts.url}/v1/domains/${name}`, { method: 'DELETE' });
    await page.goto(`${core.facts.url}/domains`);
  });

  async function add(name: string): Promise<void> {
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    // Until the dialog is there, the filter of the list is the only field of that name.
    await page.getByRole('dialog').getByRole('textbox', { name: 'Domain' }).fill(name);
    await page.keyboard.press('Enter');
  }
  const one = (name: string) => page.getByRole('heading', { name, level: 1 });
  const part = (name: string) => page.getByRole('region', { name, exact: true });

  it('says what to do when there is none, and shows one that was added', async () => {
    await page.getByRole('heading', { name: 'No sending domain yet' }).waitFor();
    await add('Shop.example');
    await one('shop.example').waitFor();
    await page.getByRole('option', { name: /shop\.example/ }).waitFor();
    await page.getByText('v=spf1 ip4:192.0.2.1 -all').first().waitFor();
    expect(await page.getByText('missing').count()).toBe(0);
  });

  it('says why a name cannot be added', async () => {
    await add('gmail.com');
    await page.getByText('belongs to the Gmail-like provider').waitFor();
  });

  it('offers for pasting what is true outside, and nothing else', async () => {
    await add('shop.example');
    const paste = part('To paste into real DNS');
    await paste.getByRole('button', { name: 'Copy the value of _dmarc.shop.example' }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
      'v=DMARC1; p=none; adkim=r; aspf=r; rua=mailto:dmarc-reports@shop.example',
    );
    const own = part('The sandbox’s own');
    await own.getByText('sandbox only').first().waitFor();
    expect(await own.getByRole('button').count()).toBe(0);
    expect(await paste.getByText('v=spf1').count()).toBe(0);
  });

  it('breaks a domain by a switch, shows what that does, and mends it', async () => {
    await add('shop.example');
    const row = page.getByRole('option', { name: /shop\.example/ });
    await page.getByRole('switch', { name: 'No SPF record' }).click();
    await row.getByText('1 switch on').waitFor();
    await part('The sandbox’s own').getByText('has no SPF record').first().waitFor();
    await page.getByRole('combobox', { name: 'Policy' }).selectOption('reject');
    await page.getByText('v=DMARC1; p=reject').first().waitFor();
    await page.getByRole('button', { name: 'Mend everything' }).click();
    await row.getByText('1 switch on').waitFor({ state: 'detached' });
    await part('The sandbox’s own').getByText('has no SPF record').first().waitFor({ state: 'detached' });
    expect(await page.getByRole('switch', { name: 'No SPF record' }).isChecked()).toBe(false);
  });

  it('rotates keys, also without publishing them, and removes old ones', async () => {
    await add('shop.example');
    await page.getByRole('button', { name: 'More for shop.example' }).click();
    await page.getByRole('menuitem', { name: 'Rotate, and forget to publish' }).click();
    await part('To paste into real DNS').getByText('There is no key at sp2-rsa').waitFor();
    expect(await page.getByRole('switch', { name: 'Key rotated, but not published' }).isChecked()).toBe(true);
    await page.getByRole('button', { name: 'Remove the key sp1-rsa' }).click();
    await page.getByRole('button', { name: 'Remove the key sp1-rsa' }).waitFor({ state: 'detached' });
  });

  it('sends what comes back where it is told', async () => {
    await add('shop.example');
    const inbound = part('What comes back');
    await inbound.getByRole('combobox', { name: 'Goes to' }).selectOption('smtp');
    await inbound.getByRole('textbox', { name: 'Port' }).fill('2600');
    await inbound.getByRole('button', { name: 'Save' }).click();
    await page.getByText('What comes back goes there now').waitFor();
    const kept: unknown = await (await fetch(`${core.facts.url}/v1/domains/shop.example`)).json();
    expect(kept).toMatchObject({ inbound: { kind: 'smtp', host: '127.0.0.1', port: 2600 } });
  });

  it('says what leaves the machine before it asks the real DNS', async () => {
    await add('shop.example');
    await page.getByRole('button', { name: 'Check the real DNS' }).click();
    const dialog = page.getByRole('dialog', { name: 'Ask the real DNS' });
    await dialog.getByText('leave this machine').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await part('In the real DNS').count()).toBe(0);
  });

  it('breaks the DNS of recipients', async () => {
    const list = part('Recipients whose DNS goes wrong');
    await list.getByRole('textbox', { name: 'Domain' }).fill('customer.example');
    await list.getByRole('combobox', { name: 'What goes wrong' }).selectOption('servfail');
    await list.getByRole('button', { name: 'Break it' }).click();
    await list.getByRole('button', { name: 'Mend customer.example' }).click();
    await list.getByRole('button', { name: 'Mend customer.example' }).waitFor({ state: 'detached' });
  });

  it('is reached and moved in by keys', async () => {
    await add('a.example');
    await one('a.example').waitFor();
    await add('b.example');
    await one('b.example').waitFor();
    await page.getByRole('listbox', { name: 'Sending domains' }).focus();
    await page.keyboard.press('ArrowUp');
    await one('a.example').waitFor();
    await page.goto(`${core.facts.url}/messages`);
    await page.getByRole('navigation', { name: 'Rooms' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.getByRole('option', { name: /a\.example/ }).waitFor();
  });

  it('opens on the address of a domain, names every control, and shows the focus', async () => {
    await add('shop.example');
    await one('shop.example').waitFor();
    await page.goto(`${core.facts.url}/domains/shop.example`);
    await one('shop.example').waitFor();
    await part('The sandbox’s own').waitFor();
    expect(await namelessControls(page)).toEqual([]);
    expect(await unseenFocus(page, tabSteps)).toEqual([]);
    await page.goto(`${core.facts.url}/domains/nobody.example`);
    await page.getByText('There is no sending domain nobody.example').waitFor();
    await sendMail(core, { subject: 'The core still runs' });
  });
});
