/** The header block of a raw message, found and split without a parser: what may run before a commit. Pure. */

/** How far into a message headers are looked for before it is stored. */
export const headerBlockBytesMax = 64 * 1024;

/** The header block as latin1, without the empty line that ends it; cut at the limit. */
export function headerBlock(raw: Uint8Array, bytesMax = headerBlockBytesMax): string {
  const start = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, bytesMax));
  return start.toString('latin1', 0, headerBlockEnd(start) ?? start.length);
}

/** Where the header block ends, its last line end included, or null when no empty line ends it. */
export function headerBlockEnd(bytes: Buffer): number | null {
  if (bytes[0] === 0x0a || (bytes[0] === 0x0d && bytes[1] === 0x0a)) return 0;
  const ends = ['\n\r\n', '\n\n'].map((end) => bytes.indexOf(end)).filter((end) => end >= 0);
  return ends.length === 0 ? null : Math.min(...ends) + 1;
}

export interface HeaderField {
  readonly name: string;
  readonly raw: string;
}

/** One block is asked about several times in a row. */
let lastSplit: { readonly block: string; readonly fields: readonly HeaderField[] } | null = null;

/** Header fields in order, folds kept: name as written, and all that stands behind the colon. */
export function headerFields(block: string): readonly HeaderField[] {
  if (lastSplit?.block === block) return lastSplit.fields;
  const fields = splitFields(block);
  lastSplit = { block, fields };
  return fields;
}

function splitFields(block: string): readonly HeaderField[] {
  const fields: { name: string; raw: string }[] = [];
  for (const line of block.split(/\r\n|\n|\r/)) {
    const last = fields.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) {
      last.raw += `\r\n${line}`;
      continue;
    }
    const colon = line.indexOf(':');
    if (colon > 0) fields.push({ name: line.slice(0, colon).trim(), raw: line.slice(colon + 1) });
  }
  return fields;
}

/** The value of the first field of that name, unfolded, or null. */
export function headerValue(block: string, name: string): string | null {
  const wanted = name.toLowerCase();
  const field = headerFields(block).find((one) => one.name.toLowerCase() === wanted);
  return field === undefined ? null : unfold(field.raw);
}

export function unfold(raw: string): string {
  return raw.replace(/(?:\r\n|\r|\n)[ \t]+/g, ' ').trim();
}
