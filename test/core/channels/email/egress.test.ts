import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeQuotedPrintable,
  encodeQuotedPrintable,
} from '../../../../core/channels/email/egress/transfer-encoding.ts';
import {
  type Egress,
  type EgressContext,
  egress,
  envelopeAddress,
  type HopAbilities,
} from '../../../../core/channels/email/egress.ts';
import { findProgram, run } from '../../../run-program.ts';
import { malformed } from '../../inspect/mail.ts';

const modern: HopAbilities = { eightBitMime: true, smtputf8: true, sizeMax: 0 };
const old: HopAbilities = { eightBitMime: false, smtputf8: false, sizeMax: null };
const context: EgressContext = {
  received: 'by out.shop.example (Sandpost) with ESMTP id 17;\r\n\tSat, 31 Jan 2026 10:00:00 +0000',
  dateMs: Date.UTC(2026, 0, 31, 10),
  messageId: '<made@shop.example>',
  envelopeNeedsUtf8: false,
};
const bare = { ...context, received: null };
const complete = 'Date: Sat, 31 Jan 2026 10:00:00 +0000\r\nMessage-ID: <own@shop.example>\r\n';

function passed(result: Egress): Extract<Egress, { ok: true }> {
  if (!result.ok) throw new Error(result.text);
  return result;
}
const sent = (raw: string | Uint8Array, hop = modern, how: EgressContext = bare) =>
  passed(egress(typeof raw === 'string' ? Buffer.from(raw, 'latin1') : raw, hop, how));
const wire = ({ head, body }: { head: Buffer; body: Buffer }) =>
  Buffer.concat([head, body]).toString('latin1');
const codes = (result: Extract<Egress, { ok: true }>) => result.changes.map(({ code }) => code);

