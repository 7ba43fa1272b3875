import { memo } from 'react';
import { formatWhenExactly } from '../format.ts';
import classes from './audit-tab.module.css';
import { type AuditLine, lineWords } from './audit-words.ts';
import { actorNames, auditKindNames, channelNames } from './live-words.ts';

export const auditRowHeight = 52;

export const AuditRow = memo(function AuditRow({ entry }: { readonly entry: AuditLine }) {
  return (
    <div className={classes.row}>
      <div className={classes.line}>
        <span className={classes.kind} data-real={entry.kind === 'send' || entry.kind === 'passed_through'}>
          {auditKindNames[entry.kind]}
        </span>
        {entry.channel !== null && <span className={classes.channel}>{channelNames[entry.channel]}</span>}
        <span className={classes.grow} />
        <time className={classes.when} dateTime={entry.at}>
          {formatWhenExactly(entry.at, new Date())}
        </time>
      </div>
      <div className={classes.line}>
        <span className={classes.grow}>{lineWords(entry)}</span>
        <span>{actorNames[entry.by]}</span>
      </div>
    </div>
  );
});
