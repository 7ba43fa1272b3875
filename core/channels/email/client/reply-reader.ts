/** Reads the replies of an SMTP server out of its bytes (RFC 5321 §4.2). Pure but for what it holds of a half reply. */
import { replyLineBytesMax, replyLinesMax } from './limits.ts';

export interface ServerReply {
  readonly code: number;
  /** Of the first line that has one (RFC 2034). */
  readonly enhanced: string | null;
  /** As they came, without line ends. */
  readonly lines: readonly string[];
  /** The words of all lines, without code and enhanced code. */
  readonly text: string;
}

/** What came is no reply; the connection is of no use any more. */
export class ReplyFault extends Error {
  override readonly name = 'ReplyFault';
}

const nothing = Buffer.alloc(0);
const LF = 0x0a;

export class ReplyReader {
  #rest: Buffer = nothing;
  #lines: string[] = [];

  /** @throws ReplyFault for what is no reply, or is too long for one */
  push(chunk: Buffer): ServerReply[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const replies: ServerReply[] = [];
    let from = 0;
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, from)) {
      const reply = this.#line(textOf(bytes.subarray(from, at)));
      if (reply !== null) replies.push(reply);
      from = at + 1;
    }
    this.#rest = from === bytes.length ? nothing : bytes.subarray(from);
    if (this.#rest.length > replyLineBytesMax)
      throw new ReplyFault(`a line of a reply is longer than ${replyLineBytesMax} bytes`);
    return replies;
  }

  /** Something of a reply came, and not its end. */
  get midway(): boolean {
    return this.#rest.length > 0 || this.#lines.length > 0;
  }

  #line(line: string): ServerReply | null {
    if (line.length > replyLineBytesMax)
      throw new ReplyFault(`a line of a reply is longer than ${replyLineBytesMax} bytes`);
    const [, code, mark] = /^([2-5]\d\d)([- ]?)/.exec(line) ?? [];
    const [before] = this.#lines;
    if (
      code === undefined ||
      (line.length > 3 && mark === '') ||
      (before !== undefined && !before.startsWith(code))
    )
      throw new ReplyFault(`this is no reply: ${line.slice(0, 80)}`);
    this.#lines.push(line);
    if (mark === '-') {
      if (this.#lines.length >= replyLinesMax)
        throw new ReplyFault(`a reply has more than ${replyLinesMax} lines`);
      return null;
    }
    const lines = this.#lines;
    this.#lines = [];
    return replyOf(Number(code), lines);
  }
}

function replyOf(code: number, lines: readonly string[]): ServerReply {
  let enhanced: string | null = null;
  const words = lines.map((line) => {
    const [, status, rest] = /^(?:([245]\.\d{1,3}\.\d{1,3})(?:\s+|$))?(.*)$/s.exec(line.slice(4)) ?? [];
    enhanced ??= status ?? null;
    return rest ?? '';
  });
  return { code, enhanced, lines, text: words.join(' ').trim() };
}

/** RFC 6531 §3.7.4.1: replies may be UTF-8; what is not is shown byte for byte. */
function textOf(bytes: Buffer): string {
  const end = bytes.at(-1) === 0x0d ? bytes.length - 1 : bytes.length;
  const text = bytes.toString('utf8', 0, end);
  return text.includes('\ufffd') ? bytes.toString('latin1', 0, end) : text;
}
