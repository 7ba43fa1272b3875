import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { encodeProxyHeader } from '../../../core/doors/smtp/proxy-header.ts';
import { openLocalCa } from '../../../core/doors/tls/local-ca.ts';
import type { ProviderSettings } from '../../../core/mailboxes/settings.ts';
import { openSmtp, type SmtpClient } from '../../smtp-client.ts';
import { temporaryFolder } from '../../start-core.ts';
import {
  corporateHost,
  defaultHost,
  deliver,
  gmailHost,
  outlookHost,
  ownHost,
  yahooHost,
} from './deliver.ts';
import { type FarSide, openFarSide } from './far-side.ts';
import { goodZone, letter, sign } from './signed-mail.ts';

/** `C: …` is said, `S: …` must be the whole reply or, with `…` at its end, how it begins. */
async function play(client: SmtpClient, script: string): Promise<void> {
  let reply: string | null = null;
  for (const line of script.split('\n').map((one) => one.trim())) {
    if (line === '') continue;
    const said = line.slice(3);
    if (line.startsWith('C:')) {
      client.write(`${said}\r\n`);
      reply = null;
      continue;
    }
    reply ??= await client.reply();
    const [first = '', ...rest] = reply.split('\n');
    if (said.endsWith('…')) expect(first.slice(0, said.length - 1)).toBe(said.slice(0, -1));
    else expect(first).toBe(said);
    reply = rest.length === 0 ? null : rest.join('\n');
  }
}

const set = (far: FarSide, change: Partial<ProviderSettings>) =>
  far.providers.settings.changeProvider('gmail', change);

