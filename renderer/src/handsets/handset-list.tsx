import { IconAntennaBars5, IconAntennaBarsOff, IconMessage2 } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, memo, useRef } from 'react';
import type { HandsetView, SmsThreadView } from '../../../core/api/sms-schema.ts';
import { nextIndex } from '../feed/feed-list.tsx';
import { formatWhen, plural } from '../format.ts';
import classes from '../phones/phone-list.module.css';
import { countryName, reachWords } from './handset-words.ts';

interface HandsetListProps {
  readonly handsets: readonly HandsetView[];
  /** By number: its newest thread. */
  readonly threads: ReadonlyMap<string, SmsThreadView>;
  readonly selected: string | null;
  readonly nowMs: number;
  readonly onSelect: (number: string) => void;
}

const cardHeight = 84;

/** The handsets, a card each. */
export function HandsetList({ handsets, threads, selected, nowMs, onSelect }: HandsetListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: handsets.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => cardHeight,
    getItemKey: (index) => handsets[index]?.number ?? index,
    overscan: 6,
    useFlushSync: false,
  });
  const items = virtual.getVirtualItems();
  const shown = items.some((item) => handsets[item.index]?.number === selected);
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = handsets.findIndex(({ number }) => number === selected);
    const index = nextIndex(event.key, at, handsets.length, {
      pageRows: Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / cardHeight) - 1),
    });
    const handset = index === null ? undefined : handsets[index];
    if (index === null || handset === undefined) return;
    event.preventDefault();
    virtual.scrollToIndex(index, { align: 'auto' });
    onSelect(handset.number);
  };

  return (
    <div
      ref={scroller}
      className={classes.scroller}
      role="listbox"
      aria-label="Handsets"
      aria-activedescendant={shown && selected !== null ? `handset-${selected}` : undefined}
      tabIndex={0}
      onKeyDown={press}
    >
      <div className={classes.canvas} style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const handset = handsets[item.index];
          return handset === undefined ? null : (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox takes the keys for its options
            <div
              key={handset.number}
              id={`handset-${handset.number}`}
              className={classes.row}
              role="option"
              tabIndex={-1}
              aria-selected={handset.number === selected}
              aria-posinset={item.index + 1}
              aria-setsize={handsets.length}
              style={{ height: item.size, transform: `translateY(${item.start}px)` }}
              onClick={() => onSelect(handset.number)}
            >
              <HandsetCard
                handset={handset}
                reach={reachWords(handset, nowMs)}
                thread={threads.get(handset.number) ?? null}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface HandsetCardProps {
  readonly handset: HandsetView;
  readonly reach: string;
  readonly thread: SmsThreadView | null;
}

const HandsetCard = memo(function HandsetCard({ handset, reach, thread }: HandsetCardProps) {
  const { number, name, user, country, carrier, waiting, onTheFly } = handset;
  const reached = reach === 'on';
  return (
    <div className={classes.card}>
      <IconMessage2 size={26} stroke={1.3} className={classes.device} aria-hidden />
      <div className={classes.words}>
        <div className={classes.line}>
          <span className={classes.name}>{name}</span>
          {waiting > 0 && <span className={classes.waiting}>{plural(waiting, 'waits', 'wait')}</span>}
        </div>
        <div className={classes.line}>
          <span className={classes.dim}>
            {name === number ? '' : `${number} · `}
            {countryName(country)} · {carrier.name}
          </span>
        </div>
        <div className={classes.line} data-online={reached}>
          <span className={classes.state}>
            {reached ? (
              <IconAntennaBars5 size={12} aria-hidden />
            ) : (
              <IconAntennaBarsOff size={12} aria-hidden />
            )}
            {reach}
          </span>
          <span className={classes.dim}>{user ?? (onTheFly ? 'made on the fly' : 'nobody’s')}</span>
        </div>
        <div className={classes.line}>
          <span className={classes.dim}>{lastWords(thread)}</span>
          {thread !== null && <time dateTime={thread.last.at}>{formatWhen(thread.last.at, new Date())}</time>}
        </div>
      </div>
    </div>
  );
});

function lastWords(thread: SmsThreadView | null): string {
  if (thread === null) return 'no message yet';
  const { direction, text } = thread.last;
  const said = text === '' ? '(no text)' : text;
  return direction === 'mo' ? `→ ${said}` : `${thread.sender}: ${said}`;
}
