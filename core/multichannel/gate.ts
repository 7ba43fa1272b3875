/** So many at once, and one after the other. */

export interface Gate {
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** Whoever comes when all places are taken waits for one, in the order of coming. */
export function createGate(placesMax: number): Gate {
  const waiting: (() => void)[] = [];
  let taken = 0;
  return {
    async run(work) {
      if (taken >= placesMax) await new Promise<void>((resolve) => waiting.push(resolve));
      else taken++;
      try {
        return await work();
      } finally {
        // The place goes over to who waits for it.
        const next = waiting.shift();
        if (next === undefined) taken--;
        else next();
      }
    },
  };
}

export interface Turns {
  /** Runs once what was begun before for one of these keys is over. */
  run(keys: readonly string[], work: () => Promise<void>): Promise<void>;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<void>>();
  return {
    run(keys, work) {
      const before = new Set(keys.flatMap((key) => last.get(key) ?? []));
      // How those before ended is told to whoever asked for them.
      const mine = Promise.allSettled(before).then(work);
      const over = mine.finally(() => {
        for (const key of keys) if (last.get(key) === over) last.delete(key);
      });
      for (const key of keys) last.set(key, over);
      return over;
    },
  };
}
