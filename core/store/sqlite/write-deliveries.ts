/**
 * The writer's part for the queue: adding, claiming, recording what an attempt led to, and what is done by hand.
 * Every change of status goes through the one table of model/status; what it forbids is left as it is.
 */
import { assertNever } from '../../model/app-error.ts';
import type { Carriage, DeliveryEnvelope, NewDelivery, Status, WaitsFor } from '../../model/delivery.ts';
import type { EventType } from '../../model/message.ts';
import { unpackDetails } from '../../model/message-details.ts';
import { type OwnDsnData, ownDsnAct } from '../../model/own-dsn.ts';
import type { PushState } from '../../model/phone.ts';
import { isEnd, type TransitionKind, transition } from '../../model/status.ts';
import type {
  ClaimedRow,
  DeliveryFilter,
  DeliveryOrder,
  EditedEnvelope,
  OrderedSuppression,
  RecordedAttempt,
  RecordedResult,
} from '../deliveries.ts';
import type { AddDeliveries, ClaimRequest, Fact } from '../store.ts';
import { type DeliverySqlRow, deliveryColumns, toDelivery } from './delivery-rows.ts';
import { deliverySql } from './delivery-sql.ts';
import type { Connection } from './open.ts';
import type { MessageWriter } from './write-messages.ts';
import type { SuppressionWriter } from './write-suppressions.ts';
import type { WriterState } from './writer-state.ts';

/** Deliveries that one transaction of an order to many changes at the most. */
export const orderStepMax = 2_000;

/** Rules that one delivery remembers to have been let go by. */
const releasedFromMax = 200;

/** Whether the far side took it is not known: to lose it would be worse than to send it twice. */
const interruption =
  'Sandpost stopped while an attempt was under way: the far side may have taken the message, and a second copy is possible';

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

