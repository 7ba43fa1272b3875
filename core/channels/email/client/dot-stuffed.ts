/**
 * The content as it goes over the wire after DATA: a dot before every line that begins with one, and the end
 * (RFC 5321 §4.5.2). It gives slices of what it was given; nothing is copied. Lines end with CRLF only: egress saw to it.
 */
const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const lineThenDot = Buffer.from('\r\n.');
const dot = Buffer.from('.');
const lineEnd = Buffer.from('\r\n');
const end = Buffer.from('.\r\n');

/** @returns the pieces in order; the last one is the line with the single dot */
export function* dotStuffed(content: readonly Uint8Array[]): Generator<Buffer, void> {
  let before = CR;
  let last = LF;
  for (const piece of content) {
    if (piece.length === 0) continue;
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    // The places where a dot stands first in its line and the line break in the piece before.
    if (before === CR && last === LF && bytes[0] === DOT) yield dot;
    let from = 0;
    if (last === CR && bytes[0] === LF && bytes[1] === DOT) {
      yield bytes.subarray(0, 1);
      yield dot;
      from = 1;
    }
    for (let at = bytes.indexOf(lineThenDot, from); at >= 0; at = bytes.indexOf(lineThenDot, from)) {
      yield bytes.subarray(from, at + 2);
      yield dot;
      from = at + 2;
    }
    if (from < bytes.length) yield bytes.subarray(from);
    before = bytes.at(-2) ?? last;
    last = bytes.at(-1) ?? last;
  }
  if (!(before === CR && last === LF)) yield lineEnd;
  yield end;
}
