import { Tooltip } from '@mantine/core';
import {
  IconAppWindow,
  IconArrowsLeftRight,
  IconBan,
  IconBolt,
  IconBroadcast,
  IconDeviceMobile,
  IconMail,
  IconMailbox,
  IconMailForward,
  IconPlugConnected,
  IconSettings,
  IconTemplate,
  IconUsers,
  IconWorld,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { statsQuery } from '../api/core.ts';
import { formatCount } from '../format.ts';
import markUrl from '../theme/icon.svg';
import classes from './frame.module.css';
import type { Room } from './rooms.ts';

/** The rooms. A number says how many messages nobody has read yet. */
export function Rail() {
  const project = useSearch({ strict: false, select: (search) => search.project ?? null });
  const unread = useQuery(statsQuery(project)).data?.unread ?? 0;
  return (
    <nav className={classes.rail} aria-label="Rooms">
      <img className={classes.mark} src={markUrl} alt="Sandpost" />
      <Place
        to="/messages"
        label={unread === 0 ? 'Messages' : `Messages, ${formatCount(unread)} unread`}
        badge={unread}
      >
        <IconMail size={20} stroke={1.6} aria-hidden />
      </Place>
      <Place to="/queue" label="Queue">
        <IconMailForward size={20} stroke={1.6} aria-hidden />
      </Place>
      <Place to="/mailboxes" label="Mailboxes">
        <IconMailbox size={20} stroke={1.6} aria-hidden />
      </Place>
      <Place to="/phones" label="Phones">
        <IconDeviceMobile size={20} stroke={1.6} aria-hidden />
      </Place>
      <Place to="/inapp" label="In-app">
        <IconAppWindow size={20} stroke={1.6} aria-hidden />
      </Place>
      <Place to="/users" label="Users">
        <IconUsers size={20} stroke={1.6} aria-hidden />
      </Place>
      <Place to="/templates" label="Templates">
        <IconTemplate size={20} stroke={1.6} aria-hidden />
      </Place>
      <Place to="/rules" label="Rules">
        <IconBolt size={20} stroke={1.6} aria-hidden />
      </Place>
      <Place to="/domains" label="Domains">
        <IconWorld size={20} stroke={1.6} aria-hidden />
      </Place>
      <Place to="/exchanges" label="Exchanges">
        <IconArrowsLeftRight size={20} stroke={1.6} aria-hidden />
      </Place>
      <Place to="/suppressions" label="Suppressions">
        <IconBan size={20} stroke={1.6} aria-hidden />
      </Place>
      <Place to="/live-relay" label="Live relay">
        <IconBroadcast size={20} stroke={1.6} aria-hidden />
      </Place>
      <Place to="/connect" label="Connect">
        <IconPlugConnected size={20} stroke={1.6} aria-hidden />
      </Place>
      <div className={classes.railSpace} />
      <Place to="/settings" label="Settings">
        <IconSettings size={20} stroke={1.6} aria-hidden />
      </Place>
    </nav>
  );
}

interface PlaceProps {
  readonly to: Room;
  readonly label: string;
  readonly badge?: number;
  readonly children: ReactNode;
}

function Place({ to, label, badge = 0, children }: PlaceProps) {
  return (
    <Tooltip label={label} position="right">
      <Link
        to={to}
        search={(search) => (search.project === undefined ? {} : { project: search.project })}
        className={classes.place}
        activeOptions={{ includeSearch: false }}
        aria-label={label}
      >
        {children}
        {badge > 0 && (
          <span className={classes.badge} aria-hidden>
            {badge > 999 ? '999+' : badge}
          </span>
        )}
      </Link>
    </Tooltip>
  );
}
