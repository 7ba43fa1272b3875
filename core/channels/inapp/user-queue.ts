/** One user's messages in memory, newest last, and what was told of them lately. */
import type { InAppRow } from '../../model/inapp.ts';
import { presentEntry } from './present.ts';
import { isInFeed, isOfInbox, nextChangeMs } from './rows.ts';
import type { InAppCounts, RealtimeEvent } from './wire.ts';

/** Events that a client that was away for a moment can have again. */
export const eventsKeptMax = 100;
/** Changes of one user's messages that wait for one another. */
export const changesWaitingMax = 200;

/** What the queues of all users share. */
export interface QueueClockwork {
  nowMs(): number;
  /** Grows with every change of any queue, and over restarts: no tag is ever given twice. */
  nextVersion(): number;
  nextSeq(): number;
  readonly onListenerError: (error: unknown) => void;
}

export class UserQueue {
  readonly user: string;
  readonly listeners = new Set<(event: RealtimeEvent) => void>();
  /** Of the last use; the least goes first when there are too many. */
  used = 0;
  /** From the disk; rows that come in meanwhile are here already. */
  loaded = false;
  /** Why it could not be read. */
  failure: unknown = null;
  /** Changes under way and waiting. */
  waiting = 0;
  /** The last of them. */
  tail: Promise<void> = Promise.resolve();
  /** From that event on none is missing; infinite: nobody listened yet, and nothing is remembered. */
  #knownSince = Number.POSITIVE_INFINITY;
  readonly #clockwork: QueueClockwork;
  readonly #rows = new Map<string, InAppRow>();
  readonly #events: RealtimeEvent[] = [];
  #version = 0;
  #changesAtMs = Number.POSITIVE_INFINITY;
  #lastShownMs: number | null = null;
  #counts: InAppCounts | null = null;
  #tagQuery: string | null = null;
  #tag = '';

  constructor(user: string, clockwork: QueueClockwork) {
    this.user = user;
    this.#clockwork = clockwork;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Newest last. */
  rows(): Iterable<InAppRow> {
    return this.#rows.values();
  }

  row(id: string): InAppRow | undefined {
    return this.#rows.get(id);
  }

  /** When the user was last shown what is not of the inbox alone. */
  get lastShownMs(): number | null {
    return this.#lastShownMs;
  }

  /** @param found oldest first */
  fill(found: readonly InAppRow[]): void {
    const arrived = [...this.#rows.values()];
    this.#rows.clear();
    for (const row of [...arrived, ...found].toSorted((a, b) => a.seq - b.seq)) this.#keep(row);
    this.loaded = true;
    this.#touch();
    if (this.listeners.size > 0) this.#remember();
  }

  put(row: InAppRow): void {
    this.#keep(row);
    this.#touch();
  }

  /** Of what the client sees nothing changes. */
  putUnseen(row: InAppRow): void {
    this.#keep(row);
  }

  remove(id: string): boolean {
    const gone = this.#rows.delete(id);
    if (gone) this.#touch();
    return gone;
  }

  #keep(row: InAppRow): void {
    this.#rows.set(row.id, row);
    const last = row.display.kind === 'inbox' ? undefined : row.impressionsMs.at(-1);
    if (last !== undefined && (this.#lastShownMs === null || last > this.#lastShownMs))
      this.#lastShownMs = last;
  }

  #touch(): void {
    this.#version = this.#clockwork.nextVersion();
    this.#tagQuery = null;
    this.#counts = null;
    const nowMs = this.#clockwork.nowMs();
    this.#changesAtMs = Number.POSITIVE_INFINITY;
    for (const row of this.#rows.values()) {
      const next = nextChangeMs(row, nowMs);
      if (next < this.#changesAtMs) this.#changesAtMs = next;
    }
  }

  /** Time alone may have changed what there is. */
  passTime(): void {
    if (this.#clockwork.nowMs() >= this.#changesAtMs) this.#touch();
  }

  /** Stands for what a pull with that query gets now. */
  tag(query: string): string {
    this.passTime();
    if (query !== this.#tagQuery) {
      this.#tagQuery = query;
      this.#tag = `"${this.#version.toString(36)}-${fingerprint(query)}"`;
    }
    return this.#tag;
  }

  counts(): InAppCounts {
    this.passTime();
    if (this.#counts !== null) return this.#counts;
    const nowMs = this.#clockwork.nowMs();
    let total = 0;
    let unread = 0;
    let unseen = 0;
    for (const row of this.#rows.values()) {
      if (row.archivedAtMs !== null || !isInFeed(row, nowMs)) continue;
      total++;
      // A bell must not count what the inbox does not list.
      if (!isOfInbox(row)) continue;
      if (row.readAtMs === null) unread++;
      if (row.seenAtMs === null) unseen++;
    }
    this.#counts = { total, unread, unseen };
    return this.#counts;
  }

  listen(hear: (event: RealtimeEvent) => void): () => void {
    this.listeners.add(hear);
    if (this.loaded && this.#knownSince === Number.POSITIVE_INFINITY) this.#remember();
    return () => this.listeners.delete(hear);
  }

  #remember(): void {
    this.#knownSince = this.#clockwork.nextSeq();
  }

  get #isHeard(): boolean {
    return this.loaded && this.#knownSince !== Number.POSITIVE_INFINITY;
  }

  tell(what: 'message.created' | 'message.updated', row: InAppRow): void {
    if (this.#isHeard)
      this.#say({
        type: what,
        seq: this.#clockwork.nextSeq(),
        entry: presentEntry(row),
        counts: this.counts(),
      });
  }

  tellGone(id: string): void {
    if (this.#isHeard)
      this.#say({ type: 'message.expired', seq: this.#clockwork.nextSeq(), id, counts: this.counts() });
  }

  #say(event: RealtimeEvent & { readonly seq: number }): void {
    this.#events.push(event);
    if (this.#events.length > eventsKeptMax) {
      const dropped = this.#events.shift();
      if (dropped !== undefined && 'seq' in dropped) this.#knownSince = dropped.seq;
    }
    for (const hear of this.listeners) {
      try {
        hear(event);
      } catch (error) {
        // One listener's fault must not keep the others from hearing.
        this.#clockwork.onListenerError(error);
      }
    }
  }

  since(seq: number): readonly RealtimeEvent[] | null {
    if (!this.loaded || seq < this.#knownSince) return null;
    return this.#events.filter((event) => 'seq' in event && event.seq > seq);
  }
}

/** FNV-1a: queries are told apart by it, and it is no secret's keeper; a query may carry a hash of the user. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(36);
}
