/** Line ends and line lengths of a whole message, in one pass. Pure. */
const CR = 0x0d;
const LF = 0x0a;

export interface Scan {
  readonly eightBit: boolean;
  /** CR without LF, LF without CR. */
  readonly bareLineEnds: number;
  readonly longLines: number;
}

export function scan(bytes: Buffer, lineBytesMax: number): Scan {
  let eightBit = 0;
  let bareLineEnds = 0;
  let longLines = 0;
  let lineStart = 0;
  let before = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    eightBit |= byte & 0x80;
    if (byte === LF) {
      if (before !== CR) bareLineEnds++;
      if (at - lineStart - (before === CR ? 1 : 0) > lineBytesMax) longLines++;
      lineStart = at + 1;
    } else if (before === CR) {
      bareLineEnds++;
      if (at - 1 - lineStart > lineBytesMax) longLines++;
      lineStart = at;
    }
    before = byte;
  }
  if (before === CR) bareLineEnds++;
  if (bytes.length - lineStart > lineBytesMax) longLines++;
  return { eightBit: eightBit !== 0, bareLineEnds, longLines };
}

/** Every bare CR and LF becomes CRLF. */
export function repairLineEnds(bytes: Buffer): Buffer {
  const repaired = Buffer.allocUnsafe(bytes.length * 2);
  let to = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === CR) {
      if (bytes[at + 1] === LF) at++;
    } else if (byte !== LF) {
      repaired[to++] = byte;
      continue;
    }
    repaired[to++] = CR;
    repaired[to++] = LF;
  }
  return repaired.subarray(0, to);
}
