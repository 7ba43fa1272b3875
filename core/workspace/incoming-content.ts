/**
 * The bytes of one message on their way in. A small one stays in memory, of a large one piece after piece goes to disk, and
 * is waited for: memory does not grow with its size.
 */
import { createHash } from 'node:crypto';
import { headerBlockBytesMax } from '../model/header-block.ts';
import type { Store } from '../store/store.ts';

export interface IncomingContent {
  readonly bytes: number;
  readonly digest: string;
  readonly spooled: readonly number[];
  readonly tail: Uint8Array;
  readonly head: Uint8Array;
}

export type ContentFault = 'too_large' | 'incomplete' | 'too_long';

export interface ContentLimits {
  /** 0: no limit. */
  readonly bytesMax: number;
  /** As it was where it comes from; null: as many as there are. One end of a line more is the mbox's. */
  readonly bytes: number | null;
}

/**
 * @param store null: nothing is kept, it is only looked at
 * @returns what it is, or what is wrong with it; then nothing of it is left on disk
 */
export async function readContent(
  chunks: AsyncIterable<Uint8Array>,
  limits: ContentLimits,
  store: Pick<Store, 'spool' | 'unspool' | 'room'> | null,
): Promise<IncomingContent | ContentFault> {
  const wanted = limits.bytes ?? Number.POSITIVE_INFINITY;
  const hash = createHash('sha256');
  const spooled: number[] = [];
  let bytes = 0;
  let fault: ContentFault | null = null;
  let room: Uint8Array<ArrayBuffer> | null = null;
  let filled = 0;
  let parts: Uint8Array[] = [];
  let head: Uint8Array | null = null;

  async function keep(chunk: Uint8Array): Promise<void> {
    if (store === null) return;
    if (room === null && filled + chunk.length <= smallBytesMax) {
      parts.push(Uint8Array.from(chunk));
      filled += chunk.length;
      return;
    }
    if (room === null) {
      room = store.room();
      room.set(Buffer.concat(parts, filled));
      parts = [];
    }
    for (let from = 0; from < chunk.length; ) {
      if (filled === room.length) {
        head ??= Uint8Array.from(room.subarray(0, headerBlockBytesMax));
        spooled.push(await store.spool(room));
        room = store.room();
        filled = 0;
      }
      const piece = chunk.subarray(from, from + room.length - filled);
      room.set(piece, filled);
      filled += piece.length;
      from += piece.length;
    }
  }

  try {
    for await (const chunk of chunks) {
      const own = chunk.subarray(0, Math.max(0, wanted - bytes));
      const more = chunk.subarray(own.length);
      const beyond = Math.max(0, bytes - wanted);
      bytes += chunk.length;
      if (more.length > 0 && (beyond + more.length > 1 || more[0] !== 0x0a)) fault ??= 'too_long';
      if (limits.bytesMax > 0 && Math.min(bytes, wanted) > limits.bytesMax) fault ??= 'too_large';
      // Read to its end all the same: what comes behind it is the next one.
      if (fault !== null) continue;
      hash.update(own);
      await keep(own);
    }
    if (limits.bytes !== null && bytes < limits.bytes) fault ??= 'incomplete';
  } catch (error) {
    store?.unspool(spooled);
    throw error;
  }
  if (fault !== null) {
    store?.unspool(spooled);
    return fault;
  }
  const tail = room === null ? Buffer.concat(parts, filled) : Uint8Array.from(lastOf(room, filled));
  return { bytes: Math.min(bytes, wanted), digest: hash.digest('hex'), spooled, tail, head: head ?? tail };
}

const smallBytesMax = 64 * 1024;

function lastOf(room: Uint8Array, filled: number): Uint8Array {
  return room.subarray(0, filled);
}
