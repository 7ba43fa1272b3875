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

  it('holds any two versions against each other line by line, and takes one back', async () => {
    await page.getByRole('tab', { name: 'Versions' }).click();
    const differences = page.getByRole('region', { name: 'Differences' });
    const lines = differences.getByRole('table', { name: 'Lines of content.email.subject' });
    await lines.getByRole('row', { name: 'Removed Good to see you' }).waitFor();
    await lines.getByRole('row', { name: 'Added Mine' }).waitFor();
    await page.getByRole('combobox', { name: 'To' }).selectOption('version 1, published');
    await page.getByText('Nothing differs.').waitFor();
    await page.getByRole('button', { name: 'Compare version 1 with the draft' }).click();
    await lines.waitFor();
    expect(await namelessControls(page)).toEqual([]);
    await page.getByRole('button', { name: 'Take version 1 into the draft' }).click();
    await page.getByText('The draft is version 1 again').waitFor();
    expect(await api('/templates/welcome')).toMatchObject({
      current: { content: { email: { subject: 'Good to see you, {{ user.name }}' } } },
    });
  });

  it('writes the buttons, the slides and the rules of an in-app message, and says at the field what is wrong', async () => {
    await make('Tour', { inapp: { body: 'Have a look' } });
    await page.goto(`${opened.core.facts.url}/templates/tour`);
    const preview = page.getByRole('region', { name: 'Preview' });
    await page.getByRole('button', { name: 'Add a button', exact: true }).click();
    const button = page.getByRole('group', { name: 'Button 1', exact: true });
    await button.getByRole('textbox', { name: 'Opens' }).fill('javascript:x()');
    await button.getByText('A label has 1 to 100 characters.').waitFor();
    await button.getByText('is run or read in the app’s own page').waitFor();
    await preview.getByRole('button', { name: 'content.inapp.actions[0].label' }).waitFor();
    await button.getByRole('textbox', { name: 'Label' }).fill('Show me');
    await button.getByRole('textbox', { name: 'Opens' }).fill('/tour');
    await button.getByRole('switch', { name: 'Takes the message away' }).click({ force: true });
    await page.getByRole('combobox', { name: 'Kind' }).selectOption('carousel');
    await page.getByText('A carousel has slides: give one at least.').first().waitFor();
    await page.getByRole('button', { name: 'Add a slide' }).click();
    await page.getByRole('button', { name: 'Add a slide' }).click();
    await page
      .getByRole('group', { name: 'Slide 1', exact: true })
      .getByRole('textbox', { name: 'Title' })
      .fill('First');
    const second = page.getByRole('group', { name: 'Slide 2', exact: true });
    await second.getByRole('textbox', { name: 'Title' }).fill('Second');
    await second.getByRole('button', { name: 'Add a button to slide 2' }).click();
    await second.getByRole('textbox', { name: 'Label' }).fill('On');
    await second.getByRole('button', { name: 'Move slide 2 up' }).click();
    await page.getByRole('button', { name: 'Add a page rule' }).click();
    await page.getByRole('combobox', { name: 'Page rule 1: only or not' }).selectOption('not where');
    await page.getByRole('textbox', { name: 'Page rule 1: address' }).fill('/cart');
    await page.getByRole('textbox', { name: 'On the event' }).fill('tour_asked');
    await page.getByRole('textbox', { name: 'In the slot' }).fill('top');
    await page.getByRole('textbox', { name: 'Times in seven days' }).fill('3');
    await page.getByRole('textbox', { name: 'Priority' }).fill('700');
    await page.getByRole('combobox', { name: 'After it was shown' }).selectOption('it stays in the inbox');
    const data = page.getByRole('textbox', { name: 'For the app itself (JSON)' });
    await data.fill('{ "screen": ');
    await page.getByText('This is no JSON object').waitFor();
    await data.fill('{ "screen": "tour" }');
    await preview
      .getByRole('figure', { name: /As carousel/ })
      .getByText('Second')
      .waitFor();
    await preview.getByText('“Show me” opens /tour').waitFor();
    expect(await namelessControls(page)).toEqual([]);
    await publish(1);
    expect(await api('/templates/tour')).toMatchObject({
      current: {
        content: {
          inapp: {
            actions: [{ label: 'Show me', url: '/tour', dismisses: false }],
            slides: [{ title: 'Second', actions: [{ label: 'On' }] }, { title: 'First' }],
            display: {
              kind: 'carousel',
              slot: 'top',
              trigger: 'tour_asked',
              maxPerWeek: 3,
              pageRules: [{ directive: 'hide', operator: 'startsWith', argument: '/cart' }],
            },
            priority: 700,
            saveToInbox: true,
            data: { screen: 'tour' },
          },
        },
      },
    });
  });

  it('says in one language what differs there, and no more', async () => {
    await page.getByRole('textbox', { name: 'Another language' }).fill('deutsch, bitte');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('As in de, de-AT, zh-Hant').waitFor();
    await page.getByRole('textbox', { name: 'Another language' }).fill('de-at');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('button', { name: 'Buttons of its own for de-AT' }).click();
    await page
      .getByRole('group', { name: 'Button 1', exact: true })
      .getByRole('textbox', { name: 'Label' })
      .fill('Zeig her');
    await page.getByRole('button', { name: 'How it is shown of its own for de-AT' }).click();
    await page.getByRole('button', { name: 'How it is shown as in the other languages' }).click();
    await expect
      .poll(() => api('/templates/tour'))
      .toMatchObject({
        current: {
          locales: { 'de-AT': { inapp: { actions: [{ label: 'Zeig her', url: '/tour' }] } } },
        },
      });
    await page.getByRole('region', { name: 'Preview' }).getByText('Zeig her', { exact: true }).waitFor();
    expect(await namelessControls(page)).toEqual([]);
  });

  it('writes what an app is told with a push', async () => {
    await make('Shipped', { push: { body: 'On its way' } });
    await page.goto(`${opened.core.facts.url}/templates/shipped`);
    await page.getByRole('button', { name: 'Add a member' }).click();
    await page.getByText('It is not kept without a name').waitFor();
    await page.getByRole('textbox', { name: 'Name of member 1' }).fill('screen');
    await page.getByRole('textbox', { name: 'Value of screen' }).fill('{{ nobody }}');
    await page.getByText('“nobody” is no variable of the template').first().waitFor();
    await page.getByRole('textbox', { name: 'Value of screen' }).fill('orders of {{ user.id }}');
    await page.getByRole('table', { name: 'Data of the push' }).getByText('orders of ada').waitFor();
    expect(await api('/templates/shipped')).toMatchObject({
      current: { content: { push: { data: { screen: 'orders of {{ user.id }}' } } } },
    });
  });

  it('has a name, a description, a topic and a language that can be changed, and a send to copy', async () => {
    await page.getByRole('tab', { name: 'About' }).click();
    const name = page.getByRole('textbox', { name: 'Name', exact: true });
    await name.fill('');
    await page.getByRole('alert').getByText('a name has 1 to 200 characters').waitFor();
    await page.getByRole('tab', { name: 'About 1 to mend' }).waitFor();
    await name.fill('On its way');
    await page.getByRole('textbox', { name: 'Description' }).fill('When the parcel leaves');
    await page.getByRole('combobox', { name: 'Topic' }).fill('orders');
    await page.getByRole('textbox', { name: 'Language of the texts for all others' }).fill('en-GB');
    await page.getByRole('heading', { level: 1, name: 'On its way' }).waitFor();
    await expect
      .poll(() => api('/templates/shipped'))
      .toMatchObject({
        name: 'On its way',
        description: 'When the parcel leaves',
        topic: 'orders',
        locale: 'en-GB',
      });
    await page.getByRole('region', { name: 'A send by it' }).getByText('"template": "shipped"').waitFor();
    expect(await namelessControls(page)).toEqual([]);
  });

  it('is saved as a file, and taken from one', async () => {
    await page.getByRole('button', { name: 'More for On its way' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'Save as a file' }).click();
    const path = await (await download).path();
    await fetch(`${opened.core.facts.url}/v1/templates/shipped`, { method: 'DELETE' });
    await page.goto(`${opened.core.facts.url}/templates`);
    await page.getByRole('button', { name: 'New' }).click();
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Take one from a file' }).click();
    await (await chooser).setFiles(path);
    await page.getByRole('heading', { level: 1, name: 'On its way' }).waitFor();
    expect(await api('/templates/shipped')).toMatchObject({ topic: 'orders', hasDraft: true });
  });

  it('keeps what was typed just before another template is opened, or the page is left', async () => {
    await make('Left', { sms: { body: 'Before' } });
    await make('Other', { sms: { body: 'Other' } });
    await page.goto(`${opened.core.facts.url}/templates/left`);
    const text = page.getByRole('textbox', { name: 'Text' });
    await text.fill('Typed last');
    await page.getByRole('button', { name: /^Other/ }).click();
    await page.getByRole('heading', { level: 1, name: 'Other' }).waitFor();
    await expect
      .poll(() => api('/templates/left'))
      .toMatchObject({ current: { content: { sms: { body: 'Typed last' } } } });
    await page.getByRole('button', { name: /^Left/ }).click();
    await page.getByRole('heading', { level: 1, name: 'Left' }).waitFor();
    expect(await text.inputValue()).toBe('Typed last');
    await text.fill('Typed very last');
    await page.reload();
    await expect
      .poll(() => api('/templates/left'))
      .toMatchObject({ current: { content: { sms: { body: 'Typed very last' } } } });
  });

  it('shows the editor and the preview one below the other where there is no room beside it', async () => {
    await page.setViewportSize({ width: 1000, height: 800 });
    await page.goto(`${opened.core.facts.url}/templates/welcome`);
    await page.getByRole('textbox', { name: 'Subject' }).waitFor();
    const [fields, preview] = await Promise.all([
      page.getByRole('button', { name: 'Say nothing by Mail' }).boundingBox(),
      page.getByRole('region', { name: 'Preview' }).boundingBox(),
    ]);
    expect(preview?.y).toBeGreaterThan((fields?.y ?? Number.POSITIVE_INFINITY) + (fields?.height ?? 0));
  });

  const make = (name: string, content: unknown): Promise<unknown> =>
    api('/templates', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, content }),
    });

  const publish = async (version: number): Promise<void> => {
    await page.getByText('Saved', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    await page.getByText(`version ${version} is published`).waitFor();
  };
});
