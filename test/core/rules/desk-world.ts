/** A desk with a clock that stands still until it is moved, and a list of what it hit. */
import { Desk, type Hit } from '../../../core/rules/desk.ts';
import { readRules } from '../../../core/rules/read-rules.ts';
import type { RuleInput } from '../../../core/rules/schema.ts';

export interface DeskWorld {
  readonly desk: Desk;
  readonly hits: Hit[];
  /** Both clocks. */
  pass(ms: number): void;
  set(rules: readonly RuleInput[], about?: { readonly magic?: boolean; readonly seed?: number }): void;
}

/** A Friday. */
export const startMs = Date.parse('2026-11-20T10:00:00Z');

export function deskWorld(rules: readonly RuleInput[] = []): DeskWorld {
  let nowMs = startMs;
  const hits: Hit[] = [];
  const desk = new Desk(
    {
      wallMs: () => nowMs,
      virtualMs: () => nowMs,
      monotonicMs: () => nowMs - startMs,
      hit: (hit) => hits.push(hit),
    },
    { rules: readRules(rules), magic: true, seed: 7 },
  );
  return {
    desk,
    hits,
    pass(ms) {
      nowMs += ms;
    },
    set: (next, about = {}) =>
      desk.replace({ rules: readRules(next), magic: about.magic ?? true, seed: about.seed ?? 7 }),
  };
}
