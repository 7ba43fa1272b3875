/** What comes to the room from outside: rows that were stored with their message, deletions, and orders given by hand. */
import type { VirtualClock } from '../../clock.ts';
import { messageOf } from '../../model/app-error.ts';
import type { InAppRow, NewInApp } from '../../model/inapp.ts';
import type { StoredEvent } from '../../model/message.ts';
import type { Store } from '../../store/store.ts';
import { isAvailable } from './rows.ts';
import type { UserQueues } from './user-queues.ts';

export interface ArrivalsPorts {
  readonly store: Pick<Store, 'inApp'>;
  readonly virtual: Pick<VirtualClock, 'nowMs'>;
  readonly queues: UserQueues;
  readonly onProblem: (text: string) => void;
}

export interface Arrivals {
  /** See `InAppBackstage`. */
  expect(messageId: string, rows: readonly NewInApp[]): { forget(): void };
  /** Something that was committed. */
  hear(event: StoredEvent): void;
}

export function createArrivals({ store, virtual, queues, onProblem }: ArrivalsPorts): Arrivals {
  const expected = new Map<string, readonly NewInApp[]>();

  function hear({ type, messageId, data }: StoredEvent): void {
    if (type === 'deleted') {
      if (Array.isArray(data.ids)) for (const id of data.ids) messageDeleted(String(id));
      return;
    }
    if (type !== 'inapp') return;
    if (data.what === 'created' && messageId !== null && typeof data.first === 'number')
      arrived(messageId, data.first);
    else if (data.by === 'order' && typeof data.id === 'string' && typeof data.user === 'string')
      refresh(data.user, data.id);
  }

  /** @param first seq of the first of them; the others come right behind */
  function arrived(messageId: string, first: number): void {
    const rows = expected.get(messageId);
    if (rows === undefined) {
      onProblem(`in-app messages of ${messageId} came past their room; they are there after the next start`);
      return;
    }
    expected.delete(messageId);
    rows.forEach((row, index) => {
      const queue = queues.known(row.user);
      if (queue === null || row.state === 'canceled') return;
      const known: InAppRow = { ...row, ...untouched, seq: first + index };
      queues.put(queue, known, true);
      if (isAvailable(known, virtual.nowMs())) queue.tell('message.created', known);
    });
  }

  function messageDeleted(messageId: string): void {
    for (const queue of queues.ofMessage(messageId))
      for (const row of [...queue.rows()])
        if (row.messageId === messageId) {
          queues.remove(queue, row);
          queue.tellGone(row.id);
        }
  }

  /** Something was done to its delivery by hand: what the disk says holds. */
  function refresh(user: string, id: string): void {
    if (queues.known(user) === null) return;
    queues
      .inTurn(user, async (queue) => {
        const row = await store.inApp(id);
        const before = queue.row(id);
        const isOver = row === null || row.state === 'canceled' || row.state === 'expired';
        if (isOver) {
          if (before !== undefined) queues.remove(queue, before);
        } else queues.put(queue, row, true);
        const nowMs = virtual.nowMs();
        const wasThere = before !== undefined && isAvailable(before, nowMs);
        if (!isOver && isAvailable(row, nowMs))
          queue.tell(wasThere ? 'message.updated' : 'message.created', row);
        else if (wasThere) queue.tellGone(id);
      })
      .catch((error: unknown) =>
        onProblem(`an in-app message of ${user} is shown as it was: ${messageOf(error)}`),
      );
  }

  return {
    hear,
    expect(messageId, rows) {
      expected.set(messageId, rows);
      return { forget: () => expected.delete(messageId) };
    },
  };
}

const untouched = {
  pulledAtMs: null,
  seenAtMs: null,
  readAtMs: null,
  archivedAtMs: null,
  interactedAtMs: null,
  dismissedAtMs: null,
  snoozedUntilMs: null,
  impressionsMs: [],
  impressions: 0,
} as const;
