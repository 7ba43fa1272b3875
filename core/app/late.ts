/** Rooms that need each other are wired in a circle: what is opened later is asked for by what was opened before. */
export interface Late<T> {
  get(): T;
  /** Null: it is not open yet. */
  ifOpen(): T | null;
  opened(value: T): void;
}

export function late<T extends object>(name: string): Late<T> {
  let known: T | null = null;
  return {
    get() {
      if (known === null) throw new Error(`${name} is asked before it is open`);
      return known;
    },
    ifOpen: () => known,
    opened(value) {
      known = value;
    },
  };
}
