/** What was opened is closed again in the reverse order, after a start that failed as well. */
export type Close = () => Promise<void> | void;

export interface Closing {
  add(close: Close): void;
  /** Once for each: what is closed already is not closed again. */
  all(): Promise<void>;
}

export function createClosing(): Closing {
  const closers: Close[] = [];
  return {
    add: (close) => closers.push(close),
    async all() {
      for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
    },
  };
}
