/**
 * The room behind the in-app doors: what users get, and what becomes of it. Every change of an in-app message goes through
 * here, is on disk before it is answered, and is then known in memory and told to whoever listens. What is done to deliveries
 * by hand, and what is deleted, comes by the bus.
 */
import type { Bus } from '../../bus.ts';
import type { VirtualClock } from '../../clock.ts';
import { AppError, messageOf } from '../../model/app-error.ts';
import type { Act } from '../../model/delivery.ts';
import type { InAppChange, InAppRow, NewInApp } from '../../model/inapp.ts';
import type { StoredEvent } from '../../model/message.ts';
import type { DeliveryStep } from '../../model/sms.ts';
import type { Page, Store } from '../../store/store.ts';
import { expireAct, type InAppAct, wakeAct } from './acts.ts';
import { judge, type Occasion, type PassedOver } from './eligibility.ts';
import { pageRefusal } from './page-rules.ts';
import { presentEntry } from './present.ts';
import type { InAppMark, InAppRoom, PullQuery, Visit } from './room.ts';
import { changed, isAvailable, isExpired, isInFeed, isOfInbox } from './rows.ts';
import { createSessions } from './sessions.ts';
import type { UserQueue } from './user-queue.ts';
import { type QueueLimits, UserQueues, usualLimits } from './user-queues.ts';
import type { Eligible, InAppEntry, InAppPage, PassedOverReason } from './wire.ts';

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
    occasion: Parameters<InAppRoom['eligible']>[1] & {
      /** Passes over the best one. */
      readonly second?: boolean;
    },
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