export function deliveryWriter(
  db: Connection,
  state: WriterState,
  messages: MessageWriter,
  suppressions: SuppressionWriter,
) {
  const insert = db.prepare(
    `INSERT INTO deliveries (seq, id, carriage, message, project, recipient, domain, provider, stream, parameters, status,
       substatus, class, reason, created_at, due_at, waits_for, expires_at, remaining, ended_at, retry_of, held_at,
       held_by, held_label)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const due = db.prepare(
    `SELECT ${deliveryColumns}, d.parameters, m.id AS m_id, m.door AS m_door, m.envelope_from AS m_from,
       m.envelope_parameters AS m_parameters, m.bytes AS m_bytes, m.received_at AS m_received, m.details AS m_details, m.tags AS m_tags
     FROM deliveries d JOIN projects p ON p.id = d.project LEFT JOIN messages m ON m.seq = d.message
     WHERE d.due_at IS NOT NULL AND d.due_at <= ? ORDER BY d.due_at, d.seq LIMIT ?`,
  );
  const lease = db.prepare(
    'UPDATE deliveries SET due_at = NULL, lease = ?, leased_due = ?, waits_for = NULL WHERE seq = ?',
  );
  const bySeq = db.prepare(
    `SELECT ${deliveryColumns} FROM deliveries d JOIN projects p ON p.id = d.project
       LEFT JOIN messages m ON m.seq = d.message WHERE d.seq = ?`,
  );
  const byId = db.prepare(
    `SELECT ${deliveryColumns} FROM deliveries d JOIN projects p ON p.id = d.project
       LEFT JOIN messages m ON m.seq = d.message WHERE d.id = ?`,
  );
  const setState = db.prepare(
    `UPDATE deliveries SET status = ?, substatus = ?, class = ?, reason = ?, attempts = ?, due_at = ?, waits_for = ?,
       expires_at = ?, remaining = ?, ended_at = ?, placement = ?, held_at = ?, held_by = ?, held_label = ?, lease = NULL,
       leased_due = NULL, asked = NULL WHERE seq = ?`,
  );
  const putBack = db.prepare(
    `UPDATE deliveries SET due_at = ?, waits_for = ?, reason = ?, held_at = coalesce(held_at, ?), lease = NULL,
       leased_due = NULL WHERE seq = ?`,
  );
  const leased = db.prepare(
    `SELECT ${deliveryColumns}, d.leased_due FROM deliveries d JOIN projects p ON p.id = d.project
       LEFT JOIN messages m ON m.seq = d.message WHERE d.lease IS NOT NULL ORDER BY d.seq`,
  );
  const keepDue = db.prepare('UPDATE deliveries SET leased_due = ? WHERE seq = ?');
  const keptDue = db.prepare('SELECT leased_due FROM deliveries WHERE seq = ?').pluck();
  const letGo = db.prepare(
    `UPDATE deliveries SET released_at = ?, released_from = ?, recipient = ?, domain = ?, provider = ?, mail_from = ?,
       edited = ? WHERE seq = ?`,
  );
  // What the far side has yet to do with a delivery stands still while that is held.
  const stopActs = db.prepare(
    'UPDATE acts SET held_due = due_at, due_at = NULL WHERE delivery_id = ? AND due_at IS NOT NULL',
  );
  const goOnWithActs = db.prepare(
    'UPDATE acts SET due_at = max(coalesce(held_due, ?), ?), held_due = NULL WHERE delivery_id = ?',
  );
  const dropActs = db.prepare('DELETE FROM acts WHERE delivery_id = ?');
  const ask = db.prepare('UPDATE deliveries SET asked = ? WHERE seq = ?');
  const insertAttempt = db.prepare(
    `INSERT INTO attempts (delivery, number, started_at, started_at_wall, duration, outcome, next_hop, code, enhanced, text,
       class, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertEvidence = db.prepare('INSERT INTO evidence (id, value) VALUES (?, ?)');
  const pushOf = db.prepare(
    'SELECT state, shown, reason FROM pushes WHERE message = ? AND delivery_id = ? ORDER BY seq LIMIT 1',
  );
  const copyOf = db
    .prepare('SELECT placement FROM copies WHERE message = ? AND delivery = ? ORDER BY seq LIMIT 1')
    .pluck();
  const standing = db.prepare('SELECT seq, message, status FROM deliveries WHERE id = ?').raw();
  const envelopeFromOf = db.prepare('SELECT envelope_from FROM messages WHERE seq = ?').pluck();
  const messageSeq = db.prepare('SELECT seq, project FROM messages WHERE id = ?').raw();
  const addAct = db.prepare('INSERT INTO acts (due_at, kind, data, delivery_id) VALUES (?, ?, ?, ?)');
  /** Deliveries that the operation under way turns back by hand, by their message: its sender is owed one notice. */
  const turnedBack = new Map<string, TurnedBack>();

  function event(row: DeliverySqlRow, type: EventType, nowMs: number, data: Record<string, unknown>): void {
    messages.event(type, Date.now(), {
      ...(row.message === null ? {} : { seq: row.message }),
      ...(row.message_id === null ? {} : { messageId: row.message_id }),
      project: row.project,
      deliveryId: row.id,
      virtualAtMs: nowMs,
      data: {
        recipient: row.recipient,
        ...(row.provider === null ? {} : { provider: row.provider }),
        ...data,
      },
    });
  }

  /** Of a change of status is always said who has it, with what answer, and whether that is for good. */
  function statusEvent(
    row: DeliverySqlRow,
    type: EventType,
    nowMs: number,
    data: Record<string, unknown>,
  ): void {
    event(row, type, nowMs, {
      provider: row.provider,
      providerStatus: null,
      code: null,
      permanent: false,
      reason: null,
      ...data,
    });
  }

  /** @returns false when the status machine forbids it; nothing is changed then */
  function change(
    row: DeliverySqlRow,
    kind: TransitionKind,
    nowMs: number,
    next: Partial<{
      class: string | null;
      reason: string | null;
      dueAtMs: number | null;
      waitsFor: WaitsFor | null;
      expiresAtMs: number;
      remainingMs: number | null;
      placement: string | null;
      heldBy: { readonly cause: string | null; readonly label: string | null };
    }>,
  ): boolean {
    const to = transition({ status: row.status, substatus: row.substatus }, kind);
    if (to === null) return false;
    const dueAt = next.dueAtMs === undefined ? null : next.dueAtMs;
    state.countDelivery(row, to);
    row.status = to.status;
    row.substatus = to.substatus;
    if (next.class !== undefined) row.class = next.class;
    if (next.reason !== undefined) row.reason = next.reason;
    if (next.placement !== undefined) row.placement = next.placement;
    row.due_at = dueAt;
    row.expires_at = next.expiresAtMs ?? row.expires_at;
    row.ended_at = isEnd(to.status) ? nowMs : null;
    row.waits_for = next.waitsFor ?? null;
    row.held_at = kind === 'hold' ? nowMs : null;
    row.held_by = next.heldBy?.cause ?? null;
    row.held_label = next.heldBy?.label ?? null;
    setState.run(
      row.status,
      row.substatus,
      row.class,
      row.reason,
      row.attempts,
      dueAt,
      row.waits_for,
      row.expires_at,
      next.remainingMs ?? null,
      row.ended_at,
      row.placement,
      row.held_at,
      row.held_by,
      row.held_label,
      row.seq,
    );
    if (to.status !== 'queued' && row.message !== null) state.mayHaveEnded(row.message);
    return true;
  }

  function add(
    about: {
      readonly messageSeq: number | null;
      readonly messageId: string | null;
      readonly project: { readonly id: number; readonly name: string };
      readonly carriage: Carriage;
    },
    deliveries: readonly NewDelivery[],
    nowMs: number,
  ): void {
    for (const one of deliveries) {
      const seq = ++state.deliverySeq;
      insert.run(
        seq,
        one.id,
        about.carriage,
        about.messageSeq,
        about.project.id,
        one.recipient,
        one.domain,
        one.provider,
        one.stream,
        one.parameters === null ? null : JSON.stringify(one.parameters),
        one.status,
        one.substatus,
        one.class,
        one.reason,
        nowMs,
        one.dueAtMs,
        one.substatus === 'held'
          ? one.status === 'sent' && about.carriage === 'push' && one.heldBy == null
            ? 'device'
            : 'hold'
          : one.dueAtMs !== null && one.dueAtMs > nowMs
            ? 'schedule'
            : null,
        one.expiresAtMs,
        one.substatus === 'held' ? one.expiresAtMs - nowMs : null,
        isEnd(one.status) ? nowMs : null,
        one.retryOf,
        one.substatus === 'held' ? nowMs : null,
        one.heldBy?.key ?? null,
        one.heldBy?.label ?? null,
      );
      if (one.substatus === 'held' && one.scheduledAtMs != null && one.scheduledAtMs > nowMs)
        keepDue.run(one.scheduledAtMs, seq);
      state.addDelivery(one);
      messages.event('queued', Date.now(), {
        ...(about.messageSeq === null ? {} : { seq: about.messageSeq }),
        ...(about.messageId === null ? {} : { messageId: about.messageId }),
        project: about.project.name,
        deliveryId: one.id,
        virtualAtMs: nowMs,
        data: {
          recipient: one.recipient,
          ...(one.provider === null ? {} : { provider: one.provider }),
          ...(one.dueAtMs === null || one.dueAtMs <= nowMs ? {} : { dueAtMs: one.dueAtMs }),
          ...(one.retryOf === null ? {} : { retryOf: one.retryOf }),
        },
      });
      if (one.substatus === 'held' || one.status !== 'queued') {
        const row = byId.get(one.id) as DeliverySqlRow;
        // A provider takes it first, whatever becomes of it then.
        if (one.status === 'delivered' || (one.status === 'undeliverable' && about.carriage === 'push'))
          statusEvent(row, 'sent', nowMs, {});
        if (one.status !== 'queued') {
          statusEvent(row, one.status, nowMs, {
            ...(one.shown === undefined ? {} : { shown: one.shown }),
            ...reasonOf(one.reason, one.class),
            ...(one.substatus === 'unconfirmed' ? { substatus: 'unconfirmed' } : {}),
            permanent: one.status === 'undeliverable' || one.status === 'canceled',
          });
        }
        if (one.substatus === 'held') statusEvent(row, 'held', nowMs, reasonOf(one.reason, one.class));
      }
    }
  }

  function claim({ nowMs, limit }: ClaimRequest): ClaimedRow[] {
    const rows = due.all(nowMs, limit) as ClaimSqlRow[];
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

  /** What a run before this one had under way is due again when it was due before. */
  function putBackInterrupted(): void {
    for (const row of leased.all() as (DeliverySqlRow & { leased_due: number | null })[]) {
      const dueAtMs = row.leased_due ?? row.created_at;
      putBack.run(dueAtMs, row.substatus === 'deferred' ? 'retry' : null, interruption, null, row.seq);
      event(row, 'interrupted', dueAtMs, { reason: interruption });
    }
  }

  function record(attempt: RecordedAttempt): void {
    let evidence: number | null = null;
    for (const result of attempt.results) {
      const row = bySeq.get(result.seq) as (DeliverySqlRow & { asked: string | null }) | undefined;
      // Deleted with its message while the attempt was under way.
      if (row === undefined || row.id !== result.id || isEnd(row.status)) continue;
      if (result.change.kind === 'postpone') {
        if (!obey(row, attempt.nowMs))
          putBack.run(result.change.dueAtMs, result.change.waitsFor, result.reason, attempt.nowMs, row.seq);
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
      }
      settle(row, attempt.nowMs, result);
    }
    for (const { dueAtMs, kind, data, awaitedBy = null } of attempt.acts ?? [])
      addAct.run(dueAtMs, kind, JSON.stringify(data), awaitedBy);
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

  function settle(
    row: DeliverySqlRow & { asked: string | null },
    nowMs: number,
    result: RecordedResult,
  ): void {
    const { change: wanted } = result;
    const reply = replyOf(result);
    switch (wanted.kind) {
      case 'send':
        if (change(row, 'send', nowMs, { class: null, reason: null })) {
          const { unconfirmed } = wanted;
          statusEvent(row, 'sent', nowMs, {
            attempt: row.attempts,
            ...reply,
            ...(unconfirmed === undefined ? {} : { reason: unconfirmed, unconfirmed: true }),
          });
          if (unconfirmed !== undefined) change(row, 'unconfirm', nowMs, { reason: unconfirmed });
          if (row.carriage === 'webhook') {
            change(row, 'deliver', nowMs, {});
            return;
          }
          if (row.carriage === 'push') {
            const push = pushOf.get(row.message, row.id) as DevicePush | undefined;
            if (push !== undefined) onDevice(row, { ...push, shown: Boolean(push.shown) }, nowMs);
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
      case 'hold':
        return;
      default:
        return assertNever(wanted);
    }
  }

  function place(row: DeliverySqlRow, placement: string, nowMs: number): void {
    if (change(row, 'deliver', nowMs, { placement, class: null, reason: null })) {
      statusEvent(row, 'delivered', nowMs, { placement });
      suppressions.reached(row.recipient);
    }
  }

  /** Where a push that a provider took leaves its delivery. */
  function onDevice(row: DeliverySqlRow, push: DevicePush, nowMs: number): void {
    const { state: reached, reason, shown } = push;
    switch (reached) {
      case 'stored':
        if (change(row, 'hold', nowMs, { reason, waitsFor: 'device' }))
          statusEvent(row, 'held', nowMs, { reason });
        return;
      case 'delivered':
        if (change(row, 'deliver', nowMs, { class: null, reason }))
          statusEvent(row, 'delivered', nowMs, { shown: Boolean(shown), reason });
        return;
      case 'expired':
      case 'collapsed':
      case 'discarded': {
        const outcome = reached === 'collapsed' ? 'collapsed' : 'expired';
        event(row, reached, nowMs, { reason });
        if (change(row, 'fail', nowMs, { class: outcome, reason }))
          statusEvent(row, 'undeliverable', nowMs, { reason, class: outcome, permanent: true });
        return;
      }
      case 'lost':
        if (change(row, 'unconfirm', nowMs, { reason }))
          event(row, 'reported', nowMs, { reason, unconfirmed: true });
        return;
      default:
        assertNever(reached);
    }
  }

  /** What was asked for by hand while it was under way. @returns whether there was something */
  function obey(row: DeliverySqlRow & { asked: string | null }, nowMs: number): boolean {
    if (row.asked === null) return false;
    const order = JSON.parse(row.asked) as DeliveryOrder;
    row.asked = null;
    return carryOut(row, { ...order, nowMs });
  }

  function carryOut(row: DeliverySqlRow, order: DeliveryOrder): boolean {
    const { nowMs } = order;
    switch (order.kind) {
      case 'hold': {
        if (row.substatus === 'held') return false;
        const scheduledMs = scheduledFor(row, nowMs);
        // What is held does not grow older: the rest of its lifetime is kept.
        if (
          !change(row, 'hold', nowMs, {
            reason: order.reason,
            waitsFor: 'hold',
            remainingMs: Math.max(0, row.expires_at - nowMs),
            heldBy: { cause: order.cause ?? null, label: order.causeLabel ?? null },
          })
        )
          return false;
        if (scheduledMs !== null) keepDue.run(scheduledMs, row.seq);
        if (row.status === 'sent') stopActs.run(row.id);
        statusEvent(row, 'held', nowMs, {
          reason: order.reason,
          ...(order.cause === undefined
            ? {}
            : { heldBy: { key: order.cause, label: order.causeLabel ?? order.cause } }),
        });
        return true;
      }
      case 'release': {
        // A device that is off cannot be told to take it.
        if (row.substatus !== 'held' || row.waits_for === 'device') return false;
        const dueAtMs = Math.max(nowMs, Number(keptDue.get(row.seq) ?? nowMs));
        const heldBy = row.held_by;
        const heldSinceMs = row.held_at;
        const queued = row.status === 'queued';
        if (
          !change(row, 'release', nowMs, {
            reason: null,
            class: null,
            dueAtMs: queued ? dueAtMs : null,
            waitsFor: queued && dueAtMs > nowMs ? 'schedule' : null,
            expiresAtMs: nowMs + (row.remaining ?? Math.max(0, row.expires_at - nowMs)),
          })
        )
          return false;
        if (!queued) goOnWithActs.run(nowMs, nowMs, row.id);
        const changed = edit(row, queued ? order.envelope : undefined);
        row.released_from = letGoBy(row.released_from, heldBy);
        letGo.run(
          nowMs,
          row.released_from,
          row.recipient,
          row.domain,
          row.provider,
          row.mail_from,
          row.edited,
          row.seq,
        );
        statusEvent(row, 'released', nowMs, {
          reason: order.reason,
          ...(heldSinceMs === null ? {} : { heldSinceMs }),
          ...(queued && dueAtMs > nowMs ? { dueAtMs } : {}),
          ...(changed === null ? {} : { envelope: changed }),
        });
        return true;
      }
      case 'retry_now':
        if (row.status !== 'queued' || row.substatus === 'held' || row.due_at === null) return false;
        putBack.run(nowMs, row.substatus === 'deferred' ? 'retry' : null, row.reason, null, row.seq);
        return true;
      case 'resume':
        if (row.status !== 'queued' || row.due_at === null) return false;
        putBack.run(nowMs, row.substatus === 'deferred' ? 'retry' : null, row.reason, null, row.seq);
        return true;
      case 'cancel':
        if (!change(row, 'cancel', nowMs, { reason: order.reason })) return false;
        statusEvent(row, 'canceled', nowMs, { reason: order.reason, permanent: true });
        return true;
      case 'bounce':
        if (row.waits_for === 'device') return false;
        if (!change(row, 'fail', nowMs, { reason: order.reason, class: order.class })) return false;
        // What the far side would have done with it yet is not done any more.
        dropActs.run(row.id);
        statusEvent(row, 'undeliverable', nowMs, {
          reason: order.reason,
          class: order.class,
          permanent: true,
          byHand: true,
          ...(order.reply === undefined
            ? {}
            : {
                code: order.reply.code,
                ...(order.reply.enhanced === null ? {} : { enhanced: order.reply.enhanced }),
                providerStatus: order.reply.text,
              }),
        });
        if (order.suppress !== undefined && row.carriage !== 'webhook') suppress(row, order.suppress);
        noteTurnedBack(row, order);
        return true;
      default:
        return assertNever(order);
    }
  }

  /** What was there first is kept, however often it is edited. @returns what is another now, or null */
  function edit(row: DeliverySqlRow, envelope: EditedEnvelope | undefined): Record<string, unknown> | null {
    const before = row.mail_from ?? (envelopeFromOf.get(row.message) as string | undefined) ?? '';
    const { recipient } = row;
    const from = envelope?.from !== undefined && envelope.from !== before ? envelope.from : null;
    const to = envelope?.to !== undefined && envelope.to.recipient !== recipient ? envelope.to : null;
    if (row.message === null || (from === null && to === null)) return null;
    const first = row.edited === null ? noEdit : (JSON.parse(row.edited) as DeliveryEnvelope);
    const kept: DeliveryEnvelope = {
      from: first.from ?? (from === null ? null : before),
      to: first.to ?? (to === null ? null : recipient),
    };
    row.edited = JSON.stringify(kept);
    if (from !== null) row.mail_from = from;
    if (to !== null) {
      row.recipient = to.recipient;
      row.domain = to.domain;
      row.provider = to.provider;
    }
    return {
      ...(from === null ? {} : { from: { before, after: from } }),
      ...(to === null ? {} : { to: { before: recipient, after: to.recipient } }),
    };
  }

  function suppress(row: DeliverySqlRow, { suppression, runMax }: OrderedSuppression): void {
    const one = { ...suppression, address: row.recipient.toLowerCase(), deliveryId: row.id };
    if (runMax === null) suppressions.add([one]);
    else suppressions.softBounce({ runMax, suppression: one }, 'at_once');
  }

  /** One notice for all recipients of a message that come back alike; MAIL FROM of a delivery may be its own. */
  function noteTurnedBack(row: DeliverySqlRow, order: Extract<DeliveryOrder, { kind: 'bounce' }>): void {
    if (row.message_id === null) return;
    const delivery = {
      id: row.id,
      ...(order.reply === undefined
        ? {}
        : { said: { text: order.reply.text, status: order.reply.enhanced, remoteMta: null } }),
    };
    const key = JSON.stringify([row.message_id, row.mail_from]);
    const known = turnedBack.get(key);
    if (known !== undefined) known.deliveries.push(delivery);
    else turnedBack.set(key, { messageId: row.message_id, nowMs: order.nowMs, deliveries: [delivery] });
  }

  /** When its sender wants it sent, if that is still to come; a retry and a suspension are no such wish. */
  function scheduledFor(row: DeliverySqlRow, nowMs: number): number | null {
    if (row.status !== 'queued' || row.substatus !== null || row.due_at === null || row.due_at <= nowMs)
      return null;
    return row.waits_for === 'schedule' ? row.due_at : null;
  }

  /** In the transaction of what it tells of: neither a crash nor a full disk comes in between (RFC 5321 §6.1). */
  function withNotices<T>(work: () => T): T {
    turnedBack.clear();
    const done = work();
    for (const { messageId, nowMs, deliveries } of turnedBack.values()) {
      const data: OwnDsnData = { about: 'failure', messageId, deliveries };
      addAct.run(nowMs, ownDsnAct, JSON.stringify(data), null);
    }
    return done;
  }

  function orderOne(row: DeliverySqlRow, order: DeliveryOrder): boolean {
    if (row.lease === null || order.kind === 'resume') return carryOut(row, order);
    if (order.kind === 'retry_now' || order.kind === 'release' || isEnd(row.status)) return false;
    ask.run(JSON.stringify(order), row.seq);
    return true;
  }

  return {
    place,

    addTo(
      message: {
        readonly seq: number;
        readonly id: string;
        readonly project: { readonly id: number; readonly name: string };
      },
      channel: Carriage,
      deliveries: readonly NewDelivery[],
      nowMs: number,
    ): void {
      add(
        { messageSeq: message.seq, messageId: message.id, project: message.project, carriage: channel },
        deliveries,
        nowMs,
      );
    },

    add(request: AddDeliveries): void {
      const { messageId } = request;
      const found =
        messageId === null ? undefined : (messageSeq.get(messageId) as [number, number] | undefined);
      if (messageId !== null && found === undefined) return;
      const project = found === undefined ? state.project('main') : state.projectsById.get(found[1]);
      if (project === undefined) return;
      add(
        { messageSeq: found?.[0] ?? null, messageId, project, carriage: request.carriage },
        request.deliveries,
        request.nowMs,
      );
    },

    putBackInterrupted,
    claim: (request: ClaimRequest) => withNotices(() => claim(request)),
    record: (attempt: RecordedAttempt) => withNotices(() => record(attempt)),

    order(ids: readonly string[], order: DeliveryOrder): string[] {
      return withNotices(() =>
        ids.filter((id) => {
          const row = byId.get(id) as DeliverySqlRow | undefined;
          return row !== undefined && orderOne(row, order);
        }),
      );
    },

    /** One step: at most `orderStepMax` of those that match, after `from` and not newer than `upTo`. */
    orderMatching(
      filter: DeliveryFilter,
      order: DeliveryOrder,
      range: { readonly from: number; readonly upTo: number },
    ): { readonly done: number; readonly last: number | null } {
      const { where, parameters } = deliverySql(filter);
      const rows = db
        .prepare(
          `SELECT ${deliveryColumns} FROM deliveries d JOIN projects p ON p.id = d.project
             LEFT JOIN messages m ON m.seq = d.message
           WHERE ${where} AND d.seq > ? AND d.seq <= ? ORDER BY d.seq LIMIT ?`,
        )
        .all(...parameters, range.from, range.upTo, orderStepMax) as DeliverySqlRow[];
      const done = withNotices(() => rows.filter((row) => orderOne(row, order)).length);
      return { done, last: rows.length < orderStepMax ? null : (rows.at(-1)?.seq ?? null) };
    },

    note(facts: readonly Fact[]): void {
      for (const fact of facts) {
        const row = byId.get(fact.deliveryId) as DeliverySqlRow | undefined;
        if (row === undefined) continue;
        const { change: wanted } = fact;
        event(row, fact.type, fact.nowMs, fact.data);
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
      const row = byId.get(deliveryId) as DeliverySqlRow | undefined;
      if (row?.status === 'sent') place(row, placement, nowMs);
    },

    /** A device was reached, or will not be: of a delivery that the provider has taken. */
    reachedDevice(deliveryId: string, push: DevicePush, nowMs: number): void {
      const row = byId.get(deliveryId) as DeliverySqlRow | undefined;
      if (row?.status === 'sent') onDevice(row, push, nowMs);
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

/** The last ones, for two that took turns would hold it for ever. */
function letGoBy(before: string | null, heldBy: string | null): string | null {
  if (heldBy === null) return before;
  const others = (before?.split(' ') ?? []).filter((key) => key !== heldBy);
  return [...others, heldBy].slice(-releasedFromMax).join(' ');
}

/** What a push says of its delivery. */
interface DevicePush {
  readonly state: PushState;
  readonly shown: boolean;
  readonly reason: string | null;
}

interface TurnedBack {
  readonly messageId: string;
  readonly nowMs: number;
  readonly deliveries: OwnDsnData['deliveries'][number][];
}

const noEdit: DeliveryEnvelope = { from: null, to: null };

export type DeliveryWriter = ReturnType<typeof deliveryWriter>;

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

function reasonOf(reason: string | null, outcomeClass: string | null): Record<string, unknown> {
  return {
    ...(reason === null ? {} : { reason }),
    ...(outcomeClass === null ? {} : { class: outcomeClass }),
  };
}
