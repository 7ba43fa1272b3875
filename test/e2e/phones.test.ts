/** The room Phones, and the pages of pushes, in a browser against a real core whose push providers apps speak to. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Phone } from '../../core/api/phones-schema.ts';
import type { List, Message } from '../../core/api/schema.ts';
import { type OpenScreen, openScreen, whyNoScreen } from './open-screen.ts';
import { pushByApns, pushByFcm } from './push-clients.ts';
import { namelessControls, unseenFocus } from './reachable.ts';
import type { RunningCore } from './start-core.ts';

const tabSteps = 60;

describe('the room Phones', () => {
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

  const open = async (path: string) => {
    await page.goto(`${core.facts.url}${path}`);
  };
  const api = async <T>(path: string, json?: object): Promise<T> => {
    const init =
      json === undefined
        ? {}
        : {
            method: 'POST',
            body: JSON.stringify(json),
            headers: { 'content-type': 'application/json' },
          };
    const answer: T = await (await fetch(`${core.facts.url}/v1${path}`, init)).json();
    return answer;
  };
  const phoneOf = async (name: string): Promise<Phone> => {
    const { entries } = await api<List<Phone>>('/phones?limit=100');
    const found = entries.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no phone ${name}`);
    return found;
  };
  const tokenOf = (phone: Phone): string => phone.apps[0]?.token ?? '';
  const messageOf = async (subject: string): Promise<string> => {
    const { entries } = await api<List<Message>>('/messages?limit=100');
    return entries.find((one) => one.subject === subject)?.id ?? 'none';
  };
  const card = (name: string) => page.getByRole('option', { name: new RegExp(name) });
  const screen = (name: string) => page.getByRole('region', { name });
  const journey = () => page.getByRole('list', { name: 'Journey' });

  it('says how to come by a phone while there is none, and makes some to look around with', async () => {
    await open('/phones');
    await page.getByRole('heading', { name: 'Nobody has a phone yet' }).waitFor();
    await page.getByRole('button', { name: 'Give Jane an iPhone, an Android and a browser' }).click();
    await card('Jane’s iPhone').click();
    await screen('Lock screen of Jane’s iPhone').getByText('No notifications').waitFor();
    expect((await phoneOf('Jane’s iPhone')).apps[0]).toMatchObject({ app: 'example.birchbean' });
  });

  it('shows one push on every device of its user, stacks it, and resolves the tap', async () => {
    const send = (about: object) => api('/messages', { channel: 'push', to: { user: 'jane' }, ...about });
    await send({ title: 'Order packed', body: 'Huila, 250 g', group: 'orders' });
    await send({
      title: 'Order sent',
      body: 'On Tuesday',
      badge: 3,
      link: 'birchbean://orders/7',
      group: 'orders',
    });
    const ios = screen('Lock screen of Jane’s iPhone');
    await ios.getByText('3 on the icon of Birchbean').waitFor();
    await ios.getByRole('button', { name: /Show all 2 of Birchbean/ }).click();
    await ios.getByRole('button', { name: 'Tap Order packed' }).waitFor();
    await ios.getByRole('button', { name: 'Tap Order sent' }).click();
    const done = page.getByRole('list', { name: 'What was done with it' });
    await done.getByText('Birchbean opens birchbean://orders/7').waitFor();
    await ios.getByRole('button', { name: 'Dismiss Order packed' }).click();
    await done.getByText('swiped away').waitFor();
    await ios.getByText('No notifications').waitFor();

    await card('Jane’s Android').click();
    await screen('Lock screen of Jane’s Android').getByText('Order sent').waitFor();
    await card('Jane’s browser').click();
    await screen('Desktop of Jane’s browser').getByText('Order sent').waitFor();

    await open(`/messages/${await messageOf('Order sent')}?tab=journey`);
    await page.getByRole('group', { name: 'Recipients' }).getByRole('button', { name: /APNs/ }).click();
    for (const word of ['Rendered', 'Attempt 1', 'Delivered', 'Permission', 'Shown', 'Tapped'])
      await journey().getByText(word, { exact: true }).waitFor();
    await journey().getByText('birchbean://orders/7, opens by its scheme').waitFor();
  });

  it('keeps what comes while a phone is off, and tells what came of each when it is back', async () => {
    const android = await phoneOf('Jane’s Android');
    const token = tokenOf(android);
    await open(`/phones/${android.id}`);
    await page.getByRole('button', { name: 'Off for …' }).click();
    await page.getByRole('menuitem', { name: '2 hours' }).click();
    await page
      .getByRole('article', { name: 'Jane’s Android' })
      .getByText(/offline, back in/)
      .waitFor();
    const push = (title: string, android: object) =>
      pushByFcm(core, { token, notification: { title }, android: { collapse_key: title, ...android } });
    expect((await push('Short-lived', { ttl: '600s' }))[0]).toBe(200);
    expect((await push('Kept', { ttl: '86400s' }))[0]).toBe(200);
    const waiting = page.getByRole('region', { name: /^Waiting at the provider/ });
    await waiting.getByText('Short-lived', { exact: true }).waitFor();
    await waiting.getByText('Kept', { exact: true }).waitFor();
    await page.getByRole('option', { name: /Jane’s Android 2 wait/ }).waitFor();

    await page.getByRole('button', { name: 'Advance the clock by an hour' }).click();
    const gone = page.getByRole('region', { name: /^Never arrived/ });
    await gone.getByText('Short-lived', { exact: true }).waitFor();
    await gone.getByText(/^Expired:/).waitFor();
    await page.getByRole('switch', { name: 'Online' }).click({ force: true });
    await screen('Lock screen of Jane’s Android').getByText('Kept', { exact: true }).waitFor();
    await waiting.waitFor({ state: 'detached' });
  });

  it('marks the black hole of a permission that is off', async () => {
    const iphone = await phoneOf('Jane’s iPhone');
    await open(`/phones/${iphone.id}`);
    await page.getByRole('switch', { name: 'Birchbean may show notifications' }).click({ force: true });
    await page.getByText('the sender is told yes and learns nothing').waitFor();
    expect(await pushByApns(core, tokenOf(iphone), { aps: { alert: { title: 'Unseen' } } })).toBe(200);
    const unseen = page.getByRole('region', { name: /^Arrived, and not on the screen/ });
    await unseen.getByText('Unseen').waitFor();
    await unseen.getByRole('link', { name: 'Show the message of “Unseen”' }).click();
    await journey().getByText('Not shown').waitFor();
    await journey()
      .getByText(/the sender is not told/)
      .waitFor();
  });

  it('points at what is wrong in a payload, and judges the credentials', async () => {
    const iphone = await phoneOf('Jane’s iPhone');
    const payload = { aps: { alert: { title: 'Odd badge' }, badge: '3' }, order: 7 };
    expect(await pushByApns(core, tokenOf(iphone), payload, { 'apns-expiration': '0' })).toBe(200);
    const id = await messageOf('Odd badge');
    await open(`/messages/${id}?tab=payload`);
    await page.getByText('1 member is ignored').waitFor();
    await page
      .getByRole('listitem')
      .filter({ hasText: '"badge": "3"' })
      .getByText('badge is a whole number')
      .waitFor();
    await page.getByRole('tab', { name: 'Headers' }).click();
    await page.getByRole('row', { name: /apns-expiration.*now or never/s }).waitFor();
    await page.getByRole('tab', { name: 'Auth' }).click();
    const checks = page.getByRole('list', { name: 'Checks' });
    await checks.getByText('Signature', { exact: true }).waitFor();
    await checks.getByText('not checked').first().waitFor();
    await page.getByRole('table', { name: 'Claims as decoded' }).getByText('"TEAM123456"').waitFor();
    await page.getByRole('tab', { name: 'Preview' }).click();
    await screen('As an iPhone shows it').getByText('Odd badge').waitFor();
    expect(await page.getByRole('tab', { name: 'MIME' }).count()).toBe(0);
    expect(await namelessControls(page)).toEqual([]);
  });

  it('shows a refusal in red with the reason, and makes a stage fail the next time', async () => {
    const [status] = await pushByFcm(core, { token: 'unregistered-1', notification: { title: 'Gone' } });
    expect(status).toBe(404);
    await open('/exchanges?outcome=refused');
    await page.getByRole('option', { name: /UNREGISTERED/ }).click();
    const line = page
      .getByRole('list', { name: 'Transcript' })
      .getByRole('listitem')
      .filter({ hasText: /HTTP\/1\.1 404/ });
    await line.waitFor();
    expect(await line.getAttribute('data-refusal')).toBe('true');

    await open(`/messages/${await messageOf('Kept')}?tab=journey`);
    const stage = journey().getByRole('listitem').filter({ hasText: 'Delivered' });
    await stage.getByRole('button', { name: /Make this fail here next time/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Make this fail here next time' });
    await dialog.getByRole('radio', { name: 'this device' }).waitFor({ state: 'attached' });
    await dialog.getByRole('button', { name: 'Make it fail' }).click();
    await dialog.waitFor({ state: 'detached' });
    const token = tokenOf(await phoneOf('Jane’s Android'));
    expect((await pushByFcm(core, { token, notification: { title: 'Struck' } }))[0]).toBe(200);
    await page.getByRole('option', { name: /Struck/ }).click();
    await journey().getByText('Stored', { exact: true }).waitFor();
    await open('/queue?status=device');
    await page.getByRole('option', { name: /\(FCM\)/ }).waitFor();
  });

  it('registers an app as its first start would, and gives its token', async () => {
    await open('/phones');
    await page.getByRole('listbox', { name: 'Phones and browsers' }).waitFor();
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog', { name: 'Add a phone or browser' });
    await dialog.getByRole('combobox', { name: 'Kind' }).selectOption('browser');
    await dialog.getByRole('textbox', { name: 'Whose' }).fill('bob');
    await dialog.getByRole('button', { name: 'Add it' }).click();
    await page.getByRole('heading', { name: 'bob’s Browser' }).waitFor();
    await page.getByRole('button', { name: 'Subscribe a page…' }).click();
    const register = page.getByRole('dialog', { name: /^Subscribe a page/ });
    await register.getByRole('textbox', { name: 'Origin of the page' }).fill('shop.example');
    await register.getByRole('button', { name: 'Subscribe' }).click();
    await register.getByText('an origin like https://shop.example').waitFor();
    await register.getByRole('textbox', { name: 'Origin of the page' }).fill('https://shop.example');
    await register.getByRole('button', { name: 'Subscribe' }).click();
    await register.getByText('"p256dh"').waitFor();
    await register.getByRole('button', { name: 'Copy the subscription' }).waitFor();
    await register.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Unsubscribe shop.example' }).click();
    await page.getByRole('menuitem', { name: 'The provider says so at once' }).click();
    await page.getByText('the provider says that the token is gone').waitFor();
  });

  it('is moved in by keys, names every control, and shows the focus', async () => {
    await open('/messages');
    await page.getByRole('navigation', { name: 'Rooms' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    const list = page.getByRole('listbox', { name: 'Phones and browsers' });
    await list.focus();
    await page.keyboard.press('End');
    await page.getByRole('heading', { name: 'Jane’s iPhone', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Uninstall Birchbean' }).waitFor();
    expect(await namelessControls(page)).toEqual([]);
    await list.focus();
    expect(await unseenFocus(page, tabSteps)).toEqual([]);
  }, 120_000);
}, 240_000);
