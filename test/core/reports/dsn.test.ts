import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildDsn, type DsnDraft, parseDsn } from '../../../core/reports/dsn.ts';
import { findProgram, run } from '../../run-program.ts';
import { exchangeBounce, gmailBounce, postfixBounce } from './samples.ts';

const atMs = Date.UTC(2026, 0, 31, 10);
const original = Buffer.from(
  'From: shop@shop.example\r\nTo: nobody@far.example\r\nMessage-ID: <order@shop.example>\r\n\r\nHello\r\n',
);
const draft: DsnDraft = {
  kind: 'failure',
  reportingMta: 'out.shop.example',
  from: 'mailer-daemon@out.shop.example',
  to: 'bounces@shop.example',
  originalEnvelopeId: 'QQ 314159',
  arrivalAtMs: atMs,
  recipients: [
    {
      finalRecipient: 'nobody@far.example',
      originalRecipient: 'rfc822;nobody+tag@far.example',
      action: 'failed',
      status: '5.1.1',
      remoteMta: 'mx.far.example',
      diagnostic: '550 5.1.1 <nobody@far.example>: Recipient address rejected: User unknown in virtual table',
      lastAttemptAtMs: atMs + 5_000,
      willRetryUntilMs: null,
    },
    {
      finalRecipient: 'grüße@far.example',
      originalRecipient: null,
      action: 'failed',
      status: '5.6.7',
      remoteMta: null,
      diagnostic: null,
      lastAttemptAtMs: null,
      willRetryUntilMs: null,
    },
  ],
  original,
  return: 'full',
  messageId: 'report-1@out.shop.example',
  dateMs: atMs + 6_000,
  explanation: 'Your message could not be delivered.',
};

describe('a DSN that is written', () => {
  it('says in both of its parts what happened', () => {
    const text = Buffer.from(buildDsn(draft)).toString();
    expect(text).toMatch(/^Date: Sat, 31 Jan 2026 10:00:06 \+0000\r\n/);
    for (const line of [
      'Content-Type: multipart/report; report-type=delivery-status;',
      'Auto-Submitted: auto-replied',
      'Reporting-MTA: dns; out.shop.example',
      'Original-Envelope-Id: QQ 314159',
      'Arrival-Date: Sat, 31 Jan 2026 10:00:00 +0000',
      'Original-Recipient: rfc822;nobody+tag@far.example',
      'Final-Recipient: rfc822; nobody@far.example',
      'Final-Recipient: utf-8; gr\\x{FC}\\x{DF}e@far.example',
      'Remote-MTA: dns; mx.far.example',
      'Status: 5.6.7',
    ]) {
      expect(text).toContain(`${line}\r\n`.replace(/;\r\n$/, ';'));
    }
    for (const line of text.split('\r\n')) expect(line.length).toBeLessThanOrEqual(240);
  });

  it('is read again as it was meant', () => {
    expect(parseDsn(buildDsn(draft))).toEqual({
      reportingMta: 'out.shop.example',
      originalEnvelopeId: 'QQ 314159',
      arrivalAtMs: atMs,
      recipients: [
        {
          finalRecipient: 'nobody@far.example',
          originalRecipient: 'nobody+tag@far.example',
          action: 'failed',
          status: '5.1.1',
          remoteMta: 'mx.far.example',
          diagnostic:
            '550 5.1.1 <nobody@far.example>: Recipient address rejected: User unknown in virtual table',
          diagnosticType: 'smtp',
          code: 550,
          lastAttemptAtMs: atMs + 5_000,
          willRetryUntilMs: null,
        },
        {
          finalRecipient: 'grüße@far.example',
          originalRecipient: null,
          action: 'failed',
          status: '5.6.7',
          remoteMta: null,
          diagnostic: null,
          diagnosticType: null,
          code: null,
          lastAttemptAtMs: null,
          willRetryUntilMs: null,
        },
      ],
      explanation: expect.stringContaining('Your message could not be delivered.'),
      original,
      originalIsHeadersOnly: false,
      originalMessageId: '<order@shop.example>',
    });
  });

  it('returns the header alone when that is asked for', () => {
    const parsed = parseDsn(buildDsn({ ...draft, return: 'headers' }));
    expect(parsed?.originalIsHeadersOnly).toBe(true);
    expect(Buffer.from(parsed?.original ?? []).toString()).toBe(
      original.toString().replace(/Hello\r\n$/, ''),
    );
  });

  it('says 8bit when the message returned is that, and message/global for a header in UTF-8', () => {
    const body = Buffer.from(buildDsn({ ...draft, original: Buffer.from('A: b\r\n\r\nGrüße\r\n') }));
    expect(body.toString()).toContain('Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n');
    const head = Buffer.from(buildDsn({ ...draft, original: Buffer.from('Subject: Grüße\r\n\r\n') }));
    expect(head.toString()).toContain('Content-Type: message/global\r\n');
  });

  it('carries any message there and back, and any words into one line', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.string({ maxLength: 3_000, unit: 'binary' }),
        (bytes, words) => {
          const recipients = draft.recipients.map((one) => ({ ...one, diagnostic: words }));
          const made = buildDsn({ ...draft, recipients, original: bytes });
          const parsed = parseDsn(made);
          expect(Buffer.from(parsed?.original ?? [])).toEqual(Buffer.from(bytes));
          expect(parsed?.recipients).toHaveLength(2);
          for (const line of Buffer.from(made.subarray(0, made.length - bytes.length))
            .toString('latin1')
            .split('\r\n'))
            expect(line.length).toBeLessThanOrEqual(998);
          expect(parsed?.recipients[1]?.status).toBe('5.6.7');
        },
      ),
    );
  });
});

