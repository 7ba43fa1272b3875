import { describe, expect, it } from 'vitest';
import type { VisitResult } from '../../../core/mailboxes/index.ts';
import type { MailboxSettings } from '../../../core/mailboxes/settings.ts';
import type { CopyRow } from '../../../core/model/mailbox-copy.ts';
import { parseArf } from '../../../core/reports/arf.ts';
import { parseDsn } from '../../../core/reports/dsn.ts';
import { corporateHost, defaultHost, deliver, outlookHost, type Sending, yahooHost } from './deliver.ts';
import { type FarSide, openFarSide } from './far-side.ts';
import { goodZone, type Letter, letter, sign } from './signed-mail.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const pixel = 'http://localhost:8025/t/o/abc';
const link = 'http://localhost:8025/t/c/abc';
const out = 'https://app.localhost/unsubscribe?u=1';
const page: Letter = {
  body: {
    contentType: 'text/html; charset=utf-8',
    content: `<p>A few words about what is new, for everyone who wants to know about it and all the rest of it.</p><a href="${link}">See it</a><img src="${pixel}" width="1" height="1">`,
  },
};
const oneClick = [
  `List-Unsubscribe: <${out}>, <mailto:leave@example.com?subject=off%20u1>`,
  'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
];

async function arrived(
  given: Letter = {},
  sending: Sending = {},
  settings: Partial<MailboxSettings> = {},
  visited?: (url: string) => VisitResult,
): Promise<{ far: FarSide; copy: () => CopyRow; id: string }> {
  const far = await openFarSide({ zone: goodZone, ...(visited === undefined ? {} : { visited }) });
  const [to = ''] = sending.to ?? ['jane@gmail.com'];
  await far.providers.settings.changeMailbox(to, settings);
  expect(await deliver(far, await sign(letter({ to, ...given })), sending)).toMatch(/^250/);
  const [id = ''] = far.copies.keys();
  return {
    far,
    id,
    copy: () => {
      const row = far.copies.get(id);
      if (row === undefined) throw new Error('nothing arrived');
      return row;
    },
  };
}

const score = (far: FarSide, kind: string): number | undefined =>
  far.providers.reputations().find((one) => one.kind === kind)?.counts.opened;
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
const atYahoo = { at: yahooHost, to: ['jane@yahoo.com'] };
const atOutlook = { at: outlookHost, to: ['jane@outlook.com'] };
const atCorporate = { at: corporateHost, to: ['jane@corp.example'] };
const atDefault = { at: defaultHost, to: ['jane@else.example'] };

describe('opening', () => {
  it('loads the pictures through the provider, and counts once', async () => {
    const { far, id, copy } = await arrived(page);
    expect(await far.providers.actions.open(id, false)).toEqual({ pictures: 1 });
    await far.providers.actions.open(id, false);
    expect(far.visits[0]).toMatchObject({
      url: pixel,
      visit: { method: 'GET', userAgent: expect.stringContaining('GoogleImageProxy') },
    });
    expect(copy().flags.seen).toBe(true);
    expect(score(far, 'domain')).toBe(1);
    expect(far.facts[0]).toMatchObject({
      type: 'opened',
      deliveryId: 'delivery-jane@gmail.com',
      data: { by: 'recipient', pictures: 1 },
    });
  });

  it.each([
    ['where the provider blocks pictures', atOutlook, {}],
    ['where the owner does', {}, { habit: 'blocks_images' }],
  ] as const)('shows none of them %s, unless asked', async (_, sending, settings) => {
    const { far, id } = await arrived(page, sending, settings);
    expect(await far.providers.actions.open(id, false)).toEqual({ pictures: 0 });
    expect(far.visits).toEqual([]);
    expect(await far.providers.actions.open(id, true)).toEqual({ pictures: 1 });
  });
});

