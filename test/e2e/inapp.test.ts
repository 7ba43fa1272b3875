/** The room In-app in a browser: two devices of one user that really pull, against a real core. */
import type { FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenScreen, openScreen, whyNoScreen } from './open-screen.ts';
import { namelessControls, unseenFocus } from './reachable.ts';
import type { RunningCore } from './start-core.ts';

const tabSteps = 40;

describe('the room In-app', () => {
  const missing = whyNoScreen();
  if (missing !== null) {
    it.skip(missing);
    return;
  }
  let opened: OpenScreen;
  let core: RunningCore;
  let page: Page;

  beforeAll(async () => {
    opened = await openScreen({ width: 1440, height: 1000 });
    ({ core, page } = opened);
  }, 60_000);
  afterAll(() => opened.close());

  const open = (path: string) => page.goto(`${core.facts.url}${path}`);
  const app = (surface: 'phone' | 'browser'): FrameLocator =>
    page.frameLocator(`iframe[title="The app on the ${surface}, as anna"]`);
  const send = async (message: Readonly<Record<string, unknown>>): Promise<string> => {
    const answer = await fetch(`${core.facts.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ channel: 'inapp', to: 'anna', ...message }),
    });
    expect(answer.status).toBe(202);
    const { id }: { readonly id: string } = await answer.json();
    return id;
  };
  const row = (title: string) =>
    page
      .getByRole('list', { name: 'Messages of the queue' })
      .getByRole('listitem')
      .filter({ hasText: title });
  const passedOver = (title: string) =>
    page.getByRole('list', { name: 'Passed over' }).getByRole('listitem').filter({ hasText: title });
  const journey = () => page.getByRole('list', { name: 'Journey' });

  it('says how to send the first message, and one is written there', async () => {
    await open('/inapp');
    await page.getByRole('heading', { name: 'No in-app messages yet' }).waitFor();
    await page.getByText(`:${core.facts.ports.providers}/inapp/v1/messages`).waitFor();
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog', { name: 'New in-app message' });
    await dialog.getByRole('textbox', { name: 'For the user' }).fill('anna');
    await dialog.getByRole('textbox', { name: 'Title' }).fill('Welcome back');
    await dialog.getByRole('textbox', { name: 'A click opens' }).fill('javascript:alert(1)');
    await dialog.getByRole('button', { name: 'Send it' }).click();
    await dialog.getByText('is run or read in the app’s own page').first().waitFor();
    await dialog.getByRole('textbox', { name: 'A click opens' }).fill('');
    await dialog
      .getByRole('figure', { name: /As modal on a phone/ })
      .getByText('Welcome back')
      .waitFor();
    await dialog.getByRole('button', { name: 'Send it' }).click();
    await page.getByRole('heading', { name: 'anna', level: 1 }).waitFor();
    await page.getByRole('option', { name: /anna/ }).waitFor();
  });

  it('shows it in both devices; a click in one takes it away in the other, and the row says so', async () => {
    await app('browser').getByRole('dialog', { name: 'Welcome back' }).waitFor();
    await app('phone').getByRole('dialog', { name: 'Welcome back' }).waitFor();
    await row('Welcome back').getByText('shown', { exact: true }).waitFor();
    await app('browser').getByRole('button', { name: 'Show me' }).click();
    await app('phone').getByRole('dialog', { name: 'Welcome back' }).waitFor({ state: 'detached' });
    await row('Welcome back').getByText('clicked', { exact: true }).waitFor();
  });

  it('says why a message is not shown, until the page or the event is the one that it waits for', async () => {
    await send({
      title: 'Free shipping',
      display: {
        kind: 'banner',
        pageRules: [{ directive: 'show', operator: 'startsWith', argument: '/cart' }],
      },
    });
    await send({ title: 'Bought together', display: { kind: 'modal', trigger: 'add_to_cart' } });
    await passedOver('Free shipping').getByText('“/cart”, and this is /.').waitFor();
    await passedOver('Bought together').getByText('waits for an event').waitFor();
    await page.getByRole('textbox', { name: 'Page of the browser' }).fill('/cart/7');
    await page.keyboard.press('Enter');
    await app('browser').getByText('Free shipping').waitFor();
    await page
      .getByRole('list', { name: 'Shown now' })
      .getByRole('listitem')
      .filter({ hasText: 'Free shipping' })
      .waitFor();
    await app('browser').getByRole('button', { name: 'Close' }).click();
    await row('Free shipping').getByText('dismissed', { exact: true }).waitFor();
    await passedOver('Free shipping')
      .getByText(/dismissed it at|shown once, and was/)
      .waitFor();
    await page.getByRole('button', { name: 'Fire' }).first().click();
    await app('browser').getByRole('dialog', { name: 'Bought together' }).waitFor();
    await app('browser').getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  });

  it('keeps what a device does while its network is gone, and what comes meanwhile', async () => {
    const field = page.getByRole('textbox', { name: 'Page of the phone' });
    const online = page.getByRole('switch', { name: 'Phone online' });
    await online.click({ force: true });
    await page.getByRole('status', { name: 'Connection of the phone' }).getByText('offline').waitFor();
    await field.focus();
    await send({ title: 'While you were away', display: { kind: 'modal', frequency: 'untilDismissed' } });
    await app('browser').getByRole('dialog', { name: 'While you were away' }).waitFor();
    expect(await app('phone').getByRole('dialog').count()).toBe(0);
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    await online.click({ force: true });
    await app('phone').getByRole('dialog', { name: 'While you were away' }).waitFor();
    await app('phone').getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await app('browser').getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'New session on the phone' }).click();
    await page.getByRole('status', { name: 'Connection of the phone' }).getByText('live').waitFor();
  });

  it('does from a row what the user could, and ends one', async () => {
    await send({ title: 'Your order is on its way', display: { kind: 'inbox' } });
    const mine = row('Your order is on its way');
    const choose = async (act: string) => {
      await mine.getByRole('button', { name: 'Do something to “Your order is on its way”' }).click();
      await page.getByRole('menuitem', { name: act }).click();
    };
    await mine.waitFor();
    await choose('Mark as read');
    await mine.getByText('read', { exact: true }).waitFor();
    await choose('Archive');
    await mine.getByText('archived', { exact: true }).waitFor();
    await choose('Expire now');
    await mine.getByText('expired', { exact: true }).waitFor();
    expect(await namelessControls(page)).toEqual([]);
  });

  it('has pages for its messages: preview, request in words, journey, and the next failure', async () => {
    const id = await send({
      title: 'Cart only',
      actions: [{ label: 'Go on', url: '/checkout' }],
      display: { kind: 'modal', pageRules: [{ directive: 'show', operator: 'equals', argument: '/cart' }] },
    });
    await passedOver('Cart only').waitFor();
    await open(`/messages/${id}`);
    await page.getByRole('figure', { name: /^As modal on a phone/ }).waitFor();
    await page.getByRole('radiogroup', { name: 'Shown as' }).getByText('full screen').click();
    await page
      .getByRole('figure', { name: /^As full screen on a phone/ })
      .getByText('Go on')
      .waitFor();
    await page.getByRole('tab', { name: 'Request' }).click();
    await page.getByText('on pages whose address is “/cart”').first().waitFor();
    await page.getByRole('tab', { name: 'Journey' }).click();
    await journey().getByText('Passed over').first().waitFor();
    await journey()
      .getByText(/It waits until the app of anna asks/)
      .waitFor();
    expect(await namelessControls(page)).toEqual([]);
    await page
      .getByRole('button', { name: /Make this fail here next time/ })
      .first()
      .click();
    const dialog = page.getByRole('dialog', { name: 'Make this fail here next time' });
    await dialog.getByRole('radio', { name: 'this user' }).waitFor({ state: 'attached' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await open('/messages?q=channel%3Ainapp');
    await page.getByRole('option', { name: /in-app Welcome back/ }).click();
    await page.getByRole('tab', { name: 'Journey' }).click();
    await journey().getByText('the button “Show me”').waitFor();
    await journey()
      .getByText(/on \/, in the session s-/)
      .first()
      .waitFor();
  });

  it('has settings: keys, whom the door asks for what, and from where', async () => {
    await open('/settings');
    const part = page.getByRole('region', { name: 'In-app', exact: true });
    await part.getByText(/^pk_/).waitFor();
    expect(await part.getByText(/^sk_/).count()).toBe(0);
    await part.getByRole('button', { name: 'Show the secret key' }).click();
    await part.getByText(/^sk_/).waitFor();
    await part.getByRole('textbox', { name: 'Origin' }).fill('https://app.example');
    await part.getByRole('button', { name: 'Add' }).click();
    await part.getByRole('button', { name: 'Take https://app.example out' }).waitFor();
    await part.getByRole('switch', { name: 'Ask for the hash of the user’s id' }).click({ force: true });
    await part.getByRole('switch', { name: 'Ask for a key' }).click({ force: true });
    await send({ title: 'With a hash', display: { kind: 'modal' } });
    await open('/inapp/anna');
    await app('browser').getByRole('dialog', { name: 'With a hash' }).waitFor();
    await app('phone').getByRole('dialog', { name: 'With a hash' }).getByRole('button').click();
    await app('browser').getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('is reached by keys', async () => {
    await open('/inapp');
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('f');
    await page.keyboard.type('ann');
    await page.getByRole('listbox', { name: 'Users with in-app messages' }).focus();
    await page.keyboard.press('End');
    await page.getByRole('heading', { name: 'anna', level: 1 }).waitFor();
    expect(await unseenFocus(page, tabSteps)).toEqual([]);
  });
});
