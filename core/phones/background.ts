/** What is begun and nobody waits for: a fault of it is reported, and a stop waits for its end. */
import { messageOf } from '../model/app-error.ts';

export interface Background {
  begin(what: string, run: () => Promise<unknown>): void;
  /** Settles when nothing is under way. */
  idle(): Promise<void>;
}

export function createBackground(onProblem: (text: string) => void): Background {
  const underWay = new Set<Promise<void>>();
  return {
    begin(what, run) {
      const done: Promise<void> = run()
        .then(
          () => undefined,
          (error: unknown) => onProblem(`${what}: ${messageOf(error)}`),
        )
        .finally(() => underWay.delete(done));
      underWay.add(done);
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
