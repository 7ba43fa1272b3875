/** Real SMTP clients talk to a real core: what they sent is what is kept, byte for byte. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import nodemailer from 'nodemailer';
import type SMTPTransport from 'nodemailer/lib/smtp-transport/index.js';
import { describe, expect, it } from 'vitest';
import type { List, Message, MessageDetail } from '../../core/api/schema.ts';
import { findProgram, type Ran, run } from '../run-program.ts';
import { onTheWire } from '../smtp-client.ts';
import { startCore, storedId, type TestCore, temporaryFolder } from '../start-core.ts';

const from = 'from@example.com';
const to = 'to@example.com';

const head = `From: ${from}\r\nTo: ${to}\r\nSubject: As it is\r\n`;
/** What every client must get through unchanged. All end with CRLF, which a client would add. */
const contents: Readonly<Record<string, Buffer>> = {
  'a plain message with CRLF': Buffer.from(`${head}\r\nOne line\r\n\r\nand another\r\n`),
  'an 8-bit body that is no UTF-8': Buffer.from(
    `${head}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\xfc\xdfe \x80\xff\r\n`,
    'latin1',
  ),
  'lines that begin with dots': Buffer.from(
    `${head}\r\n.\r\n..\r\n.one\r\n...three\r\nend.\r\n.\r\nlast\r\n`,
  ),
  'folded and odd headers': Buffer.from(
    `${head}X-Folded: one\r\n\ttwo\r\n   three  \r\nx-ODD-case:no space\r\nBcc: hidden@example.com\r\n\r\nbody\r\n`,
  ),
};

async function newest(core: TestCore): Promise<Message> {
  const { entries } = await core.json<List<Message>>('/v1/messages?limit=1');
  const [message] = entries;
  if (message === undefined) throw new Error('nothing was stored');
  return message;
}

/** The newest message is these bytes, from and to these. */
async function expectKept(core: TestCore, content: Buffer): Promise<void> {
  const message = await newest(core);
  expect((await core.raw(message.id)).toString('latin1')).toBe(content.toString('latin1'));
  expect(message.envelope).toEqual({ from, to: [to] });
}

function expectDone(ran: Ran): void {
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
}

/** A describe that says which program is missing when it is. */
function withProgram(name: string, title: string, tests: () => void): void {
  if (findProgram(name) !== null) describe(title, tests);
  else describe.skip(`${title} (skipped: ${name} is not installed)`, tests);
}

const pythonSend = `
import smtplib, sys
host, port, sender, recipients = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4].split(',')
options = sys.argv[5:]
with smtplib.SMTP(host, port) as client:
    client.sendmail(sender, recipients, sys.stdin.buffer.read(), mail_options=options)
`;

const python = (script: string, args: readonly (string | number)[], input: string | Uint8Array = '') =>
  run('python3', ['-c', script, ...args.map(String)], { input });

describe('first contact', () => {
  it('nodemailer sends with nothing but host and port', async () => {
    const core = await startCore();
    const transport = nodemailer.createTransport({ host: 'localhost', port: core.port('smtp') });
    const sent = await transport.sendMail({ from, to, subject: 'Hello', text: 'Hello' });
    expect((await newest(core)).id).toBe(storedId(sent.response));
  });

  it.skipIf(findProgram('python3') === null)(
    'Python sends with nothing but host and port (skipped without python3)',
    async () => {
      const core = await startCore();
      const script = `
import smtplib, sys
from email.message import EmailMessage
message = EmailMessage()
message['From'], message['To'], message['Subject'] = '${from}', '${to}', 'Grüße aus Köln'
message.set_content('Schöne Grüße\\n')
message.add_alternative('<p>Schöne <b>Grüße</b></p>', subtype='html')
message.add_attachment(b'\\x00\\xff', maintype='application', subtype='octet-stream', filename='zwei.bin')
with smtplib.SMTP('localhost', int(sys.argv[1])) as client:
    client.send_message(message)
`;
      expectDone(await python(script, [core.port('smtp')]));
      await core.app.caughtUp();
      const { id } = await newest(core);
      const detail = await core.json<MessageDetail>(`/v1/messages/${id}`);
      expect(detail).toMatchObject({ subject: 'Grüße aus Köln', hasHtml: true });
      expect(detail.text?.trim()).toBe('Schöne Grüße');
      expect(detail.attachments).toMatchObject([{ filename: 'zwei.bin', bytes: 2 }]);
    },
  );
});

