/** Rows of `rule_hits` as the rest of the core sees them. */
import type { RuleHitRow } from '../rules.ts';

/** Stands for magic addresses, where a rule has its id. */
export const magicRule = '';

export interface RuleHitSqlRow {
  seq: number;
  rule: string;
  label: string;
  virtual_at: number;
  at: number;
  stage: string;
  point: string;
  action: string;
  recipient: string | null;
  sender: string | null;
  message_id: string | null;
  delivery_id: string | null;
  exchange_id: string | null;
}

export function toRuleHit(row: RuleHitSqlRow): RuleHitRow {
  return {
    seq: row.seq,
    rule: row.rule === magicRule ? null : row.rule,
    label: row.label,
    virtualAtMs: row.virtual_at,
    atMs: row.at,
    stage: row.stage,
    point: row.point,
    action: row.action,
    recipient: row.recipient,
    sender: row.sender,
    messageId: row.message_id,
    deliveryId: row.delivery_id,
    exchangeId: row.exchange_id,
  };
}
