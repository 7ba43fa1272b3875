/** The fields of a header block as text to be kept, dropped or folded, byte for byte (latin1). Pure. */

export interface HeaderLine {
  readonly name: string;
  /** Lower case. */
  readonly key: string;
  /** All of it, folds and the last line end included. */
  readonly text: string;
  /** Bytes of its longest line. */
  readonly longest: number;
}

export interface HeaderLines {
  readonly lines: readonly HeaderLine[];
  readonly bodyStart: number;
  /** An empty line ended it. */
  readonly separated: boolean;
  /** It began with the line that mailbox files put before a message. */
  readonly mailboxLine: boolean;
}

const LF = 0x0a;
/** RFC 5322 §2.2; spaces before the colon are of old (§4.5). */
const fieldStart = /^([!-9;-~\x80-\xff]{1,200})[ \t]{0,10}:/;

/** @param bytes lines end with CRLF */
export function readHeaderLines(bytes: Buffer): HeaderLines {
  const lines: { name: string; key: string; text: string; longest: number }[] = [];
  let mailboxLine = false;
  let at = 0;
  while (at < bytes.length) {
    const lineFeed = bytes.indexOf(LF, at);
    const end = lineFeed < 0 ? bytes.length : lineFeed + 1;
    const line = bytes.toString('latin1', at, end);
    if (line === '\r\n') return { lines, bodyStart: end, separated: true, mailboxLine };
    const whole = line.endsWith('\r\n') ? line : `${line}\r\n`;
    const last = lines.at(-1);
    const [, name] = fieldStart.exec(line) ?? [];
    if (last !== undefined && (line.startsWith(' ') || line.startsWith('\t'))) {
      last.text += whole;
      last.longest = Math.max(last.longest, whole.length - 2);
    } else if (name !== undefined) {
      lines.push({ name, key: name.toLowerCase(), text: whole, longest: whole.length - 2 });
    } else if (at === 0 && /^>?From /.test(line)) {
      mailboxLine = true;
    } else {
      // The first line that is no field begins the body.
      return { lines, bodyStart: at, separated: false, mailboxLine };
    }
    at = end;
  }
  return { lines, bodyStart: bytes.length, separated: false, mailboxLine };
}

export function hasField(lines: readonly HeaderLine[], key: string): boolean {
  return lines.some((line) => line.key === key);
}

const foldAt = 900;

/**
 * Breaks lines that are too long at their last space before the limit (RFC 5322 §2.2.3); a word without one is cut.
 *
 * @returns `cut`: a word was
 */
export function foldLine(text: string, bytesMax: number): { readonly text: string; readonly cut: boolean } {
  let cut = false;
  const lines = text
    .slice(0, -2)
    .split('\r\n')
    .flatMap((line) => {
      const pieces: string[] = [];
      let rest = line;
      while (rest.length > bytesMax) {
        const space = Math.max(rest.lastIndexOf(' ', foldAt), rest.lastIndexOf('\t', foldAt));
        const atSpace = space > 0 && rest.slice(0, space).trim() !== '';
        cut ||= !atSpace;
        const at = atSpace ? space : foldAt;
        pieces.push(rest.slice(0, at));
        rest = atSpace ? rest.slice(at) : ` ${rest.slice(at)}`;
      }
      return [...pieces, rest];
    });
  return { text: `${lines.join('\r\n')}\r\n`, cut };
}
