/** Memory for the chunks of large messages on their way in: an MX judges a message whole before it keeps it. */

import type { ReceivedContent } from '../doors/smtp/content-buffer.ts';
import { AppError } from '../model/app-error.ts';
import { spoolChunkBytes } from '../store/store.ts';

const heldBytesMax = 512 * 1024 * 1024;

export class ChunkMemory {
  readonly #chunks = new Map<number, Uint8Array>();
  #last = 0;

  room(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(spoolChunkBytes);
  }

  spool(chunk: Uint8Array): Promise<number> {
    if (this.#chunks.size * spoolChunkBytes >= heldBytesMax)
      return Promise.reject(
        new AppError('store_busy', 'too many large messages arrive at once; try again in a moment'),
      );
    this.#chunks.set(++this.#last, chunk);
    return Promise.resolve(this.#last);
  }

  unspool(chunks: readonly number[]): void {
    for (const chunk of chunks) this.#chunks.delete(chunk);
  }

  /** The message, whole; its chunks are let go. */
  whole(content: ReceivedContent): Uint8Array {
    if (content.spooled.length === 0) return content.tail;
    const parts = content.spooled.flatMap((chunk) => this.#chunks.get(chunk) ?? []);
    this.unspool(content.spooled);
    return Buffer.concat([...parts, content.tail]);
  }
}
