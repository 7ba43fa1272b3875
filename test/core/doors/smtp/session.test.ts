import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replies } from '../../../../core/doors/smtp/reply.ts';
import { commandBytesMax } from '../../../../core/doors/smtp/session.ts';
import { AppError } from '../../../../core/model/app-error.ts';
import { openWire } from './wire.ts';

const greeted = `
  S: 220 mx.test ESMTP Test
  C: EHLO me
  S: 250-mx.test greets me
  S: 250-PIPELINING
  S: 250-8BITMIME
  S: 250-SMTPUTF8
  S: 250-SIZE 1000
  S: 250-DSN
  S: 250-ENHANCEDSTATUSCODES
  S: 250 AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2`;

const addressed = `${greeted}
  C: MAIL FROM:<a@example.com>
  S: 250 2.1.0 OK
  C: RCPT TO:<b@example.com>
  S: 250 2.1.5 OK`;

describe('a whole transaction', () => {
  it('hands over envelope and content, and says yes when they are stored', async () => {
    const wire = openWire();
    await wire.play(`${addressed}
      C: RCPT TO:<c@example.com>
      S: 250 2.1.5 OK
      C: DATA
      S: 354 …
      C: Subject: hello
      C:
      C: ..stuffed
      C: .
      S: 250 2.0.0 OK: stored as 1
      C: QUIT
      S: 221 2.0.0 Bye`);
    expect(wire.ended).toBe(true);
    expect(wire.stored[0]?.envelope).toEqual({
      from: 'a@example.com',
      to: ['b@example.com', 'c@example.com'],
      parameters: null,
    });
    expect(wire.stored[0]?.content).toBe('Subject: hello\r\n\r\n.stuffed\r\n');
  });

  it('says nothing before the message is stored', async () => {
    let stored: (value: typeof replies.ok) => void = () => undefined;
    const wire = openWire(
      {},
      {
        message: () =>
          new Promise((resolve) => {
            stored = resolve;
          }),
      },
    );
    await wire.play(addressed);
    expect(await wire.send('DATA\r\nx\r\n.\r\n')).toMatch(/^354 [^\n]*\n$/);
    expect(await wire.send('NOOP\r\n')).toBe('');
    stored(replies.ok);
    expect(await wire.send('')).toBe('250 2.0.0 OK\r\n250 2.0.0 OK\r\n');
  });

  it('may be followed by another, with an envelope of its own', async () => {
    const wire = openWire();
    await wire.play(`${addressed}
      C: DATA
      S: 354 …
      C: .
      S: 250 2.0.0 OK: stored as 1
      C: RCPT TO:<late@example.com>
      S: 503 5.5.1 Send MAIL first
      C: MAIL FROM:<>
      S: 250 2.1.0 OK
      C: RCPT TO:<d@example.com>
      S: 250 2.1.5 OK
      C: DATA
      S: 354 …
      C: .
      S: 250 2.0.0 OK: stored as 2`);
    expect(wire.stored.map(({ envelope }) => [envelope.from, envelope.to])).toEqual([
      ['a@example.com', ['b@example.com']],
      ['', ['d@example.com']],
    ]);
  });

  it('works pipelined, two messages in one piece, cut anywhere', async () => {
    const one = 'MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\nfirst\r\n.\r\n';
    const all = Buffer.from(`EHLO me\r\n${one}${one.replace('first', 'second')}QUIT\r\n`);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(all.length), { maxLength: 8 }), async (cuts) => {
        const wire = openWire();
        const at = [0, ...cuts, all.length].sort((a, b) => a - b);
        let out = '';
        for (let index = 1; index < at.length; index++) {
          out += await wire.send(all.subarray(at[index - 1], at[index]));
        }
        expect(wire.stored.map(({ content }) => content)).toEqual(['first\r\n', 'second\r\n']);
        expect(out.match(/^\d{3} /gm)?.join('')).toBe('220 250 250 250 354 250 250 250 354 250 221 ');
      }),
    );
  });

  it('keeps the parameters of MAIL and RCPT as they were written', async () => {
    const wire = openWire();
    await wire.play(`${greeted}
      C: MAIL FROM:<a@x> SIZE=12 BODY=8BITMIME RET=HDRS ENVID=QQ+2B1 SMTPUTF8
      S: 250 2.1.0 OK
      C: RCPT TO:<ü@x> NOTIFY=SUCCESS,DELAY ORCPT=utf-8;ü@x
      S: 250 2.1.5 OK
      C: RCPT TO:<c@x>
      S: 250 2.1.5 OK
      C: DATA
      S: 354 …
      C: .
      S: 250 …`);
    expect(wire.stored[0]?.envelope).toEqual({
      from: 'a@x',
      to: ['ü@x', 'c@x'],
      parameters: {
        mail: { SIZE: '12', BODY: '8BITMIME', RET: 'HDRS', ENVID: 'QQ+2B1', SMTPUTF8: true },
        rcpt: [{ NOTIFY: 'SUCCESS,DELAY', ORCPT: 'utf-8;ü@x' }, {}],
      },
    });
  });

  it('begins anew after RSET, EHLO and HELO', async () => {
    for (const restart of ['RSET', 'EHLO me', 'HELO me']) {
      const wire = openWire();
      await wire.play(addressed);
      await wire.send(`${restart}\r\n`);
      await wire.play(`
        C: DATA
        S: 503 5.5.1 Send MAIL first
        C: RCPT TO:<b@x>
        S: 503 5.5.1 Send MAIL first`);
    }
  });
});

