import { Link } from '@tanstack/react-router';
import type { MessageDetail } from '../../../core/api/schema.ts';
import { formatDateTime } from '../format.ts';
import { kindWords, lifeWords } from '../inapp/in-app-words.ts';
import classes from './message-head.module.css';

const usersShownMax = 8;

/** For whom it waits, and as what. */
export function InAppFacts({ message }: { readonly message: MessageDetail }) {
  const { inapp, envelope } = message;
  const more = envelope.to.length - usersShownMax;
  const life = inapp === null ? null : lifeWords(inapp.ttlSeconds, inapp.expiresAt);
  return (
    <dl className={classes.people}>
      <dt>For</dt>
      <dd>
        {envelope.to.slice(0, usersShownMax).map((user) => (
          <Link key={user} to="/inapp/$user" params={{ user }} className={classes.number}>
            {user}
          </Link>
        ))}
        {more > 0 && <span className={classes.address}>and {more} more</span>}
      </dd>
      {inapp !== null && (
        <>
          <dt>As</dt>
          <dd>
            <span>{kindWords[inapp.display.kind]}</span>
            <span className={classes.address}>priority {inapp.priority}</span>
            {inapp.saveToInbox && inapp.display.kind !== 'inbox' && (
              <span className={classes.address}>stays in the inbox</span>
            )}
            {life !== null && <span className={classes.address}>to be had {life}</span>}
            {inapp.sendAt !== null && (
              <span className={classes.address}>from {formatDateTime(inapp.sendAt)}</span>
            )}
          </dd>
        </>
      )}
    </dl>
  );
}
