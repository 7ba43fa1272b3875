/** `node test/e2e/take-screenshots.ts`: the pictures of the README, from the real core with mails and pushes such as apps send. */
import { resolve } from 'node:path';
import type { SendMailOptions } from 'nodemailer';
import { chromium } from 'playwright-core';
import { findChromium, quietFlags } from './find-chromium.ts';
import { sendMail } from './screen-mail.ts';
import { type RunningCore, startCore } from './start-core.ts';

const docs = resolve(import.meta.dirname, '../../docs');
const shownSubject = 'Your order BB-20418 is on its way';

const executablePath = findChromium();
if (executablePath === null) throw new Error('No Chromium here: set CHROMIUM_PATH');
const core = await startCore();
const browser = await chromium.launch({ executablePath, args: [...quietFlags] });
try {
  const phone = await pushAll(core);
  await sendAll(core);
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme });
    await page.goto(`${core.facts.url}/messages`);
    await page.getByRole('option').filter({ hasText: shownSubject }).click();
    await page.getByRole('tab', { name: 'Journey' }).click();
    await page.getByRole('list', { name: 'Journey' }).getByText('Placed').waitFor();
    await page
      .getByRole('option')
      .filter({ hasText: shownSubject })
      .getByLabel('read', { exact: true })
      .waitFor();
    await page.mouse.move(0, 0);
    await page.screenshot({ path: resolve(docs, `screenshot-${colorScheme}.png`) });
    await page.goto(`${core.facts.url}/phones/${phone}`);
    await page.getByText('Your table is booked').waitFor();
    await page.screenshot({ path: resolve(docs, `phones-${colorScheme}.png`) });
    await page.close();
  }
} finally {
  await browser.close();
  await core.remove();
}

