import { IconArrowBackUp, IconFlag, IconStarFilled } from '@tabler/icons-react';
import { memo } from 'react';
import type { MailboxMessage } from '../../../core/api/mailbox-schema.ts';
import { formatWhen } from '../format.ts';
import classes from './copy-row.module.css';

export const copyRowHeight = 52;

export const CopyRow = memo(function CopyRow({ entry }: { readonly entry: MailboxMessage }) {
  const { flags } = entry;
  return (
    <div className={classes.row} data-unread={!flags.seen}>
      <span className={classes.dot} role="img" aria-label={flags.seen ? 'read' : 'unread'} />
      <div className={classes.top}>
        <span className={classes.from}>{entry.fromName ?? entry.envelopeFrom}</span>
        <time className={classes.when} dateTime={entry.receivedAt}>
          {formatWhen(entry.receivedAt, new Date())}
        </time>
      </div>
      <div className={classes.bottom}>
        <span className={classes.subject}>{entry.subject ?? '(no subject)'}</span>
        {flags.reportedSpam && (
          <IconFlag size={13} className={classes.bad} role="img" aria-label="reported" />
        )}
        {flags.answered && <IconArrowBackUp size={13} role="img" aria-label="answered" />}
        {flags.starred && (
          <IconStarFilled size={13} className={classes.star} role="img" aria-label="starred" />
        )}
        {entry.dmarc !== 'pass' && <span className={classes.bad}>DMARC {entry.dmarc}</span>}
        <span className={classes.score}>{pointsInWords(entry.score)}</span>
      </div>
    </div>
  );
});

export const pointsInWords = (points: number): string => String(Number(points.toFixed(1)));

export const sameCopy = (a: MailboxMessage, b: MailboxMessage): boolean =>
  a.id === b.id &&
  a.subject === b.subject &&
  a.fromName === b.fromName &&
  a.placement === b.placement &&
  JSON.stringify(a.flags) === JSON.stringify(b.flags);
