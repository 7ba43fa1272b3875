/**
 * What the user did, until the door has it: kept in the page's storage, sent in order, one at a time, by one tab at a time.
 * Each act has a key of its own, so that one whose answer was lost counts once.
 */
import { alone } from './tabs.ts';

const actsMax = 100;
const retryMsMin = 2_000;
const retryMsMax = 60_000;

export interface Act {
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
 * Each act has an item of its own in the storage: tabs may be in processes of their own, where one sees late what another wrote,
 * and a list that is read and written whole would lose what came between.
 *
 * @param name of the items, with the act's key behind it
 * @param send the door's answer to an act; throws where it cannot be reached
 */
export function openOutbox(name: string, send: (act: Act) => Promise<Response>): Outbox {
  /** Where the page may keep nothing, or no more, they live as long as it does. */
  let items: Record<string, string> = {};
  try {
    items = localStorage;
  } catch {
    // Forbidden.
  }
  let under: Promise<void> | null = null;
  let more = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waitMs = retryMsMin;
  let count = 1e6;
  const prefix = `${name}\n`;

  /** The oldest first. */
  const keys = (): readonly string[] =>
    // biome-ignore lint/suspicious/useArraySortCompare: strings, by their units
    Object.keys(items)
      .filter((key) => key.startsWith(prefix))
      .sort();

  const run = async (): Promise<void> => {
    clearTimeout(timer);
    for (let [key] = keys(); key; [key] = keys()) {
      const status = await send(JSON.parse(items[key] ?? '')).then(
        (response) => response.status,
        () => 500,
      );
      // What is refused for good stays refused; what is not, is asked again.
      if (status === 429 || status >= 500) {
        timer = setTimeout(flush, waitMs);
        waitMs = Math.min(waitMs * 2, retryMsMax);
        return;
      }
      waitMs = retryMsMin;
      delete items[key];
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
      const key = `${prefix}${Date.now()}${count++}${Math.random()}`;
      const text = JSON.stringify({ method, path, body, event } satisfies Act);
      try {
        items[key] = text;
      } catch {
        items = { ...items, [key]: text };
      }
      for (const key of keys().slice(0, -actsMax)) delete items[key];
      more = under !== null;
      void flush();
    },
    flush,
    stop: () => clearTimeout(timer),
  };
}

/** Tells visits apart, and keeps no secret. */
export function newKey(): string {
  return Date.now().toString(36) + Math.random().toString(36).slice(2);
}