/** Rows that one transaction of an expiry ends. */
const expiredPerStep = 500;
/** Of the messages that were passed over so many are named. */
const passedOverMax = 500;
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
  const expected = new Map<string, readonly NewInApp[]>();
  /** Reasons that were told of a message already: each is one fact in its journey. */
  const told = new WeakMap<UserQueue, Map<string, Set<PassedOverReason>>>();
  const unsubscribe = ports.bus.subscribe((events) => {
    for (const event of events) hear(event);
  });

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

  /** Handed out for the first time: that is what `sent` means here. */
  function pulledBy(rows: readonly InAppRow[], by: 'feed' | 'eligible', nowMs: number): InAppChange[] {
    return rows
      .filter((row) => row.state === 'waiting')
      .map((row) => ({
        id: row.id,
        nowMs,
        state: 'pulled',
        times: { pulledAtMs: nowMs },
        delivery: sentStep,
        what: 'pulled',
        note: { by },
      }));
  }

  function page(queue: UserQueue, query: PullQuery): { readonly rows: InAppRow[]; readonly total: number } {
    const nowMs = virtual.nowMs();
    const rows = [...queue.rows()].filter((row) => isInFeed(row, nowMs) && isAskedFor(row, query)).reverse();
    const { after, limit } = query;
    const behind = after === null ? rows : rows.filter((row) => row.seq < after);
    return { rows: behind.slice(0, limit + 1), total: rows.length };
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
        const { rows, total } = page(queue, query);
        const counts = queue.counts();
        const shown = rows.slice(0, query.limit);
        const changes = pulledBy(shown, 'feed', virtual.nowMs());
        await keep(queue, changes, false);
        return { page: asPage(rows, shown, query, { ...counts, total }), tag, first: changes.length };
      });

      /** Nothing is handed out for the first time: nobody has to wait for the disk. */
      function answered(queue: UserQueue) {
        const tag = queue.tag(written);
        const { rows, total } = page(queue, query);
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
      return page(queue, query).rows.slice(0, query.limit).map(presentEntry);
    },

    async entry(id) {
      const row = queues.holding(id)?.row(id) ?? (await store.inApp(id));
      return row === null || row === undefined || !isToBeHad(row, virtual.nowMs()) ? null : presentEntry(row);
    },

    async choose(user, visit) {
      const queue = await queues.ready(user);
      const judged = judgeFor(queue, visit);
      if (!isNews(queue, judged.chosen, judged.inline, judged.passedOver))
        return {
          eligible: asEligible(judged.chosen, judged.inline, judged.passedOver),
          isNews: false,
        };
      return await queues.inTurn(user, async (now) => {
        const nowMs = virtual.nowMs();
        const { chosen, inline, passedOver } = judgeFor(now, visit);
        const handedOut = [...(chosen === null ? [] : [chosen]), ...inline];
        const passed = untold(now, passedOver);
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
        for (const { row, reason } of passed) reasonsOf(now, row.id).add(reason);
        return { eligible: asEligible(chosen, inline, passedOver), isNews: true };
      });
    },

    async mark(id, mark, on, visit, user) {
      return await change(
        id,
        user,
        (row, nowMs) => markChange(row, mark, on, visit, nowMs),
        (row) => {
          if (mark === 'seen' && on && visit.session !== null)
            sessions.of(row.user, visit.session).seen.add(row.id);
        },
      );
    },

    async interacted(id, action, visit, user) {
      return await change(id, user, (row, nowMs) => {
        const known = actionsOf(row);
        const chosen = action === null ? null : (known.find((one) => one.id === action) ?? null);
        if (action !== null && chosen === null) throw unknownAction(row, action);
        if (chosen?.dismisses === true && visit.session !== null)
          sessions.of(row.user, visit.session).dismissed.add(row.id);
        return {
          ...seenChange(row, visit, nowMs),
          times: {
            ...seenTimes(row, nowMs),
            readAtMs: row.readAtMs ?? nowMs,
            interactedAtMs: nowMs,
            ...(chosen?.dismisses === true ? { dismissedAtMs: nowMs } : {}),
          },
          fact: {
            type: 'clicked',
            data: {
              action,
              url: chosen === null ? row.content.link : chosen.url,
              ...(chosen === null ? {} : { label: chosen.label }),
            },
          },
          what: 'interacted',
          note: { action },
        };
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

    expect(messageId, rows) {
      expected.set(messageId, rows);
      return { forget: () => expected.delete(messageId) };
    },

    async expireNow(id) {
      const owner = queues.holding(id)?.user ?? (await store.inApp(id))?.user;
      if (owner === undefined) return false;
      return await queues.inTurn(owner, async (queue) => {
        const row = queue.row(id);
        if (row === undefined || ['expired', 'canceled'].includes(row.state)) return false;
        const nowMs = virtual.nowMs();
        const delivery =
          row.state === 'shown' ? {} : { delivery: expiredStep({ ...row, expiresAtMs: nowMs }) };
        const end = {
          id,
          nowMs,
          state: 'expired',
          ...delivery,
          what: 'expired',
          note: { by: 'hand' },
        } as const;
        await keep(queue, [end], false);
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

    close: unsubscribe,
  };
  return room;

  function judgeFor(queue: UserQueue, visit: Parameters<InAppBackstage['choose']>[1]) {
    const first = judge(queue.rows(), occasionOf(queue, visit));
    if (visit.second !== true || first.chosen === null) return first;
    const others = [...queue.rows()].filter((row) => row !== first.chosen);
    const next = judge(others, occasionOf(queue, visit));
    return next.chosen === null ? first : next;
  }

  function occasionOf(
    queue: UserQueue,
    visit: Visit & { readonly event: string | null; readonly slot: string | null },
  ): Occasion {
    return {
      nowMs: virtual.nowMs(),
      url: visit.url,
      event: visit.event,
      slot: visit.slot,
      session: sessions.get(queue.user, visit.session),
      lastShownMs: queue.lastShownMs,
    };
  }

  /** Something is handed out for the first time, or passed over for a reason that was not told of it yet. */
  function isNews(
    queue: UserQueue,
    chosen: InAppRow | null,
    inline: readonly InAppRow[],
    passedOver: readonly PassedOver[],
  ): boolean {
    return (
      chosen?.state === 'waiting' ||
      inline.some((row) => row.state === 'waiting') ||
      untold(queue, passedOver).length > 0
    );
  }

  /** What is only in the inbox, held or to come is no choice that was made at this visit. */
  function untold(queue: UserQueue, passedOver: readonly PassedOver[]): readonly PassedOver[] {
    return passedOver
      .filter(
        ({ row, reason }) =>
          !['inbox_only', 'held', 'scheduled', 'expired', 'archived'].includes(reason) &&
          !reasonsOf(queue, row.id).has(reason),
      )
      .slice(0, passedOverMax);
  }

  function reasonsOf(queue: UserQueue, id: string): Set<PassedOverReason> {
    let ofQueue = told.get(queue);
    if (ofQueue === undefined) {
      ofQueue = new Map();
      told.set(queue, ofQueue);
    }
    let reasons = ofQueue.get(id);
    if (reasons === undefined) {
      reasons = new Set();
      ofQueue.set(id, reasons);
    }
    return reasons;
  }

  /** Null where it is not known, is somebody else's, or is not to be had. */
  async function change(
    id: string,
    user: string | undefined,
    changeOf: (row: InAppRow, nowMs: number) => Omit<InAppChange, 'id' | 'nowMs'> | null,
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

  function markChange(
    row: InAppRow,
    mark: InAppMark,
    on: boolean,
    visit: Visit,
    nowMs: number,
  ): Omit<InAppChange, 'id' | 'nowMs'> | null {
    switch (mark) {
      case 'seen':
        return on ? seenAgain(row, visit, nowMs) : unseenChange(row);
      case 'read':
        return on ? readChange(row, visit, nowMs) : unreadChange(row);
      case 'archived':
        return archiveChange(row, on, nowMs);
    }
  }

  /**
   * The first one is the impression that counts as delivered. Where its frequency lets it be shown again, another display is
   * another impression: one for each visit, or each session, that is named; without either, one for each time it is told.
   */
  function seenAgain(row: InAppRow, visit: Visit, nowMs: number): Omit<InAppChange, 'id' | 'nowMs'> | null {
    const name = visit.visit ?? visit.session;
    const isNew = name === null || sessions.count(row.id, name);
    if (row.impressions === 0) return seenChange(row, visit, nowMs);
    const again = row.display.kind !== 'inbox' && isNew && mayBeShownAgain(row);
    if (!again && row.seenAtMs !== null) return null;
    return {
      state: 'shown',
      times: seenTimes(row, nowMs),
      ...(again ? { impressionAtMs: nowMs } : {}),
      what: 'seen',
      note: { impression: row.impressions + (again ? 1 : 0), ...whereSeen(visit) },
    };
  }

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
          changes: entries.map((row) => ({
            id: row.id,
            nowMs,
            state: 'expired',
            ...(row.state === 'shown' ? {} : { delivery: expiredStep(row) }),
            what: 'expired',
          })),
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

const sentStep: DeliveryStep = {
  kind: 'send',
  class: null,
  reason: null,
  providerStatus: 'pulled by the app',
  code: null,
};

const deliveredStep: DeliveryStep = {
  kind: 'deliver',
  class: null,
  reason: null,
  providerStatus: 'shown to the user',
  code: null,
};

function expiredStep({ pulledAtMs, expiresAtMs }: InAppRow): DeliveryStep {
  const when = expiresAtMs === null ? '' : ` at ${new Date(expiresAtMs).toISOString()}`;
  const how = pulledAtMs === null ? 'before the app pulled it' : 'before it was shown';
  return {
    kind: 'fail',
    class: 'expired',
    reason: `expired: it ended${when}, ${how}`,
    providerStatus: 'expired',
    code: null,
    unsent: pulledAtMs === null,
  };
}

function asPage(
  rows: readonly InAppRow[],
  shown: readonly InAppRow[],
  query: PullQuery,
  counts: { readonly total: number; readonly unread: number; readonly unseen: number },
) {
  const last = shown.at(-1);
  return {
    entries: shown.map(presentEntry),
    nextCursor: rows.length > query.limit && last !== undefined ? String(last.seq) : null,
    ...counts,
  };
}

function asEligible(
  chosen: InAppRow | null,
  inline: readonly InAppRow[],
  passedOver: readonly PassedOver[],
): Eligible {
  return {
    chosen: chosen === null ? null : presentEntry(chosen),
    inline: inline.map(presentEntry),
    ineligible: passedOver
      .slice(-passedOverMax)
      .map(({ row, reason, detail }) => ({ id: row.id, title: row.content.title, reason, detail })),
  };
}

function isAskedFor(row: InAppRow, { status, archived, tags, url }: PullQuery): boolean {
  if (status === 'unseen' && row.seenAtMs !== null) return false;
  if (status === 'unread' && row.readAtMs !== null) return false;
  if (archived === 'exclude' && row.archivedAtMs !== null) return false;
  if (archived === 'only' && row.archivedAtMs === null) return false;
  if (tags.length > 0 && !tags.some((tag) => row.tags.includes(tag))) return false;
  return url === null || pageRefusal(row.display.pageRules, url) === null;
}

/** What was put off is not there, and still can be read, archived or taken back. */
function isToBeHad(row: InAppRow, nowMs: number): boolean {
  return isAvailable({ ...row, snoozedUntilMs: null }, nowMs);
}

type Change = Omit<InAppChange, 'id' | 'nowMs'>;

/** With its first impression it is delivered. */
function seenChange(row: InAppRow, visit: Visit, nowMs: number): Change {
  const isFirst = row.impressions === 0;
  return {
    state: 'shown',
    times: seenTimes(row, nowMs),
    ...(isFirst ? { impressionAtMs: nowMs, delivery: deliveredStep } : {}),
    what: 'seen',
    note: { impression: Math.max(1, row.impressions), ...whereSeen(visit) },
  };
}

function seenTimes(row: InAppRow, nowMs: number) {
  return { pulledAtMs: row.pulledAtMs ?? nowMs, seenAtMs: row.seenAtMs ?? nowMs };
}

function whereSeen({ session, url }: Visit): Record<string, string> {
  return { ...(session === null ? {} : { session }), ...(url === null ? {} : { url }) };
}

function mayBeShownAgain({ display, dismissedAtMs }: InAppRow): boolean {
  return display.frequency === 'always' || (display.frequency === 'untilDismissed' && dismissedAtMs === null);
}

function unseenChange(row: InAppRow): Change | null {
  return row.seenAtMs === null ? null : { times: { seenAtMs: null }, what: 'unseen' };
}

/** Nobody reads what was not shown. */
function readChange(row: InAppRow, visit: Visit, nowMs: number): Change | null {
  if (row.readAtMs !== null) return null;
  return {
    ...seenChange(row, visit, nowMs),
    times: { ...seenTimes(row, nowMs), readAtMs: nowMs },
    fact: { type: 'opened', data: {} },
    what: 'read',
  };
}

function unreadChange(row: InAppRow): Change | null {
  return row.readAtMs === null ? null : { times: { readAtMs: null }, what: 'unread' };
}

function archiveChange(row: InAppRow, on: boolean, nowMs: number): Change | null {
  if ((row.archivedAtMs !== null) === on) return null;
  return { times: { archivedAtMs: on ? nowMs : null }, what: on ? 'archived' : 'unarchived' };
}

/** It is no impression: what is taken away within the first second was not looked at. */
function dismissChange(row: InAppRow, nowMs: number): Change | null {
  if (row.dismissedAtMs !== null && row.display.frequency !== 'always') return null;
  return {
    times: { dismissedAtMs: nowMs },
    fact: { type: 'dismissed', data: {} },
    what: 'dismissed',
  };
}

const noVisit: Visit = { session: null, url: null };

function batchChange(row: InAppRow, status: Parameters<InAppRoom['batch']>[1], nowMs: number): Change | null {
  switch (status) {
    case 'seen':
      return row.seenAtMs === null ? seenChange(row, noVisit, nowMs) : null;
    case 'unseen':
      return unseenChange(row);
    case 'read':
      return readChange(row, noVisit, nowMs);
    case 'unread':
      return unreadChange(row);
    case 'archived':
      return archiveChange(row, true, nowMs);
    case 'unarchived':
      return archiveChange(row, false, nowMs);
    case 'dismissed':
      return dismissChange(row, nowMs);
  }
}

function actionsOf({ content }: InAppRow) {
  return [...content.actions, ...content.slides.flatMap((slide) => slide.actions)];
}

function unknownAction(row: InAppRow, action: string): AppError {
  const known = actionsOf(row).map(({ id }) => id);
  const detail = `The message has no action “${action}”; ${known.length === 0 ? 'it has none' : `there are: ${known.join(', ')}`}.`;
  return new AppError('bad_request', detail, { errors: [{ field: 'action', code: 'unknown', detail }] });
}
