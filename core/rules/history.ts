/** What an undo takes back: the sets that were in force before, with words for what was changed. */
import type { RulesInForce } from './kept-rules.ts';

export interface Step {
  readonly before: RulesInForce;
  readonly words: string;
}

const undoMax = 50;
/** Rules that are kept for undoing alone: large sets that replace each other would fill the memory. */
const undoRulesMax = 40_000;

/** Adds a step; the oldest go, but the last change can always be taken back. */
export function remember(history: Step[], step: Step): void {
  history.push(step);
  while (history.length > 1 && (history.length > undoMax || rulesOnlyIn(history) > undoRulesMax))
    history.shift();
}

/** Steps that change one rule share the others. */
function rulesOnlyIn(history: readonly Step[]): number {
  const all = history.reduce((sum, { before }) => sum + before.rules.length, 0);
  return all <= undoRulesMax ? all : new Set(history.flatMap(({ before }) => before.rules)).size;
}
