/** A real Postfix relays through our door while rules refuse it, and ends as its documentation says. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { List, Message } from '../../../core/api/schema.ts';
import type { RuleInput } from '../../../core/rules/schema.ts';
import { type Mta, postfixLacking, startPostfix, triedIn } from '../../postfix.ts';
import { openCore, type TestCore } from '../../start-core.ts';

const lacking = postfixLacking();
const testMsMax = 90_000;
const waitMsMax = 60_000;
const pollMs = 250;

const from = 'app@shop.example';

let core: TestCore;
let mta: Mta;
let number = 0;

async function start(door: 'smtp' | 'mx', flags: readonly string[] = []): Promise<void> {
  core = await openCore(await mkdtemp(join(tmpdir(), 'sandpost-rules-')), flags);
  const plain = `[127.0.0.1]:${core.port(door)}`;
  mta = await startPostfix({
    smarthost: plain,
    // A try at once would be one too many where a rate is what refuses.
    backoffSeconds: 2,
    settings: [
      'queue_run_delay = 1s',
      'transport_retry_time = 1s',
      'single_destination_recipient_limit = 1',
      `transport_maps = inline:{ { hasty.example = hasty:${plain} }, { single.example = single:${plain} }, { secure.example = secure:[localhost]:${core.port('submission')} } }`,
    ],
    services: [
      'hasty unix - - n - - smtp -o smtp_data_done_timeout=4s',
      'single unix - - n - - smtp',
      `secure unix - - n - - smtp -o smtp_tls_security_level=encrypt -o smtp_tls_CAfile=${core.app.caFile}`,
    ],
  });
}

async function stop(): Promise<void> {
  await mta?.stop();
  await core?.close();
  if (core !== undefined) await rm(core.dataDir, { recursive: true, force: true });
}

async function rules(...wanted: readonly RuleInput[]): Promise<void> {
  const response = await core.get('/v1/rules', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ rules: wanted.map((one, at) => ({ id: `${number}-${at}`, ...one })) }),
  });
  expect(response.status, await response.clone().text()).toBe(200);
  await core.get('/v1/rules/start-over', { method: 'POST' });
}

/** How often the rules in force did something. */
async function hits(): Promise<readonly number[]> {
  const { entries } = await core.json<{ entries: readonly { readonly hits: number }[] }>('/v1/rules');
  return entries.map((one) => one.hits);
}

/** @returns the subject, which no other message of the file has */
async function submit(to: readonly string[], bodyBytes = 100): Promise<string> {
  const subject = `number-${++number}`;
  const line = `${'x'.repeat(70)}\n`;
  const body = line.repeat(Math.ceil(bodyBytes / line.length));
  await mta.submit(
    from,
    to,
    Buffer.from(
      `From: ${from}\nTo: ${to[0]}\nMessage-ID: <${subject}@shop.example>\nSubject: ${subject}\n\n${body}`,
    ),
  );
  return subject;
}

/** Retried at once, again and again, until nothing of it waits; rates are left to Postfix's own schedule. */
async function emptied(how: 'flushed' | 'byItself' = 'flushed'): Promise<void> {
  await vi.waitFor(
    async () => {
      if (how === 'flushed') await mta.flush();
      expect(await mta.queue(), await mta.log()).toEqual([]);
    },
    { timeout: waitMsMax, interval: pollMs },
  );
}

/** Waits in its queue with the reason that it tells its users, or did until it was tried again. */
async function deferred(recipient: string, reason: RegExp): Promise<void> {
  await vi.waitFor(
    async () => {
      const waiting = (await mta.queue()).flatMap((one) => one.recipients);
      const shown = waiting.find(({ address }) => address === recipient)?.delay_reason;
      const logged = (await triesFor(recipient)).find(({ status }) => status === 'deferred')?.text;
      expect(shown ?? logged ?? '', await mta.log()).toMatch(reason);
    },
    { timeout: waitMsMax, interval: pollMs },
  );
}

async function stored(subject: string): Promise<readonly Message[]> {
  await core.app.caughtUp();
  const { entries } = await core.json<List<Message>>(`/v1/messages?limit=500&q=subject:${subject}`);
  return entries;
}

