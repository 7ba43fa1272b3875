/** The writer's part for in-app messages whose deliveries are held, released or ended by hand or by a rule. */
import type { InAppState } from '../../model/inapp.ts';
import type { DeliveryOrder } from '../deliveries.ts';
import type { DeliverySqlRow } from './delivery-rows.ts';
import type { Connection } from './open.ts';
import type { MessageWriter } from './write-messages.ts';

interface Standing {
  readonly seq: number;
  readonly id: string;
  readonly user: string;
  readonly state: InAppState;
  readonly pulled_at: number | null;
}

export function inAppOrders(db: Connection, messages: MessageWriter) {
  const ofDelivery = db.prepare('SELECT seq, id, user, state, pulled_at FROM inapps WHERE delivery_id = ?');
  const setState = db.prepare('UPDATE inapps SET state = ? WHERE seq = ?');
  return {
    /** What the user gets follows what was ordered, in the same transaction. */
    follow(delivery: DeliverySqlRow, { kind, nowMs }: DeliveryOrder): void {
      for (const row of ofDelivery.all(delivery.id) as Standing[]) {
        const next = stateAfter(kind, row);
        if (next === null || next === row.state) continue;
        setState.run(next, row.seq);
        messages.event('inapp', Date.now(), {
          ...(delivery.message === null ? {} : { seq: delivery.message }),
          ...(delivery.message_id === null ? {} : { messageId: delivery.message_id }),
          deliveryId: delivery.id,
          project: delivery.project,
          virtualAtMs: nowMs,
          data: { id: row.id, user: row.user, what: next, by: 'order', state: next },
        });
      }
    },
  };
}

function stateAfter(kind: DeliveryOrder['kind'], { pulled_at }: Standing): InAppState | null {
  switch (kind) {
    case 'hold':
      return 'held';
    case 'release':
      return pulled_at === null ? 'waiting' : 'pulled';
    case 'cancel':
    case 'bounce':
      return 'canceled';
    case 'retry_now':
    case 'resume':
      return null;
  }
}
