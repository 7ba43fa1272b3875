import { memo } from 'react';
import type { ListedUser } from '../api/users.ts';
import classes from './user-row.module.css';

export const userRowHeight = 52;

export const UserRow = memo(function UserRow({ entry }: { readonly entry: ListedUser }) {
  const reached = [entry.email, entry.phone].filter((one) => one !== null);
  return (
    <div className={classes.row}>
      <div className={classes.line}>
        <span className={classes.grow}>{entry.name ?? entry.id}</span>
        {entry.name !== null && <span className={classes.id}>{entry.id}</span>}
      </div>
      <div className={classes.line}>
        <span className={classes.grow}>{reached.length === 0 ? 'no address' : reached.join(' · ')}</span>
        {entry.preferences.unsubscribed && <span className={classes.unsubscribed}>unsubscribed</span>}
      </div>
    </div>
  );
});

export const sameUser = (a: ListedUser, b: ListedUser): boolean =>
  a.id === b.id && a.seq === b.seq && a.updatedAt === b.updatedAt;
