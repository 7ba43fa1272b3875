/**
 * Reads an mbox file of any size, cut anywhere: ours comes back byte for byte, one of elsewhere as well as its quoting
 * allows (`>From ` is unquoted, lines may end with CRLF). A From_ line is one only behind an empty line, as RFC 4155 has it.
 */
import { AppError } from '../model/app-error.ts';

const lf = 0x0a;
const cr = 0x0d;
const quote = 0x3e;
const from = Buffer.from('From ');
const fromLineBytesMax = 4_096;

export interface FromLine {
  /** Empty for MAILER-DAEMON, and where there is none. */
  readonly sender: string;
  /** Null where no date can be read. */
  readonly atMs: number | null;
}

export type MboxPart =
  | { readonly kind: 'begin'; readonly from: FromLine }
  /** In the memory of the chunk that it came in. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' };

/** @throws AppError `import_refused` where it is no mbox */
export async function* readMbox(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<MboxPart> {
  const reader = new MboxReader();
  for await (const chunk of chunks) yield* reader.add(chunk);
  yield* reader.end();
}

/** `From jane@example.com Mon Nov 23 04:00:00 2026`; without a zone it is UTC. */
export function parseFromLine(line: string): FromLine {
  const [, sender = '', rest = ''] = /^From (\S*)(.*)$/.exec(line.trimEnd()) ?? [];
  const date =
    /([A-Z][a-z]{2}) +(\d{1,2}) (\d{1,2}:\d\d(?::\d\d)?) (?:([+-]\d{4}|[A-Z]{1,4}) )?(\d{4})(?: ([+-]\d{4}))?/.exec(
      rest,
    );
  const [, month, day, time, zoneBefore, year, zoneAfter] = date ?? [];
  const atMs =
    date === null
      ? Number.NaN
      : Date.parse(`${day} ${month} ${year} ${time} ${zoneBefore ?? zoneAfter ?? 'GMT'}`);
  const isAddress = sender.includes('@') && sender.length <= 320;
  return { sender: isAddress ? sender : '', atMs: Number.isNaN(atMs) ? null : atMs };
}

class MboxReader {
  /** Kept back: what may turn out to be the beginning of a From_ line, a `>` to be taken away, or CRLF. */
  #kept: Uint8Array = new Uint8Array(0);
  /** An empty line that is the message's own only if no From_ line follows. */
  #blank: Uint8Array | null = null;
  #state: 'before' | 'from' | 'start' | 'line' = 'before';
  #fromLine: Buffer[] = [];
  #fromLineBytes = 0;

  *add(chunk: Uint8Array): Generator<MboxPart> {
    let data = chunk;
    if (this.#kept.length > 0) data = Buffer.concat([this.#kept, chunk]);
    this.#kept = new Uint8Array(0);
    let at = 0;
    while (at < data.length) {
      const step = this.#step(data, at);
      if (step === null) {
        this.#kept = Uint8Array.from(data.subarray(at));
        return;
      }
      yield* step.parts;
      at = step.next;
    }
  }

  *end(): Generator<MboxPart> {
    if (this.#state === 'before') {
      if (this.#kept.some((byte) => byte !== cr)) throw noMbox();
      return;
    }
    if (this.#state === 'from') yield this.#begun();
    if (this.#kept.length > 0) yield* bytes(this.#withBlank(this.#kept));
    yield { kind: 'end' };
  }

  /** @returns null where more is needed to tell */
  #step(data: Uint8Array, at: number): { readonly next: number; readonly parts: readonly MboxPart[] } | null {
    switch (this.#state) {
      case 'before':
        return this.#before(data, at);
      case 'from':
        return this.#inFromLine(data, at);
      case 'start':
        return this.#atStart(data, at);
      case 'line': {
        const end = data.indexOf(lf, at);
        const next = end < 0 ? data.length : end + 1;
        if (end >= 0) this.#state = 'start';
        return { next, parts: bytes(data.subarray(at, next)) };
      }
    }
  }

  #before(data: Uint8Array, at: number) {
    const first = data[at];
    if (first === lf || first === cr) return { next: at + 1, parts: [] };
    const found = isFrom(data, at);
    if (found === 'maybe') return null;
    if (!found) throw noMbox();
    this.#state = 'from';
    return { next: at, parts: [] };
  }

  #inFromLine(data: Uint8Array, at: number) {
    const end = data.indexOf(lf, at);
    const next = end < 0 ? data.length : end + 1;
    this.#fromLineBytes += next - at;
    if (this.#fromLineBytes > fromLineBytesMax)
      throw new AppError(
        'import_refused',
        `A From_ line of the mbox has more than ${fromLineBytesMax} bytes.`,
      );
    this.#fromLine.push(Buffer.from(data.subarray(at, next)));
    return { next, parts: end < 0 ? [] : [this.#begun()] };
  }

  #begun(): MboxPart {
    const line = Buffer.concat(this.#fromLine).toString('latin1');
    this.#fromLine = [];
    this.#fromLineBytes = 0;
    this.#state = 'start';
    return { kind: 'begin', from: parseFromLine(line) };
  }

  #atStart(data: Uint8Array, at: number) {
    const first = data[at];
    if (first === lf || (first === cr && data[at + 1] === lf)) {
      const next = at + (first === lf ? 1 : 2);
      const parts = this.#blank === null ? [] : bytes(this.#blank);
      this.#blank = Uint8Array.from(data.subarray(at, next));
      return { next, parts };
    }
    if (first === cr && at + 1 === data.length) return null;
    if (first === quote) return this.#quoted(data, at);
    if (this.#blank !== null) {
      const found = isFrom(data, at);
      if (found === 'maybe') return null;
      if (found) {
        this.#blank = null;
        this.#state = 'from';
        return { next: at, parts: [{ kind: 'end' } as const] };
      }
    }
    this.#state = 'line';
    return { next: at, parts: bytes(this.#withBlank(new Uint8Array(0))) };
  }

  /** Any number of `>`: the last of them goes where `From ` follows. */
  #quoted(data: Uint8Array, at: number) {
    let behind = at;
    while (data[behind] === quote) behind++;
    const found = isFrom(data, behind);
    if (found === 'maybe') {
      if (behind - at === 1) return null;
      // All but the last are the message's own whatever follows.
      return { next: behind - 1, parts: bytes(this.#withBlank(data.subarray(at, behind - 1))) };
    }
    this.#state = 'line';
    return { next: behind, parts: bytes(this.#withBlank(data.subarray(at, found ? behind - 1 : behind))) };
  }

  #withBlank(following: Uint8Array): Uint8Array {
    if (this.#blank === null) return following;
    const both = Buffer.concat([this.#blank, following]);
    this.#blank = null;
    return both;
  }
}

function bytes(part: Uint8Array): readonly MboxPart[] {
  return part.length === 0 ? [] : [{ kind: 'bytes', bytes: part }];
}

function isFrom(data: Uint8Array, at: number): boolean | 'maybe' {
  const rest = data.subarray(at, at + from.length);
  if (from.equals(rest)) return true;
  return rest.length < from.length && from.subarray(0, rest.length).equals(rest) ? 'maybe' : false;
}

function noMbox(): AppError {
  return new AppError('import_refused', 'It is no mbox: the first line of one begins with “From ”.');
}
