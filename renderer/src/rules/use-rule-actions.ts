import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { RuleEntry, RulesPage } from '../../../core/api/rules-schema.ts';
import {
  addRule,
  changeRule,
  moveRule,
  type RuleBody,
  removeRule,
  rulesQuery,
  startOver,
  switchMagic,
  undoRules,
} from '../api/rules.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { bodyOf } from './draft.ts';
import { nameOf } from './rule-name.ts';
import { moved, withoutRule, withRule } from './rules-page.ts';
import { hideUndo, toastUndo } from './toast-undo.tsx';

export interface RuleActions {
  /** @param before id of the rule that it is to stand before; null: at the end. Rejects when it is refused. */
  readonly add: (rule: RuleBody, before: string | null, done?: string) => Promise<RuleEntry>;
  /** Rejects when it is refused. */
  readonly change: (id: string, rule: RuleBody) => Promise<RuleEntry>;
  readonly duplicate: (rule: RuleEntry) => Promise<RuleEntry | null>;
  readonly setEnabled: (rule: RuleEntry, enabled: boolean) => void;
  readonly remove: (rule: RuleEntry) => void;
  readonly move: (rule: RuleEntry, before: string | null) => void;
  readonly undo: () => void;
  readonly startOver: () => void;
  readonly switchMagic: (on: boolean) => void;
}

/** What can be done to the rules: shown at once, told with a way back, and put right by what the core answers. */
export function useRuleActions(): RuleActions {
  const queries = useQueryClient();
  return useMemo(() => {
    const { queryKey } = rulesQuery;
    const freshen = () => void queries.invalidateQueries({ queryKey: ['rules'] });
    const show = (change: (page: RulesPage) => RulesPage) => {
      void queries.cancelQueries({ queryKey });
      queries.setQueryData(queryKey, (page) => (page === undefined ? page : change(page)));
    };
    const undo = () => {
      hideUndo();
      const words = queries.getQueryData(queryKey)?.undo ?? null;
      undoRules().then(
        () => {
          toast(words === null ? 'Taken back' : `Taken back: ${words}`);
          freshen();
        },
        (error: unknown) => toastProblem(error, 'It could not be taken back'),
      );
    };
    /** What is shown already; when it is refused, what is the case is fetched again. */
    const settle = (done: Promise<unknown>, words: string, failed: string) => {
      done
        .then(
          () => toastUndo(words, undo),
          (error: unknown) => toastProblem(error, failed),
        )
        .finally(freshen);
    };
    const add: RuleActions['add'] = async (rule, before, done) => {
      const added = await addRule(rule, before);
      show((page) => withRule(page, added));
      toastUndo(done ?? `Added ${nameOf(added)}`, undo);
      freshen();
      return added;
    };
    return {
      add,
      undo,
      async change(id, rule) {
        const changed = await changeRule(id, rule);
        show((page) => withRule(page, changed));
        toastUndo(`Saved ${nameOf(changed)}`, undo);
        freshen();
        return changed;
      },
      async duplicate(rule) {
        const { entries } = queries.getQueryData(queryKey) ?? { entries: [] };
        const next = entries[entries.findIndex(({ id }) => id === rule.id) + 1]?.id ?? null;
        const name = rule.name === '' ? '' : `${rule.name} (copy)`;
        try {
          return await add({ ...bodyOf(rule), name }, next, `Duplicated ${nameOf(rule)}`);
        } catch (error) {
          toastProblem(error, 'It could not be duplicated');
          return null;
        }
      },
      setEnabled(rule, enabled) {
        show((page) => withRule(page, { ...rule, enabled }));
        settle(
          changeRule(rule.id, { ...bodyOf(rule), enabled }),
          `Switched ${enabled ? 'on' : 'off'}: ${nameOf(rule)}`,
          'It could not be switched',
        );
      },
      remove(rule) {
        show((page) => withoutRule(page, rule.id));
        settle(removeRule(rule.id), `Removed ${nameOf(rule)}`, 'It could not be removed');
      },
      move(rule, before) {
        show((page) => moved(page, rule.id, before));
        settle(moveRule(rule.id, before), `Moved ${nameOf(rule)}`, 'It could not be moved');
      },
      startOver() {
        startOver().then(
          () => {
            toast('All counts begin anew');
            freshen();
            void queries.invalidateQueries({ queryKey: ['rule-hits'] });
          },
          (error: unknown) => toastProblem(error, 'The counts could not be reset'),
        );
      },
      switchMagic(on) {
        show((page) => ({ ...page, magicAddresses: on }));
        settle(switchMagic(on), `Magic addresses are ${on ? 'on' : 'off'}`, 'They could not be switched');
      },
    };
  }, [queries]);
}
