/** The room Templates in a browser, against a real core. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenScreen, openScreen, whyNoScreen } from './open-screen.ts';
import { namelessControls } from './reachable.ts';

describe('the room Templates', () => {
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

  const api = async (path: string, init?: RequestInit): Promise<unknown> =>
    (await fetch(`${opened.core.facts.url}/v1${path}`, init)).json();

  it('begins with a starter, keeps what is typed, previews it, and publishes it', async () => {
    await page.goto(`${opened.core.facts.url}/templates`);
    await page.getByRole('button', { name: 'Write a template' }).click();
    const dialog = page.getByRole('dialog', { name: 'Write a template' });
    await dialog.getByRole('combobox', { name: 'Begin with' }).selectOption('welcome');
    await dialog.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    const preview = page.getByRole('region', { name: 'Preview' });
    await page.getByRole('textbox', { name: 'Subject' }).fill('Good to see you, {{ user.name }}');
    await preview.getByText(/^Good to see you, \w/).waitFor();
    await preview.getByTitle('HTML of the mail').waitFor();
    await page.getByRole('radiogroup', { name: 'Channel' }).getByText('SMS').click();
    await page.getByRole('textbox', { name: 'Text' }).fill('Hello {{ user.name }}');
    await preview.getByText(/^Hello \w/).waitFor();
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    await page.getByText('version 1 is published').waitFor();
    expect(await api('/templates/welcome')).toMatchObject({ published: 1, hasDraft: false });
    expect(await namelessControls(page)).toEqual([]);
  });

  it('tells of what another changed meanwhile, and takes either', async () => {
    await page.goto(`${opened.core.facts.url}/templates/welcome`);
    const subject = page.getByRole('textbox', { name: 'Subject' });
    await subject.waitFor();
    await api('/templates/welcome', {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'if-match': '*' },
      body: JSON.stringify({ description: 'another wrote this' }),
    });
    await subject.fill('Mine');
    const conflict = page.getByText('It was changed elsewhere meanwhile.');
    // News of the other's change may have come first: then there is nothing to be told.
    await conflict
      .or(page.getByText('Saved', { exact: true }))
      .first()
      .waitFor();
    if (await conflict.isVisible()) await page.getByRole('button', { name: 'Keep mine' }).click();
    await expect
      .poll(() => api('/templates/welcome'))
      .toMatchObject({ current: { content: { email: { subject: 'Mine' } } } });
  });

  it('shows what the draft changes, and takes a version back', async () => {
    await page.getByRole('tab', { name: 'Versions' }).click();
    await page.getByRole('table', { name: 'Differences' }).getByText('Mine').waitFor();
    await page.getByRole('button', { name: 'Take into the draft' }).first().click();
    await page.getByText('The draft is version 1 again').waitFor();
    expect(await api('/templates/welcome')).toMatchObject({
      current: { content: { email: { subject: 'Good to see you, {{ user.name }}' } } },
    });
  });
});
