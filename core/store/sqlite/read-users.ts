/** The reader's part for users of the app. */
import type { User, UserEvent } from '../../model/user.ts';
import type { IdPage, IdPageRequest, InAppUserRow, Page, PageRequest, UserEventFilter } from '../store.ts';
import type { Connection } from './open.ts';

const countedMax = 100_000;

export function userReader(db: Connection) {
  const byId = db.prepare('SELECT document FROM users WHERE id = ?').pluck();
  const byIds = db.prepare('SELECT document FROM users WHERE id IN (SELECT value FROM json_each(?))').pluck();
  const all = db.prepare('SELECT count(*) FROM users').pluck();
  const inAppUser = db.prepare(
    `SELECT user, count(*) AS total, sum(state = 'waiting') AS waiting, sum(seen_at IS NULL) AS unseen,
       sum(read_at IS NULL) AS unread, max(created_at) AS lastAtMs
     FROM inapps WHERE user = ? AND state NOT IN ('expired', 'canceled') GROUP BY user`,
  );
  return {
    inAppUser: (user: string): InAppUserRow | null =>
      (inAppUser.get(user) as InAppUserRow | undefined) ?? null,

    user(id: string): User | null {
      const document = byId.get(id) as string | undefined;
      return document === undefined ? null : (JSON.parse(document) as User);
    },

    usersByIds(ids: readonly string[]): readonly User[] {
      return (byIds.all(JSON.stringify(ids)) as string[]).map((document) => JSON.parse(document) as User);
    },

    users({ text }: { readonly text: string | null }, page: IdPageRequest): IdPage<User> {
      const like =
        text === null ? '%' : `%${text.toLowerCase().replaceAll(/[\\%_]/g, (char) => `\\${char}`)}%`;
      const rows = db
        .prepare("SELECT document FROM users WHERE id > ? AND search LIKE ? ESCAPE '\\' ORDER BY id LIMIT ?")
        .pluck()
        .all(page.after ?? '', like, page.limit + 1) as string[];
      const entries = rows.slice(0, page.limit).map((document) => JSON.parse(document) as User);
      const isAll = page.after === null && rows.length <= page.limit;
      const total = Number(
        text === null
          ? all.get()
          : isAll
            ? rows.length
            : db
                .prepare(
                  `SELECT count(*) FROM (SELECT 1 FROM users WHERE search LIKE ? ESCAPE '\\' LIMIT ${countedMax})`,
                )
                .pluck()
                .get(like),
      );
      return { entries, next: rows.length > page.limit ? (entries.at(-1)?.id ?? null) : null, total };
    },

    userEvents(filter: UserEventFilter, page: PageRequest): Page<UserEvent> {
      const conditions: string[] = ['1'];
      const parameters: (string | number)[] = [];
      const where = (sql: string, value: string | number | undefined): void => {
        if (value === undefined) return;
        conditions.push(sql);
        parameters.push(value);
      };
      where('user = ?', filter.user);
      where('name = ?', filter.name);
      where('at >= ?', filter.sinceMs);
      const sql = conditions.join(' AND ');
      const rows = db
        .prepare(
          `SELECT seq, user, name, at, data FROM user_events WHERE ${sql} AND seq < ? ORDER BY seq DESC LIMIT ?`,
        )
        .all(...parameters, page.after ?? Number.MAX_SAFE_INTEGER, page.limit + 1) as EventSqlRow[];
      const entries = rows.slice(0, page.limit).map(toEvent);
      const next = rows.length > page.limit ? (entries.at(-1)?.seq ?? null) : null;
      const total =
        next === null && page.after === null
          ? entries.length
          : Number(
              db
                .prepare(`SELECT count(*) FROM (SELECT 1 FROM user_events WHERE ${sql} LIMIT ${countedMax})`)
                .pluck()
                .get(...parameters),
            );
      return { entries, next, total };
    },

    userEventsFrom(after: number, limit: number): readonly UserEvent[] {
      const rows = db
        .prepare('SELECT seq, user, name, at, data FROM user_events WHERE seq > ? ORDER BY seq LIMIT ?')
        .all(after, limit) as EventSqlRow[];
      return rows.map(toEvent);
    },
  };
}

function toEvent({ seq, user, name, at, data }: EventSqlRow): UserEvent {
  return { seq, user, name, atMs: at, data: JSON.parse(data) };
}

interface EventSqlRow {
  readonly seq: number;
  readonly user: string;
  readonly name: string;
  readonly at: number;
  readonly data: string;
}
