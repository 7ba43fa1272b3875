/** The reader's part for messages: rows of lists, one message, its bytes. */
import type { Channel, MessageRow } from '../../model/message.ts';
import { unpackDetails } from '../../model/message-details.ts';
import type { Page, PageRequest, Selection } from '../store.ts';
import { type DeliverySqlRow, deliveryColumns, toDelivery } from './delivery-rows.ts';
import type { Connection } from './open.ts';
import { isOnlyUnread, isUnfiltered, searchSql } from './search-sql.ts';

/** The part of a message that lists may read while it still waits to be parsed. */
const headBytesMax = 64 * 1024;
/** Deliveries that come with a message: in a list, and with it alone. */
/** Of a send over several channels: four for each of its users. */
const partsMax = 10_000;
const deliveriesListedMax = 5;
/** Of one user: the newest that name them, and the total is counted up to it. */
const userMessagesMax = 10_000;
const deliveriesShownMax = 1_000;

interface Row {
  seq: number;
  id: string;
  project: string;
  channel: Channel;
  door: string;
  user: string | null;
  envelope_from: string;
  envelope_to: string;
  envelope_parameters: string | null;
  received_at: number;
  bytes: number;
  read: number;
  tags: string;
  exchange_id: string | null;
  summary_seq: number | null;
  subject: string;
  sender: string | null;
  recipients: string;
  cc: string;
  bcc: string;
  reply_to: string;
  message_id: string | null;
  date_at: number | null;
  snippet: string;
  attachments: string;
  problems: string;
  raw: string;
  details: string | null;
}

const rowSql = `
  SELECT m.seq, m.id, p.name AS project, m.channel, m.door, m.user, m.envelope_from, m.envelope_to,
    m.envelope_parameters, m.received_at, m.bytes, m.read, m.tags, m.raw, m.details, x.id AS exchange_id, s.seq AS summary_seq,
    s.subject, s.sender, s.recipients, s.cc, s.bcc, s.reply_to, s.message_id, s.date_at, s.snippet, s.attachments,
    s.problems
  FROM messages m JOIN projects p ON p.id = m.project LEFT JOIN summaries s ON s.seq = m.seq
    LEFT JOIN exchanges x ON x.seq = m.exchange`;

