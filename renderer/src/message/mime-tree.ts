import type { MimePart } from '../../../core/api/schema.ts';

export interface MimeRow {
  readonly part: MimePart;
  readonly depth: number;
}

/** The parts in the order they stand in the message, each with its depth. */
export function mimeRows(parts: readonly MimePart[]): readonly MimeRow[] {
  const depths = new Map<number, number>();
  return parts.map((part) => {
    const above = part.parent === null ? -1 : (depths.get(part.parent) ?? -1);
    depths.set(part.n, above + 1);
    return { part, depth: above + 1 };
  });
}

/** A part whose bytes can be looked at: a multipart is only a fold. */
export const hasContent = (part: MimePart): boolean =>
  !part.contentType.toLowerCase().startsWith('multipart/');
