import { describe, expect, it } from 'vitest';
import { AttemptTranscript } from '../../../../../core/channels/email/client/attempt-transcript.ts';
import {
  type RecipientResult,
  SmtpConnection,
  type TlsMode,
  type Transaction,
} from '../../../../../core/channels/email/client/connection.ts';
import { standardTimeouts } from '../../../../../core/channels/email/client/limits.ts';
import type { Clock } from '../../../../../core/clock.ts';
import { fakeClock } from '../../../../fake-clock.ts';
import { networkTo, scriptedServer, testClock } from './scripted-server.ts';

const outbound = { id: 'x', fromIp: '192.0.2.1', transaction: null };

async function connected(port: number, tls: TlsMode = 'off', clock: Clock = testClock) {
  const socket = await networkTo(port).connect(
    { host: 'mx.far.example', address: '198.51.100.1', port: 25 },
    outbound,
  );
  const transcript = new AttemptTranscript(clock);
  const options = { host: 'mx.far.example', helo: 'out.shop.example', tls, timeouts: standardTimeouts };
  const connection = new SmtpConnection(socket, options, clock, transcript);
  return { connection, transcript };
}

const message = (text = 'Subject: hello\r\n\r\n.dot\r\nhello\r\n', ...to: string[]): Transaction => ({
  from: 'b@shop.example',
  mailParameters: [],
  recipients: (to.length === 0 ? ['a@far.example'] : to).map((address) => ({ address, parameters: [] })),
  content: [Buffer.from(text)],
});

const short = (results: readonly RecipientResult[]) =>
  results.map((one) =>
    one.kind === 'lost'
      ? `lost at ${one.stage}${one.mayHaveArrived ? ', may have arrived' : ''}`
      : `${one.kind} ${one.reply.code}`,
  );

const hello = `
S: 220 mx.far.example ESMTP
C: EHLO out.shop.example
`;
const plain = `${hello}
S: 250-mx.far.example hello
S: 250 SIZE 1000
`;
const pipelined = `${hello}
S: 250-mx.far.example hello
S: 250-PIPELINING
S: 250-8BITMIME
S: 250-SMTPUTF8
S: 250-DSN
S: 250 SIZE
`;