async function triesFor(recipient: string) {
  return triedIn(await mta.log()).filter((one) => one.recipient === recipient);
}

/** What Postfix was told is stored is in the list, once; and nothing else is. */
async function agree(): Promise<void> {
  const told = triedIn(await mta.log())
    .filter(({ status }) => status === 'sent')
    .map(({ text }) => /250 2\.0\.0 OK: stored as ([0-9a-f-]{36})/.exec(text)?.[1] ?? text);
  const { entries } = await core.json<List<Message>>('/v1/messages?limit=500');
  expect(entries.map(({ id }) => id).sort()).toEqual([...new Set(told)].sort());
}

const defer = (code: number, text: string, more: object = {}): RuleInput['then'] => ({
  do: 'defer',
  code,
  text,
  ...more,
});

describe.skipIf(lacking !== null)(
  `Postfix relaying through rules${lacking === null ? '' : ` (skipped: ${lacking})`}`,
  { timeout: testMsMax },
  () => {
    beforeAll(() => start('smtp'), testMsMax);
    afterAll(stop, testMsMax);

    it.each<[string, Extract<RuleInput['then'], { do: 'defer' }>, RegExp]>([
      [
        '451 at RCPT twice',
        { do: 'defer', code: 451, enhanced: '4.3.0', text: 'Come back later', times: 2 },
        /said: 451 4\.3\.0 Come back later \(in reply to RCPT TO command\)/,
      ],
      [
        '421 at RCPT twice',
        { do: 'defer', code: 421, enhanced: '4.7.0', text: 'Too many of you', times: 2 },
        /said: 421 4\.7\.0 Too many of you \(in reply to RCPT TO command\)/,
      ],
      [
        '450 at the end of DATA twice',
        { do: 'defer', code: 450, enhanced: '4.2.1', text: 'Busy', times: 2, at: 'endOfData' },
        /said: 450 4\.2\.1 Busy \(in reply to end of DATA command\)/,
      ],
      [
        '421 at DATA twice',
        { do: 'defer', code: 421, text: 'Not now', times: 2, at: 'data' },
        /said: 421 Not now \(in reply to DATA command\)/,
      ],
    ])('keeps what is deferred with %s, and delivers it at the third try', async (_title, then, reason) => {
      const recipient = `deferred-${number}@example.com`;
      await rules({ stage: 'door', when: { recipient }, then });
      const subject = await submit([recipient]);
      await deferred(recipient, reason);
      await emptied();
      expect((await triesFor(recipient)).map(({ status }) => status)).toEqual([
        'deferred',
        'deferred',
        'sent',
      ]);
      expect(await hits()).toEqual([2]);
      expect(await stored(subject)).toHaveLength(1);
      await agree();
    });

    it.each<[string, RuleInput['then'], RegExp]>([
      [
        '450 at MAIL',
        defer(450, 'Not from you', { at: 'mail' }),
        /450 Not from you \(in reply to MAIL FROM command\)/,
      ],
      [
        '421 in place of the greeting',
        defer(421, 'Closed', { at: 'connect' }),
        /refused to talk to me: 421 Closed/,
      ],
      ['421 to EHLO', defer(421, 'No more', { at: 'ehlo' }), /refused to talk to me: 421 No more/],
      [
        'a connection refused in words',
        { do: 'refuseConnection', how: 'reply', code: 554, text: 'No service' },
        /refused to talk to me: 554 No service/,
      ],
      [
        'a connection reset',
        { do: 'refuseConnection', how: 'reset' },
        /lost connection with .* while receiving the initial server greeting|Connection reset by peer/,
      ],
      [
        'a disconnect before the greeting',
        { do: 'disconnect', at: 'connect' },
        /lost connection with .* while receiving the initial server greeting/,
      ],
      [
        'a disconnect at EHLO',
        { do: 'disconnect', at: 'ehlo' },
        /lost connection with .* while performing the (?:HELO|EHLO) handshake/,
      ],
      [
        'a disconnect at MAIL',
        { do: 'disconnect', at: 'mail' },
        /lost connection with .* while sending MAIL FROM/,
      ],
      [
        'a disconnect at RCPT',
        { do: 'disconnect', at: 'rcpt' },
        /lost connection with .* while sending RCPT TO/,
      ],
      [
        'a disconnect at DATA',
        { do: 'disconnect', at: 'data' },
        /lost connection with .* while sending DATA command/,
      ],
      [
        'a disconnect in the middle of DATA',
        { do: 'disconnect', at: 'midData', afterBytes: 20_000 },
        // Which of the two it was is a matter of the buffers between.
        /lost connection with .* while sending (?:message body|end of data -- message may be sent more than once)/,
      ],
      [
        'a disconnect after the dot',
        { do: 'disconnect', at: 'endOfData' },
        /lost connection with .* while sending end of data -- message may be sent more than once/,
      ],
    ])('tries again after %s, and there is one copy', async (_title, then, reason) => {
      const recipient = `cut-${number}@example.com`;
      await rules({ stage: 'door', when: { door: 'smtp', nth: 1 }, then });
      const subject = await submit([recipient], 400_000);
      await deferred(recipient, reason);
      await emptied();
      expect((await triesFor(recipient)).map(({ status }) => status)).toEqual(['deferred', 'sent']);
      expect(await hits()).toEqual([1]);
      expect(await stored(subject)).toHaveLength(1);
      await agree();
    });

    it('tells its user by a DSN of its own what is rejected, and why', async () => {
      const recipient = 'nobody@example.com';
      await rules({
        stage: 'door',
        when: { recipient },
        then: { do: 'reject', code: 550, enhanced: '5.1.1', text: 'No {recipient} here' },
      });
      const subject = await submit([recipient]);
      await emptied();
      expect(await triesFor(recipient)).toMatchObject([{ status: 'bounced' }]);
      const { entries } = await core.json<List<Message>>('/v1/messages?limit=500');
      const reports = entries.filter(({ envelope }) => envelope.from === '' && envelope.to.includes(from));
      const texts = await Promise.all(reports.map(async ({ id }) => (await core.raw(id)).toString()));
      const report = texts.find((text) => text.includes(`Subject: ${subject}`)) ?? '';
      expect(report).toMatch(/^Final-Recipient: rfc822; ?nobody@example\.com\r$/m);
      expect(report).toMatch(/^Status: 5\.1\.1\r$/m);
      expect(report).toMatch(/^Diagnostic-Code: smtp; 550 5\.1\.1 No nobody@example\.com here\r$/m);
      expect(await triesFor(from)).toMatchObject([{ status: 'sent' }]);
      await agree();
    });

    it('bounces what is rejected at the end of DATA, and what is split from it by 452 goes in a transaction of its own', async () => {
      const [refused, taken] = [`refused-${number}@example.com`, `taken-${number}@example.com`];
      await rules({
        stage: 'door',
        when: { recipient: refused },
        then: { do: 'reject', code: 554, enhanced: '5.7.1', text: 'Not that', at: 'endOfData' },
      });
      const subject = await submit([refused, taken]);
      await emptied();
      const all = [...(await triesFor(refused)), ...(await triesFor(taken))];
      expect(all.filter(({ status }) => status === 'deferred')).toMatchObject([
        { text: expect.stringContaining('452 4.5.3 This recipient ends differently') },
      ]);
      expect(all.filter(({ status }) => status !== 'deferred')).toMatchObject([
        { recipient: refused, status: 'bounced', text: expect.stringContaining('554 5.7.1 Not that') },
        { recipient: taken, status: 'sent' },
      ]);
      expect(await stored(subject)).toMatchObject([{ envelope: { to: [taken] } }]);
      await agree();
    });

    it.each<['notOffered' | 'refuse' | 'cut', RegExp]>([
      ['notOffered', /TLS is required, but was not offered/],
      ['refuse', /TLS is required, but host .* refused to start TLS: 454/],
      ['cut', /Cannot start TLS: handshake failure/],
    ])('which must have TLS waits while it is broken (%s)', async (how, reason) => {
      const recipient = `${how.toLowerCase()}@secure.example`;
      await rules({
        stage: 'door',
        when: { door: 'submission', nth: [1, 2] },
        then: { do: 'breakTls', how },
      });
      const subject = await submit([recipient]);
      await deferred(recipient, reason);
      await emptied();
      expect((await triesFor(recipient)).at(-1)?.status).toBe('sent');
      expect(await stored(subject)).toMatchObject([{ door: 'submission' }]);
      await agree();
    });

    it('gives up waiting for an answer that comes too late, and nothing is kept of what it was not told', async () => {
      const recipient = `late@hasty.example`;
      await rules({
        stage: 'door',
        when: { recipient, nth: 1 },
        then: { do: 'delay', ms: 600_000, at: 'endOfData' },
      });
      const subject = await submit([recipient]);
      await deferred(recipient, /timed out while sending end of data -- message may be sent more than once/);
      await emptied();
      expect((await triesFor(recipient)).map(({ status }) => status)).toEqual(['deferred', 'sent']);
      expect(await stored(subject)).toHaveLength(1);
      await agree();
    });

    it('is patient with a slow line and a late answer', async () => {
      const recipient = `slow-${number}@example.com`;
      await rules(
        { stage: 'door', when: { recipient }, then: { do: 'slow', bytesPerSecond: 20_000 } },
        { stage: 'door', when: { recipient }, then: { do: 'delay', ms: 200, msMax: 400 } },
      );
      const subject = await submit([recipient], 10_000);
      await emptied('byItself');
      expect((await triesFor(recipient)).map(({ status }) => status)).toEqual(['sent']);
      expect(await stored(subject)).toHaveLength(1);
      await agree();
    });

    it('gets through a rate that refuses what is beyond five a second, each recipient once', async () => {
      const to = Array.from({ length: 12 }, (_, at) => `rate${at}@single.example`);
      await rules({
        stage: 'door',
        when: { domain: 'single.example', rate: { moreThan: 5, perMs: 1_000 } },
        then: defer(421, 'Too many messages', { enhanced: '4.7.28' }),
      });
      const subject = await submit(to);
      await emptied('byItself');
      const tries = triedIn(await mta.log()).filter(({ recipient }) => to.includes(recipient));
      const turnedBack = tries.filter(({ status }) => status === 'deferred');
      expect(turnedBack.length).toBeGreaterThan(0);
      for (const { text } of turnedBack) expect(text).toContain('421 4.7.28 Too many messages');
      expect(await hits()).toEqual([turnedBack.length]);
      const messages = await stored(subject);
      expect(messages.flatMap(({ envelope }) => envelope.to).sort()).toEqual([...to].sort());
      await agree();
    });

    it('meets chance: what is acknowledged is there, once, and what is not is nowhere', async () => {
      const to = Array.from({ length: 20 }, (_, at) => `luck${at}@single.example`);
      await rules(
        { stage: 'door', when: { probability: 0.2 }, then: { do: 'disconnect', at: 'endOfData' } },
        {
          stage: 'door',
          when: { probability: 0.3 },
          then: { do: 'disconnect', at: 'midData', afterBytes: 5_000 },
        },
        { stage: 'door', when: { probability: 0.2 }, then: defer(451, 'Bad luck', { at: 'rcpt' }) },
        { stage: 'door', when: { probability: 0.1 }, then: { do: 'refuseConnection' } },
      );
      const subject = await submit(to, 30_000);
      await emptied();
      const messages = await stored(subject);
      expect(messages.flatMap(({ envelope }) => envelope.to).sort()).toEqual([...to].sort());
      expect(Math.min(...(await hits()))).toBeGreaterThan(0);
      await agree();
    });
  },
);

