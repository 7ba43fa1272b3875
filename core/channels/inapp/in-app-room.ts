/**
 * The room behind the in-app doors: what users get, and what becomes of it. Every change of an in-app message goes through
 * here, is on disk before it is answered, and is then known in memory and told to whoever listens. What is done to deliveries
 * by hand, and what is deleted, comes by the bus.
 */
import type { Bus } from '../../bus.ts';
import type { VirtualClock } from '../../clock.ts';
import { messageOf } from '../../model/app-error.ts';
import type { Act } from '../../model/delivery.ts';
import type { InAppChange, InAppRow, NewInApp } from '../../model/inapp.ts';
import type { Store } from '../../store/store.ts';
import { type InAppAct, wakeAct } from './acts.ts';
import { createArrivals } from './arrivals.ts';
import { asEligible, type ChoiceVisit, createChoice } from './choice.ts';
import { asPage, feedOf } from './feed.ts';
import { createLifetime } from './lifetime.ts';
import { presentEntry } from './present.ts';
import type { InAppRoom, PullQuery } from './room.ts';
import {
  actionOf,
  batchChange,
  type Change,
  dismissChange,
  interactedChange,
  markChange,
  pulledBy,
} from './row-changes.ts';
import { changed, isAvailable, isInFeed, isOfInbox, isToBeHad } from './rows.ts';
import { createSessions } from './sessions.ts';
import type { UserQueue } from './user-queue.ts';
import { type QueueLimits, UserQueues, usualLimits } from './user-queues.ts';
import type { Eligible, InAppEntry, InAppPage } from './wire.ts';

export interface InAppRoomPorts {
  readonly store: Pick<Store, 'inApps' | 'inApp' | 'keepInApps' | 'addUserEvents'>;
  readonly bus: Pick<Bus, 'subscribe'>;
  readonly virtual: Pick<VirtualClock, 'nowMs'>;
  /** Where versions and numbers of events begin: later than those of any run before. */
  readonly wallMs: () => number;
  readonly limits?: Partial<QueueLimits>;
  readonly onProblem: (text: string) => void;
}

/** What the core itself does with the room. */
export interface InAppBackstage extends InAppRoom {
  /**
   * Rows that are about to be stored with their message: the room knows them as soon as they are. `forget` where they were
   * not stored.
   */
  expect(messageId: string, rows: readonly NewInApp[]): { forget(): void };
  /** As `pull`, and how many were handed out for the first time. */
  handOut(
    user: string,
    query: PullQuery,
    written: string,
  ): Promise<{ readonly page: InAppPage; readonly tag: string; readonly first: number }>;
  /** As `eligible`, and whether it told anything that was not known. */
  choose(
    user: string,
    visit: ChoiceVisit,
  ): Promise<{ readonly eligible: Eligible; readonly isNews: boolean }>;
  /** Ends one now, by hand. @returns false: it is not known, or is over already */
  expireNow(id: string): Promise<boolean>;
  /** What `pull` would hand out; nothing becomes of it. */
  preview(user: string, query: PullQuery): Promise<readonly InAppEntry[]>;
  /** One that is to be had; nothing becomes of it. */
  entry(id: string): Promise<InAppEntry | null>;
  performs(kind: string): boolean;
  perform(act: Act): Promise<void>;
  close(): void;
}

/** Rows that one transaction of a batch changes. */
const batchStep = 500;
/** Version numbers and event numbers begin with the time: a thousand for each millisecond that goes by. */
const perMs = 1_000;