describe('commands out of order are refused', () => {
  it.each([
    ['MAIL before EHLO', `S: 220 …\nC: MAIL FROM:<a@x>\nS: 503 5.5.1 Send EHLO or HELO first`],
    ['RCPT before MAIL', `${greeted}\nC: RCPT TO:<a@x>\nS: 503 5.5.1 Send MAIL first`],
    ['DATA before MAIL', `${greeted}\nC: DATA\nS: 503 5.5.1 Send MAIL first`],
    [
      'DATA without a recipient',
      `${greeted}\nC: MAIL FROM:<a@x>\nS: 250 2.1.0 OK\nC: DATA\nS: 503 5.5.1 No recipient was accepted; send RCPT first`,
    ],
    [
      'MAIL twice',
      `${addressed}\nC: MAIL FROM:<c@x>\nS: 503 5.5.1 MAIL was already given; DATA or RSET is next`,
    ],
    ['AUTH before EHLO', 'S: 220 …\nC: AUTH PLAIN\nS: 503 5.5.1 Send EHLO first'],
    [
      'AUTH after HELO',
      'S: 220 …\nC: HELO me\nS: 250 mx.test greets me\nC: AUTH PLAIN\nS: 503 5.5.1 Send EHLO first',
    ],
    [
      'AUTH in a transaction',
      `${addressed}\nC: AUTH PLAIN\nS: 503 5.5.1 AUTH is not allowed during a transaction`,
    ],
  ])('%s', async (_name, script) => {
    await openWire().play(script);
  });
});

