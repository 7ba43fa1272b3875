/** The reader's part for events, exchanges, projects, tags and settings. */
import type {
  EventType,
  ExchangeOutcome,
  ExchangeRow,
  ProjectRow,
  StoredEvent,
} from '../../model/message.ts';
import type { ExchangeFilter, ExchangeWithTranscript, Page, PageRequest } from '../store.ts';
import type { Connection } from './open.ts';

/** Segments of one session's transcript that are read at the most. */
const segmentsMax = 500;
/** Totals of events are counted up to this number. */
const countedMax = 10_000;
/** Events of one message; its `accepted` is not in the index. */
const ofMessage = `seq IN (SELECT event FROM messages WHERE id = @id
  UNION ALL SELECT seq FROM events
    WHERE message = (SELECT seq FROM messages WHERE id = @id) AND message IS NOT NULL AND type <> 'accepted')`;

interface ExchangeSqlRow {
  seq: number;
  id: string;
  door: string;
  kind: 'smtp' | 'http' | 'smpp';
  started_at: number;
  ended_at: number | null;
  outcome: ExchangeOutcome;
  reason: string | null;
  remote_address: string;
  remote_port: number;
  client_name: string | null;
  user: string | null;
  tls: string | null;
  messages: number;
  refusals: number;
  bytes_in: number;
  bytes_out: number;
  first_transcript: number | null;
  last_transcript: number | null;
}

interface Segment {
  id: number;
  previous: number | null;
  text: string;
  message_id: string | null;
}

export interface EventSqlRow {
  seq: number;
  at: number;
  type: EventType;
  message_id: string | null;
  exchange_id: string | null;
  project: string | null;
  data: string;
  delivery_id: string | null;
  virtual_at: number | null;
}

export function toEvent(row: EventSqlRow): StoredEvent {
  return {
    seq: row.seq,
    atMs: row.at,
    type: row.type,
    messageId: row.message_id,
    exchangeId: row.exchange_id,
    project: row.project,
    data: JSON.parse(row.data),
    deliveryId: row.delivery_id,
    virtualAtMs: row.virtual_at,
  };
}

