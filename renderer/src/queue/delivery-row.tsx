import { memo } from 'react';
import type { Delivery } from '../../../core/api/schema.ts';
import { formatWhenExactly, withLocalTimes } from '../format.ts';
import { RealMark } from '../live-relay/real-mark.tsx';
import { recipientName } from '../status/recipient-name.ts';
import { StatusMark } from '../status/status-mark.tsx';
import classes from './delivery-row.module.css';

export const deliveryRowHeight = 52;

/** One delivery of the queue: who, what state, why, until when. */
export const DeliveryRow = memo(function DeliveryRow({ entry }: { readonly entry: Delivery }) {
  const { at, words, title } = whenOf(entry);
  return (
    <div className={classes.row}>
      <div className={classes.line}>
        <span className={classes.recipient}>{recipientName(entry)}</span>
        <RealMark delivery={entry} />
        <StatusMark delivery={entry} />
      </div>
      <div className={classes.line}>
        <span className={classes.why}>
          {entry.reason === null ? whereTo(entry) : withLocalTimes(entry.reason)}
        </span>
        <time className={classes.when} dateTime={at} title={title}>
          {words}
          {formatWhenExactly(at, new Date())}
        </time>
      </div>
    </div>
  );
});

const whereTo = (entry: Delivery): string =>
  `${entry.provider ?? entry.domain} · ${entry.stream}${entry.attempts === 0 ? '' : ` · ${entry.attempts} tried`}`;

/** Since when it waits for somebody, or when it goes on. */
function whenOf({ waitsFor, heldSince, nextAttemptAt, endedAt, createdAt }: Delivery): {
  readonly at: string;
  readonly words: string;
  readonly title: string | undefined;
} {
  if (heldSince !== null && waitsFor !== 'limit')
    return { at: heldSince, words: 'since ', title: sinceWords[waitsFor ?? 'hold'] ?? 'suspended since' };
  return nextAttemptAt === null
    ? { at: endedAt ?? createdAt, words: '', title: undefined }
    : { at: nextAttemptAt, words: 'next ', title: 'next attempt' };
}

const sinceWords: Readonly<Record<string, string>> = {
  hold: 'held since',
  device: 'waits for its device since',
};

/** Two answers of the core that look the same in this row. */
export function sameDelivery(a: Delivery, b: Delivery): boolean {
  return (
    a.id === b.id &&
    a.status === b.status &&
    a.substatus === b.substatus &&
    a.attempts === b.attempts &&
    a.reason === b.reason &&
    a.recipient === b.recipient &&
    a.waitsFor === b.waitsFor &&
    a.heldSince === b.heldSince &&
    a.nextAttemptAt === b.nextAttemptAt &&
    a.placement === b.placement &&
    a.live === b.live &&
    a.heldBy?.label === b.heldBy?.label
  );
}
