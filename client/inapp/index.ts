/**
 * In-app messages for web apps: pulls what waits for a user, shows what its rules choose, and tells what the user did.
 * It depends on nothing, and no word of a message ever becomes markup.
 */
import { openDisplays } from './displays.ts';
import { openDoor, queryOf } from './door.ts';
import { linkKind } from './element.ts';
import { mountFeed } from './feed.ts';
import { whenLookedAt } from './listen.ts';
import { goLive, type News } from './live.ts';
import type {
  Eligible,
  InApp,
  InAppAction,
  InAppCounts,
  InAppEntry,
  InAppEvents,
  InAppOptions,
  InAppPage,
  Labels,
  Tools,
} from './options.ts';
import { newKey, openOutbox } from './outbox.ts';
import { followHistory } from './pages.ts';
import { addStyle } from './style.ts';
import { joinTabs, type Tabs } from './tabs.ts';
import { contentOf, views } from './views.ts';

export type * from './options.ts';

const pageSize = 50;
const usualPollMs = 10_000;

const usualLabels: Labels = {
  close: 'Close',
  previous: 'Previous',
  next: 'Next',
  inbox: 'Messages',
  empty: 'No messages',
  readAll: 'Mark all as read',
  archive: 'Archive',
  more: 'More',
};

/** What an act means for the message as it is known here, until the door tells. */
type Times = Partial<
  Pick<InAppEntry, 'seenAt' | 'readAt' | 'archivedAt' | 'interactedAt' | 'dismissedAt' | 'snoozedUntil'>
>;

interface Word {
  readonly id: string;
  readonly times: Times;
  readonly gone: boolean;
}

