import { memo } from 'react';
import type { Delivery } from '../../../core/api/schema.ts';
import { formatWhenExactly } from '../format.ts';
import { recipientName } from '../status/recipient-name.ts';
import { StatusMark } from '../status/status-mark.tsx';
import classes from './delivery-row.module.css';

export const deliveryRowHeight = 52;

/** One delivery of the queue: who, what state, why, until when. */
export const DeliveryRow = memo(function DeliveryRow({ entry }: { readonly entry: Delivery }) {
  const until = entry.nextAttemptAt ?? entry.endedAt ?? entry.createdAt;
  return (
    <div className={classes.row}>
      <div className={classes.line}>
        <span className={classes.recipient}>{recipientName(entry)}</span>
        <StatusMark delivery={entry} />
      </div>
      <div className={classes.line}>
        <span className={classes.why}>{entry.reason ?? whereTo(entry)}</span>
        <time
          className={classes.when}
          dateTime={until}
          title={entry.nextAttemptAt === null ? undefined : 'next attempt'}
        >
          {entry.nextAttemptAt === null ? '' : 'next '}
          {formatWhenExactly(until, new Date())}
        </time>
      </div>
    </div>
  );
});

const whereTo = (entry: Delivery): string =>
  `${entry.provider ?? entry.domain} · ${entry.stream}${entry.attempts === 0 ? '' : ` · ${entry.attempts} tried`}`;

/** Two answers of the core that look the same in this row. */
export function sameDelivery(a: Delivery, b: Delivery): boolean {
  return (
    a.id === b.id &&
    a.status === b.status &&
    a.substatus === b.substatus &&
    a.attempts === b.attempts &&
    a.reason === b.reason &&
    a.nextAttemptAt === b.nextAttemptAt &&
    a.placement === b.placement
  );
}
