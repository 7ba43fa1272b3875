/** The section Push of the room Settings in a browser, against a real core. */
import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ShownPushSettings } from '../../core/api/push-schema.ts';
import { type OpenScreen, openScreen, whyNoScreen } from './open-screen.ts';
import { namelessControls } from './reachable.ts';
import type { RunningCore } from './start-core.ts';

describe('the settings of the push providers', () => {
  const missing = whyNoScreen();
  if (missing !== null) {
    it.skip(missing);
    return;
  }
  let opened: OpenScreen;
  let core: RunningCore;
  let page: Page;

  beforeAll(async () => {
    opened = await openScreen({ width: 1280, height: 900 });
    ({ core, page } = opened);
    await page.goto(`${core.facts.url}/settings`);
  }, 60_000);
  afterAll(() => opened.close());

  const part = (name: string) => page.getByRole('region', { name, exact: true });
  const settings = async (): Promise<ShownPushSettings> => {
    const answer: ShownPushSettings = await (await fetch(`${core.facts.url}/v1/push/settings`)).json();
    return answer;
  };

  it('makes a signing key, hands out its file, and forgets it again', async () => {
    await part('APNs').getByText('No signing key of an app is known.').waitFor();
    await part('APNs').getByRole('button', { name: 'Make a signing key' }).click();
    const dialog = page.getByRole('dialog', { name: 'A signing key for APNs' });
    await dialog.getByText('-----BEGIN PRIVATE KEY-----').waitFor();
    expect(await namelessControls(page)).toEqual([]);
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: /^Save AuthKey_\w{10}\.p8$/ }).click(),
    ]);
    expect(saved.suggestedFilename()).toMatch(/^AuthKey_\w{10}\.p8$/);
    expect(await readFile(await saved.path(), 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    await dialog.getByRole('button', { name: 'Close' }).click();
    const known = part('APNs').getByRole('list', { name: 'Signing keys that are known' });
    const { apns } = await settings();
    const kid = apns.keys[0]?.kid ?? '';
    expect(saved.suggestedFilename()).toBe(`AuthKey_${kid}.p8`);
    await known.getByRole('button', { name: `Forget ${kid}` }).click();
    await page.getByRole('button', { name: 'Forget', exact: true }).click();
    await known.waitFor({ state: 'detached' });
    expect((await settings()).apns.keys).toEqual([]);
  });

  it('takes a key of the app from its file, and says what is wrong with one', async () => {
    await part('APNs').getByRole('button', { name: 'Add your own…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a signing key of your app' });
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await dialog.locator('input[type=file]').setInputFiles({
      name: 'AuthKey_ABC123DEFG.p8',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(pem),
    });
    await dialog.getByLabel('Key (PEM)').and(page.locator(':not(:empty)')).waitFor();
    expect(await dialog.getByLabel('Key id').inputValue()).toBe('ABC123DEFG');
    await dialog.getByLabel('Team id').fill('SHORT');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await page.getByRole('alert').getByText('a team id has ten letters and digits').waitFor();
    await dialog.getByLabel('Team id').fill('DEF123GHIJ');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await dialog.waitFor({ state: 'detached' });
    await part('APNs').getByText('team DEF123GHIJ').waitFor();
    expect((await settings()).apns.keys).toMatchObject([
      { kid: 'ABC123DEFG', publicKey: expect.stringContaining('PUBLIC KEY') },
    ]);
  });

  it('makes a service account for a project', async () => {
    await part('FCM').getByRole('button', { name: 'Make a service account…' }).click();
    await page.getByLabel('Project', { exact: true }).fill('shop');
    await page.getByRole('button', { name: 'Make it' }).click();
    const dialog = page.getByRole('dialog', { name: 'A service account for FCM' });
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Save service-account.json' }).click(),
    ]);
    const file: unknown = JSON.parse(await readFile(await saved.path(), 'utf8'));
    expect(file).toMatchObject({ type: 'service_account', project_id: 'shop' });
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await part('FCM').getByText('project shop').waitFor();
  });

  it('is in force at once: strictness, limits, and where the proxy leads', async () => {
    await part('APNs').getByRole('switch', { name: 'Let only known signing keys in' }).click();
    await part('FCM').getByRole('switch', { name: 'Limit collapsible messages' }).click();
    await part('APNs').getByLabel('A second to one device').fill('5');
    await part('APNs').getByRole('button', { name: 'Save' }).click();
    await part('Proxy').getByLabel('Hosts that are no provider’s').selectOption('list');
    await part('Proxy').getByLabel('Hosts that the proxy leads to').fill('api.stripe.com\n*.example.com');
    await part('Proxy').getByRole('button', { name: 'Save the list' }).click();
    await expect.poll(settings).toMatchObject({
      apns: { strict: true, perDevicePerSecond: 5, keys: [{ kid: 'ABC123DEFG' }] },
      fcm: { collapsibleRate: true, strict: false },
      proxy: { otherHosts: { list: ['api.stripe.com', '*.example.com'] } },
    });
    await page.reload();
    expect(await part('Proxy').getByLabel('Hosts that the proxy leads to').inputValue()).toBe(
      'api.stripe.com\n*.example.com',
    );
    const { own } = await settings();
    await part('What the sandbox itself pushes with').getByText(own.vapid.publicKey).waitFor();
    expect(await namelessControls(page)).toEqual([]);
  });
});
