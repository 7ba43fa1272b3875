import { useSyncExternalStore } from 'react';
import type { RuleBody } from '../api/rules.ts';

/** Stands for the rule that is not there yet. */
export const newRuleId = 'new';

let drafts: ReadonlyMap<string, RuleBody> = new Map();
const listeners = new Set<() => void>();

/** What was changed and not saved yet, by the rule's id: it is still there after a look elsewhere. */
export function useDrafts(): ReadonlyMap<string, RuleBody> {
  return useSyncExternalStore(subscribe, () => drafts);
}

/** @param draft null: nothing of it is to be kept */
export function keepDraft(id: string, draft: RuleBody | null): void {
  const next = new Map(drafts);
  if (draft === null) next.delete(id);
  else next.set(id, draft);
  drafts = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