describe('nodemailer', () => {
  it.each(Object.entries(contents))('%s is kept as it was sent', async (_title, content) => {
    const core = await startCore();
    const transport = nodemailer.createTransport({ host: '127.0.0.1', port: core.port('smtp') });
    await transport.sendMail({ envelope: { from, to }, raw: content });
    await expectKept(core, content);
  });

  it('many messages on one pooled connection each keep their own bytes', async () => {
    const core = await startCore();
    const transport = nodemailer.createTransport({
      host: '127.0.0.1',
      port: core.port('smtp'),
      pool: true,
      maxConnections: 2,
    });
    const sent = await Promise.all(
      Array.from({ length: 40 }, async (_, at) => {
        const raw = `${head}X-Number: ${at}\r\n\r\n${'x'.repeat(at * 50)}\r\n`;
        const info = await transport.sendMail({ envelope: { from, to }, raw });
        return { id: storedId(info.response), raw };
      }),
    );
    transport.close();
    for (const { id, raw } of sent) expect((await core.raw(id)).toString()).toBe(raw);
  });

  it('an address in UTF-8 goes by SMTPUTF8 and is kept in the envelope', async () => {
    const core = await startCore();
    const transport = nodemailer.createTransport({ host: '127.0.0.1', port: core.port('smtp') });
    await transport.sendMail({
      envelope: { from: 'jörg@example.com', to: ['δοκιμή@example.com'] },
      raw: `From: jörg@example.com\r\n\r\nx\r\n`,
    });
    const { id } = await newest(core);
    const detail = await core.json<MessageDetail>(`/v1/messages/${id}`);
    expect(detail.envelope).toEqual({ from: 'jörg@example.com', to: ['δοκιμή@example.com'] });
    expect(detail.envelopeParameters).toMatchObject({ mail: { SMTPUTF8: true } });
    expect((await core.raw(id)).toString()).toBe(`From: jörg@example.com\r\n\r\nx\r\n`);
  });

  it('checks the certificate of STARTTLS and of implicit TLS against our CA', async () => {
    const core = await startCore();
    const ca = await core.ca();
    const secure: readonly SMTPTransport.Options[] = [
      { host: 'localhost', port: core.port('submission'), requireTLS: true, tls: { ca } },
      { host: 'localhost', port: core.port('smtps'), secure: true, tls: { ca } },
    ];
    for (const options of secure) {
      const sent = await nodemailer.createTransport(options).sendMail({ from, to, text: 'x' });
      const message = await newest(core);
      expect(message).toMatchObject({
        id: storedId(sent.response),
        door: options.secure === true ? 'smtps' : 'submission',
      });
      const { tls: _ca, ...unknowing } = options;
      await expect(nodemailer.createTransport(unknowing).sendMail({ from, to, text: 'x' })).rejects.toThrow(
        /certificate/,
      );
    }
  });
});

