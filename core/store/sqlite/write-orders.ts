/** The writer's part for what is done to deliveries by hand or by policy: hold, release, retry, cancel, bounce. */
import { assertNever } from '../../model/app-error.ts';
import { type DeliveryEnvelope, isAttempted, isCall } from '../../model/delivery.ts';
import { type EndedByHand, endedByHandAct } from '../../model/ended-by-hand.ts';
import { multiActs } from '../../model/multi-steps.ts';
import { type OwnDsnData, ownDsnAct } from '../../model/own-dsn.ts';
import { isEnd } from '../../model/status.ts';
import type { DeliveryFilter, DeliveryOrder, EditedEnvelope, OrderedSuppression } from '../deliveries.ts';
import type { DeliveryChanges } from './delivery-changes.ts';
import { type DeliverySqlRow, deliveryColumns } from './delivery-rows.ts';
import { deliverySql } from './delivery-sql.ts';
import { inAppOrders } from './inapp-orders.ts';
import type { Connection } from './open.ts';
import type { MessageWriter } from './write-messages.ts';
import type { SuppressionWriter } from './write-suppressions.ts';

/** Deliveries that one transaction of an order to many changes at the most. */
const orderStepMax = 60;

/** Rules that one delivery remembers to have been let go by. */
const releasedFromMax = 200;

