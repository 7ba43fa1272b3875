/** Content transfer encodings (RFC 2045 §6.7, §6.8) of bytes whose lines end with CRLF. Pure. */
const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
const EQUALS = 0x3d;
const lineCharsMax = 76;
const hex = Buffer.from('0123456789ABCDEF');

/** CRLF stays a line break; everything else that is not printable ASCII is encoded. */
export function encodeQuotedPrintable(bytes: Buffer): Buffer {
  // The worst: three for each byte, and a soft break of three for every 73 of those.
  const encoded = Buffer.allocUnsafe(bytes.length * 3 + Math.ceil((bytes.length * 3) / 73) * 3 + 16);
  let to = 0;
  let column = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === CR && bytes[at + 1] === LF) {
      encoded[to++] = CR;
      encoded[to++] = LF;
      at++;
      column = 0;
      continue;
    }
    const next = bytes[at + 1];
    const ends = next === undefined || (next === CR && bytes[at + 2] === LF);
    const blank = byte === SPACE || byte === TAB;
    const plain = blank ? !ends : byte > SPACE && byte < 0x7f && byte !== EQUALS;
    const width = plain ? 1 : 3;
    if (column + width > lineCharsMax - (ends ? 0 : 1)) {
      encoded[to++] = EQUALS;
      encoded[to++] = CR;
      encoded[to++] = LF;
      column = 0;
    }
    if (plain) {
      encoded[to++] = byte;
    } else {
      encoded[to++] = EQUALS;
      encoded[to++] = hex[byte >> 4] ?? 0;
      encoded[to++] = hex[byte & 15] ?? 0;
    }
    column += width;
  }
  return encoded.subarray(0, to);
}

/** What is no encoding stays as it is, as every reader has it. */
export function decodeQuotedPrintable(bytes: Buffer): Buffer {
  const lines = bytes.toString('latin1').split('\r\n');
  const joined = lines
    .map((line, at) => {
      const trimmed = withoutBlanks(line);
      if (trimmed.endsWith('=')) return trimmed.slice(0, -1);
      return at === lines.length - 1 ? trimmed : `${trimmed}\r\n`;
    })
    .join('');
  return Buffer.from(
    joined.replace(/=([0-9A-Fa-f]{2})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    ),
    'latin1',
  );
}

/** RFC 2045 §6.7 (3): blanks at the end of a line were put there on the way. */
function withoutBlanks(line: string): string {
  let end = line.length;
  while (line[end - 1] === ' ' || line[end - 1] === '\t') end--;
  return line.slice(0, end);
}

export function encodeBase64(bytes: Buffer): Buffer {
  const text = bytes.toString('base64');
  return Buffer.from((text.match(/.{1,76}/g) ?? []).join('\r\n'), 'latin1');
}
