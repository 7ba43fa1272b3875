import { ActionIcon, Menu } from '@mantine/core';
import {
  IconArchive,
  IconClockPause,
  IconDots,
  IconEye,
  IconHourglassOff,
  IconMailOpened,
  IconX,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import {
  dismissInApp,
  expireInApp,
  type InAppMessage,
  type InAppPass,
  markInApp,
  snoozeInApp,
} from '../api/inapp.ts';
import { formatWhenExactly, plural } from '../format.ts';
import { displayRules, kindWords, standingOf, timesOf, titleOf } from './in-app-words.ts';
import classes from './queue-list.module.css';
import { useInAppAction } from './use-in-app-action.ts';

interface QueueListProps {
  readonly messages: readonly InAppMessage[];
  readonly total: number;
  readonly pass: InAppPass | null;
  readonly nowMs: number;
}

/** What waits for a user and what became of it, a row each, the newest first. */
export function QueueList({ messages, total, pass, nowMs }: QueueListProps) {
  return (
    <section aria-label="Queue" className={classes.queue}>
      <h2 className={classes.heading}>Queue</h2>
      <ul className={classes.list} aria-label="Messages of the queue">
        {messages.map((message) => (
          <li key={message.id} className={classes.row}>
            <QueueRow message={message} pass={pass} nowMs={nowMs} />
          </li>
        ))}
      </ul>
      {total > messages.length && (
        <p className={classes.more}>
          The newest {messages.length} of {total} are shown.
        </p>
      )}
    </section>
  );
}

interface QueueRowProps {
  readonly message: InAppMessage;
  readonly pass: InAppPass | null;
  readonly nowMs: number;
}

function QueueRow({ message, pass, nowMs }: QueueRowProps) {
  const { display, priority, tags, messageId, impressions } = message;
  const standing = standingOf(message, nowMs);
  const now = new Date(nowMs);
  const times = timesOf(message, nowMs, (iso) => formatWhenExactly(iso, now));
  const title = titleOf(message);
  return (
    <>
      <span className={classes.standing} data-tone={standing.tone}>
        <span aria-hidden>{standing.shape}</span> <span>{standing.word}</span>
      </span>
      <div className={classes.words}>
        <Link
          to="/messages/$id"
          params={{ id: messageId }}
          search={{
            tab: 'journey',
            ...(message.deliveryId === null ? {} : { delivery: message.deliveryId }),
          }}
          className={classes.title}
        >
          {title}
        </Link>
        <span className={classes.facts}>
          {kindWords[display.kind]} · priority {priority}
          {impressions > 0 && ` · ${plural(impressions, 'impression', 'impressions')}`}
          {tags.length > 0 && ` · ${tags.join(', ')}`}
        </span>
        <span className={classes.facts}>{displayRules(display).join(' · ')}</span>
        <span className={classes.facts}>
          {times.length === 0 ? 'nobody pulled it yet' : times.join(' · ')}
        </span>
      </div>
      {pass !== null && <Acts message={message} title={title} pass={pass} />}
    </>
  );
}

const snoozeSeconds = 3_600;

interface ActsProps {
  readonly message: InAppMessage;
  readonly title: string;
  readonly pass: InAppPass;
}

/** What the user could do in the app, and the end of its time. */
function Acts({ message, title, pass }: ActsProps) {
  const act = useInAppAction();
  const { id, state, readAt, seenAt, archivedAt } = message;
  const over = state === 'expired' || state === 'canceled' || state === 'held';
  const item = (label: string, icon: ReactNode, run: () => Promise<unknown>) => (
    <Menu.Item leftSection={icon} disabled={over} onClick={() => void act(run())}>
      {label}
    </Menu.Item>
  );
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={`Do something to “${title}”`}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {item(seenAt === null ? 'Mark as seen' : 'Mark as unseen', <IconEye size={14} aria-hidden />, () =>
          markInApp(pass, id, 'seen', seenAt === null),
        )}
        {item(
          readAt === null ? 'Mark as read' : 'Mark as unread',
          <IconMailOpened size={14} aria-hidden />,
          () => markInApp(pass, id, 'read', readAt === null),
        )}
        {item(
          archivedAt === null ? 'Archive' : 'Take out of the archive',
          <IconArchive size={14} aria-hidden />,
          () => markInApp(pass, id, 'archived', archivedAt === null),
        )}
        {item('Dismiss', <IconX size={14} aria-hidden />, () => dismissInApp(pass, id))}
        {item('Snooze for an hour', <IconClockPause size={14} aria-hidden />, () =>
          snoozeInApp(pass, id, snoozeSeconds),
        )}
        {item('Expire now', <IconHourglassOff size={14} aria-hidden />, () => expireInApp(id))}
      </Menu.Dropdown>
    </Menu>
  );
}
