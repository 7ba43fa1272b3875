/** A send over several channels, its log and the statistics in a browser, against a real core. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenScreen, openScreen, whyNoScreen } from './open-screen.ts';
import { namelessControls } from './reachable.ts';

describe('a send over several channels', () => {
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
    await fetch(`${opened.core.facts.url}/v1/users`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'ann', name: 'Ann', email: 'ann@example.com' }),
    });
  }, 60_000);
  afterAll(() => opened.close());

  const open = (path: string) => page.goto(`${opened.core.facts.url}${path}`);

  it('is sent from the user’s page, and its journey says why each channel was tried', async () => {
    await open('/users/ann');
    await page.getByRole('button', { name: 'Send a message' }).click();
    const dialog = page.getByRole('dialog', { name: 'Send a message to Ann' });
    await dialog.getByRole('textbox', { name: 'Title' }).fill('Your order');
    await dialog
      .getByRole('textbox', { name: 'Text', exact: true })
      .fill('It is on its way, {{ user.name }}.');
    await dialog.getByRole('button', { name: 'Send' }).click();
    const steps = page.getByRole('list', { name: 'Channels tried' });
    await steps.getByText('It is the first choice.').waitFor();
    await steps.getByText('Next, for SMS could not deliver it.').waitFor();
    await steps.getByRole('listitem').nth(2).getByText('delivered', { exact: true }).waitFor();
    expect(await steps.getByRole('listitem').count()).toBe(3);
    expect(await namelessControls(page)).toEqual([]);
    await page.getByRole('tab', { name: 'Request' }).click();
    await page.getByRole('region', { name: 'Request' }).getByText('"channels"').waitFor();
  });

  it('is led to by the message that it made, whose log has what the provider answered', async () => {
    await page.getByRole('tab', { name: 'Journey' }).click();
    await page.getByRole('link', { name: 'the message to ann@example.com' }).click();
    await page.getByRole('link', { name: 'way 3 of a send over several channels' }).waitFor();
    await page.getByRole('tab', { name: 'Log' }).click();
    const log = page.getByRole('table', { name: 'Changes of status' });
    await log.getByText('delivered').first().waitFor();
    await log.getByRole('button', { name: 'Attempt 1' }).first().click();
    await log.getByText(/^250/).first().waitFor();
    await page.getByRole('link', { name: 'way 3 of a send over several channels' }).click();
    await page.getByRole('list', { name: 'Channels tried' }).waitFor();
  });

  it('counts in the statistics', async () => {
    await open('/messages');
    await page.getByRole('link', { name: 'Statistics' }).click();
    const table = page.getByRole('table', { name: 'Counts by channel' });
    await table
      .getByRole('row', { name: /Mail/ })
      .getByText(/^1 100 %$/)
      .waitFor();
    await page.getByRole('combobox', { name: 'Channel' }).selectOption('sms');
    await table.getByRole('row', { name: /Mail/ }).waitFor({ state: 'detached' });
    expect(await namelessControls(page)).toEqual([]);
  });
});
