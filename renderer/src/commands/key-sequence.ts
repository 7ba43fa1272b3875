/** How long after `g` the second key still counts. */
export const sequencePauseMsMax = 1_000;

export interface PressedKey {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

export interface SequenceStep {
  /** Keys typed so far of a sequence that is not complete; empty when none is under way. */
  readonly pending: string;
  /** The binding that is complete now. */
  readonly match: string | null;
}

/**
 * Follows single keys and sequences such as `g m`.
 *
 * A key that does not go on from what was typed starts over, so that `g j` still moves down.
 */
export function sequenceStep(
  pending: string,
  pressed: PressedKey,
  bindings: ReadonlySet<string>,
): SequenceStep {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey || pressed.key === 'Shift')
    return { pending, match: null };
  const longer = pending === '' ? pressed.key : `${pending} ${pressed.key}`;
  for (const typed of longer === pressed.key ? [longer] : [longer, pressed.key]) {
    if (bindings.has(typed)) return { pending: '', match: typed };
    if (startsSequence(typed, bindings)) return { pending: typed, match: null };
  }
  return { pending: '', match: null };
}

function startsSequence(typed: string, bindings: ReadonlySet<string>): boolean {
  for (const binding of bindings) if (binding.startsWith(`${typed} `)) return true;
  return false;
}
