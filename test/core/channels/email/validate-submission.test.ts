import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prohibitedExtension } from '../../../../core/channels/email/prohibited-attachments.ts';
import { renderTemplate } from '../../../../core/channels/email/template.ts';
import {
  faultOfAddress,
  type SubmissionInput,
  validateSubmission,
} from '../../../../core/channels/email/validate-submission.ts';

const nowMs = Date.UTC(2026, 0, 31, 10);
const valid: SubmissionInput = {
  from: 'shop@shop.example',
  to: ['jane@far.example'],
  subject: 'Hello',
  text: 'Hello',
};

function check(input: Partial<SubmissionInput>) {
  return validateSubmission({ ...valid, ...input }, { messageBytesMax: 1_000_000, recipientsMax: 3, nowMs });
}
function faults(input: Partial<SubmissionInput>): readonly string[] {
  const validation = check(input);
  return validation.ok ? [] : validation.errors.map(({ field, code }) => `${field}: ${code}`);
}
function accepted(input: Partial<SubmissionInput>) {
  const validation = check(input);
  if (!validation.ok) throw new Error(JSON.stringify(validation.errors));
  return validation.submission;
}

describe('what is refused names its field', () => {
  it.each<[Partial<SubmissionInput>, string]>([
    [{ from: 'nobody' }, 'from: malformed_address'],
    [{ from: 'a@b.example, c@d.example' }, 'from: malformed_address'],
    [{ from: { name: 'Shop\r\nBcc: x@y.example', address: 'a@b.example' } }, 'from: line_break'],
    [{ to: ['jane@far.example', 'a..b@far.example'] }, 'to[1]: malformed_address'],
    [{ to: ['jane@far example'] }, 'to[0]: malformed_address'],
    [{ to: ['jane@-far.example'] }, 'to[0]: malformed_address'],
    [{ cc: [`${'x'.repeat(65)}@far.example`] }, 'cc[0]: address_too_long'],
    [{ bcc: [`x@${'a.'.repeat(123)}example`] }, 'bcc[0]: address_too_long'],
    [{ bcc: ['<a@b.example> <c@d.example>'] }, 'bcc[0]: malformed_address'],
    [{ bcc: ['Doe, Jane <a@b.example>'] }, 'bcc[0]: malformed_address'],
    [{ to: [] }, 'to: no_recipients'],
    [{ to: ['a@x.example', 'b@x.example', 'c@x.example', 'd@x.example'] }, 'to: too_many_recipients'],
    [{ subject: 'one\r\nBcc: x@y.example' }, 'subject: line_break'],
    [{ subject: 'x'.repeat(2_001) }, 'subject: too_long'],
    [{ text: undefined }, 'text: no_content'],
    [{ text: 'x'.repeat(1_000_001) }, 'text: too_large'],
    [{ text: 'Dear {{name}}', variables: {} }, 'text: missing_variable'],
    [{ html: '{{user.name}}', variables: { user: {} } }, 'html: missing_variable'],
    [{ subject: '{{constructor}}', variables: {} }, 'subject: missing_variable'],
    [{ subject: '{{name}}', variables: { name: 'x\r\nBcc: y' } }, 'subject: line_break'],
    [
      { attachments: [{ filename: 'run.EXE ', content: '' }] },
      'attachments[0].filename: prohibited_attachment',
    ],
    [{ attachments: [{ filename: '../x.txt', content: '' }] }, 'attachments[0].filename: bad_filename'],
    [{ attachments: [{ filename: 'x.txt', content: 'no base64!' }] }, 'attachments[0].content: bad_base64'],
    [
      { attachments: [{ filename: 'x.txt', content: '', contentType: 'text' }] },
      'attachments[0].contentType: bad_content_type',
    ],
    [
      { attachments: [{ filename: 'x.txt', content: '', contentId: '<x>' }] },
      'attachments[0].contentId: bad_content_id',
    ],
    [{ headers: { 'X Y': 'x' } }, 'headers.X Y: bad_header_name'],
    [{ headers: { 'X:Y': 'x' } }, 'headers.X:Y: bad_header_name'],
    [{ headers: { Bcc: 'x@y.example' } }, 'headers.Bcc: reserved_header'],
    [{ headers: { 'DKIM-Signature': 'x' } }, 'headers.DKIM-Signature: reserved_header'],
    [{ headers: { 'X-A': 'x', 'x-a': 'y' } }, 'headers.x-a: duplicate_header'],
    [{ headers: { 'X-A': 'x\r\nBcc: y@z.example' } }, 'headers.X-A: line_break'],
    [{ headers: { 'Message-ID': 'x' } }, 'headers.Message-ID: bad_message_id'],
    [{ tags: ['x'.repeat(65)] }, 'tags[0]: bad_tag'],
    [{ metadata: { a: 'x'.repeat(1_001) } }, 'metadata.a: too_long'],
    [{ sendAt: 'tomorrow' }, 'sendAt: bad_time'],
    [{ sendAt: '2026-01-31' }, 'sendAt: bad_time'],
    [{ sendAt: '2026-01-31T08:00:00Z' }, 'sendAt: in_the_past'],
    [{ sendAt: '2027-01-31T08:00:00Z' }, 'sendAt: too_far'],
    [{ listUnsubscribe: {} }, 'listUnsubscribe: empty'],
    [
      { listUnsubscribe: { mailto: 'u@shop.example', oneClick: true } },
      'listUnsubscribe.oneClick: needs_url',
    ],
    [{ listUnsubscribe: { url: 'ftp://x.example' } }, 'listUnsubscribe.url: bad_url'],
    [{ listUnsubscribe: { url: 'http://x.example/u', oneClick: true } }, 'listUnsubscribe.url: needs_https'],
    [{ listUnsubscribe: { mailto: 'nobody' } }, 'listUnsubscribe.mailto: bad_mailto'],
    [{ feedbackId: 'a b' }, 'feedbackId: bad_feedback_id'],
  ])('%j', (input, fault) => {
    expect(faults(input)).toEqual([fault]);
  });

  it('all of it at once', () => {
    expect(faults({ from: 'x', to: ['y'], text: undefined, sendAt: 'z' })).toEqual([
      'from: malformed_address',
      'to[0]: malformed_address',
      'text: no_content',
      'sendAt: bad_time',
    ]);
  });

  it('a missing variable by its name', () => {
    const validation = check({ text: 'Dear {{ name }}, {{ name }} and {{other}}' });
    expect(validation.ok ? [] : validation.errors.map(({ detail }) => detail)).toEqual([
      'text uses {{name}}, and variables has no text for name.',
      'text uses {{other}}, and variables has no text for other.',
    ]);
  });
});