describe('DSNs of other servers', () => {
  it('Postfix', () => {
    expect(parseDsn(postfixBounce)).toMatchObject({
      reportingMta: 'mail.example.com',
      originalEnvelopeId: 'QQ314159',
      arrivalAtMs: atMs,
      originalMessageId: '<order-1@shop.example>',
      originalIsHeadersOnly: false,
      recipients: [
        {
          finalRecipient: 'nobody@far.example',
          originalRecipient: 'nobody@far.example',
          action: 'failed',
          status: '5.1.1',
          code: 550,
          remoteMta: 'mx.far.example',
          diagnostic: '550 5.1.1 <nobody@far.example>: Recipient address rejected: User unknown',
        },
      ],
    });
  });

  it('Exchange, with parts in parts and the header alone', () => {
    expect(parseDsn(exchangeBounce)).toMatchObject({
      reportingMta: 'AM0PR01MB1234.eurprd01.prod.exchangelabs.com',
      originalMessageId: '<order-2@shop.example>',
      originalIsHeadersOnly: true,
      explanation: expect.stringContaining('It was too old.'),
      recipients: [{ finalRecipient: 'old@contoso.example', action: 'failed', status: '5.1.10', code: 550 }],
    });
  });

  it('Gmail, a delay', () => {
    expect(parseDsn(gmailBounce)).toMatchObject({
      originalMessageId: '<order-3@shop.example>',
      arrivalAtMs: atMs + 5_000,
      explanation: expect.stringContaining('Address not found'),
      recipients: [
        {
          finalRecipient: 'full@gmail.com',
          action: 'delayed',
          status: '4.2.2',
          code: 452,
          willRetryUntilMs: Date.UTC(2026, 1, 3, 10, 0, 5),
        },
      ],
    });
  });

  it('with bare line feeds, as a file on disk has them', () => {
    const text = postfixBounce.toString().replace(/\r\n/g, '\n');
    expect(parseDsn(Buffer.from(text))).toMatchObject({ originalMessageId: '<order-1@shop.example>' });
  });

  it('whose machine-readable part is in base64', () => {
    const part = Buffer.from(
      'Reporting-MTA: dns; a.example\n\nFinal-Recipient: rfc822; b@c.example\nStatus: 5.2.2',
    );
    const mail = `Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: Message/Delivery-Status\r\nContent-Transfer-Encoding: BASE64\r\n\r\n${part.toString('base64')}\r\n--x--\r\n`;
    expect(parseDsn(Buffer.from(mail))?.recipients).toMatchObject([
      { finalRecipient: 'b@c.example', action: 'failed', status: '5.2.2' },
    ]);
  });
});

describe('what is no DSN', () => {
  it.each([
    ['nothing', ''],
    ['a plain message', 'Subject: hello\r\n\r\nhello\r\n'],
    [
      'a message that quotes one',
      'Subject: x\r\n\r\nContent-Type: message/delivery-status\r\n\r\nStatus: 5.1.1\r\n',
    ],
    [
      'a report without a recipient',
      'Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; a\r\n',
    ],
  ])('%s', (_name, text) => {
    expect(parseDsn(Buffer.from(text))).toBeNull();
  });

  it('a message that returns one is told by its own parts', () => {
    const made = buildDsn({ ...draft, original: postfixBounce });
    expect(parseDsn(made)?.reportingMta).toBe('out.shop.example');
  });

  it('noise never throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => void parseDsn(bytes)));
    const samples = [postfixBounce, exchangeBounce, gmailBounce];
    fc.assert(
      fc.property(
        fc.nat(2),
        fc.nat(),
        fc.nat(),
        fc.uint8Array({ maxLength: 30 }),
        (which, at, length, bytes) => {
          const sample = samples[which] ?? postfixBounce;
          const from = at % sample.length;
          const broken = Buffer.concat([
            sample.subarray(0, from),
            bytes,
            sample.subarray(from + (length % 200)),
          ]);
          parseDsn(broken);
        },
      ),
    );
  });
});

const readByPython = `
import sys, json
from email import message_from_bytes, policy
m = message_from_bytes(sys.stdin.buffer.read(), policy=policy.default)
status = next(p for p in m.walk() if p.get_content_type() == 'message/delivery-status')
groups = [dict(g.items()) for g in status.get_payload()]
original = next(p for p in m.walk() if p.get_content_type() == 'message/rfc822').get_payload()[0]
print(json.dumps({'type': m.get_content_type(), 'report': m.get_param('report-type'), 'groups': groups,
  'id': original['message-id'], 'defects': [str(d) for p in m.walk() for d in p.defects]}))
`;

describe('Python reads the same', () => {
  it.skipIf(findProgram('python3') === null)('(skipped without python3)', async () => {
    const ran = await run('python3', ['-c', readByPython], { input: buildDsn(draft) });
    expect(ran.stderr).toBe('');
    expect(JSON.parse(ran.stdout)).toMatchObject({
      type: 'multipart/report',
      report: 'delivery-status',
      id: '<order@shop.example>',
      defects: [],
      groups: [
        { 'Reporting-MTA': 'dns; out.shop.example', 'Original-Envelope-Id': 'QQ 314159' },
        { 'Final-Recipient': 'rfc822; nobody@far.example', Action: 'failed', Status: '5.1.1' },
        { 'Final-Recipient': 'utf-8; gr\\x{FC}\\x{DF}e@far.example', Status: '5.6.7' },
      ],
    });
  });
});
