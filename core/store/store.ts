/**
 * The store, as the rest of the core sees it: an async port. A promise of a writing call settles only after its
 * transaction is on disk (SQLite WAL with synchronous=FULL), so that whoever waits for it may say yes.
 */
import type {
  ExchangeEnd,
  ExchangeRow,
  MessageRow,
  MessageSummary,
  ProjectRow,
  Retention,
  StoredEvent,
  Submission,
} from '../model/message.ts';
import type { SearchQuery } from './search-query.ts';

/** A chunk of a message that is put on disk while the rest still comes. Larger messages are stored in such pieces. */
export const spoolChunkBytes = 512 * 1024;

export interface Selection {
  readonly query: SearchQuery;
  readonly project: string | null;
}

export interface Page<T> {
  readonly entries: readonly T[];
  /** `seq` to continue after, or null at the end. */
  readonly next: number | null;
  readonly total: number;
}

export interface PageRequest {
  /** Only what has a smaller `seq`, newest first. */
  readonly after: number | null;
  readonly limit: number;
}

export interface IndexEntry {
  readonly seq: number;
  readonly summary: MessageSummary;
}

export interface StoreCounts {
  readonly messages: number;
  readonly unread: number;
  readonly bytes: number;
  readonly waitingForIndex: number;
  readonly exchanges: number;
}

export interface Store {
  /**
   * Stores a message with its event and its part of the exchange.
   * @returns its `seq`, once it is on disk
   * @throws AppError `disk_full`, `store_failed`, `store_busy`
   */
  accept(submission: Submission): Promise<number>;
  /** Puts a chunk of a message to come on disk. @returns its number, for `Submission.spooled` */
  spool(chunk: Uint8Array): Promise<number>;
  /** Memory for a chunk, of `spoolChunkBytes`: what `spool` handed over comes back here and is used again. */
  room(): Uint8Array<ArrayBuffer>;
  /** Takes chunks back whose message did not come. */
  unspool(chunks: readonly number[]): void;
  /** Keeps the end of an exchange. */
  endExchange(end: ExchangeEnd): Promise<void>;
  /** Keeps what reading the messages found and makes them searchable. */
  index(entries: readonly IndexEntry[]): Promise<void>;
  setRead(ids: readonly string[], read: boolean): Promise<readonly string[]>;
  markAllRead(selection: Selection): Promise<number>;
  setTags(id: string, tags: readonly string[]): Promise<boolean>;
  /** @returns how many went */
  deleteMessages(ids: readonly string[]): Promise<number>;
  deleteSelection(selection: Selection): Promise<number>;
  deleteExchanges(): Promise<number>;
  saveProject(
    name: string,
    change: { readonly retention?: Retention; readonly fixed?: boolean },
  ): Promise<void>;
  /** @returns false when it still has messages or is not known */
  deleteProject(name: string): Promise<boolean>;
  saveSetting(key: string, value: unknown): Promise<void>;
  /** Removes what the limits say, a small step at a time. @returns how many messages went in this step */
  prune(general: Retention, nowMs: number): Promise<number>;

  message(id: string): Promise<MessageRow | null>;
  messages(selection: Selection, page: PageRequest): Promise<Page<MessageRow>>;
  /** The exact bytes, in chunks; null when there is no such message. */
  raw(id: string): Promise<RawMessage | null>;
  events(request: {
    readonly after: number;
    readonly limit: number;
    readonly messageId: string | null;
  }): Promise<readonly StoredEvent[]>;
  exchanges(filter: ExchangeFilter, page: PageRequest): Promise<Page<ExchangeRow>>;
  exchange(id: string, messageId: string | null): Promise<ExchangeWithTranscript | null>;
  projects(): Promise<readonly ProjectRow[]>;
  tags(project: string | null): Promise<readonly { readonly tag: string; readonly messages: number }[]>;
  settings(): Promise<Readonly<Record<string, unknown>>>;
  /** Counts kept in memory by the writer; cheap. */
  counts(): StoreCounts;
  lastEventSeq(): number;
  /** Runs on another thread than the lists, so that a long read keeps nobody waiting. */
  unindexed(limit: number): Promise<readonly { readonly seq: number; readonly bytes: number }[]>;
  metrics(): StoreMetrics;
  /** Why nothing can be stored any more, or null. */
  failure(): string | null;
  close(): Promise<void>;
}

export interface ExchangeFilter {
  readonly outcome: string | null;
  readonly door: string | null;
  readonly text: string | null;
}

export interface ExchangeWithTranscript {
  readonly row: ExchangeRow;
  /** Segments in the order they were said; see doors/smtp/transcript. */
  readonly segments: readonly { readonly messageId: string | null; readonly text: string }[];
  readonly truncated: boolean;
}

export interface RawMessage {
  readonly bytes: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface StoreMetrics {
  readonly commits: number;
  readonly commitMsSum: number;
  readonly operationsWaiting: number;
  readonly bytesWaiting: number;
}
