/** Which messages are here already: by their id, or because they came at the same moment with the same bytes. */
import { createHash } from 'node:crypto';
import type { RawMessage, Store } from '../store/store.ts';

export interface KnownMessages {
  hasId(id: string): Promise<boolean>;
  /** @param digest of its bytes, see `digestOf`; asked for only where one came at that moment */
  hasContent(receivedAtMs: number, bytes: number, digest: () => Promise<string>): Promise<boolean>;
}

const timesAtOnce = 10_000;

/** What is here as it begins. What is added meanwhile by the same import counts as another one, as it did where it was. */
export async function knownMessages(
  store: Pick<Store, 'message' | 'messagesFrom' | 'receivedTimes' | 'raw'>,
): Promise<KnownMessages> {
  const seqs: number[] = [];
  const times: number[] = [];
  for (;;) {
    const page = await store.receivedTimes(seqs.at(-1) ?? 0, timesAtOnce);
    for (const [seq, atMs] of page) {
      seqs.push(seq);
      times.push(atMs);
    }
    if (page.length < timesAtOnce) break;
  }
  const order = Uint32Array.from(times.keys()).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
  const timeAt = (place: number): number => times[order[place] ?? -1] ?? Number.POSITIVE_INFINITY;

  function* seqsOf(atMs: number): Generator<number> {
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (timeAt(middle) < atMs) low = middle + 1;
      else high = middle;
    }
    for (; timeAt(low) === atMs; low++) yield seqs[order[low] ?? -1] ?? 0;
  }

  return {
    hasId: async (id) => (await store.message(id)) !== null,
    async hasContent(receivedAtMs, bytes, digest) {
      for (const seq of seqsOf(receivedAtMs)) {
        const [row] = await store.messagesFrom(seq - 1, 1);
        if (row?.seq !== seq || row.bytes !== bytes) continue;
        const raw = await store.raw(row.id);
        if (raw !== null && (await digestOf(raw)) === (await digest())) return true;
      }
      return false;
    },
  };
}

async function digestOf(raw: RawMessage): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of raw.chunks) hash.update(chunk);
  return hash.digest('hex');
}
