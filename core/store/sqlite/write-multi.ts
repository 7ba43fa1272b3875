/**
 * The writer's part for sends over several channels. A delivery of such a send goes forward with what becomes of its ways, in
 * the transaction that tells of it: neither a crash nor a listener that comes late lies in between. What is to be done next
 * is an act, and the conductor's (core/multichannel).
 */
import { type OutcomeClass, type Status, undeliverableReasons } from '../../model/delivery.ts';
import {
  type EndedStep,
  type KeptSteps,
  multiActs,
  type PartOf,
  type StepWhy,
  stepProgress,
} from '../../model/multi-steps.ts';
import { isEnd } from '../../model/status.ts';
import { deliveryChanges } from './delivery-changes.ts';
import type { DeliverySqlRow } from './delivery-rows.ts';
import type { Connection } from './open.ts';
import type { AcceptOperation } from './operations.ts';
import type { DeliveryWriter } from './write-deliveries.ts';
import type { MessageWriter } from './write-messages.ts';
import type { WriterState } from './writer-state.ts';

/** What a way is when deliveries are switched off: kept, and going nowhere. */
const capturedOnly =
  'no_provider: deliveries are switched off, so that it is kept and goes nowhere; switch them on in the settings';
const endedMeanwhile = 'the send was ended while this was being made';

interface StepSqlRow {
  readonly seq: number;
  readonly delivery_id: string;
  readonly step: number;
  readonly channel: string;
  readonly child_id: string | null;
  readonly status: Status;
  readonly why: StepWhy;
  readonly unread_after: number | null;
}

