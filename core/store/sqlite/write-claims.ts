/** The writer's part for what is due: handing it out under a lease, calls host by host. */
import { unpackDetails } from '../../model/message-details.ts';
import type { ClaimedRow } from '../deliveries.ts';
import type { ClaimRequest } from '../store.ts';
import { type DeliverySqlRow, deliveryColumns, isCallSql, isNoCallSql, toDelivery } from './delivery-rows.ts';
import type { Connection } from './open.ts';
import type { OrderWriter } from './write-orders.ts';
import type { SuppressionWriter } from './write-suppressions.ts';
import type { WriterState } from './writer-state.ts';

interface ClaimSqlRow extends DeliverySqlRow {
  parameters: string | null;
  m_id: string | null;
  m_door: string | null;
  m_from: string | null;
  m_parameters: string | null;
  m_bytes: number | null;
  m_received: number | null;
  m_details: string | null;
  m_tags: string | null;
}

export function claimWriter(
  db: Connection,
  state: WriterState,
  { obey }: Pick<OrderWriter, 'obey'>,
  suppressions: SuppressionWriter,
) {
  const due = db.prepare(
    `SELECT ${deliveryColumns}, d.parameters, m.id AS m_id, m.door AS m_door, m.envelope_from AS m_from,
       m.envelope_parameters AS m_parameters, m.bytes AS m_bytes, m.received_at AS m_received, m.details AS m_details, m.tags AS m_tags
     FROM deliveries d JOIN projects p ON p.id = d.project LEFT JOIN messages m ON m.seq = d.message
     WHERE d.due_at IS NOT NULL AND d.${isNoCallSql} AND d.due_at <= ? ORDER BY d.due_at, d.seq LIMIT ?`,
  );
  const dueAtHost = db.prepare(
    `SELECT ${deliveryColumns}, d.parameters, NULL AS m_id FROM deliveries d JOIN projects p ON p.id = d.project
       LEFT JOIN messages m ON m.seq = d.message
     WHERE d.due_at IS NOT NULL AND d.${isCallSql} AND d.domain = ? AND d.due_at <= ?
     ORDER BY d.due_at, d.seq LIMIT ?`,
  );
  const nextHost = db
    .prepare(
      `SELECT domain FROM deliveries WHERE due_at IS NOT NULL AND ${isCallSql} AND domain > ?
       ORDER BY domain LIMIT 1`,
    )
    .pluck();
  const lease = db.prepare(
    'UPDATE deliveries SET due_at = NULL, lease = ?, leased_due = ?, waits_for = NULL WHERE seq = ?',
  );

  function claim({ nowMs, limit, calls }: ClaimRequest): ClaimedRow[] {
    const rows =
      calls === undefined ? (due.all(nowMs, limit) as ClaimSqlRow[]) : dueCalls(nowMs, limit, calls);
    return rows.flatMap((row) => {
      // Asked for while it was under way, by a run that ended before it could be done.
      if (obey(row, nowMs)) return [];
      const dueAtMs = row.due_at ?? nowMs;
      lease.run(state.run, dueAtMs, row.seq);
      row.due_at = null;
      return {
        delivery: toDelivery(row),
        dueAtMs,
        parameters: row.parameters === null ? null : JSON.parse(row.parameters),
        message:
          row.m_id === null || row.message === null
            ? null
            : {
                id: row.m_id,
                seq: row.message,
                door: row.m_door ?? '',
                project: row.project,
                envelopeFrom: row.mail_from ?? row.m_from ?? '',
                envelopeParameters: row.m_parameters === null ? null : JSON.parse(row.m_parameters),
                bytes: row.m_bytes ?? 0,
                receivedAtMs: row.m_received ?? 0,
                details: unpackDetails(row.m_details),
                tags: row.m_tags === null || row.m_tags === '[]' ? [] : JSON.parse(row.m_tags),
              },
        suppressed: suppressions.covering(row.recipient, row.stream, nowMs),
      };
    });
  }

  /** Host by host, so that one that is slow, or has thousands to come, keeps none of the others waiting. */
  function dueCalls(
    nowMs: number,
    limit: number,
    { perHostMax, underWay, after = '' }: NonNullable<ClaimRequest['calls']>,
  ): ClaimSqlRow[] {
    const rows: ClaimSqlRow[] = [];
    for (const host of hostsBehind(after)) {
      if (rows.length >= limit) break;
      const room = Math.min(limit - rows.length, perHostMax - (underWay[host] ?? 0));
      if (room > 0) rows.push(...(dueAtHost.all(host, nowMs, room) as ClaimSqlRow[]));
    }
    return rows;
  }

  /** Hosts that calls wait for, each once, in the order of their names, from behind that one round to it. */
  function* hostsBehind(start: string): Generator<string> {
    let host = nextHost.get(start) as string | undefined;
    for (; host !== undefined; host = nextHost.get(host) as string | undefined) yield host;
    if (start === '') return;
    host = nextHost.get('') as string | undefined;
    for (; host !== undefined && host <= start; host = nextHost.get(host) as string | undefined) yield host;
  }

  return claim;
}
