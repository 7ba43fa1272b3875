import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type ComponentType,
  type KeyboardEvent,
  type MouseEvent,
  memo,
  useEffect,
  useMemo,
  useRef,
} from 'react';
import { plural } from '../format.ts';
import type { Feed, FeedState } from './feed.ts';
import classes from './feed-list.module.css';
import type { FeedEntry } from './merge.ts';

export interface FeedListProps<T extends FeedEntry> {
  readonly label: string;
  readonly feed: Feed<T>;
  readonly state: FeedState<T>;
  /** What is shown of the feed: without what was just deleted. */
  readonly entries: readonly T[];
  readonly selectedId: string | null;
  readonly onSelect: (id: string) => void;
  readonly onOpen: () => void;
  readonly rowHeight: number;
  readonly Row: ComponentType<{ readonly entry: T }>;
  /** Where several can be picked at once, to do something to all of them. */
  readonly marks?: FeedMarks;
}

export interface FeedMarks {
  readonly marked: ReadonlySet<string>;
  /** `range`: all from the one that was marked last to this one. */
  readonly onMark: (id: string, how: 'one' | 'range') => void;
  readonly onMarkAll: () => void;
}

/** How near the end the next page is asked for, in rows. */
const loadAheadRows = 60;

/** A virtual list that stands still while it is scrolled, whatever arrives. */
export function FeedList<T extends FeedEntry>(props: FeedListProps<T>) {
  const { feed, state, entries, selectedId, onSelect, rowHeight, Row } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const Slot = useMemo(() => makeSlot(Row), [Row]);
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => entries[index]?.id ?? index,
    overscan: 6,
    useFlushSync: false,
  });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  const selectedShown = selectedId !== null && items.some((item) => entries[item.index]?.id === selectedId);

  useEffect(() => {
    if (lastShown > entries.length - loadAheadRows) void feed.loadMore();
  }, [feed, lastShown, entries.length]);

  // A selection made elsewhere (j, k, an arrow, a link) comes into view; a row that only moved does not.
  const scrolledTo = useRef<string | null>(null);
  useEffect(() => {
    if (selectedId === null || scrolledTo.current === selectedId) return;
    const index = entries.findIndex((entry) => entry.id === selectedId);
    if (index === -1) return;
    scrolledTo.current = selectedId;
    virtual.scrollToIndex(index, { align: 'auto' });
  }, [selectedId, entries, virtual]);

  const showWaiting = () => {
    scroller.current?.scrollTo({ top: 0 });
    feed.setPlace('top');
    feed.refresh();
  };
  const { marks } = props;
  const press = (event: KeyboardEvent) => {
    if (marks !== undefined && pressedMark(event, selectedId, marks)) {
      event.preventDefault();
      return;
    }
    const index = nextIndex(
      event.key,
      entries.findIndex((entry) => entry.id === selectedId),
      entries.length,
      {
        pageRows: Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1),
      },
    );
    if (event.key === 'Enter') props.onOpen();
    if (index === null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const entry = entries[index];
    if (entry === undefined) return;
    onSelect(entry.id);
    if (event.shiftKey && isStep(event.key)) marks?.onMark(entry.id, 'range');
  };

  return (
    <div className={classes.box}>
      {state.waiting > 0 && (
        <button type="button" className={classes.waiting} onClick={showWaiting}>
          {plural(state.waiting, 'new', 'new')}
        </button>
      )}
      <div
        ref={scroller}
        className={classes.scroller}
        role="listbox"
        aria-label={props.label}
        aria-multiselectable={marks !== undefined}
        aria-activedescendant={selectedShown ? `row-${selectedId}` : undefined}
        tabIndex={0}
        onKeyDown={press}
        onScroll={(event) =>
          feed.setPlace(event.currentTarget.scrollTop < rowHeight / 2 ? 'top' : 'scrolled')
        }
      >
        <div className={classes.canvas} style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const entry = entries[item.index];
            return entry === undefined ? null : (
              <Slot
                key={entry.id}
                entry={entry}
                top={item.start}
                height={rowHeight}
                position={item.index + 1}
                total={state.total}
                selected={entry.id === selectedId}
                mark={marks === undefined ? 'none' : marks.marked.has(entry.id) ? 'on' : 'off'}
                onSelect={onSelect}
                onMark={marks?.onMark ?? ignore}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface SlotProps<T extends FeedEntry> {
  readonly entry: T;
  readonly top: number;
  readonly height: number;
  readonly position: number;
  readonly total: number;
  readonly selected: boolean;
  /** `none`: nothing can be marked here. */
  readonly mark: 'none' | 'on' | 'off';
  readonly onSelect: (id: string) => void;
  readonly onMark: FeedMarks['onMark'];
}

const ignore = (): void => undefined;
const isStep = (key: string): boolean => key === 'ArrowDown' || key === 'ArrowUp';

/** @returns whether the key was about marks */
function pressedMark(event: KeyboardEvent, selectedId: string | null, marks: FeedMarks): boolean {
  const held = event.ctrlKey || event.metaKey;
  if (held && event.key.toLowerCase() === 'a') {
    marks.onMarkAll();
    return true;
  }
  if (event.key !== ' ' || held || selectedId === null) return false;
  marks.onMark(selectedId, event.shiftKey ? 'range' : 'one');
  return true;
}

/**
 * The place of a row in the list, for one kind of row.
 *
 * While the list scrolls no slot changes, and while mail streams in only its place does: both stay cheap.
 */
function makeSlot<T extends FeedEntry>(Row: ComponentType<{ readonly entry: T }>) {
  return memo(function Slot(props: SlotProps<T>) {
    const { entry, top, height, position, total, selected, mark, onSelect, onMark } = props;
    const click = (event: MouseEvent) => {
      if (mark !== 'none' && event.shiftKey) onMark(entry.id, 'range');
      else if (mark !== 'none' && (event.ctrlKey || event.metaKey)) onMark(entry.id, 'one');
      else onSelect(entry.id);
    };
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox takes the keys for its options
      <div
        id={`row-${entry.id}`}
        className={classes.slot}
        role="option"
        tabIndex={-1}
        data-mark={mark}
        // Where several can be picked the marks are the selection, and the open one is the current.
        aria-selected={mark === 'none' ? selected : mark === 'on'}
        aria-current={mark === 'none' ? undefined : selected}
        aria-posinset={position}
        aria-setsize={total}
        style={{ height, transform: `translateY(${top}px)` }}
        // A range is marked, not the words in it.
        onMouseDown={(event) => {
          if (mark !== 'none' && event.shiftKey) event.preventDefault();
        }}
        onClick={click}
      >
        {mark !== 'none' && (
          // biome-ignore lint/a11y/noStaticElementInteractions: the option says whether it is marked; this is where a pointer marks it
          // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox takes the keys for its options
          <span
            className={classes.mark}
            title="Mark (space)"
            onClick={(event) => {
              event.stopPropagation();
              onMark(entry.id, event.shiftKey ? 'range' : 'one');
            }}
          >
            <span className={classes.check} aria-hidden />
          </span>
        )}
        <Row entry={entry} />
      </div>
    );
  });
}

/** @returns the row a key leads to; null when the key does not move */
export function nextIndex(
  key: string,
  index: number,
  count: number,
  sizes: { readonly pageRows: number },
): number | null {
  if (count === 0) return null;
  const clamp = (wanted: number) => Math.max(0, Math.min(count - 1, wanted));
  switch (key) {
    case 'ArrowDown':
      return clamp(index + 1);
    case 'ArrowUp':
      return clamp(index - 1);
    case 'PageDown':
      return clamp(index + sizes.pageRows);
    case 'PageUp':
      return clamp(index - sizes.pageRows);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
