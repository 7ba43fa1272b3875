import { describe, expect, it } from 'vitest';
import type { CopyRow } from '../../../core/model/mailbox-copy.ts';
import { corporateHost, defaultHost, deliver, outlookHost, type Sending, yahooHost } from './deliver.ts';
import { type FarSide, openFarSide } from './far-side.ts';
import { goodZone, type Letter, letter, sign } from './signed-mail.ts';
import type { Zone } from './zone.ts';

const open = (zone: Zone = goodZone): Promise<FarSide> => openFarSide({ zone });
const last = (far: FarSide): CopyRow | undefined => [...far.copies.values()].at(-1);
const codes = (far: FarSide): string[] => last(far)?.filter.reasons.map(({ code }) => code) ?? [];
const send = async (far: FarSide, given: Letter = {}, sending: Sending = {}): Promise<string> =>
  deliver(far, await sign(letter(given)), sending);

describe('the kind of traffic', () => {
  it('is what the sender takes it for, where no header says so', async () => {
    const far = await open();
    const letterOf = { subject: 'Our spring collection' };
    await send(far, letterOf, { at: defaultHost, to: ['j@else.example'] });
    expect(last(far)?.filter.stream).toBe('transactional');
    expect(codes(far)).not.toContain('no_list_unsubscribe');
    await send(far, letterOf, { stream: 'marketing' });
    expect(last(far)).toMatchObject({ filter: { stream: 'marketing' }, placement: 'promotions' });
    expect(codes(far)).toContain('no_list_unsubscribe');
    const complained = last(far)?.id ?? '';
    await far.providers.actions.reportSpam(complained);
    const streams = far.providers
      .reputations()
      .filter(({ kind, provider }) => kind === 'stream' && provider === 'gmail');
    expect(streams.map(({ subject, counts }) => [subject, counts.complained])).toEqual([
      [expect.stringContaining('marketing'), 1],
    ]);
  });
});

describe('what is refused at the end of DATA', () => {
  it.each<[string, Sending, RegExp]>([
    [
      'gmail',
      {},
      /^550-5\.7\.26 Your email has been blocked because the sender is unauthenticated\.[\s\S]*DKIM = did not pass[\s\S]*SPF \[nobody\.example\] with ip: \[192\.0\.2\.10\] = did not pass/,
    ],
    [
      'yahoo',
      { at: yahooHost, to: ['j@yahoo.com'] },
      /^554 5\.7\.9 Message not accepted for policy reasons: the sender is not authenticated/,
    ],
  ])('nobody vouches for it: %s', async (_, sending, said) => {
    const far = await open();
    const raw = letter({ from: 'a@nobody.example' });
    expect(await deliver(far, raw, { from: 'a@nobody.example', ...sending })).toMatch(said);
    expect(far.copies.size).toBe(0);
  });

  it('is taken by those who ask for no authentication, and speaks against it', async () => {
    const far = await open();
    const raw = letter({ from: 'a@nobody.example' });
    expect(
      await deliver(far, raw, { at: defaultHost, to: ['j@else.example'], from: 'a@nobody.example' }),
    ).toMatch(/^250/);
    expect(codes(far)).toEqual(expect.arrayContaining(['spf_none', 'dkim_none', 'dmarc_none']));
  });

  it.each<[string, Sending, RegExp]>([
    [
      'gmail',
      {},
      /^550-5\.7\.26 Unauthenticated email from example\.com is not accepted due to\n550-5\.7\.26 domain's DMARC policy/,
    ],
    [
      'outlook',
      { at: outlookHost, to: ['j@outlook.com'] },
      /^550 5\.7\.509 Access denied, sending domain EXAMPLE\.COM does not pass DMARC/,
    ],
    ['yahoo', { at: yahooHost, to: ['j@yahoo.com'] }, /^554 5\.7\.9 .*DMARC policy of example\.com/],
    [
      'corporate',
      { at: corporateHost, to: ['j@corp.example'] },
      /^550 5\.7\.1 Email rejected per DMARC policy for example\.com$/,
    ],
  ])('its own domain asks for it (DMARC reject): %s', async (_, sending, said) => {
    const far = await open();
    expect(await deliver(far, letter(), { from: 'x@elsewhere.example', ...sending })).toMatch(said);
  });

  it('is quarantined where its own domain asks for that', async () => {
    const far = await open({ ...goodZone, '_dmarc.example.com': { TXT: ['v=DMARC1; p=quarantine'] } });
    const to = ['j@else.example'];
    expect(await deliver(far, letter(), { at: defaultHost, to, from: 'x@elsewhere.example' })).toMatch(
      /^250/,
    );
    expect(last(far)?.placement).toBe('spam');
    expect(codes(far)).toContain('dmarc_policy');
  });

  it('comes from an address without a name (Gmail-like only)', async () => {
    const zone = { ...goodZone, '10.2.0.192.in-addr.arpa': 'NXDOMAIN' as const };
    const far = await open(zone);
    expect(await send(far)).toMatch(
      /^550-5\.7\.25 \[192\.0\.2\.10\] The IP address sending this message does not have a/,
    );
    expect(await send(far, {}, { at: outlookHost, to: ['j@outlook.com'] })).toMatch(/^250/);
    expect(codes(far)).toContain('no_ptr');
  });

  it('is larger than the provider takes', async () => {
    const far = await open();
    const client = await far.connect(corporateHost);
    await client.reply();
    await client.say('EHLO x');
    expect(await client.say('MAIL FROM:<a@x.example> SIZE=90000000')).toMatch(/^552 5\.3\.4/);
    client.destroy();
  });

  it('carries a virus', async () => {
    const far = await open();
    const text = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', '-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');
    const body = {
      contentType: 'multipart/mixed; boundary=b',
      content: `--b\r\n\r\nSee the file.\r\n--b\r\nContent-Type: text/plain; name="a.txt"\r\n\r\n${text}\r\n--b--`,
    };
    expect(await send(far, { body })).toMatch(/^552-5\.7\.0 This message was blocked because its content/);
  });
});