describe('a host of a provider', () => {
  it('speaks as that provider does', async () => {
    const far = await openFarSide({ zone: goodZone });
    const client = await far.connect(gmailHost, {
      transaction: { messageId: 'm', deliveries: new Map([['jane@gmail.com', 'd']]), verdict: null },
    });
    await play(
      client,
      `S: 220 mx1.gmail.sandpost.example ESMTP …
       C: EHLO out.example.com
       S: 250-mx1.gmail.sandpost.example at your service, [192.0.2.10]
       S: 250-SIZE 157286400
       S: 250-8BITMIME
       S: 250-ENHANCEDSTATUSCODES
       S: 250-PIPELINING
       S: 250 SMTPUTF8
       C: AUTH PLAIN x
       S: 503 5.5.1 AUTH is not offered at this door
       C: MAIL FROM:<b+1@bounce.example.com> RET=HDRS
       S: 555 5.5.4 Parameter not recognised: RET
       C: MAIL FROM:<b+1@bounce.example.com>
       S: 250 2.1.0 OK
       C: RCPT TO:<stranger@gmail.com>
       S: 451 4.3.0 No delivery of ours is under way to this recipient
       C: XCLIENT ADDR=192.0.2.1
       S: 550 5.7.0 XCLIENT is not for this client
       C: RCPT TO:<jane@gmail.com>
       S: 250 2.1.5 OK`,
    );
    client.destroy();
  });

  it.each([
    [
      outlookHost,
      /^220 mx1\.outlook\.sandpost\.example Microsoft ESMTP MAIL Service ready at Sat, 31 Jan 2026/,
    ],
    [yahooHost, /^220 mx1\.yahoo\.sandpost\.example ESMTP ready$/],
    [corporateHost, /^220 mx1\.corporate\.sandpost\.example ESMTP Postfix$/],
    [defaultHost, /^220 mx1\.default\.sandpost\.example ESMTP$/],
  ])('greets in its own words: %s', async (host, greeting) => {
    const far = await openFarSide();
    const client = await far.connect(host);
    expect(await client.reply()).toMatch(greeting);
    client.destroy();
  });

  it('that is down refuses, or does not answer; the others are there', async () => {
    const far = await openFarSide();
    await set(far, { downHosts: ['mx1.gmail.sandpost.example'] });
    await expect(far.connect(gmailHost)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await set(far, { hostsTimeOut: true });
    await expect(far.connect(gmailHost)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    const second = await far.connect({ host: 'mx2.gmail.sandpost.example', address: '198.51.100.12' });
    expect(await second.reply()).toMatch(/^220 mx2\.gmail/);
    second.destroy();
    await expect(set(far, { downHosts: ['mx.elsewhere.example'] })).rejects.toMatchObject({
      code: 'bad_request',
    });
  });

  it('is found by its IPv6 address and by a domain that has an address only; nothing else is reachable', async () => {
    const far = await openFarSide();
    for (const to of [
      { host: 'mx1.gmail.sandpost.example', address: '2001:db8:2525:0::11' },
      { host: 'address-only.example', address: '203.0.113.200' },
    ]) {
      const client = await far.connect(to);
      expect(await client.reply()).toMatch(/^220 mx1\.(?:gmail|default)/);
      client.destroy();
    }
    await expect(far.connect({ host: 'x.example', address: '203.0.113.200' })).rejects.toMatchObject({
      code: 'EHOSTUNREACH',
    });
  });
});

describe('the inner door', () => {
  it('closes a connection that has not our header, without a word', async () => {
    const far = await openFarSide();
    // The port of the inner door is nobody's business; the way there is the only one who knows it.
    const ours = await far.connect(gmailHost);
    const { remotePort } = ours.socket;
    await ours.reply();
    const forged = encodeProxyHeader({
      ends: {
        source: { address: '192.0.2.10', port: 1 },
        destination: { address: '198.51.100.11', port: 25 },
      },
      values: [{ type: 0xe0, value: Buffer.alloc(40) }],
    });
    for (const bytes of [Buffer.from('EHLO me\r\n'), forged]) {
      const socket = connect({ host: '127.0.0.1', port: remotePort ?? 0 });
      const said: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => said.push(chunk));
      socket.on('error', () => undefined);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.write(bytes);
      await closed;
      expect(Buffer.concat(said).toString()).toBe('');
    }
    ours.destroy();
  });
});

describe('what can be broken about a provider', () => {
  it.each<[string, Partial<ProviderSettings>, RegExp]>([
    ['is throttled', { throttle: true, retryAfterMs: 90_000 }, /^421-?.*4\.3\.0 .*try again in 90 seconds/s],
    ['is blocked', { rejectAll: true }, /^550-5\.7\.1 \[192\.0\.2\.10\] The IP you're using/],
    ['wants TLS', { tls: 'required' }, /^530 5\.7\.0 Must issue a STARTTLS command first/],
    [
      'greylists',
      { greylisting: { enabled: true, delayMs: 300_000 } },
      /^450-4\.2\.1 [\s\S]*try again in 300 seconds/,
    ],
    [
      'allows none for now',
      { rateLimit: { messages: 0, perMs: 60_000, code: 421 } },
      /^421-4\.7\.28 Gmail has detected an unusual rate[\s\S]*Please try again in 60 seconds/,
    ],
    [
      'says so with another code',
      { rateLimit: { messages: 0, perMs: 60_000, code: 450 } },
      /^450-4\.7\.28 Gmail has detected/,
    ],
  ])('%s', async (_, change, said) => {
    const far = await openFarSide({ zone: goodZone });
    await set(far, change);
    expect(await deliver(far, await sign(letter()))).toMatch(said);
    expect(far.copies.size).toBe(0);
  });

  it.each(['connect', 'ehlo', 'mail', 'rcpt', 'data', 'end_of_data'] as const)(
    'hangs up at %s',
    async (disconnectAt) => {
      const far = await openFarSide({ zone: goodZone });
      await set(far, { disconnectAt });
      await expect(deliver(far, await sign(letter()))).rejects.toThrow('closed the connection');
      // Taken and never said: the sender cannot know, and will send it again.
      expect(far.copies.size).toBe(disconnectAt === 'end_of_data' ? 1 : 0);
    },
  );

  it('greylists a first try and takes the second, when it is late enough', async () => {
    const far = await openFarSide({ zone: goodZone });
    await set(far, { greylisting: { enabled: true, delayMs: 300_000 } });
    const mail = await sign(letter());
    expect(await deliver(far, mail)).toMatch(/^450/);
    await far.pass(299_000);
    expect(await deliver(far, mail)).toMatch(/^450-4\.2\.1[\s\S]*in 1 seconds/);
    await far.pass(1_000);
    expect(await deliver(far, mail)).toMatch(/^250/);
  });

  it('takes so many within a span of time, and again after it', async () => {
    const far = await openFarSide({ zone: goodZone });
    await set(far, { rateLimit: { messages: 2, perMs: 60_000, code: 421 } });
    const mail = await sign(letter());
    expect(await deliver(far, mail)).toMatch(/^250/);
    expect(await deliver(far, mail)).toMatch(/^250/);
    await far.pass(20_000);
    expect(await deliver(far, mail)).toMatch(/try again in 40 seconds/);
    await far.pass(40_000);
    expect(await deliver(far, mail)).toMatch(/^250/);
  });
});

describe('a mailbox', () => {
  it.each([
    ['unknown', /^550-5\.1\.1 The email account that you tried to reach does not exist/],
    ['full', /^452-4\.2\.2 The recipient's inbox is out of storage space/],
    ['full_for_good', /^552-5\.2\.2 /],
    ['inactive', /^550-5\.2\.1 The email account that you tried to reach is inactive/],
  ] as const)('that is %s is refused at RCPT', async (state, said) => {
    const far = await openFarSide({ zone: goodZone });
    await far.providers.settings.changeMailbox('Jane@gmail.com', { state });
    expect(await deliver(far, await sign(letter()), { to: ['jane+news@gmail.com'] })).toMatch(said);
    await far.providers.settings.changeMailbox('jane@gmail.com', { state: 'ok' });
    expect(await deliver(far, await sign(letter()))).toMatch(/^250/);
  });

  it('keeps its settings over a restart', async () => {
    const far = await openFarSide();
    await far.providers.settings.changeMailbox('jane@gmail.com', { state: 'full' });
    await set(far, { throttle: true });
    await far.close();
    const again = await openFarSide({ documents: far.documents });
    expect(again.providers.settings.mailbox('jane@gmail.com').state).toBe('full');
    expect(again.providers.settings.provider('gmail').throttle).toBe(true);
  });
});

describe('several recipients in one transaction', () => {
  it('are answered one by one, and each that was taken gets a copy', async () => {
    const far = await openFarSide({ zone: goodZone });
    await far.providers.settings.changeMailbox('joe@gmail.com', { state: 'unknown' });
    const to = ['jane@gmail.com', 'joe@gmail.com', 'jim@gmail.com'];
    const client = await far.connect(gmailHost, {
      transaction: { messageId: 'm', deliveries: new Map(to.map((one) => [one, `d-${one}`])), verdict: null },
    });
    await client.reply();
    await client.say('EHLO out.example.com');
    await client.say('MAIL FROM:<b+1@bounce.example.com>');
    const codes = [];
    for (const one of to) codes.push((await client.say(`RCPT TO:<${one}>`)).slice(0, 3));
    expect(codes).toEqual(['250', '550', '250']);
    await client.say('DATA');
    client.write(`${(await sign(letter())).toString('latin1')}.\r\n`);
    expect(await client.reply()).toMatch(/^250/);
    expect([...far.copies.values()].map(({ deliveryId }) => deliveryId)).toEqual([
      'd-jane@gmail.com',
      'd-jim@gmail.com',
    ]);
    client.destroy();
  });
});

describe('the public door', () => {
  const port = (far: FarSide): number => far.providers.port ?? 0;

  it('takes what a stranger brings, whoever it says that it is, and stores it first', async () => {
    const far = await openFarSide({ zone: goodZone });
    const client = await openSmtp(port(far));
    await play(
      client,
      `S: 220 mx.sandpost.example ESMTP Sandpost MX
       C: EHLO mail.stranger.example
       S: 250-mx.sandpost.example greets mail.stranger.example
       S: 250-PIPELINING
       S: 250-8BITMIME
       S: 250-SMTPUTF8
       S: 250-SIZE 10000000
       S: 250-DSN
       S: 250-ENHANCEDSTATUSCODES
       S: 250 XCLIENT NAME ADDR PORT PROTO HELO`,
    );
    expect(await client.deliver('ann@example.com', ['jane@elsewhere.example'], await sign(letter()))).toMatch(
      /^250 2\.0\.0 OK id=/,
    );
    expect(far.strangers[0]).toMatchObject({
      client: { ip: '192.0.2.250', helo: 'mail.stranger.example' },
      recipients: [{ address: 'jane@elsewhere.example', provider: 'default' }],
    });
    const [copy] = far.copies.values();
    expect(copy).toMatchObject({ messageId: 'message-1', deliveryId: 'stranger-jane@elsewhere.example' });
    expect(copy?.authentication.spf.result).toBe('fail');
    expect(copy?.authentication.client).toMatchObject({ ptr: 'mail.stranger.example', heloMatches: true });
    await client.quit();
    await far.close();
    expect(far.exchanges).toMatchObject([{ outcome: 'accepted', start: { door: 'mx' } }]);
  });

  it.each(['connect', 'ehlo', 'mail', 'rcpt'] as const)(
    'hangs up at the first recipient of a provider that disconnects at %s',
    async (disconnectAt) => {
      const far = await openFarSide({ zone: goodZone });
      await set(far, { disconnectAt });
      const client = await openSmtp(port(far));
      await play(
        client,
        `S: 220 …
         C: EHLO mail.stranger.example
         S: 250-mx.sandpost.example …`,
      );
      expect(await client.say('MAIL FROM:<ann@example.com>')).toMatch(/^250/);
      expect(await client.say('RCPT TO:<jane@elsewhere.example>')).toMatch(/^250/);
      client.write('RCPT TO:<jane@gmail.com>\r\n');
      await client.closed;
    },
  );

  it.each([
    [false, 'is down'],
    [true, 'does not answer'],
  ])('has no way to a provider whose hosts are all down (time-out: %s)', async (hostsTimeOut, why) => {
    const far = await openFarSide({ zone: goodZone });
    const hosts = [1, 2, 3].map((number) => `mx${number}.gmail.sandpost.example`);
    await set(far, { downHosts: hosts, hostsTimeOut });
    const client = await openSmtp(port(far));
    await client.reply();
    await client.say('EHLO mail.stranger.example');
    await client.say('MAIL FROM:<ann@example.com>');
    const said = await client.say('RCPT TO:<jane@gmail.com>');
    expect(said).toMatch(/^451 4\.4\.1 /);
    expect(said).toContain(why);
    expect(await client.say('RCPT TO:<jane@elsewhere.example>')).toMatch(/^250/);
    // One that is up takes it, as it would outside.
    await set(far, { downHosts: hosts.slice(1) });
    expect(await client.say('RCPT TO:<jane@gmail.com>')).toMatch(/^250/);
    client.destroy();
  });

  it('keeps to the size that a provider takes: as it is declared, and as it comes', async () => {
    const far = await openFarSide({ options: { messageBytesMax: 60_000_000 } });
    const client = await openSmtp(port(far));
    await client.reply();
    await client.say('EHLO mail.stranger.example');
    await client.say('MAIL FROM:<ann@nobody.example> SIZE=21000000');
    expect(await client.say('RCPT TO:<jane@corp.example>')).toMatch(/^552 5\.3\.4 .*20971520/);
    expect(await client.say('RCPT TO:<jane@elsewhere.example>')).toMatch(/^250/);
    await client.say('RSET');
    const large = Buffer.from(`${letter()}${`${'x'.repeat(998)}\r\n`.repeat(21_000)}`);
    expect(await client.deliver('ann@nobody.example', ['jane@corp.example'], large)).toMatch(/^552 5\.3\.4 /);
    expect(far.strangers).toEqual([]);
    client.destroy();
  });

  it('believes a client on this machine who says by XCLIENT whom it speaks for', async () => {
    const far = await openFarSide({ zone: goodZone });
    const client = await openSmtp(port(far));
    await play(
      client,
      `S: 220 …
       C: EHLO localhost
       S: 250-…
       S: 250-PIPELINING
       S: 250-8BITMIME
       S: 250-SMTPUTF8
       S: 250-SIZE 10000000
       S: 250-DSN
       S: 250-ENHANCEDSTATUSCODES
       S: 250 XCLIENT NAME ADDR PORT PROTO HELO
       C: XCLIENT ADDR=nonsense
       S: 501 5.5.4 …
       C: XCLIENT ADDR=192.0.2.10 PROTO=ESMTP
       S: 220 mx.sandpost.example ESMTP Sandpost MX
       C: MAIL FROM:<b+1@bounce.example.com> SIZE=9
       S: 503 5.5.1 Send EHLO or HELO first
       C: HELO out.example.com
       S: 250 mx.sandpost.example greets out.example.com`,
    );
    expect(await client.deliver('b+1@bounce.example.com', ['jane@gmail.com'], await sign(letter()))).toMatch(
      /^250/,
    );
    const [copy] = far.copies.values();
    expect(copy?.authentication.client).toMatchObject({
      ip: '192.0.2.10',
      ptr: 'out.example.com',
      ptrConfirmed: true,
    });
    expect(copy?.authentication.spf.result).toBe('pass');
    client.destroy();
  });

  it('asks the provider of each recipient', async () => {
    const far = await openFarSide({ zone: goodZone });
    await set(far, { throttle: false, greylisting: { enabled: true, delayMs: 60_000 } });
    const client = await openSmtp(port(far));
    await client.reply();
    await client.say('EHLO x');
    await client.say('XCLIENT ADDR=192.0.2.10');
    await client.say('EHLO out.example.com');
    await client.say('MAIL FROM:<b+1@bounce.example.com>');
    expect(await client.say('RCPT TO:<jane@gmail.com>')).toMatch(/^450-4\.2\.1/);
    expect(await client.say('RCPT TO:<jane@outlook.com>')).toMatch(/^250/);
    expect(await client.say('RCPT TO:<joe@yahoo.com>')).toMatch(/^250/);
    await client.say('DATA');
    client.write(`${(await sign(letter())).toString('latin1')}.\r\n`);
    expect(await client.reply()).toMatch(/^250/);
    expect([...far.copies.values()].map(({ provider }) => provider)).toEqual(['outlook', 'yahoo']);
    client.destroy();
  });

  it('hands what comes for the app itself on, and answers with its answer', async () => {
    const far = await openFarSide({
      zone: goodZone,
      ports: { inbound: async () => ({ code: 451, enhanced: '4.3.0', lines: ['The app is asleep'] }) },
    });
    const client = await openSmtp(port(far));
    await client.reply();
    await client.say('EHLO mail.stranger.example');
    expect(await client.deliver('x@elsewhere.example', ['b+1@bounce.example.com'], letter())).toBe(
      '451 4.3.0 The app is asleep',
    );
    client.destroy();
  });

  it('offers STARTTLS with our certificate', async () => {
    const ca = await openLocalCa(await temporaryFolder(), [], Date.now());
    const far = await openFarSide({ zone: goodZone, ports: { certificate: ca.server } });
    const client = await openSmtp(port(far));
    await client.reply();
    expect(await client.say('EHLO me')).toContain('\n250-STARTTLS');
    expect(await client.say('STARTTLS')).toMatch(/^220/);
    await client.upgrade(readFileSync(ca.caFile, 'utf8'));
    await client.say('EHLO mail.stranger.example');
    await client.deliver(
      'ann@elsewhere.example',
      ['jane@else.example'],
      letter({ from: 'ann@elsewhere.example' }),
    );
    expect([...far.copies.values()][0]?.authentication.client.tls).toBe(true);
    client.destroy();
  });
});

it('mail for the app comes through the host of its own domains too', async () => {
  const far = await openFarSide({ zone: goodZone });
  expect(
    await deliver(far, letter({ from: 'x@nowhere.example' }), {
      at: ownHost,
      to: ['b+1@bounce.example.com'],
      from: '',
    }),
  ).toBe('250 2.0.0 OK: taken in');
  expect(far.inbound).toMatchObject([
    { envelopeFrom: '', recipients: [{ address: 'b+1@bounce.example.com' }], messageId: 'message-1' },
  ]);
  expect(far.copies.size).toBe(0);
});
