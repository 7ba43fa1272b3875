import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { type ComposeContext, compose } from '../../../../core/channels/email/compose.ts';
import { egress } from '../../../../core/channels/email/egress.ts';
import type { EmailSubmission } from '../../../../core/channels/email/submission.ts';
import {
  type SubmissionInput,
  validateSubmission,
} from '../../../../core/channels/email/validate-submission.ts';
import { findProgram, run } from '../../../run-program.ts';

const context: ComposeContext = {
  messageId: '<0190@shop.example>',
  dateMs: Date.UTC(2026, 0, 31, 10),
  boundary: 'a1b2c3',
};

function submission(input: Partial<SubmissionInput>): EmailSubmission {
  const validation = validateSubmission(
    { from: 'Shop <shop@shop.example>', to: ['jane@far.example'], subject: 'Hello', ...input },
    { messageBytesMax: 0, recipientsMax: 100, nowMs: context.dateMs },
  );
  if (!validation.ok) throw new Error(JSON.stringify(validation.errors));
  return validation.submission;
}
const text = (input: Partial<SubmissionInput>): string => compose(submission(input), context).toString();

describe('a composed message', () => {
  it('of plain text is as short as can be', () => {
    expect(text({ text: 'One\nTwo\n' })).toBe(
      [
        'From: Shop <shop@shop.example>',
        'To: jane@far.example',
        'Subject: Hello',
        'Message-ID: <0190@shop.example>',
        'Date: Sat, 31 Jan 2026 10:00:00 +0000',
        'Content-Transfer-Encoding: 7bit',
        'MIME-Version: 1.0',
        'Content-Type: text/plain; charset=utf-8',
        '',
        'One',
        'Two',
        '',
      ].join('\r\n'),
    );
  });

  it('of text and html has both to choose from, and pictures beside the html', async () => {
    const message = compose(
      submission({
        subject:
          'Grüße aus Köln – ein Betreff, der so lang ist, dass er umgebrochen werden muss, und noch länger',
        from: { name: 'Jürgen, der "Händler"', address: 'shop@bücher.example' },
        cc: ['"Doe, Jane" <jane@far.example>', { address: 'max@far.example' }],
        bcc: 'hidden@far.example',
        replyTo: 'help@shop.example',
        text: `Grüße\n.\n${'lang '.repeat(60)}\n`,
        html: '<p>Grüße <img src="cid:logo@shop"></p>',
        attachments: [
          {
            filename: 'logo.png',
            content: Buffer.from('PNG').toString('base64'),
            contentType: 'image/png',
            contentId: 'logo@shop',
          },
          {
            filename: 'Rechnung für März – ein sehr langer Name, der umgebrochen werden muss.pdf',
            content: Buffer.from('x'.repeat(200)).toString('base64'),
          },
        ],
        headers: { 'X-Campaign': 'Frühling', References: '<1@shop.example> <2@shop.example>' },
        listUnsubscribe: {
          url: 'https://shop.example/u?a=1,2',
          mailto: 'u@shop.example?subject=stop',
          oneClick: true,
        },
        feedbackId: 'c1:shop:news:17',
      }),
      context,
    );
    for (const line of message.toString().split('\r\n')) expect(line.length).toBeLessThanOrEqual(78);
    expect(message.toString()).not.toMatch(/[^\x20-\x7e\r\n\t]/);
    expect(message.toString()).not.toContain('hidden@far.example');
    const parsed = await simpleParser(message);
    expect(parsed.subject).toBe(
      'Grüße aus Köln – ein Betreff, der so lang ist, dass er umgebrochen werden muss, und noch länger',
    );
    expect(message.toString()).toContain('<shop@xn--bcher-kva.example>');
    expect(parsed.from?.value).toEqual([{ name: 'Jürgen, der "Händler"', address: 'shop@bücher.example' }]);
    expect(parsed.text).toBe(`Grüße\n.\n${'lang '.repeat(60)}\n`);
    expect(parsed.html).toContain('data:image/png;base64,');
    expect(
      parsed.attachments.map(({ filename, contentType, related, cid }) => ({
        filename,
        contentType,
        related,
        cid,
      })),
    ).toEqual([
      { filename: 'logo.png', contentType: 'image/png', related: true, cid: 'logo@shop' },
      {
        filename: 'Rechnung für März – ein sehr langer Name, der umgebrochen werden muss.pdf',
        contentType: 'application/pdf',
        related: undefined,
        cid: undefined,
      },
    ]);
    expect(parsed.attachments[1]?.content.toString()).toBe('x'.repeat(200));
    expect(message.toString()).toContain('X-Campaign: =?UTF-8?Q?Fr=C3=BChling?=\r\n');
    expect(parsed.headers.get('feedback-id')).toBe('c1:shop:news:17');
    expect(message.toString()).toContain(
      'List-Unsubscribe: <mailto:u@shop.example?subject=stop>,\r\n <https://shop.example/u?a=1%2C2>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n',
    );
  });

  it('needs no change on its way out', () => {
    const all: readonly Partial<SubmissionInput>[] = [
      { text: '' },
      { html: '<p>only' },
      { text: 'no end' },
      { text: 'a\rb\nc\r\n', html: 'ü'.repeat(3_000) },
      { text: 'x', attachments: [{ filename: 'a.txt', content: '' }] },
      {
        html: 'x',
        attachments: [
          {
            filename: 'a.eml',
            content: Buffer.from('Subject: x\r\n\r\ninner\r\n').toString('base64'),
            contentType: 'message/rfc822',
          },
        ],
      },
    ];
    for (const input of all) {
      const raw = compose(submission(input), context);
      const result = egress(
        raw,
        { eightBitMime: false, smtputf8: false, sizeMax: null },
        { received: null, dateMs: 0, messageId: '', envelopeNeedsUtf8: false },
      );
      expect(result).toMatchObject({ ok: true, changes: [] });
    }
  });

  it('keeps the Message-ID that the app gave', () => {
    expect(text({ text: 'x', headers: { 'message-id': '<own@shop.example>' } })).toContain(
      '\r\nMessage-ID: <own@shop.example>\r\n',
    );
  });

  it.skipIf(findProgram('python3') === null)(
    'has no defect in the eyes of Python (skipped without python3)',
    async () => {
      const raw = compose(
        submission({
          subject: 'Grüße',
          text: 'Grüße',
          html: '<p>Grüße <img src="cid:l"></p>',
          attachments: [
            { filename: 'l.png', content: 'AAAA', contentId: 'l' },
            { filename: 'März.txt', content: 'AAAA' },
          ],
        }),
        context,
      );
      const script = `
import sys, json
from email import message_from_bytes, policy
m = message_from_bytes(sys.stdin.buffer.read(), policy=policy.default)
print(json.dumps({'subject': m['subject'], 'types': [p.get_content_type() for p in m.walk()],
  'files': [p.get_filename() for p in m.walk() if p.get_filename()],
  'text': m.get_body(('plain',)).get_content().strip(),
  'defects': [str(d) for p in m.walk() for d in p.defects]}))
`;
      const ran = await run('python3', ['-c', script], { input: raw });
      expect(ran.stderr).toBe('');
      expect(JSON.parse(ran.stdout)).toEqual({
        subject: 'Grüße',
        types: [
          'multipart/mixed',
          'multipart/alternative',
          'text/plain',
          'multipart/related',
          'text/html',
          'image/png',
          'text/plain',
        ],
        files: ['l.png', 'März.txt'],
        text: 'Grüße',
        defects: [],
      });
    },
  );
});
