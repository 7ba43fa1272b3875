import { Button, Text } from '@mantine/core';
import { IconDownload, IconPlus, IconUpload, IconUsers } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { type ListedUser, userPages, usersFileUrl } from '../api/users.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import type { FeedSource } from '../feed/feed.ts';
import { RoomFeed } from '../feed/room-feed.tsx';
import { useFeed } from '../feed/use-feed.ts';
import { plural } from '../format.ts';
import { FilterBar } from '../frame/filter-bar.tsx';
import { RoomState } from '../frame/room-states.tsx';
import { Split } from '../frame/split.tsx';
import { toastProblem } from '../frame/toast-problem.ts';
import { saveFile } from '../host/save-file.ts';
import { useLive, useLiveChange } from '../live/live-context.tsx';
import { AddUser } from './add-user.tsx';
import { ImportUsers } from './import-users.tsx';
import { SegmentsPart } from './segments-part.tsx';
import { TopicsPart } from './topics-part.tsx';
import { sameUser, UserRow, userRowHeight } from './user-row.tsx';
import { UserView } from './user-view.tsx';
import classes from './users-room.module.css';
import { UsersTabs, usePlace } from './users-tabs.tsx';

const typingPauseMs = 200;

/** Users of the app, the topics that they can hear of, and the segments that they are in. */
export function UsersRoom() {
  const place = usePlace();
  switch (place) {
    case 'topics':
      return <TopicsPart />;
    case 'segments':
      return <SegmentsPart />;
    case 'users':
      return <UsersPart />;
  }
}

function UsersPart() {
  const opened = useParams({ strict: false, select: ({ user }) => user ?? null });
  const [text, setText] = useState('');
  const [q, setQ] = useState('');
  const [dialog, setDialog] = useState<'add' | 'import' | null>(null);
  const navigate = useNavigate();
  useEffect(() => {
    const timer = setTimeout(() => setQ(text.trim()), typingPauseMs);
    return () => clearTimeout(timer);
  }, [text]);

  const source = useMemo<FeedSource<ListedUser>>(() => ({ fetch: userPages(q), same: sameUser }), [q]);
  const [feed, state] = useFeed(source);
  const connection = useLive().state;
  useEffect(() => {
    if (connection === 'open') void feed.reload();
  }, [connection, feed]);
  useLiveChange((change) => {
    if (change === 'resync' || change.users) void feed.reload();
  });
  const open = useCallback(
    (next: string | null) =>
      void navigate(
        next === null
          ? { to: '/users', search: (old) => old }
          : { to: '/users/$user', params: { user: next }, search: (old) => old },
      ),
    [navigate],
  );
  useCommands(useMemo<readonly Command[]>(() => commands(setDialog, download), []));

  return (
    <>
      <Split
        name="users"
        shown={opened === null ? 'list' : 'detail'}
        list={
          <>
            <UsersTabs />
            <FilterBar label="Filter users" value={text} onChange={setText}>
              <Button
                variant="default"
                leftSection={<IconPlus size={14} aria-hidden />}
                onClick={() => setDialog('add')}
              >
                Add
              </Button>
            </FilterBar>
            <RoomFeed
              what="users"
              empty={<Nobody filtered={q !== ''} onAdd={() => setDialog('add')} />}
              label="Users"
              feed={feed}
              state={state}
              entries={state.entries}
              selectedId={opened}
              onSelect={open}
              onOpen={() => document.getElementById('user')?.focus()}
              rowHeight={userRowHeight}
              Row={UserRow}
            />
            <div className={classes.foot}>
              <span className={classes.count}>{plural(state.total, 'user', 'users')}</span>
              <Button
                variant="default"
                leftSection={<IconUpload size={14} aria-hidden />}
                onClick={() => setDialog('import')}
              >
                Import
              </Button>
              <Button
                variant="default"
                leftSection={<IconDownload size={14} aria-hidden />}
                onClick={download}
              >
                Export
              </Button>
            </div>
          </>
        }
        detail={
          opened === null ? (
            <RoomState icon={<IconUsers size={28} stroke={1.3} aria-hidden />} title="No user open">
              Where each of them can be reached, what they want to hear, and everything that was sent to them.
            </RoomState>
          ) : (
            <UserView key={opened} id={opened} onClose={() => open(null)} />
          )
        }
      />
      <AddUser opened={dialog === 'add'} onClose={() => setDialog(null)} onAdded={open} />
      <ImportUsers opened={dialog === 'import'} onClose={() => setDialog(null)} />
    </>
  );
}

const commands = (
  setDialog: (dialog: 'add' | 'import') => void,
  exportAll: () => void,
): readonly Command[] => [
  { id: 'add-user', title: 'Add a user', group: 'Sandbox', keys: ['n'], run: () => setDialog('add') },
  {
    id: 'import-users',
    title: 'Import users from a CSV file',
    group: 'Sandbox',
    run: () => setDialog('import'),
  },
  { id: 'export-users', title: 'Export all users as CSV', group: 'Sandbox', run: exportAll },
];

function download(): void {
  saveFile(usersFileUrl(), 'users.csv').catch((error: unknown) =>
    toastProblem(error, 'The users could not be saved'),
  );
}

function Nobody({ filtered, onAdd }: { readonly filtered: boolean; readonly onAdd: () => void }) {
  return (
    <RoomState
      icon={<IconUsers size={28} stroke={1.5} aria-hidden />}
      title={filtered ? 'No user matches this filter' : 'No users yet'}
    >
      {!filtered && (
        <>
          <Text size="md" c="dimmed">
            Users of the app, with where they can be reached and what they want to hear. Import them from a
            CSV file, or let your backend tell of them by POST /v1/users.
          </Text>
          <Button variant="light" onClick={onAdd}>
            Add a user
          </Button>
        </>
      )}
    </RoomState>
  );
}
