/** The writer's part for the queue: adding, claiming, recording what an attempt led to, and what is heard later. */
import type { Status } from '../../model/delivery.ts';
import type { DeliveryStep } from '../../model/sms.ts';
import type { RecordedAttempt } from '../deliveries.ts';
import type { ClaimRequest, Fact } from '../store.ts';
import { deliveryChanges } from './delivery-changes.ts';
import { type DevicePush, deliverySteps } from './delivery-steps.ts';
import type { Connection } from './open.ts';
import { attemptWriter } from './write-attempts.ts';
import { claimWriter } from './write-claims.ts';
import { interruptedWriter } from './write-interrupted.ts';
import { liveWriter } from './write-live.ts';
import type { MessageWriter } from './write-messages.ts';
import { newDeliveryWriter } from './write-new-deliveries.ts';
import { orderWriter } from './write-orders.ts';
import type { SuppressionWriter } from './write-suppressions.ts';
import type { WriterState } from './writer-state.ts';

export function deliveryWriter(
  db: Connection,
  state: WriterState,
  messages: MessageWriter,
  suppressions: SuppressionWriter,
) {
  const changes = deliveryChanges(db, state, messages);
  const { event, statusEvent, change, byId } = changes;
  const steps = deliverySteps(db, changes, suppressions);
  const { onDevice, stepTo, keepReport, place } = steps;
  const orders = orderWriter(db, changes, suppressions, messages);
  const { withNotices } = orders;
  const added = newDeliveryWriter(db, state, messages, changes);
  const claim = claimWriter(db, state, orders, suppressions);
  const live = liveWriter(db, messages, changes);
  const record = attemptWriter(db, state, changes, orders, steps, suppressions, live);
  const shift = [
    // Calls too: they go by virtual time as all that waits.
    `UPDATE deliveries SET due_at = due_at - @byMs, leased_due = leased_due - @byMs, expires_at = expires_at - @byMs
       WHERE status IN ('queued', 'sent')`,
    'UPDATE acts SET due_at = due_at - @byMs, held_due = held_due - @byMs',
    'UPDATE suppressions SET expires_at = expires_at - @byMs WHERE expires_at IS NOT NULL',
  ].map((sql) => db.prepare(sql));
  const engaged = {
    opened: db.prepare(
      'UPDATE deliveries SET opened_at = ?, opened_wall = ? WHERE id = ? AND opened_at IS NULL',
    ),
    clicked: db.prepare(
      'UPDATE deliveries SET clicked_at = ?, clicked_wall = ? WHERE id = ? AND clicked_at IS NULL',
    ),
  };
  const standing = db.prepare('SELECT seq, message, status FROM deliveries WHERE id = ?').raw();

  /** The first time counts. */
  function engagedWith(deliveryId: string, how: 'opened' | 'clicked', nowMs: number): void {
    engaged[how].run(nowMs, Date.now(), deliveryId);
  }

  return {
    live,
    shiftDues(byMs: number): void {
      for (const statement of shift) statement.run({ byMs });
    },
    place,
    engagedWith,
    addTo: added.addTo,
    add: added.add,
    putBackInterrupted: interruptedWriter(db, changes, steps),
    claim: (request: ClaimRequest) => withNotices(() => claim(request)),
    record: (attempt: RecordedAttempt) => withNotices(() => record(attempt)),
    order: orders.order,
    orderMatching: orders.orderMatching,

    note(facts: readonly Fact[]): void {
      for (const fact of facts) {
        const row = byId(fact.deliveryId);
        if (row === undefined) continue;
        const { change: wanted } = fact;
        const { report } = fact;
        const reportId = report === undefined ? null : keepReport(row, report);
        event(row, fact.type, fact.nowMs, {
          ...fact.data,
          ...(reportId === null ? {} : { report: reportId }),
        });
        // What only the far side knows is no news to the sender, and counts in none of its numbers.
        if ((fact.type === 'opened' || fact.type === 'clicked') && !('copyId' in fact.data))
          engagedWith(fact.deliveryId, fact.type, fact.nowMs);
        if (wanted?.kind === 'step') {
          stepTo(row, wanted.step, fact.nowMs, true, reportId);
          continue;
        }
        if (wanted !== null && row.status === 'sent') {
          if (!change(row, 'fail', fact.nowMs, { class: wanted.class, reason: wanted.reason })) continue;
          statusEvent(row, 'undeliverable', fact.nowMs, {
            ...fact.data,
            reason: wanted.reason,
            class: wanted.class,
            permanent: true,
          });
          if (wanted.softBounce !== null) suppressions.softBounce(wanted.softBounce, 'after_it_was_taken');
        }
      }
    },

    /** A copy came for a delivery that is sent already: it was placed later than it was accepted. */
    placed(deliveryId: string, placement: string, nowMs: number): void {
      const row = byId(deliveryId);
      if (row?.status === 'sent') place(row, placement, nowMs);
    },

    /** A device was reached, or will not be: of a delivery that the provider has taken. */
    reachedDevice(deliveryId: string, push: DevicePush, nowMs: number): void {
      const row = byId(deliveryId);
      if (row?.status === 'sent') onDevice(row, push, nowMs);
    },

    /** A provider says where one of its messages stands now. */
    stepTo(deliveryId: string, step: DeliveryStep, nowMs: number): void {
      const row = byId(deliveryId);
      if (row !== undefined) stepTo(row, step, nowMs, false);
    },

    /** Where a delivery stands, without all the rest of it: asked for every copy. */
    standing(
      deliveryId: string,
    ): { readonly seq: number; readonly message: number | null; readonly status: Status } | null {
      const row = standing.get(deliveryId) as [number, number | null, Status] | undefined;
      return row === undefined ? null : { seq: row[0], message: row[1], status: row[2] };
    },
  };
}

export type DeliveryWriter = ReturnType<typeof deliveryWriter>;
