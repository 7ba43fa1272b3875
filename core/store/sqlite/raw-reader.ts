/** Reads whole messages on a read-only connection of the calling thread's own. */
import { openReader } from './open.ts';

export interface RawReader {
  byId(id: string): Uint8Array | null;
  bySeq(seq: number): Uint8Array | null;
  /** Of a message that is not stored yet: chunks that are on disk already. */
  byChunks(numbers: readonly number[]): readonly Uint8Array[] | null;
  close(): void;
}

export function openRawReader(file: string): RawReader {
  const db = openReader(file);
  const chunksById = db.prepare('SELECT raw FROM messages WHERE id = ?').pluck();
  const chunksBySeq = db.prepare('SELECT raw FROM messages WHERE seq = ?').pluck();
  const chunk = db.prepare('SELECT bytes FROM raw WHERE id = ?').pluck();

  function byChunks(numbers: readonly number[]): readonly Uint8Array[] | null {
    const chunks = numbers.flatMap((number) => (chunk.get(number) as Buffer | undefined) ?? []);
    return chunks.length === numbers.length ? chunks : null;
  }

  function whole(numbers: unknown): Uint8Array | null {
    if (typeof numbers !== 'string') return null;
    const chunks = byChunks(numbers.split(',').map(Number));
    if (chunks === null) return null;
    const [first] = chunks;
    return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
  }

  return {
    byId: (id) => whole(chunksById.get(id)),
    byChunks,
    bySeq: (seq) => whole(chunksBySeq.get(seq)),
    close: () => db.close(),
  };
}
