/** Reads whole messages on a read-only connection of the calling thread's own. */
import type { Channel, MessageDetails } from '../../model/message.ts';
import { unpackDetails } from '../../model/message-details.ts';
import { openReader } from './open.ts';

export interface OtherThanMail {
  readonly channel: Channel;
  readonly envelopeFrom: string;
  readonly envelopeTo: readonly string[];
  readonly details: MessageDetails | null;
}

interface OtherSqlRow {
  channel: Channel;
  envelope_from: string;
  envelope_to: string;
  details: string | null;
}

export interface RawReader {
  byId(id: string): Uint8Array | null;
  bySeq(seq: number): Uint8Array | null;
  /** What of it is no mail: what it has beside its bytes. Null for mail, and for what is not there. */
  otherById(id: string): OtherThanMail | null;
  otherBySeq(seq: number): OtherThanMail | null;
  /** Of a message that is not stored yet: chunks that are on disk already. */
  byChunks(numbers: readonly number[]): readonly Uint8Array[] | null;
  close(): void;
}

export function openRawReader(file: string): RawReader {
  const db = openReader(file);
  const chunksById = db.prepare('SELECT raw FROM messages WHERE id = ?').pluck();
  const chunksBySeq = db.prepare('SELECT raw FROM messages WHERE seq = ?').pluck();
  const otherSql =
    "SELECT channel, envelope_from, envelope_to, details FROM messages WHERE channel <> 'email' AND";
  const otherById = db.prepare(`${otherSql} id = ?`);
  const otherBySeq = db.prepare(`${otherSql} seq = ?`);
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

  function toOther(found: unknown): OtherThanMail | null {
    const row = found as OtherSqlRow | undefined;
    if (row === undefined) return null;
    return {
      channel: row.channel,
      envelopeFrom: row.envelope_from,
      envelopeTo: JSON.parse(row.envelope_to) as string[],
      details: unpackDetails(row.details),
    };
  }

  return {
    otherById: (id) => toOther(otherById.get(id)),
    otherBySeq: (seq) => toOther(otherBySeq.get(seq)),
    byId: (id) => whole(chunksById.get(id)),
    byChunks,
    bySeq: (seq) => whole(chunksBySeq.get(seq)),
    close: () => db.close(),
  };
}
