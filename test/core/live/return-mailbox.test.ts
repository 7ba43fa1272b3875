/** What comes back of live mail: DSNs of a real Postfix, found in a real mailbox, end the delivery that they are about. */
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ReturnMailboxShape } from '../../../core/api/return-mailbox-schema.ts';
import { type Certificate, makeCa, makeServer } from '../../../core/doors/tls/make-certificates.ts';
import { dovecotLacking, freePort, type Imap, imapPassword, imapUser, startDovecot } from '../../dovecot.ts';
import { postfixLacking, startPostfix } from '../../postfix.ts';
import { farServer, type LiveWorld, liveWorld, smarthost } from './live-mail-world.ts';

/** Starting both takes seconds, more on a busy machine. */
const testMsMax = 120_000;
const noDovecot = await dovecotLacking();
const noPostfix = postfixLacking();

let certificate: Certificate;
let ca: string;
beforeAll(async () => {
  const authority = await makeCa([], Date.now());
  ca = authority.certificate.toString('pem');
  certificate = await makeServer(authority, [], Date.now());
});

interface Check {
  readonly ok: boolean;
  readonly text: string;
  readonly messages: number;
  readonly reports: number;
  readonly matched: readonly string[];
}

async function mailbox(): Promise<Imap> {
  const imap = await startDovecot(certificate);
  onTestFinished(() => imap.stop());
  return imap;
}

async function setUp(world: LiveWorld, imap: Imap, about: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await world.call('PUT', '/v1/live-relay/return-mailbox/credential', { password: imapPassword });
  await world.call('PUT', '/v1/live-relay/return-mailbox', {
    host: 'localhost',
    port: imap.port,
    user: imapUser,
    ca,
    ...about,
  });
}

const check = (world: LiveWorld): Promise<Check> =>
  world.call<Check>('POST', '/v1/live-relay/return-mailbox/check');
const view = (world: LiveWorld): Promise<ReturnMailboxShape> =>
  world.call<ReturnMailboxShape>('GET', '/v1/live-relay/return-mailbox');

const letter =
  'From: Shop <hello@shop.example>\r\nTo: jane@real.example\r\nSubject: Your order\r\nMessage-ID: <order-1@shop.example>\r\n\r\nHello Jane\r\n';

/** As another MTA would report it, whose own words name the delivery in nothing but the address that it goes to. */
function report(to: string): string {
  return [
    'From: MAILER-DAEMON@mx.real.example',
    `To: <${to}>`,
    'Subject: Undelivered Mail Returned to Sender',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"',
    '',
    '--b1',
    'Content-Type: text/plain',
    '',
    'It did not arrive.',
    '--b1',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.real.example',
    '',
    'Final-Recipient: rfc822; jane@real.example',
    'Action: failed',
    'Status: 5.1.1',
    'Diagnostic-Code: smtp; 550 5.1.1 nobody of that name',
    '',
    '--b1--',
    '',
  ].join('\r\n');
}

async function sentLive(world: LiveWorld, port: number): Promise<string> {
  const relay = await world.relay(smarthost(port, { envelopeFrom: 'returns+{delivery}@shop.example' }));
  await world.turnOn(relay, ['real.example']);
  const id = await world.core.send(letter, 'hello@shop.example', ['jane@real.example']);
  await world.core.app.settled();
  const [delivery] = await world.deliveries(id);
  expect(delivery).toMatchObject({ status: 'sent' });
  return delivery?.id ?? '';
}

