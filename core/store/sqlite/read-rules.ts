/** The reader's part for rules: their hits and counters. */
import type { RuleCounter, RuleHitFilter, RuleHitRow } from '../rules.ts';
import type { Page, PageRequest } from '../store.ts';
import type { Connection } from './open.ts';
import { type RuleHitSqlRow, toRuleHit } from './rule-rows.ts';

/** Totals are counted up to this number. */
const countedMax = 10_000;

export function ruleReader(db: Connection) {
  return {
    ruleHits(filter: RuleHitFilter, page: PageRequest): Page<RuleHitRow> {
      const asked = (
        [
          ['rule', filter.rule],
          ['message_id', filter.messageId],
          ['delivery_id', filter.deliveryId],
          ['exchange_id', filter.exchangeId],
        ] as const
      ).flatMap(([column, value]) => (value === null ? [] : [{ column, value }]));
      const where = asked.map(({ column }) => `${column} = ?`).join(' AND ') || '1';
      const values = asked.map(({ value }) => value);
      const rows = db
        .prepare(`SELECT * FROM rule_hits WHERE ${where} AND seq < ? ORDER BY seq DESC LIMIT ?`)
        .all(...values, page.after ?? Number.MAX_SAFE_INTEGER, page.limit + 1) as RuleHitSqlRow[];
      const entries = rows.slice(0, page.limit).map(toRuleHit);
      const total = Number(
        db
          .prepare(`SELECT count(*) FROM (SELECT 1 FROM rule_hits WHERE ${where} LIMIT ${countedMax})`)
          .pluck()
          .get(...values),
      );
      return { entries, next: rows.length > page.limit ? (entries.at(-1)?.seq ?? null) : null, total };
    },

    ruleCounters(): RuleCounter[] {
      return db
        .prepare('SELECT rule, matches, hits, last_at AS lastAtMs FROM rule_counters ORDER BY rule')
        .all() as RuleCounter[];
    },
  };
}