const scam: Letter = {
  subject: 'YOU HAVE WON A PRIZE!!!',
  text: 'Dear friend, you have won. Claim your prize now: click here immediately at http://203.0.113.9/x',
};

describe('where a message goes', () => {
  it('to the spam, with every point explained', async () => {
    const far = await open();
    expect(await send(far, scam)).toMatch(/^250/);
    const copy = last(far);
    expect(copy?.placement).toBe('spam');
    expect(copy?.filter.score).toBeGreaterThanOrEqual(copy?.filter.spamAt ?? Number.NaN);
    expect(codes(far)).toEqual(
      expect.arrayContaining(['phishing_phrase', 'url_ip_host', 'subject_capitals']),
    );
    const sum = copy?.filter.reasons.reduce((total, { points }) => total + points, 0);
    expect(copy?.filter.score).toBeCloseTo(sum ?? Number.NaN);
  });

  it('to promotions and updates where there are tabs, to the inbox elsewhere', async () => {
    const far = await open();
    const headers = [
      'List-Unsubscribe: <https://example.com/u>',
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    ];
    await send(far, { headers });
    expect(last(far)?.placement).toBe('promotions');
    await send(far, { subject: 'Your receipt' });
    expect(last(far)?.placement).toBe('updates');
    await send(far, { headers }, { at: yahooHost, to: ['j@yahoo.com'] });
    expect(last(far)?.placement).toBe('inbox');
  });

  it('where it is set to go', async () => {
    const far = await open();
    await far.providers.settings.changeMailbox('jane@gmail.com', { place: 'updates' });
    await send(far, scam);
    expect(last(far)?.placement).toBe('updates');
    await far.providers.settings.changeProvider('gmail', { placeAll: 'spam' });
    await send(far, {}, { to: ['joe@gmail.com'] });
    expect(last(far)?.placement).toBe('spam');
    expect(codes(far)).toContain('set_by_hand');
  });

  it('where its recipient moved the sender before', async () => {
    const far = await open();
    await send(far, scam);
    const first = last(far);
    await far.providers.actions.move(first?.id ?? '', 'inbox');
    await send(far, scam);
    expect(last(far)?.placement).toBe('inbox');
    expect(codes(far)).toContain('recipient_moved');
    // Another one's mailbox is not helped by that.
    await send(far, scam, { to: ['joe@gmail.com'] });
    expect(last(far)?.placement).toBe('spam');
    await far.providers.actions.reportSpam(last(far)?.id ?? '');
    await send(far, {}, { to: ['joe@gmail.com'] });
    expect([last(far)?.placement, codes(far).includes('recipient_reported')]).toEqual(['spam', true]);
  });

  it('into the mailbox only after a while, when that is set', async () => {
    const far = await open();
    await far.providers.settings.changeProvider('gmail', { placementDelayMs: 60_000 });
    expect(await send(far)).toMatch(/^250/);
    expect(far.copies.size).toBe(0);
    await far.pass(59_000);
    expect(far.copies.size).toBe(0);
    await far.pass(1_000);
    expect(last(far)).toMatchObject({
      mailbox: 'jane@gmail.com',
      placement: 'inbox',
      deliveryId: 'delivery-jane@gmail.com',
    });
    expect(Buffer.from(far.bytes.get(last(far)?.id ?? '') ?? []).toString()).toContain('Lunch on Friday');
  });
});

