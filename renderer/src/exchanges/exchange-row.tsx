import { IconLock } from '@tabler/icons-react';
import { memo } from 'react';
import type { Exchange } from '../../../core/api/schema.ts';
import { formatDuration, formatWhen, plural } from '../format.ts';
import classes from './exchange-row.module.css';
import { outcomes } from './outcomes.ts';

export const exchangeRowHeight = 52;

export const ExchangeRow = memo(function ExchangeRow({ entry }: { readonly entry: Exchange }) {
  const outcome = outcomes[entry.outcome];
  return (
    <div className={classes.row} data-tone={outcome.tone}>
      <span className={classes.shape} aria-hidden>
        {outcome.shape}
      </span>
      <div className={classes.top}>
        <span className={classes.title}>
          {outcome.title}
          {entry.messages > 0 && ` · ${plural(entry.messages, 'message', 'messages')}`}
          {entry.refusals > 0 && ` · ${plural(entry.refusals, 'refusal', 'refusals')}`}
        </span>
        <time className={classes.when} dateTime={entry.startedAt}>
          {formatWhen(entry.startedAt, new Date())}
        </time>
      </div>
      <div className={classes.bottom}>
        <span className={classes.reason}>
          {entry.reason ??
            `${entry.clientName ?? entry.remoteAddress}${entry.user === null ? '' : ` as ${entry.user}`}`}
        </span>
        {entry.tls !== null && <IconLock size={12} role="img" aria-label={entry.tls.protocol} />}
        <span>{entry.door}</span>
        <span className={classes.duration}>
          {entry.endedAt === null
            ? 'open'
            : formatDuration(Date.parse(entry.endedAt) - Date.parse(entry.startedAt))}
        </span>
      </div>
    </div>
  );
});

export const sameExchange = (a: Exchange, b: Exchange): boolean =>
  a.id === b.id &&
  a.outcome === b.outcome &&
  a.endedAt === b.endedAt &&
  a.messages === b.messages &&
  a.refusals === b.refusals;
