/**
 * A message as an mbox file has it (mboxrd): a From_ line, the bytes with every line that would look like a From_ line
 * quoted by one more `>`, and an empty line. Reading takes the same `>` away again, so that nothing is lost.
 * Source: RFC 4155, with the quoting of mboxrd (qmail's mbox(5)).
 */
const lf = 0x0a;
const quote = 0x3e;
const from = Buffer.from('From ');

export interface MboxEnvelope {
  readonly from: string;
  readonly receivedAtMs: number;
}

/** @param chunks the exact bytes, cut anywhere */
export async function* mboxMessage(
  envelope: MboxEnvelope,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(fromLine(envelope));
  const quoting = new FromQuoting();
  for await (const chunk of chunks) yield* quoting.add(chunk);
  yield quoting.end();
}

/** In UTC, as asctime writes it (RFC 4155, appendix A). Milliseconds have no place there. */
export function fromLine({ from: sender, receivedAtMs }: MboxEnvelope): string {
  // A null sender stands as MAILER-DAEMON since ever; what would cut the line into more words has no place in it.
  const address = /^[\x21-\x7e]+$/.test(sender) ? sender : 'MAILER-DAEMON';
  const [day = '', date = '', month = '', year = '', time = ''] = new Date(receivedAtMs)
    .toUTCString()
    .replace(',', '')
    .split(' ');
  return `From ${address} ${day} ${month} ${date.replace(/^0/, ' ')} ${time} ${year}\n`;
}

/** Line by line, with at most four bytes kept back: the beginning of what may turn out to be a From_ line. */
class FromQuoting {
  #kept: Uint8Array = new Uint8Array(0);
  /** At the beginning of a line, or behind nothing but `>` since then. */
  #atStart = true;
  #endsLine = true;

  *add(chunk: Uint8Array): Generator<Uint8Array> {
    if (chunk.length === 0) return;
    const data = this.#kept.length === 0 ? chunk : Buffer.concat([this.#kept, chunk]);
    this.#kept = new Uint8Array(0);
    this.#endsLine = chunk.at(-1) === lf;
    let written = 0;
    let at = 0;
    for (;;) {
      if (this.#atStart) {
        while (data[at] === quote) at++;
        const rest = data.subarray(at, at + from.length);
        if (rest.length < from.length && from.subarray(0, rest.length).equals(rest)) {
          if (at > written) yield data.subarray(written, at);
          // A copy: the chunk's memory is its owner's.
          this.#kept = Uint8Array.from(rest);
          return;
        }
        if (from.equals(rest)) {
          if (at > written) yield data.subarray(written, at);
          yield Uint8Array.of(quote);
          written = at;
        }
        this.#atStart = false;
      }
      const end = data.indexOf(lf, at);
      if (end < 0) break;
      at = end + 1;
      this.#atStart = true;
    }
    if (data.length > written) yield data.subarray(written);
  }

  /** What was kept back, the end of the last line where it had none, and the empty line. */
  end(): Uint8Array {
    return Buffer.concat([this.#kept, Buffer.from(this.#endsLine ? '\n' : '\n\n')]);
  }
}
