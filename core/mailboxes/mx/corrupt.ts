/** Damage on the way: one byte of the body is another. Pure. */
import { headerBlockEnd } from '../../model/header-block.ts';

/** What is put into a body that has nothing to damage. */
const stray = Buffer.from('?\r\n');

/**
 * The same message with one character of its body changed: a letter in the other case where there is one, so that no
 * line, no encoding and no part begins to look different, and the hash of the body does (RFC 6376 §3.7).
 */
export function corrupted(raw: Uint8Array): Uint8Array {
  const bytes = Buffer.from(raw);
  const end = headerBlockEnd(bytes);
  const from = end === null ? bytes.length : bytes[end] === 0x0d ? end + 2 : end + 1;
  const middle = from + Math.floor((bytes.length - from) / 2);
  const at = [...found(bytes, middle, bytes.length), ...found(bytes, from, middle)][0];
  if (at === undefined) return Buffer.concat([bytes, ...(end === null ? [Buffer.from('\r\n')] : []), stray]);
  const byte = bytes[at] ?? 0;
  bytes[at] = isLetter(byte) ? byte ^ 0x20 : byte ^ 0x01;
  return bytes;
}

/** The first letter from there on, or else the first digit. */
function found(bytes: Buffer, from: number, to: number): readonly number[] {
  let digit: number | null = null;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    if (isLetter(byte)) return [at];
    if (digit === null && byte >= 0x30 && byte <= 0x39) digit = at;
  }
  return digit === null ? [] : [digit];
}

function isLetter(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}
