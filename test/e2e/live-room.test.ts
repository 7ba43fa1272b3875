/** Live relay in a browser, against a real core and a smarthost on loopback. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type OpenScreen, openScreen, whyNoScreen } from './open-screen.ts';
import { namelessControls, unseenFocus } from './reachable.ts';
import { sendMail } from './screen-mail.ts';

const tabSteps = 30;
const lacking = whyNoScreen();

interface Arrived {
  readonly to: readonly string[];
  readonly content: string;
}

interface Smarthost {
  readonly port: number;
  readonly arrived: readonly Arrived[];
  close(): Promise<void>;
}

const password = 'a-password-nobody-sees';

async function startSmarthost(): Promise<Smarthost> {
  const arrived: Arrived[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ password: given }, _session, done) =>
      given === password ? done(null, { user: 'shop' }) : done(new Error('535 no such password')),
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        arrived.push({
          to: envelope.rcptTo.map(({ address }) => address),
          content: Buffer.concat(chunks).toString(),
        });
        done(null, 'taken by the smarthost');
      });
    },
  });
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port }: Partial<AddressInfo> = Object(server.server.address());
  if (port === undefined) throw new Error('the smarthost has no port');
  return {
    port,
    arrived,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

describe('live relay on the screen', () => {
  if (lacking !== null) {
    it.skip(lacking);
    return;
  }
  let screen: OpenScreen;
  let smarthost: Smarthost;

  beforeAll(async () => {
    smarthost = await startSmarthost();
    screen = await openScreen({ width: 1280, height: 900 });
  }, 60_000);
  afterAll(async () => {
    await screen.close();
    await smarthost.close();
  });

  beforeEach(async () => {
    const { page, core } = screen;
    await api('DELETE', '/v1/live-relay');
    await api('POST', '/v1/clock', { reset: true });
    await api('DELETE', '/v1/messages?all=true');
    const { entries } = await api<{ entries: readonly { id: string }[] }>('GET', '/v1/live-relay/relays');
    for (const { id } of entries) await api('DELETE', `/v1/live-relay/relays/${id}`);
    await page.goto(`${core.facts.url}/live-relay`);
    await page.evaluate(() => localStorage.clear());
    await page.goto(`${core.facts.url}/live-relay`);
    await page.getByRole('heading', { name: 'Live relay', level: 1 }).waitFor();
  });

  async function api<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${screen.core.facts.url}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    const parsed: T = text === '' ? null : JSON.parse(text);
    return parsed;
  }

  async function makeRelay(name = 'main'): Promise<string> {
    const { id } = await api<{ id: string }>('POST', '/v1/live-relay/relays', {
      name,
      settings: { kind: 'smtp', host: '127.0.0.1', port: smarthost.port, tls: 'off', auth: 'plain' },
    });
    await api('PUT', `/v1/live-relay/relays/${id}/credential`, { user: 'shop', password });
    return id;
  }

  /** By another client than this page. */
  async function goLiveByApi(relayId: string): Promise<void> {
    const { confirmation } = await api<{ confirmation: string }>('POST', '/v1/live-relay/summary', {
      channels: {
        email: {
          relayId,
          recipients: { kind: 'allow', entries: [{ kind: 'domain', value: 'ours.example' }] },
        },
      },
    });
    await api('POST', '/v1/live-relay', { confirmation });
  }

  const livePill = () => screen.page.getByRole('link', { name: /^Live, \d+:\d\d left$/ });
  const sandboxPill = () => screen.page.getByRole('link', { name: 'Sandbox', exact: true });

  it('leads who has no relay to make one, and never shows what opens it', async () => {
    const { page } = screen;
    await page.getByRole('heading', { name: 'No relay yet' }).waitFor();
    await page.getByRole('link', { name: 'Add a relay' }).click();
    await page.getByRole('button', { name: 'Add a relay' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a relay' });
    await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('main');
    await dialog.getByRole('textbox', { name: 'Host' }).fill('127.0.0.1');
    await dialog.getByRole('textbox', { name: 'Port' }).fill(String(smarthost.port));
    await dialog.getByRole('combobox', { name: 'TLS' }).selectOption('off');
    await dialog.getByLabel('Password', { exact: true }).fill(password);
    await dialog.getByText('Also needed').waitFor();
    await dialog.getByLabel('User', { exact: true }).fill('shop');
    await dialog.getByText('SANDPOST_RELAY_MAIN_PASSWORD').waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    const card = page.getByRole('region', { name: 'Relay main' });
    await card.getByText('User and password are kept in a file that only you can read.').waitFor();
    await card.getByRole('button', { name: 'Verify main' }).click();
    await card.getByText(/^Verified at/).waitFor();
    await card.getByRole('list', { name: 'What was said' }).waitFor();
    await card.getByRole('button', { name: 'Edit main' }).click();
    await page
      .getByRole('dialog', { name: 'Relay main' })
      .getByRole('button', { name: 'Replace…' })
      .waitFor();
    expect(await page.content()).not.toContain(password);
    expect(smarthost.arrived).toEqual([]);
  });

  it('says why a relay cannot be saved at the field that is wrong', async () => {
    const { page } = screen;
    await makeRelay();
    await page.goto(`${screen.core.facts.url}/live-relay?view=relays`);
    await page.getByRole('button', { name: 'Add a relay' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a relay' });
    await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('main');
    await dialog.getByRole('textbox', { name: 'Host' }).fill('127.0.0.1');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('another relay has it').waitFor();
  });

  it('sends nothing before the summary was seen and confirmed, then turns everything red', async () => {
    const { page, core } = screen;
    await makeRelay();
    await page.reload();
    await page.getByRole('switch', { name: 'Mail', exact: true }).click();
    await page.getByRole('button', { name: 'Show what would be sent' }).click();
    await page.getByText('Name at least one address').waitFor();
    const list = page.getByRole('textbox', { name: 'Who may be written to' });
    await list.fill('ours.example, me@firma.example,');
    await page.getByRole('button', { name: 'Take ours.example off the list' }).waitFor();
    await page.getByRole('button', { name: 'Show what would be sent' }).click();
    const dialog = page.getByRole('dialog', { name: 'What would be sent for real' });
    await dialog.getByText('ours.example, me@firma.example').waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Cancel');
    const send = dialog.getByRole('button', { name: 'Send for real' });
    expect(await send.isDisabled()).toBe(true);
    expect(await api('GET', '/v1/live-relay')).toMatchObject({ live: false });
    await dialog.getByRole('textbox', { name: 'Type LIVE to confirm' }).fill('live');
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') asked.push(new URL(request.url()).pathname);
    });
    await send.click();
    await page.getByRole('region', { name: 'Live now' }).waitFor();
    // What was confirmed is what was seen: nothing is asked anew beside it.
    expect(asked).toEqual(['/v1/live-relay']);
    await livePill().waitFor();
    expect(await page.title()).toMatch(/^LIVE · /);
    expect(await page.locator('link[rel="icon"]').getAttribute('href')).toContain('live');
    await page.getByText(/Live relay is on until .* Mail goes out for real\./).waitFor({ state: 'attached' });

    await sendMail(core, { subject: 'Truly sent', to: 'jane@ours.example' });
    await sendMail(core, { subject: 'Kept here', to: 'stranger@elsewhere.example' });
    const mail = page.getByRole('region', { name: 'Mail' });
    await mail.getByText('1 of 50 in the last hour').waitFor();
    await mail.getByRole('link', { name: 'see them in the queue' }).click();
    await page.getByRole('option', { name: /stranger@elsewhere\.example.*held by live relay/ }).click();
    await page
      .getByRole('region', { name: /^Journey to stranger/ })
      .getByRole('link', { name: 'live relay' })
      .waitFor();
    expect(smarthost.arrived.map(({ to }) => to)).toEqual([['jane@ours.example']]);

    await page.reload();
    await livePill().waitFor();
    expect(await page.title()).toMatch(/^LIVE · /);
    await page.getByRole('button', { name: 'Back to sandbox' }).click();
    await page.getByText('Back in the sandbox', { exact: true }).waitFor();
    await sandboxPill().waitFor();
    expect(await page.title()).not.toContain('LIVE');
    expect(await page.locator('link[rel="icon"]').getAttribute('href')).not.toContain('live');
    const { entries } = await api<{ entries: readonly { kind: string; by: string }[] }>(
      'GET',
      '/v1/live-relay/audit?kind=turned_on',
    );
    expect(entries[0]?.by).toBe('screen');
  });

  it('offers the way out when the clock is not at wall time', async () => {
    const { page } = screen;
    await makeRelay();
    await api('POST', '/v1/clock', { freeze: true });
    await page.reload();
    await page.getByRole('switch', { name: 'Mail', exact: true }).click();
    await page.getByText('Everything to me').click();
    await page.getByRole('textbox', { name: 'My address' }).fill('me@ours.example');
    await page.getByRole('button', { name: 'Show what would be sent' }).click();
    await page.getByRole('alert').getByText('The clock is not at wall time').waitFor();
    await page.getByRole('button', { name: 'Put the clock back to wall time' }).click();
    await page.getByRole('dialog').getByText('everything to me@ours.example').waitFor();
  });

  it('turns red by itself when somebody else goes live, keeps the clock still, and stops by key from anywhere', async () => {
    const { page, core } = screen;
    const relayId = await makeRelay();
    await page.goto(`${core.facts.url}/messages`);
    await sandboxPill().waitFor();
    await goLiveByApi(relayId);
    await livePill().waitFor();
    await page.getByRole('button', { name: /^Virtual time/ }).click();
    await page.getByText('goes by wall time: the clock stays as it is').waitFor();
    expect(await page.getByRole('menuitem', { name: '1 hour' }).isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
    // Also where somebody types.
    await page.getByRole('textbox', { name: 'Search messages' }).focus();
    await page.keyboard.press('Control+Shift+Period');
    await page.getByText('Stopped by the screen.').first().waitFor();
    await sandboxPill().waitFor();
    expect(await api('GET', '/v1/live-relay')).toMatchObject({ live: false });
  });

  it('begins and ends in a second tab too, which says who ended it', async () => {
    const { page, core, browser } = screen;
    const relayId = await makeRelay();
    const second = await browser.newPage();
    try {
      await second.goto(`${core.facts.url}/queue`);
      await second.getByRole('link', { name: 'Sandbox', exact: true }).waitFor();
      await goLiveByApi(relayId);
      await second.getByRole('link', { name: /^Live, \d+:\d\d left$/ }).waitFor();
      await livePill().waitFor();
      await api('DELETE', '/v1/live-relay');
      for (const one of [page, second]) {
        await one.getByText('Stopped by the API. Nothing goes out for real any more.').waitFor();
        await one.getByRole('link', { name: 'Sandbox', exact: true }).waitFor();
      }
    } finally {
      await second.close();
    }
  });

  it('releases one message by hand, with the sandbox untouched, and follows it', async () => {
    const { page, core } = screen;
    await makeRelay();
    const before = smarthost.arrived.length;
    await sendMail(core, { subject: 'To show the boss', to: 'jane@ours.example' });
    await page.goto(`${core.facts.url}/messages`);
    await page.getByRole('option').filter({ hasText: 'To show the boss' }).click();
    await page.getByRole('heading', { name: 'To show the boss', level: 1 }).waitFor();
    await page.keyboard.press('Shift+R');
    const dialog = page.getByRole('dialog', { name: 'Release through a relay' });
    await dialog.getByRole('textbox', { name: 'To this address' }).fill('boss@ours.example');
    await page.keyboard.press('Enter');
    await dialog.getByText('To show the boss').waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Cancel');
    expect(smarthost.arrived).toHaveLength(before);
    await dialog.getByRole('button', { name: 'Send for real' }).click();
    await page.getByRole('button', { name: 'Show its journey' }).click();
    const journey = page.getByRole('region', { name: /^Journey to boss@ours\.example/ });
    await journey.getByText(/for real, by relay main/).waitFor();
    expect(smarthost.arrived.slice(before).map(({ to }) => to)).toEqual([['boss@ours.example']]);
    await journey.getByRole('button', { name: /^Attempt 1/ }).click();
    await journey.getByText('by relay main (SMTP smarthost)').waitFor();
    await journey.getByText('taken by the smarthost').first().waitFor();
    expect(await page.content()).not.toContain(password);

    // The address is there the next time.
    await page.keyboard.press('Shift+R');
    expect(await dialog.getByRole('textbox', { name: 'To this address' }).inputValue()).toBe(
      'boss@ours.example',
    );
  });

  it('has a log of all of it, by kind, with the way to each delivery', async () => {
    const { page, core } = screen;
    const relayId = await makeRelay();
    await goLiveByApi(relayId);
    await sendMail(core, { subject: 'Logged', to: 'kim@ours.example' });
    await page.goto(`${core.facts.url}/live-relay?view=log`);
    await page.getByRole('combobox', { name: 'Kind of entry' }).selectOption('answer');
    const entry = page.getByRole('listbox').getByRole('option', { name: /kim@ours\.example/ });
    await entry.click();
    const detail = page.getByRole('region', { name: 'answered' });
    await detail.getByText('taken by the smarthost').waitFor();
    await detail.getByRole('link', { name: 'Show the delivery' }).click();
    await page
      .getByRole('region', { name: /^Journey to kim/ })
      .getByText(/for real, by relay main/)
      .waitFor();
  });

  it('sets up the return mailbox, and says what stands in the way of reading it', async () => {
    const { page, core } = screen;
    await page.goto(`${core.facts.url}/live-relay?view=return`);
    await page.getByRole('button', { name: 'Set it up' }).click();
    const dialog = page.getByRole('dialog', { name: 'Return mailbox' });
    await dialog.getByRole('textbox', { name: 'Host' }).fill('127.0.0.1');
    // Nobody speaks IMAP there.
    await dialog.getByRole('textbox', { name: 'Port' }).fill(String(smarthost.port));
    await dialog.getByRole('combobox', { name: 'TLS' }).selectOption('off');
    await dialog.getByRole('textbox', { name: 'User' }).fill('bounces@ours.example');
    await dialog.getByLabel('Password', { exact: true }).fill(password);
    await dialog.getByRole('button', { name: 'Save' }).click();
    const mailbox = page.getByRole('region', { name: 'Return mailbox' });
    await mailbox.getByText('Password is kept in a file that only you can read.').waitFor();
    await mailbox.getByText('Not watched now.').waitFor();
    await mailbox.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('heading', { name: 'No return mailbox yet' }).waitFor();
  });

  it('names every control, and shows the focus, off and live', async () => {
    const { page, core } = screen;
    const relayId = await makeRelay();
    for (const view of ['live', 'relays', 'return', 'log']) {
      await page.goto(`${core.facts.url}/live-relay?view=${view}`);
      await page.getByRole('tabpanel').waitFor();
      expect(await namelessControls(page), view).toEqual([]);
    }
    await goLiveByApi(relayId);
    await page.goto(`${core.facts.url}/live-relay`);
    await page.getByRole('region', { name: 'Live now' }).waitFor();
    expect(await namelessControls(page)).toEqual([]);
    expect(await unseenFocus(page, tabSteps)).toEqual([]);
  });
});
