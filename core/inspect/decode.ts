/** The bytes of one part after its transfer encoding is undone (RFC 2045 §6). Pure. */

import iconv from 'iconv-lite';
import libqp from 'libqp';
import type { Part } from './structure.ts';

export function decodedBytes(raw: Uint8Array, part: Part): Buffer {
  const body = Buffer.from(raw.buffer, raw.byteOffset + part.bodyStart, part.bodyEnd - part.bodyStart);
  switch (part.encoding) {
    case 'base64':
      return Buffer.from(body.toString('latin1'), 'base64');
    case 'quoted-printable':
      return libqp.decode(body.toString('latin1'));
    default:
      return body;
  }
}

export function decodedText(raw: Uint8Array, part: Part): string {
  const bytes = decodedBytes(raw, part);
  const charset = part.charset ?? 'utf-8';
  return iconv.encodingExists(charset) ? iconv.decode(bytes, charset) : bytes.toString('utf8');
}

/** How many bytes the part has when decoded, without decoding it. */
export function decodedLength(raw: Uint8Array, part: Part): number {
  if (part.encoding === 'base64') return Math.floor((base64Chars(raw, part) * 3) / 4);
  return part.encoding === 'quoted-printable'
    ? decodedBytes(raw, part).length
    : part.bodyEnd - part.bodyStart;
}

/** Characters of the base64 alphabet, padding left out. */
export function base64Chars(raw: Uint8Array, part: Part): number {
  let count = 0;
  for (let at = part.bodyStart; at < part.bodyEnd; at++) count += base64Table[raw[at] ?? 0] ?? 0;
  return count;
}

const base64Table = new Uint8Array(256);
for (const char of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'))
  base64Table[char] = 1;
