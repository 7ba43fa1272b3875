/** What lies on a lock screen, and how it is stacked there. Pure. */
import type { Platform } from '../../../core/model/phone.ts';
import type { PushContent } from '../../../core/model/push.ts';

/** One notification as a screen draws it. */
export interface LockNote {
  readonly id: string;
  readonly app: string;
  readonly at: string;
  readonly content: PushContent;
  /** Whose payload names the picture, so that the core may be asked for it. */
  readonly messageId: string;
}

/** Notifications of one app that belong together, the newest first; never empty. */
export interface LockStack {
  readonly key: string;
  readonly newest: LockNote;
  readonly older: readonly LockNote[];
}

/**
 * iOS stacks by app and thread, Android bundles by app and group; a browser shows each by itself, and takes a tag for what
 * replaces another, which has happened before it gets here.
 *
 * @param notes in any order
 */
export function stacksOf(notes: readonly LockNote[], platform: Platform): readonly LockStack[] {
  const byKey = new Map<string, LockNote[]>();
  const newestFirst = [...notes].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  for (const note of newestFirst) {
    const key = platform === 'browser' ? note.id : `${note.app}\n${note.content.group ?? ''}`;
    const stack = byKey.get(key);
    if (stack === undefined) byKey.set(key, [note]);
    else stack.push(note);
  }
  return [...byKey].flatMap(([key, [newest, ...older]]) =>
    newest === undefined ? [] : [{ key, newest, older }],
  );
}

/** `now`, `5m ago`, `3h ago`, `yesterday`, `4d ago`, as lock screens have it. */
export function agoWords(at: string, nowMs: number): string {
  const minutes = Math.floor((nowMs - Date.parse(at)) / 60_000);
  if (minutes < 1) return 'now';
  if (minutes < 60) return `${minutes}m ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ago`;
  const days = Math.floor(hours / 24);
  return days === 1 ? 'yesterday' : `${days}d ago`;
}

/** What a notification is called where one line has to do. */
export const noteTitle = ({ title, subtitle, body, silent }: PushContent): string =>
  title || subtitle || body || (silent ? 'Nothing to show (silent)' : 'No words');
