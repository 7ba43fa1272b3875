/** Handsets and the pages of SMS, in a browser against a real core whose Twilio door an app speaks to. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { List, Message } from '../../core/api/schema.ts';
import { type OpenScreen, openScreen, whyNoScreen } from './open-screen.ts';
import { namelessControls, unseenFocus } from './reachable.ts';
import { type App, sendByTwilio, startApp } from './sms-clients.ts';
import type { RunningCore } from './start-core.ts';

const jane = '+14155552671';
const shop = '+15005550006';
const long =
  'Your order №7 of coffee — Huila, 250 g — is on its way. It will be with you on Tuesday between 9 and 12. Track it at https://birchbean.example/t/77.';
const tabSteps = 60;

describe('handsets', () => {
  const missing = whyNoScreen();
  if (missing !== null) {
    it.skip(missing);
    return;
  }
  let opened: OpenScreen;
  let core: RunningCore;
  let page: Page;
  let app: App;

  beforeAll(async () => {
    [opened, app] = await Promise.all([openScreen({ width: 1440, height: 1000 }), startApp()]);
    ({ core, page } = opened);
  }, 60_000);
  afterAll(async () => {
    await opened.close();
    await app.close();
  });

  const open = (path: string) => page.goto(`${core.facts.url}${path}`);
  const send = async (text: string, more: Readonly<Record<string, string>> = {}) => {
    const [status] = await sendByTwilio(core, { To: jane, From: shop, Body: text, ...more });
    return status;
  };
  const messageOf = async (begin: string): Promise<string> => {
    const { entries }: List<Message> = await (await fetch(`${core.facts.url}/v1/messages?limit=50`)).json();
    return entries.find(({ snippet }) => snippet.startsWith(begin))?.id ?? 'none';
  };
  const thread = () => page.getByRole('log', { name: `Messages with ${shop}` });
  const bubble = (text: string) => thread().getByRole('listitem').filter({ hasText: text }).first();
  const field = () => page.getByRole('textbox', { name: `Write to ${shop} as ` });
  const journey = () => page.getByRole('list', { name: 'Journey' });

  it('say how to come by one, and one is added with its owner', async () => {
    await open('/phones');
    await page.getByRole('link', { name: 'Handsets (SMS)' }).click();
    await page.getByRole('heading', { name: 'No handset yet', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Add a handset' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Add a handset' });
    await dialog.getByRole('textbox', { name: 'Number' }).fill('nonsense');
    await dialog.getByRole('button', { name: 'Add it' }).click();
    await dialog.getByText(/nonsense/).waitFor();
    await dialog.getByRole('textbox', { name: 'Number' }).fill(jane);
    await dialog.getByRole('textbox', { name: 'Whose' }).fill('jane');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Jane’s phone');
    await dialog.getByRole('button', { name: 'Add it' }).click();
    await page.getByRole('heading', { name: 'Jane’s phone', level: 1 }).waitFor();
    await page.getByText('No message yet').first().waitFor();
  });

  it('show a text as it is cut, what made it Unicode, and what the app was told', async () => {
    expect(await send(long, { StatusCallback: `${app.url}/broken` })).toBe(201);
    await bubble('Your order').getByText('Unicode · 3 parts').waitFor();
    await bubble('Your order').getByText('part 2 of 3').waitFor();
    await bubble('Your order')
      .getByText(/№ at 12 \(nothing like it in GSM-7\)/)
      .waitFor();
    await bubble('Your order').getByText('Delivered', { exact: true }).waitFor();
    await bubble('Your order')
      .getByRole('list', { name: 'What the app was told' })
      .getByText(/“delivered” was given up\. 500/)
      .waitFor();
    await page.getByRole('option', { name: /Jane’s phone.*United States/ }).waitFor();
  });

  it('are answered: counted while it is written, nowhere without an address, then by TwiML', async () => {
    await field().fill('Great ☕');
    await page.getByText(/Unicode because of ☕ at 7 · 1 part/).waitFor();
    await field().press('Enter');
    const nowhere = bubble('Great ☕').getByText(`${shop} has no inbound address`);
    await nowhere.waitFor();
    await bubble('Great ☕').getByRole('button', { name: 'Set one…' }).click();
    const dialog = page.getByRole('dialog', { name: `Sender ${shop}` });
    await dialog.getByRole('textbox', { name: 'Answers go to' }).fill(`${app.url}/inbound`);
    await dialog.getByRole('button', { name: 'Keep it' }).click();
    await dialog.waitFor({ state: 'detached' });
    await field().fill('Is it there?');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await bubble('Noted, thank you').waitFor();
    await bubble('Is it there?').getByText('the app said 200 OK').waitFor();
    await bubble('Is it there?')
      .getByRole('list', { name: 'Passed over in the app’s reply' })
      .getByText(/<Say>/)
      .waitFor();
  });

  it('opt out by one click, which the provider answers by itself, and in again', async () => {
    await page.getByRole('button', { name: `Write STOP to ${shop}` }).click();
    await thread().getByText('Twilio answers this by itself').first().waitFor();
    await page.getByText('STOP was written: the app is refused').waitFor();
    expect(await send('Refused')).toBe(400);
    const switches = page.getByRole('complementary', { name: 'Switches of Jane’s phone' });
    await switches.getByText(/by “STOP”/).waitFor();
    await switches.getByRole('button', { name: 'Opt in again' }).click();
    await switches.getByText('Its owner wrote STOP to nobody.').waitFor();
    expect(await send('Taken again')).toBe(201);
    await bubble('Taken again').waitFor();
  });

  it('are switched off, and what is held gets there when they are on', async () => {
    await page.getByRole('button', { name: 'Off for …' }).click();
    await page.getByRole('menuitem', { name: '2 hours' }).click();
    await page.getByText('It is off: switch it on to write').waitFor();
    expect(await send('While it is off')).toBe(201);
    await bubble('While it is off').getByText('Held by the carrier until').waitFor();
    await page.getByRole('option', { name: /Jane’s phone 1 waits/ }).waitFor();
    await open('/queue?status=device');
    await page.getByRole('option', { name: new RegExp(`\\${jane} \\(Twilio\\)`) }).waitFor();
    await open(`/messages/${await messageOf('While it is off')}?tab=journey`);
    await journey().getByText('The carrier keeps it until the handset is on').waitFor();
    await open(`/phones/handsets/${jane}`);
    await page.getByRole('switch', { name: 'Online' }).click({ force: true });
    await bubble('While it is off').getByText('Delivered', { exact: true }).waitFor();
    await page.getByRole('switch', { name: 'Blocked' }).click({ force: true });
    await page.getByRole('option', { name: /Jane’s phone.*blocked/ }).waitFor();
    expect(await send('To one that blocks')).toBe(201);
    await bubble('To one that blocks')
      .getByText(/^Undelivered 3000\d/)
      .waitFor();
    await page.getByRole('switch', { name: 'Blocked' }).click({ force: true });
    expect(await namelessControls(page)).toEqual([]);
  });

  it('have pages for their messages: bubble, request, journey, and the next failure', async () => {
    await open(`/messages/${await messageOf('Your order')}`);
    const facts = page.getByRole('complementary', { name: 'How it is counted' });
    await facts.getByText('3 parts, each with a header of its own').waitFor();
    await facts.getByRole('link', { name: jane }).waitFor();
    expect(await page.getByRole('tab', { name: 'MIME' }).count()).toBe(0);
    await page.getByRole('tab', { name: 'Request' }).click();
    await page.getByRole('row', { name: /StatusCallback.*\/broken/ }).waitFor();
    await page.getByRole('tab', { name: 'Journey' }).click();
    await page.getByRole('button', { name: /^Accepted by Twilio/ }).click();
    await page.getByRole('region', { name: 'Evidence: Accepted' }).getByText('Segments').waitFor();
    await page.getByRole('button', { name: /^Report “delivered” was given up/ }).click();
    await page.getByRole('link', { name: 'Show every try, with its signature' }).waitFor();
    const stage = journey().getByRole('listitem').filter({ hasText: 'to the handset' });
    await stage.getByRole('button', { name: /Make this fail here next time/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Make this fail here next time' });
    await dialog.getByRole('radio', { name: 'this number' }).waitFor({ state: 'attached' });
    await dialog.getByRole('button', { name: 'Make it fail' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await send('Struck by the rule')).toBe(201);
    await page.getByRole('option', { name: /Struck by the rule/ }).click();
    await journey()
      .getByText(/^30003/)
      .waitFor();
    expect(await namelessControls(page)).toEqual([]);
  });

  it('are found by search, and refusals stand among the exchanges', async () => {
    await open('/messages?q=channel%3Asms%20provider%3Atwilio');
    await page.getByRole('option', { name: /SMS Struck by the rule/ }).waitFor();
    await open('/exchanges?door=twilio&outcome=refused');
    await page.getByRole('listbox', { name: 'Exchanges' }).getByRole('option').first().click();
    await page.getByRole('list', { name: 'Transcript' }).getByText(/21610/).first().waitFor();
  });

  it('have settings: secrets are masked until they are asked for, credentials can be fixed', async () => {
    await open('/settings');
    const part = page.getByRole('region', { name: 'SMS', exact: true });
    const secrets = part.getByRole('list', { name: 'Signing secrets' });
    await secrets.getByText(/^••••/).first().waitFor();
    expect(await secrets.getByRole('button', { name: 'Copy the secret of Twilio' }).count()).toBe(0);
    await part.getByRole('button', { name: 'Show the secrets' }).click();
    await secrets.getByRole('button', { name: 'Copy the secret of Twilio' }).first().waitFor();
    await secrets.getByText('any-token').waitFor();
    await part.getByRole('combobox', { name: 'Provider of the credential' }).selectOption('vonage');
    await part.getByRole('textbox', { name: 'Account, key or system_id' }).fill('abcd1234');
    await part.getByRole('textbox', { name: 'Secret', exact: true }).fill('s3cret');
    await part.getByRole('button', { name: 'Fix it' }).click();
    await part.getByRole('button', { name: 'Forget abcd1234 of Vonage' }).click();
    await part.getByText('None: every account and secret is let in.').waitFor();
    expect(await namelessControls(page)).toEqual([]);
  });

  it('have recipes, and are moved in by keys', async () => {
    await open('/connect');
    await page.getByRole('button', { name: 'Twilio in Node.js' }).click();
    await page
      .getByRole('region', { name: 'Twilio in Node.js' })
      .getByText(/client\.api\.baseUrl/)
      .waitFor();
    await open('/phones/handsets');
    const list = page.getByRole('listbox', { name: 'Handsets' });
    await list.focus();
    await page.keyboard.press('End');
    await page.getByRole('heading', { name: 'Jane’s phone', level: 1 }).waitFor();
    await bubble('Struck by the rule').waitFor();
    await list.focus();
    expect(await unseenFocus(page, tabSteps)).toEqual([]);
  }, 120_000);
}, 240_000);
