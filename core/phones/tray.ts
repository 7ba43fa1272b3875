/** Which of the notifications that are shown a later one with the same name would take the place of. */
import type { PushContent } from '../model/push.ts';
import type { StoragePolicy } from './storage-policy.ts';

/** Names remembered; of the longest unused one a second notification is shown beside the first. */
const tagsMax = 20_000;

export interface TrayEntry {
  readonly key: string;
  readonly id: string;
  /** What it took the place of, until it is on disk. */
  before: TrayEntry | null;
  /** Its message could not be stored: it was never shown. */
  never: boolean;
}

/**
 * Of APNs `apns-collapse-id`, which "merges multiple notifications into a single notification for the user"; of Android and
 * of browsers the notification's tag: a collapse key and a Topic count only while it waits.
 */
export function tagOf(
  policy: StoragePolicy,
  push: { readonly collapseKey: string | null; readonly content: Pick<PushContent, 'replaces'> },
): string | null {
  return policy === 'apns' ? (push.collapseKey ?? push.content.replaces) : push.content.replaces;
}

export interface Tray {
  /** @returns the entry, whose `before` is what it takes the place of */
  show(key: string, id: string): TrayEntry;
  settled(entry: TrayEntry): void;
  /**
   * Was never shown after all: what it took the place of is back.
   * @returns id of what stays hidden, for a later one has its place by now; else null
   */
  undo(entry: TrayEntry): string | null;
  /** It is gone from the screen. */
  gone(key: string, id: string): void;
  /** What was shown when Sandpost last stopped, newest first: one that is known already counts. */
  remember(key: string, id: string): void;
}

export function createTray(): Tray {
  const entries = new Map<string, TrayEntry>();
  function set(entry: TrayEntry): void {
    entries.delete(entry.key);
    entries.set(entry.key, entry);
    if (entries.size <= tagsMax) return;
    const [oldest] = entries.keys();
    if (oldest !== undefined) entries.delete(oldest);
  }
  function beforeOf(entry: TrayEntry): TrayEntry | null {
    let { before } = entry;
    while (before?.never === true) before = before.before;
    return before;
  }
  return {
    show(key, id) {
      const entry: TrayEntry = { key, id, before: entries.get(key) ?? null, never: false };
      set(entry);
      return entry;
    },
    settled(entry) {
      entry.before = null;
    },
    undo(entry) {
      entry.never = true;
      const before = beforeOf(entry);
      if (entries.get(entry.key) !== entry) return before?.id ?? null;
      if (before === null) entries.delete(entry.key);
      else entries.set(entry.key, before);
      return null;
    },
    gone(key, id) {
      if (entries.get(key)?.id === id) entries.delete(key);
    },
    remember(key, id) {
      if (!entries.has(key) && entries.size < tagsMax)
        entries.set(key, { key, id, before: null, never: false });
    },
  };
}