export function multiWriter(
  db: Connection,
  state: WriterState,
  messages: MessageWriter,
  deliveries: DeliveryWriter,
) {
  const { event, statusEvent, change, byId } = deliveryChanges(db, state, messages);
  const insert = db.prepare(
    `INSERT OR IGNORE INTO multi_steps (message_id, delivery_id, step, channel, child_id, status, class, reason, why,
       unread_after, started_at, ended_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const columns = 'seq, delivery_id, step, channel, child_id, status, why, unread_after';
  const ofMessage = db.prepare(
    `SELECT ${columns} FROM multi_steps WHERE child_id = (SELECT id FROM messages WHERE seq = ?)`,
  );
  const ofDelivery = db.prepare(`SELECT ${columns} FROM multi_steps WHERE delivery_id = ? AND step = ?`);
  const standings = db.prepare('SELECT status, class, reason FROM deliveries WHERE message = ? ORDER BY seq');
  const lastWords = db
    .prepare(
      `SELECT data ->> '$.providerStatus' FROM events WHERE message = ? AND type = 'undeliverable' ORDER BY seq DESC LIMIT 1`,
    )
    .pluck();
  const setStanding = db.prepare(
    'UPDATE multi_steps SET status = ?, class = ?, reason = ?, ended_at = ? WHERE seq = ?',
  );
  const setPassedOver = db.prepare(
    'UPDATE multi_steps SET passed_over = ?, reason = ? WHERE seq = ? AND passed_over IS NULL',
  );
  const waitingOf = db
    .prepare(
      `SELECT d.id FROM deliveries d WHERE d.message = (SELECT seq FROM messages WHERE id = ?) AND d.status = 'queued'`,
    )
    .pluck();
  const countStep = db.prepare(
    `UPDATE deliveries SET attempts = attempts + 1, waits_for = nullif(waits_for, 'schedule') WHERE id = ?`,
  );
  const addAct = db.prepare('INSERT INTO acts (due_at, kind, data, delivery_id) VALUES (?, ?, ?, ?)');

  function later(
    kind: string,
    dueAtMs: number,
    data: { readonly deliveryId: string; readonly step?: number },
  ): void {
    addAct.run(dueAtMs, kind, JSON.stringify(data), data.deliveryId);
  }

  function settleOne(message: number, nowMs: number): void {
    const step = ofMessage.get(message) as StepSqlRow | undefined;
    if (step === undefined) return;
    const found = standings.all(message) as {
      status: Status;
      class: OutcomeClass | null;
      reason: string | null;
    }[];
    const progress = stepProgress(step.status, found);
    if (progress === null) return;
    const next = { ...progress, reason: explained(message, progress.reason) };
    setStanding.run(next.status, next.class, next.reason, isEnd(next.status) ? nowMs : null, step.seq);
    const send = byId(step.delivery_id);
    if (send === undefined) return;
    event(send, 'reported', nowMs, {
      ...saidOf(step),
      outcome: next.status,
      ...(next.class === null ? {} : { class: next.class }),
      ...(next.reason === null ? {} : { reason: next.reason }),
    });
    if (next.status === 'sent' || next.status === 'delivered') {
      forward(send, next.status, step, nowMs);
      if (step.status === 'queued' && step.unread_after !== null && step.channel !== 'inapp')
        later(multiActs.unread, nowMs + step.unread_after, { deliveryId: send.id, step: step.step });
    } else if (send.status !== 'undeliverable' && send.status !== 'canceled')
      later(multiActs.next, nowMs, { deliveryId: send.id });
  }

  /** A reason that is one word is told in full beside its message; whoever looks at the send does not have that one open. */
  function explained(message: number, reason: string | null): string | null {
    if (!undeliverableReasons.some((word) => word === reason)) return reason;
    const words = lastWords.get(message);
    return typeof words === 'string' && words !== '' && words !== reason ? `${reason}: ${words}` : reason;
  }

  /** The send goes forward with its first way that does; what comes later never takes it back. */
  function forward(send: DeliverySqlRow, to: 'sent' | 'delivered', step: StepSqlRow, nowMs: number): void {
    const { substatus, reason, held_by: cause, held_label: label, expires_at: expiresAtMs } = send;
    if (send.status === 'queued' && change(send, 'send', nowMs, { class: null, reason: null })) {
      statusEvent(send, 'sent', nowMs, saidOf(step));
      // It was under way when it was held: what comes after it waits still.
      if (substatus === 'held' && to === 'sent')
        change(send, 'hold', nowMs, {
          reason,
          waitsFor: 'hold',
          remainingMs: Math.max(0, expiresAtMs - nowMs),
          heldBy: { cause, label },
        });
    }
    if (to === 'delivered' && change(send, 'deliver', nowMs, { class: null, reason: null }))
      statusEvent(send, 'delivered', nowMs, saidOf(step));
  }

  function keepEnded(one: EndedStep, nowMs: number): void {
    const { messageId, deliveryId, step, channel, reason, why } = one;
    const { changes } = insert.run(
      messageId,
      deliveryId,
      step,
      channel,
      null,
      'undeliverable',
      one.class,
      reason,
      why,
      null,
      nowMs,
      nowMs,
    );
    if (changes === 0) return;
    countStep.run(deliveryId);
    const send = byId(deliveryId);
    if (send === undefined) return;
    event(send, 'attempted', nowMs, {
      attempt: send.attempts,
      step,
      channel,
      childMessageId: null,
      outcome: 'failed',
      why,
      reason,
      ...(one.class === null ? {} : { class: one.class }),
    });
  }

  function keepPassedOver(
    { deliveryId, step: number, for: why, reason }: NonNullable<KeptSteps['passedOver']>[number],
    nowMs: number,
  ): void {
    const step = ofDelivery.get(deliveryId, number) as StepSqlRow | undefined;
    if (step === undefined || setPassedOver.run(why, reason, step.seq).changes === 0) return;
    const send = byId(deliveryId);
    if (send !== undefined) event(send, 'reported', nowMs, { ...saidOf(step), outcome: why, reason });
    if (why === 'given_up' && step.child_id !== null)
      deliveries.order(waitingOf.all(step.child_id) as string[], { kind: 'cancel', nowMs, reason });
  }

  function keepGone(
    { deliveryId, step: number, reason }: NonNullable<KeptSteps['gone']>[number],
    nowMs: number,
  ): void {
    const step = ofDelivery.get(deliveryId, number) as StepSqlRow | undefined;
    if (step === undefined || isEnd(step.status)) return;
    setStanding.run('canceled', null, reason, nowMs, step.seq);
    const send = byId(deliveryId);
    if (send !== undefined) event(send, 'reported', nowMs, { ...saidOf(step), outcome: 'canceled', reason });
  }

  function keepPutOff(
    { deliveryId, step, channel, dueAtMs, reason }: NonNullable<KeptSteps['again']>[number],
    nowMs: number,
  ): void {
    const send = byId(deliveryId);
    if (send === undefined || isEnd(send.status)) return;
    const said = {
      step,
      channel,
      childMessageId: null,
      outcome: 'deferred',
      reason,
      nextAttemptAtMs: dueAtMs,
    };
    event(send, 'attempted', nowMs, said);
    later(multiActs.next, dueAtMs, { deliveryId });
  }

  function end(
    { deliveryId, kind, class: outcomeClass, reason }: NonNullable<KeptSteps['ends']>[number],
    nowMs: number,
  ): void {
    const send = byId(deliveryId);
    if (send === undefined || isEnd(send.status)) return;
    const how = kind === 'fail' ? 'fail' : send.status === 'queued' ? 'cancel' : 'recall';
    if (!change(send, how, nowMs, { class: outcomeClass, reason })) return;
    statusEvent(send, kind === 'fail' ? 'undeliverable' : 'canceled', nowMs, {
      reason,
      ...(outcomeClass === null ? {} : { class: outcomeClass }),
      permanent: true,
    });
  }

  return {
    /** A way begins: with its message, in one transaction. */
    begun(
      part: PartOf,
      {
        id,
        channel,
        delivery,
        receivedAtMs,
      }: Pick<AcceptOperation, 'id' | 'channel' | 'delivery' | 'receivedAtMs'>,
      message: number,
    ): void {
      const { messageId, deliveryId, step, why = 'first', unreadAfterMs = null, giveUpAfterMs = null } = part;
      const nowMs = part.startedAtMs ?? delivery?.nowMs ?? receivedAtMs;
      countStep.run(deliveryId);
      const send = byId(deliveryId);
      if (send === undefined) return;
      state.hasMultiSteps = true;
      const captured = delivery === null || delivery.to.length === 0;
      insert.run(
        messageId,
        deliveryId,
        step,
        channel,
        id,
        captured ? 'undeliverable' : 'queued',
        captured ? 'config' : null,
        captured ? capturedOnly : null,
        why,
        unreadAfterMs,
        nowMs,
        captured ? nowMs : null,
      );
      event(send, 'attempted', nowMs, {
        attempt: send.attempts,
        step,
        channel,
        childMessageId: id,
        outcome: captured ? 'failed' : 'begun',
        why,
        ...(captured ? { reason: capturedOnly } : {}),
      });
      if (captured) {
        later(multiActs.next, nowMs, { deliveryId });
        return;
      }
      if (giveUpAfterMs !== null) later(multiActs.giveUp, nowMs + giveUpAfterMs, { deliveryId, step });
      // It waits for its user from now on, whoever takes it later.
      if (unreadAfterMs !== null && channel === 'inapp')
        later(multiActs.unread, nowMs + unreadAfterMs, { deliveryId, step });
      // Canceled after the conductor had looked.
      if (send.status === 'canceled' || send.status === 'undeliverable')
        deliveries.order(
          delivery.to.map((one) => one.id),
          { kind: 'cancel', nowMs, reason: endedMeanwhile },
        );
      // Its deliveries may be at their end already: there is nowhere to go.
      state.partChanged(message, nowMs);
    },

    keep({ nowMs, ended = [], passedOver = [], gone = [], ends = [], again = [] }: KeptSteps): void {
      for (const one of ended) keepEnded(one, nowMs);
      for (const one of passedOver) keepPassedOver(one, nowMs);
      for (const one of gone) keepGone(one, nowMs);
      for (const one of ends) end(one, nowMs);
      for (const one of again) keepPutOff(one, nowMs);
    },

    /** Last in a transaction: brings the sends to where their ways are. */
    settle(): void {
      for (const [message, nowMs] of state.takeChangedParts()) settleOne(message, nowMs);
    },
  };
}

function saidOf({ step, channel, child_id }: StepSqlRow): Record<string, unknown> {
  return { step, channel, childMessageId: child_id };
}
