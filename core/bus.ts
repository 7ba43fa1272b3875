import type { StoredEvent } from './model/message.ts';

/** Facts, published after they were committed, in the order of their `seq`. */
export interface Bus {
  publish(events: readonly StoredEvent[]): void;
  /** @returns unsubscribe */
  subscribe(listener: (events: readonly StoredEvent[]) => void): () => void;
}

export function createBus(onListenerError: (error: unknown) => void): Bus {
  const listeners = new Set<(events: readonly StoredEvent[]) => void>();
  return {
    publish(events) {
      if (events.length === 0) return;
      for (const listener of listeners) {
        try {
          listener(events);
        } catch (error) {
          // One listener's fault must not keep the others from hearing.
          onListenerError(error);
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