describe('what cannot be taken is refused in its own words', () => {
  it.each([
    ['EHLO', '501 5.5.4 Syntax: EHLO hostname'],
    ['HELO', '501 5.5.4 Syntax: HELO hostname'],
    ['NONSENSE', '500 5.5.2 Command not recognised'],
    ['EXPN list', '502 5.5.1 EXPN is not offered'],
    ['VRFY me', '252 2.1.5 Cannot verify the address; a message to it will be accepted'],
    ['STARTTLS', '502 5.5.1 STARTTLS is not offered at this door'],
    ['NOOP anything', '250 2.0.0 OK'],
    ['MAIL FROM a@x', '501 5.5.4 Syntax: MAIL FROM:<address>'],
    ['MAIL FROM:<a@x', '501 5.5.4 The address has no closing bracket'],
    ['MAIL FROM:<a b@x>', '553 5.1.7 The sender address is malformed'],
    ['MAIL FROM:<a@[999.0.0.1]>', '553 5.1.7 The sender address is malformed'],
    ['MAIL FROM:<ü@x>', '553 5.6.7 The address is not ASCII; send MAIL FROM with SMTPUTF8'],
    ['MAIL FROM:<a@x> SIZE=1001', '552 5.3.4 Message exceeds the limit of 1000 bytes'],
    ['MAIL FROM:<a@x> SIZE=999999999999999999999', '501 5.5.4 Bad value for SIZE'],
    ['MAIL FROM:<a@x> SIZE', '501 5.5.4 Bad value for SIZE'],
    ['MAIL FROM:<a@x> BODY=BINARYMIME', '501 5.5.4 Bad value for BODY'],
    ['MAIL FROM:<a@x> SMTPUTF8=yes', '501 5.5.4 Bad value for SMTPUTF8'],
    ['MAIL FROM:<a@x> RET=ALL', '501 5.5.4 Bad value for RET'],
    ['MAIL FROM:<a@x> ENVID=a+b', '501 5.5.4 Bad value for ENVID'],
    [`MAIL FROM:<a@x> ENVID=${'a'.repeat(101)}`, '501 5.5.4 Bad value for ENVID'],
    ['MAIL FROM:<a@x> MT-PRIORITY=3', '555 5.5.4 Parameter not recognised: MT-PRIORITY'],
    [
      'MAIL FROM:<a@x> SIZE=1 SIZE=1',
      '501 5.5.4 The parameters are malformed; KEYWORD or KEYWORD=value is expected',
    ],
  ])('%s', async (command, answer) => {
    await openWire().play(`${greeted}\nC: ${command}\nS: ${answer}`);
  });

  it.each([
    ['RCPT TO b@x', '501 5.5.4 Syntax: RCPT TO:<address>'],
    ['RCPT TO:<>', '553 5.1.3 The recipient address is malformed'],
    ['RCPT TO:<b@>', '553 5.1.3 The recipient address is malformed'],
    ['RCPT TO:<ü@x>', '553 5.6.7 The address is not ASCII; send MAIL FROM with SMTPUTF8'],
    ['RCPT TO:<b@[IPv6:::zz]>', '553 5.1.3 The recipient address is malformed'],
    ['RCPT TO:<b@[IPv6:::1]>', '250 2.1.5 OK'],
    ['RCPT TO:<b@[127.0.0.1]>', '250 2.1.5 OK'],
    ['RCPT TO:<b@x> NOTIFY=NEVER', '250 2.1.5 OK'],
    ['RCPT TO:<b@x> NOTIFY=NEVER,DELAY', '501 5.5.4 Bad value for NOTIFY'],
    ['RCPT TO:<b@x> ORCPT=nothing', '501 5.5.4 Bad value for ORCPT'],
    ['RCPT TO:<b@x> SIZE=3', '555 5.5.4 Parameter not recognised: SIZE'],
    ['DATA now', '501 5.5.4 DATA takes no parameter'],
  ])('%s', async (command, answer) => {
    await openWire().play(`${addressed}\nC: ${command}\nS: ${answer}`);
  });

  it('parameters after HELO', async () => {
    await openWire().play(`
      S: 220 …
      C: HELO me
      S: 250 mx.test greets me
      C: MAIL FROM:<a@x> SIZE=1
      S: 501 5.5.4 Parameters need EHLO
      C: MAIL FROM:<a@x>
      S: 250 2.1.0 OK`);
  });

  it('the 101st recipient, and the hundred before it stay', async () => {
    const wire = openWire();
    await wire.play(`${greeted}\nC: MAIL FROM:<a@x>\nS: 250 2.1.0 OK`);
    for (let n = 1; n <= 100; n++) await wire.play(`C: RCPT TO:<r${n}@x>\nS: 250 2.1.5 OK`);
    await wire.play(`
      C: RCPT TO:<r101@x>
      S: 452 4.5.3 Too many recipients; at most 100 in one transaction, send the rest in another
      C: DATA
      S: 354 …
      C: .
      S: 250 …`);
    expect(wire.stored[0]?.envelope.to).toHaveLength(100);
  });

  it('a message that grows over the limit, at its end, and the session goes on', async () => {
    const wire = openWire({ messageBytesMax: 100 });
    await wire.play('S: 220 …');
    await wire.send('EHLO me\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n');
    expect(await wire.send('x'.repeat(101))).toBe('');
    expect(await wire.send('y'.repeat(2_000_000))).toBe('');
    await wire.play(`
      C:
      -
      C: .
      S: 552 5.3.4 Message exceeds the limit of 100 bytes
      C: DATA
      S: 503 5.5.1 Send MAIL first
      C: NOOP
      S: 250 2.0.0 OK`);
    expect(wire.stored).toEqual([]);
    expect(wire.spooled.size).toBe(0);
  });

  it('a message of exactly the limit is none of these', async () => {
    const wire = openWire({ messageBytesMax: 100 });
    await wire.send('EHLO me\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n');
    expect(await wire.send(`${'x'.repeat(98)}\r\n.\r\n`)).toMatch(/^250 /);
  });

  it('any size passes without a limit', async () => {
    const wire = openWire({ messageBytesMax: 0 });
    expect(await wire.send('EHLO me\r\n')).not.toContain('SIZE');
    expect(await wire.send('MAIL FROM:<a@x> SIZE=99999999999\r\n')).toMatch(/^250 /);
  });

  it('too many refusals close the connection', async () => {
    const wire = openWire({ refusalsMax: 3 });
    await wire.play(`
      S: 220 …
      C: ONE
      S: 500 …
      C: TWO
      S: 500 …
      C: THREE
      S: 500 …
      S: 421 4.7.0 Too many errors; closing the connection
      C: NOOP
      -`);
    expect(wire.ended).toBe(true);
  });
});

