/** Looks through all users, on a read-only connection of the calling thread's own. */
import type { User } from '../../model/user.ts';
import { openReader } from './open.ts';

export interface UserScan {
  /** Users behind that place, in the order of their making; `next` is null at the end. */
  step(after: number, limit: number): { readonly users: readonly User[]; readonly next: number | null };
  byIds(ids: readonly string[]): readonly User[];
  /** When these users did these things, the earliest first: by user, then by name. */
  times(
    users: readonly string[],
    names: readonly string[],
  ): ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;
  close(): void;
}

export function openUserScan(file: string): UserScan {
  const db = openReader(file);
  const rows = db.prepare('SELECT seq, document FROM users WHERE seq > ? ORDER BY seq LIMIT ?').raw();
  const named = db.prepare('SELECT document FROM users WHERE id IN (SELECT value FROM json_each(?))').pluck();
  const done = db
    .prepare(
      `SELECT user, name, at FROM user_events WHERE user IN (SELECT value FROM json_each(?))
         AND name IN (SELECT value FROM json_each(?)) ORDER BY user, name, at`,
    )
    .raw();

  return {
    step(after, limit) {
      const found = rows.all(after, limit) as [seq: number, document: string][];
      return {
        users: found.map(([, document]) => JSON.parse(document) as User),
        next: found.length < limit ? null : (found.at(-1)?.[0] ?? null),
      };
    },
    byIds: (ids) =>
      (named.all(JSON.stringify(ids)) as string[]).map((document) => JSON.parse(document) as User),
    times(users, names) {
      const byUser = new Map<string, Map<string, number[]>>();
      if (names.length === 0) return byUser;
      const found = done.all(JSON.stringify(users), JSON.stringify(names)) as [string, string, number][];
      for (const [user, name, at] of found) {
        const byName = byUser.get(user) ?? new Map<string, number[]>();
        const times = byName.get(name) ?? [];
        times.push(at);
        byName.set(name, times);
        byUser.set(user, byName);
      }
      return byUser;
    },
    close: () => db.close(),
  };
}