export function createInAppRoom(ports: InAppRoomPorts): InAppBackstage {
  const { store, virtual, onProblem } = ports;
  let version = ports.wallMs() * perMs;
  let seq = version;
  const queues = new UserQueues(
    store,
    {
      nowMs: () => virtual.nowMs(),
      nextVersion: () => ++version,
      nextSeq: () => ++seq,
      onListenerError: (error) => onProblem(`a listener of in-app messages failed: ${messageOf(error)}`),
    },
    { ...usualLimits, ...ports.limits },
  );
  const sessions = createSessions();
  const choice = createChoice({ virtual, sessions });
  const arrivals = createArrivals({ store, virtual, queues, onProblem });
  const lifetime = createLifetime({ store, virtual, queues, keep });
  const unsubscribe = ports.bus.subscribe((events) => {
    for (const event of events) arrivals.hear(event);
  });

  /** On disk first, then in memory, then told. */
  async function keep(
    queue: UserQueue,
    changes: readonly InAppChange[],
    isVisible: boolean,
    acts: readonly InAppAct[] = [],
  ): Promise<void> {
    if (changes.length === 0) return;
    await store.keepInApps({ puts: [], changes, acts }, virtual.nowMs());
    for (const change of changes) {
      const row = queue.row(change.id);
      if (row === undefined) continue;
      const next = changed(row, change);
      queues.put(queue, next, isVisible);
      if (isVisible) queue.tell('message.updated', next);
    }
  }

  const room: InAppBackstage = {
    tagOf: (user, query) => queues.peek(user)?.tag(query) ?? null,

    async pull(user, query, written) {
      const { page: entries, tag } = await room.handOut(user, query, written);
      return { page: entries, tag };
    },

    async handOut(user, query, written) {
      await queues.ready(user);
      const first = queues.peek(user);
      const ready = first === null ? null : answered(first);
      if (ready !== null) return ready;
      return await queues.inTurn(user, async (queue) => {
        const tag = queue.tag(written);
        const { rows, total } = feedOf(queue, query, virtual.nowMs());
        const counts = queue.counts();
        const shown = rows.slice(0, query.limit);
        const changes = pulledBy(shown, 'feed', virtual.nowMs());
        await keep(queue, changes, false);
        return { page: asPage(rows, shown, query, { ...counts, total }), tag, first: changes.length };
      });

      /** Nothing is handed out for the first time: nobody has to wait for the disk. */
      function answered(queue: UserQueue) {
        const tag = queue.tag(written);
        const { rows, total } = feedOf(queue, query, virtual.nowMs());
        const shown = rows.slice(0, query.limit);
        if (shown.some((row) => row.state === 'waiting')) return null;
        return { page: asPage(rows, shown, query, { ...queue.counts(), total }), tag, first: 0 };
      }
    },

    async counts(user) {
      return (await queues.ready(user)).counts();
    },

    async eligible(user, visit) {
      return (await room.choose(user, visit)).eligible;
    },

    async preview(user, query) {
      const queue = await queues.ready(user);
      return feedOf(queue, query, virtual.nowMs()).rows.slice(0, query.limit).map(presentEntry);
    },

    async entry(id) {
      const row = queues.holding(id)?.row(id) ?? (await store.inApp(id));
      return row === null || row === undefined || !isToBeHad(row, virtual.nowMs()) ? null : presentEntry(row);
    },

    async choose(user, visit) {
      const queue = await queues.ready(user);
      const before = choice.judgeFor(queue, visit);
      if (!choice.isNews(queue, before)) return { eligible: asEligible(before), isNews: false };
      return await queues.inTurn(user, async (now) => {
        const nowMs = virtual.nowMs();
        const judged = choice.judgeFor(now, visit);
        const { chosen, inline, passedOver } = judged;
        const handedOut = [...(chosen === null ? [] : [chosen]), ...inline];
        const passed = choice.untold(now, passedOver);
        await keep(
          now,
          [
            ...pulledBy(handedOut, 'eligible', nowMs),
            ...passed.map(
              ({ row, reason, detail }): InAppChange => ({
                id: row.id,
                nowMs,
                what: 'passed_over',
                note: { reason, detail, url: visit.url, trigger: visit.event },
              }),
            ),
          ],
          false,
        );
        choice.tell(now, passed);
        return { eligible: asEligible(judged), isNews: true };
      });
    },

    async mark(id, mark, on, visit, user) {
      return await change(
        id,
        user,
        (row, nowMs) => markChange(row, mark, on, visit, nowMs, sessions),
        (row) => {
          if (mark === 'seen' && on && visit.session !== null)
            sessions.of(row.user, visit.session).seen.add(row.id);
        },
      );
    },

    async interacted(id, action, visit, user) {
      return await change(id, user, (row, nowMs) => {
        const chosen = action === null ? null : actionOf(row, action);
        if (chosen?.dismisses === true && visit.session !== null)
          sessions.of(row.user, visit.session).dismissed.add(row.id);
        return interactedChange(row, chosen, visit, nowMs);
      });
    },

    async dismissed(id, visit, user) {
      return await change(id, user, (row, nowMs) => {
        if (visit.session !== null) sessions.of(row.user, visit.session).dismissed.add(row.id);
        return dismissChange(row, nowMs);
      });
    },

    async snooze(id, untilMs, user) {
      const nowMs = virtual.nowMs();
      const isAhead = untilMs > nowMs;
      return await change(
        id,
        user,
        () => ({
          times: { snoozedUntilMs: isAhead ? untilMs : null },
          what: isAhead ? 'snoozed' : 'unsnoozed',
          ...(isAhead ? { note: { until: new Date(untilMs).toISOString() } } : {}),
        }),
        undefined,
        (row) => (isAhead ? [wakeAct({ users: [row.user], messageId: row.messageId }, untilMs)] : []),
      );
    },

    async batch(user, status, ids) {
      return await queues.inTurn(user, async (queue) => {
        const nowMs = virtual.nowMs();
        const wanted = ids === 'all' ? null : new Set(ids);
        const changes = [...queue.rows()].flatMap((row): InAppChange[] => {
          // To have read the whole inbox is not to have seen a pop-up that waits.
          const isMeant =
            wanted === null
              ? isOfInbox(row) || (status === 'dismissed' && isInFeed(row, nowMs))
              : wanted.has(row.id);
          if (!isAvailable(row, nowMs) || !isMeant) return [];
          const next = batchChange(row, status, nowMs);
          return next === null ? [] : [{ ...next, id: row.id, nowMs }];
        });
        for (let at = 0; at < changes.length; at += batchStep)
          await keep(queue, changes.slice(at, at + batchStep), true);
        return changes.length;
      });
    },

    async happened(user, name, data) {
      await store.addUserEvents([{ user, name, atMs: virtual.nowMs(), data }]);
    },

    listen(user, hearEvent) {
      return queues.open(user).listen(hearEvent);
    },

    since: (user, after) => queues.peek(user)?.since(after) ?? null,

    lastSeq: () => seq,

    expect: arrivals.expect,
    expireNow: lifetime.expireNow,
    performs: lifetime.performs,
    perform: lifetime.perform,
    close: unsubscribe,
  };
  return room;

  /** Null where it is not known, is somebody else's, or is not to be had. */
  async function change(
    id: string,
    user: string | undefined,
    changeOf: (row: InAppRow, nowMs: number) => Change | null,
    before?: (row: InAppRow) => void,
    actsOf: (row: InAppRow) => readonly InAppAct[] = () => [],
  ): Promise<InAppEntry | null> {
    const owner = queues.holding(id)?.user ?? (await store.inApp(id))?.user;
    if (owner === undefined || (user !== undefined && user !== owner)) return null;
    return await queues.inTurn(owner, async (queue) => {
      const row = queue.row(id);
      const nowMs = virtual.nowMs();
      if (row === undefined || !isToBeHad(row, nowMs)) return null;
      const next = changeOf(row, nowMs);
      before?.(row);
      if (next !== null) await keep(queue, [{ ...next, id, nowMs }], true, actsOf(row));
      return presentEntry(queue.row(id) ?? row);
    });
  }
}
