/**
 * The main thread's end of the writer: gathers what comes while a commit is under way and hands it over as the next
 * batch. Whatever waits goes into one transaction, so that the cost of a sync is shared by all who wait for it.
 */
import type { Worker } from 'node:worker_threads';
import { AppError } from '../../model/app-error.ts';
import type { StoredEvent } from '../../model/message.ts';
import { spoolChunkBytes } from '../store.ts';
import type { Batch, Bytes, Counts, FromWriter, Operation, Outcome } from './operations.ts';

/** An operation before its bytes have a place in the batch. */
export type Pending = {
  readonly operation: Operation;
  /** Bytes that go with it, or null. */
  readonly bytes: Uint8Array | null;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: AppError) => void;
  readonly lazy: boolean;
  /** Kept apart: bytes that were handed over have a length no more. */
  readonly size: number;
};

/** Chunks' memory kept for the next message. */
const roomsMax = 16;
/** How long what nobody waits for may wait for company. */
const lazyMsMax = 30;
const batchOperationsMax = 1_000;
const batchBytesMax = 16 * 1024 * 1024;
/** Waiting bytes from which `accept` is refused as busy: a last line of defence, the doors pause long before. */
export const waitingBytesMax = 512 * 1024 * 1024;
/** Bytes from which a chunk is handed over as it is, not copied into the batch's buffer. */
const ownBufferBytes = 64 * 1024;

export class WriteQueue {
  readonly #worker: Worker;
  readonly #onCommit: (events: readonly StoredEvent[]) => void;
  readonly #after: (delayMs: number, run: () => void) => () => void;
  #waiting: Pending[] = [];
  #waitingBytes = 0;
  #underWay: readonly Pending[] | null = null;
  #scheduled = false;
  /** Of what waits, how much somebody waits for. */
  #urgent = 0;
  #cancelLazy: (() => void) | null = null;
  #closed: AppError | null = null;
  readonly #rooms: ArrayBuffer[] = [];
  counts: Counts;
  commits = 0;
  commitMsSum = 0;

  constructor(
    worker: Worker,
    counts: Counts,
    onCommit: (events: readonly StoredEvent[]) => void,
    after: (delayMs: number, run: () => void) => () => void,
  ) {
    this.#worker = worker;
    this.counts = counts;
    this.#onCommit = onCommit;
    this.#after = after;
  }

  get failure(): string | null {
    return this.#closed?.message ?? null;
  }

  get waiting(): number {
    return this.#waiting.length + (this.#underWay?.length ?? 0);
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  room(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#rooms.pop() ?? new ArrayBuffer(spoolChunkBytes));
  }

  /** For what nobody waits for: it goes along with the next batch, or alone after a moment. */
  pushLazy(operation: Operation): Promise<unknown> {
    return this.#add(operation, null, true);
  }

  push(operation: Operation, bytes: Uint8Array | null = null): Promise<unknown> {
    return this.#add(operation, bytes, false);
  }

  #add(operation: Operation, bytes: Uint8Array | null, lazy: boolean): Promise<unknown> {
    if (this.#closed !== null) return Promise.reject(this.#closed);
    const size = bytes?.length ?? 0;
    if (this.#waitingBytes + size > waitingBytesMax) {
      return Promise.reject(
        new AppError('store_busy', 'too much waits to be written; try again in a moment'),
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ operation, bytes, resolve, reject, lazy, size });
      this.#waitingBytes += size;
      if (!lazy) this.#urgent++;
      if (this.#underWay === null) this.#schedule();
    });
  }

