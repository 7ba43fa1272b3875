/** How busy the doors are: what works in the background goes by it and leaves them most of the machine. */
import type { Clock } from '../clock.ts';

export interface LoadMeter {
  /** A message came in. */
  accepted(): void;
  busy(): boolean;
  /** Nothing came in for a moment. */
  quiet(): boolean;
}

/** Messages within a span from which on the doors count as busy: 150 a second. */
const spanMs = 100;
const busyMessages = 15;

export function createLoadMeter(clock: Pick<Clock, 'monotonicMs'>): LoadMeter {
  let spanStartMs = clock.monotonicMs();
  let inSpan = 0;
  let before = 0;

  function turn(): void {
    const spans = Math.floor((clock.monotonicMs() - spanStartMs) / spanMs);
    if (spans === 0) return;
    before = spans === 1 ? inSpan : 0;
    inSpan = 0;
    spanStartMs += spans * spanMs;
  }

  return {
    accepted() {
      turn();
      inSpan++;
    },
    busy() {
      turn();
      return Math.max(before, inSpan) >= busyMessages;
    },
    quiet() {
      turn();
      return before + inSpan === 0;
    },
  };
}
