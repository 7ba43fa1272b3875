/** Export and import in a browser, against a real core. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenScreen, openScreen, whyNoScreen } from './open-screen.ts';
import { namelessControls } from './reachable.ts';

describe('the workspace in the settings', () => {
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

  const total = async (): Promise<number> => {
    const list: { readonly total: number } = await (
      await fetch(`${opened.core.facts.url}/v1/messages`)
    ).json();
    return list.total;
  };

  it('says what a file would do, and does it', async () => {
    await page.goto(`${opened.core.facts.url}/settings`);
    const part = page.getByRole('region', { name: 'Workspace' });
    await part.getByRole('button', { name: 'Import…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import' });
    const before = await total();
    const choose = async (name: string, text: string): Promise<void> => {
      const chosen = page.waitForEvent('filechooser');
      await dialog.getByRole('button', { name: /^Choose/ }).click();
      await (await chosen).setFiles({
        name,
        mimeType: 'application/octet-stream',
        buffer: Buffer.from(text),
      });
    };
    await choose('bad.zip', 'PK\x03\x04');
    await dialog.getByRole('alert').getByText('It is no zip archive').waitFor();
    expect(await dialog.getByRole('button', { name: 'Import', exact: true }).count()).toBe(0);
    await choose('old.mbox', 'From a@b.c Mon Nov 23 04:00:00 2020\nSubject: Old\n\nx\n\n');
    await dialog
      .getByRole('region', { name: 'What would be done' })
      .getByRole('row', { name: 'messages 1 0 0' })
      .waitFor();
    expect(await total()).toBe(before);
    expect(await namelessControls(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('Imported: 1 message').waitFor();
    expect(await total()).toBe(before + 1);
  });

  it('warns of private keys, and saves a file that comes in again', async () => {
    await page.goto(`${opened.core.facts.url}/settings`);
    const part = page.getByRole('region', { name: 'Workspace' });
    await part.getByRole('switch', { name: /private DKIM keys/ }).click({ force: true });
    await part.getByText('can sign mail as these domains').waitFor();
    const saved = page.waitForEvent('download');
    await part.getByRole('button', { name: 'Export' }).click();
    const archive = await readFile(await (await saved).path());
    const answer = await fetch(`${opened.core.facts.url}/v1/workspace/import?dryRun=true`, {
      method: 'POST',
      body: Uint8Array.from(archive),
    });
    expect(await answer.json()).toMatchObject({
      refusedTotal: 0,
      about: { privateKeys: true },
      messages: { added: 0, alreadyThere: await total() },
    });
  });
});