  receive(message: Extract<FromWriter, { type: 'done' }>): void {
    const done = this.#underWay ?? [];
    this.#underWay = null;
    if (this.#rooms.length < roomsMax) this.#rooms.push(...message.rooms);
    const { results, events, counts } = JSON.parse(message.outcome) as Outcome;
    this.counts = counts;
    this.commits++;
    this.commitMsSum += message.commitMs;
    for (const pending of done) this.#waitingBytes -= pending.size;
    // In the next turn of the event loop: what the sockets bring until then goes along.
    this.#schedule();
    done.forEach((pending, index) => {
      const result = results[index];
      if (result === undefined) pending.reject(new AppError('store_failed', 'the writer gave no answer'));
      else if (result.ok) pending.resolve(result.value);
      else pending.reject(new AppError(result.code, result.message));
    });
    this.#onCommit(events);
  }

  /** The writer is gone: nothing that waits can be stored, and everyone who waits is told. */
  fail(error: AppError): void {
    this.#closed = error;
    for (const pending of [...(this.#underWay ?? []), ...this.#waiting]) pending.reject(error);
    this.#underWay = null;
    this.#waiting = [];
    this.#urgent = 0;
    this.#waitingBytes = 0;
  }

  /** Settles when nothing waits any more. */
  async drained(): Promise<void> {
    this.#send();
    while (this.waiting > 0 && this.#closed === null) {
      if (this.#underWay === null) this.#send();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.length === 0) return;
    if (this.#urgent > 0) {
      this.#scheduled = true;
      // After this turn of the event loop: what the other sockets bring in the same turn goes along.
      setImmediate(() => this.#send());
    } else {
      this.#cancelLazy ??= this.#after(lazyMsMax, () => this.#send());
    }
  }

  #send(): void {
    this.#scheduled = false;
    this.#cancelLazy?.();
    this.#cancelLazy = null;
    if (this.#underWay !== null || this.#waiting.length === 0) return;
    const taken = this.#take();
    for (const pending of taken) if (!pending.lazy) this.#urgent--;
    this.#underWay = taken;
    const { batch, transfer } = pack(taken);
    this.#worker.postMessage(batch, transfer);
  }

  #take(): readonly Pending[] {
    let bytes = 0;
    let count = 0;
    for (const pending of this.#waiting) {
      bytes += pending.size;
      if (count > 0 && (bytes > batchBytesMax || count >= batchOperationsMax)) break;
      count++;
    }
    if (count === this.#waiting.length) {
      const all = this.#waiting;
      this.#waiting = [];
      return all;
    }
    return this.#waiting.splice(0, count);
  }
}

/** Small bytes are copied into one buffer, large ones travel as they are; both are handed over to the writer. */
function pack(taken: readonly Pending[]): { readonly batch: Batch; readonly transfer: ArrayBuffer[] } {
  let length = 0;
  for (const { bytes } of taken) if (bytes !== null && bytes.length < ownBufferBytes) length += bytes.length;
  const buffer = new ArrayBuffer(length);
  const target = new Uint8Array(buffer);
  const large: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  const operations = taken.map(({ operation, bytes }) => {
    if (bytes === null) return operation;
    if (bytes.length < ownBufferBytes) {
      target.set(bytes, at);
      at += bytes.length;
      return withBytes(operation, { at: at - bytes.length, length: bytes.length });
    }
    large.push(ownCopy(bytes));
    return withBytes(operation, { large: large.length - 1 });
  });
  return {
    batch: { type: 'batch', operations: JSON.stringify(operations), buffer, large },
    transfer: [buffer, ...large.map((piece) => piece.buffer)],
  };
}

/** A view of a larger buffer is copied, for the whole buffer would be handed over with it. */
function ownCopy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  return buffer instanceof ArrayBuffer && bytes.byteOffset === 0 && bytes.byteLength === buffer.byteLength
    ? new Uint8Array(buffer)
    : new Uint8Array(bytes);
}

function withBytes(operation: Operation, bytes: Bytes): Operation {
  switch (operation.kind) {
    case 'accept':
      return { ...operation, tail: bytes };
    case 'spool':
    case 'keepCopies':
      return { ...operation, bytes };
    default:
      return operation;
  }
}
