/** Keeps exchanges that no message carries, beside the replies: a door never waits for it, and it never grows without end. */
import type { ExchangeEnd } from '../../model/message.ts';

/** Exchanges that wait for the store; of more the newest are dropped, and that is said. */
const waitingMax = 2_000;
const underWayMax = 64;

export interface ExchangeRecorder {
  exchangeEnded(end: ExchangeEnd): void;
  /** Settles when nothing waits any more. */
  idle(): Promise<void>;
}

/** @param keep stores one; see Store.endExchange */
export function createExchangeRecorder(
  keep: (end: ExchangeEnd) => Promise<void>,
  onProblem: (problem: string, error: unknown) => void,
): ExchangeRecorder {
  const waiting: ExchangeEnd[] = [];
  let underWay = 0;
  let dropped = 0;
  let whenIdle: (() => void)[] = [];

  function next(): void {
    while (underWay < underWayMax) {
      const end = waiting.shift();
      if (end === undefined) break;
      underWay++;
      keep(end).then(done, (error: unknown) => {
        onProblem('an exchange could not be kept', error);
        done();
      });
    }
    if (underWay > 0) return;
    if (dropped > 0)
      onProblem(`${dropped} exchanges came faster than they could be kept, and are not listed`, null);
    dropped = 0;
    for (const resolve of whenIdle) resolve();
    whenIdle = [];
  }

  function done(): void {
    underWay--;
    next();
  }

  return {
    exchangeEnded(end) {
      if (waiting.length >= waitingMax) {
        dropped++;
        return;
      }
      waiting.push(end);
      next();
    },
    idle: () =>
      underWay === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            whenIdle.push(resolve);
          }),
  };
}