describe('one message', () => {
  it('goes step by step where nothing may be sent ahead', async () => {
    const server = await scriptedServer(`${plain}
      C: MAIL FROM:<b@shop.example> SIZE=31
      S: 250 2.1.0 OK
      C: RCPT TO:<a@far.example>
      S: 250 2.1.5 OK
      C: DATA
      S: 354 go on
      data
      S: 250 2.0.0 queued as 17
    `);
    const { connection, transcript } = await connected(server.port);
    expect(await connection.open()).toBeNull();
    expect(connection.offers).toMatchObject({ sizeMax: 1000, pipelining: false });
    const [result] = await connection.transact(message());
    expect(result).toMatchObject({
      kind: 'sent',
      reply: { code: 250, enhanced: '2.0.0', text: 'queued as 17' },
    });
    expect(server.messages).toEqual(['Subject: hello\r\n\r\n..dot\r\nhello']);
    expect(transcript.lines.map(({ by, text }) => `${by}: ${text}`)).toEqual([
      'S: 220 mx.far.example ESMTP',
      'C: EHLO out.shop.example',
      'S: 250-mx.far.example hello',
      'S: 250 SIZE 1000',
      'C: MAIL FROM:<b@shop.example> SIZE=31',
      'S: 250 2.1.0 OK',
      'C: RCPT TO:<a@far.example>',
      'S: 250 2.1.5 OK',
      'C: DATA',
      'S: 354 go on',
      'C: (31 bytes)',
      'C: .',
      'S: 250 2.0.0 queued as 17',
    ]);
  });

  it('goes ahead where PIPELINING is offered, parameters included, and the replies fall to each recipient', async () => {
    const server = await scriptedServer(`${pipelined}
      C: MAIL FROM:<b@shop.example> SIZE=7 BODY=8BITMIME RET=HDRS
      C: RCPT TO:<a@far.example>
      C: RCPT TO:<b@far.example> NOTIFY=NEVER
      C: RCPT TO:<c@far.example>
      C: DATA
      S: 250 OK
      S: 250 OK
      S: 550-5.1.1 no such
      S: 550 5.1.1 user
      S: 452 4.2.2 full
      S: 354 go on
      data
      S: 250 2.0.0 OK
    `);
    const { connection } = await connected(server.port);
    await connection.open();
    const results = await connection.transact({
      ...message(
        'A: b\r\n\r\n'.slice(0, 6) + '\n'.slice(1),
        'a@far.example',
        'b@far.example',
        'c@far.example',
      ),
      content: [Buffer.from('A: b\r\n'), Buffer.from('x')],
      mailParameters: ['BODY=8BITMIME', 'RET=HDRS'],
      recipients: [
        { address: 'a@far.example', parameters: [] },
        { address: 'b@far.example', parameters: ['NOTIFY=NEVER'] },
        { address: 'c@far.example', parameters: [] },
      ],
    });
    expect(short(results)).toEqual(['sent 250', 'refused 550', 'refused 452']);
    expect(results[1]).toMatchObject({ stage: 'rcpt', reply: { enhanced: '5.1.1', text: 'no such user' } });
    expect(server.messages).toEqual(['A: b\r\nx']);
  });

  it('follows another on the same connection', async () => {
    const server = await scriptedServer(`${plain}
      C: /^MAIL/
      S: 250 OK
      C: /^RCPT/
      S: 250 OK
      C: DATA
      S: 354 go on
      data
      S: 250 one
      C: /^MAIL/
      S: 250 OK
      C: /^RCPT/
      S: 250 OK
      C: DATA
      S: 354 go on
      data
      S: 250 two
      C: QUIT
    `);
    const { connection } = await connected(server.port);
    await connection.open();
    expect(short(await connection.transact(message()))).toEqual(['sent 250']);
    connection.rest();
    connection.take(new AttemptTranscript(testClock));
    expect(short(await connection.transact(message()))).toEqual(['sent 250']);
    connection.quit();
    expect(server.messages).toHaveLength(2);
  });

  it('of many megabytes goes through, every dot of it', async () => {
    const server = await scriptedServer(`${pipelined}
      C: /^MAIL/
      C: /^RCPT/
      C: DATA
      S: 250 OK
      S: 250 OK
      S: 354 go on
      data
      S: 250 OK
    `);
    const { connection } = await connected(server.port);
    await connection.open();
    const body = '.\r\n..\r\n.x\r\n'.repeat(40_000);
    expect(short(await connection.transact(message(body)))).toEqual(['sent 250']);
    expect(server.messages[0]?.replace(/(^|\r\n)\./g, '$1')).toBe(body.slice(0, -2));
  });
});