export function orderWriter(
  db: Connection,
  { byId, change, statusEvent, putBack, keepDue }: DeliveryChanges,
  suppressions: SuppressionWriter,
  messages: MessageWriter,
) {
  const inApp = inAppOrders(db, messages);
  const waysWaiting = db
    .prepare(
      `SELECT d.id FROM multi_steps s JOIN messages m ON m.id = s.child_id JOIN deliveries d ON d.message = m.seq
       WHERE s.delivery_id = ? AND d.status = 'queued'`,
    )
    .pluck();
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
  const resumeActs = db.prepare(
    'UPDATE acts SET due_at = max(held_due, ?), held_due = NULL WHERE delivery_id = ? AND held_due IS NOT NULL',
  );
  const dropActs = db.prepare('DELETE FROM acts WHERE delivery_id = ?');
  // What an app brought to a provider's door; of our own sends the provider knows nothing of what is done here.
  const broughtSms = db
    .prepare(
      'SELECT id FROM smses WHERE message = ? AND delivery_id = ? AND own = 0 ORDER BY seq DESC LIMIT 1',
    )
    .pluck();
  const ask = db.prepare('UPDATE deliveries SET asked = ? WHERE seq = ?');
  const envelopeFromOf = db.prepare('SELECT envelope_from FROM messages WHERE seq = ?').pluck();
  const addAct = db.prepare('INSERT INTO acts (due_at, kind, data, delivery_id) VALUES (?, ?, ?, ?)');
  /** Deliveries that the operation under way turns back by hand, by their message: its sender is owed one notice. */
  const turnedBack = new Map<string, TurnedBack>();

  /** What was asked for by hand while it was under way. @returns whether there was something */
  function obey(row: DeliverySqlRow, nowMs: number): boolean {
    if (row.asked === null) return false;
    const order = JSON.parse(row.asked) as DeliveryOrder;
    row.asked = null;
    return carryOut(row, { ...order, nowMs });
  }

  function carryOut(row: DeliverySqlRow, order: DeliveryOrder): boolean {
    const done = carriedOut(row, order);
    if (done && row.carriage === 'inapp') inApp.follow(row, order);
    return done;
  }

  function carriedOut(row: DeliverySqlRow, order: DeliveryOrder): boolean {
    const { nowMs } = order;
    switch (order.kind) {
      case 'hold': {
        // To hold it would be to send it by ourselves at its release.
        if (row.substatus === 'held' || isScheduledAtProvider(row)) return false;
        const scheduledMs = row.carriage === 'multi' ? keptFor(row, nowMs) : scheduledFor(row, nowMs);
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
        if (scheduledMs !== null) keepDue(row.seq, scheduledMs);
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
            dueAtMs: queued && isAttempted(row.carriage) ? dueAtMs : null,
            waitsFor: queued && dueAtMs > nowMs ? 'schedule' : null,
            expiresAtMs: nowMs + (row.remaining ?? Math.max(0, row.expires_at - nowMs)),
          })
        )
          return false;
        if (!queued) goOnWithActs.run(nowMs, nowMs, row.id);
        if (row.carriage === 'multi') goOnWithWays(row, dueAtMs, nowMs);
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
        putBack(row, { dueAtMs: nowMs, reason: row.reason });
        return true;
      case 'resume':
        if (row.status !== 'queued' || row.due_at === null) return false;
        putBack(row, { dueAtMs: nowMs, reason: row.reason });
        return true;
      case 'cancel':
        if (!change(row, 'cancel', nowMs, { reason: order.reason })) return false;
        endAtCarrier(row, 'canceled', order.reason, nowMs);
        statusEvent(row, 'canceled', nowMs, { reason: order.reason, permanent: true });
        return true;
      case 'bounce':
        if (row.waits_for === 'device') return false;
        if (!change(row, 'fail', nowMs, { reason: order.reason, class: order.class })) return false;
        endAtCarrier(row, 'undelivered', order.reason, nowMs);
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
        if (order.suppress !== undefined && !isCall(row.carriage)) suppress(row, order.suppress);
        noteTurnedBack(row, order);
        return true;
      default:
        return assertNever(order);
    }
  }

  /** What the far side would have done with it yet is not done any more; the carriers hear of it, for they remember it. */
  function endAtCarrier(
    row: DeliverySqlRow,
    state: EndedByHand['state'],
    reason: string | null,
    nowMs: number,
  ): void {
    if (row.carriage === 'multi') {
      cancelWays(row, reason, nowMs);
      return;
    }
    if (row.carriage !== 'sms') {
      if (state !== 'canceled') dropActs.run(row.id);
      return;
    }
    const smsId = broughtSms.get(row.message, row.id) as string | undefined;
    if (smsId === undefined) {
      resumeActs.run(nowMs, row.id);
      return;
    }
    dropActs.run(row.id);
    const data: EndedByHand = { smsId, state, reason };
    addAct.run(nowMs, endedByHandAct, JSON.stringify(data), null);
  }

  /** What was made of a send over several channels, and nobody took yet, goes with it. */
  function cancelWays(row: DeliverySqlRow, reason: string | null, nowMs: number): void {
    dropActs.run(row.id);
    for (const id of waysWaiting.all(row.id) as string[]) {
      const way = byId(id);
      if (way !== undefined)
        orderOne(way, { kind: 'cancel', nowMs, reason: reason ?? 'the send that it is a part of has ended' });
    }
  }

  /** A send over several channels took no step while it was held. */
  function goOnWithWays(row: DeliverySqlRow, dueAtMs: number, nowMs: number): void {
    if (dueAtMs > nowMs) keepDue(row.seq, dueAtMs);
    addAct.run(dueAtMs, multiActs.next, JSON.stringify({ deliveryId: row.id }), row.id);
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
    if (row.message_id === null || row.carriage !== 'email') return;
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

  /** The same for what no queue has a turn for. */
  function keptFor(row: DeliverySqlRow, nowMs: number): number | null {
    const dueAtMs = Number(keptDue.get(row.seq) ?? nowMs);
    return row.waits_for === 'schedule' && dueAtMs > nowMs ? dueAtMs : null;
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
    obey,
    carryOut,
    withNotices,

    order(ids: readonly string[], order: DeliveryOrder): string[] {
      return withNotices(() =>
        ids.filter((id) => {
          const row = byId(id);
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
  };
}

export type OrderWriter = ReturnType<typeof orderWriter>;

/** Its provider has it, and sends it at its time: the queue has no turn for it. */
function isScheduledAtProvider({ carriage, status, due_at, lease, waits_for }: DeliverySqlRow): boolean {
  return (
    carriage === 'sms' && status === 'queued' && due_at === null && lease === null && waits_for === 'schedule'
  );
}

/** The last ones, for two that took turns would hold it for ever. */
function letGoBy(before: string | null, heldBy: string | null): string | null {
  if (heldBy === null) return before;
  const others = (before?.split(' ') ?? []).filter((key) => key !== heldBy);
  return [...others, heldBy].slice(-releasedFromMax).join(' ');
}

interface TurnedBack {
  readonly messageId: string;
  readonly nowMs: number;
  readonly deliveries: OwnDsnData['deliveries'][number][];
}

const noEdit: DeliveryEnvelope = { from: null, to: null };
