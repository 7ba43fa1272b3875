import { Link } from '@tanstack/react-router';
import type { MessageDetail } from '../../../core/api/schema.ts';
import { formatCount, formatDateTime, formatGap } from '../format.ts';
import { routeWords } from '../journey/multi-words.ts';
import classes from './message-head.module.css';

const recipientsShownMax = 6;

/** Whom a send over several channels is for, which ways it may take, and by what it was made. */
export function MultiFacts({ message: { multi } }: { readonly message: MessageDetail }) {
  if (multi === null) return null;
  const { fallback, recipients, recipientsTotal, template, topic, sendAt } = multi;
  return (
    <dl className={classes.people}>
      <dt>To</dt>
      <dd>
        {recipients.slice(0, recipientsShownMax).map((one) => (
          <Whom key={one} name={one} />
        ))}
        {recipientsTotal > recipientsShownMax && (
          <span className={classes.address}>
            and {formatCount(recipientsTotal - recipientsShownMax)} more
          </span>
        )}
      </dd>
      <dt>By</dt>
      <dd>
        <span>{routeWords(multi.channels, multi.routing)}</span>
        {fallback.unreadAfterSeconds !== null && (
          <span className={classes.address}>
            next when unread for {formatGap(fallback.unreadAfterSeconds * 1_000)}
          </span>
        )}
        {fallback.giveUpAfterSeconds !== null && (
          <span className={classes.address}>
            next when not delivered for {formatGap(fallback.giveUpAfterSeconds * 1_000)}
          </span>
        )}
        {sendAt !== null && <span className={classes.address}>at {formatDateTime(sendAt)}</span>}
      </dd>
      {(template !== null || topic !== null) && (
        <>
          <dt>Of</dt>
          <dd>
            {template !== null && (
              <Link
                className={classes.link}
                to="/templates/$template"
                params={{ template: template.id }}
                search={{}}
              >
                {template.id}
                {template.version === null ? '' : ` (${template.version})`}
              </Link>
            )}
            {topic !== null && (
              <Link className={classes.link} to="/users" search={{ place: 'topics', view: topic }}>
                topic {topic}
              </Link>
            )}
          </dd>
        </>
      )}
    </dl>
  );
}

/** `user:jane`, `segment:vip`, or an expression. */
function Whom({ name }: { readonly name: string }) {
  const at = name.indexOf(':');
  const [kind, id] = [name.slice(0, at), name.slice(at + 1)];
  switch (kind) {
    case 'user':
      return (
        <Link className={classes.link} to="/users/$user" params={{ user: id }} search={{}}>
          {id}
        </Link>
      );
    case 'segment':
      return (
        <Link className={classes.link} to="/users" search={{ place: 'segments', view: id }}>
          segment {id}
        </Link>
      );
    default:
      return <code>{id}</code>;
  }
}
