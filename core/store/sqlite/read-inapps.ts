/** The reader's part for in-app messages. */
import type { InAppRow, InAppState } from '../../model/inapp.ts';
import type { IdPage, IdPageRequest, InAppFilter, InAppUserRow, Page, PageRequest } from '../store.ts';
import type { Connection } from './open.ts';

interface InAppSqlRow {
  seq: number;
  id: string;
  user: string;
  message_id: string;
  delivery_id: string | null;
  project: string;
  state: InAppState;
  priority: number;
  content: string;
  display: string;
  tags: string;
  save_to_inbox: number;
  created_at: number;
  available_at: number;
  expires_at: number | null;
  pulled_at: number | null;
  seen_at: number | null;
  read_at: number | null;
  archived_at: number | null;
  interacted_at: number | null;
  dismissed_at: number | null;
  snoozed_until: number | null;
  impressions: number;
  impressions_at: string;
}

const inAppSql = `SELECT seq, id, user, message_id, delivery_id, project, state, priority, content, display, tags,
    save_to_inbox, created_at, available_at, expires_at, pulled_at, seen_at, read_at, archived_at, interacted_at,
    dismissed_at, snoozed_until, impressions, impressions_at FROM inapps`;
const countedMax = 10_000;

export function inAppReader(db: Connection) {
  const byId = db.prepare(`${inAppSql} WHERE id = ?`);
  return {
    /** Newest first. */
    inApps(filter: InAppFilter, page: PageRequest): Page<InAppRow> {
      const conditions: string[] = ['1'];
      const parameters: (string | number)[] = [];
      const where = (sql: string, value: string | undefined): void => {
        if (value === undefined) return;
        conditions.push(sql);
        parameters.push(value);
      };
      where('user = ?', filter.user);
      where('message = (SELECT seq FROM messages WHERE id = ?)', filter.messageId);
      where('delivery_id = ?', filter.deliveryId);
      if (filter.states !== undefined)
        where('state IN (SELECT value FROM json_each(?))', JSON.stringify(filter.states));
      const sql = conditions.join(' AND ');
      const rows = db
        .prepare(`${inAppSql} WHERE ${sql} AND seq < ? ORDER BY seq DESC LIMIT ?`)
        .all(...parameters, page.after ?? Number.MAX_SAFE_INTEGER, page.limit + 1) as InAppSqlRow[];
      const entries = rows.slice(0, page.limit).map(toInApp);
      const next = rows.length > page.limit ? (entries.at(-1)?.seq ?? null) : null;
      const total =
        next === null && page.after === null
          ? entries.length
          : Number(
              db
                .prepare(`SELECT count(*) FROM (SELECT 1 FROM inapps WHERE ${sql} LIMIT ${countedMax})`)
                .pluck()
                .get(...parameters),
            );
      return { entries, next, total };
    },

    inApp(id: string): InAppRow | null {
      const row = byId.get(id) as InAppSqlRow | undefined;
      return row === undefined ? null : toInApp(row);
    },

    inAppUsers({ text }: { readonly text: string | null }, page: IdPageRequest): IdPage<InAppUserRow> {
      const like = text === null ? '%' : `%${text.replaceAll(/[\\%_]/g, (char) => `\\${char}`)}%`;
      const rows = db
        .prepare(
          `SELECT user, count(*) AS total, sum(state = 'waiting') AS waiting, sum(seen_at IS NULL) AS unseen,
             sum(read_at IS NULL) AS unread, max(created_at) AS lastAtMs
           FROM inapps WHERE user > ? AND user LIKE ? ESCAPE '\\' AND state NOT IN ('expired', 'canceled')
           GROUP BY user ORDER BY user LIMIT ?`,
        )
        .all(page.after ?? '', like, page.limit + 1) as InAppUserRow[];
      const entries = rows.slice(0, page.limit);
      const total = Number(
        db
          .prepare(
            `SELECT count(*) FROM (SELECT DISTINCT user FROM inapps WHERE user LIKE ? ESCAPE '\\'
               AND state NOT IN ('expired', 'canceled') LIMIT ${countedMax})`,
          )
          .pluck()
          .get(like),
      );
      return { entries, next: rows.length > page.limit ? (entries.at(-1)?.user ?? null) : null, total };
    },
  };
}

function toInApp(row: InAppSqlRow): InAppRow {
  return {
    seq: row.seq,
    id: row.id,
    user: row.user,
    messageId: row.message_id,
    deliveryId: row.delivery_id,
    project: row.project,
    state: row.state,
    priority: row.priority,
    content: JSON.parse(row.content),
    display: JSON.parse(row.display),
    tags: JSON.parse(row.tags),
    saveToInbox: row.save_to_inbox === 1,
    createdAtMs: row.created_at,
    availableAtMs: row.available_at,
    expiresAtMs: row.expires_at,
    pulledAtMs: row.pulled_at,
    seenAtMs: row.seen_at,
    readAtMs: row.read_at,
    archivedAtMs: row.archived_at,
    interactedAtMs: row.interacted_at,
    dismissedAtMs: row.dismissed_at,
    snoozedUntilMs: row.snoozed_until,
    impressions: row.impressions,
    impressionsMs: JSON.parse(row.impressions_at),
  };
}
