import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeContent } from '../../../core/mailboxes/filter/judge-content.ts';
import { readMailContent } from '../../../core/mailboxes/filter/mail-content.ts';
import { messageFacts } from '../../../core/mailboxes/message-facts.ts';
import { type Letter, letter } from './signed-mail.ts';

const html = (content: string): Letter => ({ body: { contentType: 'text/html; charset=utf-8', content } });
const attached = (name: string, content: string | Buffer, type = 'application/octet-stream'): Letter => ({
  body: {
    contentType: 'multipart/mixed; boundary="b"',
    content: [
      '--b',
      'Content-Type: text/plain',
      '',
      'See the file that I attached for you to look at.',
      '--b',
      `Content-Type: ${type}`,
      `Content-Disposition: attachment; filename="${name}"`,
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from(content).toString('base64'),
      '--b--',
    ].join('\r\n'),
  },
});
const words = 'A few words about the garden, the weather and the plans that we have for the summer. '.repeat(
  3,
);
const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', '-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

describe('the content filter', () => {
  it.each<[code: string, letter: Letter, detail: RegExp]>([
    ['subject_capitals', { subject: 'BUY EVERYTHING TODAY' }, /100 %/],
    [
      'body_capitals',
      { text: 'THIS IS ALL VERY LOUD AND NOBODY WANTS TO READ ANY OF IT, REALLY, NOBODY AT ALL.' },
      /% of the text/,
    ],
    ['subject_exclamation', { subject: 'Come now!!! Come!' }, /4 exclamation marks/],
    [
      'deceptive_link',
      html(`<p>${words}</p><a href="https://evil.example/x">https://www.mybank.com</a>`),
      /"https:\/\/www\.mybank\.com" leads to evil\.example/,
    ],
    [
      'phishing_phrase',
      { text: 'Dear customer, your account has been suspended. Verify your account.' },
      /"your? ?account has been suspended"|suspended/,
    ],
    ['image_only', html('<img src="https://x.example/a.png">'), /0 words/],
    [
      'image_heavy',
      html(`<p>${words.slice(0, 160)}</p><img src="a.png"><img src="b.png"><img src="c.png">`),
      /3 pictures/,
    ],
    ['display_name', { from: '"service@paypal.com" <x@evil.example>' }, /service@paypal\.com/],
    [
      'display_name',
      { from: 'PayPal Support <x@evil.example>' },
      /evil\.example is not that company's domain/,
    ],
    ['reply_to_elsewhere', { headers: ['Reply-To: me@gmail.com'] }, /me@gmail\.com/],
    ['url_ip_host', { text: 'Go to http://203.0.113.9/login' }, /203\.0\.113\.9/],
    ['url_shortener', { text: 'Go to https://bit.ly/abc' }, /bit\.ly/],
    ['url_punycode', { text: 'Go to https://xn--pypal-4ve.com/' }, /xn--pypal-4ve\.com/],
    ['url_look_alike', html(`<p>${words}</p><a href="https://pаypal.com/">here</a>`), /alphabets/],
    ['url_risky_domain', { text: 'Go to https://invoice.zip/' }, /invoice\.zip/],
    ['url_runs', { text: 'Get https://files.example/setup.exe' }, /setup\.exe/],
    ['url_user', { text: 'Go to https://mybank.com@evil.example/' }, /user name/],
    ['attachment_virus', attached('notes.txt', eicar), /notes\.txt is the EICAR test virus/],
    ['attachment_program', attached('holiday.exe', 'x'), /holiday\.exe is a program/],
    [
      'attachment_program',
      attached('holiday.pdf', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(100)])),
      /is a program/,
    ],
    ['attachment_disguised', attached('invoice.pdf.zip', 'x'), /two endings/],
    ['attachment_macros', attached('sheet.xlsm', 'x'), /macros/],
    ['attachment_macros', attached('sheet.docx', 'PK\u0003\u0004…word/vbaProject.bin…'), /macros/],
    ['attachment_script', attached('page.html', '<script>x()</script>'), /script/],
    [
      'several_purposes',
      { subject: 'Your order #12', text: 'Thank you. Now 20% off everything, shop now!' },
      /"20% off", "shop now"/,
    ],
    ['no_subject', { subject: '' }, /no subject/],
    ['fake_reply', { subject: 'Re: our talk' }, /answers nothing/],
    ['no_text_part', html(`<p>${words}</p>`), /no text beside it/],
  ])('finds %s', (code, given, detail) => {
    const found = judgeContent(readMailContent(letter(given))).filter((one) => one.code === code);
    expect(found.length).toBe(1);
    expect(found[0]?.detail).toMatch(detail);
    expect(found[0]?.points).toBeGreaterThan(0);
    expect(found[0]?.stage).toBe('content');
  });

  it.each<[string, Letter]>([
    ['a plain letter', {}],
    [
      'a receipt',
      { subject: 'Your receipt', text: 'You paid 12 Euro. See https://app.example.com/r/1 for it.' },
    ],
    [
      'a link that says where it leads',
      {
        body: {
          contentType: 'multipart/alternative; boundary=b',
          content: `--b\r\nContent-Type: text/plain\r\n\r\n${words}\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>${words}</p><a href="http://localhost:3000/v?x=1">app.example.com</a> <a href="https://www.example.com/a">example.com/a</a>\r\n--b--`,
        },
      },
    ],
    ['a document', attached('plan.pdf', '%PDF-1.7', 'application/pdf')],
    ['an abbreviation', { subject: 'FAQ' }],
  ])('has nothing against %s', (_, given) => {
    const found = judgeContent(readMailContent(letter(given))).filter((one) => one.code !== 'deceptive_link');
    expect(found).toEqual([]);
  });

  it('takes any bytes, and its points are numbers', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        for (const { points } of judgeContent(readMailContent(bytes)))
          expect(Number.isFinite(points)).toBe(true);
      }),
    );
    const pieces = fc.constantFrom(
      'Content-Type: multipart/mixed; boundary=a\r\n',
      'Content-Type: message/rfc822\r\n',
      'Content-Transfer-Encoding: base64\r\n',
      '\r\n',
      '--a\r\n',
      '--a--',
      '<a href="http://[x">',
      '=?utf-8?q?=FF?=',
      'From: "',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        messageFacts(readMailContent(Buffer.from(parts.join(''))));
      }),
    );
  });

  it('is done with a message of nothing but boundaries and one of nested ones in time', () => {
    const many = Buffer.from(
      `Content-Type: multipart/mixed; boundary=a\r\n\r\n${'--a\r\n\r\n'.repeat(100_000)}`,
    );
    expect(readMailContent(many).attachments).toEqual([]);
    const nested = Array.from(
      { length: 2_000 },
      (_, n) => `--b${n}\r\nContent-Type: multipart/mixed; boundary=b${n + 1}\r\n\r\n`,
    );
    readMailContent(Buffer.from(`Content-Type: multipart/mixed; boundary=b0\r\n\r\n${nested.join('')}`));
  });
});

