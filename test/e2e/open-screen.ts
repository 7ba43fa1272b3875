/** A screen for a room's tests: a real core, and a page of a real browser. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium, quietFlags } from './find-chromium.ts';
import { type RunningCore, startCore } from './start-core.ts';

export interface OpenScreen {
  readonly core: RunningCore;
  readonly browser: Browser;
  readonly page: Page;
  close(): Promise<void>;
}

const waitMsMax = 15_000;

/** @returns what a machine lacks for it, as a test that is skipped says it; null: nothing */
export function whyNoScreen(): string | null {
  if (findChromium() === null) return 'needs a Chromium: set CHROMIUM_PATH';
  const built = existsSync(resolve(import.meta.dirname, '../../out/renderer/index.html'));
  return built ? null : 'needs the built renderer: npm run build';
}

export async function openScreen(viewport: {
  readonly width: number;
  readonly height: number;
}): Promise<OpenScreen> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('there is no Chromium');
  const core = await startCore();
  const browser = await chromium.launch({ executablePath, args: [...quietFlags] });
  const page = await browser.newPage({ viewport, colorScheme: 'light' });
  page.setDefaultTimeout(waitMsMax);
  return {
    core,
    browser,
    page,
    async close() {
      await browser.close();
      await core.remove();
    },
  };
}