describe('a line over the limit', () => {
  const long = 'X'.repeat(commandBytesMax + 1);

  it('is refused once, however it comes, and the next command is heard', async () => {
    for (const pieces of [
      [`${long}\r\nNOOP\r\n`],
      [long, '\r\nNOOP\r\n'],
      [long, long, `${long}\r\n`, 'NOOP\r\n'],
    ]) {
      const wire = openWire();
      await wire.send('');
      let out = '';
      for (const piece of pieces) out += await wire.send(piece);
      expect(out).toBe('500 5.5.2 Line too long\r\n250 2.0.0 OK\r\n');
    }
  });

  it('may be as long as an AUTH response', async () => {
    const wire = openWire();
    await wire.send('EHLO me\r\n');
    expect(await wire.send(`NOOP ${'x'.repeat(12_280)}\r\n`)).toMatch(/^250 /);
  });

  it('never grows the memory of a session', async () => {
    const wire = openWire();
    await wire.send('');
    const piece = Buffer.alloc(60_000, 'x');
    for (let n = 0; n < 100; n++) await wire.send(piece);
    expect(await wire.send('\r\nNOOP\r\n')).toBe('250 2.0.0 OK\r\n');
  });
});

describe('a storage that fails', () => {
  it.each([
    ['full', new AppError('disk_full', 'no space'), /\n452 4\.3\.1 /],
    ['broken', new Error('boom'), /\n451 4\.3\.0 /],
  ])('is an honest refusal when %s, and the next message is taken', async (_name, error, expected) => {
    let failing = true;
    const wire = openWire(
      {},
      { message: () => (failing ? Promise.reject(error) : Promise.resolve(replies.ok)) },
    );
    await wire.play(addressed);
    expect(await wire.send('DATA\r\nx\r\n.\r\n')).toMatch(expected);
    failing = false;
    expect(await wire.send('MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\nx\r\n.\r\n')).toMatch(
      /250 2\.0\.0 OK\r\n$/,
    );
  });

  it('takes the chunks back that are on disk already', async () => {
    let spooled = 0;
    const kept = new Set<number>();
    const wire = openWire(
      { messageBytesMax: 0 },
      {
        async spool() {
          if (++spooled > 2) throw new AppError('disk_full', 'no space');
          kept.add(spooled);
          return spooled;
        },
        unspool(chunks) {
          for (const chunk of chunks) kept.delete(chunk);
        },
      },
    );
    await wire.play('S: 220 …');
    await wire.send('EHLO me\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n');
    await wire.send(Buffer.alloc(3_000_000, 'x'));
    expect(await wire.send('\r\n.\r\n')).toMatch(/^452 4\.3\.1 /);
    await wire.send('');
    expect([...kept]).toEqual([]);
  });
});

