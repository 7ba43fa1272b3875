import { type RefObject, useEffect, useMemo } from 'react';
import type { RuleEntry } from '../../../core/api/rules-schema.ts';
import { takesKey, useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { newRuleId } from './drafts.ts';
import type { RowActions } from './rule-row.tsx';
import type { RuleActions } from './use-rule-actions.ts';

interface RoomParts {
  readonly rules: readonly RuleEntry[];
  readonly selected: RuleEntry | null;
  readonly undo: string | null;
  readonly actions: RuleActions;
  readonly rowActions: Omit<RowActions, 'grip'>;
  readonly open: (id: string | null) => void;
  readonly field: RefObject<HTMLInputElement | null>;
}

/** What can be done in the room by key and by name. What changes a rule is done by the list, where the keys are its own. */
export function useRulesCommands(parts: RoomParts): void {
  const { rules, selected, undo, actions, rowActions, open, field } = parts;
  useCommands(
    useMemo<readonly Command[]>(() => {
      const move = (by: number) => () => {
        const at = rules.findIndex((rule) => rule.id === selected?.id);
        const next = rules[at === -1 ? 0 : Math.max(0, Math.min(rules.length - 1, at + by))];
        if (next !== undefined) open(next.id);
      };
      const ofSelected = (run: (rule: RuleEntry) => void) => () => {
        if (selected !== null) run(selected);
      };
      return [
        {
          // In this room the key of the search leads to its own filter.
          id: 'search',
          title: 'Filter rules',
          group: 'List',
          keys: ['/'],
          run: () => {
            field.current?.focus();
            field.current?.select();
          },
        },
        {
          // The palette has it from the frame, in every room.
          id: 'rule-new-here',
          title: 'New rule',
          group: 'Sandbox',
          keys: ['n'],
          keyboardOnly: true,
          run: () => open(newRuleId),
        },
        { id: 'next', title: 'Next rule', group: 'List', keys: ['j'], keyboardOnly: true, run: move(1) },
        {
          id: 'previous',
          title: 'Previous rule',
          group: 'List',
          keys: ['k'],
          keyboardOnly: true,
          run: move(-1),
        },
        {
          id: 'close',
          title: 'Close the rule',
          group: 'List',
          keys: ['Escape'],
          keyboardOnly: true,
          run: () => open(null),
        },
        ...(selected === null
          ? []
          : ([
              {
                id: 'rule-edit',
                title: 'Edit the rule',
                group: 'List',
                keys: ['Enter'],
                run: ofSelected(rowActions.edit),
              },
              {
                id: 'rule-duplicate',
                title: 'Duplicate the rule',
                group: 'List',
                run: ofSelected(rowActions.duplicate),
              },
              {
                id: 'rule-switch',
                title: selected.enabled ? 'Switch the rule off' : 'Switch the rule on',
                group: 'List',
                keys: ['Space'],
                run: ofSelected((rule) => rowActions.setEnabled(rule, !rule.enabled)),
              },
              {
                id: 'rule-up',
                title: 'Move the rule up',
                group: 'List',
                keys: ['Alt ArrowUp'],
                run: ofSelected((rule) => rowActions.moveBy(rule, 'up')),
              },
              {
                id: 'rule-down',
                title: 'Move the rule down',
                group: 'List',
                keys: ['Alt ArrowDown'],
                run: ofSelected((rule) => rowActions.moveBy(rule, 'down')),
              },
              {
                id: 'rule-remove',
                title: 'Remove the rule',
                group: 'List',
                keys: ['Del'],
                run: ofSelected(rowActions.remove),
              },
            ] satisfies Command[])),
        ...(undo === null
          ? []
          : ([
              {
                id: 'rules-undo',
                title: `Undo ${undo}`,
                group: 'Sandbox',
                keys: ['Ctrl/⌘ Z'],
                run: actions.undo,
              },
            ] satisfies Command[])),
        {
          id: 'rules-start-over',
          title: 'Start over: all counts of rules begin anew',
          group: 'Sandbox',
          keywords: 'reset counts nth rate',
          run: actions.startOver,
        },
      ];
    }, [rules, selected, undo, actions, rowActions, open, field]),
  );

  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const undoes = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 'z';
      if (!undoes || undo === null || event.defaultPrevented || !takesKey(event)) return;
      event.preventDefault();
      actions.undo();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [undo, actions]);
}
