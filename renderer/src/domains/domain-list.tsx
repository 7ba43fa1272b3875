import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useRef } from 'react';
import type { SendingDomain } from '../../../core/api/schema.ts';
import { nextIndex } from '../feed/feed-list.tsx';
import { plural } from '../format.ts';
import classes from './domain-list.module.css';
import { purposeNames, purposeOrder, verdicts } from './switches.ts';

interface DomainListProps {
  readonly entries: readonly SendingDomain[];
  readonly selected: string | null;
  readonly onSelect: (name: string) => void;
}

const rowHeight = 52;

/** Each domain with what a look at its records finds. */
export function DomainList({ entries, selected, onSelect }: DomainListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => entries[index]?.name ?? index,
    overscan: 6,
    useFlushSync: false,
  });
  const items = virtual.getVirtualItems();
  const shown = items.some((item) => entries[item.index]?.name === selected);

  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = entries.findIndex((entry) => entry.name === selected);
    const index = nextIndex(event.key, at, entries.length, {
      pageRows: Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1),
    });
    const entry = index === null ? undefined : entries[index];
    if (index === null || entry === undefined) return;
    event.preventDefault();
    virtual.scrollToIndex(index, { align: 'auto' });
    onSelect(entry.name);
  };

  return (
    <div
      ref={scroller}
      className={classes.scroller}
      role="listbox"
      aria-label="Sending domains"
      aria-activedescendant={shown ? `domain-${selected}` : undefined}
      tabIndex={0}
      onKeyDown={press}
    >
      <div className={classes.canvas} style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const entry = entries[item.index];
          return entry === undefined ? null : (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox takes the keys for its options
            <div
              key={entry.name}
              id={`domain-${entry.name}`}
              className={classes.row}
              role="option"
              tabIndex={-1}
              aria-selected={entry.name === selected}
              aria-posinset={item.index + 1}
              aria-setsize={entries.length}
              style={{ height: rowHeight, transform: `translateY(${item.start}px)` }}
              onClick={() => onSelect(entry.name)}
            >
              <DomainRow domain={entry} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function DomainRow({ domain }: { readonly domain: SendingDomain }) {
  return (
    <>
      <div className={classes.top}>
        <span className={classes.name}>{domain.name}</span>
        {domain.faults.length > 0 && (
          <span className={classes.broken}>{plural(domain.faults.length, 'switch on', 'switches on')}</span>
        )}
        {domain.onTheFly && <span className={classes.dim}>on the fly</span>}
      </div>
      <div className={classes.bottom}>
        {purposeOrder.map((purpose) => {
          const { shape, word, tone } = verdicts[domain.checks[purpose] ?? 'ok'];
          return (
            <span key={purpose} className={classes.check} data-tone={tone}>
              <span role="img" aria-label={word}>
                {shape}
              </span>{' '}
              {purposeNames[purpose]}
            </span>
          );
        })}
      </div>
    </>
  );
}
