/**
 * The whole path of a new user, in the real app: start, connect, the first mail, a bounce, a hold, retries by the clock, live
 * for one address, and back. SANDPOST_SCREENSHOTS names a folder for a picture of each step: those of the README.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { Page } from 'playwright-core';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Folders, makeFolders, type StartedApp, startApp } from './launch-app.ts';
import { freePorts, statusOf } from './real-core.ts';

const pictures = process.env.SANDPOST_SCREENSHOTS ?? null;
const waitMsMax = 30_000;
const password = 'a-password-nobody-sees';

interface Arrived {
  readonly to: readonly string[];
  readonly raw: string;
}

let folders: Folders;
let started: StartedApp;
let page: Page;
let url: string;
let smtpPort: number;
let standIn: SMTPServer;
let standInPort: number;
const arrived: Arrived[] = [];

beforeAll(async () => {
  folders = makeFolders('first');
  standIn = await openStandIn();
  started = await startApp(folders, freePorts);
  ({ page } = started);
  page.setDefaultTimeout(waitMsMax);
  await page.locator('#room').waitFor();
  url = new URL(page.url()).origin;
  smtpPort = (await statusOf(url)).ports.smtp;
}, 90_000);

afterAll(async () => {
  await started?.app.close();
  await started?.ended;
  await new Promise<void>((resolve) => standIn.close(() => resolve()));
  folders.remove();
});

/** The real mail server of this story: it stands on loopback, and takes whatever is brought. */
async function openStandIn(): Promise<SMTPServer> {
  const server = new SMTPServer({
    allowInsecureAuth: true,
    onAuth: (auth, _session, done) =>
      auth.password === password ? done(null, { user: 'shop' }) : done(new Error('no such password')),
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        arrived.push({
          to: session.envelope.rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString('latin1'),
        });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('the stand-in has no port');
  standInPort = address.port;
  return server;
}

/** What the user's app does: one mail, by nodemailer as it comes. */
async function appSends(to: string, subject: string): Promise<void> {
  const transport = createTransport({ host: '127.0.0.1', port: smtpPort });
  await transport.sendMail({
    from: '"Birch & Bean" <hello@birchbean.example>',
    to,
    bcc: 'archive@birchbean.example',
    subject,
    text: 'Your table is booked: Friday, 19:30, for two.',
    html: '<h1>Your table is booked</h1><p>Friday, 19:30, for two.</p>',
  });
  transport.close();
}

async function picture(name: string): Promise<void> {
  if (pictures === null) return;
  mkdirSync(pictures, { recursive: true });
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}

const row = (subject: string) =>
  page.getByRole('listbox', { name: 'Messages' }).getByText(subject, { exact: true });
const stage = (word: string) =>
  page.getByRole('list', { name: 'Journey' }).getByRole('listitem').filter({ hasText: word });

async function openJourney(subject: string): Promise<void> {
  await row(subject).click();
  await page.getByRole('article', { name: subject }).waitFor();
  await page.getByRole('tab', { name: 'Journey' }).click();
}

async function toMessages(): Promise<void> {
  await page.getByRole('link', { name: /^Messages/ }).click();
}

it('1 starts, and tells how an app is connected', async () => {
  const tour = page.getByRole('dialog', { name: 'Tour of Sandpost' });
  await tour.getByRole('heading', { name: 'Step 1 of 3 What this is' }).waitFor();
  await tour.getByRole('button', { name: 'Next' }).click();
  await tour.getByRole('heading', { name: 'Step 2 of 3 Connect your app' }).waitFor();
  await tour.getByText(String(smtpPort)).first().waitFor();
  await picture('1-connect');
  await tour.getByRole('button', { name: 'Next' }).click();
  await tour.getByRole('status').getByText('Waiting for the first message').waitFor();
});

it('2 shows the first mail', async () => {
  await appSends('jane@gmail.com', 'Your table is booked');
  await page.waitForURL('**/messages/*-*');
  await page.getByRole('article', { name: 'Your table is booked' }).waitFor();
  await page.getByRole('tab', { name: 'Journey' }).click();
  await stage('Placed').waitFor();
  await picture('2-first-mail');
});

it('3 makes it bounce', async () => {
  await appSends('jane+bounce-550-5.1.1@gmail.com', 'To a mailbox that is gone');
  await toMessages();
  await openJourney('To a mailbox that is gone');
  await page
    .getByRole('list', { name: 'Journey' })
    .getByText(/5\.1\.1/)
    .first()
    .waitFor();
  await picture('3-bounce');
});

it('4 holds one, and lets it go', async () => {
  await appSends('jane+hold@gmail.com', 'To be looked at first');
  await toMessages();
  await openJourney('To be looked at first');
  await stage('held').first().waitFor();
  await picture('4-hold');
  await page.keyboard.press('r');
  await stage('Placed').waitFor();
});

it('5 watches retries go by with the clock', async () => {
  await appSends('jane+defer-421-x2@gmail.com', 'Not just now');
  await toMessages();
  await openJourney('Not just now');
  await stage('Attempt 1').waitFor();
  const clock = page.getByRole('group', { name: 'Virtual clock' });
  for (let tries = 0; tries < 2; tries++) {
    await clock.getByRole('button', { name: /next event/i }).click();
    await stage(`Attempt ${tries + 2}`).waitFor();
  }
  await stage('Placed').waitFor();
  await picture('5-retries');
});

it('6 turns live on for one address, after a summary of what would go', async () => {
  await page.getByRole('link', { name: 'Live relay' }).click();
  await page.getByRole('link', { name: 'Add a relay' }).click();
  await page.getByRole('button', { name: 'Add a relay' }).click();
  const relay = page.getByRole('dialog', { name: 'Add a relay' });
  await relay.getByRole('textbox', { name: 'Name', exact: true }).fill('company');
  await relay.getByRole('textbox', { name: 'Host' }).fill('127.0.0.1');
  await relay.getByRole('textbox', { name: 'Port' }).fill(String(standInPort));
  await relay.getByRole('combobox', { name: 'TLS' }).selectOption('off');
  await relay.getByLabel('Password', { exact: true }).fill(password);
  await relay.getByLabel('User', { exact: true }).fill('shop');
  await relay.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Verify company' }).click();
  await page.getByText(/^Verified at/).waitFor();

  await page.getByRole('tab', { name: 'Go live' }).click();
  await page.getByRole('switch', { name: 'Mail', exact: true }).click();
  await page.getByRole('textbox', { name: 'Who may be written to' }).fill('me@company.example,');
  await page.getByRole('button', { name: 'Show what would be sent' }).click();
  // Time was moved: live relay goes by the wall clock.
  await page.getByRole('button', { name: 'Put the clock back to wall time' }).click();
  const summary = page.getByRole('dialog', { name: 'What would be sent for real' });
  await summary.getByText('me@company.example').first().waitFor();
  await picture('6-summary');
  expect(arrived).toEqual([]);
  await summary.getByRole('textbox', { name: 'Type LIVE to confirm' }).fill('live');
  await summary.getByRole('button', { name: 'Send for real' }).click();
  await page.getByRole('link', { name: /^Live, \d+:\d\d left$/ }).waitFor();
  await expect
    .poll(() => started.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getTitle()))
    .toContain('LIVE');
});

it('7 sends, sees it arrive for real, and all else held', async () => {
  await appSends('me@company.example', 'For real this time');
  await toMessages();
  await openJourney('For real this time');
  await page.getByRole('button', { name: /^me / }).click();
  await page.getByText(/for real, by relay company/).waitFor();
  await picture('7-live');
  await expect.poll(() => arrived.length).toBe(1);
  expect(arrived[0]?.to).toEqual(['me@company.example']);
  expect(arrived[0]?.raw).toContain('Subject: For real this time');
  expect(arrived[0]?.raw).not.toMatch(/^bcc:/im);
  // The blind copy is to nobody on the list.
  await page.getByRole('button', { name: /^archive held/ }).waitFor();
});

it('8 is back in the sandbox', async () => {
  await page.getByRole('button', { name: 'Back to sandbox' }).click();
  await page.getByRole('link', { name: 'Sandbox', exact: true }).waitFor();
  await appSends('me@company.example', 'In the sandbox again');
  await toMessages();
  await openJourney('In the sandbox again');
  await stage('Placed').waitFor();
  await picture('8-sandbox');
  expect(arrived).toHaveLength(1);
  await expect
    .poll(() => started.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getTitle()))
    .not.toContain('LIVE');
});
