/** The writer's part for what is pushed to devices: one row a push and device, and the delivery that it is of. */
import type { KeptPhone, KeptPushes } from '../../model/message.ts';
import {
  type NewPush,
  type PushChange,
  type PushFlags,
  type PushState,
  phoneDocuments,
} from '../../model/phone.ts';
import type { Connection } from './open.ts';
import type { DeliveryWriter } from './write-deliveries.ts';
import type { FarSideWriter } from './write-far-side.ts';
import type { MessageWriter } from './write-messages.ts';

interface PushStanding {
  readonly seq: number;
  readonly id: string;
  readonly phone: string;
  readonly message: number | null;
  readonly message_id: string;
  readonly delivery_id: string | null;
  readonly state: PushState;
  readonly shown: number;
  readonly reason: string | null;
  readonly expires_at: number | null;
  readonly delivered_at: number | null;
  readonly flags: string;
}

export function pushWriter(
  db: Connection,
  messages: MessageWriter,
  deliveries: DeliveryWriter,
  farSide: FarSideWriter,
) {
  const insert = db.prepare(
    `INSERT INTO pushes (id, phone, app, provider, message, message_id, delivery_id, state, shown, reason, collapse_key,
       priority, received_at, expires_at, delivered_at, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const byId = db.prepare(
    `SELECT seq, id, phone, message, message_id, delivery_id, state, shown, reason, expires_at,
       delivered_at, flags FROM pushes
     WHERE id = ?`,
  );
  const update = db.prepare(
    'UPDATE pushes SET state = ?, shown = ?, reason = ?, delivered_at = ?, flags = ? WHERE seq = ?',
  );
  const messageSeq = db.prepare('SELECT seq FROM messages WHERE id = ?').pluck();

  function put(push: NewPush, accepted: { readonly seq: number } | null): void {
    const message = accepted?.seq ?? (messageSeq.get(push.messageId) as number | undefined) ?? null;
    insert.run(
      push.id,
      push.phoneId,
      push.app,
      push.provider,
      message,
      push.messageId,
      push.deliveryId,
      push.state,
      push.shown ? 1 : 0,
      push.reason,
      push.collapseKey,
      push.priority,
      push.receivedAtMs,
      push.expiresAtMs,
      push.deliveredAtMs,
      JSON.stringify(push.content),
    );
    // A delivery that comes with its message is where this leaves it already; one of the queue's is settled with its attempt.
    if (accepted === null && push.deliveryId !== null)
      deliveries.reachedDevice(push.deliveryId, push, push.receivedAtMs);
  }

  function change({ id, nowMs, state, shown, reason, flags, deliveredAtMs }: PushChange): boolean {
    const row = byId.get(id) as PushStanding | undefined;
    if (row === undefined) return false;
    const next = {
      state: state ?? row.state,
      shown: shown ?? row.shown === 1,
      reason: reason === undefined ? row.reason : reason,
      expiresAtMs: row.expires_at,
    };
    update.run(
      next.state,
      next.shown ? 1 : 0,
      next.reason,
      // What is stored may have a time there at which it was to come.
      next.state === 'delivered' && row.state !== 'delivered'
        ? nowMs
        : deliveredAtMs === undefined
          ? row.delivered_at
          : deliveredAtMs,
      flags === undefined
        ? row.flags
        : JSON.stringify({ ...(JSON.parse(row.flags) as Partial<PushFlags>), ...flags }),
      row.seq,
    );
    // One that was held and waits on has a delivery that waits for the device from now on.
    if (state !== undefined && (state !== row.state || state === 'stored') && row.delivery_id !== null)
      deliveries.reachedDevice(row.delivery_id, next, nowMs);
    messages.event('phone', Date.now(), {
      ...(row.message === null ? {} : { seq: row.message }),
      messageId: row.message_id,
      ...(row.delivery_id === null ? {} : { deliveryId: row.delivery_id }),
      virtualAtMs: nowMs,
      data: { phoneId: row.phone, pushId: row.id, state: next.state },
    });
    return true;
  }

  function keepPhone({ phoneId, document, news, nowMs, deliveryId = null }: KeptPhone): void {
    if (document === null) farSide.deleteDocument(phoneDocuments, phoneId);
    else farSide.saveDocument(phoneDocuments, phoneId, JSON.stringify(document));
    messages.event('phone', Date.now(), {
      ...(deliveryId === null ? {} : { deliveryId }),
      virtualAtMs: nowMs,
      data: { phoneId, ...news },
    });
  }

  return {
    /** @param accepted the message that they came with in this transaction, or null: it is stored already */
    keep({ puts, changes, acts, phones = [] }: KeptPushes, accepted: { readonly seq: number } | null): void {
      for (const one of phones) keepPhone(one);
      for (const one of changes) change(one);
      for (const one of puts) put(one, accepted);
      farSide.addActs(acts);
    },
    change,
  };
}

export type PushWriter = ReturnType<typeof pushWriter>;
