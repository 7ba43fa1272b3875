import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { RuleEntry } from '../../../core/api/rules-schema.ts';
import { nextIndex } from '../feed/feed-list.tsx';
import classes from './rule-list.module.css';
import { type RowActions, RuleRow, ruleRowHeight } from './rule-row.tsx';

interface RuleListProps {
  readonly rules: readonly RuleEntry[];
  readonly selectedId: string | null;
  readonly changedIds: ReadonlySet<string>;
  /** Whether all rules are shown, so that the order can be changed. */
  readonly movable: boolean;
  readonly actions: Omit<RowActions, 'grip'>;
  readonly onSelect: (id: string) => void;
  /** @param gap 0: above the first one shown */
  readonly onDrop: (rule: RuleEntry, gap: number) => void;
  readonly onShown: (first: RuleEntry | null, count: number) => void;
}

interface Drag {
  readonly rule: RuleEntry;
  readonly gap: number;
}

/** How near the edge the list begins to scroll under what is dragged, and how far a step. */
const edgePx = 36;
const edgeStepPx = 14;

/** The rules in their order: virtual, moved by pointer or keys, one of them open. */
export function RuleList(props: RuleListProps) {
  const { rules, selectedId, changedIds, movable, actions, onSelect, onDrop, onShown } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const virtual = useVirtualizer({
    count: rules.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ruleRowHeight,
    getItemKey: (index) => rules[index]?.id ?? index,
    overscan: 6,
    useFlushSync: false,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const count = items.length;
  useEffect(() => onShown(rules[first] ?? null, count), [onShown, rules, first, count]);

  // What is chosen elsewhere (a link, a key) comes into view; a row that only moved does so when it was moved by key.
  const scrolledTo = useRef<string | null>(null);
  const selectedIndex = rules.findIndex((rule) => rule.id === selectedId);
  useEffect(() => {
    const place = `${selectedId} ${selectedIndex}`;
    if (selectedIndex === -1 || scrolledTo.current === place) return;
    scrolledTo.current = place;
    virtual.scrollToIndex(selectedIndex, { align: 'auto' });
  }, [selectedId, selectedIndex, virtual]);

  const gapAt = (clientY: number): number => {
    const box = scroller.current;
    if (box === null) return 0;
    const y = clientY - box.getBoundingClientRect().top + box.scrollTop;
    return Math.max(0, Math.min(rules.length, Math.round(y / ruleRowHeight)));
  };
  const rowActions = useMemo<RowActions>(
    () => ({
      ...actions,
      grip(rule, event) {
        event.preventDefault();
        // The list takes the pointer: the row may go out of it while it is dragged.
        scroller.current?.setPointerCapture(event.pointerId);
        scroller.current?.focus();
        setDrag({ rule, gap: rule.position });
      },
    }),
    [actions],
  );
  const follow = (event: PointerEvent) => {
    const box = scroller.current;
    if (drag === null || box === null) return;
    const { top, bottom } = box.getBoundingClientRect();
    if (event.clientY < top + edgePx) box.scrollBy(0, -edgeStepPx);
    if (event.clientY > bottom - edgePx) box.scrollBy(0, edgeStepPx);
    setDrag({ ...drag, gap: gapAt(event.clientY) });
  };
  const drop = () => {
    if (drag !== null) onDrop(drag.rule, drag.gap);
    setDrag(null);
  };

  const press = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey) return;
    const selected = rules[selectedIndex];
    if (drag !== null && event.key === 'Escape') {
      event.preventDefault();
      setDrag(null);
      return;
    }
    if (selected !== undefined && act(event, selected)) {
      event.preventDefault();
      return;
    }
    if (event.altKey) return;
    const index = nextIndex(event.key, selectedIndex, rules.length, {
      pageRows: Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ruleRowHeight) - 1),
    });
    const rule = index === null ? undefined : rules[index];
    if (rule === undefined) return;
    event.preventDefault();
    onSelect(rule.id);
  };
  /** @returns whether the key does something to the rule */
  const act = (event: KeyboardEvent, rule: RuleEntry): boolean => {
    if (event.altKey) {
      if (!movable || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return false;
      actions.moveBy(rule, event.key === 'ArrowUp' ? 'up' : 'down');
      return true;
    }
    switch (event.key) {
      case 'Enter':
        actions.edit(rule);
        return true;
      case ' ':
        actions.setEnabled(rule, !rule.enabled);
        return true;
      case 'Delete':
      case 'Backspace':
        actions.remove(rule);
        return true;
      default:
        return false;
    }
  };
  const selectedShown = items.some((item) => item.index === selectedIndex);

  return (
    // biome-ignore lint/a11y/useSemanticElements: rows of a virtual list cannot be those of a table
    <div
      ref={scroller}
      className={classes.scroller}
      role="grid"
      aria-label="Rules"
      aria-rowcount={rules.length}
      aria-activedescendant={selectedShown ? `rule-${selectedId}` : undefined}
      aria-keyshortcuts="Enter Space Delete Alt+ArrowUp Alt+ArrowDown"
      tabIndex={0}
      data-dragging={drag !== null}
      onKeyDown={press}
      onPointerMove={follow}
      onPointerUp={drop}
      onPointerCancel={() => setDrag(null)}
    >
      <div className={classes.canvas} style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const rule = rules[item.index];
          return rule === undefined ? null : (
            // biome-ignore lint/a11y/useSemanticElements: as above
            // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys for its rows
            <div
              key={rule.id}
              id={`rule-${rule.id}`}
              className={classes.row}
              role="row"
              tabIndex={-1}
              aria-rowindex={item.index + 1}
              aria-selected={rule.id === selectedId}
              data-dragged={drag?.rule.id === rule.id}
              style={{ height: ruleRowHeight, transform: `translateY(${item.start}px)` }}
              onClick={() => {
                onSelect(rule.id);
                scroller.current?.focus({ preventScroll: true });
              }}
            >
              <RuleRow rule={rule} changed={changedIds.has(rule.id)} movable={movable} actions={rowActions} />
            </div>
          );
        })}
        {drag !== null && (
          <div className={classes.gap} style={{ transform: `translateY(${drag.gap * ruleRowHeight}px)` }} />
        )}
      </div>
    </div>
  );
}
