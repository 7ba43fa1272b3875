/** The room Users in a browser, against a real core. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenScreen, openScreen, whyNoScreen } from './open-screen.ts';
import { namelessControls } from './reachable.ts';

describe('the room Users', () => {
  const missing = whyNoScreen();
  if (missing !== null) {
    it.skip(missing);
    return;
  }
  let opened: OpenScreen;
  let page: Page;

  beforeAll(async () => {
    opened = await openScreen({ width: 1440, height: 1000 });
    ({ page } = opened);
  }, 60_000);
  afterAll(() => opened.close());

  const open = (path: string) => page.goto(`${opened.core.facts.url}${path}`);
  const kept = async (path: string): Promise<unknown> =>
    (await fetch(`${opened.core.facts.url}/v1${path}`)).json();

  it('adds a user, and changes them', async () => {
    await open('/users');
    await page.getByRole('heading', { name: 'No users yet' }).waitFor();
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a user' });
    await dialog.getByRole('textbox', { name: 'Id' }).fill('jane');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Jane Doe');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await page.getByRole('heading', { name: 'Jane Doe', level: 1 }).waitFor();
    await page.getByRole('option', { name: /Jane Doe/ }).waitFor();
    const profile = page.getByRole('form', { name: 'Profile' });
    await profile.getByRole('textbox', { name: 'Mail address' }).fill('jane@example.com');
    const attributes = profile.getByRole('textbox', { name: 'Attributes' });
    await attributes.fill('{ "plan": ');
    expect(await profile.getByRole('button', { name: 'Save' }).isEnabled()).toBe(false);
    await attributes.fill('{ "plan": "pro" }');
    await profile.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    expect(await kept('/users/jane')).toMatchObject({
      email: 'jane@example.com',
      attributes: { plan: 'pro' },
    });
    expect(await namelessControls(page)).toEqual([]);
  });

  it('says what a CSV file would do before it is imported', async () => {
    await open('/users');
    await page.getByRole('button', { name: 'Import' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import users' });
    const chosen = page.waitForEvent('filechooser');
    await dialog.getByRole('button', { name: /Choose a CSV file/ }).click();
    await (await chosen).setFiles({
      name: 'people.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('id,email,plan\nann,ann@example.com,pro\nbob,not-an-address,free\n'),
    });
    await dialog.getByText('people.csv: 1 new, 0 changed, 1 line refused').waitFor();
    expect(await kept('/users?q=ann')).toMatchObject({ total: 0 });
    await dialog.getByRole('button', { name: 'Import 1 user' }).click();
    await page.getByRole('option', { name: /ann@example\.com/ }).waitFor();
  });

  it('keeps a topic, and what a user wants of it', async () => {
    await open('/users?place=topics');
    await page.getByRole('button', { name: 'Add a topic' }).click();
    const form = page.getByRole('form', { name: 'New topic' });
    await form.getByRole('textbox', { name: 'Id' }).fill('news');
    await form.getByRole('textbox', { name: 'Name' }).fill('Newsletter');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Newsletter', level: 1 }).waitFor();
    await open('/users/jane?view=preferences');
    await page.getByRole('combobox', { name: 'Newsletter by SMS' }).selectOption('no');
    await page
      .getByRole('row', { name: /Newsletter/ })
      .getByText(/✕/)
      .waitFor();
    expect(await kept('/users/jane/preferences')).toMatchObject({ topics: { news: { sms: false } } });
  });

  it('shows whom an expression holds for, or what is wrong with it', async () => {
    await open('/users?place=segments');
    await page.getByRole('button', { name: 'Add a segment' }).click();
    const expression = page.getByRole('textbox', { name: 'Expression (CEL)' });
    const found = page.getByRole('region', { name: 'Whom it holds for' });
    await expression.fill('attributes.plan == ');
    await found.locator('p').filter({ hasText: /\w/ }).first().waitFor();
    await expression.fill('attributes.plan == "pro"');
    await found.getByText('2 users').waitFor();
    await found.getByRole('link', { name: 'Jane Doe' }).waitFor();
    expect(await namelessControls(page)).toEqual([]);
  });
});