withProgram('python3', 'Python smtplib', () => {
  it.each(Object.entries(contents))('%s is kept as it was sent', async (_title, content) => {
    const core = await startCore();
    expectDone(await python(pythonSend, ['127.0.0.1', core.port('smtp'), from, to], content));
    await expectKept(core, content);
  });

  it('bare line feeds stay bare, and the final CRLF that the client adds is kept', async () => {
    const core = await startCore();
    const content = Buffer.from('Subject: bare\n\nline\nline\r\nlast\rwithout end');
    expectDone(await python(pythonSend, ['127.0.0.1', core.port('smtp'), from, to], content));
    await expectKept(core, Buffer.concat([content, Buffer.from('\r\n')]));
  });

  it('recipients that no header names are in the envelope, and Bcc stays in the header', async () => {
    const core = await startCore();
    const content = Buffer.from('To: seen@example.com\r\nBcc: named@example.com\r\n\r\nx\r\n');
    const recipients = ['seen@example.com', 'named@example.com', 'nowhere@example.org'];
    expectDone(await python(pythonSend, ['127.0.0.1', core.port('smtp'), from, recipients.join()], content));
    const message = await newest(core);
    expect(message.envelope.to).toEqual(recipients);
    expect((await core.raw(message.id)).toString()).toBe(content.toString());
  });

  it('addresses in UTF-8 come by SMTPUTF8, and are refused without it', async () => {
    const core = await startCore();
    const script = `
import smtplib, sys
with smtplib.SMTP('127.0.0.1', int(sys.argv[1])) as client:
    client.ehlo()
    assert client.has_extn('smtputf8')
    client.sendmail('jörg@example.com', ['δοκιμή@παράδειγμα.example'], 'Subject: ü\\r\\n\\r\\nx\\r\\n'.encode(), ['SMTPUTF8', 'BODY=8BITMIME'])
    client.command_encoding = 'utf-8'
    print(*client.docmd('MAIL FROM:<jörg@example.com>'))
`;
    const ran = await python(script, [core.port('smtp')]);
    expectDone(ran);
    expect(ran.stdout).toContain("553 b'5.6.7 ");
    const message = await newest(core);
    expect(message.envelope).toEqual({ from: 'jörg@example.com', to: ['δοκιμή@παράδειγμα.example'] });
    expect((await core.raw(message.id)).toString()).toBe('Subject: ü\r\n\r\nx\r\n');
  });

  it('checks the certificate of STARTTLS and of implicit TLS against our CA', async () => {
    const core = await startCore();
    const script = `
import smtplib, ssl, sys
submission, smtps, ca = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
trusting = ssl.create_default_context(cafile=ca)
with smtplib.SMTP('localhost', submission) as client:
    client.starttls(context=trusting)
    client.sendmail('${from}', ['${to}'], b'Subject: starttls\\r\\n\\r\\n')
with smtplib.SMTP_SSL('localhost', smtps, context=trusting) as client:
    client.sendmail('${from}', ['${to}'], b'Subject: smtps\\r\\n\\r\\n')
try:
    smtplib.SMTP_SSL('localhost', smtps, context=ssl.create_default_context())
    print('no check')
except ssl.SSLCertVerificationError as error:
    print('not trusted')
`;
    const ran = await python(script, [core.port('submission'), core.port('smtps'), core.app.caFile]);
    expectDone(ran);
    expect(ran.stdout.trim()).toBe('not trusted');
    const { entries } = await core.json<List<Message>>('/v1/messages');
    expect(entries.map((one) => one.door)).toEqual(['smtps', 'submission']);
  });

  it('what the user name is sorts the message into a project', async () => {
    const core = await startCore();
    const script = `
import smtplib, sys
with smtplib.SMTP('127.0.0.1', int(sys.argv[1])) as client:
    client.login('shop', 'any password')
    client.sendmail('${from}', ['${to}'], b'\\r\\nx\\r\\n')
`;
    expectDone(await python(script, [core.port('smtp')]));
    expect(await newest(core)).toMatchObject({ user: 'shop', project: 'shop' });
  });
});

withProgram('curl', 'curl', () => {
  async function curl(url: string, content: Buffer, ...more: string[]): Promise<Ran> {
    const file = join(await temporaryFolder(), 'message.eml');
    await writeFile(file, content);
    return run('curl', ['-sS', '--url', url, '--mail-from', from, '--mail-rcpt', to, '-T', file, ...more]);
  }

  it.each([
    ...Object.entries(contents),
    ['bare line feeds', Buffer.from('Subject: bare\n\nline\nline\r\n.dotted\r\nend\r\n')],
  ] as const)('%s is kept as it was sent', async (_title, content) => {
    const core = await startCore();
    expectDone(await curl(`smtp://127.0.0.1:${core.port('smtp')}/client.example`, content));
    await expectKept(core, content);
  });

  it('checks the certificate of STARTTLS and of implicit TLS against our CA', async () => {
    const core = await startCore();
    const content = Buffer.from('Subject: safe\r\n\r\nx\r\n');
    for (const [door, url] of [
      ['submission', `smtp://localhost:${core.port('submission')}`],
      ['smtps', `smtps://localhost:${core.port('smtps')}`],
    ] as const) {
      const trusting = await curl(url, content, '--ssl-reqd', '--cacert', core.app.caFile);
      expectDone(trusting);
      expect((await newest(core)).door).toBe(door);
      await expectKept(core, content);
      const unknowing = await curl(url, content, '--ssl-reqd');
      expect(unknowing.code).toBe(60);
    }
  });

  it('50 MB is accepted at the limit, and one byte more is refused at MAIL FROM by its SIZE', async () => {
    const bytesMax = 50 * 1024 * 1024;
    const core = await startCore(['--message-bytes-max', String(bytesMax)]);
    const content = largeMessage(bytesMax);
    const url = `smtp://127.0.0.1:${core.port('smtp')}`;
    expectDone(await curl(url, content));
    expect((await core.raw((await newest(core)).id)).equals(content)).toBe(true);

    const refused = await curl(url, Buffer.concat([content, Buffer.from('x')]), '-v');
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(/> MAIL FROM:<from@example\.com> SIZE=52428801\s+(?:.*\n)*< 552 5\.3\.4 /);
    expect(await core.json<List<Message>>('/v1/messages')).toMatchObject({ total: 1 });
  });
});

