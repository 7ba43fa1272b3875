/** The writer's part for live relay: the audit log, and marking what is about to leave before it does. */
import type { NewAuditEntry } from '../../model/live-relay.ts';
import type { LiveSend } from '../store.ts';
import type { DeliveryChanges } from './delivery-changes.ts';
import type { Connection } from './open.ts';
import type { MessageWriter } from './write-messages.ts';

export function liveWriter(db: Connection, messages: MessageWriter, { setLive }: DeliveryChanges) {
  const insert = db.prepare(
    `INSERT INTO live_audit (at, kind, actor, channel, relay, recipient, message_id, delivery_id, detail)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );

  function add(entries: readonly NewAuditEntry[]): void {
    for (const one of entries) {
      insert.run(
        one.atMs,
        one.kind,
        one.by,
        one.channel,
        one.relay,
        one.recipient,
        one.messageId,
        one.deliveryId,
        JSON.stringify(one.detail),
      );
    }
    // Once for all of them: who looks at it reads it anew.
    const last = entries.at(-1);
    if (last !== undefined)
      messages.event('live_relay', last.atMs, {
        data: { kinds: [...new Set(entries.map(({ kind }) => kind))], by: last.by },
      });
  }

  return {
    add,
    /** In one transaction with its entry: what may have left is known to have, whatever happens then. */
    begin(sends: readonly LiveSend[]): void {
      for (const { deliverySeq, relayId } of sends) setLive(deliverySeq, relayId);
      add(sends.map(({ entry }) => entry));
    },
  };
}

export type LiveWriter = ReturnType<typeof liveWriter>;
