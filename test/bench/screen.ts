/** The screen with everything stored: first list, frames while scrolling and while messages come in. In Chromium. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium, quietFlags } from '../e2e/find-chromium.ts';

const openings = 5;
const watchMs = 5_000;
const firstListMsTarget = 1_000;
const frameMsTarget = 50;
const messagesPerSecond = 500;
/** Rows are 52 px high: about a hundred of them pass in a second. */
const scrollPixelsPerFrame = 90;
const settleMs = 1_000;

/** @returns lines to print, each figure beside its target; or why there are none */
export async function measureScreen(url: string, smtpPort: number): Promise<string> {
  const executablePath = findChromium();
  if (executablePath === null) return 'the screen was not measured: no Chromium here, set CHROMIUM_PATH';
  const browser = await chromium.launch({ executablePath, args: [...quietFlags] });
  try {
    const lines = [`the screen, in Chromium ${browser.version()}:`, await firstList(browser, url)];
    const page = await openList(browser, url);
    const empty = await browser.newPage();
    lines.push(framesLine('an empty page, for comparison', await watchFrames(empty, 0)));
    await page.bringToFront();
    lines.push(framesLine('scrolling', await watchFrames(page, scrollPixelsPerFrame)));
    const stream = `${messagesPerSecond} messages a second coming in`;
    lines.push(`${stream}:`);
    await empty.bringToFront();
    lines.push(
      await whileMailComesIn(smtpPort, 'an empty page, for comparison', () => watchFrames(empty, 0)),
    );
    await page.bringToFront();
    lines.push(await whileMailComesIn(smtpPort, 'scrolling', () => watchFrames(page, scrollPixelsPerFrame)));
    await page.getByRole('listbox').evaluate((list) => list.scrollTo(0, 0));
    lines.push(await whileMailComesIn(smtpPort, 'at the top of the list', () => watchFrames(page, 0)));
    return lines.join('\n');
  } finally {
    await browser.close();
  }
}

/** From navigation to the frame that has the first row, in a browser that knows nothing of the page yet. */
async function firstList(browser: Browser, url: string): Promise<string> {
  const times: number[] = [];
  /** Processor time of the main thread: what does not depend on what else the machine does. */
  const work: number[] = [];
  for (let n = 0; n < openings; n++) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    const inspector = await context.newCDPSession(page);
    await inspector.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.addInitScript(() => {
      const look = () => {
        if (document.querySelector('[role="option"]') === null) requestAnimationFrame(look);
        else performance.mark('first-row');
      };
      requestAnimationFrame(look);
    });
    await page.goto(`${url}/messages`);
    const handle = await page.waitForFunction(() => performance.getEntriesByName('first-row')[0]?.startTime);
    times.push(Number(await handle.jsonValue()));
    const { metrics } = await inspector.send('Performance.getMetrics');
    work.push((metrics.find((one) => one.name === 'TaskDuration')?.value ?? 0) * 1000);
    await context.close();
  }
  return row(
    'first list shown',
    `median ${median(times).toFixed(0)} ms, worst ${Math.max(...times).toFixed(0)} ms (target: under ${firstListMsTarget} ms); ${median(work).toFixed(0)} ms of it are work of the main thread`,
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function openList(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`${url}/messages`);
  await page.getByRole('option').first().waitFor();
  await page.waitForTimeout(settleMs);
  return page;
}

interface Frames {
  readonly count: number;
  readonly worstMs: number;
  readonly over: number;
  /** Of the main thread, by the browser's own account: one that takes over 50 ms. */
  readonly longTasks: number;
  readonly longestTaskMs: number;
  /** What our own code took of the longest animation frame. */
  readonly scriptMs: number;
}

/** Frames of the page as it sees them, scrolled by so many pixels in each; back up where the list ends. */
function watchFrames(page: Page, pixelsPerFrame: number): Promise<Frames> {
  return page.evaluate(
    async ({ watchMs, pixelsPerFrame, frameMsTarget }) => {
      const list = document.querySelector('[role="listbox"]');
      const tasks: number[] = [];
      const scripts: number[] = [];
      const observers = (['longtask', 'long-animation-frame'] as const).map((type) => {
        const observer = new PerformanceObserver((found) => {
          for (const entry of found.getEntries()) {
            if (type === 'longtask') tasks.push(entry.duration);
            else {
              const { scripts: parts } = entry as PerformanceEntry & {
                readonly scripts: readonly { readonly duration: number }[];
              };
              scripts.push(parts.reduce((sum, part) => sum + part.duration, 0));
            }
          }
        });
        observer.observe({ type });
        return observer;
      });
      const deltas: number[] = [];
      let direction = 1;
      await new Promise<void>((resolve) => {
        let last: number | null = null;
        let first: number | null = null;
        const frame = (now: number) => {
          if (last !== null) deltas.push(now - last);
          first ??= now;
          last = now;
          if (list !== null && pixelsPerFrame > 0) {
            const before = list.scrollTop;
            list.scrollTop += direction * pixelsPerFrame;
            if (list.scrollTop === before) direction = -direction;
          }
          if (now - first < watchMs) requestAnimationFrame(frame);
          else resolve();
        };
        requestAnimationFrame(frame);
      });
      for (const observer of observers) observer.disconnect();
      return {
        count: deltas.length,
        worstMs: Math.max(...deltas),
        over: deltas.filter((delta) => delta > frameMsTarget).length,
        longTasks: tasks.length,
        longestTaskMs: Math.max(0, ...tasks),
        scriptMs: Math.max(0, ...scripts),
      };
    },
    { watchMs, pixelsPerFrame, frameMsTarget },
  );
}

/** Mail comes in from a process of its own, a little before and until after the frames are watched. */
async function whileMailComesIn(
  smtpPort: number,
  name: string,
  watch: () => Promise<Frames>,
): Promise<string> {
  const seconds = (watchMs + 2 * settleMs) / 1000;
  const sender = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('./paced-sender.ts', import.meta.url)),
      ...[smtpPort, messagesPerSecond, seconds].map(String),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const sent: Promise<string> = once(sender.stdout, 'data').then(([text]) => String(text).trim());
  const ended = once(sender, 'exit');
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const frames = await watch();
  await ended;
  return `${framesLine(name, frames)}; ${(Number(await sent) / seconds).toFixed(0)} a second came in`;
}

function framesLine(name: string, frames: Frames): string {
  const { count, worstMs, over, longTasks, longestTaskMs, scriptMs } = frames;
  const tasks =
    longTasks === 0
      ? 'no task over 50 ms'
      : `${longTasks} tasks over 50 ms, longest ${longestTaskMs.toFixed(0)} ms, of a frame ${scriptMs.toFixed(0)} ms in script`;
  return row(
    name,
    `${count} frames, worst ${worstMs.toFixed(0)} ms, ${over} over ${frameMsTarget} ms (target: none); ${tasks}`,
  );
}

function row(name: string, figures: string): string {
  return `${name.padEnd(34)} ${figures}`;
}