export function messageReader(db: Connection) {
  const byId = db.prepare(`${rowSql} WHERE m.id = ?`);
  const bySeq = db.prepare(`${rowSql} WHERE m.seq = ?`);
  const deliveries = db.prepare(
    `SELECT ${deliveryColumns} FROM deliveries d JOIN projects p ON p.id = d.project
       LEFT JOIN messages m ON m.seq = d.message WHERE d.message = ? ORDER BY d.seq LIMIT ?`,
  );
  const head = db.prepare('SELECT substr(bytes, 1, ?) FROM raw WHERE id = ?').pluck();
  const byHeader = db
    .prepare(
      `SELECT m.id FROM search JOIN summaries s ON s.seq = search.rowid JOIN messages m ON m.seq = s.seq
       WHERE search MATCH ? AND s.message_id IN (?, ?) ORDER BY m.seq DESC LIMIT 1`,
    )
    .pluck();
  const rawIds = db.prepare('SELECT bytes, raw FROM messages WHERE id = ?').raw();
  const rawChunk = db.prepare('SELECT bytes FROM raw WHERE id = ?').pluck();
  const partsOf = db.prepare('SELECT seq FROM messages WHERE part_of = ? ORDER BY seq LIMIT ?').pluck();
  // The index of words finds who is named; the envelope says whether it really went there.
  const ofUserSql = `SELECT m.seq FROM (
      SELECT message AS seq FROM deliveries WHERE user_id = @user AND message < @after
      UNION SELECT message FROM copies WHERE mailbox IN (SELECT value FROM json_each(@addresses)) AND message < @after
      UNION SELECT s.seq FROM (SELECT rowid AS seq FROM search WHERE search MATCH @match AND rowid < @after
          ORDER BY rowid DESC LIMIT ${userMessagesMax}) s JOIN messages n ON n.seq = s.seq
        WHERE EXISTS (SELECT 1 FROM json_each(n.envelope_to) e
          WHERE lower(e.value) IN (SELECT value FROM json_each(@addresses)))
    ) found JOIN messages m ON m.seq = found.seq`;
  const ofUser = db.prepare(`${ofUserSql} ORDER BY m.seq DESC LIMIT @limit`).pluck();
  const countOfUser = db
    .prepare(`SELECT count(*) FROM (${ofUserSql} LIMIT ${userMessagesMax}) WHERE @limit > 0`)
    .pluck();
  const seqsFrom = db.prepare('SELECT seq FROM messages WHERE seq > ? ORDER BY seq LIMIT ?').pluck();
  const timesFrom = db
    .prepare('SELECT seq, received_at FROM messages WHERE seq > ? ORDER BY seq LIMIT ?')
    .raw();
  const totals = new RecentTotals();

  function toRow(row: Row, deliveriesMax: number): MessageRow {
    const { summary_seq: indexed } = row;
    return {
      seq: row.seq,
      id: row.id,
      project: row.project,
      channel: row.channel,
      door: row.door,
      user: row.user,
      envelopeFrom: row.envelope_from,
      envelopeTo: JSON.parse(row.envelope_to),
      envelopeParameters: row.envelope_parameters === null ? null : JSON.parse(row.envelope_parameters),
      receivedAtMs: row.received_at,
      bytes: row.bytes,
      read: row.read === 1,
      tags: JSON.parse(row.tags),
      exchangeId: row.exchange_id,
      summary:
        indexed === null
          ? null
          : {
              subject: row.subject,
              from: row.sender === null ? null : JSON.parse(row.sender),
              to: JSON.parse(row.recipients),
              cc: JSON.parse(row.cc),
              bcc: JSON.parse(row.bcc),
              replyTo: JSON.parse(row.reply_to),
              messageId: row.message_id,
              dateMs: row.date_at,
              snippet: row.snippet,
              attachments: JSON.parse(row.attachments),
              problems: JSON.parse(row.problems),
            },
      head: indexed === null ? headOf(row.raw) : null,
      details: unpackDetails(row.details),
      deliveries: (deliveries.all(row.seq, deliveriesMax) as DeliverySqlRow[]).map(toDelivery),
    };
  }

  function headOf(raw: string): Uint8Array | null {
    return (head.get(headBytesMax, Number(raw.split(',')[0])) as Uint8Array | undefined) ?? null;
  }

  function seqsOf(selection: Selection, page: PageRequest): number[] {
    const { match, conditions, parameters } = searchSql(selection);
    const after = page.after ?? Number.MAX_SAFE_INTEGER;
    if (match === null) {
      const where = ['m.seq < ?', ...conditions].join(' AND ');
      return db
        .prepare(`SELECT m.seq FROM messages m WHERE ${where} ORDER BY m.seq DESC LIMIT ?`)
        .pluck()
        .all(after, ...parameters, page.limit) as number[];
    }
    if (conditions.length === 0) {
      return db
        .prepare('SELECT rowid FROM search WHERE search MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?')
        .pluck()
        .all(match, after, page.limit) as number[];
    }
    return db
      .prepare(
        `SELECT m.seq FROM search JOIN messages m ON m.seq = search.rowid
         WHERE search MATCH ? AND search.rowid < ? AND ${conditions.join(' AND ')} ORDER BY search.rowid DESC LIMIT ?`,
      )
      .pluck()
      .all(match, after, ...parameters, page.limit) as number[];
  }

  function totalOf(selection: Selection): number {
    const { match, conditions, parameters } = searchSql(selection);
    const one = (sql: string, ...values: readonly (string | number)[]): number =>
      Number(
        db
          .prepare(sql)
          .pluck()
          .get(...values),
      );
    if (isOnlyUnread(selection.query)) {
      return selection.project === null
        ? one('SELECT coalesce(sum(unread), 0) FROM projects')
        : one('SELECT coalesce(max(unread), 0) FROM projects WHERE name = ?', selection.project);
    }
    if (isUnfiltered(selection.query)) {
      return selection.project === null
        ? one('SELECT coalesce(sum(messages), 0) FROM projects')
        : one('SELECT coalesce(max(messages), 0) FROM projects WHERE name = ?', selection.project);
    }
    if (match === null)
      return one(`SELECT count(*) FROM messages m WHERE ${conditions.join(' AND ')}`, ...parameters);
    if (conditions.length === 0) return one('SELECT count(*) FROM search WHERE search MATCH ?', match);
    return one(
      `SELECT count(*) FROM search JOIN messages m ON m.seq = search.rowid WHERE search MATCH ? AND ${conditions.join(' AND ')}`,
      match,
      ...parameters,
    );
  }

  return {
    message(id: string): MessageRow | null {
      const row = byId.get(id) as Row | undefined;
      return row === undefined ? null : toRow(row, deliveriesShownMax);
    },

    messageByHeader(messageId: string): string | null {
      const bare = messageId.replace(/^<|>$/g, '');
      // Through the search index, for the header's own column has none.
      const phrase = `message_id : "${bare.replaceAll('"', '""').replaceAll('\0', ' ')}"`;
      return (byHeader.get(phrase, bare, `<${bare}>`) ?? null) as string | null;
    },

    messages(selection: Selection, page: PageRequest): Page<MessageRow> {
      const seqs = seqsOf(selection, { ...page, limit: page.limit + 1 });
      const entries = seqs.slice(0, page.limit).flatMap((seq) => {
        const row = bySeq.get(seq) as Row | undefined;
        return row === undefined ? [] : [toRow(row, deliveriesListedMax)];
      });
      const next = seqs.length > page.limit ? (entries.at(-1)?.seq ?? null) : null;
      const total =
        next === null && page.after === null
          ? entries.length
          : totals.of(JSON.stringify(selection), dataVersion(), () => totalOf(selection));
      return { entries, next, total };
    },

    messagesFrom(after: number, limit: number): readonly MessageRow[] {
      return (seqsFrom.all(after, limit) as number[]).flatMap((seq) => {
        const row = bySeq.get(seq) as Row | undefined;
        return row === undefined ? [] : [toRow(row, 0)];
      });
    },

    receivedTimes(after: number, limit: number): readonly (readonly [number, number])[] {
      return timesFrom.all(after, limit) as [number, number][];
    },

    /** What was sent to a user, by their id or by what they are reached by. Newest first. */
    userMessages(
      { user, addresses }: { readonly user: string; readonly addresses: readonly string[] },
      page: PageRequest,
    ): Page<MessageRow> {
      const lower = addresses.map((one) => one.toLowerCase());
      const match = lower.map((one) => `"${one.replaceAll('"', '""').replaceAll('\0', ' ')}"`).join(' OR ');
      const parameters = {
        user,
        addresses: JSON.stringify(lower),
        match: `{recipients cc bcc} : (${match === '' ? '""' : match})`,
        after: page.after ?? Number.MAX_SAFE_INTEGER,
        limit: page.limit + 1,
      };
      const seqs = ofUser.all(parameters) as number[];
      const entries = seqs.slice(0, page.limit).flatMap((seq) => {
        const row = bySeq.get(seq) as Row | undefined;
        return row === undefined ? [] : [toRow(row, deliveriesListedMax)];
      });
      const next = seqs.length > page.limit ? (entries.at(-1)?.seq ?? null) : null;
      const total =
        next === null && page.after === null
          ? entries.length
          : Number(countOfUser.get({ ...parameters, after: Number.MAX_SAFE_INTEGER }));
      return { entries, next, total };
    },

    parts(messageId: string): readonly MessageRow[] {
      return (partsOf.all(messageId, partsMax) as number[]).flatMap((seq) => {
        const row = bySeq.get(seq) as Row | undefined;
        return row === undefined ? [] : [toRow(row, deliveriesListedMax)];
      });
    },

    rawIds(id: string): { readonly bytes: number; readonly chunks: readonly number[] } | null {
      const row = rawIds.get(id) as [number, string] | undefined;
      return row === undefined ? null : { bytes: row[0], chunks: row[1].split(',').map(Number) };
    },

    rawChunk(id: number): Uint8Array | null {
      return (rawChunk.get(id) as Uint8Array | undefined) ?? null;
    },

    unindexed(limit: number): { readonly seq: number; readonly bytes: number }[] {
      // What is not indexed is at the end, save for what a crash left: the merge of two sorted keys is quick.
      return db
        .prepare(
          `SELECT m.seq, m.bytes FROM messages m WHERE m.seq > coalesce((SELECT max(seq) FROM summaries), 0) ORDER BY m.seq LIMIT ?`,
        )
        .all(limit) as { seq: number; bytes: number }[];
    },

    gaps(limit: number): { readonly seq: number; readonly bytes: number }[] {
      return db
        .prepare(
          'SELECT seq, bytes FROM messages WHERE seq NOT IN (SELECT seq FROM summaries) ORDER BY seq LIMIT ?',
        )
        .all(limit) as { seq: number; bytes: number }[];
    },
  };

  function dataVersion(): number {
    return Number(db.pragma('data_version', { simple: true }));
  }
}

/** Counting a search that matches most rows costs more than its page: pages of one search share the count. */
class RecentTotals {
  readonly #totals = new Map<string, { readonly version: number; readonly total: number }>();

  of(key: string, version: number, count: () => number): number {
    const known = this.#totals.get(key);
    if (known !== undefined && known.version === version) return known.total;
    const total = count();
    this.#totals.delete(key);
    this.#totals.set(key, { version, total });
    const oldest = this.#totals.size > totalsMax ? this.#totals.keys().next().value : undefined;
    if (oldest !== undefined) this.#totals.delete(oldest);
    return total;
  }
}
const totalsMax = 64;
