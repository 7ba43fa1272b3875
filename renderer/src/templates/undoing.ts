import { type ChangeSet, type Extension, StateEffect, StateField, Transaction } from '@codemirror/state';
import { type EditorView, keymap } from '@codemirror/view';

/** Steps that can be taken back. */
const stepsMax = 500;
/** What is typed without a longer pause is one step. */
const stepPauseMs = 500;

interface Steps {
  readonly undo: readonly ChangeSet[];
  readonly redo: readonly ChangeSet[];
  readonly lastMs: number;
}

const moved = StateEffect.define<'undo' | 'redo'>();

/** Undo and redo, of which the editor itself has none. */
export function undoing(nowMs: () => number): Extension {
  const field = StateField.define<Steps>({
    create: () => ({ undo: [], redo: [], lastMs: Number.NEGATIVE_INFINITY }),
    update: (steps, transaction) => after(steps, transaction, nowMs),
  });
  const move = (way: 'undo' | 'redo') => (view: EditorView) => {
    const step = view.state.field(field)[way].at(-1);
    if (step !== undefined)
      view.dispatch({ changes: step, effects: moved.of(way), scrollIntoView: true, userEvent: way });
    return true;
  };
  return [
    field,
    keymap.of([
      { key: 'Mod-z', run: move('undo'), preventDefault: true },
      { key: 'Mod-y', run: move('redo'), preventDefault: true },
      { key: 'Mod-Shift-z', run: move('redo'), preventDefault: true },
    ]),
  ];
}

function after(steps: Steps, transaction: Transaction, nowMs: () => number): Steps {
  if (!transaction.docChanged) return steps;
  const back = transaction.changes.invert(transaction.startState.doc);
  const way = transaction.effects.find((effect) => effect.is(moved))?.value;
  if (way === 'undo')
    return { undo: steps.undo.slice(0, -1), redo: [...steps.redo, back], lastMs: Number.NEGATIVE_INFINITY };
  if (way === 'redo')
    return { undo: [...steps.undo, back], redo: steps.redo.slice(0, -1), lastMs: Number.NEGATIVE_INFINITY };
  const at = nowMs();
  const last = steps.undo.at(-1);
  const together =
    last !== undefined &&
    at - steps.lastMs < stepPauseMs &&
    transaction.annotation(Transaction.userEvent)?.startsWith('input.type') === true;
  const undo = together ? [...steps.undo.slice(0, -1), back.compose(last)] : [...steps.undo, back];
  return { undo: undo.slice(-stepsMax), redo: [], lastMs: at };
}
