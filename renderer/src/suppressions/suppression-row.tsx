import { memo } from 'react';
import type { ListedSuppression } from '../api/suppressions.ts';
import { formatWhen } from '../format.ts';
import classes from './suppression-row.module.css';
import { reasonWords, scopeWords } from './suppression-words.ts';

export const suppressionRowHeight = 52;

export const SuppressionRow = memo(function SuppressionRow({ entry }: { readonly entry: ListedSuppression }) {
  return (
    <div className={classes.row}>
      <div className={classes.line}>
        <span className={classes.grow}>{entry.address}</span>
        <time className={classes.when} dateTime={entry.createdAt}>
          {formatWhen(entry.createdAt, new Date())}
        </time>
      </div>
      <div className={classes.line}>
        <span className={classes.grow}>
          {reasonWords[entry.reason]}
          {entry.detail === null ? '' : `: ${entry.detail}`}
        </span>
        {entry.scope !== 'all' && <span>{scopeWords[entry.scope]}</span>}
        {entry.expiresAt !== null && <span>until {formatWhen(entry.expiresAt, new Date())}</span>}
      </div>
    </div>
  );
});

export const sameSuppression = (a: ListedSuppression, b: ListedSuppression): boolean =>
  a.id === b.id && a.reason === b.reason && a.expiresAt === b.expiresAt && a.createdAt === b.createdAt;
