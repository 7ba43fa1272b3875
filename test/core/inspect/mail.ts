/** Messages for the tests of inspect: the ones in files, and those made here because they are large or broken. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(import.meta.dirname, '../../fixtures', name)));
}

export function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(/\r?\n/g, '\r\n'), 'latin1'));
}

const head =
  'From: a@example.com\r\nTo: b@example.com\r\nDate: Sat, 31 Jan 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n';
const of = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const mixed = (boundary: string, body: string): Uint8Array =>
  of(`${head}Content-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n${body}`);
const plainPart = 'Content-Type: text/plain\r\n\r\npart text\r\n';

/** Broken in one way each, and the code of the problem that names it (null: nothing is wrong by itself). */
export const malformed: Readonly<Record<string, { readonly raw: Uint8Array; readonly code: string | null }>> =
  {
    'no bytes at all': { raw: of(''), code: 'empty' },
    'no headers': { raw: of('\r\njust a body\r\n'), code: 'no_headers' },
    'no headers, no empty line': { raw: of('just a body without a colon\r\n'), code: 'no_headers' },
    'no From': { raw: of('Date: Sat, 31 Jan 2026 10:00:00 +0000\r\n\r\nx\r\n'), code: 'missing_from' },
    'no Date': { raw: of('From: a@b\r\n\r\nx\r\n'), code: 'missing_date' },
    'two Subjects': { raw: of(`${head}Subject: one\r\nSubject: two\r\n\r\nx\r\n`), code: 'duplicate_header' },
    'a multipart without boundary': {
      raw: of(`${head}Content-Type: multipart/mixed\r\n\r\n--x\r\n${plainPart}--x--\r\n`),
      code: 'no_boundary',
    },
    'a boundary that never comes': {
      raw: mixed('wanted', `--other\r\n${plainPart}--other--\r\n`),
      code: 'bad_boundary',
    },
    'a multipart never closed': { raw: mixed('b', `--b\r\n${plainPart}`), code: 'unclosed_multipart' },
    'an unknown charset': {
      raw: of(`${head}Content-Type: text/plain; charset=x-klingon\r\n\r\nqapla'\r\n`),
      code: 'bad_charset',
    },
    'truncated base64': {
      raw: of(`${head}Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgoAA\r\n`),
      code: 'truncated_base64',
    },
    'an unknown transfer encoding': {
      raw: of(`${head}Content-Type: text/plain\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nx\r\n`),
      code: 'bad_encoding',
    },
    '10,000 parts': { raw: mixed('b', `${`--b\r\n${plainPart}`.repeat(9_999)}--b--\r\n`), code: null },
    '30,000 parts': {
      raw: mixed('b', `${`--b\r\n${plainPart}`.repeat(30_000)}--b--\r\n`),
      code: 'too_many_parts',
    },
    'a header of 1 MB in one line': {
      raw: of(`${head}X-Long: ${'x'.repeat(1_000_000)}\r\n\r\nx\r\n`),
      code: 'long_line',
    },
    'a header of 1 MB in many fields': {
      raw: of(`${'X-Filler: 0123456789012345678901234567890123456789\r\n'.repeat(20_000)}${head}\r\nx\r\n`),
      code: null,
    },
    'a header of 5 MB': {
      raw: of(`${head}X-Long: ${' y\r\n'.repeat(1_250_000)}\r\n\r\nx\r\n`),
      code: 'header_too_large',
    },
    NULs: { raw: of(`${head}\r\n\0\0\0text\0\r\n`), code: 'nul_bytes' },
    'NULs in the header': { raw: of(`${head}Subject: a\0b\r\n\r\nx\r\n`), code: 'nul_bytes' },
    'bare CR': { raw: of(`${head}\r\none\rtwo\r\n`), code: 'bare_cr' },
    'bare LF': { raw: of(`${head.replaceAll('\r', '')}\none\ntwo\n`), code: 'bare_lf' },
    '8-bit junk': {
      raw: of(
        `${head}Subject: \xff\xfe\x80\r\n\r\n${String.fromCharCode(...Array.from({ length: 256 }, (_, n) => n))}\r\n`,
      ),
      code: 'undeclared_8bit_header',
    },
    'a line of 2 MB': { raw: of(`${head}\r\n${'x'.repeat(2_000_000)}\r\n`), code: 'long_line' },
    'multiparts nested 500 deep': { raw: of(nested(500)), code: null },
    'multiparts nested 1,500 deep': { raw: of(nested(1_500)), code: null },
    'messages nested 300 deep': {
      raw: of(`${head}Content-Type: message/rfc822\r\n\r\n`.repeat(300)),
      code: null,
    },
    'HTML nested 50,000 deep': {
      raw: of(`${head}Content-Type: text/html\r\n\r\n${'<div>\r\n'.repeat(50_000)}deep\r\n`),
      code: null,
    },
    'HTML with 300,000 elements side by side': {
      raw: of(`${head}Content-Type: text/html\r\n\r\n${'<br>\r\n'.repeat(300_000)}end\r\n`),
      code: null,
    },
    'a Date of white space': {
      raw: of(`${head.replace('Sat, ', `x${' '.repeat(60_000)}y`)}\r\nx\r\n`),
      code: 'long_line',
    },
    'encoded words that never end': {
      raw: of(`${head}Subject: ${'=?utf-8?q?'.repeat(6_000)}\r\n\r\nx\r\n`),
      code: 'long_line',
    },
    'brackets that never close': {
      raw: of(`${head.replace('To: b@example.com', `To: ${'<("'.repeat(20_000)}`)}\r\nx\r\n`),
      code: 'long_line',
    },
    'CSS that never ends': {
      raw: of(
        `${head}Content-Type: text/html\r\n\r\n<style>a{b:url(${' '.repeat(200_000)}x</style>hello\r\n`,
      ),
      code: 'long_line',
    },
    'a link that never ends': { raw: of(`${head}\r\n${'http://a@'.repeat(20_000)}\r\n`), code: 'long_line' },
    'a calendar that is none': {
      raw: of(`${head}Content-Type: text/calendar\r\n\r\nBEGIN:VEVENT\r\nDTSTART;;;;:x\r\n`),
      code: null,
    },
  };

function nested(depth: number): string {
  let body = '';
  for (let n = 1; n < depth; n++) {
    body += `--b${n}\r\nContent-Type: multipart/mixed; boundary=b${n + 1}\r\n\r\n`;
  }
  let ends = '';
  for (let n = depth; n > 0; n--) ends += `\r\n--b${n}--\r\n`;
  return `${head}Content-Type: multipart/mixed; boundary=b1\r\n\r\n${body}--b${depth}\r\n${plainPart}${ends}`;
}
