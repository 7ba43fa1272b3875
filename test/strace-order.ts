/**
 * Reads a trace of the core (`strace -f -y -s 9000`) and finds answers that came too early: a message may be
 * acknowledged only after a sync of the WAL that began when the whole commit of that message had been written, and
 * that has come back. Pure.
 *
 * A WAL frame is a header of 24 bytes and a page; a header whose second number is not zero ends a commit (SQLite file
 * format §4.1). The id of a message stands in one of the pages of its commit.
 */
export interface Verdict {
  /** Messages that were answered 250. */
  readonly answered: number;
  /** Ids answered before their commit was on disk, with the reason. */
  readonly early: readonly { readonly id: string; readonly why: string }[];
}

interface Call {
  readonly thread: string;
  readonly name: string;
  readonly text: string;
  readonly begins: boolean;
  readonly ends: boolean;
}

const frameHeaderBytes = 24;

export function findEarlyAnswers(lines: Iterable<string>): Verdict {
  const underWay = new Map<string, string>();
  const commitOf = new Map<string, number>();
  const coveredBy = new Map<string, number>();
  const early: { id: string; why: string }[] = [];
  let answered = 0;
  /** Commits written whole, and how many of them are on disk. */
  let written = 0;
  let durable = 0;
  let endsCommit = false;

  for (const line of lines) {
    const call = parseLine(line, underWay);
    if (call === null) continue;
    if (call.name === 'pwrite64' && isWal(call.text)) {
      if (call.begins)
        for (const id of idsIn(call.text)) if (!commitOf.has(id)) commitOf.set(id, written + 1);
      if (!call.ends) continue;
      if (isFrameHeader(call.text)) {
        endsCommit = endOfCommit(call.text);
      } else if (endsCommit) {
        written++;
        endsCommit = false;
      }
    } else if ((call.name === 'fsync' || call.name === 'fdatasync') && isWal(call.text)) {
      if (call.begins) coveredBy.set(call.thread, written);
      if (call.ends && call.text.endsWith('= 0')) {
        durable = Math.max(durable, coveredBy.get(call.thread) ?? 0);
      }
    } else if (call.begins && isSocketWrite(call)) {
      for (const id of answersIn(call.text)) {
        answered++;
        const commit = commitOf.get(id);
        if (commit === undefined) early.push({ id, why: 'nothing of it was written to the WAL before' });
        else if (commit > written) early.push({ id, why: 'its commit was not written to its end' });
        else if (commit > durable) early.push({ id, why: 'no sync of the WAL came back after its commit' });
      }
    }
  }
  return { answered, early };
}

/** `123 fsync(5</x>) = 0`, `123 fsync(5</x> <unfinished ...>` or `123 <... fsync resumed>) = 0`. */
function parseLine(line: string, underWay: Map<string, string>): Call | null {
  const resumed = /^(\d+) +<\.\.\. (\w+) resumed>(.*)$/.exec(line);
  if (resumed !== null) {
    const [, thread = '', name = '', rest = ''] = resumed;
    const text = `${underWay.get(thread) ?? ''}${rest}`;
    underWay.delete(thread);
    return { thread, name, text, begins: false, ends: true };
  }
  const whole = /^(\d+) +(\w+)\((.*)$/.exec(line);
  if (whole === null) return null;
  const [, thread = '', name = '', text = ''] = whole;
  if (!text.endsWith('<unfinished ...>')) return { thread, name, text, begins: true, ends: true };
  underWay.set(thread, text);
  return { thread, name, text, begins: true, ends: false };
}

function isWal(text: string): boolean {
  return /^\d+<[^>]*-wal>/.test(text);
}

function isSocketWrite({ name, text }: Call): boolean {
  return /^(?:write|writev|sendto|sendmsg)$/.test(name) && /^\d+<(?:socket|TCP)/.test(text);
}

const storedId = /250 2\.0\.0 OK: stored as ([0-9a-f-]{36})/g;
const anyId = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g;

function answersIn(text: string): string[] {
  return [...text.matchAll(storedId)].map(([, id = '']) => id);
}

function idsIn(text: string): string[] {
  return [...text.matchAll(anyId)].map(([id]) => id);
}

function isFrameHeader(text: string): boolean {
  return new RegExp(`, ${frameHeaderBytes}, \\d+(?:\\)| <unfinished)`).test(text);
}

/** Bytes 4 to 7 of the frame's header: the size of the database after the commit, or zero. */
function endOfCommit(text: string): boolean {
  const shown = /"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? '';
  return bytesOf(shown)
    .slice(4, 8)
    .some((byte) => byte !== 0);
}

const letters: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, v: 11, f: 12 };

/** strace shows bytes as C does: `\0`, `\12`, `\n`, `\"`, or themselves. */
function bytesOf(shown: string): number[] {
  return [...shown.matchAll(/\\([0-7]{1,3})|\\(.)|([^\\])/g)].map(([, octal, escaped, plain]) => {
    if (octal !== undefined) return Number.parseInt(octal, 8);
    if (escaped !== undefined) return letters[escaped] ?? escaped.charCodeAt(0);
    return (plain ?? '').charCodeAt(0);
  });
}
