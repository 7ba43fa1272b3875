import { Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { liveQuery } from '../api/live-relay.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { withSearch } from '../room-search.ts';
import { AuditTab } from './audit-tab.tsx';
import { GoLiveTab } from './go-live-tab.tsx';
import classes from './live-relay-room.module.css';
import { RelaysTab } from './relays-tab.tsx';
import { ReturnMailboxTab } from './return-mailbox-tab.tsx';

const views = { live: 'Go live', relays: 'Relays', return: 'Return mailbox', log: 'Log' } as const;
type View = keyof typeof views;
const isView = (value: string | null): value is View => value !== null && value in views;

/** What goes out for real: by which relay, to whom, how much, until when, and what went. */
export function LiveRelayRoom() {
  const asked = useSearch({ strict: false, select: (search) => search.view ?? null });
  const view: View = isView(asked) ? asked : 'live';
  const navigate = useNavigate();
  const { data: status, error, refetch } = useQuery(liveQuery);
  if (status === undefined)
    return error === null ? (
      <LoadingState what="live relay" />
    ) : (
      <ProblemState error={error} onRetry={() => void refetch()} />
    );
  return (
    <div className={classes.room}>
      <header className={classes.head}>
        <h1 className={classes.title}>Live relay</h1>
        <p className={classes.about}>
          Sends messages to real recipients through providers of your own, for a while and within limits. Off
          at every start; nothing leaves this machine until you have seen what would go and confirmed it.
        </p>
      </header>
      <Tabs
        className={classes.tabs ?? ''}
        value={view}
        keepMounted={false}
        onChange={(next) =>
          void navigate({
            to: '.',
            search: (old) => withSearch(old, { view: next === 'live' ? null : next }),
            replace: true,
          })
        }
      >
        <Tabs.List className={classes.tabList ?? ''} aria-label="Parts of live relay">
          {Object.entries(views).map(([value, label]) => (
            <Tabs.Tab key={value} value={value}>
              {value === 'live' && status.live ? 'Live now' : label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="live" className={classes.panel ?? ''}>
          <GoLiveTab status={status} />
        </Tabs.Panel>
        <Tabs.Panel value="relays" className={classes.panel ?? ''}>
          <RelaysTab />
        </Tabs.Panel>
        <Tabs.Panel value="return" className={classes.panel ?? ''}>
          <ReturnMailboxTab />
        </Tabs.Panel>
        <Tabs.Panel value="log" className={classes.logPanel ?? ''}>
          <AuditTab />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}
