/** What the screen must do wherever it runs: the same steps in Electron's window and in a browser's app window. */
import { createTransport } from 'nodemailer';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

export interface OpenScreen {
  readonly page: Page;
  /** Address of the core, without a trailing slash. */
  readonly url: string;
  readonly smtpPort: number;
}

const html = `<h1>Hello Jane</h1>
<a id="out" href="https://example.com/away" target="_top">away</a>
<iframe src="https://example.com/frame"></iframe>
<img src="https://example.com/pixel.gif">
<script>document.title = 'script ran'</script>`;

/** Sends a mail as an app would, and waits until it stands in the list. */
export async function receiveMail({ page, smtpPort }: OpenScreen, subject: string): Promise<void> {
  const transport = createTransport({ host: '127.0.0.1', port: smtpPort, secure: false, ignoreTLS: true });
  await transport.sendMail({
    from: 'app@example.com',
    to: 'jane@example.org',
    subject,
    text: `The text of ${subject}`,
    html,
  });
  transport.close();
  await row(page, subject).waitFor();
}

/** Every view of the message shows what it is for. */
export async function walkThroughTabs({ page }: OpenScreen, subject: string): Promise<void> {
  await row(page, subject).click();
  const shows = async (tab: string, text: string | RegExp) => {
    await page.getByRole('tab', { name: tab, exact: true }).click();
    await page.getByRole('tabpanel').getByText(text).first().waitFor();
  };
  await shows('Text', `The text of ${subject}`);
  await shows('Headers', 'jane@example.org');
  await shows('MIME', 'multipart/alternative');
  await shows('Source', 'MIME-Version');
  await shows('Exchange', /RCPT TO/i);
  await page.getByRole('tab', { name: 'Preview', exact: true }).click();
  await page.frameLocator('iframe').getByRole('heading', { name: 'Hello Jane' }).waitFor();
}

/** The HTML of a message can neither run, nor reach the host, nor leave. */
export async function tryToBreakOut({ page }: OpenScreen): Promise<void> {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  const home = page.url();
  const frame = page.frames().find((candidate) => candidate.url().includes('/html'));
  if (frame === undefined) throw new Error('the preview has no frame');
  await frame.locator('#out').click({ noWaitAfter: true });
  expect(await frame.evaluate(() => typeof window.sandpost)).toBe('undefined');
  expect(
    await frame.evaluate(() => {
      try {
        return typeof window.parent.sandpost;
      } catch (error) {
        return error instanceof DOMException ? error.name : 'another error';
      }
    }),
  ).toBe('SecurityError');
  expect(await frame.title()).not.toBe('script ran');
  expect(page.url()).toBe(home);
  expect(asked.filter((url) => url.includes('example.com'))).toEqual([]);
  expect(page.frames().filter((candidate) => candidate.url().includes('example.com'))).toEqual([]);
}

/** A file dropped anywhere becomes a message. */
export async function dropFile({ page }: OpenScreen, subject: string): Promise<void> {
  const transfer = await page.evaluateHandle((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], 'dropped.eml', { type: 'message/rfc822' }));
    return data;
  }, `From: a@example.com\r\nTo: b@example.org\r\nSubject: ${subject}\r\n\r\ndropped\r\n`);
  await page.dispatchEvent('#room', 'dragover', { dataTransfer: transfer });
  await page.dispatchEvent('#room', 'drop', { dataTransfer: transfer });
  await row(page, subject).waitFor();
}

export function row(page: Page, subject: string) {
  return page.getByRole('listbox', { name: 'Messages' }).getByText(subject, { exact: true });
}