describe('what goes wrong', () => {
  const upToData = `
      C: /^MAIL/
      S: 250 OK
      C: /^RCPT/
      S: 250 OK
      C: DATA`;
  it.each([
    ['at MAIL', `C: /^MAIL/\nS: 451 4.7.1 later`, 'refused 451'],
    ['421 at MAIL', `C: /^MAIL/\nS: 421 4.7.0 busy\nclose`, 'refused 421'],
    ['at DATA', `${upToData}\nS: 554 5.7.1 no\nC: RSET\nS: 250 OK`, 'refused 554'],
    ['a yes in place of 354', `${upToData}\nS: 250 OK\nC: RSET\nS: 250 OK`, 'lost at data'],
    ['at the final dot', `${upToData}\nS: 354 go\ndata\nS: 550 5.7.1 spam`, 'refused 550'],
    ['closed at MAIL', `C: /^MAIL/\nclose`, 'lost at mail'],
    ['closed at RCPT', `C: /^MAIL/\nS: 250 OK\nC: /^RCPT/\nclose`, 'lost at rcpt'],
    ['closed at DATA', `${upToData}\nclose`, 'lost at data'],
    ['reset at DATA', `${upToData}\ndestroy`, 'lost at data'],
    ['closed after the final dot', `${upToData}\nS: 354 go\ndata\nclose`, 'lost at final, may have arrived'],
    [
      'half a 250 after the final dot',
      `${upToData}\nS: 354 go\ndata\nS- 250-2.0.0 queu\nclose`,
      'lost at final, may have arrived',
    ],
    [
      'one line of a 250 that says there is more',
      `${upToData}\nS: 354 go\ndata\nS: 250-queued\nclose`,
      'lost at final, may have arrived',
    ],
    [
      'nonsense after the final dot',
      `${upToData}\nS: 354 go\ndata\nS: hello`,
      'lost at final, may have arrived',
    ],
    ['354 after the final dot', `${upToData}\nS: 354 go\ndata\nS: 354 go`, 'lost at final, may have arrived'],
  ])('%s', async (_name, script, outcome) => {
    const server = await scriptedServer(`${plain}\n${script}`);
    const { connection } = await connected(server.port);
    expect(await connection.open()).toBeNull();
    expect(short(await connection.transact(message()))).toEqual([outcome]);
  });

  it('closed in DATA, with most of a large message on its way', async () => {
    const server = await scriptedServer(`${plain}${upToData}\nS: 354 go\nclose`);
    const { connection } = await connected(server.port);
    await connection.open();
    const results = await connection.transact(message(`${'x'.repeat(70)}\r\n`.repeat(120_000)));
    expect(short(results)).toEqual(['lost at data']);
  });

  it('a yes that comes before the final dot is not believed', async () => {
    const server = await scriptedServer(`${plain}${upToData}\nS: 354 go\nS: 250 2.0.0 queued\nC: /never/`);
    const { connection } = await connected(server.port);
    await connection.open();
    const results = await connection.transact(message(`${'x'.repeat(70)}\r\n`.repeat(120_000)));
    expect(short(results)).toEqual(['lost at data']);
    expect(connection.alive).toBe(false);
  });

  it('a refusal that comes before the final dot counts', async () => {
    const server = await scriptedServer(`${plain}${upToData}\nS: 354 go\nS: 552 5.3.4 too large\nC: /never/`);
    const { connection } = await connected(server.port);
    await connection.open();
    const results = await connection.transact(message(`${'x'.repeat(70)}\r\n`.repeat(120_000)));
    expect(short(results)).toEqual(['refused 552']);
  });

  it('nobody is taken: the server that says 354 all the same gets nothing but the end', async () => {
    const server = await scriptedServer(`${pipelined}
      C: /^MAIL/
      C: /^RCPT/
      C: DATA
      S: 250 OK
      S: 550 5.1.1 no
      S: 354 go on
      C: .
      S: 554 5.5.1 no valid recipients
    `);
    const { connection } = await connected(server.port);
    await connection.open();
    expect(short(await connection.transact(message()))).toEqual(['refused 550']);
    expect(connection.alive).toBe(true);
  });

  it('nobody is taken and DATA is refused: RSET clears the way for the next', async () => {
    const server = await scriptedServer(`${pipelined}
      C: /^MAIL/
      C: /^RCPT/
      C: DATA
      S: 250 OK
      S: 550 5.1.1 no
      S: 503 5.5.1 no recipients
      C: RSET
      S: 250 OK
    `);
    const { connection } = await connected(server.port);
    await connection.open();
    expect(short(await connection.transact(message()))).toEqual(['refused 550']);
    expect(connection.alive).toBe(true);
  });

  it('421 in the midst of the recipients counts for all that come behind', async () => {
    const server = await scriptedServer(`${plain}
      C: /^MAIL/
      S: 250 OK
      C: /^RCPT/
      S: 250 OK
      C: /^RCPT/
      S: 421 4.7.28 too many, try again in 5 minutes
      close
    `);
    const { connection } = await connected(server.port);
    await connection.open();
    const results = await connection.transact(
      message('x\r\n', 'a@far.example', 'b@far.example', 'c@far.example'),
    );
    expect(short(results)).toEqual(['refused 421', 'refused 421', 'refused 421']);
    expect(connection.alive).toBe(false);
  });

  it('no answer in time, for the final dot ten minutes', async () => {
    const server = await scriptedServer(`${plain}${upToData}\nS: 354 go\ndata\nC: never`);
    const clock = fakeClock();
    const { connection, transcript } = await connected(server.port, 'off', clock);
    await connection.open();
    const results = connection.transact(message());
    await expect.poll(() => transcript.lines.at(-1)?.text).toBe('.');
    clock.advance(599_999);
    expect(connection.alive).toBe(true);
    clock.advance(1);
    expect(short(await results)).toEqual(['lost at final, may have arrived']);
  });

  it('replies without an end are not taken for ever', async () => {
    const server = await scriptedServer(`S- 220-${'x'.repeat(10_000)}`);
    const { connection } = await connected(server.port);
    expect(await connection.open()).toMatchObject({
      kind: 'lost',
      text: expect.stringContaining('longer than'),
    });
    const many = await scriptedServer(`${'S: 220-hello\n'.repeat(200)}`);
    const other = await connected(many.port);
    expect(await other.connection.open()).toMatchObject({
      kind: 'lost',
      text: expect.stringContaining('128 lines'),
    });
  });
});

