/** The reader's part for live relay: the audit log. */

import type { DeliveryRow } from '../../model/delivery.ts';
import type { AuditEntry, AuditKind, LiveActor, LiveChannel } from '../../model/live-relay.ts';
import type { AuditFilter, Page, PageRequest } from '../store.ts';
import { type DeliverySqlRow, deliveryColumns, toDelivery } from './delivery-rows.ts';
import type { Connection } from './open.ts';

interface AuditSqlRow {
  seq: number;
  at: number;
  kind: AuditKind;
  actor: LiveActor;
  channel: LiveChannel | null;
  relay: string | null;
  recipient: string | null;
  message_id: string | null;
  delivery_id: string | null;
  detail: string;
}

export function liveReader(db: Connection) {
  const sends = db
    .prepare(
      `SELECT at FROM live_audit WHERE kind = 'send' AND channel = ? AND at > ?
       UNION ALL
       SELECT at FROM live_audit WHERE kind = 'passed_through' AND channel = ? AND at > ? AND recipient IS NOT NULL
       ORDER BY at LIMIT ?`,
    )
    .pluck();
  const from = `FROM deliveries d JOIN projects p ON p.id = d.project LEFT JOIN messages m ON m.seq = d.message`;
  const taken = db.prepare(
    `SELECT ${deliveryColumns} ${from} WHERE d.live IS NOT NULL AND d.provider_id IS NOT NULL AND d.status = 'sent'
       AND d.carriage = 'sms' ORDER BY d.seq DESC LIMIT ?`,
  );
  const byProviderId = db.prepare(
    `SELECT ${deliveryColumns} ${from} WHERE d.provider_id = ? AND d.live = ? ORDER BY d.seq DESC LIMIT 1`,
  );
  return {
    /** Newest first. */
    audit(filter: AuditFilter, { after, limit }: PageRequest): Page<AuditEntry> {
      const conditions: string[] = [];
      const parameters: (string | number)[] = [];
      for (const [column, value] of [
        ['kind', filter.kind],
        ['channel', filter.channel],
        ['delivery_id', filter.deliveryId],
        ['message_id', filter.messageId],
      ] as const) {
        if (value == null) continue;
        conditions.push(`${column} = ?`);
        parameters.push(value);
      }
      const where = conditions.length === 0 ? '1' : conditions.join(' AND ');
      const total = db
        .prepare(`SELECT count(*) FROM live_audit WHERE ${where}`)
        .pluck()
        .get(...parameters) as number;
      const rows = db
        .prepare(
          `SELECT * FROM live_audit WHERE ${where}${after === null ? '' : ' AND seq < ?'} ORDER BY seq DESC LIMIT ?`,
        )
        .all(...parameters, ...(after === null ? [] : [after]), limit + 1) as AuditSqlRow[];
      const entries = rows.slice(0, limit).map(toEntry);
      return { entries, next: rows.length > limit ? (entries.at(-1)?.seq ?? null) : null, total };
    },
    /** Wall times of what went by that channel after then, the oldest first. */
    liveSends: (channel: LiveChannel, afterMs: number, limit: number): number[] =>
      sends.all(channel, afterMs, channel, afterMs, limit) as number[],
    /** Real providers took these, and more may be heard of them; the newest first. */
    liveTaken: (limit: number): DeliveryRow[] => (taken.all(limit) as DeliverySqlRow[]).map(toDelivery),
    liveDeliveryOf(relayId: string, providerId: string): DeliveryRow | null {
      const row = byProviderId.get(providerId, relayId) as DeliverySqlRow | undefined;
      return row === undefined ? null : toDelivery(row);
    },
  };
}

function toEntry(row: AuditSqlRow): AuditEntry {
  return {
    seq: row.seq,
    atMs: row.at,
    kind: row.kind,
    by: row.actor,
    channel: row.channel,
    relay: row.relay,
    recipient: row.recipient,
    messageId: row.message_id,
    deliveryId: row.delivery_id,
    detail: JSON.parse(row.detail) as AuditEntry['detail'],
  };
}
