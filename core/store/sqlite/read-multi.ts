/** The reader's part for the ways that sends over several channels tried. */
import type { OutcomeClass, Status } from '../../model/delivery.ts';
import type { MultiStep, StepWhy } from '../../model/multi-steps.ts';
import type { UserChannel } from '../../model/user.ts';
import type { MultiStepFilter, Page, PageRequest } from '../store.ts';
import type { Connection } from './open.ts';

interface StepSqlRow {
  readonly seq: number;
  readonly message_id: string;
  readonly delivery_id: string;
  readonly step: number;
  readonly channel: UserChannel;
  readonly child_id: string | null;
  readonly status: Status;
  readonly class: OutcomeClass | null;
  readonly reason: string | null;
  readonly why: StepWhy;
  readonly passed_over: MultiStep['passedOver'];
  readonly started_at: number;
  readonly ended_at: number | null;
}

export function multiReader(db: Connection) {
  return {
    multiSteps({ messageId, deliveryIds }: MultiStepFilter, page: PageRequest): Page<MultiStep> {
      const conditions: string[] = ['1'];
      const parameters: string[] = [];
      if (messageId !== undefined) {
        conditions.push('message_id = ?');
        parameters.push(messageId);
      }
      if (deliveryIds !== undefined) {
        conditions.push('delivery_id IN (SELECT value FROM json_each(?))');
        parameters.push(JSON.stringify(deliveryIds));
      }
      const where = conditions.join(' AND ');
      const rows = db
        .prepare(
          `SELECT seq, message_id, delivery_id, step, channel, child_id, status, class, reason, why, passed_over,
             started_at, ended_at FROM multi_steps WHERE ${where} AND seq < ? ORDER BY seq DESC LIMIT ?`,
        )
        .all(...parameters, page.after ?? Number.MAX_SAFE_INTEGER, page.limit + 1) as StepSqlRow[];
      const entries = rows.slice(0, page.limit).map(toStep);
      const next = rows.length > page.limit ? (entries.at(-1)?.seq ?? null) : null;
      const total =
        next === null && page.after === null
          ? entries.length
          : Number(
              db
                .prepare(`SELECT count(*) FROM multi_steps WHERE ${where}`)
                .pluck()
                .get(...parameters),
            );
      return { entries, next, total };
    },
  };
}

function toStep(row: StepSqlRow): MultiStep {
  return {
    seq: row.seq,
    messageId: row.message_id,
    deliveryId: row.delivery_id,
    step: row.step,
    channel: row.channel,
    childMessageId: row.child_id,
    status: row.status,
    class: row.class,
    reason: row.reason,
    why: row.why,
    passedOver: row.passed_over,
    startedAtMs: row.started_at,
    endedAtMs: row.ended_at,
  };
}
