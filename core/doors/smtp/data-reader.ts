/**
 * Reads the content after DATA: takes the dots off that the client stuffed and finds the end (RFC 5321 §4.5.2).
 *
 * Only CRLF ends a line. `\n.\n`, `\r.\r`, `\n.\r\n`, `\r\n.\n` and their kin are content, every byte of it kept:
 * a server that takes one of them for the end lets a second message be smuggled in (SMTP smuggling, 2023), and one
 * that takes a dot off after a bare LF alters the message.
 */
const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const lineThenDot = Buffer.from('\r\n.');
const nothing = Buffer.alloc(0);

export class DataReader {
  /** The end of the last chunk, where it may be the start of CRLF "." CRLF. The start of the data counts as after CRLF. */
  #carry: Buffer = nothing;
  #atStart = true;

  /**
   * @param emit gets the content, in slices of the chunk; the caller copies what it keeps
   * @returns how many bytes of the chunk belong to this message when its end was found in it, else null
   */
  push(chunk: Buffer, emit: (content: Buffer) => void): number | null {
    const carried = this.#carry.length;
    const bytes = carried === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    this.#carry = nothing;
    const end = this.#atStart ? this.#firstLine(bytes, emit) : this.#scan(bytes, 0, emit);
    return end === null ? null : end - carried;
  }

  #firstLine(bytes: Buffer, emit: (content: Buffer) => void): number | null {
    if (bytes[0] !== DOT) {
      this.#atStart = bytes.length === 0;
      return this.#scan(bytes, 0, emit);
    }
    if (bytes.length < 3 && (bytes.length < 2 || bytes[1] === CR)) {
      this.#carry = bytes;
      return null;
    }
    this.#atStart = false;
    return bytes[1] === CR && bytes[2] === LF ? 3 : this.#scan(bytes, 1, emit);
  }

  #scan(bytes: Buffer, from: number, emit: (content: Buffer) => void): number | null {
    let start = from;
    for (;;) {
      const found = bytes.indexOf(lineThenDot, start);
      if (found < 0) break;
      const after = found + 3;
      const undecided = after === bytes.length || (after + 1 === bytes.length && bytes[after] === CR);
      if (undecided) {
        if (found > start) emit(bytes.subarray(start, found));
        this.#carry = bytes.subarray(found);
        return null;
      }
      emit(bytes.subarray(start, found + 2));
      if (bytes[after] === CR && bytes[after + 1] === LF) return after + 2;
      start = after;
    }
    const keep = possibleStart(bytes, start);
    if (bytes.length - keep > start) emit(bytes.subarray(start, bytes.length - keep));
    this.#carry = keep === 0 ? nothing : bytes.subarray(bytes.length - keep);
    return null;
  }
}

/** How many bytes at the end may be the start of CRLF ".". */
function possibleStart(bytes: Buffer, from: number): number {
  const length = bytes.length;
  if (length - from >= 2 && bytes[length - 2] === CR && bytes[length - 1] === LF) return 2;
  return length - from >= 1 && bytes[length - 1] === CR ? 1 : 0;
}
