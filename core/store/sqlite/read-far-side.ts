/** The reader's part for what the far side keeps: mailboxes and their copies, acts to come, suppressions, documents. */
import type { Act, Placement } from '../../model/delivery.ts';
import type { CopyFlags, CopyRow } from '../../model/mailbox-copy.ts';
import type { SuppressionRow } from '../../model/suppression.ts';
import type { CopyFilter, MailboxRow, Page, PageRequest } from '../store.ts';
import type { Connection } from './open.ts';

const noFlags: CopyFlags = {
  seen: false,
  starred: false,
  answered: false,
  reportedSpam: false,
  unsubscribed: false,
  deleted: false,
};

interface CopySqlRow {
  seq: number;
  id: string;
  provider: string;
  mailbox: string;
  delivery_id: string | null;
  message: number | null;
  message_id: string;
  received_at: number;
  placement: Placement;
  envelope_from: string;
  flags: string;
  report: string;
  subject: string | null;
  sender: string | null;
}

const copySql = `SELECT c.seq, c.id, c.provider, c.mailbox, c.delivery_id, c.message, c.message_id, c.received_at,
    c.placement, c.envelope_from, c.flags, e.value AS report, s.subject, s.sender
  FROM copies c JOIN evidence e ON e.id = c.report LEFT JOIN summaries s ON s.seq = c.message`;

interface SuppressionSqlRow {
  seq: number;
  address: string;
  scope: SuppressionRow['scope'];
  reason: SuppressionRow['reason'];
  source: string;
  class: SuppressionRow['class'];
  detail: string | null;
  delivery_id: string | null;
  created_at: number;
  expires_at: number | null;
}

