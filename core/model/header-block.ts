/** The header block of a raw message, found and split without a parser: what may run before a commit. Pure. */

/** How far into a message headers are looked for before it is stored. */
export const headerBlockBytesMax = 64 * 1024;

/** The header block as latin1, without the empty line that ends it; cut at the limit. */
export function headerBlock(raw: Uint8Array): string {
  const start = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, headerBlockBytesMax));
  const crlf = start.indexOf('\r\n\r\n');
  const lf = start.indexOf('\n\n');
  const ends = [crlf, lf].filter((end) => end >= 0);
  return start.toString('latin1', 0, ends.length === 0 ? start.length : Math.min(...ends) + 1);
}

/** Header fields in order, folds kept: name as written, and all that stands behind the colon. */
export function headerFields(block: string): { readonly name: string; readonly raw: string }[] {
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
