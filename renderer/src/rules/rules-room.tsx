import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import type { RuleEntry, RulesPage } from '../../../core/api/rules-schema.ts';
import { rulesQuery } from '../api/rules.ts';
import { plural } from '../format.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { Split } from '../frame/split.tsx';
import { withSearch } from '../room-search.ts';
import { newRuleId, useDrafts } from './drafts.ts';
import { NoRuleMatches, NoRules } from './no-rules.tsx';
import { RuleList } from './rule-list.tsx';
import { NoSuchRule, RulePane } from './rule-pane.tsx';
import type { RowActions } from './rule-row.tsx';
import { RulesBar } from './rules-bar.tsx';
import { isRulesView, RulesOverview, type RulesView } from './rules-overview.tsx';
import { beforeOfGap, matching } from './rules-page.ts';
import classes from './rules-room.module.css';
import { type ShownRules, useFreshCounts } from './use-fresh-counts.ts';
import { useRuleActions } from './use-rule-actions.ts';
import { useRulesCommands } from './use-rules-commands.ts';

/** Wider than elsewhere, where there is room: a rule is a sentence. */
const listWidth = Math.max(380, Math.min(580, Math.round(window.innerWidth * 0.4)));

/** What goes wrong on purpose: when … then …. */
export function RulesRoom() {
  const { data, error, refetch } = useQuery(rulesQuery);
  if (data === undefined)
    return error === null ? (
      <LoadingState what="rules" />
    ) : (
      <ProblemState error={error} onRetry={() => void refetch()} />
    );
  return <OpenRoom page={data} />;
}

function OpenRoom({ page }: { readonly page: RulesPage }) {
  const id = useSearch({ strict: false, select: (search) => search.rule ?? null });
  const view = useSearch({ strict: false, select: (search) => search.view ?? null });
  const [text, setText] = useState('');
  const q = useDeferredValue(text.trim());
  const drafts = useDrafts();
  const changedIds = useMemo(() => new Set(drafts.keys()), [drafts]);
  const actions = useRuleActions();
  const navigate = useNavigate();
  const field = useRef<HTMLInputElement>(null);
  const shown = useRef<ShownRules>({ from: 0, count: 0 });
  useFreshCounts(q, shown);

  const rules = useMemo(() => matching(page.entries, q), [page.entries, q]);
  const open = useCallback(
    (next: string | null) =>
      void navigate({
        to: '/rules',
        search: (old) => withSearch(old, { rule: next, view: null }),
        replace: true,
      }),
    [navigate],
  );
  const show = useCallback(
    (next: RulesView) =>
      void navigate({ to: '/rules', search: (old) => withSearch(old, { rule: null, view: next }) }),
    [navigate],
  );
  const onShown = useCallback((first: RuleEntry | null, count: number) => {
    shown.current = { from: first?.position ?? 0, count };
  }, []);
  const latest = useRef(page.entries);
  useEffect(() => {
    latest.current = page.entries;
  }, [page.entries]);

  const rowActions = useMemo<Omit<RowActions, 'grip'>>(() => {
    const idsNow = () => latest.current.map((rule) => rule.id);
    return {
      setEnabled: actions.setEnabled,
      edit(rule) {
        open(rule.id);
        // The pane of another rule is not there before the next frame.
        requestAnimationFrame(focusEditor);
      },
      duplicate: (rule) => void actions.duplicate(rule).then((copy) => copy !== null && open(copy.id)),
      remove(rule) {
        const ids = idsNow();
        const at = ids.indexOf(rule.id);
        actions.remove(rule);
        // The next one is chosen, so that several can be removed one after the other.
        open(ids[at + 1] ?? ids[at - 1] ?? null);
      },
      moveBy(rule, by) {
        const ids = idsNow();
        const at = ids.indexOf(rule.id);
        const gaps = { up: at - 1, down: at + 2, first: 0, last: ids.length } as const;
        const before = beforeOfGap(ids, rule.id, Math.max(0, Math.min(ids.length, gaps[by])));
        if (before !== 'same') actions.move(rule, before);
      },
    };
  }, [actions, open]);
  const drop = useCallback(
    (rule: RuleEntry, gap: number) => {
      const ids = latest.current.map((one) => one.id);
      const before = beforeOfGap(ids, rule.id, gap);
      if (before !== 'same') actions.move(rule, before);
    },
    [actions],
  );

  const selected = page.entries.find((rule) => rule.id === id) ?? null;
  useRulesCommands({ rules, selected, undo: page.undo, actions, rowActions, open, field });
  const none = page.entries.length === 0;

  return (
    <Split
      name="rules"
      usualWidth={listWidth}
      shown={id === null && view === null ? 'list' : 'detail'}
      list={
        <>
          <RulesBar
            field={field}
            q={text}
            onSearch={setText}
            undo={page.undo}
            onUndo={actions.undo}
            onNew={() => open(newRuleId)}
            onStartOver={actions.startOver}
          />
          {none ? (
            <NoRules actions={actions} onNew={() => open(newRuleId)} onView={show} onAdded={open} />
          ) : rules.length === 0 ? (
            <NoRuleMatches onClear={() => setText('')} />
          ) : (
            <RuleList
              rules={rules}
              selectedId={id}
              changedIds={changedIds}
              movable={q === ''}
              actions={rowActions}
              onSelect={open}
              onDrop={drop}
              onShown={onShown}
            />
          )}
          {!none && (
            <p className={classes.foot}>
              {q === ''
                ? `${plural(page.total, 'rule', 'rules')}; the first one that is met wins`
                : `${rules.length} of ${plural(page.total, 'rule', 'rules')}`}
            </p>
          )}
        </>
      }
      detail={
        id === null ? (
          <RulesOverview
            view={isRulesView(view) ? view : none ? 'magic' : 'presets'}
            onView={show}
            page={page}
            actions={actions}
            onAdded={open}
          />
        ) : id === newRuleId || selected !== null ? (
          <RulePane
            key={id}
            rule={selected}
            draft={drafts.get(id) ?? null}
            actions={actions}
            firstId={page.entries[0]?.id ?? null}
            onClose={() => open(null)}
            onOpen={open}
          />
        ) : (
          <NoSuchRule id={id} onClose={() => open(null)} />
        )
      }
    />
  );
}

function focusEditor(): void {
  document.querySelector<HTMLElement>('[data-autofocus]')?.focus();
}
