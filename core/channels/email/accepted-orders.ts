/** What rules of a door want done with a message that it takes, put into the deliveries that are planned for it. Pure. */
import type { NewDelivery } from '../../model/delivery.ts';
import type { MessageDetails, Submission } from '../../model/message.ts';
import { noDetails } from '../../model/message-details.ts';
import { byCause, causeKey, type Decision, type Ordered } from '../../rules/decision.ts';
import type { OrdersByRecipient } from './end-of-data.ts';
import { isOf } from './purpose.ts';

type Planned = Pick<Submission, 'delivery' | 'details'>;

/**
 * A held delivery waits for its release, a black-holed one is sent and never heard of again, a duplicated one is there
 * several times; the rest is for the far side to do. Where nothing is delivered there is nobody to do anything.
 */
export function withOrders<P extends Planned>(planned: P, orders: OrdersByRecipient, newId: () => string): P {
  const { delivery } = planned;
  if (delivery === null || orders.size === 0) return planned;
  const to = delivery.to.flatMap((one) => ordered(one, orders.get(one.recipient) ?? [], newId));
  const details = withFarSideOrders(planned.details, orders);
  return { ...planned, delivery: { ...delivery, to }, details };
}

function ordered(one: NewDelivery, decisions: readonly Decision[], newId: () => string): NewDelivery[] {
  const hold = decisions.find((decision) => isOf(decision, 'hold'));
  const blackHole = decisions.find((decision) => isOf(decision, 'blackHole'));
  const duplicate = decisions.find((decision) => isOf(decision, 'duplicate'));
  const changed: NewDelivery =
    hold !== undefined
      ? {
          ...one,
          substatus: 'held',
          dueAtMs: null,
          // Released, it goes when its sender wants it sent, where that is still to come.
          scheduledAtMs: one.dueAtMs,
          reason: heldReason(hold),
          heldBy: { key: causeKey(hold.cause), label: hold.cause.label },
        }
      : blackHole !== undefined
        ? {
            ...one,
            status: 'sent',
            substatus: 'unconfirmed',
            dueAtMs: null,
            reason: `accepted and lost ${byCause(blackHole.cause)}: it is never delivered, and nobody is told`,
          }
        : one;
  const copies = duplicate?.action.copies ?? 1;
  return Array.from({ length: copies }, (_, copy) => (copy === 0 ? changed : { ...changed, id: newId() }));
}

function heldReason({ cause, action }: Decision): string {
  const why = action.do === 'hold' ? action.reason : undefined;
  return `held ${byCause(cause)}${why === undefined ? '' : `: ${why}`}`;
}

function withFarSideOrders(details: MessageDetails | null, orders: OrdersByRecipient): MessageDetails | null {
  const wanted: Ordered[] = [];
  for (const [recipient, decisions] of orders) {
    const held = decisions.some((one) => isOf(one, 'hold'));
    const theirs = decisions.filter(
      (one) =>
        isOf(one, 'bounceLater', 'complain', 'place', 'autoReply', 'corrupt') ||
        // Of what was held first, it is the far side that loses it.
        (held && isOf(one, 'blackHole')),
    );
    if (theirs.length > 0) wanted.push({ recipient, decisions: theirs });
  }
  return wanted.length === 0 ? details : { ...(details ?? noDetails), ordered: wanted };
}
