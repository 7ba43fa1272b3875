/** The writer's part for what a run before this one had under way when it stopped. */
import type { DeliveryChanges } from './delivery-changes.ts';
import { type DeliverySqlRow, deliveryColumns } from './delivery-rows.ts';
import type { DeliverySteps } from './delivery-steps.ts';
import type { Connection } from './open.ts';

/** Whether the far side took it is not known: to lose it would be worse than to send it twice. */
const interruption =
  'Sandpost stopped while an attempt was under way: the far side may have taken the message, and a second copy is possible';

/** Its app was told nothing, and asks again by itself: to hand it on a second time would be to send it twice for sure. */
const interruptedHandingOn =
  'Sandpost stopped while the request was being handed on: the provider may have taken it, and its app was told nothing';

/** @returns puts it back into the queue: what was due is due again */
export function interruptedWriter(
  db: Connection,
  { event, statusEvent, change, putBack, takenBy }: DeliveryChanges,
  { pushOf, onDevice }: DeliverySteps,
) {
  const leased = db.prepare(
    `SELECT ${deliveryColumns}, d.leased_due, d.handed_on FROM deliveries d JOIN projects p ON p.id = d.project
       LEFT JOIN messages m ON m.seq = d.message WHERE d.lease IS NOT NULL ORDER BY d.seq`,
  );
  // What went to a topic is no delivery's in particular: it is told from others where the message has but one delivery.
  const fannedOut = db
    .prepare(
      `SELECT (SELECT count(*) FROM deliveries WHERE message = ?) FROM pushes WHERE message = ? AND delivery_id IS NULL LIMIT 1`,
    )
    .pluck();
  const smsOf = db
    .prepare(
      'SELECT provider FROM smses WHERE own = 1 AND message IS NOT NULL AND delivery_id = ? ORDER BY seq DESC LIMIT 1',
    )
    .pluck();

  /** What a run before this one had under way is due again when it was due before. */
  function putBackInterrupted(): void {
    for (const row of leased.all() as LeasedRow[]) {
      const dueAtMs = row.leased_due ?? row.created_at;
      if (row.handed_on === 1) {
        endHandedOn(row, dueAtMs);
        continue;
      }
      if (takenBeforeTheEnd(row, dueAtMs)) continue;
      putBack(row, { dueAtMs, reason: interruption });
      event(row, 'interrupted', dueAtMs, { reason: interruption });
    }
  }

  function endHandedOn(row: DeliverySqlRow, nowMs: number): void {
    const reason = interruptedHandingOn;
    if (!change(row, 'fail', nowMs, { class: 'network', reason })) return;
    event(row, 'interrupted', nowMs, { reason });
    statusEvent(row, 'undeliverable', nowMs, { permanent: true, class: 'network', reason });
  }

  /** The simulated provider took it and Sandpost stopped before that was recorded: it is known to be there, and not sent twice. */
  function takenBeforeTheEnd(row: DeliverySqlRow, nowMs: number): boolean {
    if (row.carriage === 'sms') return takenAsSms(row, nowMs);
    if (row.carriage !== 'push') return false;
    const push = pushOf(row);
    if (push === undefined && fannedOut.get(row.message, row.message) !== 1) return false;
    if (!change(row, 'send', nowMs, { class: null, reason: null })) return false;
    event(row, 'interrupted', nowMs, {
      reason: 'Sandpost stopped while an attempt was under way; the provider had taken the push already',
    });
    statusEvent(row, 'sent', nowMs, {});
    if (push !== undefined) onDevice(row, push, nowMs);
    return true;
  }

  function takenAsSms(row: DeliverySqlRow, nowMs: number): boolean {
    const provider = smsOf.get(row.id) as string | undefined;
    if (provider === undefined || !change(row, 'send', nowMs, { class: null, reason: null })) return false;
    // It may have been another one than the first that was asked.
    if (provider !== row.provider) takenBy(row, provider, row.domain);
    event(row, 'interrupted', nowMs, {
      reason: 'Sandpost stopped while an attempt was under way; the provider had taken the SMS already',
    });
    statusEvent(row, 'sent', nowMs, {});
    return true;
  }

  return putBackInterrupted;
}

type LeasedRow = DeliverySqlRow & { leased_due: number | null; handed_on: number | null };