describe('what goes out', () => {
  it('is what came in, where nothing had to change', () => {
    const raw = `${complete}Subject: hello\r\n folded\r\nX-Odd  : x\r\n\r\nbody\r\n.\r\n`;
    const result = sent(raw);
    expect(wire(result)).toBe(raw);
    expect(result.changes).toEqual([]);
  });

  it('has a body that is a slice of the raw bytes, whatever it holds', () => {
    const clean = fc
      .array(
        fc
          .uint8Array({ maxLength: 300 })
          .map((line) => Buffer.from(line.map((byte) => (byte === 10 || byte === 13 ? 46 : byte)))),
      )
      .map((lines) => Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\r\n')])));
    fc.assert(
      fc.property(clean, (body) => {
        const raw = Buffer.concat([Buffer.from(`${complete}Bcc: x@y.example\r\n\r\n`), body]);
        const result = sent(raw, modern, context);
        expect(result.body.buffer).toBe(raw.buffer);
        expect(result.body.equals(body)).toBe(true);
        expect(codes(result)).toEqual(['field_dropped', 'received_added']);
      }),
    );
  });

  it('tells nobody of the blind recipients, and carries no field of another hop', () => {
    const result = sent(
      `Return-Path: <a@b.example>\r\nBcc: secret@far.example,\r\n\tother@far.example\r\nresent-bcc: x@far.example\r\nContent-Length: 17\r\n${complete}\r\nBcc: in the body\r\n`,
    );
    expect(wire(result)).toBe(`${complete}\r\nBcc: in the body\r\n`);
    expect(result.changes.map(({ detail }) => detail.split(' ')[0])).toEqual([
      'Return-Path',
      'Bcc',
      'resent-bcc',
      'Content-Length',
    ]);
  });

  it('has Received on top, and Date and Message-ID when it had none', () => {
    const result = sent('Subject: hello\r\n\r\nbody\r\n', modern, context);
    expect(wire(result)).toBe(
      'Received: by out.shop.example (Sandpost) with ESMTP id 17;\r\n\tSat, 31 Jan 2026 10:00:00 +0000\r\nSubject: hello\r\nDate: Sat, 31 Jan 2026 10:00:00 +0000\r\nMessage-ID: <made@shop.example>\r\n\r\nbody\r\n',
    );
    expect(codes(result)).toEqual(['received_added', 'date_added', 'message_id_added']);
  });

  it('ends its lines with CRLF, and no other way', () => {
    const result = sent(`${complete.replace(/\r\n/g, '\n')}\none\rtwo\nthree\r\nfour\r`);
    expect(wire(result)).toBe(`${complete}\r\none\r\ntwo\r\nthree\r\nfour\r\n`);
    expect(result.changes).toEqual([
      { code: 'line_ends', detail: '6 bare CR or LF became CRLF (RFC 5321 §2.3.8)' },
    ]);
  });

  it('has an empty line between header and body', () => {
    expect(wire(sent(`${complete}not a field\r\nbody\r\n`))).toBe(`${complete}\r\nnot a field\r\nbody\r\n`);
    expect(wire(sent(complete.slice(0, -2)))).toBe(`${complete}\r\n`);
    expect(wire(sent(`From a@b Sat Jan 31 10:00:00 2026\r\n${complete}\r\nx`))).toBe(`${complete}\r\nx`);
  });
});

describe('lines over 998 bytes', () => {
  const long = 'word '.repeat(400);

  it('of a header are folded', () => {
    const result = sent(`${complete}Subject: ${long}\r\nX-Long: ${'x'.repeat(3_000)}\r\n\r\nbody\r\n`);
    const lines = wire(result).split('\r\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(998);
    expect(wire(result).replace(/\r\n(?= )/g, '')).toContain(`Subject: ${long}`);
    expect(result.changes.map(({ detail }) => detail)).toEqual([
      'Subject had a line of 2009 bytes',
      'X-Long had a line of 3008 bytes; it had no space to fold at, and was cut',
    ]);
  });

  it('of a text are re-encoded, and the part says so', () => {
    const result = sent(
      `${complete}Content-Type: text/html; charset=utf-8\r\n\r\n<p>${long}Gr\xc3\xbc\xc3\x9fe</p>\r\n`,
    );
    expect(wire(result)).toContain('Content-Transfer-Encoding: quoted-printable\r\n');
    expect(decodeQuotedPrintable(result.body).toString()).toBe(`<p>${long}Grüße</p>\r\n`);
    expect(codes(result)).toEqual(['part_recoded']);
  });

  it('touch only the part they stand in', () => {
    const other = 'Content-Type: text/plain\r\n\r\nas it was = \r\n';
    const raw = `${complete}Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n${other}--x\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${'QUJD'.repeat(500)}\r\n--x--\r\n`;
    const result = sent(raw);
    expect(wire(result)).toContain(`--x\r\n${other}--x\r\n`);
    expect(
      result.body
        .toString('latin1')
        .match(/QUJD[\w\r\n]*/)?.[0]
        .replace(/\s/g, ''),
    ).toBe('QUJD'.repeat(500));
    expect(result.changes).toEqual([
      {
        code: 'part_recoded',
        detail: 'part 2 (application/pdf) had 1 lines over 998 bytes: re-encoded as base64',
      },
    ]);
  });

  it('of a signed part are left alone, and that is said', () => {
    const raw = `${complete}Content-Type: multipart/signed; boundary=x\r\n\r\n--x\r\n\r\n${long}\r\n--x\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--x--\r\n`;
    const result = sent(raw);
    expect(wire(result)).toBe(raw);
    expect(codes(result)).toEqual(['signed_part_left']);
  });
});

describe('a hop without 8BITMIME', () => {
  it('gets quoted-printable, and a multipart that says 7bit', () => {
    const raw = `${complete}Content-Type: multipart/alternative; boundary=x\r\nContent-Transfer-Encoding: 8bit\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\xc3\xbc\xc3\x9fe \r\n--x\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n\x89PNG\r\n--x--\r\n`;
    const result = sent(raw, old);
    expect(result.eightBit).toBe(false);
    expect(wire(result)).toBe(
      `${complete}Content-Type: multipart/alternative; boundary=x\r\nContent-Transfer-Encoding: 7bit\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe=20\r\n--x\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n--x--\r\n`,
    );
  });

  it('gets nothing of a signed part that would have to change', () => {
    const raw = `${complete}Content-Type: multipart/signed; boundary=x\r\n\r\n--x\r\n\r\n\xfc\r\n--x--\r\n`;
    expect(egress(Buffer.from(raw, 'latin1'), old, bare)).toMatchObject({
      ok: false,
      code: 554,
      enhanced: '5.6.3',
    });
  });

  it('gets the message inside a message recoded too', () => {
    const raw = `${complete}Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\nSubject: inner\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\xfc\xdfe\r\n`;
    const result = sent(raw, old);
    expect(wire(result)).toContain('Content-Transfer-Encoding: 7bit\r\n\r\nSubject: inner');
    expect(wire(result)).toContain('quoted-printable\r\n\r\nGr=FC=DFe\r\n');
  });

  it.skipIf(findProgram('python3') === null)(
    'reads the same for Python (skipped without python3)',
    async () => {
      const folder = join(import.meta.dirname, '../../../fixtures');
      const script = `
import sys, json, base64
from email import message_from_bytes
m = message_from_bytes(sys.stdin.buffer.read())
print(json.dumps([[p.get_content_type(), base64.b64encode((p.get_payload(decode=True) or b'').rstrip()).decode()] for p in m.walk() if not p.is_multipart()]))
`;
      for (const name of readdirSync(folder).filter(
        (file) => file.endsWith('.eml') && !file.startsWith('raw-utf8'),
      )) {
        const raw = readFileSync(join(folder, name));
        const result = sent(raw, old);
        expect(Math.max(...Buffer.concat([result.head, result.body]))).toBeLessThan(128);
        const [before, after] = await Promise.all(
          [raw.toString('latin1').replace(/\r?\n/g, '\r\n'), wire(result)].map((text) =>
            run('python3', ['-c', script], { input: Buffer.from(text, 'latin1') }),
          ),
        );
        expect(after?.stdout, name).toBe(before?.stdout);
      }
    },
  );
});

describe('what a hop cannot take', () => {
  it('a header in UTF-8 without SMTPUTF8 fails for good, and says so', () => {
    const raw = Buffer.from(`${complete}Subject: Grüße\r\n\r\nx`);
    expect(egress(raw, { ...modern, smtputf8: false }, bare)).toMatchObject({
      ok: false,
      enhanced: '5.6.7',
      class: 'config',
      text: expect.stringContaining('SMTPUTF8'),
    });
    expect(sent(raw)).toMatchObject({ needsSmtputf8: true, changes: [] });
  });

  it('so does an address without a form in ASCII', () => {
    const result = egress(Buffer.from(`${complete}\r\n`), old, { ...bare, envelopeNeedsUtf8: true });
    expect(result).toMatchObject({ ok: false, enhanced: '5.6.7' });
  });

  it('a header in another 8-bit charset goes as it is, and that is said', () => {
    expect(codes(sent(`${complete}Subject: Gr\xfc\xdfe\r\n\r\nx`))).toEqual(['header_not_utf8']);
  });

  it('a message over its SIZE', () => {
    const raw = Buffer.from(`${complete}\r\n${'x'.repeat(500)}`);
    expect(egress(raw, { ...modern, sizeMax: 500 }, bare)).toMatchObject({
      ok: false,
      code: 552,
      enhanced: '5.3.4',
    });
    expect(egress(raw, { ...modern, sizeMax: 0 }, bare)).toMatchObject({ ok: true });
  });
});

describe('any message at all', () => {
  const noise = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          '\r\n',
          '\n',
          '\r',
          '\r\n\r\n',
          '--x',
          'Content-Type: multipart/mixed; boundary=x',
          'Content-Transfer-Encoding: base64',
          'Content-Transfer-Encoding: quoted-printable',
          'Bcc: a',
          'x'.repeat(1_200),
          '=',
          ' ',
        ),
        fc.string({ maxLength: 20, unit: 'binary' }),
      ),
      { maxLength: 60 },
    )
    .map((pieces) => Buffer.from(pieces.join('')));

  it('goes out with CRLF alone, and a second time as it is', () => {
    fc.assert(
      fc.property(noise, (raw) => {
        const result = egress(raw, modern, bare);
        if (!result.ok) return;
        expect(wire(result)).not.toMatch(/\r(?!\n)|(?<!\r)\n/);
        const again = sent(Buffer.concat([result.head, result.body]));
        expect(
          codes(again).filter((code) => !['header_not_utf8', 'signed_part_left', 'part_left'].includes(code)),
        ).toEqual([]);
        expect(wire(again)).toBe(wire(result));
      }),
    );
  });

  it('goes in seven bits to whom it must', () => {
    fc.assert(
      fc.property(noise, (raw) => {
        const result = egress(raw, { ...old, smtputf8: true }, bare);
        if (result.ok && !codes(result).some((code) => ['part_header_left', 'part_left'].includes(code)))
          expect(result.body.every((byte) => byte < 128)).toBe(true);
      }),
    );
  });

  it.each(Object.keys(malformed))('malformed: %s', (name) => {
    const { raw } = malformed[name] ?? { raw: Buffer.alloc(0) };
    egress(raw, old, context);
  });

  it('in quoted-printable comes back as it was', () => {
    fc.assert(
      fc.property(noise, (raw) => {
        const text = Buffer.from(raw.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n'), 'latin1');
        const encoded = encodeQuotedPrintable(text);
        expect(decodeQuotedPrintable(encoded).equals(text)).toBe(true);
        for (const line of encoded.toString('latin1').split('\r\n'))
          expect(line.length).toBeLessThanOrEqual(76);
      }),
    );
  });
});

describe('an address of the envelope', () => {
  it.each([
    ['a@b.example', 'a@b.example', false],
    ['a@bücher.example', 'a@xn--bcher-kva.example', false],
    ['ä@bücher.example', 'ä@xn--bcher-kva.example', true],
    ['', '', false],
    ['local', 'local', false],
  ])('%s', (given, address, needsUtf8) => {
    expect(envelopeAddress(given)).toEqual({ address, needsUtf8 });
  });
});