describe('what is accepted', () => {
  it('has every recipient once, blind ones too', () => {
    const { to, envelopeTo } = accepted({
      to: ['Jane <jane@Far.example>'],
      cc: 'jane@far.example',
      bcc: ['Max@far.example'],
    });
    expect(to).toEqual([{ name: 'Jane', address: 'jane@Far.example' }]);
    expect(envelopeTo).toEqual(['jane@Far.example', 'Max@far.example']);
  });

  it('has its variables filled in, escaped in html', () => {
    const variables = { name: '<Jane & Max>', order: { total: 12.5 }, 'odd.key': 'x' };
    const done = accepted({
      subject: 'For {{name}}',
      text: '{{name}}: {{ order.total }} {{odd.key}} \\{{name}}',
      html: '<p>{{name}} {{{name}}}</p>',
      variables,
    });
    expect(done.subject).toBe('For <Jane & Max>');
    expect(done.text).toBe('<Jane & Max>: 12.5 x {{name}}');
    expect(done.html).toBe('<p>&lt;Jane &amp; Max&gt; <Jane & Max></p>');
  });

  it('may be sent later, and be unsubscribed from in one click on this machine', () => {
    const done = accepted({
      sendAt: '2026-01-31T12:30:00+01:00',
      listUnsubscribe: { url: 'http://localhost:3000/u/1', oneClick: true },
    });
    expect(done.sendAtMs).toBe(Date.UTC(2026, 0, 31, 11, 30));
    expect(done.listUnsubscribe).toEqual({ url: 'http://localhost:3000/u/1', mailto: null, oneClick: true });
  });

  it.each([
    'a@b.example',
    'a+b@b.example',
    '"a b"@c.example',
    'ä@bücher.example',
    'a@[192.0.2.1]',
    'a@localhost',
  ])('the address %s', (address) => {
    expect(faultOfAddress(address)).toBeNull();
  });
});

describe('any input', () => {
  it('is answered', () => {
    const address = fc.oneof(fc.string({ unit: 'binary' }), fc.emailAddress());
    fc.assert(
      fc.property(
        address,
        fc.array(address),
        fc.string(),
        fc.dictionary(fc.string(), fc.string()),
        (from, to, text, headers) => {
          check({ from, to, text, headers, variables: headers });
        },
      ),
    );
  });

  it('of a template is put in once', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(renderTemplate('{{a}}', { a: value }, 'text').text).toBe(value);
        expect(renderTemplate('{{a}}', { a: value }, 'html').text).not.toMatch(/[<>"']/);
      }),
    );
  });

  it('hides no extension', () => {
    expect(['a.exe', 'a.pdf.JS', 'a.bat.', 'a.lnk '].map(prohibitedExtension)).toEqual([
      'exe',
      'js',
      'bat',
      'lnk',
    ]);
    expect(['a.pdf', 'exe', '.gitignore', 'a'].map(prohibitedExtension)).toEqual([null, null, null, null]);
  });
});
