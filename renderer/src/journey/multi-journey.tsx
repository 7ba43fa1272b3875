import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { Part } from '../../../core/api/multi-view-schema.ts';
import type { MessageDetail } from '../../../core/api/schema.ts';
import { deliveryQuery } from '../api/deliveries.ts';
import { partsQuery } from '../api/multi.ts';
import { formatDateTime, formatGap } from '../format.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { useLiveChange } from '../live/live-context.tsx';
import { withSearch } from '../room-search.ts';
import { DeliveryButtons } from '../status/delivery-buttons.tsx';
import { StatusMark } from '../status/status-mark.tsx';
import { ChannelIcon } from '../users/channel-icon.tsx';
import { channelWords } from '../users/channel-words.ts';
import classes from './multi-journey.module.css';
import { routeWords, whyWords } from './multi-words.ts';

interface MultiJourneyProps {
  /** The delivery of the send to one of its users. */
  readonly id: string;
  readonly message: MessageDetail;
}

/** A send over several channels, for one user: which ways it took, what became of each, and why the next was tried. */
export function MultiJourney({ id, message }: MultiJourneyProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const delivery = useQuery(deliveryQuery(id)).data ?? null;
  const query = partsQuery(message.id, id);
  const { data: parts, error, refetch } = useQuery(query);
  useLiveChange((change) => {
    if (change === 'resync') return;
    // The ways are messages of their own: what happens to them is told of them.
    const concerned =
      change.deliveries.has(id) ||
      change.arrived.size > 0 ||
      (parts ?? []).some(({ messageId }) => messageId !== null && change.deliveredMessages.has(messageId));
    if (concerned) void queries.invalidateQueries({ queryKey: query.queryKey });
  });
  if (parts === undefined)
    return error === null ? (
      <LoadingState what="the journey" />
    ) : (
      <ProblemState error={error} onRetry={() => void refetch()} />
    );
  const who = delivery?.recipient ?? '';
  const untried = (message.multi?.channels ?? []).filter(
    (channel) => !parts.some((part) => part.channel === channel),
  );
  const over = delivery !== null && delivery.status !== 'queued' && delivery.status !== 'sent';
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label={`Journey to ${who}`}>
      {delivery !== null && (
        <div className={classes.bar}>
          <Link className={classes.who} to="/users/$user" params={{ user: who }} search={{}}>
            {who}
          </Link>
          <StatusMark delivery={delivery} />
          <DeliveryButtons
            delivery={delivery}
            onNew={(next) =>
              void navigate({ to: '.', search: (old) => withSearch(old, { delivery: next }), replace: true })
            }
          />
        </div>
      )}
      {parts.length === 0 && delivery?.reason != null && <p className={classes.note}>{delivery.reason}</p>}
      {parts.length === 0 && (
        <p className={classes.note}>
          {delivery?.status === 'queued' ? 'It waits for its first channel.' : 'No channel was tried.'}
        </p>
      )}
      <ol className={classes.steps} aria-label="Channels tried">
        {parts.map((part, index) => (
          <Way
            key={part.step}
            part={part}
            before={parts[index - 1] ?? null}
            message={message}
            last={index === parts.length - 1 && untried.length === 0}
          />
        ))}
        {untried.map((channel, index) => (
          <li key={channel} className={classes.step}>
            <div className={classes.track} aria-hidden>
              <span className={classes.icon}>
                <ChannelIcon channel={channel} label={null} />
              </span>
              {index < untried.length - 1 && <span className={classes.thread} />}
            </div>
            <div className={classes.what}>
              <span className={classes.time}>
                {channelWords[channel]}: {over ? 'was not needed, or not possible' : 'not tried yet'}
              </span>
            </div>
          </li>
        ))}
      </ol>
      {message.multi !== null && (
        <p className={classes.note}>
          Asked for: {routeWords(message.multi.channels, message.multi.routing)}.
        </p>
      )}
    </section>
  );
}

interface WayProps {
  readonly part: Part;
  readonly before: Part | null;
  readonly message: MessageDetail;
  readonly last: boolean;
}

function Way({ part, before, message, last }: WayProps) {
  const { channel, status, reason, startedAt, endedAt } = part;
  const own = part.message?.deliveries ?? [];
  return (
    <li className={classes.step}>
      <div className={classes.track}>
        <span className={classes.icon} data-face={status}>
          <ChannelIcon channel={channel} />
        </span>
        {!last && <span className={classes.thread} aria-hidden />}
      </div>
      <div className={classes.what}>
        <div className={classes.line}>
          <span className={classes.channel}>{channelWords[channel]}</span>
          <StatusMark delivery={{ status, substatus: null, placement: null, attempts: 0 }} />
          {part.message === null ? (
            <span className={classes.time}>
              {part.messageId === null ? 'no message was made' : 'its message was deleted'}
            </span>
          ) : (
            <Link
              className={classes.link}
              to="/messages/$id"
              params={{ id: part.message.id }}
              search={{ tab: 'journey' }}
            >
              {own.length === 1
                ? `the message to ${shortened(own[0]?.recipient ?? '')}`
                : `the message to ${own.length} addresses`}
            </Link>
          )}
          <time className={classes.time} dateTime={startedAt}>
            {formatDateTime(startedAt)}
            {endedAt !== null && `, over after ${formatGap(Date.parse(endedAt) - Date.parse(startedAt))}`}
          </time>
        </div>
        <p className={classes.why}>{whyWords(part, before, message.multi?.fallback ?? null)}</p>
        {reason !== null && (
          <p className={classes.reason} data-bad={status === 'undeliverable'}>
            {reason}
          </p>
        )}
        {own.length > 1 &&
          own.map((one) => (
            <p key={one.id} className={classes.reason}>
              {shortened(one.recipient)}: {one.status}
              {one.reason === null ? '' : `, ${one.reason}`}
            </p>
          ))}
        {part.passedOver !== null && (
          <p className={classes.why}>
            {part.passedOver === 'unread' ? 'Nobody read it in time.' : 'It was given up.'}
          </p>
        )}
      </div>
    </li>
  );
}

const recipientCharsShown = 32;
const shortened = (recipient: string): string =>
  recipient.length > recipientCharsShown ? `${recipient.slice(0, recipientCharsShown)}…` : recipient;
