import { chromium } from 'playwright-core';
import { findChromium, quietFlags } from './find-chromium.ts';
import { sendMail } from './screen-mail.ts';
import { startCore } from './start-core.ts';

const out = '/root/wt/mailboxes-scratch';
const core = await startCore();
const browser = await chromium.launch({ executablePath: findChromium() ?? '', args: [...quietFlags] });
const api = async (method: string, path: string, body?: unknown) => {
  const r = await fetch(`${core.facts.url}/v1${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  return r.json();
};
try {
  const empty = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
  empty.on('pageerror', (e) => console.log('pageerror', e.message));
  empty.on('console', (m) => m.type() === 'error' && console.log('console', m.text()));
  await empty.goto(`${core.facts.url}/mailboxes`);
  await empty.getByText('Nobody has mail yet').waitFor();
  await empty.screenshot({ path: `${out}/empty.png` });
  await empty.close();
  const shop = { from: 'Birch & Bean <hello@birchbean.example>' };
  await sendMail(core, {
    ...shop,
    to: 'jane@gmail.com, sam@outlook.com, ines@yahoo.com',
    subject: 'Your order BB-20418 is on its way',
    html: '<h1>On its way</h1><p>Track it <a href="http://127.0.0.1:9/track/1">here</a> or <a href="https://birchbean.example/help">get help</a><img src="http://127.0.0.1:9/pixel.gif"></p>',
  });
  await sendMail(core, {
    ...shop,
    to: 'jane@gmail.com',
    subject: 'Three new roasts this month',
    headers: {
      'List-Unsubscribe': '<http://127.0.0.1:9/u/7>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'Feedback-ID': 'autumn:birchbean',
    },
    html: '<p>Huila and a decaf.</p>',
  });
  await api('POST', '/domains', { name: 'dodgy.example' });
  await api('PATCH', '/domains/dodgy.example', { faults: ['no_spf', 'helo_mismatch'] });
  await sendMail(core, {
    from: 'WINNER <win@dodgy.example>',
    to: 'jane@gmail.com, joe@customer.example',
    subject: 'YOU HAVE WON!!! CLAIM NOW',
    html: '<p>URGENT: VERIFY YOUR ACCOUNT PASSWORD NOW <a href="http://evil.example/x">https://paypal.com</a></p>',
  });
  for (let n = 0; n < 12; n++)
    await sendMail(core, { ...shop, to: `p${n}@customer.example`, subject: `Hello ${n}` });
  await new Promise((r) => setTimeout(r, 2500));
  await api('PATCH', '/providers/yahoo', {
    greylisting: { enabled: true, delayMs: 300000 },
    downHosts: ['mx1.yahoo.sandpost.example'],
  });
  await api('PATCH', '/mailboxes/sam@outlook.com', { state: 'full' });
  const { entries } = await api('GET', '/mailboxes/jane@gmail.com/messages');
  console.log(entries.map((e: any) => [e.subject, e.placement, e.score, e.id]));
  const spam = entries.find((e: any) => e.subject.includes('WON'));
  const news = entries.find((e: any) => e.subject.includes('roasts'));
  const order = entries.find((e: any) => e.subject.includes('order'));
  for (const scheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: scheme });
    page.on('pageerror', (e) => console.log('pageerror', e.message));
    page.on('console', (m) => m.type() === 'error' && console.log('console', m.text()));
    const shot = async (name: string, path: string, act?: () => Promise<void>) => {
      await page.goto(`${core.facts.url}${path}`);
      await page.waitForLoadState('networkidle').catch(() => undefined);
      await new Promise((r) => setTimeout(r, 700));
      await act?.().catch((e) => console.log(name, String(e).slice(0, 300)));
      await page.screenshot({ path: `${out}/${name}-${scheme}.png` });
    };
    await shot('world', '/mailboxes');
    await shot('box', '/mailboxes/jane@gmail.com');
    await shot('settings', '/mailboxes/sam@outlook.com?place=settings');
    if (order)
      await shot('copy', `/mailboxes/jane@gmail.com/${order.id}`, async () => {
        await page.getByRole('button', { name: 'Open', exact: true }).click();
        await page.getByRole('button', { name: /Click a link/ }).click();
        await page.getByRole('menuitem').first().click();
        await page.getByText('link').last().waitFor();
        await new Promise((r) => setTimeout(r, 1500));
      });
    if (news) await shot('news', `/mailboxes/jane@gmail.com/${news.id}`);
    if (spam) await shot('filter', `/mailboxes/jane@gmail.com/${spam.id}?view=filter`);
    if (order) await shot('headers', `/mailboxes/jane@gmail.com/${order.id}?view=headers`);
    await shot('gmail', '/mailboxes/provider/gmail');
    await page.evaluate(() => document.querySelector('article')?.scrollTo(0, 700));
    await page.screenshot({ path: `${out}/gmail2-${scheme}.png` });
    await shot('yahoo', '/mailboxes/provider/yahoo');
    await shot('standing', '/mailboxes/standing/dodgy.example');
    await page.setViewportSize({ width: 700, height: 800 });
    if (order) await shot('narrow', `/mailboxes/jane@gmail.com/${order.id}`);
    await page.close();
  }
} finally {
  await browser.close();
  await core.remove();
}
