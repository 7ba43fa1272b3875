/**
 * Gathers the content of one message on its way in. A small one stays in memory until it is whole; of a large one
 * chunk after chunk goes to disk while the rest still comes, so that memory does not grow with its size and the
 * disk works while the network does. The connection is paused while more than one chunk waits for the disk.
 */

import { headerBlockBytesMax } from '../../model/header-block.ts';

const chunksInFlightMax = 2;

export interface ReceivedContent {
  /** Numbers of the chunks already on disk, in order. */
  readonly spooled: readonly number[];
  /** What follows them. The buffer's memory is the message's alone. */
  readonly tail: Uint8Array;
  /** The first bytes of the message: its header block, up to the limit of the first chunk. */
  readonly head: Uint8Array;
  readonly bytes: number;
}

export interface Spool {
  /** Memory for one chunk. */
  room(): Uint8Array<ArrayBuffer>;
  spool(chunk: Uint8Array): Promise<number>;
  unspool(chunks: readonly number[]): void;
  pause(): void;
  resume(): void;
}

export class ContentBuffer {
  bytes = 0;
  readonly #bytesMax: number;
  readonly #spool: Spool;
  #parts: Buffer[] = [];
  #partsBytes = 0;
  #room: Uint8Array<ArrayBuffer> | null = null;
  #chunks: Promise<number>[] = [];
  #head: Uint8Array | null = null;
  #inFlight = 0;

  /** @param bytesMax 0 for no limit */
  constructor(bytesMax: number, spool: Spool) {
    this.#bytesMax = bytesMax;
    this.#spool = spool;
  }

  /** Takes slices of what the socket read; Node gives every read memory of its own, so they stay as they are. */
  readonly add = (content: Buffer): void => {
    this.bytes += content.length;
    if (this.#tooLarge()) return this.drop();
    if (this.#room === null && this.#partsBytes + content.length <= smallBytesMax) {
      this.#parts.push(content);
      this.#partsBytes += content.length;
      return;
    }
    this.#toRoom(content);
  };

  /** The message is whole. Refused ones give 'too_large' at once; else the content when its chunks are on disk. */
  end(): Promise<ReceivedContent> | 'too_large' {
    if (this.#tooLarge()) return 'too_large';
    const tail =
      this.#room === null
        ? concat(this.#parts, this.#partsBytes)
        : copyOf(this.#room.subarray(0, this.#partsBytes));
    this.#parts = [];
    this.#room = null;
    const { bytes } = this;
    const head = this.#head ?? tail;
    if (this.#chunks.length === 0) return Promise.resolve({ spooled: [], tail, head, bytes });
    return Promise.all(this.#chunks).then(
      (spooled) => ({ spooled, tail, head, bytes }),
      (error: unknown) => {
        // A full disk, most likely: what got on it must not stay there.
        this.drop();
        throw error;
      },
    );
  }

  /** Not wanted any more: what is on disk or on its way there is taken back. */
  drop(): void {
    this.#parts = [];
    this.#room = null;
    this.#partsBytes = 0;
    const chunks = this.#chunks;
    this.#chunks = [];
    if (chunks.length > 0) {
      void Promise.allSettled(chunks).then((settled) =>
        this.#spool.unspool(settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))),
      );
    }
  }

  #tooLarge(): boolean {
    return this.#bytesMax > 0 && this.bytes > this.#bytesMax;
  }

  #toRoom(content: Buffer): void {
    if (this.#room === null) {
      this.#room = this.#spool.room();
      let at = 0;
      for (const part of this.#parts) at += part.copy(this.#room, at);
      this.#parts = [];
    }
    let from = 0;
    while (from < content.length) {
      const copied = content.copy(this.#room, this.#partsBytes, from);
      from += copied;
      this.#partsBytes += copied;
      if (this.#partsBytes === this.#room.length && from < content.length) {
        this.#send(this.#room);
        this.#room = this.#spool.room();
        this.#partsBytes = 0;
      }
    }
  }

  #send(chunk: Uint8Array): void {
    this.#inFlight++;
    // A copy, for the chunk's memory is handed over to the writer.
    this.#head ??= Uint8Array.from(chunk.subarray(0, headerBlockBytesMax));
    if (this.#inFlight >= chunksInFlightMax) this.#spool.pause();
    const spooled = this.#spool.spool(chunk).finally(() => {
      this.#inFlight--;
      if (this.#inFlight < chunksInFlightMax) this.#spool.resume();
    });
    // The failure is told where the chunks are awaited, in end(); a dropped message has nobody to tell.
    spooled.catch(() => undefined);
    this.#chunks.push(spooled);
  }
}

/** Up to here the slices are kept as they came and copied once, at the end. */
const smallBytesMax = 64 * 1024;

function concat(parts: readonly Buffer[], bytes: number): Uint8Array {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts, bytes);
}

function copyOf(bytes: Uint8Array): Uint8Array {
  return Buffer.from(bytes);
}