describe('STARTTLS', () => {
  it('is offered where the door has it, and drops what was sent ahead of the handshake', async () => {
    const wire = openWire({ startTls: 'optional' });
    expect(await wire.send('EHLO me\r\n')).toContain('250-STARTTLS\r\n');
    expect(await wire.send('STARTTLS\r\nMAIL FROM:<evil@x>\r\nRCPT TO:<b@x>\r\n')).toBe(
      '220 2.0.0 Ready to start TLS\r\n',
    );
    expect(wire.tlsStarted).toBe(true);
    wire.session.secured();
    await wire.play(`
      C: MAIL FROM:<a@x>
      S: 503 5.5.1 Send EHLO or HELO first`);
    const greeting = await wire.send('EHLO me\r\n');
    expect(greeting).not.toContain('STARTTLS');
    await wire.play(`
      C: STARTTLS
      S: 503 5.5.1 TLS is already in use
      C: DATA
      S: 503 5.5.1 Send MAIL first`);
  });

  it('forgets who the client said it was', async () => {
    const wire = openWire({ startTls: 'optional' });
    await wire.send('EHLO me\r\nAUTH PLAIN AHUAcA==\r\n');
    expect(wire.session.user).toBe('u');
    await wire.send('STARTTLS\r\n');
    wire.session.secured();
    expect(wire.session.user).toBeNull();
    expect(await wire.send('EHLO me\r\nAUTH PLAIN AHYAcA==\r\n')).toContain('235 ');
    expect(wire.session.user).toBe('v');
  });

  it('may be required before anything else', async () => {
    const wire = openWire({ startTls: 'required' });
    expect(await wire.send('EHLO me\r\n')).not.toContain('AUTH');
    await wire.play(`
      C: MAIL FROM:<a@x>
      S: 530 5.7.0 Issue STARTTLS first
      C: AUTH PLAIN AHUAcA==
      S: 530 5.7.0 Issue STARTTLS first
      C: STARTTLS now
      S: 501 5.5.4 STARTTLS takes no parameter`);
  });
});

describe('AUTH', () => {
  it.each([
    ['PLAIN at once', 'C: AUTH PLAIN AHNob3AAczNjcmV0'],
    ['PLAIN when asked', 'C: AUTH PLAIN\nS: 334\nC: AHNob3AAczNjcmV0'],
    ['LOGIN', 'C: auth login\nS: 334 VXNlcm5hbWU6\nC: c2hvcA==\nS: 334 UGFzc3dvcmQ6\nC: czNjcmV0'],
    ['LOGIN with the name at once', 'C: AUTH LOGIN c2hvcA==\nS: 334 UGFzc3dvcmQ6\nC: czNjcmV0'],
  ])('takes %s', async (_name, script) => {
    const wire = openWire();
    await wire.play(
      `${greeted}\n${script.replace('334\n', '334 …\n')}\nS: 235 2.7.0 Authentication successful`,
    );
    expect(wire.credentials.map(({ user }) => user)).toEqual(['shop']);
    expect(wire.credentials[0]?.proves('s3cret')).toBe(true);
    expect(wire.session.user).toBe('shop');
  });

  it.each([
    ['AUTH', '504 5.5.4 …'],
    ['AUTH GSSAPI', '504 5.5.4 …'],
    ['AUTH PLAIN !!!', '501 5.5.2 …'],
    ['AUTH PLAIN c2hvcA==', '501 5.5.4 …'],
  ])('%s is refused', async (command, answer) => {
    await openWire().play(`${greeted}\nC: ${command}\nS: ${answer}`);
  });

  it('may be given up by the client', async () => {
    await openWire().play(
      `${greeted}\nC: AUTH LOGIN\nS: 334 …\nC: *\nS: 501 5.7.0 Authentication canceled\nC: NOOP\nS: 250 2.0.0 OK`,
    );
  });

  it('happens once', async () => {
    await openWire().play(`${greeted}
      C: AUTH PLAIN AHNob3AAczNjcmV0
      S: 235 …
      C: AUTH PLAIN AHNob3AAczNjcmV0
      S: 503 5.5.1 Already authenticated`);
  });

  it('may be required for MAIL', async () => {
    const wire = openWire({ auth: 'required' }, { authenticate: () => replies.authFailed });
    await wire.play(`${greeted}
      C: MAIL FROM:<a@x>
      S: 530 5.7.0 Authentication required
      C: AUTH PLAIN AHNob3AAczNjcmV0
      S: 535 5.7.8 Authentication credentials invalid
      C: MAIL FROM:<a@x>
      S: 530 5.7.0 Authentication required`);
    expect(wire.session.user).toBeNull();
  });
});

