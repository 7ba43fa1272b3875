import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { describe, it } from 'vitest';
import { findChromium, quietFlags } from './find-chromium.ts';
import { screenSpec } from './screen-spec.ts';
import { startCore } from './start-core.ts';

const executablePath = findChromium();
const built = existsSync(resolve(import.meta.dirname, '../../out/renderer/index.html'));

describe('the screen in a browser', () => {
  if (executablePath === null) {
    it.skip('needs a Chromium: set CHROMIUM_PATH');
    return;
  }
  if (!built) {
    it.skip('needs the built renderer: npm run build');
    return;
  }
  screenSpec(async () => {
    const core = await startCore();
    const browser = await chromium.launch({ executablePath, args: [...quietFlags] });
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
    return {
      core,
      page,
      close: async () => {
        await browser.close();
        await core.remove();
      },
    };
  });
});
