/** When messages are to be had, and when they end: what is due at a time, and an end by hand. */
import type { VirtualClock } from '../../clock.ts';
import type { Act } from '../../model/delivery.ts';
import type { InAppChange, InAppRow } from '../../model/inapp.ts';
import type { Page, Store } from '../../store/store.ts';
import { expireAct, type InAppAct, wakeAct } from './acts.ts';
import { expiredChange } from './row-changes.ts';
import { isAvailable, isExpired } from './rows.ts';
import type { UserQueue } from './user-queue.ts';
import type { UserQueues } from './user-queues.ts';

/** On disk first, then in memory, then told. */
export type KeepChanges = (
  queue: UserQueue,
  changes: readonly InAppChange[],
  isVisible: boolean,
  acts?: readonly InAppAct[],
) => Promise<void>;

export interface LifetimePorts {
  readonly store: Pick<Store, 'inApps' | 'inApp' | 'keepInApps'>;
  readonly virtual: Pick<VirtualClock, 'nowMs'>;
  readonly queues: UserQueues;
  readonly keep: KeepChanges;
}

export interface Lifetime {
  /** See `InAppBackstage`. */
  expireNow(id: string): Promise<boolean>;
  performs(kind: string): boolean;
  perform(act: Act): Promise<void>;
}

/** Rows that one transaction of an expiry ends. */
const expiredPerStep = 500;

export function createLifetime({ store, virtual, queues, keep }: LifetimePorts): Lifetime {
  /** Those of the users in memory whose time has come: the disk needs no change, and whoever listens is told. */
  async function wake({ users, messageId }: ReturnType<typeof wakeAct.read>): Promise<void> {
    const nowMs = virtual.nowMs();
    for (const queue of users === null ? queues.ofMessage(messageId) : users.flatMap(queueOf)) {
      queue.passTime();
      for (const row of queue.rows())
        if (row.messageId === messageId && isAvailable(row, nowMs)) queue.tell('message.created', row);
    }
  }

  function queueOf(user: string): UserQueue[] {
    const queue = queues.known(user);
    return queue === null ? [] : [queue];
  }

  async function expire({ messageId }: ReturnType<typeof expireAct.read>): Promise<void> {
    const nowMs = virtual.nowMs();
    let after: number | null = null;
    do {
      const page: Page<InAppRow> = await store.inApps(
        { messageId, states: ['waiting', 'held', 'pulled', 'shown'] },
        { after, limit: expiredPerStep },
      );
      after = page.next;
      // One that was tried again ends later.
      const entries = page.entries.filter((row) => isExpired(row, nowMs));
      if (entries.length === 0) continue;
      await store.keepInApps(
        {
          puts: [],
          changes: entries.map((row) => ({ ...expiredChange(row), id: row.id, nowMs })),
        },
        nowMs,
      );
      for (const row of entries) {
        const queue = queues.known(row.user);
        const known = queue?.row(row.id);
        if (queue === null || known === undefined) continue;
        queues.remove(queue, known);
        queue.tellGone(row.id);
      }
    } while (after !== null);
  }

  return {
    async expireNow(id) {
      const owner = queues.holding(id)?.user ?? (await store.inApp(id))?.user;
      if (owner === undefined) return false;
      return await queues.inTurn(owner, async (queue) => {
        const row = queue.row(id);
        if (row === undefined || ['expired', 'canceled'].includes(row.state)) return false;
        const nowMs = virtual.nowMs();
        const end = expiredChange({ ...row, expiresAtMs: nowMs });
        await keep(queue, [{ ...end, id, nowMs, note: { by: 'hand' } }], false);
        const ended = queue.row(id);
        if (ended !== undefined) queues.remove(queue, ended);
        queue.tellGone(id);
        return true;
      });
    },

    performs: (kind) => kind.startsWith('inapp.'),

    async perform(act) {
      if (act.kind === expireAct.kind) await expire(expireAct.read(act.data));
      else await wake(wakeAct.read(act.data));
    },
  };
}