export function farSideReader(db: Connection) {
  const copyById = db.prepare(`${copySql} WHERE c.id = ?`);
  const copyRaw = db
    .prepare(
      `SELECT r.bytes, c.head_only, m.raw FROM copies c JOIN raw r ON r.id = c.raw LEFT JOIN messages m ON m.seq = c.message
       WHERE c.id = ?`,
    )
    .raw();
  const rawChunk = db.prepare('SELECT bytes FROM raw WHERE id = ?').pluck();
  const dueActs = db.prepare('SELECT * FROM acts WHERE due_at <= ? ORDER BY due_at, seq LIMIT ?');
  const documents = db.prepare('SELECT key, value FROM documents WHERE kind = ? ORDER BY key');
  const suppressed = db.prepare('SELECT * FROM suppressions WHERE address = ?');
  const answer = db.prepare('SELECT hash, answer FROM idempotency WHERE key = ?').raw();

  return {
    copies(filter: CopyFilter, page: PageRequest): Page<CopyRow> {
      // A mailbox shows what its owner kept; a journey has what became of a copy all the same.
      const conditions =
        filter.mailbox === null ? ['1'] : ["coalesce(json_extract(c.flags, '$.deleted'), 0) = 0"];
      const parameters: (string | number)[] = [];
      const equal = (sql: string, value: string | null): void => {
        if (value === null) return;
        conditions.push(sql);
        parameters.push(value);
      };
      equal('c.mailbox = ?', filter.mailbox);
      equal('c.placement = ?', filter.placement);
      equal('c.message = (SELECT seq FROM messages WHERE id = ?)', filter.messageId);
      equal('c.delivery = (SELECT seq FROM deliveries WHERE id = ?)', filter.deliveryId);
      const where = conditions.join(' AND ');
      const rows = db
        .prepare(`${copySql} WHERE ${where} AND c.seq < ? ORDER BY c.seq DESC LIMIT ?`)
        .all(...parameters, page.after ?? Number.MAX_SAFE_INTEGER, page.limit + 1) as CopySqlRow[];
      const entries = rows.slice(0, page.limit).map(toCopy);
      const total = Number(
        db
          .prepare(`SELECT count(*) FROM copies c WHERE ${where}`)
          .pluck()
          .get(...parameters),
      );
      return { entries, next: rows.length > page.limit ? (entries.at(-1)?.seq ?? null) : null, total };
    },

    copy(id: string): CopyRow | null {
      const row = copyById.get(id) as CopySqlRow | undefined;
      return row === undefined ? null : toCopy(row);
    },

    copyBytes(id: string): Uint8Array | null {
      const row = copyRaw.get(id) as [Buffer, number, string | null] | undefined;
      if (row === undefined) return null;
      const [bytes, headOnly, raw] = row;
      if (headOnly === 0 || raw === null) return bytes;
      const chunks = raw.split(',').map((chunk) => rawChunk.get(Number(chunk)) as Buffer | undefined);
      return Buffer.concat([bytes, ...chunks.filter((chunk) => chunk !== undefined)]);
    },

    mailboxes(
      filter: { readonly text: string | null },
      page: { readonly after: string | null; readonly limit: number },
    ): { readonly entries: readonly MailboxRow[]; readonly next: string | null; readonly total: number } {
      const like = `%${(filter.text ?? '').replaceAll(/[\\%_]/g, '\\$&')}%`;
      const rows = db
        .prepare(
          "SELECT * FROM mailboxes WHERE address LIKE ? ESCAPE '\\' AND address > ? ORDER BY address LIMIT ?",
        )
        .all(like, page.after ?? '', page.limit + 1) as {
        address: string;
        provider: string;
        inbox: number;
        promotions: number;
        updates: number;
        spam: number;
        unseen: number;
        last_at: number | null;
      }[];
      const entries = rows.slice(0, page.limit).map(
        ({ address, provider, inbox, promotions, updates, spam, unseen, last_at }): MailboxRow => ({
          address,
          provider,
          counts: { inbox, promotions, updates, spam },
          unseen,
          lastAtMs: last_at,
        }),
      );
      const total = Number(
        db.prepare("SELECT count(*) FROM mailboxes WHERE address LIKE ? ESCAPE '\\'").pluck().get(like),
      );
      return { entries, next: rows.length > page.limit ? (entries.at(-1)?.address ?? null) : null, total };
    },

    suppressions(filter: { readonly text: string | null }, page: PageRequest): Page<SuppressionRow> {
      const like = `%${(filter.text ?? '').toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`;
      const rows = db
        .prepare(
          "SELECT * FROM suppressions WHERE address LIKE ? ESCAPE '\\' AND seq < ? ORDER BY seq DESC LIMIT ?",
        )
        .all(like, page.after ?? Number.MAX_SAFE_INTEGER, page.limit + 1) as SuppressionSqlRow[];
      const entries = rows.slice(0, page.limit).map(toSuppression);
      const total = Number(
        db.prepare("SELECT count(*) FROM suppressions WHERE address LIKE ? ESCAPE '\\'").pluck().get(like),
      );
      return { entries, next: rows.length > page.limit ? (entries.at(-1)?.seq ?? null) : null, total };
    },

    suppressed(addresses: readonly string[], nowMs: number): SuppressionRow[] {
      return addresses
        .flatMap((address) => suppressed.all(address.toLowerCase()) as SuppressionSqlRow[])
        .map(toSuppression)
        .filter((row) => row.expiresAtMs === null || row.expiresAtMs > nowMs);
    },

    dueActs(nowMs: number, limit: number): Act[] {
      return (dueActs.all(nowMs, limit) as { seq: number; due_at: number; kind: string; data: string }[]).map(
        (row) => ({ seq: row.seq, dueAtMs: row.due_at, kind: row.kind, data: JSON.parse(row.data) }),
      );
    },

    documents(kind: string): { readonly key: string; readonly value: unknown }[] {
      return (documents.all(kind) as { key: string; value: string }[]).map(({ key, value }) => ({
        key,
        value: JSON.parse(value),
      }));
    },

    answerOf(key: string): { readonly hash: string; readonly answer: unknown } | null {
      const row = answer.get(key) as [string, string] | undefined;
      return row === undefined ? null : { hash: row[0], answer: JSON.parse(row[1]) };
    },
  };
}

function toCopy(row: CopySqlRow): CopyRow {
  const report = JSON.parse(row.report) as Pick<CopyRow, 'authentication' | 'filter'>;
  return {
    seq: row.seq,
    id: row.id,
    provider: row.provider,
    mailbox: row.mailbox,
    deliveryId: row.delivery_id,
    messageId: row.message_id,
    messageSeq: row.message,
    receivedAtMs: row.received_at,
    placement: row.placement,
    envelopeFrom: row.envelope_from,
    authentication: report.authentication,
    filter: report.filter,
    flags: { ...noFlags, ...(JSON.parse(row.flags) as Partial<CopyFlags>) },
    subject: row.subject,
    fromName: row.sender === null ? null : senderName(row.sender),
  };
}

function senderName(sender: string): string {
  const { name, address } = JSON.parse(sender) as { readonly name: string; readonly address: string };
  return name === '' ? address : name;
}

function toSuppression(row: SuppressionSqlRow): SuppressionRow {
  return {
    seq: row.seq,
    address: row.address,
    scope: row.scope,
    reason: row.reason,
    source: row.source,
    class: row.class,
    detail: row.detail,
    deliveryId: row.delivery_id,
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at,
  };
}
