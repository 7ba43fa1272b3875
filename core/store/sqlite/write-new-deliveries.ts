/** The writer's part for deliveries that are new: their rows, and the events that tell where they begin. */
import type { Carriage, NewDelivery } from '../../model/delivery.ts';
import { multiActs, startedTogetherMax } from '../../model/multi-steps.ts';
import { isEnd } from '../../model/status.ts';
import type { AddDeliveries } from '../store.ts';
import type { DeliveryChanges } from './delivery-changes.ts';
import { saidIn } from './delivery-steps.ts';
import type { Connection } from './open.ts';
import type { MessageWriter } from './write-messages.ts';
import type { WriterState } from './writer-state.ts';

export function newDeliveryWriter(
  db: Connection,
  state: WriterState,
  messages: MessageWriter,
  { statusEvent, keepDue }: DeliveryChanges,
) {
  const insert = db.prepare(
    `INSERT INTO deliveries (seq, id, carriage, message, project, recipient, domain, provider, stream, parameters, status,
       substatus, class, reason, created_at, due_at, waits_for, expires_at, remaining, ended_at, retry_of, held_at,
       held_by, held_label, about, user_id, created_wall, sent_at, sent_wall, ended_wall, live, lease, handed_on)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const messageSeq = db.prepare('SELECT seq, project FROM messages WHERE id = ?').raw();
  const addAct = db.prepare('INSERT INTO acts (due_at, kind, data, delivery_id) VALUES (?, ?, ?, ?)');

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
    const wallMs = Date.now();
    if (about.carriage === 'multi') startMulti(about.messageId, deliveries, nowMs);
    for (const one of deliveries) {
      const seq = ++state.deliverySeq;
      // A provider takes it first, whatever becomes of it then; where there is none to take it, it ends at once.
      const takenBefore =
        one.status === 'delivered' ||
        (one.status === 'undeliverable' && isOfDevices(about.carriage) && one.provider !== null);
      const taken = takenBefore || one.status === 'sent';
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
          ? one.status === 'sent' && isOfDevices(about.carriage) && one.heldBy == null
            ? 'device'
            : 'hold'
          : (one.dueAtMs !== null && one.dueAtMs > nowMs) ||
              isScheduledThere(one, about.carriage) ||
              isMultiToCome(one, about.carriage, nowMs)
            ? 'schedule'
            : null,
        one.expiresAtMs,
        one.substatus === 'held' ? one.expiresAtMs - nowMs : null,
        isEnd(one.status) ? nowMs : null,
        one.retryOf,
        one.substatus === 'held' ? nowMs : null,
        one.heldBy?.key ?? null,
        one.heldBy?.label ?? null,
        one.about ?? null,
        one.user ?? null,
        wallMs,
        taken ? nowMs : null,
        taken ? wallMs : null,
        isEnd(one.status) ? wallMs : null,
        one.live ?? null,
        one.handedOn === true ? state.run : null,
        one.handedOn === true ? 1 : null,
      );
      if (
        (one.substatus === 'held' || about.carriage === 'multi') &&
        one.scheduledAtMs != null &&
        one.scheduledAtMs > nowMs
      )
        keepDue(seq, one.scheduledAtMs);
      state.addDelivery(one);
      messages.event('queued', wallMs, {
        ...(about.messageSeq === null ? {} : { seq: about.messageSeq }),
        ...(about.messageId === null ? {} : { messageId: about.messageId }),
        project: about.project.name,
        deliveryId: one.id,
        virtualAtMs: nowMs,
        data: {
          recipient: one.recipient,
          ...(one.provider === null ? {} : { provider: one.provider }),
          // Null: it is at its end already, and nobody need look at it.
          ...(isEnd(one.status)
            ? { dueAtMs: null }
            : one.dueAtMs === null || one.dueAtMs <= nowMs
              ? {}
              : { dueAtMs: one.dueAtMs }),
          ...(one.retryOf === null ? {} : { retryOf: one.retryOf }),
        },
      });
      if (one.substatus === 'held' || one.status !== 'queued') {
        // Not read back: a door writes thousands of these a second.
        const row = {
          id: one.id,
          message: about.messageSeq,
          message_id: about.messageId,
          project: about.project.name,
          recipient: one.recipient,
          provider: one.provider,
        };
        if (takenBefore) statusEvent(row, 'sent', nowMs, {});
        if (one.status !== 'queued') {
          statusEvent(row, one.status, nowMs, {
            ...(one.shown === undefined ? {} : { shown: one.shown }),
            ...reasonOf(one.reason, one.class),
            ...(one.substatus === 'unconfirmed' ? { substatus: 'unconfirmed' } : {}),
            ...(one.step === undefined ? {} : saidIn(one.step)),
            permanent: one.status === 'undeliverable' || one.status === 'canceled',
          });
        }
        if (one.substatus === 'held')
          statusEvent(row, 'held', nowMs, {
            ...reasonOf(one.reason, one.class),
            ...(one.step === undefined ? {} : saidIn(one.step)),
          });
        if (one.substatus === 'deferred' && one.step !== undefined)
          statusEvent(row, 'deferred', nowMs, saidIn(one.step));
      }
    }
  }

  /** They have no turn in the queue: what is to be done for them is an act, in steps that neither stall nor take long. */
  function startMulti(messageId: string | null, added: readonly NewDelivery[], nowMs: number): void {
    for (let at = 0; at < added.length; at += startedTogetherMax) {
      const together = added.slice(at, at + startedTogetherMax).filter((one) => !isEnd(one.status));
      const [first] = together;
      if (first === undefined) continue;
      const data = { messageId, deliveries: together.map((one) => one.id) };
      addAct.run(Math.max(first.scheduledAtMs ?? nowMs, nowMs), multiActs.start, JSON.stringify(data), null);
    }
  }

  return {
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
  };
}

/** What its provider keeps for a device that is off. */
function isOfDevices(carriage: Carriage): boolean {
  return carriage === 'push' || carriage === 'sms';
}

/** Its provider has it, and sends it later: nothing that the queue would do. */
function isScheduledThere(
  { status, substatus, dueAtMs, handedOn }: NewDelivery,
  carriage: Carriage,
): boolean {
  return (
    carriage === 'sms' && status === 'queued' && substatus === null && dueAtMs === null && handedOn !== true
  );
}

/** Its sender wants it later, and no queue has a turn for it. */
function isMultiToCome(one: NewDelivery, carriage: Carriage, nowMs: number): boolean {
  return carriage === 'multi' && one.scheduledAtMs != null && one.scheduledAtMs > nowMs;
}

function reasonOf(reason: string | null, outcomeClass: string | null): Record<string, unknown> {
  return {
    ...(reason === null ? {} : { reason }),
    ...(outcomeClass === null ? {} : { class: outcomeClass }),
  };
}
