import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openLocalCa } from '../../../core/doors/tls/local-ca.ts';
import { domainOf } from '../../../core/mailboxes/address.ts';
import type { Facts } from '../../../core/rules/decision.ts';
import type { Point } from '../../../core/rules/schema.ts';
import { openSmtp, type SmtpClient, smtpOn } from '../../smtp-client.ts';
import { temporaryFolder } from '../../start-core.ts';
import { type FarSide, openFarSide } from './far-side.ts';
import { decided } from './ordered.ts';
import { type Script, scriptedDesk } from './scripted-desk.ts';
import { letter } from './signed-mail.ts';

const jane = 'jane@else.example';
const bob = 'bob@else.example';
const mail = letter({ from: 'ann@nobody.example' });
const hourMs = 3_600_000;

async function open(script: Script, certificate: { key: string; cert: string } | null = null) {
  const desk = scriptedDesk(script);
  const far = await openFarSide({
    ports: {
      certificate,
      rules: {
        desk,
        contentOf: async (bytes) => ({
          text: Buffer.from(bytes).toString('latin1').split('\r\n\r\n')[1] ?? '',
          attachments: [],
        }),
      },
    },
  });
  return { ...far, desk };
}

/** Greeted, and past EHLO. */
async function begin(far: FarSide): Promise<SmtpClient> {
  const client = await openSmtp(far.providers.port ?? 0);
  await client.reply();
  await client.say('EHLO mail.nobody.example');
  return client;
}

const deliver = (client: SmtpClient, ...to: readonly string[]): Promise<string> =>
  client.deliver('ann@nobody.example', to, mail);

