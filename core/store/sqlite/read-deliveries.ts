/** The reader's part for the queue: deliveries, their attempts, and what is due. */
import type { AttemptRow, DeliveryRow, OutcomeClass } from '../../model/delivery.ts';
import type { DeliveryCounts, DeliveryDetail, DeliveryFilter, DomainCount } from '../deliveries.ts';
import type { NextDues, Page, PageRequest } from '../store.ts';
import { type DeliverySqlRow, deliveryColumns, isCallSql, isNoCallSql, toDelivery } from './delivery-rows.ts';
import { deliverySql } from './delivery-sql.ts';
import type { Connection } from './open.ts';

/** Domains that the queue's summary names. */
const domainsMax = 100;
/** Deliveries that the chart of due times looks at. */
const chartRowsMax = 20_000;
const chartSpans = 24;
/** Totals are counted up to this number. */
const countedMax = 10_000;

const rowSql = `SELECT ${deliveryColumns} FROM deliveries d JOIN projects p ON p.id = d.project
  LEFT JOIN messages m ON m.seq = d.message`;

interface AttemptSqlRow {
  number: number;
  started_at: number;
  started_at_wall: number;
  duration: number;
  outcome: AttemptRow['outcome'];
  next_hop: string | null;
  code: number | null;
  enhanced: string | null;
  text: string;
  class: OutcomeClass | null;
  evidence: number | null;
  value: string | null;
}

export function deliveryReader(db: Connection) {
  const byId = db.prepare(`${rowSql.replace('SELECT ', 'SELECT d.parameters, ')} WHERE d.id = ?`);
  const attempts = db.prepare(
    'SELECT a.*, e.value FROM attempts a LEFT JOIN evidence e ON e.id = a.evidence WHERE a.delivery = ? ORDER BY a.number',
  );
  const nextOther = db
    .prepare(
      `SELECT min(at) FROM (SELECT min(due_at) AS at FROM deliveries WHERE due_at IS NOT NULL AND ${isNoCallSql}
         UNION ALL SELECT min(due_at) FROM acts)`,
    )
    .pluck();
  // A host that has a hundred thousand to come costs one look, as does one that has a single call.
  const nextCall = db
    .prepare(
      `WITH RECURSIVE hosts (domain) AS (
         SELECT min(domain) FROM deliveries WHERE due_at IS NOT NULL AND ${isCallSql}
         UNION ALL
         SELECT (SELECT min(domain) FROM deliveries WHERE due_at IS NOT NULL AND ${isCallSql} AND domain > hosts.domain)
         FROM hosts WHERE hosts.domain IS NOT NULL)
       SELECT min((SELECT min(due_at) FROM deliveries WHERE due_at IS NOT NULL AND ${isCallSql} AND domain = hosts.domain))
       FROM hosts WHERE hosts.domain IS NOT NULL AND hosts.domain NOT IN (SELECT value FROM json_each(?))`,
    )
    .pluck();

  function nextDues(fullHosts: readonly string[]): NextDues {
    return {
      calls: (nextCall.get(JSON.stringify(fullHosts)) ?? null) as number | null,
      others: (nextOther.get() ?? null) as number | null,
    };
  }

  return {
    delivery(id: string): DeliveryDetail | null {
      const row = byId.get(id) as (DeliverySqlRow & { parameters: string | null }) | undefined;
      if (row === undefined) return null;
      const found = attempts.all(row.seq) as AttemptSqlRow[];
      return {
        delivery: toDelivery(row),
        parameters: row.parameters === null ? null : JSON.parse(row.parameters),
        attempts: found.map((one) => ({
          deliveryId: row.id,
          number: one.number,
          startedAtMs: one.started_at,
          startedAtWallMs: one.started_at_wall,
          durationMs: one.duration,
          outcome: one.outcome,
          nextHop: one.next_hop,
          code: one.code,
          enhanced: one.enhanced,
          text: one.text,
          class: one.class,
          evidence: one.evidence,
          evidenceValue: one.value === null ? null : JSON.parse(one.value),
        })),
      };
    },

    deliveries(filter: DeliveryFilter, page: PageRequest): Page<DeliveryRow> {
      const { where, parameters } = deliverySql(filter);
      const rows = db
        .prepare(`${rowSql} WHERE ${where} AND d.seq < ? ORDER BY d.seq DESC LIMIT ?`)
        .all(...parameters, page.after ?? Number.MAX_SAFE_INTEGER, page.limit + 1) as DeliverySqlRow[];
      const entries = rows.slice(0, page.limit).map(toDelivery);
      const next = rows.length > page.limit ? (entries.at(-1)?.seq ?? null) : null;
      const total =
        next === null && page.after === null
          ? entries.length
          : Number(
              db
                .prepare(
                  `SELECT count(*) FROM (SELECT 1 FROM deliveries d LEFT JOIN messages m ON m.seq = d.message
                     WHERE ${where} LIMIT ${countedMax})`,
                )
                .pluck()
                .get(...parameters),
            );
      return { entries, next, total };
    },

    deliveryCounts(): DeliveryCounts {
      const byDomain = (
        db
          .prepare(
            `SELECT domain, max(provider) AS provider, count(*) AS queued, sum(substatus = 'deferred') AS deferred,
               sum(substatus = 'held') AS held, min(due_at) AS nextAtMs
             FROM deliveries WHERE status = 'queued' GROUP BY domain ORDER BY queued DESC LIMIT ?`,
          )
          .all(domainsMax) as (Omit<DomainCount, 'deferred' | 'held'> & {
          deferred: number | null;
          held: number | null;
        })[]
      ).map((row) => ({ ...row, deferred: row.deferred ?? 0, held: row.held ?? 0 }));
      // The domains named are the largest; the totals are of all.
      const [queued, deferred, held] = db
        .prepare(
          `SELECT count(*), coalesce(sum(substatus = 'deferred'), 0), coalesce(sum(substatus = 'held'), 0)
             FROM deliveries WHERE status = 'queued'`,
        )
        .raw()
        .get() as [number, number, number];
      const underWay = Number(
        db.prepare('SELECT count(*) FROM deliveries WHERE lease IS NOT NULL').pluck().get(),
      );
      return {
        queued,
        deferred,
        held,
        underWay,
        byDomain,
        due: dueChart(db),
      };
    },

    nextDue(): number | null {
      const { calls, others } = nextDues([]);
      if (calls === null || others === null) return calls ?? others;
      return Math.min(calls, others);
    },

    nextDues,
  };
}

/** What is due, in spans of equal length from the first due time on. */
function dueChart(db: Connection): { readonly atMs: number; readonly count: number }[] {
  const times = db
    .prepare(
      `SELECT due_at FROM (SELECT due_at FROM (SELECT due_at FROM deliveries
           WHERE due_at IS NOT NULL AND ${isNoCallSql} ORDER BY due_at LIMIT :rows)
         UNION ALL SELECT due_at FROM (SELECT due_at FROM deliveries
           WHERE due_at IS NOT NULL AND ${isCallSql} ORDER BY due_at LIMIT :rows))
       ORDER BY due_at LIMIT :rows`,
    )
    .pluck()
    .all({ rows: chartRowsMax }) as number[];
  const first = times[0];
  const last = times.at(-1);
  if (first === undefined || last === undefined) return [];
  const spanMs = Math.max(1, Math.ceil((last - first + 1) / chartSpans));
  const counts = new Map<number, number>();
  for (const time of times) {
    const at = first + Math.floor((time - first) / spanMs) * spanMs;
    counts.set(at, (counts.get(at) ?? 0) + 1);
  }
  return [...counts].map(([atMs, count]) => ({ atMs, count }));
}