describe('the transcript', () => {
  const secret = Buffer.from('s3cret-password').toString('base64');
  const plain = Buffer.from('\0shop\0s3cret-password').toString('base64');

  it('says who said what, and belongs to the message it led to', async () => {
    const wire = openWire();
    await wire.play(`${addressed}\nC: DATA\nS: 354 …\nC: body\nC: .\nS: 250 …`);
    const said = wire.stored[0]?.transcript ?? '';
    expect(said).toContain('S 0 220 mx.test ESMTP Test\nC 0 EHLO me\nS 0 250-mx.test greets me\n');
    expect(said).toContain('C 0 DATA\nS 0 354 ');
    expect(said).toMatch(/N 0 message of 6 bytes\n$/);
    expect(said).not.toContain('body');
    expect(wire.session.transcript.take()).toContain('S 0 250 2.0.0 OK: stored as 1\n');
  });

  it.each([
    ['PLAIN', [`AUTH PLAIN ${plain}`]],
    ['PLAIN asked for', ['AUTH PLAIN', plain]],
    ['LOGIN', ['AUTH LOGIN', 'c2hvcA==', secret]],
    ['LOGIN with the name at once', ['AUTH LOGIN c2hvcA==', secret]],
    [
      'XOAUTH2',
      [`AUTH XOAUTH2 ${Buffer.from('user=u\x01auth=Bearer s3cret-password\x01\x01').toString('base64')}`],
    ],
    ['a mechanism nobody knows', [`AUTH NTLM ${secret}`, secret, secret]],
    ['no mechanism at all', [`AUTH ${secret}`]],
    ['broken base64', [`AUTH PLAIN !${plain}`, plain]],
    ['AUTH before EHLO', ['RSET', 'HELO me', 'AUTH LOGIN', 'c2hvcA==', secret]],
    ['AUTH in a transaction', ['MAIL FROM:<a@x>', 'AUTH LOGIN', 'c2hvcA==', secret]],
    ['AUTH a second time', [`AUTH PLAIN ${plain}`, 'AUTH LOGIN', 'c2hvcA==', secret]],
  ])('never holds a password: %s', async (_name, lines) => {
    const wire = openWire();
    await wire.send('EHLO me\r\n');
    for (const line of lines) await wire.send(`${line}\r\n`);
    const said = wire.session.transcript.take();
    expect(said).toContain('AUTH');
    expect(said).not.toContain(secret.slice(0, 12));
    expect(said).not.toContain(plain.slice(-16));
    expect(said).not.toContain('s3cret');
  });

  it('never holds one either when AUTH was refused for want of TLS', async () => {
    const wire = openWire({ startTls: 'required' });
    for (const line of ['EHLO me', 'AUTH LOGIN', 'c2hvcA==', secret, 'NOOP', 'STRANGE'])
      await wire.send(`${line}\r\n`);
    const said = wire.session.transcript.take();
    expect(said).not.toContain(secret);
    expect(said, 'what follows another command is shown again').toContain('C 0 STRANGE');
  });

  it('is one line an entry, whatever control characters a client sends', async () => {
    const wire = openWire();
    await wire.send('NOOP \x01\x02\rS 0 250 forged\x00\r\n');
    for (const line of wire.session.transcript.take().trimEnd().split('\n'))
      expect(line).toMatch(/^[CSN] 0 \P{Cc}*$/u);
  });

  it('has an end, and says so', async () => {
    const wire = openWire({ refusalsMax: 1_000_000 });
    for (let n = 0; n < 200; n++) await wire.send(`NOOP ${'x'.repeat(1_000)}\r\n`);
    const said = wire.session.transcript.take();
    expect(said.length).toBeLessThan(70_000);
    expect(said).toContain('the transcript is cut here');
  });
});

it('never throws, whatever bytes come', async () => {
  const words = fc.constantFrom(
    'EHLO x',
    'MAIL FROM:<a@x>',
    'RCPT TO:<b@x>',
    'DATA',
    '.',
    'AUTH LOGIN',
    'AUTH PLAIN',
    'RSET',
    'QUIT',
    '*',
    '=',
    '\r',
    '\n',
    '\0',
    'é',
    'STARTTLS',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(words, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 25 }),
      fc.boolean(),
      async (lines, crlf) => {
        const wire = openWire({ startTls: 'optional' });
        for (const line of lines) await wire.send(`${line}${crlf ? '\r\n' : ''}`);
        wire.session.abandon();
      },
    ),
    { numRuns: 300 },
  );
});

it('drops what was half received when the client goes away', async () => {
  const wire = openWire({ messageBytesMax: 0 });
  await wire.send('EHLO me\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n');
  await wire.send(Buffer.alloc(2_000_000, 'x'));
  expect(wire.spooled.size).toBeGreaterThan(0);
  expect(wire.session.abandon()).toBe(true);
  await wire.send('');
  expect(wire.spooled.size).toBe(0);
  expect(wire.stored).toEqual([]);
});