const imapTests = describe.skipIf(noDovecot !== null);
imapTests(
  `the return mailbox${noDovecot === null ? '' : ` (skipped: ${noDovecot})`}`,
  { timeout: testMsMax },
  () => {
    it.skipIf(noPostfix !== null)(
      `has the DSN of a real Postfix for an unknown user, and the delivery is undeliverable${noPostfix === null ? '' : ` (skipped: ${noPostfix})`}`,
      async () => {
        const imap = await mailbox();
        // The world behind Postfix: it knows no Jane, and takes what is for the shop.
        const bounces: string[] = [];
        const far = await farServer({
          onRcptTo({ address }, _session, done) {
            if (!address.startsWith('jane@')) return done();
            done(Object.assign(new Error('5.1.1 no such user here'), { responseCode: 550 }));
          },
          onData(stream, _session, done) {
            const chunks: Buffer[] = [];
            stream.on('data', (chunk: Buffer) => chunks.push(chunk));
            stream.on('end', () => {
              bounces.push(Buffer.concat(chunks).toString('latin1'));
              done();
            });
          },
        });
        const port = await freePort();
        const mta = await startPostfix({
          smarthost: `[127.0.0.1]:${far.port}`,
          settings: ['mynetworks = 127.0.0.0/8', 'smtpd_recipient_restrictions = permit_mynetworks, reject'],
          services: [`127.0.0.1:${port} inet n - n - - smtpd`],
        });
        onTestFinished(() => mta.stop());
        const world = await liveWorld();
        await setUp(world, imap);
        const relay = await world.relay(smarthost(port));
        await world.turnOn(relay, ['real.example']);
        const id = await world.core.send(letter, 'returns@shop.example', ['jane@real.example']);
        await world.core.app.settled();
        const [sent] = await world.deliveries(id);
        expect(sent, await mta.log()).toMatchObject({ status: 'sent' });
        await expect.poll(() => bounces.length, { timeout: 30_000 }).toBe(1);
        await imap.arrive(bounces[0] ?? '');
        await imap.arrive('From: a friend\r\nSubject: not a report\r\n\r\nHello\r\n');

        expect(await check(world), await imap.log()).toMatchObject({
          ok: true,
          messages: 2,
          reports: 1,
          matched: [sent?.id],
        });
        const [ended] = await world.deliveries(id);
        expect(ended).toMatchObject({ status: 'undeliverable', class: 'bad_address' });
        expect(ended?.reason).toContain('no such user here');
        const { entries } = await world.call<{ readonly entries: readonly { readonly address: string }[] }>(
          'GET',
          '/v1/suppressions',
        );
        expect(entries.map(({ address }) => address)).toEqual(['jane@real.example']);
        const reports = await world.call<{
          readonly entries: readonly { readonly protocol: string; readonly body: string }[];
        }>('GET', `/v1/deliveries/${ended?.id}/reports`);
        expect(reports.entries).toHaveLength(1);
        expect(reports.entries[0]).toMatchObject({ protocol: 'mail' });
        expect(reports.entries[0]?.body.replaceAll('\r', '')).toBe((bounces[0] ?? '').replaceAll('\r', ''));
        // What was understood is seen, and nothing else is.
        expect((await imap.flags()).map((name) => name.includes(':2,S')).sort()).toEqual([false, true]);
        expect(await check(world)).toMatchObject({ ok: true, messages: 0 });
      },
    );

    it('is read on from where it was read to, also after its numbers were given anew', async () => {
      const imap = await mailbox();
      const far = await farServer();
      const world = await liveWorld();
      await setUp(world, imap, { markSeen: false });
      const id = await sentLive(world, far.port);
      expect(far.arrived[0]?.from).toBe(`returns+${id}@shop.example`);
      expect(await check(world)).toMatchObject({ ok: true, text: 'Nothing new.' });
      await imap.arrive(report('somebody@else.example'));
      expect(await check(world)).toMatchObject({ messages: 1, reports: 1, matched: [] });
      await imap.startAnew();
      await imap.arrive(report(`returns+${id}@shop.example`));
      expect(await check(world)).toMatchObject({ messages: 1, reports: 1, matched: [id] });
      expect((await imap.flags()).some((name) => name.includes(':2,S'))).toBe(false);
    });

    it('that refuses the login is not watched any more; its password is shown by nobody', async () => {
      const imap = await mailbox();
      const world = await liveWorld();
      await setUp(world, imap);
      await world.call('PUT', '/v1/live-relay/return-mailbox/credential', { password: 'wrong-password' });
      await world.call('POST', '/v1/live-relay/return-mailbox/watch', { minutes: 5 });
      await expect.poll(async () => (await view(world)).lastCheck?.ok, { timeout: 30_000 }).toBe(false);
      const shown = await view(world);
      expect(shown).toMatchObject({ watching: null, credential: { password: 'file' } });
      expect(shown.lastCheck?.text).toContain('refused the login');
      expect(JSON.stringify(shown)).not.toContain('wrong-password');
    });

    it('whose certificate nobody vouches for is told nothing', async () => {
      const imap = await mailbox();
      const world = await liveWorld();
      await setUp(world, imap, { ca: null });
      expect(await check(world)).toMatchObject({ ok: false });
      expect(await imap.log()).not.toContain(imapUser);
    });

    it('is watched while live relay is on, and not after a start', async () => {
      const imap = await mailbox();
      const far = await farServer();
      const world = await liveWorld();
      await setUp(world, imap);
      expect((await view(world)).watching).toBeNull();
      const id = await sentLive(world, far.port);
      expect((await view(world)).watching).toEqual({ why: 'live', until: null });
      await expect.poll(async () => (await view(world)).lastCheck?.ok, { timeout: 30_000 }).toBe(true);
      await world.turnOff();
      // What is on its way back comes later.
      await expect.poll(async () => (await view(world)).watching?.until).toEqual(expect.any(String));
      await imap.arrive(report(`returns+${id}@shop.example`));
      expect(await check(world)).toMatchObject({ matched: [id] });
    });
  },
);

