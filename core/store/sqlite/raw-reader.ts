/** Reads whole messages on a read-only connection of the calling thread's own. */
import { openReader } from './open.ts';

export interface RawReader {
  byId(id: string): Uint8Array | null;
  bySeq(seq: number): Uint8Array | null;
  close(): void;
}

export function openRawReader(file: string): RawReader {
  const db = openReader(file);
  const chunksById = db.prepare('SELECT raw FROM messages WHERE id = ?').pluck();
  const chunksBySeq = db.prepare('SELECT raw FROM messages WHERE seq = ?').pluck();
  const chunk = db.prepare('SELECT bytes FROM raw WHERE id = ?').pluck();

  function whole(numbers: unknown): Uint8Array | null {
    if (typeof numbers !== 'string') return null;
    const chunks = numbers.split(',').map((number) => chunk.get(Number(number)) as Buffer | undefined);
    const [first] = chunks;
    if (chunks.some((one) => one === undefined)) return null;
    return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks as Buffer[]);
  }

  return {
    byId: (id) => whole(chunksById.get(id)),
    bySeq: (seq) => whole(chunksBySeq.get(seq)),
    close: () => db.close(),
  };
}