export function createInApp(options: InAppOptions): InApp {
  const { user } = options;
  const labels = { ...usualLabels, ...options.labels };
  const session = options.session ?? sessionOfTab();
  const name = `sp-inapp:${options.url}:${user}`;
  const door = openDoor(options, session);
  const mine = `/users/${encodeURIComponent(user)}`;
  const outbox = openOutbox(name, async ({ method, path, body, event }) => {
    const response = await door.tell(method, path, body);
    if (response.ok && event) settle(await response.json(), false, event);
    return response;
  });
  const hearers = new Map<keyof InAppEvents, Set<(event: never) => void>>();
  const feeds = new Set<() => void>();

  let entries: readonly InAppEntry[] = [];
  let counts: InAppCounts = { total: 0, unread: 0, unseen: 0 };
  let cursor: string | null = null;
  let tag = '';
  /** What the one that waits answered to; empty: a visit. */
  let lastEvent = '';
  let screen: string | null = null;
  let newPage = true;
  let asking = false;
  let askAgain = false;
  /** None: stopped. */
  let ends: (() => void)[] = [];
  let tabs: Tabs<Word> | null = null;

  const say = <Name extends keyof InAppEvents>(what: Name, event: InAppEvents[Name]): void => {
    for (const hear of hearers.get(what) ?? []) (hear as (event: InAppEvents[Name]) => void)(event);
  };
  const changed = (): void => {
    for (const draw of feeds) draw();
    say('change', counts);
  };
  const where = (): string => screen ?? location.href;

  /** @returns whether it is refused */
  const pull = async (after?: string | null): Promise<boolean> => {
    const got = await door.get<InAppPage>(
      `${mine}/messages${queryOf({ limit: pageSize, after })}`,
      after ? '' : tag,
    );
    if (!got) return got === false;
    const { answer } = got;
    if (!after) tag = got.tag ?? '';
    entries = [...(after ? entries : []), ...answer.entries.filter(isOfInbox)];
    counts = answer;
    cursor = answer.nextCursor;
    changed();
    return false;
  };

  /** What was done and not told yet is told first: the door's answer must know of it. */
  const refresh = async (): Promise<boolean> => {
    await outbox.flush();
    return pull();
  };

  const ask = async (): Promise<void> => {
    askAgain = asking;
    if (asking || !ends.length) return;
    asking = true;
    const isNewPage = newPage;
    if (await look('', isNewPage)) newPage = askAgain;
    asking = false;
    if (askAgain) void ask();
  };
  const look = async (event: string, isNewPage: boolean): Promise<boolean> => {
    await outbox.flush();
    const got = await door.get<Eligible>(`${mine}/eligible${queryOf({ session, url: where(), event })}`);
    if (got) settle(got.answer, isNewPage, event);
    return !!got;
  };
  const settle = (eligible: Eligible, isNewPage: boolean, event: string): void => {
    if (!ends.length) return;
    if (displays.settle(eligible, isNewPage)) lastEvent = event;
    say('eligible', eligible);
  };

  /** What the user did here or in another tab, before the door tells of it. @param gone it is not on display any more */
  const told = ({ id, times, gone }: Word): void => {
    entries = entries.flatMap((entry) => {
      if (entry.id !== id) return [entry];
      const next = { ...entry, ...times };
      const isListed = !next.archivedAt && !times.snoozedUntil;
      const more = (time: 'readAt' | 'seenAt'): number =>
        Number(isListed && !next[time]) - Number(!entry[time]);
      counts = {
        total: counts.total - Number(!isListed),
        unread: counts.unread + more('readAt'),
        unseen: counts.unseen + more('seenAt'),
      };
      return isListed ? [next] : [];
    });
    if (gone) displays.close(id);
    changed();
  };

  const hear = (event: News): void => {
    counts = event.counts;
    if (event.type === 'hello') {
      void (event.resumed ? outbox.flush() : refresh());
      void ask();
      return;
    }
    if (event.type === 'message.expired') {
      entries = entries.filter(({ id }) => id !== event.id);
      displays.close(event.id);
    } else if ('entry' in event) {
      const { entry } = event;
      const isNew = event.type === 'message.created';
      const known = entries.find(({ id }) => id === entry.id);
      const isGone = entry.archivedAt || (!isNew && entry.snoozedUntil !== (known?.snoozedUntil ?? null));
      if (known) entries = entries.flatMap((one) => (one !== known ? one : isGone ? [] : entry));
      else if (isNew && isOfInbox(entry)) entries = [entry, ...entries];
      displays.close(entry.id, entry);
      if (isNew) void ask();
    }
    changed();
  };

  const did = (
    id: string,
    method: string,
    what: string,
    times: Times,
    body?: unknown,
    gone = false,
  ): void => {
    const word = { id, times, gone };
    told(word);
    tabs?.tell(word);
    // Named, so that the door counts it once however often it is sent.
    outbox.add(
      method,
      `/messages/${id}/${what}${queryOf({ user, session, url: where(), visit: newKey() })}`,
      body,
    );
  };
  const mark = (id: string, what: 'seen' | 'read' | 'archived', on: boolean): void =>
    did(
      id,
      on ? 'PUT' : 'DELETE',
      what,
      { [`${what}At`]: on ? now() : null },
      undefined,
      on && what === 'archived',
    );

  const opens = (url: string | null): url is string => {
    const kind = linkKind(url);
    return kind === 'web' || (!!kind && !!options.onLink);
  };
  const interacted = (id: string, action: string | null, gone?: boolean): void =>
    did(id, 'POST', 'interacted', { interactedAt: now(), readAt: now() }, { action }, gone);
  /** @param event of a link that the browser follows */
  const choose = (entry: InAppEntry, action: InAppAction | null, event?: Event): void => {
    const url = action ? action.url : entry.link;
    const id = action?.id ?? null;
    interacted(entry.id, id, action?.dismisses);
    say('clicked', { entry, action: id });
    if (!opens(url)) return;
    if (options.onLink?.(url, entry)) event?.preventDefault();
    else if (!event && linkKind(url) === 'web') location.assign(url);
  };
  const content: (entry: InAppEntry, part?: Parameters<Tools['content']>[0]) => HTMLElement[] = (
    entry,
    part = entry,
  ) => contentOf(entry, part, { choose: (action, event) => choose(entry, action, event), opens });

  const displays = openDisplays({
    root: () => options.root ?? document.body,
    name,
    render: (entry, dismiss) =>
      (options.renderers?.[entry.kind] ?? views[entry.kind])(entry, {
        dismiss,
        act: (action) => choose(entry, action),
        open: () => choose(entry, null),
        content: (part) => content(entry, part),
        labels,
      }),
    shown: (entry) => say('shown', entry),
    seen(entry) {
      mark(entry.id, 'seen', true);
      say('seen', entry);
    },
    dismissed: ({ id }) => app.dismiss(id),
    closed: (entry) => say('closed', entry),
    free: () => void look(lastEvent, false),
  });

  const turn = (): void => {
    newPage = true;
    void ask();
  };

  const app: InApp = {
    start() {
      if (ends.length) return;
      tabs = joinTabs(name, told);
      ends = [
        () => tabs?.close(),
        outbox.stop,
        displays.closeAll,
        whenLookedAt(() => {
          if (document.hidden) return;
          live?.wake();
          void ask();
        }),
      ];
      if (options.followHistory !== false)
        ends.push(
          followHistory(() => {
            screen = null;
            turn();
          }),
        );
      if (options.style) addStyle();
      void refresh();
      turn();
      const realtime = options.realtime ?? 'ws';
      const live = realtime
        ? goLive({
            ways: realtime === 'poll' ? [] : realtime === 'ws' ? ['ws', 'stream'] : ['stream', 'ws'],
            pollMs: options.pollMs ?? usualPollMs,
            address: door.live,
            hear,
            async poll() {
              const before = tag;
              const isRefused = await refresh();
              if (tag !== before) void ask();
              return isRefused;
            },
            changed: (state) => say('connection', state),
          })
        : null;
      if (live) ends.push(live.stop);
    },
    stop() {
      for (const end of ends) end();
      ends = [];
      tabs = null;
      say('connection', 'stopped');
    },
    on(what, hear) {
      const all = hearers.get(what) ?? new Set();
      hearers.set(what, all.add(hear));
      return () => all.delete(hear);
    },
    messages: () => entries,
    counts: () => counts,
    async more() {
      if (cursor) await pull(cursor);
      return !!cursor;
    },
    page(urlOrScreen) {
      screen = urlOrScreen;
      turn();
    },
    track(event, data = {}) {
      outbox.add('POST', `${mine}/events`, { name: event, data, url: where(), session }, event);
    },
    markSeen: (id, on = true) => mark(id, 'seen', on),
    markRead: (id, on = true) => mark(id, 'read', on),
    markArchived: (id, on = true) => mark(id, 'archived', on),
    markAllRead() {
      for (const { id, readAt } of entries) if (!readAt) told({ id, times: { readAt: now() }, gone: false });
      outbox.add('POST', '/batch/read', { user, ids: 'all' });
    },
    interacted: (id, action) => interacted(id, action ?? null),
    dismiss: (id) => did(id, 'POST', 'dismissed', { dismissedAt: now() }, {}, true),
    snooze: (id, ms) =>
      did(id, 'POST', 'snooze', { snoozedUntil: now(ms) }, { seconds: Math.ceil(ms / 1000) }, true),
    show: (entry) => displays.show(entry),
    mountInbox(element) {
      const feed = mountFeed(element, { app, labels, hasMore: () => !!cursor, content });
      feeds.add(feed.draw);
      return () => {
        feeds.delete(feed.draw);
        feed.end();
      };
    },
    mountSlot(element, slot = '') {
      const unmount = displays.mountSlot(slot, element);
      void ask();
      return unmount;
    },
  };
  return app;
}

/** A pop-up waits in the same queue, and is no part of the inbox unless it says so. */
const isOfInbox = ({ kind, saveToInbox }: InAppEntry): boolean => saveToInbox || kind === 'inbox';

const now = (afterMs = 0): string => new Date(Date.now() + afterMs).toISOString();

function sessionOfTab(): string {
  const name = 'sp-inapp-session';
  try {
    // biome-ignore lint/suspicious/noAssignInExpressions: read, or made and kept.
    return (sessionStorage[name] ??= newKey());
  } catch {
    // The page may keep nothing: the visit lasts as long as the page.
    return newKey();
  }
}