describe('a stranger at the public door', () => {
  it('is asked about at each moment, with what is known by then', async () => {
    const points: readonly Point[] = [
      'connect',
      'ehlo',
      'mail',
      'rcpt',
      'data',
      'midData',
      'endOfData',
      'accepted',
    ];
    const far = await open({
      at: Object.fromEntries(points.map((point) => [point, () => []])),
      needs: { headers: true, content: true },
    });
    const client = await begin(far);
    expect(await deliver(client, jane, bob)).toMatch(/^250/);
    expect(
      far.desk.asked.map(({ point, facts }) => [point, facts.sender ?? null, facts.recipient ?? null]),
    ).toEqual([
      ['connect', null, null],
      ['ehlo', null, null],
      ['mail', 'ann@nobody.example', null],
      ['rcpt', 'ann@nobody.example', jane],
      ['rcpt', 'ann@nobody.example', bob],
      ['data', 'ann@nobody.example', jane],
      ['midData', 'ann@nobody.example', jane],
      ['endOfData', 'ann@nobody.example', jane],
      ['accepted', 'ann@nobody.example', jane],
      ['accepted', 'ann@nobody.example', bob],
    ]);
    const rcpt = far.desk.asked.find(({ point }) => point === 'rcpt')?.facts;
    expect(rcpt).toMatchObject({ channel: 'email', door: 'mx', provider: 'default' });
    expect(rcpt?.tryKey).toBe(`192.0.2.250\0ann@nobody.example\0${jane}`);
    const end = far.desk.asked.at(-1)?.facts;
    expect(end?.headers).toContain('Subject: Lunch on Friday');
    expect(end?.content?.text).toContain('Shall we meet');
    expect(end?.bytes).toBe(mail.length);
    expect(end?.messageId).toBe(far.strangers[0]?.id);
    expect(end?.exchangeId).toBe(far.strangers[0]?.exchange.start.id);
    client.destroy();
  });

  it.each<[Point, readonly string[]]>([
    ['ehlo', ['EHLO x']],
    ['mail', ['EHLO x', 'MAIL FROM:<ann@nobody.example>']],
    ['rcpt', ['EHLO x', 'MAIL FROM:<ann@nobody.example>', `RCPT TO:<${jane}>`]],
    ['data', ['EHLO x', 'MAIL FROM:<ann@nobody.example>', `RCPT TO:<${jane}>`, 'DATA']],
  ])(
    'is refused at %s in the words of the rule, and the exchange says whose they are',
    async (point, lines) => {
      const refuse = decided(
        { do: 'reject', code: 554, enhanced: '5.7.1', text: 'Not from {ip}\nnot today' },
        point,
      );
      const far = await open({ at: { [point]: () => [refuse] } });
      const client = await openSmtp(far.providers.port ?? 0);
      let last = await client.reply();
      for (const line of lines) last = await client.say(line);
      expect(last).toBe('554-5.7.1 Not from 192.0.2.250\n554 5.7.1 not today');
      await client.quit();
      await client.closed;
      await far.close();
      expect(far.exchanges[0]?.transcript).toContain('by the rule “a bad day”');
    },
  );

  it('is refused at the dot: nothing is stored', async () => {
    const refuse = decided({ do: 'defer', code: 451, text: 'Not now' }, 'endOfData');
    const far = await open({ at: { endOfData: () => [refuse] } });
    const client = await begin(far);
    expect(await deliver(client, jane)).toBe('451 Not now');
    expect(far.strangers).toEqual([]);
    client.destroy();
  });

  it.each([
    ['reset', /ECONNRESET|closed/],
    ['reply', /^421 No SMTP service here$/],
  ])('meets refused connections: %s', async (how, expected) => {
    const refuse = decided({ do: 'refuseConnection', how, code: 421 }, 'connect');
    const far = await open({ at: { connect: () => [refuse] } });
    const client = smtpOn(connect(far.providers.port ?? 0, '127.0.0.1'));
    const said = await client.reply().catch((error: unknown) => String(error));
    expect(said).toMatch(expected);
    await client.closed;
    await far.close();
    expect(far.exchanges.length).toBe(1);
  });

  it('learns of rules for a provider at the first RCPT, also of those for connections', async () => {
    const refuse = decided({ do: 'refuseConnection', how: 'reply', code: 421 }, 'rcpt');
    const far = await open({
      at: { rcpt: ({ provider }) => (provider === 'gmail' ? [refuse] : []) },
    });
    const client = await begin(far);
    await client.say('MAIL FROM:<ann@nobody.example>');
    expect(await client.say(`RCPT TO:<${jane}>`)).toMatch(/^250/);
    expect(await client.say('RCPT TO:<jane@gmail.com>')).toBe('421 No SMTP service here');
    await client.closed;
  });

  it('is cut within DATA, and nothing is kept', async () => {
    const cut = decided({ do: 'disconnect', at: 'midData', afterBytes: 100 }, 'midData');
    const far = await open({ at: { midData: () => [cut] } });
    const client = await begin(far);
    await client.say('MAIL FROM:<ann@nobody.example>');
    await client.say(`RCPT TO:<${jane}>`);
    expect(await client.say('DATA')).toMatch(/^354/);
    client.write(mail);
    await client.closed;
    expect(far.strangers).toEqual([]);
    await far.close();
    expect(far.exchanges[0]?.outcome).toBe('aborted');
  });

  it.each([false, true])('is cut after the dot; kept: %s', async (keep) => {
    const cut = decided({ do: 'disconnect', at: 'endOfData', keep }, 'endOfData');
    const far = await open({ at: { endOfData: () => [cut] } });
    const client = await begin(far);
    await expect(deliver(client, jane)).rejects.toThrow();
    expect(far.copies.size).toBe(keep ? 1 : 0);
    expect(far.strangers.length).toBe(keep ? 1 : 0);
  });

  it('is not offered STARTTLS, or refused it, or cut at it', async () => {
    const ca = await openLocalCa(await temporaryFolder(), [], Date.now());
    for (const how of ['notOffered', 'refuse', 'cut']) {
      const breaks = decided({ do: 'breakTls', how }, 'tls');
      const far = await open({ at: { tls: () => [breaks] } }, ca.server);
      const client = await openSmtp(far.providers.port ?? 0);
      await client.reply();
      const offers = await client.say('EHLO x');
      expect(offers.includes('STARTTLS')).toBe(how !== 'notOffered');
      const said = await client.say('STARTTLS');
      expect(said.slice(0, 3)).toBe({ notOffered: '502', refuse: '454', cut: '220' }[how]);
      if (how === 'cut') await client.closed;
      client.destroy();
    }
  });

  it('who ends otherwise at the dot than those before is to come in a transaction of his own', async () => {
    const far = await open({
      at: { endOfData: () => [] },
      endKey: ({ recipient = '' }: Facts) => domainOf(recipient),
    });
    const client = await begin(far);
    await client.say('MAIL FROM:<ann@nobody.example>');
    expect(await client.say(`RCPT TO:<${jane}>`)).toMatch(/^250/);
    expect(await client.say('RCPT TO:<jane@other.example>')).toMatch(/^452 4\.5\.3 /);
    expect(await client.say(`RCPT TO:<${bob}>`)).toMatch(/^250/);
    await client.say('RSET');
    expect(await deliver(client, 'jane@other.example')).toMatch(/^250/);
    expect(far.strangers[0]?.recipients.map(({ address }) => address)).toEqual(['jane@other.example']);
    client.destroy();
  });

  it('what is held is taken and kept back, and gets into its mailbox after 72 hours at the latest', async () => {
    const hold = decided({ do: 'hold', reason: 'is it spam?' }, 'accepted', 'look first');
    const far = await open({ at: { accepted: ({ recipient }) => (recipient === jane ? [hold] : []) } });
    const client = await begin(far);
    expect(await deliver(client, jane, bob)).toMatch(/^250/);
    expect(far.strangers[0]?.recipients).toEqual([
      {
        address: jane,
        provider: 'default',
        held: {
          by: { key: 'r1', label: 'look first' },
          reason: 'held by the rule “look first”: is it spam?',
        },
      },
      { address: bob, provider: 'default' },
    ]);
    expect(far.acts.find(({ kind }) => kind === 'place')).toMatchObject({
      awaitedBy: `stranger-${jane}`,
    });
    expect([...far.copies.values()].map(({ mailbox }) => mailbox)).toEqual([bob]);
    await far.pass(72 * hourMs);
    expect([...far.copies.values()].map(({ mailbox }) => mailbox)).toEqual([bob, jane]);
    client.destroy();
  });

  it('what is lost is taken, in no mailbox, and its delivery knows', async () => {
    const lose = decided({ do: 'blackHole' }, 'accepted');
    const far = await open({ at: { accepted: () => [lose] } });
    const client = await begin(far);
    expect(await deliver(client, jane)).toMatch(/^250/);
    expect(far.strangers[0]?.recipients[0]?.unconfirmed).toBe(
      'taken and lost on purpose, by the rule “a bad day”',
    );
    expect(far.copies.size).toBe(0);
    client.destroy();
  });

  it('what is damaged for one recipient is whole for the other', async () => {
    const damage = decided({ do: 'corrupt' }, 'accepted');
    const far = await open({ at: { accepted: ({ recipient }) => (recipient === jane ? [damage] : []) } });
    const client = await begin(far);
    expect(await deliver(client, jane, bob)).toMatch(/^250/);
    const bytes = new Map([...far.copies.values()].map(({ id, mailbox }) => [mailbox, far.bytes.get(id)]));
    expect(Buffer.from(bytes.get(bob) ?? []).equals(mail)).toBe(true);
    expect(Buffer.from(bytes.get(jane) ?? []).equals(mail)).toBe(false);
    expect(Buffer.from(far.strangers[0]?.bytes ?? []).equals(mail)).toBe(true);
    client.destroy();
  });

  it('a line that is slow from RCPT on lets the answers through one after the other', async () => {
    const slow = decided({ do: 'slow', bytesPerSecond: 100 }, 'rcpt');
    const far = await open({ at: { rcpt: () => [slow] } });
    const client = await begin(far);
    await client.say('MAIL FROM:<ann@nobody.example>');
    client.write(`RCPT TO:<${jane}>\r\n`);
    let said: string | null = null;
    void client.reply().then((reply) => {
      said = reply;
    });
    let waitedMs = 0;
    while (said === null) {
      await new Promise((resolve) => setImmediate(resolve));
      far.clock.advance(10);
      waitedMs += 10;
    }
    expect(said).toBe('250 2.1.5 OK');
    expect(waitedMs).toBeGreaterThanOrEqual(140);
    client.destroy();
  });
});
