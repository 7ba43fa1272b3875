/** The reader's part for what was pushed to devices. */
import { noFlags, type PushFlags, type PushRow, type PushState } from '../../model/phone.ts';
import type { PushContent, PushProvider } from '../../model/push.ts';
import type { Page, PageRequest, PushFilter } from '../store.ts';
import type { Connection } from './open.ts';

interface PushSqlRow {
  seq: number;
  id: string;
  phone: string;
  app: string;
  provider: PushProvider;
  message_id: string;
  delivery_id: string | null;
  state: PushState;
  shown: number;
  reason: string | null;
  collapse_key: string | null;
  priority: string | null;
  received_at: number;
  expires_at: number | null;
  delivered_at: number | null;
  content: string;
  flags: string;
}

const pushSql = `SELECT seq, id, phone, app, provider, message_id, delivery_id, state, shown, reason, collapse_key, priority,
    received_at, expires_at, delivered_at, content, flags FROM pushes`;

export function pushReader(db: Connection) {
  const byId = db.prepare(`${pushSql} WHERE id = ?`);
  return {
    pushes(filter: PushFilter, page: PageRequest): Page<PushRow> {
      const conditions: string[] = ['1'];
      const parameters: (string | number)[] = [];
      const equal = (sql: string, value: string | null): void => {
        if (value === null) return;
        conditions.push(sql);
        parameters.push(value);
      };
      equal('phone = ?', filter.phoneId);
      equal('app = ?', filter.app);
      equal('state = ?', filter.state);
      equal('message = (SELECT seq FROM messages WHERE id = ?)', filter.messageId);
      equal('delivery_id = ?', filter.deliveryId);
      if (filter.shown === true) {
        conditions.push(
          `state = 'delivered' AND shown = 1 AND NOT coalesce(flags ->> 'dismissed', 0)
           AND NOT coalesce(flags ->> 'opened', 0)`,
        );
      }
      const where = conditions.join(' AND ');
      const rows = db
        .prepare(`${pushSql} WHERE ${where} AND seq < ? ORDER BY seq DESC LIMIT ?`)
        .all(...parameters, page.after ?? Number.MAX_SAFE_INTEGER, page.limit + 1) as PushSqlRow[];
      const entries = rows.slice(0, page.limit).map(toPush);
      const total = Number(
        db
          .prepare(`SELECT count(*) FROM pushes WHERE ${where}`)
          .pluck()
          .get(...parameters),
      );
      return { entries, next: rows.length > page.limit ? (entries.at(-1)?.seq ?? null) : null, total };
    },

    push(id: string): PushRow | null {
      const row = byId.get(id) as PushSqlRow | undefined;
      return row === undefined ? null : toPush(row);
    },
  };
}

function toPush(row: PushSqlRow): PushRow {
  return {
    seq: row.seq,
    id: row.id,
    phoneId: row.phone,
    app: row.app,
    provider: row.provider,
    messageId: row.message_id,
    deliveryId: row.delivery_id,
    state: row.state,
    shown: row.shown === 1,
    reason: row.reason,
    collapseKey: row.collapse_key,
    priority: row.priority,
    receivedAtMs: row.received_at,
    expiresAtMs: row.expires_at,
    deliveredAtMs: row.delivered_at,
    content: JSON.parse(row.content) as PushContent,
    flags: { ...noFlags, ...(JSON.parse(row.flags) as Partial<PushFlags>) },
  };
}
