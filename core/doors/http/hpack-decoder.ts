/** Decodes the header blocks of one HTTP/2 connection, one direction of it (HPACK, RFC 7541). */
import { huffmanEnd, huffmanTree, staticTable } from './hpack-tables.ts';

export type HpackField = readonly [name: string, value: string];

/** The dynamic table as large as both sides agreed on by saying nothing (SETTINGS_HEADER_TABLE_SIZE). */
const tableBytesMax = 4096;
/** RFC 7541 §4.1: what an entry costs besides its text. */
const entryBytes = 32;
/** Of an integer; the largest that a block within our limits needs has 3. */
const integerBytesMax = 5;

/** A header block that is not HPACK, or larger than its limit: the connection cannot go on (RFC 9113 §4.3). */
export class HpackError extends Error {
  override readonly name = 'HpackError';
}

export class HpackDecoder {
  readonly #fieldBytesMax: number;
  /** Newest first. */
  readonly #table: HpackField[] = [];
  #tableBytes = 0;
  #tableBytesNow = tableBytesMax;
  #block: Uint8Array = new Uint8Array(0);
  #at = 0;

  /** @param fieldBytesMax of all fields of a block together, as SETTINGS_MAX_HEADER_LIST_SIZE counts them */
  constructor(fieldBytesMax: number) {
    this.#fieldBytesMax = fieldBytesMax;
  }

  /**
   * @param block whole, as its frames' fragments make it
   * @returns the fields in order; each byte of their text is one character (Latin-1)
   * @throws HpackError; the decoder is of no use afterwards
   */
  decode(block: Uint8Array): HpackField[] {
    this.#block = block;
    this.#at = 0;
    const fields: HpackField[] = [];
    let bytes = 0;
    while (this.#at < block.length) {
      const first = this.#peek();
      const field = this.#representation(first, fields.length === 0);
      if (field === null) continue;
      bytes += sizeOf(field);
      if (bytes > this.#fieldBytesMax)
        throw new HpackError(`more than ${this.#fieldBytesMax} bytes of fields`);
      fields.push(field);
    }
    return fields;
  }

  /** RFC 7541 §6. @returns null for a change of the table's size */
  #representation(first: number, beforeFields: boolean): HpackField | null {
    if ((first & 0x80) !== 0) return this.#entry(this.#integer(7));
    if ((first & 0x40) !== 0) {
      const field = this.#literal(6);
      this.#add(field);
      return field;
    }
    if ((first & 0x20) === 0) return this.#literal(4);
    // §4.2: a change of size stands at the beginning of a block.
    if (!beforeFields) throw new HpackError('the table’s size changes in the middle of a block');
    const size = this.#integer(5);
    if (size > tableBytesMax) throw new HpackError(`a table of ${size} bytes was not agreed on`);
    this.#tableBytesNow = size;
    this.#evict(0);
    return null;
  }

  /** A name by its index or in full, then the value. */
  #literal(prefixBits: number): HpackField {
    const index = this.#integer(prefixBits);
    const name = index === 0 ? this.#string() : this.#entry(index)[0];
    return [name, this.#string()];
  }

  #entry(index: number): HpackField {
    const field =
      index <= staticTable.length ? staticTable[index - 1] : this.#table[index - staticTable.length - 1];
    if (field === undefined) throw new HpackError(`nothing has the index ${index}`);
    return field;
  }

  #add(field: HpackField): void {
    const size = sizeOf(field);
    this.#evict(size);
    // §4.4: an entry larger than the table empties it, and is no error.
    if (size > this.#tableBytesNow) return;
    this.#table.unshift(field);
    this.#tableBytes += size;
  }

  #evict(room: number): void {
    while (this.#tableBytes + room > this.#tableBytesNow) {
      const oldest = this.#table.pop();
      if (oldest === undefined) return;
      this.#tableBytes -= sizeOf(oldest);
    }
  }

  #peek(): number {
    const byte = this.#block[this.#at];
    if (byte === undefined) throw new HpackError('the block ends in the middle of a field');
    return byte;
  }

  /** §5.1. */
  #integer(prefixBits: number): number {
    const prefix = (1 << prefixBits) - 1;
    let value = this.#peek() & prefix;
    this.#at++;
    if (value < prefix) return value;
    for (let i = 0; i < integerBytesMax; i++) {
      const byte = this.#peek();
      this.#at++;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if ((byte & 0x80) === 0) return value;
    }
    throw new HpackError('an integer has no end');
  }

  /** §5.2. */
  #string(): string {
    const huffman = (this.#peek() & 0x80) !== 0;
    const length = this.#integer(7);
    const from = this.#at;
    if (length > this.#block.length - from) throw new HpackError('a string is longer than its block');
    this.#at += length;
    const bytes = this.#block.subarray(from, this.#at);
    return huffman ? unpack(bytes) : Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1');
  }
}

function sizeOf(field: HpackField): number {
  return field[0].length + field[1].length + entryBytes;
}

/** More bits than these cannot be padding. */
const paddingBitsMax = 7;

function unpack(bytes: Uint8Array): string {
  // No code is shorter than 5 bits.
  const text = Buffer.allocUnsafe(Math.ceil((bytes.length * 8) / 5));
  let length = 0;
  let node = 0;
  let bits = 0;
  let onlyOnes = true;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const one = (byte >> bit) & 1;
      const to = huffmanTree[2 * node + one] ?? 0;
      bits++;
      onlyOnes = onlyOnes && one === 1;
      if (to >= 0) {
        node = to;
        continue;
      }
      const symbol = -1 - to;
      if (symbol === huffmanEnd) throw new HpackError('a string holds its own end');
      text[length++] = symbol;
      node = 0;
      bits = 0;
      onlyOnes = true;
    }
  }
  if (bits > paddingBitsMax || !onlyOnes)
    throw new HpackError('a string is padded with something else than ones');
  return text.toString('latin1', 0, length);
}
