/** The writer's part for rules: their hits, in numbers that stay small, and their counters. */
import { hitsMax, hitsOfMagicMax, hitsOfRuleMax, type RuleCounter, type RuleHit } from '../rules.ts';
import type { Connection } from './open.ts';
import { magicRule } from './rule-rows.ts';

/** Hits that one operation removes beyond what it brings, so that it stays short. */
const trimStepMax = 2_000;
/** How many hits come between two looks at how many there are in all. */
const countEvery = 1_000;

export function ruleWriter(db: Connection) {
  const insert = db.prepare(
    `INSERT INTO rule_hits (seq, rule, label, virtual_at, at, stage, point, action, recipient, sender, message_id,
       delivery_id, exchange_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const newest = db.prepare('SELECT coalesce(max(seq), 0) FROM rule_hits').pluck();
  const count = db.prepare('SELECT count(*) FROM rule_hits').pluck();
  const countOf = db.prepare('SELECT count(*) FROM rule_hits WHERE rule = ?').pluck();
  const trimRule = db.prepare(
    `DELETE FROM rule_hits WHERE seq IN
       (SELECT seq FROM rule_hits WHERE rule = ? ORDER BY seq DESC LIMIT ? OFFSET ?)`,
  );
  const trimAll = db.prepare(
    'DELETE FROM rule_hits WHERE seq IN (SELECT seq FROM rule_hits ORDER BY seq LIMIT ?)',
  );
  const saveCounter = db.prepare(
    `INSERT INTO rule_counters (rule, matches, hits, last_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (rule) DO UPDATE SET matches = excluded.matches, hits = excluded.hits, last_at = excluded.last_at`,
  );
  const forgetHits = db.prepare('DELETE FROM rule_hits WHERE rule = ?');
  const forgetCounter = db.prepare('DELETE FROM rule_counters WHERE rule = ?');
  const unlink = db.prepare(
    'UPDATE rule_hits SET message_id = NULL, delivery_id = NULL WHERE message_id = ?',
  );

  /** Numbers are not given again while this run lasts. */
  let last = 0;

  return {
    keep(hits: readonly RuleHit[], counters: readonly RuleCounter[]): void {
      const before = Math.max(last, Number(newest.get()));
      let seq = before;
      for (const hit of hits) {
        insert.run(
          ++seq,
          hit.rule ?? magicRule,
          hit.label,
          hit.virtualAtMs,
          hit.atMs,
          hit.stage,
          hit.point,
          hit.action,
          hit.recipient,
          hit.sender,
          hit.messageId,
          hit.deliveryId,
          hit.exchangeId,
        );
      }
      for (const rule of new Set(hits.map((hit) => hit.rule ?? magicRule))) {
        const max = rule === magicRule ? hitsOfMagicMax : hitsOfRuleMax;
        if (Number(countOf.get(rule)) > max) trimRule.run(rule, trimStepMax, max);
      }
      last = seq;
      if (Math.floor(before / countEvery) !== Math.floor(seq / countEvery)) {
        // What comes until the next look has its room already.
        const excess = Number(count.get()) - (hitsMax - countEvery);
        if (excess > 0) trimAll.run(Math.min(excess, hits.length + trimStepMax));
      }
      for (const { rule, matches, hits: hit, lastAtMs } of counters)
        saveCounter.run(rule, matches, hit, lastAtMs);
    },

    forget(ids: readonly string[]): void {
      for (const id of ids) {
        forgetHits.run(id);
        forgetCounter.run(id);
      }
    },

    /** Its message was deleted: that the rule hit stays true, and leads nowhere any more. */
    messageRemoved(messageId: string): void {
      unlink.run(messageId);
    },
  };
}

export type RuleWriter = ReturnType<typeof ruleWriter>;