describe('the owner', () => {
  it('follows a link, of those that are there', async () => {
    const { far, id } = await arrived(page);
    expect(await far.providers.actions.click(id, link)).toEqual({ kind: 'answered', status: 200 });
    expect(far.visits).toMatchObject([{ url: link, visit: { method: 'GET' } }]);
    expect(far.facts).toMatchObject([{ type: 'clicked', data: { by: 'recipient', url: link } }]);
    await expect(far.providers.actions.click(id, 'http://localhost/else')).rejects.toMatchObject({
      code: 'bad_request',
    });
  });

  it('replies, from the provider and in the thread', async () => {
    const { far, id, copy } = await arrived({ subject: 'Grüße', headers: ['Reply-To: team@example.com'] });
    expect(await far.providers.actions.reply(id, 'Gern!\nJane')).toEqual({ to: 'team@example.com' });
    expect(far.sent[0]).toMatchObject({
      origin: 'gmail',
      envelopeFrom: 'jane@gmail.com',
      envelopeTo: ['team@example.com'],
    });
    const sent = text(far.sent[0]?.bytes);
    expect(sent).toContain('In-Reply-To: <m1@example.com>\r\nReferences: <m1@example.com>\r\n');
    expect(sent).toContain(`Subject: =?utf-8?B?${Buffer.from('Re: Grüße').toString('base64')}?=`);
    expect(sent).not.toContain('Auto-Submitted');
    expect(Buffer.from(sent.split('\r\n\r\n')[1] ?? '', 'base64').toString()).toBe('Gern!\r\nJane');
    expect(copy().flags.answered).toBe(true);
  });

  it('stars, deletes unread and moves: each is a signal', async () => {
    const { far, id, copy } = await arrived();
    await far.providers.actions.star(id, true);
    await far.providers.actions.star(id, true);
    await far.providers.actions.move(id, 'spam');
    await far.providers.actions.move(id, 'inbox');
    await far.providers.actions.delete(id);
    expect(far.providers.reputations()[0]?.counts).toMatchObject({
      starred: 1,
      binned: 1,
      rescued: 1,
      ignored: 1,
    });
    expect(copy()).toMatchObject({ placement: 'inbox', flags: { starred: true, deleted: true } });
    expect(far.facts.map(({ type }) => type)).toEqual(['starred', 'moved', 'moved', 'moved']);
  });

  it('deletes once: what is gone already says nothing more', async () => {
    const { far, id } = await arrived();
    await far.providers.actions.delete(id);
    await far.providers.actions.delete(id);
    const domain = far.providers.reputations().find((one) => one.kind === 'domain');
    expect(domain?.counts.ignored).toBe(1);
    expect(far.facts.length).toBe(1);
  });

  it('cannot act on what is not there', async () => {
    const far = await openFarSide();
    await expect(far.providers.actions.open('nothing', false)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('unsubscribing', () => {
  it('is one POST where it is signed (RFC 8058)', async () => {
    const { far, id, copy } = await arrived({ headers: oneClick });
    expect(await far.providers.actions.unsubscribe(id)).toMatchObject({
      way: 'one_click',
      result: { status: 200 },
    });
    expect(far.visits).toEqual([
      {
        url: out,
        visit: {
          method: 'POST',
          body: 'List-Unsubscribe=One-Click',
          contentType: 'application/x-www-form-urlencoded',
          userAgent: expect.any(String),
        },
      },
    ]);
    expect(copy().flags.unsubscribed).toBe(true);
  });

  it.each([
    ['the app refuses', 405],
    ['leads to another page, where a POST must not be sent on (RFC 8058 §3.1),', 302],
  ])('that %s is not done', async (_, status) => {
    const { far, id, copy } = await arrived({ headers: oneClick }, {}, {}, () => ({
      kind: 'answered',
      status,
    }));
    await far.providers.actions.unsubscribe(id);
    expect(copy().flags.unsubscribed).toBe(false);
    expect(far.facts.at(-1)).toMatchObject({ type: 'unsubscribed', data: { left: false } });
  });

  it('is by mail where no signature covers it', async () => {
    const far = await openFarSide({ zone: goodZone });
    // Put above the signature on the way: it still passes, and says nothing about these fields.
    const raw = Buffer.concat([Buffer.from(`${oneClick.join('\r\n')}\r\n`), await sign(letter())]);
    expect(await deliver(far, raw)).toMatch(/^250/);
    const [id = ''] = far.copies.keys();
    const done = await far.providers.actions.unsubscribe(id);
    expect(done).toMatchObject({ way: 'mailto', why: expect.stringContaining('RFC 8058 §4'), result: null });
    expect(far.sent).toMatchObject([{ envelopeFrom: 'jane@gmail.com', envelopeTo: ['leave@example.com'] }]);
    expect(text(far.sent[0]?.bytes)).toContain('Subject: off u1');
    expect(far.visits).toEqual([]);
  });

  it('is refused with the reason where there is no way out', async () => {
    const { far, id } = await arrived();
    await expect(far.providers.actions.unsubscribe(id)).rejects.toMatchObject({
      message: expect.stringContaining('no List-Unsubscribe'),
    });
  });
});

describe('a complaint', () => {
  it('is only a rate on a page at the Gmail-like provider, by domain and Feedback-ID', async () => {
    const { far, id, copy } = await arrived({ headers: ['Feedback-ID: june:shop:mail:acme'] });
    expect(await far.providers.actions.reportSpam(id)).toBe('postmaster_page');
    expect(far.sent).toEqual([]);
    expect(copy()).toMatchObject({ placement: 'spam', flags: { reportedSpam: true } });
    const [domain] = far.providers.postmaster('gmail');
    expect(domain).toMatchObject({ domain: 'example.com', reputation: 'medium' });
    expect(domain?.days[0]).toMatchObject({
      delivered: 1,
      spamRate: 1,
      throttled: true,
      dkimRate: 1,
      feedback: [{ id: 'june:shop:mail:acme', delivered: 1, spamRate: 1 }],
    });
    await expect(async () => far.providers.actions.reportSpam(id)).rejects.toMatchObject({
      code: 'bad_request',
    });
  });

  it.each([
    ['by address, hiding who', 'report_by_address', atOutlook, []],
    ['by the domain that signed', 'report_by_signature', atYahoo, ['jane@yahoo.com']],
    ['to abuse@', 'report_to_abuse', atCorporate, ['jane@corp.example']],
  ] as const)('is an ARF report elsewhere: %s', async (_, how, sending, shown) => {
    const { far, id } = await arrived({}, sending);
    expect(await far.providers.actions.reportSpam(id)).toBe(how);
    expect(far.sent).toMatchObject([{ envelopeFrom: '', envelopeTo: ['abuse@example.com'] }]);
    const report = parseArf(far.sent[0]?.bytes ?? new Uint8Array());
    expect(report).toMatchObject({
      feedbackType: 'abuse',
      originalMailFrom: 'b+1@bounce.example.com',
      originalRcptTo: shown,
      sourceIp: '192.0.2.10',
      reportedDomains: ['example.com'],
    });
    expect(far.facts.at(-1)).toMatchObject({ type: 'complained', data: { reported: how } });
  });

  it('is heard by nobody at the default provider', async () => {
    const { far, id } = await arrived({}, atDefault);
    expect(await far.providers.actions.reportSpam(id)).toBe('not_at_all');
    expect(far.sent).toEqual([]);
  });

  it('comes by itself from those who always complain', async () => {
    const { far, copy } = await arrived({}, atYahoo, { complainsAlways: true });
    expect(copy().flags.reportedSpam).toBe(false);
    await far.pass(10 * minuteMs);
    expect(copy().flags.reportedSpam).toBe(true);
    expect(far.sent.length).toBe(1);
  });
});

describe('an out-of-band bounce', () => {
  it('comes minutes later, as a DSN to the envelope sender', async () => {
    const { far } = await arrived({}, {}, { outOfBandBounce: true });
    await far.pass(119_000);
    expect(far.sent).toEqual([]);
    await far.pass(1_000);
    expect(far.sent).toMatchObject([
      { origin: 'gmail', envelopeFrom: '', envelopeTo: ['b+1@bounce.example.com'] },
    ]);
    expect(parseDsn(far.sent[0]?.bytes ?? new Uint8Array())?.recipients).toMatchObject([
      { finalRecipient: 'jane@gmail.com', action: 'failed', status: '5.1.1' },
    ]);
    // The sender learns of it when the report arrives.
    expect(far.facts).toEqual([]);
  });

  it('of a bounce goes nowhere', async () => {
    const { far } = await arrived({}, { ...atDefault, from: '' }, { outOfBandBounce: true });
    await far.pass(dayMs);
    expect(far.sent).toEqual([]);
    expect(far.facts).toMatchObject([{ type: 'bounced', data: { dsn: false } }]);
  });
});

describe('an auto-reply (RFC 3834)', () => {
  const away = { autoReply: 'I am away until Monday.' };

  it('goes to the envelope sender, without one of its own, and says what it is', async () => {
    const { far } = await arrived({}, {}, away);
    await far.pass(minuteMs);
    expect(far.sent).toMatchObject([{ envelopeFrom: '', envelopeTo: ['b+1@bounce.example.com'] }]);
    const sent = text(far.sent[0]?.bytes);
    expect(sent).toContain('Auto-Submitted: auto-replied');
    expect(sent).toContain('Subject: Auto: Lunch on Friday');
    expect(sent).toContain('In-Reply-To: <m1@example.com>');
  });

  it('goes to the same sender once in a week', async () => {
    const { far } = await arrived({}, {}, away);
    const again = async (afterMs: number): Promise<number> => {
      await far.pass(afterMs);
      await deliver(far, await sign(letter()));
      await far.pass(minuteMs);
      return far.sent.length;
    };
    expect(await again(minuteMs)).toBe(1);
    expect(await again(6 * dayMs)).toBe(1);
    expect(await again(1 * dayMs)).toBe(2);
  });

  it.each<[string, Letter, Sending]>([
    ['a bounce', {}, { from: '' }],
    ['an answer of a program', { headers: ['Auto-Submitted: auto-replied'] }, {}],
    ['bulk', { headers: ['Precedence: bulk'] }, {}],
    ['a list', { headers: ['List-Id: <x.example.com>'] }, {}],
    ['a server', { from: 'MAILER-DAEMON@example.com' }, {}],
    ['a list server', { from: 'news-request@example.com' }, {}],
    ['its own owner', { from: 'jane@else.example' }, {}],
  ])('never goes to %s', async (_, given, sending) => {
    const { far } = await arrived(given, { ...atDefault, ...sending }, away);
    await far.pass(dayMs);
    expect(far.sent).toEqual([]);
  });

  it('is not sent for what is in the spam', async () => {
    const { far } = await arrived({}, {}, { ...away, place: 'spam' });
    await far.pass(dayMs);
    expect(far.sent).toEqual([]);
  });
});

describe('habits', () => {
  it('a prefetcher loads the pixel and opens nothing', async () => {
    const { far, copy } = await arrived(page, atDefault, { habit: 'prefetches' });
    await far.pass(minuteMs);
    expect(far.visits).toMatchObject([{ url: pixel, visit: { userAgent: 'Mozilla/5.0' } }]);
    expect(far.facts).toMatchObject([{ type: 'opened', data: { by: 'prefetch' } }]);
    expect(copy().flags.seen).toBe(false);
    expect(score(far, 'domain')).toBe(0);
  });

  it('pictures are fetched ahead where the provider does so, unless the owner wants something else', async () => {
    const { far, copy } = await arrived(page);
    await far.pass(minuteMs);
    expect(far.visits).toMatchObject([
      { url: pixel, visit: { userAgent: expect.stringContaining('GoogleImageProxy') } },
    ]);
    expect(far.facts).toMatchObject([{ type: 'opened', data: { by: 'prefetch' } }]);
    expect(copy().flags.seen).toBe(false);
    const blocking = await arrived(page, {}, { habit: 'blocks_images' });
    await blocking.far.pass(minuteMs);
    const spam = await arrived(page, {}, { place: 'spam' });
    await spam.far.pass(minuteMs);
    const bare = await arrived();
    expect([blocking.far.visits, spam.far.visits, bare.far.acts]).toEqual([[], [], []]);
  });

  it('an owner has pictures fetched ahead where the provider would block them', async () => {
    const { far } = await arrived(page, atOutlook, { habit: 'prefetches' });
    await far.pass(minuteMs);
    expect(far.visits).toMatchObject([{ url: pixel, visit: { userAgent: 'Mozilla/5.0' } }]);
  });

  it('a scanner GETs every link, the way out too, and unsubscribes nobody', async () => {
    const { far, copy } = await arrived({ ...page, headers: oneClick }, {}, { habit: 'scanner' });
    await far.pass(minuteMs);
    expect(far.visits.map(({ url, visit }) => [visit.method, url])).toEqual([
      ['GET', link],
      ['GET', pixel],
      ['GET', out],
    ]);
    expect(far.facts).toMatchObject([{ type: 'clicked', data: { by: 'scanner', links: 3 } }]);
    expect(copy().flags).toMatchObject({ seen: false, unsubscribed: false });
  });

  it('one who clicks opens first; one who never opens deletes after days', async () => {
    const clicking = await arrived(page, {}, { habit: 'clicks' });
    await clicking.far.pass(30 * minuteMs);
    expect(clicking.far.facts.map(({ type }) => type)).toEqual(['opened', 'clicked']);
    const ignoring = await arrived(page, {}, { habit: 'never_opens' });
    await ignoring.far.pass(3 * dayMs);
    expect(ignoring.copy().flags.deleted).toBe(true);
  });

  it('an act on what is gone does nothing, and one of an unknown kind is told', async () => {
    const { far } = await arrived(page, {}, { habit: 'scanner' });
    far.copies.clear();
    await far.pass(minuteMs);
    await far.providers.perform({ seq: 1, dueAtMs: 0, kind: 'dance', data: {} });
    expect([far.visits, far.problems]).toEqual([[], ['an act of an unknown kind was due: dance']]);
  });
});