describe('what a message is taken for', () => {
  it.each<[string, Letter, 'marketing' | 'transactional', string]>([
    ['a letter', {}, 'transactional', 'personal'],
    [
      'one with a way out',
      { headers: ['List-Unsubscribe: <mailto:x@example.com>'] },
      'marketing',
      'promotions',
    ],
    ['bulk', { headers: ['Precedence: bulk'] }, 'marketing', 'promotions'],
    ['one from a news sub-domain', { from: 'a@news.example.com' }, 'marketing', 'promotions'],
    [
      'one that says so',
      { headers: ['X-Sandpost-Stream: transactional', 'List-Id: <a.example>'] },
      'transactional',
      'personal',
    ],
    ['a receipt', { subject: 'Your receipt' }, 'transactional', 'updates'],
  ])('%s', (_, given, stream, kind) => {
    expect(messageFacts(readMailContent(letter(given)))).toMatchObject({ stream, kind });
  });

  it.each<[string[], object]>([
    [
      [
        'List-Unsubscribe: <https://a.example/u?x=1>, <mailto:u@a.example>',
        'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
      ],
      { url: 'https://a.example/u?x=1', mailto: 'mailto:u@a.example', oneClick: true },
    ],
    [['List-Unsubscribe: <https://a.example/\r\n u>'], { url: 'https://a.example/u', oneClick: false }],
    [
      ['List-Unsubscribe: <mailto:u@a.example>', 'List-Unsubscribe-Post: List-Unsubscribe=One-Click'],
      { url: null, oneClick: false },
    ],
    [[], { url: null, mailto: null, oneClick: false }],
  ])('offers the ways out that it has: %s', (headers, ways) => {
    expect(messageFacts(readMailContent(letter({ headers }))).ways).toMatchObject(ways);
  });
});
