/** The messages of an mbox, one after another, each read as it is asked for. */
import type { FromLine, MboxPart } from './mbox-reader.ts';

export interface MboxMessage {
  readonly from: FromLine;
  /** To be read to its end before the next message; what is left of it is passed over. */
  readonly content: AsyncIterable<Uint8Array>;
}

export class MboxCursor {
  readonly #parts: AsyncGenerator<MboxPart>;
  #inMessage = false;

  constructor(parts: AsyncGenerator<MboxPart>) {
    this.#parts = parts;
  }

  /** @returns null behind the last one */
  async next(): Promise<MboxMessage | null> {
    for await (const _rest of this.#content()) {
      // Whoever did not want it all has gone on.
    }
    const step = await this.#parts.next();
    if (step.done === true || step.value.kind !== 'begin') return null;
    this.#inMessage = true;
    return { from: step.value.from, content: this.#content() };
  }

  async *#content(): AsyncGenerator<Uint8Array> {
    while (this.#inMessage) {
      const step = await this.#parts.next();
      if (step.done === true || step.value.kind !== 'bytes') this.#inMessage = false;
      else yield step.value.bytes;
    }
  }
}