export function otherReader(db: Connection) {
  const exchangeById = db.prepare('SELECT * FROM exchanges WHERE id = ?');
  const segment = db.prepare(
    `SELECT t.id, t.previous, t.text, m.id AS message_id FROM transcripts t LEFT JOIN messages m ON m.seq = t.message
     WHERE t.id = ?`,
  );
  const segmentOfMessage = db.prepare(
    `SELECT t.id, t.previous, t.text, m.id AS message_id FROM messages m JOIN transcripts t ON t.message = m.seq
     WHERE m.id = ? AND t.id BETWEEN ? AND ?`,
  );

  function toExchange(row: ExchangeSqlRow): ExchangeRow {
    return {
      seq: row.seq,
      id: row.id,
      door: row.door,
      kind: row.kind,
      startedAtMs: row.started_at,
      endedAtMs: row.ended_at,
      outcome: row.outcome,
      reason: row.reason,
      remoteAddress: row.remote_address,
      remotePort: row.remote_port,
      clientName: row.client_name,
      user: row.user,
      tls: row.tls === null ? null : JSON.parse(row.tls),
      messages: row.messages,
      refusals: row.refusals,
      bytesIn: row.bytes_in,
      bytesOut: row.bytes_out,
    };
  }

  /** Backwards from `from` along the chain, newest last. */
  function chain(from: number | null, max: number): { readonly segments: Segment[]; readonly cut: boolean } {
    const segments: Segment[] = [];
    let id = from;
    while (id !== null && segments.length < max) {
      const found = segment.get(id) as Segment | undefined;
      if (found === undefined) break;
      segments.unshift(found);
      id = found.previous;
    }
    return { segments, cut: id !== null && segments.length === max };
  }

  function newestOf(row: ExchangeSqlRow): number | null {
    if (row.outcome !== 'open') return row.last_transcript;
    // Of a session under way only the chain itself knows its end.
    return db
      .prepare(
        'SELECT max(id) FROM transcripts WHERE exchange = ? AND id > (SELECT max(id) - 5000 FROM transcripts)',
      )
      .pluck()
      .get(row.seq) as number | null;
  }

  return {
    events(request: { after: number; limit: number; messageId: string | null }): StoredEvent[] {
      const rows = (
        request.messageId === null
          ? db
              .prepare('SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?')
              .all(request.after, request.limit)
          : db
              .prepare(`SELECT * FROM events WHERE ${ofMessage} AND seq > @after ORDER BY seq LIMIT @limit`)
              .all({ id: request.messageId, after: request.after, limit: request.limit })
      ) as EventSqlRow[];
      return rows.map(toEvent);
    },

    countEvents(filter: {
      readonly messageId: string | null;
      readonly deliveryId: string | null;
      readonly types: readonly string[];
    }): number {
      const conditions = [
        ...(filter.messageId === null ? [] : [ofMessage]),
        ...(filter.deliveryId === null ? [] : ['delivery_id = @deliveryId']),
        ...(filter.types.length === 0 ? [] : ['type IN (SELECT value FROM json_each(@types))']),
      ];
      return Number(
        db
          .prepare(
            `SELECT count(*) FROM (SELECT 1 FROM events WHERE ${conditions.join(' AND ') || '1'} LIMIT ${countedMax})`,
          )
          .pluck()
          .get({
            ...(filter.messageId === null ? {} : { id: filter.messageId }),
            ...(filter.deliveryId === null ? {} : { deliveryId: filter.deliveryId }),
            ...(filter.types.length === 0 ? {} : { types: JSON.stringify(filter.types) }),
          }),
      );
    },

    oldestEventSeq(): number | null {
      return db.prepare('SELECT min(seq) FROM events').pluck().get() as number | null;
    },

    exchanges(filter: ExchangeFilter, page: PageRequest): Page<ExchangeRow> {
      const conditions: string[] = [];
      const parameters: (string | number)[] = [];
      if (filter.outcome !== null) {
        conditions.push(
          filter.outcome === 'refused' ? "(outcome = 'refused' OR refusals > 0)" : 'outcome = ?',
        );
        if (filter.outcome !== 'refused') parameters.push(filter.outcome);
      }
      if (filter.door !== null) {
        conditions.push('door = ?');
        parameters.push(filter.door);
      }
      if (filter.text !== null) {
        conditions.push(
          "instr(lower(coalesce(client_name, '') || ' ' || coalesce(user, '') || ' ' || remote_address || ' ' || coalesce(reason, '')), ?) > 0",
        );
        parameters.push(filter.text.toLowerCase());
      }
      const where = conditions.length === 0 ? '1' : conditions.join(' AND ');
      const rows = db
        .prepare(`SELECT * FROM exchanges WHERE ${where} AND seq < ? ORDER BY seq DESC LIMIT ?`)
        .all(...parameters, page.after ?? Number.MAX_SAFE_INTEGER, page.limit + 1) as ExchangeSqlRow[];
      const total = Number(
        db
          .prepare(`SELECT count(*) FROM exchanges WHERE ${where}`)
          .pluck()
          .get(...parameters),
      );
      const entries = rows.slice(0, page.limit).map(toExchange);
      return { entries, next: rows.length > page.limit ? (entries.at(-1)?.seq ?? null) : null, total };
    },

    exchange(id: string, messageId: string | null): ExchangeWithTranscript | null {
      const row = exchangeById.get(id) as ExchangeSqlRow | undefined;
      if (row === undefined) return null;
      const newest = newestOf(row);
      const { segments, cut } = chain(newest, segmentsMax);
      const first =
        row.first_transcript === null
          ? undefined
          : (segment.get(row.first_transcript) as Segment | undefined);
      const wanted =
        messageId === null || segments.some((one) => one.message_id === messageId)
          ? undefined
          : (segmentOfMessage.get(messageId, row.first_transcript ?? 0, newest ?? 0) as Segment | undefined);
      const head = cut
        ? [first, wanted].filter((one) => one !== undefined && one.id !== segments[0]?.id)
        : [];
      return {
        row: toExchange(row),
        segments: [...head, ...segments].flatMap((one) =>
          one === undefined ? [] : [{ messageId: one.message_id, text: one.text }],
        ),
        truncated: cut,
      };
    },

    projects(): ProjectRow[] {
      const rows = db.prepare('SELECT * FROM projects ORDER BY id = 1 DESC, name').all() as {
        name: string;
        fixed: number;
        messages: number;
        unread: number;
        bytes: number;
        last_message_at: number | null;
        retention: string;
      }[];
      return rows.map((row) => ({
        name: row.name,
        fixed: row.fixed === 1,
        messages: row.messages,
        unread: row.unread,
        bytes: row.bytes,
        lastMessageAtMs: row.last_message_at,
        retention: { countMax: null, ageMaxMs: null, bytesMax: null, ...JSON.parse(row.retention) },
      }));
    },

    tags(project: string | null): { readonly tag: string; readonly messages: number }[] {
      const where = project === null ? '' : 'AND m.project = (SELECT id FROM projects WHERE name = ?)';
      return db
        .prepare(
          `SELECT t.value AS tag, count(*) AS messages FROM messages m, json_each(m.tags) t WHERE m.tags <> '[]' ${where}
           GROUP BY t.value ORDER BY t.value`,
        )
        .all(...(project === null ? [] : [project])) as { tag: string; messages: number }[];
    },

    settings(): Record<string, unknown> {
      const rows = db.prepare("SELECT key, value FROM settings WHERE key NOT LIKE 'mark.%'").raw().all() as [
        string,
        string,
      ][];
      return Object.fromEntries(rows.map(([key, value]) => [key, JSON.parse(value)]));
    },
  };
}
