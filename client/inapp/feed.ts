/** The inbox: a list that keeps its elements, so that focus and what was half seen survive news. */
import { button, make } from './element.ts';
import type { InApp, InAppEntry, Labels } from './options.ts';
import { whenSeen } from './seen.ts';

export interface FeedPorts {
  readonly app: Pick<InApp, 'messages' | 'more' | 'markSeen' | 'markRead' | 'markArchived' | 'markAllRead'>;
  readonly labels: Labels;
  hasMore(): boolean;
  content(entry: InAppEntry): HTMLElement[];
}

interface Item {
  readonly element: HTMLElement;
  unwatch(): void;
}

export interface Feed {
  draw(): void;
  end(): void;
}

export function mountFeed(holder: HTMLElement, { app, labels, hasMore, content }: FeedPorts): Feed {
  const items = new Map<string, Item>();
  const list = make('ul', 'list');
  const empty = make('p', 'empty', [labels.empty]);
  const readAll = button(labels.readAll, 'read-all', app.markAllRead);
  const more = button(labels.more, 'more', () => void app.more());
  const element = make(
    'section',
    'feed sp-inapp',
    [make('header', '', [make('h2', '', [labels.inbox]), readAll]), list, empty, more],
    { 'aria-label': labels.inbox },
  );
  holder.append(element);

  /** What a message says never changes; only what was done with it does. */
  const itemOf = (entry: InAppEntry): Item => {
    const { id, createdAt } = entry;
    const item = make('li', '', [
      make('article', '', [
        ...content(entry),
        make('time', '', [new Date(createdAt).toLocaleString()], { datetime: createdAt }),
        button(labels.archive, 'archive', () => app.markArchived(id)),
      ]),
    ]);
    item.onclick = () => {
      if (/unread/.test(item.className)) app.markRead(id);
    };
    return {
      element: item,
      unwatch: whenSeen(item, () => {
        if (!entry.seenAt) app.markSeen(id);
      }),
    };
  };

  const draw = (): void => {
    const entries = app.messages();
    for (const [id, { element: item, unwatch }] of items)
      if (entries.every((entry) => entry.id !== id)) {
        unwatch();
        item.remove();
        items.delete(id);
      }
    entries.forEach((entry, index) => {
      const item = items.get(entry.id) ?? itemOf(entry);
      items.set(entry.id, item);
      item.element.className = `sp-inapp-item${entry.readAt ? '' : ' sp-inapp-unread'}`;
      const there = list.children[index] ?? null;
      if (there !== item.element) list.insertBefore(item.element, there);
    });
    empty.hidden = entries.length > 0;
    readAll.hidden = entries.every(({ readAt }) => readAt);
    more.hidden = !hasMore();
  };

  draw();
  return {
    draw,
    end() {
      for (const { unwatch } of items.values()) unwatch();
      element.remove();
    },
  };
}
