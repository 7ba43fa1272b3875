import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import type { Mailbox } from '../../../core/api/mailbox-schema.ts';
import { nextIndex } from '../feed/feed-list.tsx';
import { formatWhen, plural } from '../format.ts';
import { countsInWords, type MailboxListRow } from './mailbox-groups.ts';
import classes from './mailbox-list.module.css';

interface MailboxListProps {
  readonly rows: readonly MailboxListRow[];
  readonly selected: string | null;
  readonly onSelect: (row: MailboxListRow) => void;
}

const providerHeight = 32;
const mailboxHeight = 52;

/** The simulated people under their providers. A provider is a row that can be opened too. */
export function MailboxList({ rows, selected, onSelect }: MailboxListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index]?.kind === 'provider' ? providerHeight : mailboxHeight),
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 6,
    useFlushSync: false,
  });
  // Rows differ in height: when others stand at an index, what was measured there is not true any more.
  useEffect(() => virtual.measure(), [rows, virtual]);
  const items = virtual.getVirtualItems();
  const shown = items.some((item) => rows[item.index]?.id === selected);

  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = rows.findIndex((row) => row.id === selected);
    const index = nextIndex(event.key, at, rows.length, {
      pageRows: Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / mailboxHeight) - 1),
    });
    const row = index === null ? undefined : rows[index];
    if (index === null || row === undefined) return;
    event.preventDefault();
    virtual.scrollToIndex(index, { align: 'auto' });
    onSelect(row);
  };

  return (
    <div
      ref={scroller}
      className={classes.scroller}
      role="listbox"
      aria-label="Mailboxes by provider"
      aria-activedescendant={shown && selected !== null ? `box-${selected}` : undefined}
      tabIndex={0}
      onKeyDown={press}
    >
      <div className={classes.canvas} style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index];
          return row === undefined ? null : (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox takes the keys for its options
            <div
              key={row.id}
              id={`box-${row.id}`}
              className={classes.row}
              data-kind={row.kind}
              role="option"
              tabIndex={-1}
              aria-selected={row.id === selected}
              aria-posinset={item.index + 1}
              aria-setsize={rows.length}
              style={{ height: item.size, transform: `translateY(${item.start}px)` }}
              onClick={() => onSelect(row)}
            >
              {row.kind === 'provider' ? <ProviderRow row={row} /> : <MailboxRow mailbox={row.mailbox} />}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function ProviderRow({ row }: { readonly row: Extract<MailboxListRow, { readonly kind: 'provider' }> }) {
  const { title, changed } = row.provider;
  return (
    <div className={classes.provider}>
      <span className={classes.title}>{title}</span>
      {changed.length > 0 && (
        <span className={classes.changed}>
          {plural(changed.length, 'setting changed', 'settings changed')}
        </span>
      )}
      <span className={classes.dim}>{plural(row.mailboxes, 'mailbox', 'mailboxes')}</span>
    </div>
  );
}

function MailboxRow({ mailbox }: { readonly mailbox: Mailbox }) {
  const { address, unseen, counts, changed, lastAt } = mailbox;
  return (
    <div className={classes.mailbox} data-unread={unseen > 0}>
      <div className={classes.top}>
        <span className={classes.address}>{address}</span>
        {unseen > 0 && (
          <span className={classes.unseen}>
            {unseen > 999 ? '999+' : unseen}
            <span className={classes.word}> unseen</span>
          </span>
        )}
      </div>
      <div className={classes.bottom}>
        <span className={classes.counts}>{countsInWords(counts)}</span>
        {changed.length > 0 && <span className={classes.changed}>changed</span>}
        {lastAt !== null && <time dateTime={lastAt}>{formatWhen(lastAt, new Date())}</time>}
      </div>
    </div>
  );
}
