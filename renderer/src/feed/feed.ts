import { headEntriesMax } from '../api/message-list-path.ts';
import { ApiProblem } from '../api/request.ts';
import { paced } from '../live/paced.ts';
import { type FeedEntry, type FeedPage, mergeHead, mergeTail } from './merge.ts';

export interface FeedState<T> {
  readonly entries: readonly T[];
  readonly nextCursor: string | null;
  readonly total: number;
  readonly status: 'loading' | 'ready' | 'error';
  readonly problem: ApiProblem | null;
  readonly loadingMore: boolean;
  /** How many arrived while the list was scrolled and wait to be shown. */
  readonly waiting: number;
}

export interface FeedSource<T> {
  readonly fetch: (page: {
    readonly after: string | null;
    readonly limit: number;
    readonly signal: AbortSignal;
  }) => Promise<{
    readonly entries: readonly T[];
    readonly nextCursor: string | null;
    readonly total: number;
  }>;
  /** True when the row of `a` would look the same as that of `b`. */
  readonly same: (a: T, b: T) => boolean;
}

const pageEntriesMax = 250;
const reloadEntriesMax = 500;
const refreshIntervalMs = 250;
/** Past this the count of what waits stands still; nobody reads the difference. */
const waitingMax = 50_000;

/**
 * A long live list, newest first: what is loaded of it, and how it takes in what arrives.
 *
 * At the top it takes in new entries at most four times a second. Scrolled, it stands still and only counts.
 */
export class Feed<T extends FeedEntry> {
  readonly #source: FeedSource<T>;
  readonly #listeners = new Set<() => void>();
  readonly #waiting = new Set<string>();
  readonly #refresh = paced(() => this.#refreshHead(), refreshIntervalMs);
  readonly #tellWaiting = paced(async () => this.#publishWaiting(), refreshIntervalMs);
  #abort = new AbortController();
  #place: 'top' | 'scrolled' = 'top';
  #state: FeedState<T> = {
    entries: [],
    nextCursor: null,
    total: 0,
    status: 'loading',
    problem: null,
    loadingMore: false,
    waiting: 0,
  };

  constructor(source: FeedSource<T>) {
    this.#source = source;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): FeedState<T> => this.#state;

  start(): void {
    this.#abort = new AbortController();
    this.#refresh.run();
  }

  stop(): void {
    this.#abort.abort();
  }

  /** @param ids what arrived; null when only the core can tell, because a search decides */
  arrived(ids: readonly string[] | null): void {
    if (this.#place === 'top' || ids === null) this.#refresh.run();
    else this.#wait(ids);
  }

  /** Something in the rows changed that only the core can tell. */
  refresh(): void {
    this.#refresh.run();
  }

  /** These entries changed in a way that only the core can tell; what is not loaded need not be asked for. */
  touched(ids: ReadonlySet<string>): void {
    const loaded = this.#state.entries;
    const near = loaded.length > headEntriesMax ? loaded.slice(0, headEntriesMax) : loaded;
    if (this.#place === 'top' || near.some((entry) => ids.has(entry.id))) this.#refresh.run();
  }

  setPlace(place: 'top' | 'scrolled'): void {
    if (this.#place === place) return;
    this.#place = place;
    if (place === 'top' && this.#state.waiting > 0) this.#refresh.run();
  }

  async loadMore(): Promise<void> {
    const { nextCursor, loadingMore, status } = this.#state;
    if (nextCursor === null || loadingMore || status !== 'ready') return;
    this.#set({ loadingMore: true });
    try {
      const page = await this.#fetch(nextCursor, pageEntriesMax);
      this.#set({ ...mergeTail(this.#page(), page), total: page.total, loadingMore: false });
    } catch (error) {
      this.#set({ loadingMore: false });
      this.#report(error);
    }
  }

  /** Fetches again as much as is loaded, up to a limit: after a pause, or a change that named no entry. */
  async reload(): Promise<void> {
    const limit = Math.min(reloadEntriesMax, Math.max(headEntriesMax, this.#state.entries.length));
    try {
      const page = await this.#fetch(null, limit);
      const head = mergeHead({ entries: this.#state.entries, nextCursor: null }, page, this.#source.same);
      const entries = head.entries.slice(0, page.entries.length);
      this.#ready({ entries, nextCursor: page.nextCursor }, page.total);
    } catch (error) {
      this.#report(error);
    }
  }

  change(ids: ReadonlySet<string>, change: (entry: T) => T): void {
    if (!this.#state.entries.some((entry) => ids.has(entry.id))) return;
    this.#set({ entries: this.#state.entries.map((entry) => (ids.has(entry.id) ? change(entry) : entry)) });
  }

  remove(ids: ReadonlySet<string>): void {
    const entries = this.#state.entries.filter((entry) => !ids.has(entry.id));
    const gone = this.#state.entries.length - entries.length;
    if (gone > 0) this.#set({ entries, total: Math.max(0, this.#state.total - gone) });
  }

  async #refreshHead(): Promise<void> {
    try {
      const page = await this.#fetch(null, headEntriesMax);
      if (this.#place === 'top' || this.#state.status !== 'ready') {
        this.#ready(mergeHead(this.#page(), page, this.#source.same), page.total);
      } else this.#count(page);
    } catch (error) {
      this.#report(error);
    }
  }

  /** While scrolled: what is new only counts; a row that changed is updated in its place. */
  #count(page: { readonly entries: readonly T[]; readonly total: number }): void {
    const newest = this.#state.entries[0]?.seq ?? 0;
    const known = new Map(page.entries.map((entry) => [entry.id, entry]));
    const entries = this.#state.entries.map((entry) => {
      const now = known.get(entry.id);
      return now === undefined || this.#source.same(entry, now) ? entry : now;
    });
    this.#wait(page.entries.filter((entry) => entry.seq > newest).map((entry) => entry.id));
    this.#set({ entries, waiting: this.#waiting.size, total: page.total });
  }

  /** News reaches the list twice, as an event and in a page, in either order: ids are counted once. */
  #wait(ids: readonly string[]): void {
    const near = new Set(this.#state.entries.slice(0, headEntriesMax).map((entry) => entry.id));
    for (const id of ids) if (!near.has(id) && this.#waiting.size < waitingMax) this.#waiting.add(id);
    this.#tellWaiting.run();
  }

  #publishWaiting(): void {
    const added = this.#waiting.size - this.#state.waiting;
    if (added > 0) this.#set({ waiting: this.#waiting.size, total: this.#state.total + added });
  }

  #page(): FeedPage<T> {
    return { entries: this.#state.entries, nextCursor: this.#state.nextCursor };
  }

  async #fetch(after: string | null, limit: number) {
    const { signal } = this.#abort;
    const page = await this.#source.fetch({ after, limit, signal });
    signal.throwIfAborted();
    return page;
  }

  #ready(page: FeedPage<T>, total: number): void {
    this.#waiting.clear();
    this.#set({ ...page, total, status: 'ready', problem: null, waiting: 0 });
  }

  /** A list that has rows keeps them: stale rows are worth more than an error page. */
  #report(error: unknown): void {
    if (this.#abort.signal.aborted) return;
    const problem =
      error instanceof ApiProblem
        ? error
        : new ApiProblem({
            code: 'unexpected',
            status: 0,
            title: 'Something went wrong',
            detail: String(error),
          });
    this.#set({
      problem,
      status: this.#state.status === 'ready' && problem.status === 0 ? 'ready' : 'error',
    });
  }

  #set(change: Partial<FeedState<T>>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
