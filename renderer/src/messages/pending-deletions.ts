import type { MessageScope } from '../api/message-list-path.ts';

/** What is hidden at once and deleted for good when the time to undo is over. */
export type Deletion =
  | { readonly kind: 'messages'; readonly ids: ReadonlySet<string> }
  | { readonly kind: 'scope'; readonly scope: MessageScope; readonly newest: NewestMessage };

/** The newest message that was on the screen: what arrives after it is not deleted along. */
export interface NewestMessage {
  readonly seq: number;
  readonly receivedAt: string;
}

interface Pending {
  readonly deletion: Deletion;
  readonly timer: ReturnType<typeof setTimeout>;
}

export const undoMs = 6_000;

/**
 * Deletions that can still be undone. Nothing is sent to the core before the time is over, so undo is certain;
 * a page that goes away sends them first.
 */
export class PendingDeletions {
  readonly #send: (deletion: Deletion, moment: 'later' | 'leaving') => Promise<void>;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Set<() => void>();
  #snapshot: readonly Deletion[] = [];
  #nextToken = 1;

  constructor(send: (deletion: Deletion, moment: 'later' | 'leaving') => Promise<void>) {
    this.#send = send;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly all = (): readonly Deletion[] => this.#snapshot;

  /** @returns the token to undo with */
  add(deletion: Deletion): number {
    const token = this.#nextToken;
    this.#nextToken += 1;
    const timer = setTimeout(() => void this.#commit(token), undoMs);
    this.#pending.set(token, { deletion, timer });
    this.#publish();
    return token;
  }

  undo(token: number): void {
    const pending = this.#pending.get(token);
    if (pending === undefined) return;
    clearTimeout(pending.timer);
    this.#pending.delete(token);
    this.#publish();
  }

  /** The page goes away: what was deleted stays deleted. */
  flush(): void {
    for (const { deletion, timer } of this.#pending.values()) {
      clearTimeout(timer);
      void this.#send(deletion, 'leaving');
    }
    this.#pending.clear();
    this.#publish();
  }

  /** Stays hidden until the core has done it, so that the row does not flash back. */
  async #commit(token: number): Promise<void> {
    const pending = this.#pending.get(token);
    if (pending === undefined) return;
    try {
      await this.#send(pending.deletion, 'later');
    } finally {
      this.#pending.delete(token);
      this.#publish();
    }
  }

  #publish(): void {
    this.#snapshot = [...this.#pending.values()].map((pending) => pending.deletion);
    for (const listener of this.#listeners) listener();
  }
}

/** The scope with its end in time, so that the core leaves alone what came while it could still be undone. */
export function upTo(scope: MessageScope, newest: NewestMessage): MessageScope {
  const end = new Date(Date.parse(newest.receivedAt) + 1).toISOString();
  return { ...scope, q: `${scope.q} before:${end}`.trim() };
}

/** @returns true when the entry is on its way out and should not be shown in this list */
export function isHidden(
  entry: { readonly id: string; readonly seq: number },
  scope: MessageScope,
  deletions: readonly Deletion[],
): boolean {
  return deletions.some((deletion) => {
    if (deletion.kind === 'messages') return deletion.ids.has(entry.id);
    const covers =
      (deletion.scope.q === '' || deletion.scope.q === scope.q) &&
      (deletion.scope.project === null || deletion.scope.project === scope.project);
    return covers && entry.seq <= deletion.newest.seq;
  });
}
