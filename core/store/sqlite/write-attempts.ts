/** The writer's part for attempts: each is kept with its evidence, and leaves its delivery where its outcome says. */
import { assertNever } from '../../model/app-error.ts';
import { isCall } from '../../model/delivery.ts';
import { isEnd } from '../../model/status.ts';
import type { RecordedAttempt, RecordedResult } from '../deliveries.ts';
import type { DeliveryChanges } from './delivery-changes.ts';
import type { DeliverySqlRow } from './delivery-rows.ts';
import type { DeliverySteps } from './delivery-steps.ts';
import type { Connection } from './open.ts';
import type { LiveWriter } from './write-live.ts';
import type { OrderWriter } from './write-orders.ts';
import type { SuppressionWriter } from './write-suppressions.ts';
import type { WriterState } from './writer-state.ts';

export function attemptWriter(
  db: Connection,
  state: WriterState,
  { event, statusEvent, change, bySeq, putBack, takenBy, setLive, setProviderId }: DeliveryChanges,
  { obey, carryOut }: Pick<OrderWriter, 'obey' | 'carryOut'>,
  { pushOf, onDevice, place }: DeliverySteps,
  suppressions: SuppressionWriter,
  live: Pick<LiveWriter, 'add'>,
) {
  const insertAttempt = db.prepare(
    `INSERT INTO attempts (delivery, number, started_at, started_at_wall, duration, outcome, next_hop, code, enhanced, text,
       class, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertEvidence = db.prepare('INSERT INTO evidence (id, value) VALUES (?, ?)');
  const copyOf = db
    .prepare('SELECT placement FROM copies WHERE message = ? AND delivery = ? ORDER BY seq LIMIT 1')
    .pluck();
  const addAct = db.prepare('INSERT INTO acts (due_at, kind, data, delivery_id) VALUES (?, ?, ?, ?)');

  function record(attempt: RecordedAttempt): void {
    let evidence: number | null = null;
    for (const result of attempt.results) {
      const row = bySeq(result.seq);
      // Deleted with its message while the attempt was under way.
      if (row === undefined || row.id !== result.id || isEnd(row.status)) continue;
      if (result.change.kind === 'postpone') {
        if (!obey(row, attempt.nowMs))
          putBack(row, {
            dueAtMs: result.change.dueAtMs,
            waitsFor: result.change.waitsFor,
            reason: result.reason,
            heldAtMs: attempt.nowMs,
          });
        continue;
      }
      if (result.change.kind === 'withdraw') {
        setLive(row.seq, result.change.live);
        if (!obey(row, attempt.nowMs)) putBack(row, { dueAtMs: result.change.dueAtMs, reason: row.reason });
        continue;
      }
      if (result.change.kind === 'hold') {
        if (!obey(row, attempt.nowMs)) carryOut(row, { ...result.change, nowMs: attempt.nowMs });
        continue;
      }
      if (result.attempted) {
        row.attempts++;
        if (evidence === null && attempt.evidence !== null) {
          evidence = ++state.evidenceId;
          insertEvidence.run(evidence, JSON.stringify(attempt.evidence));
        }
        keepAttempt(row, attempt, result, evidence);
        // Somebody let it go to the sandbox, and there it stays.
        if (row.live !== null && attempt.evidence?.live === undefined) setLive(row.seq, null);
      }
      settle(row, attempt.nowMs, result);
    }
    for (const { dueAtMs, kind, data, awaitedBy = null } of attempt.acts ?? [])
      addAct.run(dueAtMs, kind, JSON.stringify(data), awaitedBy);
    if (attempt.audit !== undefined) live.add(attempt.audit);
  }

  function keepAttempt(
    row: DeliverySqlRow,
    attempt: RecordedAttempt,
    result: RecordedResult,
    evidence: number | null,
  ): void {
    const outcome =
      result.change.kind === 'send' ? 'sent' : result.change.kind === 'fail' ? 'failed' : 'deferred';
    insertAttempt.run(
      row.seq,
      row.attempts,
      attempt.startedAtMs,
      attempt.startedAtWallMs,
      attempt.durationMs,
      outcome,
      result.nextHop,
      result.code,
      result.enhanced,
      result.text,
      result.class,
      evidence,
    );
    event(row, 'attempted', attempt.nowMs, { attempt: row.attempts, outcome, ...replyOf(result) });
  }

  function settle(row: DeliverySqlRow, nowMs: number, result: RecordedResult): void {
    const { change: wanted } = result;
    const reply = replyOf(result);
    switch (wanted.kind) {
      case 'send':
        if (result.takenBy !== undefined && result.takenBy.provider !== row.provider) {
          takenBy(row, result.takenBy.provider, result.takenBy.domain);
        }
        if (result.providerId !== undefined) setProviderId(row.seq, result.providerId);
        if (change(row, 'send', nowMs, { class: null, reason: null })) {
          const { unconfirmed } = wanted;
          statusEvent(row, 'sent', nowMs, {
            attempt: row.attempts,
            ...reply,
            ...(unconfirmed === undefined ? {} : { reason: unconfirmed, unconfirmed: true }),
          });
          if (unconfirmed !== undefined) change(row, 'unconfirm', nowMs, { reason: unconfirmed });
          // What is said of it later, its provider reports.
          if (row.carriage === 'sms') return;
          if (isCall(row.carriage)) {
            change(row, 'deliver', nowMs, {});
            return;
          }
          if (row.carriage === 'push') {
            const push = pushOf(row);
            if (push !== undefined) onDevice(row, push, nowMs);
            return;
          }
          const placement = copyOf.get(row.message, row.seq) as string | undefined;
          if (placement === undefined) suppressions.taken(row.recipient);
          else place(row, placement, nowMs);
        }
        return;
      case 'defer':
        // Asked for while the attempt was under way.
        if (obey(row, nowMs)) return;
        if (
          change(row, 'defer', nowMs, {
            class: result.class,
            reason: result.reason,
            dueAtMs: wanted.dueAtMs,
            waitsFor: 'retry',
          })
        ) {
          statusEvent(row, 'deferred', nowMs, {
            attempt: row.attempts,
            nextAttemptAtMs: wanted.dueAtMs,
            ...reply,
          });
        }
        return;
      case 'fail':
        if (change(row, 'fail', nowMs, { class: result.class, reason: result.reason })) {
          statusEvent(row, 'undeliverable', nowMs, { attempt: row.attempts, permanent: true, ...reply });
          if (result.suppress !== null) suppressions.add([result.suppress]);
          if (result.softBounce !== null) suppressions.softBounce(result.softBounce, 'at_once');
        }
        return;
      case 'postpone':
      case 'withdraw':
      case 'hold':
        return;
      default:
        return assertNever(wanted);
    }
  }

  return record;
}

function replyOf(result: RecordedResult): Record<string, unknown> {
  return {
    ...(result.code === null ? {} : { code: result.code }),
    ...(result.enhanced === null ? {} : { enhanced: result.enhanced }),
    ...(result.class === null ? {} : { class: result.class }),
    ...(result.reason === null ? {} : { reason: result.reason }),
    providerStatus: result.text,
    ...(result.nextHop === null ? {} : { nextHop: result.nextHop }),
  };
}
