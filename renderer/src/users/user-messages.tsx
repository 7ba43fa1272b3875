import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Message } from '../../../core/api/schema.ts';
import { userMessagesQuery } from '../api/users.ts';
import { formatCount, formatDateTime } from '../format.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { StatusMark } from '../status/status-mark.tsx';
import { ChannelIcon } from './channel-icon.tsx';
import classes from './users-room.module.css';

/** Everything that was sent to the user over any channel, the newest first. */
export function UserMessages({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(userMessagesQuery(id));
  if (data === undefined)
    return error === null ? (
      <LoadingState what="the messages" />
    ) : (
      <ProblemState error={error} onRetry={() => void refetch()} />
    );
  if (data.entries.length === 0) return <p className={classes.hint}>Nothing was sent to them yet.</p>;
  return (
    <>
      <table className={classes.table} aria-label="Messages to the user">
        <thead>
          <tr>
            <th scope="col">Channel</th>
            <th scope="col">What</th>
            <th scope="col">Status</th>
            <th scope="col">When</th>
          </tr>
        </thead>
        <tbody>
          {data.entries.map((message) => (
            <tr key={message.id}>
              <td>
                <ChannelIcon channel={message.channel} />
              </td>
              <td>
                <Link className={classes.link} to="/messages/$id" params={{ id: message.id }} search={{}}>
                  {message.subject || message.snippet || 'no text'}
                </Link>
              </td>
              <td>
                <OwnStatus user={id} message={message} />
              </td>
              <td className={classes.time}>{formatDateTime(message.receivedAt)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {data.total > data.entries.length && (
        <p className={classes.hint}>
          The newest {formatCount(data.entries.length)} of {formatCount(data.total)};{' '}
          <Link className={classes.link} to="/messages" search={{ q: `user:${id}` }}>
            search for the others
          </Link>
          .
        </p>
      )}
    </>
  );
}

/** That of the delivery to this user, where the message went to several. */
function OwnStatus({ user, message }: { readonly user: string; readonly message: Message }) {
  const own = message.deliveries.find(({ recipient }) => recipient === user) ?? message.deliveries.at(-1);
  return own === undefined ? null : <StatusMark delivery={own} />;
}
