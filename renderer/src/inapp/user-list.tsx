import { IconUser } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, memo, useRef } from 'react';
import type { InAppUser } from '../api/inapp.ts';
import { nextIndex } from '../feed/feed-list.tsx';
import { formatCount, formatWhen, plural } from '../format.ts';
import classes from '../phones/phone-list.module.css';

interface UserListProps {
  readonly users: readonly InAppUser[];
  readonly selected: string | null;
  readonly onSelect: (user: string) => void;
}

const cardHeight = 58;

/** Who has in-app messages, a card each. */
export function UserList({ users, selected, onSelect }: UserListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: users.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => cardHeight,
    getItemKey: (index) => users[index]?.user ?? index,
    overscan: 6,
    useFlushSync: false,
  });
  const items = virtual.getVirtualItems();
  const shown = items.some((item) => users[item.index]?.user === selected);
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = users.findIndex(({ user }) => user === selected);
    const index = nextIndex(event.key, at, users.length, {
      pageRows: Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / cardHeight) - 1),
    });
    const found = index === null ? undefined : users[index];
    if (index === null || found === undefined) return;
    event.preventDefault();
    virtual.scrollToIndex(index, { align: 'auto' });
    onSelect(found.user);
  };

  return (
    <div
      ref={scroller}
      className={classes.scroller}
      role="listbox"
      aria-label="Users with in-app messages"
      aria-activedescendant={shown && selected !== null ? `inapp-user-${selected}` : undefined}
      tabIndex={0}
      onKeyDown={press}
    >
      <div className={classes.canvas} style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const entry = users[item.index];
          return entry === undefined ? null : (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox takes the keys for its options
            <div
              key={entry.user}
              id={`inapp-user-${entry.user}`}
              className={classes.row}
              role="option"
              tabIndex={-1}
              aria-selected={entry.user === selected}
              aria-posinset={item.index + 1}
              aria-setsize={users.length}
              style={{ height: item.size, transform: `translateY(${item.start}px)` }}
              onClick={() => onSelect(entry.user)}
            >
              <UserCard entry={entry} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

const UserCard = memo(function UserCard({ entry }: { readonly entry: InAppUser }) {
  const { user, total, waiting, unseen, unread, lastAt } = entry;
  return (
    <div className={classes.card}>
      <IconUser size={22} stroke={1.3} className={classes.device} aria-hidden />
      <div className={classes.words}>
        <div className={classes.line}>
          <span className={classes.name}>{user}</span>
          {waiting > 0 && <span className={classes.waiting}>{plural(waiting, 'waits', 'wait')}</span>}
        </div>
        <div className={classes.line}>
          <span className={classes.dim}>
            {formatCount(total)} in all · {formatCount(unseen)} unseen · {formatCount(unread)} unread
          </span>
          <time dateTime={lastAt}>{formatWhen(lastAt, new Date())}</time>
        </div>
      </div>
    </div>
  );
});
