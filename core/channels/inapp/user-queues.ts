/** The queues of the users that are in use, read from the disk when they are asked for; those not used lately go first. */
import { AppError } from '../../model/app-error.ts';
import type { InAppRow, InAppState } from '../../model/inapp.ts';
import type { Store } from '../../store/store.ts';
import { changesWaitingMax, type QueueClockwork, UserQueue } from './user-queue.ts';

export interface QueueLimits {
  /** Users in memory, and messages of them all. */
  readonly usersMax: number;
  readonly rowsMax: number;
  /** Messages of one user: what is older has left the feed, though it is stored. */
  readonly rowsPerUserMax: number;
}

export const usualLimits: QueueLimits = { usersMax: 50_000, rowsMax: 250_000, rowsPerUserMax: 2_000 };

/** One in so many goes when there are too many, so that not every new one has to look for the oldest. */
const evictedShare = 10;
const pageRows = 500;
/** What a queue holds; the rest is over. */
const currentStates: readonly InAppState[] = ['waiting', 'held', 'pulled', 'shown'];

export class UserQueues {
  readonly #store: Pick<Store, 'inApps'>;
  readonly #clockwork: QueueClockwork;
  readonly #limits: QueueLimits;
  readonly #queues = new Map<string, UserQueue>();
  readonly #userOf = new Map<string, UserQueue>();
  /** Queues that hold something of a message. */
  readonly #ofMessage = new Map<string, Set<UserQueue>>();
  #uses = 0;

  constructor(store: Pick<Store, 'inApps'>, clockwork: QueueClockwork, limits: QueueLimits) {
    this.#store = store;
    this.#clockwork = clockwork;
    this.#limits = limits;
  }

  get users(): number {
    return this.#queues.size;
  }

  get rows(): number {
    return this.#userOf.size;
  }

  /** In memory, and read. */
  peek(user: string): UserQueue | null {
    const queue = this.#queues.get(user);
    if (queue === undefined) return null;
    queue.used = ++this.#uses;
    return queue.loaded ? queue : null;
  }

  /** In memory, though it may be in the middle of being read. */
  known(user: string): UserQueue | null {
    return this.#queues.get(user) ?? null;
  }

  holding(id: string): UserQueue | null {
    return this.#userOf.get(id) ?? null;
  }

  ofMessage(messageId: string): readonly UserQueue[] {
    return [...(this.#ofMessage.get(messageId) ?? [])];
  }

  all(): Iterable<UserQueue> {
    return this.#queues.values();
  }

  /** Begun to be read where it is not there. */
  open(user: string): UserQueue {
    let queue = this.#queues.get(user);
    if (queue === undefined) {
      this.#makeRoom();
      queue = new UserQueue(user, this.#clockwork);
      this.#queues.set(user, queue);
      this.#load(queue);
    }
    queue.used = ++this.#uses;
    return queue;
  }

  async ready(user: string): Promise<UserQueue> {
    const queue = this.open(user);
    if (!queue.loaded) await queue.tail;
    if (!queue.loaded) throw unread(queue);
    return queue;
  }

  /**
   * One change of a user's messages after the other: each sees what the one before led to.
   * @throws AppError `store_busy` when too many wait
   */
  async inTurn<T>(user: string, work: (queue: UserQueue) => Promise<T>): Promise<T> {
    const queue = this.open(user);
    if (queue.waiting >= changesWaitingMax)
      throw new AppError(
        'store_busy',
        `${changesWaitingMax} changes of ${user}’s messages wait already; try again in a moment`,
      );
    queue.waiting++;
    const turn = queue.tail.then(async () => {
      if (!queue.loaded) throw unread(queue);
      return await work(queue);
    });
    queue.tail = turn.then(
      () => undefined,
      // Whoever asked for it hears of its failure; the next one has its turn all the same.
      () => undefined,
    );
    try {
      return await turn;
    } finally {
      queue.waiting--;
    }
  }

  put(queue: UserQueue, row: InAppRow, isVisible: boolean): void {
    if (isVisible) queue.put(row);
    else queue.putUnseen(row);
    this.#register(queue, row);
    // While it is being read the limit is that of what is read.
    if (queue.loaded && queue.size > this.#limits.rowsPerUserMax) {
      const [oldest] = queue.rows();
      if (oldest !== undefined && oldest !== row) this.remove(queue, oldest);
    }
  }

  remove(queue: UserQueue, row: InAppRow): void {
    queue.remove(row.id);
    this.#forget(queue, row);
  }

  #register(queue: UserQueue, row: InAppRow): void {
    this.#userOf.set(row.id, queue);
    const holding = this.#ofMessage.get(row.messageId);
    if (holding === undefined) this.#ofMessage.set(row.messageId, new Set([queue]));
    else holding.add(queue);
  }

  #forget(queue: UserQueue, row: InAppRow): void {
    this.#userOf.delete(row.id);
    const holding = this.#ofMessage.get(row.messageId);
    if (holding === undefined) return;
    for (const other of queue.rows()) if (other.messageId === row.messageId) return;
    holding.delete(queue);
    if (holding.size === 0) this.#ofMessage.delete(row.messageId);
  }

  #load(queue: UserQueue): void {
    queue.tail = this.#read(queue.user).then(
      (rows) => {
        queue.fill(rows);
        for (const row of queue.rows()) this.#register(queue, row);
      },
      (error: unknown) => {
        queue.failure = error;
        // Whoever waits for it is told; the next who asks has it read anew.
        this.#queues.delete(queue.user);
        for (const row of queue.rows()) this.#forget(queue, row);
      },
    );
  }

  /** @returns oldest first */
  async #read(user: string): Promise<readonly InAppRow[]> {
    const rows: InAppRow[] = [];
    let after: number | null = null;
    do {
      const page: { readonly entries: readonly InAppRow[]; readonly next: number | null } =
        await this.#store.inApps({ user, states: currentStates }, { after, limit: pageRows });
      rows.push(...page.entries);
      after = page.next;
    } while (after !== null && rows.length < this.#limits.rowsPerUserMax);
    return rows.slice(0, this.#limits.rowsPerUserMax).reverse();
  }

  /** Those that somebody listens to, or that something is under way for, stay. */
  #makeRoom(): void {
    if (this.#queues.size < this.#limits.usersMax && this.#userOf.size < this.#limits.rowsMax) return;
    const idle = [...this.#queues.values()]
      .filter((queue) => queue.loaded && queue.waiting === 0 && queue.listeners.size === 0)
      .sort((a, b) => a.used - b.used);
    for (const queue of idle.slice(0, Math.ceil(idle.length / evictedShare))) {
      this.#queues.delete(queue.user);
      for (const row of queue.rows()) {
        this.#userOf.delete(row.id);
        const holding = this.#ofMessage.get(row.messageId);
        holding?.delete(queue);
        if (holding?.size === 0) this.#ofMessage.delete(row.messageId);
      }
    }
  }
}

function unread({ user, failure }: UserQueue): AppError {
  return new AppError('store_busy', `${user}’s messages could not be read; try again in a moment`, {
    cause: failure,
  });
}