describe('a client that lies about its SIZE', () => {
  it('is refused at the end of the data, keeps its connection, and leaves nothing behind', async () => {
    const bytesMax = 50 * 1024 * 1024;
    const core = await startCore(['--message-bytes-max', String(bytesMax)]);
    const client = await core.smtp();
    await client.say('MAIL FROM:<from@example.com> SIZE=100');
    await client.say('RCPT TO:<to@example.com>');
    await client.say('DATA');
    client.write(onTheWire(largeMessage(bytesMax + 2)));
    expect(await client.reply()).toBe(`552 5.3.4 Message exceeds the limit of ${bytesMax} bytes`);
    storedId(await client.deliver(from, [to], 'small\r\n'));
    await client.quit();
    expect(await core.json<List<Message>>('/v1/messages')).toMatchObject({ total: 1 });
  });
});

/** Lines with a number each, so that a piece lost, doubled or moved shows. */
function largeMessage(bytes: number): Buffer {
  const content = Buffer.alloc(bytes, 'x');
  content.write(head, 0, 'latin1');
  for (let at = 200; at + 80 < bytes; at += 80) content.write(`\r\n.${at} `, at, 'latin1');
  content.write('\r\n', bytes - 2, 'latin1');
  content.write('\r\n\r\n', head.length - 2, 'latin1');
  return content;
}

withProgram('swaks', 'swaks', () => {
  async function swaks(port: number, ...more: string[]): Promise<Ran> {
    const basic = ['--server', '127.0.0.1', '--port', String(port), '--from', from, '--to', to];
    return run('swaks', [...basic, ...more]);
  }

  it.each(Object.entries(contents))('%s is kept as it was sent', async (_title, content) => {
    const core = await startCore();
    const file = join(await temporaryFolder(), 'message.eml');
    // swaks adds the last line end itself.
    await writeFile(file, content.subarray(0, -2));
    const ran = await swaks(core.port('smtp'), '--data', `@${file}`);
    expectDone(ran);
    await expectKept(core, content);
  });

  it.each(['PLAIN', 'LOGIN', 'CRAM-MD5'])(
    'AUTH %s takes anyone, and the name is the project',
    async (mechanism) => {
      const core = await startCore();
      expectDone(
        await swaks(core.port('smtp'), '--auth', mechanism, '--auth-user', 'shop', '--auth-password', 'any'),
      );
      expect(await newest(core)).toMatchObject({ user: 'shop', project: 'shop' });
    },
  );

  it.each(['PLAIN', 'LOGIN', 'CRAM-MD5'])(
    'AUTH %s is checked against fixed credentials',
    async (mechanism) => {
      const core = await startCore(['--smtp-credentials', 'shop:right', '--smtp-auth', 'required']);
      const login = ['--auth', mechanism, '--auth-user', 'shop', '--auth-password'];
      const wrong = await swaks(core.port('smtp'), ...login, 'wrong');
      expect(wrong.code).toBe(28);
      expect(wrong.stdout).toContain('535 5.7.8 ');
      expectDone(await swaks(core.port('smtp'), ...login, 'right'));
      expect(await core.json<List<Message>>('/v1/messages')).toMatchObject({
        total: 1,
        entries: [{ user: 'shop' }],
      });
    },
  );

  it('is refused without AUTH where it is required', async () => {
    const core = await startCore(['--smtp-auth', 'required']);
    const ran = await swaks(core.port('smtp'));
    expect(ran.code).toBe(23);
    expect(ran.stdout).toContain('530 5.7.0 Authentication required');
  });
});

withProgram('msmtp', 'msmtp', () => {
  const basic = ['--file=/dev/null', '--host=127.0.0.1', '--tls=off', `--from=${from}`];

  it.each(Object.entries(contents))('%s is kept as it was sent', async (_title, content) => {
    const core = await startCore();
    // msmtp takes Bcc out and reads lines as text, with LF; both are its own doing before anything is sent.
    const options = [
      '--remove-bcc-headers=off',
      '--undisclosed-recipients=off',
      '--set-date-header=off',
      '--set-msgid-header=off',
    ];
    const input = Buffer.from(content.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
    expectDone(await run('msmtp', [...basic, `--port=${core.port('smtp')}`, ...options, to], { input }));
    await expectKept(core, content);
  });

  it('goes by STARTTLS and implicit TLS, trusting our CA', async () => {
    const core = await startCore();
    for (const door of ['submission', 'smtps']) {
      const tls = [
        '--tls=on',
        `--tls-starttls=${door === 'smtps' ? 'off' : 'on'}`,
        `--tls-trust-file=${core.app.caFile}`,
      ];
      const ran = await run(
        'msmtp',
        ['--file=/dev/null', '--host=localhost', `--port=${core.port(door)}`, `--from=${from}`, ...tls, to],
        { input: 'Subject: safe\n\nx\n' },
      );
      expectDone(ran);
      expect((await newest(core)).door).toBe(door);
    }
  });
});
