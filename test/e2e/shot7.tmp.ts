import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { findChromium, quietFlags } from './find-chromium.ts';
const { url } = JSON.parse(readFileSync('/tmp/screen7-core.json', 'utf8'));
const browser = await chromium.launch({ executablePath: findChromium() ?? '', args: [...quietFlags] });
const [, , scheme = 'light', ...paths] = process.argv;
const page = await browser.newPage({ viewport: { width: 1400, height: 900 }, colorScheme: scheme === 'dark' ? 'dark' : 'light' });
page.on('pageerror', (e) => console.log('ERR', e.message));
page.on('console', (m) => { if (m.type() === 'error') console.log('CON', m.text()); });
let n = 0;
for (const path of paths) {
  const [at = '', click] = path.split('@@');
  await page.goto(`${url}${at}`);
  await page.waitForTimeout(1500);
  if (click !== undefined) { for (const one of click.split('&&')) { await page.locator(one).first().click(); await page.waitForTimeout(500); } }
  await page.screenshot({ path: `/tmp/shot7-${scheme}-${n++}.png` });
}
await browser.close();