describe('the beginning', () => {
  it('a greeting that refuses', async () => {
    const server = await scriptedServer('S: 554 5.7.1 go away');
    const { connection } = await connected(server.port);
    expect(await connection.open()).toMatchObject({
      kind: 'refused',
      stage: 'greeting',
      reply: { code: 554 },
    });
  });

  it('HELO where EHLO is not known', async () => {
    const server = await scriptedServer(`${hello}
      S: 502 unknown
      C: HELO out.shop.example
      S: 250 old.example
      C: MAIL FROM:<b@shop.example>
      S: 451 later
    `);
    const { connection } = await connected(server.port, 'opportunistic');
    expect(await connection.open()).toBeNull();
    expect(short(await connection.transact(message()))).toEqual(['refused 451']);
  });

  it('what is said to an idle connection ends it, and is part of no attempt', async () => {
    const server = await scriptedServer(`${plain}
      C: /^MAIL/
      S: 451 later
      C: go
    `);
    const { connection, transcript } = await connected(server.port);
    await connection.open();
    await connection.transact(message());
    connection.rest();
    connection.destroy();
    expect(transcript.lines.at(-1)?.text).toBe('451 later');
    expect(connection.alive).toBe(false);
  });
});

describe('STARTTLS', () => {
  it('required, and not offered', async () => {
    const server = await scriptedServer(plain);
    const { connection } = await connected(server.port, 'required');
    expect(await connection.open()).toMatchObject({ kind: 'lost', stage: 'tls' });
  });

  it('refused: it goes on in the clear where it may', async () => {
    const script = `${hello}
      S: 250-mx.far.example
      S: 250 STARTTLS
      C: STARTTLS
      S: 454 4.7.0 not now
    `;
    const may = await connected((await scriptedServer(script)).port, 'opportunistic');
    expect(await may.connection.open()).toBeNull();
    const must = await connected((await scriptedServer(script)).port, 'required');
    expect(await must.connection.open()).toMatchObject({ kind: 'refused', stage: 'tls' });
  });

  it('something said in the clear behind the 220 is not taken for the server’s word', async () => {
    const server = await scriptedServer(
      `${hello}
      S: 250-mx.far.example
      S: 250 STARTTLS
      C: STARTTLS
      S- 220 go\\r\\n250 injected\\r\\n
    `,
    );
    const { connection } = await connected(server.port, 'opportunistic');
    const failure = await connection.open();
    expect(failure).toMatchObject({ kind: 'lost', text: 'something was said in the clear after STARTTLS' });
  });

  it('a handshake that fails is told from the rest', async () => {
    const server = await scriptedServer(`${hello}
      S: 250-mx.far.example
      S: 250 STARTTLS
      C: STARTTLS
      S: 220 go
      close
    `);
    const { connection } = await connected(server.port, 'opportunistic');
    const failure = connection.open();
    expect(await failure).toMatchObject({ kind: 'tls_failed' });
  });
});