describe('a report that is handed in', () => {
  it('at an SMTP door, redirected to a bounce address, ends its delivery', async () => {
    const far = await farServer();
    const world = await liveWorld();
    const id = await sentLive(world, far.port);
    await world.turnOff();
    await world.core.send(report(`returns+${id}@shop.example`), '', ['bounces@elsewhere.example']);
    await ended(world, id);
  });

  it('forwarded as an attachment, ends it too', async () => {
    const far = await farServer();
    const world = await liveWorld();
    const id = await sentLive(world, far.port);
    await world.turnOff();
    const forwarded = [
      'From: me@shop.example',
      'Subject: Fwd: Undelivered Mail',
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary="outer"',
      '',
      '--outer',
      'Content-Type: text/plain',
      '',
      'See there.',
      '--outer',
      'Content-Type: message/rfc822',
      'Content-Disposition: attachment; filename="report.eml"',
      '',
      report(`returns+${id}@shop.example`),
      '--outer--',
      '',
    ].join('\r\n');
    await world.core.send(forwarded, 'me@shop.example', ['bounces+forwarded@elsewhere.example']);
    await ended(world, id);
  });

  it('about an address that everything was rewritten to, says nothing of the one that it was for', async () => {
    const far = await farServer();
    const world = await liveWorld();
    const relay = await world.relay(smarthost(far.port, { envelopeFrom: 'returns+{delivery}@shop.example' }));
    await world.turnOn(relay, 'me@real.example');
    const message = await world.core.send(letter, 'hello@shop.example', ['customer@real.example']);
    await world.core.app.settled();
    expect(far.arrived).toMatchObject([{ to: ['me@real.example'] }]);
    const [{ id } = { id: '' }] = await world.deliveries(message);
    await world.turnOff();
    await world.core.send(report(`returns+${id}@shop.example`), '', ['bounces@elsewhere.example']);
    await ended(world, id);
    const suppressions = await world.call<{ readonly entries: readonly unknown[] }>('GET', '/v1/suppressions');
    expect(suppressions.entries).toEqual([]);
  });

  async function ended(world: LiveWorld, id: string): Promise<void> {
    const status = async () =>
      (await world.call<{ readonly status: string }>('GET', `/v1/deliveries/${id}`)).status;
    await expect.poll(status, { timeout: 20_000 }).toBe('undeliverable');
  }
});

it('without a return mailbox nothing can be read', async () => {
  const world = await liveWorld();
  await expect(check(world)).rejects.toThrow('There is no return mailbox yet');
  expect(await view(world)).toMatchObject({ settings: null, watching: null });
});
