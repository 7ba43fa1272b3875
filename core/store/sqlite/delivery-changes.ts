/**
 * Changes of a delivery's row, and the events that tell of them. Every change of status goes through the one table of
 * model/status; what it forbids is left as it is.
 */
import type { WaitsFor } from '../../model/delivery.ts';
import type { EventType } from '../../model/message.ts';
import { isEnd, type TransitionKind, transition } from '../../model/status.ts';
import { type DeliverySqlRow, deliveryColumns } from './delivery-rows.ts';
import type { Connection } from './open.ts';
import type { MessageWriter } from './write-messages.ts';
import type { WriterState } from './writer-state.ts';

/** What events say of a delivery. */
export type EventSubject = Pick<
  DeliverySqlRow,
  'id' | 'message' | 'message_id' | 'project' | 'recipient' | 'provider'
>;

export function deliveryChanges(db: Connection, state: WriterState, messages: MessageWriter) {
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
       leased_due = NULL, asked = NULL, sent_at = coalesce(sent_at, ?), sent_wall = coalesce(sent_wall, ?),
       ended_wall = ? WHERE seq = ?`,
  );
  const putBackRow = db.prepare(
    `UPDATE deliveries SET due_at = ?, waits_for = ?, reason = ?, held_at = coalesce(held_at, ?), lease = NULL,
       leased_due = NULL WHERE seq = ?`,
  );
  const setProvider = db.prepare('UPDATE deliveries SET provider = ?, domain = ? WHERE seq = ?');
  const setLive = db.prepare('UPDATE deliveries SET live = ? WHERE seq = ?');
  const setProviderId = db.prepare('UPDATE deliveries SET provider_id = ? WHERE seq = ?');
  const keepDueOf = db.prepare('UPDATE deliveries SET leased_due = ? WHERE seq = ?');

  function event(row: EventSubject, type: EventType, nowMs: number, data: Record<string, unknown>): void {
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
    row: EventSubject,
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
    const wallMs = Date.now();
    const taken = to.status === 'sent';
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
      taken ? nowMs : null,
      taken ? wallMs : null,
      isEnd(to.status) ? wallMs : null,
      row.seq,
    );
    if (to.status !== 'queued' && row.message !== null) state.mayHaveEnded(row.message);
    if (row.message !== null && row.carriage !== 'multi') state.partChanged(row.message, nowMs);
    return true;
  }

  /** Into the queue again: nothing came of its turn. */
  function putBack(
    { seq, substatus }: DeliverySqlRow,
    next: {
      readonly dueAtMs: number;
      readonly reason: string | null;
      /** Left out: the new try that it waited for, or its turn. */
      readonly waitsFor?: WaitsFor | null;
      readonly heldAtMs?: number;
    },
  ): void {
    const { dueAtMs, reason, waitsFor = substatus === 'deferred' ? 'retry' : null, heldAtMs = null } = next;
    putBackRow.run(dueAtMs, waitsFor, reason, heldAtMs, seq);
  }

  /** It was another provider that took it than the one that was to be asked first. */
  function takenBy(row: DeliverySqlRow, provider: string, domain: string): void {
    setProvider.run(provider, domain, row.seq);
    row.provider = provider;
  }

  /** When its sender wants it, while something else decides when it has its turn. */
  function keepDue(seq: number, dueAtMs: number): void {
    keepDueOf.run(dueAtMs, seq);
  }

  return {
    event,
    statusEvent,
    change,
    putBack,
    takenBy,
    keepDue,
    setLive: (seq: number, relayId: string | null): void => {
      setLive.run(relayId, seq);
    },
    setProviderId: (seq: number, providerId: string): void => {
      setProviderId.run(providerId, seq);
    },
    bySeq: (seq: number) => bySeq.get(seq) as DeliverySqlRow | undefined,
    byId: (id: string) => byId.get(id) as DeliverySqlRow | undefined,
  };
}

export type DeliveryChanges = ReturnType<typeof deliveryChanges>;