describe('bulk mail', () => {
  const news: Letter = { headers: ['List-Unsubscribe: <https://example.com/u>'] };

  it('without one click goes to the spam, once there is enough of it (Gmail-like)', async () => {
    const far = await open();
    await far.providers.settings.changeProvider('gmail', { bulkPerDay: 3 });
    for (let count = 0; count < 3; count++) await send(far, news);
    expect([last(far)?.placement, codes(far).includes('no_one_click')]).toEqual(['promotions', true]);
    await send(far, news);
    expect([last(far)?.placement, codes(far).includes('bulk_no_one_click')]).toEqual(['spam', true]);
    await far.pass(24 * 3_600_000);
    await send(far, news);
    expect(last(far)?.placement, 'a new day').toBe('promotions');
  });

  it('without one click is warned, then refused (Yahoo-like)', async () => {
    const far = await open();
    await far.providers.settings.changeProvider('yahoo', { bulkPerDay: 2 });
    const sending = { at: yahooHost, to: ['j@yahoo.com'] };
    for (let count = 0; count < 4; count++) expect(await send(far, news, sending)).toMatch(/^250/);
    expect(codes(far)).toContain('bulk_no_one_click');
    expect(await send(far, news, sending)).toMatch(
      /^554 5\.7\.9 .*bulk mail from example\.com needs one-click/,
    );
  });

  it('must pass DMARC', async () => {
    const { '_dmarc.example.com': _, ...zone } = goodZone;
    const far = await open(zone);
    await far.providers.settings.changeProvider('outlook', { bulkPerDay: 1 });
    const sending = { at: outlookHost, to: ['j@outlook.com'] };
    expect(await send(far, news, sending)).toMatch(/^250/);
    expect(await send(far, news, sending)).toMatch(
      /^550 5\.7\.515 Access denied, sending domain EXAMPLE\.COM doesn't meet.*DMARC= did not pass$/,
    );
  });

  it('that too many report is warned, then let through in drops', async () => {
    const far = await open();
    const to = Array.from({ length: 30 }, (_, n) => `p${n}@gmail.com`);
    await send(far, {}, { to });
    await far.providers.actions.reportSpam(last(far)?.id ?? '');
    await far.pass(3_600_000);
    for (let count = 0; count < 20; count++) await send(far, {}, { to: [`q${count}@gmail.com`] });
    expect(codes(far)).toContain('complaint_rate');
    expect(await send(far)).toMatch(
      /^421-4\.7\.28 .*from the\n421-4\.7\.28 domain example\.com: users marked too much/,
    );
    await far.pass(3_600_000);
    expect(await send(far)).toMatch(/^250/);
  });
});

describe('reputation', () => {
  it('of a shared address goes down with its neighbour, and up again when it is quiet', async () => {
    const far = await open({ ...goodZone, 'bounce.example.com': { TXT: ['v=spf1 ip4:192.0.2.99 -all'] } });
    const sending = { fromIp: '192.0.2.99' };
    await send(far, {}, sending);
    expect(codes(far)).not.toContain('ip_reputation');
    await far.providers.setNeighbour('spammer');
    await far.pass(24 * 3_600_000);
    await send(far, {}, sending);
    const reason = last(far)?.filter.reasons.find(({ code }) => code === 'ip_reputation');
    expect(reason?.detail).toMatch(
      /^The address 192\.0\.2\.99 has a bad reputation here.*Neighbours on the shared address cost it 60 points\.$/,
    );
    expect(far.providers.reputations()).toContainEqual(
      expect.objectContaining({
        provider: 'gmail',
        kind: 'ip',
        subject: '192.0.2.99',
        drag: 60,
        standing: 'bad',
      }),
    );
    await far.providers.setNeighbour('quiet');
    expect(far.providers.pool().drag).toBe(60);
    await far.pass(3_600_000);
    expect(far.providers.pool().drag).toBe(30);
    await far.pass(12 * 3_600_000);
    await send(far, {}, sending);
    expect(codes(far)).not.toContain('ip_reputation');
  });

  it('goes down with mail for people who are not there', async () => {
    const far = await open();
    await far.providers.settings.changeMailbox('gone@gmail.com', { state: 'unknown' });
    for (let count = 0; count < 4; count++) await send(far, {}, { to: ['gone@gmail.com'] });
    expect(far.providers.reputations()).toMatchObject([
      { kind: 'domain', subject: 'example.com', standing: 'low' },
      { kind: 'ip', subject: '192.0.2.10', standing: 'low' },
    ]);
  });

  it('survives a restart', async () => {
    const far = await open();
    await send(far);
    const before = far.providers.reputations();
    expect(before.map(({ kind, subject }) => `${kind} ${subject}`).sort()).toEqual([
      'domain example.com',
      'ip 192.0.2.10',
      'stream transactional@example.com',
    ]);
    await far.close();
    const again = await openFarSide({ zone: goodZone, documents: far.documents });
    expect(again.providers.reputations()).toEqual(before);
  });
});
