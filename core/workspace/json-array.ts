/** JSON that is too large to be read at once: the elements of an array one by one, and the lines of a file. */
import { AppError, messageOf } from '../model/app-error.ts';

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const opens = new Set([0x5b, 0x7b]);
const closes = new Set([0x5d, 0x7d]);
const blanks = new Set([0x20, 0x09, 0x0a, 0x0d]);
const arrayStart = 0x5b;
const arrayEnd = 0x5d;

export interface JsonElement {
  /** From 1. */
  readonly number: number;
  readonly value: unknown;
}

/** @throws AppError `import_refused`, `too_large` with the element at fault */
export async function* readJsonArray(
  chunks: AsyncIterable<Uint8Array>,
  elementBytesMax: number,
): AsyncGenerator<JsonElement> {
  const element = new Pieces(elementBytesMax, 'Element');
  let state = start();
  let depth = 0;
  let inText = false;
  let escaped = false;
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (state !== 'in') {
        if (blanks.has(byte) || (state === 'before' && isByteOrderMark(chunk, at))) continue;
        if (state === 'behind' || byte !== arrayStart)
          throw new AppError(
            'import_refused',
            'It is no JSON array: one “[” at its beginning and one “]” at its end are expected.',
          );
        state = 'in';
        from = at + 1;
        continue;
      }
      if (inText) {
        if (escaped) escaped = false;
        else if (byte === backslash) escaped = true;
        else if (byte === quote) inText = false;
      } else if (byte === quote) inText = true;
      else if (opens.has(byte)) depth++;
      else if (depth > 0 && closes.has(byte)) depth--;
      else if (depth === 0 && (byte === comma || byte === arrayEnd)) {
        element.add(chunk.subarray(from, at));
        from = at + 1;
        if (byte === arrayEnd) {
          state = 'behind';
          if (!element.blank || element.number > 1) yield element.parsed();
        } else yield element.parsed();
      }
    }
    if (state === 'in') element.add(chunk.subarray(from));
  }
  if (state !== 'behind')
    throw new AppError('import_refused', 'It is no whole JSON array: its end is missing.');
}

/** Each line that is not empty. @throws AppError as above */
export async function* readJsonLines(
  chunks: AsyncIterable<Uint8Array>,
  lineBytesMax: number,
): AsyncGenerator<JsonElement> {
  const line = new Pieces(lineBytesMax, 'Line');
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      line.add(chunk.subarray(from, end));
      from = end + 1;
      if (line.blank) line.skip();
      else yield line.parsed();
    }
    line.add(chunk.subarray(from));
  }
  if (!line.blank) yield line.parsed();
}

/** What is gathered of one element or line until it is whole. */
class Pieces {
  number = 1;
  readonly #bytesMax: number;
  readonly #word: string;
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(bytesMax: number, word: string) {
    this.#bytesMax = bytesMax;
    this.#word = word;
  }

  get blank(): boolean {
    return this.#pieces.every((piece) => piece.every((byte) => blanks.has(byte)));
  }

  add(piece: Uint8Array): void {
    this.#bytes += piece.length;
    if (this.#bytes > this.#bytesMax)
      throw new AppError('too_large', `${this.#word} ${this.number} has more than ${this.#bytesMax} bytes.`);
    if (piece.length > 0) this.#pieces.push(Uint8Array.from(piece));
  }

  skip(): void {
    this.#pieces = [];
    this.#bytes = 0;
    this.number++;
  }

  parsed(): JsonElement {
    const text = Buffer.concat(this.#pieces, this.#bytes).toString('utf8');
    const { number } = this;
    this.skip();
    try {
      return { number, value: JSON.parse(text) };
    } catch (error) {
      throw new AppError('import_refused', `${this.#word} ${number} is no JSON: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
}

/** A function, so that the compiler does not take the first state for the only one. */
function start(): 'before' | 'in' | 'behind' {
  return 'before';
}

function isByteOrderMark(chunk: Uint8Array, at: number): boolean {
  return at < 3 && [0xef, 0xbb, 0xbf][at] === chunk[at];
}
