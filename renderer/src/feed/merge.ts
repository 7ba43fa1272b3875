export interface FeedEntry {
  readonly id: string;
  /** Grows with every entry; lists are newest first. */
  readonly seq: number;
}

export interface FeedPage<T extends FeedEntry> {
  readonly entries: readonly T[];
  readonly nextCursor: string | null;
}

/**
 * Lays a fresh first page over what is loaded.
 *
 * Where the two overlap, the older rows stay. Where they do not (more arrived in between than a page holds), the
 * rest is let go: a list with a hole in it would lie. An entry that did not change keeps its identity, so that its
 * row need not render again.
 */
export function mergeHead<T extends FeedEntry>(
  loaded: FeedPage<T>,
  head: FeedPage<T>,
  same: (a: T, b: T) => boolean,
): FeedPage<T> {
  const entries = keepIdentity(loaded.entries, head.entries, same);
  const last = entries.at(-1);
  const newest = loaded.entries[0];
  if (last === undefined || newest === undefined || head.nextCursor === null || last.seq > newest.seq) {
    return { entries, nextCursor: head.nextCursor };
  }
  const rest = loaded.entries.slice(firstBelow(loaded.entries, last.seq));
  if (rest.length === 0) return { entries, nextCursor: head.nextCursor };
  return { entries: entries.concat(rest), nextCursor: loaded.nextCursor };
}

/** Adds the next page below, without what is there already. */
export function mergeTail<T extends FeedEntry>(loaded: FeedPage<T>, page: FeedPage<T>): FeedPage<T> {
  const last = loaded.entries.at(-1);
  const added = last === undefined ? page.entries : page.entries.filter((entry) => entry.seq < last.seq);
  return { entries: loaded.entries.concat(added), nextCursor: page.nextCursor };
}

function keepIdentity<T extends FeedEntry>(
  old: readonly T[],
  fresh: readonly T[],
  same: (a: T, b: T) => boolean,
): readonly T[] {
  const first = fresh[0];
  const last = fresh.at(-1);
  if (first === undefined || last === undefined) return fresh;
  const known = new Map<string, T>();
  for (let index = firstBelow(old, first.seq + 1); index < old.length; index += 1) {
    const entry = old[index];
    if (entry === undefined || entry.seq < last.seq) break;
    known.set(entry.id, entry);
  }
  return fresh.map((entry) => {
    const before = known.get(entry.id);
    return before !== undefined && same(before, entry) ? before : entry;
  });
}

/** @returns the index of the first entry whose seq is below the given one; the list is sorted, newest first */
export function firstBelow(entries: readonly FeedEntry[], seq: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = entries[middle];
    if (entry !== undefined && entry.seq >= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