/** Jane's devices, one of them off, and what a shop tells her. @returns the id of her iPhone */
async function pushAll(to: RunningCore): Promise<string> {
  const post = async (path: string, body: unknown): Promise<{ readonly id: string }> => {
    const answer = await fetch(`${to.facts.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const own = async (name: string, platform: string, app: string): Promise<string> => {
    const { id } = await post('/v1/phones', { name, platform, user: 'jane' });
    await post(`/v1/phones/${id}/register`, { app, linkSchemes: ['birchbean'] });
    return id;
  };
  const iphone = await own('Jane’s iPhone', 'ios', 'com.birchbean.app');
  const pixel = await own('Jane’s Pixel', 'android', 'com.birchbean.app');
  await post(`/v1/phones/${pixel}/offline`, { forMs: 4 * 3_600_000 });
  const pushes = [
    { title: 'Your order is on its way', body: 'It comes tomorrow between nine and ten.', badge: 1 },
    { title: 'Ann', body: 'Coffee at four?', group: 'chat' },
    { title: 'Ann', body: 'The usual place.', group: 'chat' },
    { title: 'Your table is booked', subtitle: 'Birch & Bean, Alder Street', body: 'Friday, 19:30, for two' },
  ];
  for (const push of pushes) {
    const { id } = await post('/v1/messages', { channel: 'push', to: [{ user: 'jane' }], ...push });
    await arrived(to, id);
  }
  return iphone;
}

/** Waits until the provider has said yes, so that the next one comes after it. */
async function arrived(to: RunningCore, messageId: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await fetch(`${to.facts.url}/v1/messages/${messageId}`);
    const { deliveries }: { deliveries: readonly { readonly status: string }[] } = await answer.json();
    if (deliveries.every(({ status }) => status !== 'queued')) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('a push did not arrive');
}

async function sendAll(to: RunningCore): Promise<void> {
  for (const { user, ...mail } of mails()) await sendMail(to, mail, user);
}

type Mail = SendMailOptions & { readonly user: string };

function shop(subject: string, body: string, more: SendMailOptions = {}): Mail {
  return {
    user: 'shop',
    from: 'Birch & Bean <orders@birchbean.example>',
    to: 'Jane Doe <jane@example.com>',
    subject,
    html: letter(body),
    ...more,
  };
}

function letter(body: string): string {
  return `<!doctype html><html><body style="margin:0;background:#f4f1ec;font-family:Helvetica,Arial,sans-serif;color:#2b2622">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:28px 12px">
<table role="presentation" width="520" cellpadding="0" cellspacing="0" style="background:#fff;border-radius:10px">
<tr><td style="padding:22px 32px;background:#3f5b4a;color:#fff;border-radius:10px 10px 0 0;font-size:20px;letter-spacing:.02em">Birch &amp; Bean</td></tr>
<tr><td style="padding:26px 32px 30px;font-size:15px;line-height:1.55">${body}</td></tr>
</table></td></tr></table></body></html>`;
}

function line(name: string, count: number, price: string): string {
  return `<tr><td style="padding:9px 0;border-bottom:1px solid #ece7df">${name}</td>
<td style="padding:9px 0;border-bottom:1px solid #ece7df;color:#857c72">× ${count}</td>
<td align="right" style="padding:9px 0;border-bottom:1px solid #ece7df">${price}</td></tr>`;
}

function button(text: string, url: string): string {
  return `<a href="${url}" style="display:inline-block;margin-top:18px;padding:11px 20px;background:#3f5b4a;color:#fff;text-decoration:none;border-radius:6px">${text}</a>`;
}

function mails(): readonly Mail[] {
  return [
    {
      user: 'billing',
      from: 'Ledger <billing@ledger.example>',
      to: 'accounts@northwind.example',
      cc: 'cfo@northwind.example',
      subject: 'Invoice 2041 for October',
      text: 'The invoice is attached. It is due in 14 days.',
      attachments: [
        {
          filename: 'invoice-2041.pdf',
          content: Buffer.alloc(48_000, 'invoice '),
          contentType: 'application/pdf',
        },
      ],
    },
    shop('Welcome to Birch & Bean', '<p>Good to have you, Jane.</p>'),
    {
      user: 'monitor',
      from: 'Watchtower <alerts@watchtower.example>',
      to: 'on-call@example.com, backend@example.com',
      subject: '[resolved] api-gateway: error rate back under 1 %',
      text: 'The alert api-gateway/error-rate was resolved after 6 minutes.',
    },
    {
      user: 'calendar',
      from: 'Priya Nair <priya@northwind.example>',
      to: 'jane@example.com, sam@example.com',
      subject: 'Invitation: Sprint review, Thursday 14:00',
      text: 'Sprint review, Thursday 14:00 to 14:45, room Alder.',
      icalEvent: {
        method: 'REQUEST',
        content:
          'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261126T140000Z\r\nDTEND:20261126T144500Z\r\nSUMMARY:Sprint review\r\nLOCATION:Alder\r\nORGANIZER:mailto:priya@northwind.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n',
      },
    },
    {
      user: 'accounts',
      from: 'Accounts <no-reply@accounts.example>',
      to: 'jane@example.com',
      subject: 'Reset your password',
      text: 'Open https://accounts.example/reset/5f1c9a within an hour to choose a new password.',
    },
    {
      user: 'newsletter',
      from: 'The Grind <hello@birchbean.example>',
      to: 'readers@lists.birchbean.example',
      bcc: 'jane@example.com, sam@example.com, ines@example.com',
      subject: 'Three new roasts, and how we pick them',
      html: letter('<p>This month: Huila, Yirgacheffe and a decaf worth drinking.</p>'),
      headers: { 'List-Unsubscribe': '<https://birchbean.example/unsubscribe/7>' },
    },
    {
      user: 'legacy',
      from: 'cron@batch-01.example',
      to: 'ops@example.com',
      subject: 'nightly-export: 3 rows skipped',
      raw: 'From: cron@batch-01.example\r\nTo: ops@example.com\r\nSubject: nightly-export: 3 rows skipped\r\n\r\nrows 118, 204 and 377 were skipped\r\n',
      envelope: { from: 'cron@batch-01.example', to: 'ops@example.com' },
    },
    {
      user: 'accounts',
      from: 'Accounts <no-reply@accounts.example>',
      to: 'jane@example.com',
      subject: '739 201 is your sign-in code',
      text: 'Your sign-in code is 739 201. It is good for ten minutes.',
    },
    shop('How was your coffee?', '<p>Tell us in one click.</p>'),
    shop(
      shownSubject,
      `<h1 style="margin:0 0 10px;font-size:22px;font-weight:600">It is on its way, Jane</h1>
<p style="margin:0 0 14px">We handed your order to the carrier this morning. It should be with you on Tuesday.</p>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="font-size:14px">
${line('Huila, whole bean, 250 g', 2, '€ 23.80')}${line('Paper filters, size 2', 1, '€ 4.50')}
<tr><td style="padding:11px 0;font-weight:600">Total</td><td></td><td align="right" style="padding:11px 0;font-weight:600">€ 28.30</td></tr>
</table>${button('Track your parcel', 'https://birchbean.example/track/BB-20418')}
<p style="margin:20px 0 0;font-size:13px;color:#857c72">Pick-up code at the locker: <b>482 913</b></p>`,
      {
        text: 'Your order BB-20418 is on its way: https://birchbean.example/track/BB-20418\n\nPick-up code at the locker: 482 913',
        bcc: 'archive@birchbean.example',
      },
    ),
  ];
}