interface Shown {
  readonly id: string;
  readonly messageId: string;
  readonly recipient: string;
  readonly status: string;
  readonly substatus: string | null;
  readonly placement: string | null;
  readonly reason: string | null;
}

describe.skipIf(lacking !== null)(
  `Postfix delivering to the MX through rules of the far side${lacking === null ? '' : ` (skipped: ${lacking})`}`,
  { timeout: testMsMax },
  () => {
    beforeAll(() => start('mx', ['--deliver']), testMsMax);
    afterAll(stop, testMsMax);

    async function deliveriesTo(recipient: string): Promise<readonly Shown[]> {
      await core.app.settled();
      const { entries } = await core.json<List<Shown>>(`/v1/deliveries?recipient=${recipient}`);
      return entries;
    }

    it('is put off twice, and its third try is delivered', async () => {
      const recipient = 'twice@somewhere.example';
      await rules({
        stage: 'farSide',
        when: { recipient },
        then: { do: 'defer', code: 451, enhanced: '4.3.2', text: 'System busy', times: 2 },
      });
      const subject = await submit([recipient]);
      await deferred(recipient, /said: 451 4\.3\.2 System busy \(in reply to RCPT TO command\)/);
      await emptied();
      expect((await triesFor(recipient)).map(({ status }) => status)).toEqual([
        'deferred',
        'deferred',
        'sent',
      ]);
      expect(await stored(subject)).toMatchObject([{ door: 'mx' }]);
      expect(await deliveriesTo(recipient)).toMatchObject([{ status: 'delivered' }]);
    });

    it('is greylisted at the first try of each recipient', async () => {
      const to = ['grey1@somewhere.example', 'grey2@somewhere.example'];
      await rules({
        stage: 'farSide',
        when: { domain: 'somewhere.example' },
        then: { do: 'defer', code: 450, enhanced: '4.7.1', text: 'Greylisted, see you in a while', times: 1 },
      });
      const subject = await submit(to);
      for (const one of to) await deferred(one, /450 4\.7\.1 Greylisted, see you in a while/);
      await emptied();
      for (const one of to) {
        expect((await triesFor(one)).map(({ status }) => status)).toEqual(['deferred', 'sent']);
        expect(await deliveriesTo(one)).toMatchObject([{ status: 'delivered' }]);
      }
      expect(await hits()).toEqual([2]);
      expect((await stored(subject)).flatMap(({ envelope }) => envelope.to).sort()).toEqual(to);
    });

    it('bounces what is rejected, and the report comes back to its sender', async () => {
      const recipient = 'gone@somewhere.example';
      await rules({
        stage: 'farSide',
        when: { recipient },
        then: { do: 'reject', code: 550, enhanced: '5.2.1', text: 'This mailbox is disabled' },
      });
      const subject = await submit([recipient]);
      await emptied();
      expect(await triesFor(recipient)).toMatchObject([
        { status: 'bounced', text: expect.stringContaining('550 5.2.1 This mailbox is disabled') },
      ]);
      const back = (await stored(subject)).filter(({ envelope }) => envelope.from === from);
      expect(back).toEqual([]);
      expect(await triesFor(from)).toMatchObject([{ status: 'sent' }]);
    });

    it('is told yes of what is lost, and its log is content', async () => {
      const recipient = 'lost@somewhere.example';
      await rules({ stage: 'farSide', when: { recipient }, then: { do: 'blackHole' } });
      await submit([recipient]);
      await emptied();
      expect(await triesFor(recipient)).toMatchObject([{ status: 'sent' }]);
      expect(await deliveriesTo(recipient)).toMatchObject([{ status: 'sent', placement: null }]);
    });

    it('is told yes of what is held, which gets into its mailbox once it is released', async () => {
      const recipient = 'waiting@somewhere.example';
      await rules({ stage: 'farSide', when: { recipient }, then: { do: 'hold' } });
      await submit([recipient]);
      await emptied();
      expect(await triesFor(recipient)).toMatchObject([{ status: 'sent' }]);
      const [held] = await deliveriesTo(recipient);
      expect(held).toMatchObject({ substatus: 'held' });
      const released = await core.get(`/v1/deliveries/${held?.id}/release`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      });
      expect(released.status, await released.clone().text()).toBe(200);
      expect(await deliveriesTo(recipient)).toMatchObject([{ status: 'delivered', substatus: null }]);
    });

    it('is cut off after the dot: once with nothing kept, once with a copy that its next try doubles', async () => {
      for (const [recipient, keep, copies] of [
        ['cut@somewhere.example', false, 1],
        ['doubled@somewhere.example', true, 2],
      ] as const) {
        await rules({
          stage: 'farSide',
          when: { recipient, nth: 1 },
          then: { do: 'disconnect', at: 'endOfData', keep },
        });
        const subject = await submit([recipient]);
        await deferred(recipient, /while sending end of data -- message may be sent more than once/);
        await emptied();
        expect((await triesFor(recipient)).map(({ status }) => status)).toEqual(['deferred', 'sent']);
        expect(await stored(subject)).toHaveLength(copies);
      }
    });
  },
);
