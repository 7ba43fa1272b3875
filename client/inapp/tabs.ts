/** Tabs of one user agree: what one is told the others hear, and what one shows the others do not show as well. */

/** Runs by itself among all tabs; where the browser has no locks (a page that is not secure), at once. */
export async function alone(name: string, run: () => Promise<void>): Promise<void> {
  return navigator.locks ? navigator.locks.request(name, run) : run();
}

/**
 * Holds a name that no other tab can have meanwhile; one that is closed or crashes lets go by itself.
 * @returns lets go of it; null: another tab holds it
 */
export function hold(name: string): Promise<(() => void) | null> {
  return new Promise((resolve) => {
    if (navigator.locks)
      void navigator.locks.request(name, { ifAvailable: true }, (lock) =>
        lock ? new Promise<void>(resolve) : resolve(null),
      );
    else resolve(() => undefined);
  });
}

export interface Tabs<Word> {
  tell(word: Word): void;
  close(): void;
}

export function joinTabs<Word>(name: string, hear: (word: Word) => void): Tabs<Word> {
  const channel = new BroadcastChannel(name);
  channel.onmessage = (event: MessageEvent<Word>) => hear(event.data);
  return { tell: (word) => channel.postMessage(word), close: () => channel.close() };
}
