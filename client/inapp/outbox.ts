/**
 * What the user did, until the door has it: kept in the page's storage, sent in order, one at a time, by one tab at a time.
 * Each act has a key of its own, so that one whose answer was lost counts once.
 */
import { alone } from './tabs.ts';

const actsMax = 100;
const retryMsMin = 2_000;
const retryMsMax = 60_000;

export interface Act {
  readonly key: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  /** Name of the event that it tells. */
  readonly event?: string | undefined;
}

export interface Outbox {
  add(method: string, path: string, body: unknown, event?: string): void;
  /** Settles when all is sent, or the door could not be reached: it is tried again by and by. */
  flush(): Promise<void>;
  stop(): void;
}

/**
 * @param name of the place in the storage
 * @param send the door's answer to an act; throws where it cannot be reached
 */
export function openOutbox(name: string, send: (act: Act) => Promise<Response>): Outbox {
  /** Where the page may keep nothing, they live as long as it does; null: the storage has them. */
  let memory: readonly Act[] | null = null;
  let under: Promise<void> | null = null;
  let more = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waitMs = retryMsMin;

  const read = (): readonly Act[] => {
    try {
      return memory ?? JSON.parse(localStorage[name] ?? '[]');
    } catch {
      // No storage, or somebody else's words in it.
      return [];
    }
  };
  const write = (acts: readonly Act[]): void => {
    memory = acts.slice(-actsMax);
    try {
      localStorage[name] = JSON.stringify(memory);
      memory = null;
    } catch {
      // Full or forbidden: the memory has them.
    }
  };

  const run = async (): Promise<void> => {
    clearTimeout(timer);
    for (let [act] = read(); act; [act] = read()) {
      const response = await send(act).catch(() => null);
      // What is refused for good stays refused; what is not, is asked again.
      if (response === null || response.status === 429 || response.status >= 500) {
        timer = setTimeout(flush, waitMs);
        waitMs = Math.min(waitMs * 2, retryMsMax);
        return;
      }
      waitMs = retryMsMin;
      const { key } = act;
      write(read().filter((other) => other.key !== key));
    }
  };
  const flush = (): Promise<void> => {
    under ??= alone(name, run).finally(() => {
      under = null;
      // What came when the last look into the storage was over.
      if (more) void flush();
      more = false;
    });
    return under;
  };

  return {
    add(method, path, body, event) {
      write([...read(), { key: newKey(), method, path, body, event }]);
      more = under !== null;
      void flush();
    },
    flush,
    stop: () => clearTimeout(timer),
  };
}

/** Tells acts and visits apart, and keeps no secret. */
export function newKey(): string {
  return Date.now().toString(36) + Math.random().toString(36).slice(2);
}
