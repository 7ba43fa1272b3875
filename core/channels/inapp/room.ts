/** The in-app room as its doors see it: users' queues, in memory as far as they are in use, and on disk always. */
import type { Eligible, InAppCounts, InAppEntry, InAppPage, RealtimeEvent } from './wire.ts';

export interface PullQuery {
  /** `seq` of the last entry of the page before; null: from the newest. */
  readonly after: number | null;
  readonly limit: number;
  readonly status: 'all' | 'unseen' | 'unread';
  readonly archived: 'exclude' | 'include' | 'only';
  readonly tags: readonly string[];
  /** Only what its page rules let be shown there; null: all. */
  readonly url: string | null;
}

export interface Visit {
  /** Name of this one display: a request that is repeated with it counts once. Left out: the session's name stands for it. */
  readonly visit?: string | null;
  /** Name of the client's session; null: none, and rules of sessions do not count. */
  readonly session: string | null;
  readonly url: string | null;
}

export const inAppMarks = ['seen', 'read', 'archived'] as const;
export type InAppMark = (typeof inAppMarks)[number];

export interface InAppRoom {
  /**
   * The entity tag of what a pull would get, where that is known without a look at the disk; else null. It costs next to
   * nothing: thousands of clients ask every second whether something is new.
   * @param query the request's own query string
   */
  tagOf(user: string, query: string): string | null;
  /** What is handed out for the first time is `sent` from then on: the promise settles when that is on disk. */
  pull(
    user: string,
    query: PullQuery,
    written: string,
  ): Promise<{ readonly page: InAppPage; readonly tag: string }>;
  counts(user: string): Promise<InAppCounts>;
  eligible(
    user: string,
    visit: Visit & { readonly event: string | null; readonly slot: string | null },
  ): Promise<Eligible>;
  /** @returns null for an id that is not known, or not that user's where `user` is said */
  mark(id: string, mark: InAppMark, on: boolean, visit: Visit, user?: string): Promise<InAppEntry | null>;
  interacted(id: string, action: string | null, visit: Visit, user?: string): Promise<InAppEntry | null>;
  dismissed(id: string, visit: Visit, user?: string): Promise<InAppEntry | null>;
  snooze(id: string, untilMs: number, user?: string): Promise<InAppEntry | null>;
  /** @returns how many changed */
  batch(
    user: string,
    status: 'seen' | 'unseen' | 'read' | 'unread' | 'archived' | 'unarchived' | 'dismissed',
    ids: readonly string[] | 'all',
  ): Promise<number>;
  /** Something that the user did in the app: what a trigger answers to, and what segments look back on. */
  happened(user: string, name: string, data: Readonly<Record<string, unknown>>): Promise<void>;
  /** What becomes of the user's queue from now on. @returns ends it */
  listen(user: string, hear: (event: RealtimeEvent) => void): () => void;
  /** What a client missed since that `seq`, the oldest first; null: that is not known any more. */
  since(user: string, seq: number): readonly RealtimeEvent[] | null;
  /** `seq` of the last event of all. */
  lastSeq(): number;
}
