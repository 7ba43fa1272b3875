import type { Clock } from '../core/clock.ts';

/** A clock that stands still until it is told to go on. */
export interface FakeClock extends Clock {
  /** Goes on by so much and runs what is due by then, in order. */
  advance(byMs: number): void;
  /** How many calls wait for their time. */
  readonly waiting: number;
}

export function fakeClock(startMs = Date.UTC(2026, 0, 31, 10)): FakeClock {
  let nowMs = 0;
  let lastId = 0;
  const waiting = new Map<number, { readonly dueMs: number; readonly run: () => void }>();
  return {
    wallMs: () => startMs + nowMs,
    monotonicMs: () => nowMs,
    after(delayMs, run) {
      const id = ++lastId;
      waiting.set(id, { dueMs: nowMs + delayMs, run });
      return () => waiting.delete(id);
    },
    advance(byMs) {
      const endMs = nowMs + byMs;
      for (;;) {
        const [due] = [...waiting].sort(([, a], [, b]) => a.dueMs - b.dueMs);
        if (due === undefined || due[1].dueMs > endMs) break;
        const [id, { dueMs, run }] = due;
        waiting.delete(id);
        nowMs = Math.max(nowMs, dueMs);
        run();
      }
      nowMs = endMs;
    },
    get waiting() {
      return waiting.size;
    },
  };
}
