export type LineEnding = 'crlf' | 'lf' | 'cr' | 'none';

export interface Source {
  /** The lines joined by `\n`, for an editor that knows only one ending. */
  readonly text: string;
  /** How each line really ended. */
  readonly endings: readonly LineEnding[];
  readonly charset: 'utf-8' | 'latin1';
  readonly counts: Readonly<Record<LineEnding, number>>;
}

/**
 * The bytes of a message as lines to look at.
 *
 * Bytes that are not UTF-8 are shown one by one as latin1: each byte then has a character of its own, and none is
 * replaced.
 */
export function sourceLines(bytes: Uint8Array): Source {
  const { text, charset } = decode(bytes);
  const endings: LineEnding[] = [];
  const lines: string[] = [];
  let start = 0;
  for (const match of text.matchAll(/\r\n|\n|\r/g)) {
    lines.push(text.slice(start, match.index));
    endings.push(match[0] === '\r\n' ? 'crlf' : match[0] === '\n' ? 'lf' : 'cr');
    start = match.index + match[0].length;
  }
  lines.push(text.slice(start));
  endings.push('none');
  const counts = { crlf: 0, lf: 0, cr: 0, none: 0 };
  for (const ending of endings) counts[ending] += 1;
  return { text: lines.join('\n'), endings, charset, counts };
}

function decode(bytes: Uint8Array): { readonly text: string; readonly charset: Source['charset'] } {
  try {
    return {
      text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
      charset: 'utf-8',
    };
  } catch {
    // Not UTF-8. The decoder named latin1 is windows-1252, which has other characters at 0x80 to 0x9f.
    let text = '';
    const chunk = 8_192;
    for (let at = 0; at < bytes.length; at += chunk)
      text += String.fromCharCode(...bytes.subarray(at, at + chunk));
    return { text, charset: 'latin1' };
  }
}

export type LineKind = 'header' | 'fold' | 'boundary' | 'body';

/** What a line of a message is, told from the line itself and whether the headers are over. */
export function lineKind(line: string, inHeaders: boolean): LineKind {
  if (inHeaders) return /^[ \t]/.test(line) ? 'fold' : /^[!-9;-~]+:/.test(line) ? 'header' : 'body';
  // A boundary does not end in a space (RFC 2046 §5.1.1), which tells it from the mark above a signature.
  return /^--[\w'()+,./:=? -]{0,71}[\w'()+,./:=?-]$/.test(line) ? 'boundary' : 'body';
}
