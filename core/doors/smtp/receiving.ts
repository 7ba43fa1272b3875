/** The content of one message on its way in, from the 354 to the dot. */
import { ContentBuffer, type Spool } from './content-buffer.ts';
import { DataReader } from './data-reader.ts';

/** On purpose: as soon as so many bytes of it have come, the connection is cut. */
export interface CutWithin {
  readonly afterBytes: number;
  readonly why: string;
}

export class Receiving {
  readonly content: ContentBuffer;
  readonly cut: CutWithin | null;
  readonly #reader = new DataReader();
  readonly #cutAfterBytes: number;

  constructor(bytesMax: number, spool: Spool, cut: CutWithin | null) {
    this.content = new ContentBuffer(bytesMax, spool);
    this.cut = cut;
    this.#cutAfterBytes = cut?.afterBytes ?? Number.POSITIVE_INFINITY;
  }

  /** @returns how many of the bytes belong to it when its end was among them; null: there is more to come */
  push(bytes: Buffer): number | 'cut' | null {
    const used = this.#reader.push(bytes, this.content.add);
    return this.content.bytes >= this.#cutAfterBytes ? 'cut' : used;
  }
}
