import { ActionIcon, Button, Code, Text, TextInput, Tooltip } from '@mantine/core';
import { IconAppWindow, IconFilter, IconPlus } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { statusQuery } from '../api/core.ts';
import { inAppUsersQuery } from '../api/inapp.ts';
import { ApiProblem } from '../api/request.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { formatCount } from '../format.ts';
import { LoadingState, ProblemState, RoomState } from '../frame/room-states.tsx';
import { Split } from '../frame/split.tsx';
import { useLiveChange } from '../live/live-context.tsx';
import { paced } from '../live/paced.ts';
import classes from '../phones/phones-room.module.css';
import { NewMessageDialog } from './new-message-dialog.tsx';
import { UserList } from './user-list.tsx';
import { UserView } from './user-view.tsx';

const typingPauseMs = 200;
const refreshIntervalMs = 500;
const listWidth = 290;

/** Users with what waits for them in the app, and the app itself on two devices. */
export function InAppRoom() {
  const opened = useParams({ strict: false, select: ({ user }) => user ?? null });
  const [text, setText] = useState('');
  const [q, setQ] = useState('');
  const [writing, setWriting] = useState<'open' | 'closed'>('closed');
  const field = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery({ ...inAppUsersQuery(q), placeholderData: keepPreviousData });
  useFreshQueues();

  useEffect(() => {
    const timer = setTimeout(() => setQ(text.trim()), typingPauseMs);
    return () => clearTimeout(timer);
  }, [text]);

  const open = useCallback(
    (user: string) => void navigate({ to: '/inapp/$user', params: { user }, search: true }),
    [navigate],
  );
  const write = useCallback(() => setWriting('open'), []);
  const commands = useMemo<readonly Command[]>(
    () => [
      {
        id: 'inapp-find',
        title: 'Find a user',
        group: 'List',
        keys: ['f'],
        run: () => {
          field.current?.focus();
          field.current?.select();
        },
      },
      { id: 'inapp-new', title: 'New in-app message', group: 'Sandbox', keys: ['n'], run: write },
    ],
    [write],
  );
  useCommands(commands);

  const users = data?.entries ?? [];
  if (error instanceof ApiProblem && error.status === 404) return <NoDoor />;
  return (
    <>
      <Split
        name="inapp"
        usualWidth={listWidth}
        shown={opened === null ? 'list' : 'detail'}
        list={
          <>
            <div className={classes.bar}>
              <TextInput
                ref={field}
                className={classes.filter ?? ''}
                placeholder="Find by id"
                aria-label="Find a user"
                leftSection={<IconFilter size={14} aria-hidden />}
                value={text}
                onChange={(event) => setText(event.currentTarget.value)}
              />
              <Tooltip label="New message (n)">
                <ActionIcon aria-label="New in-app message" onClick={write}>
                  <IconPlus size={16} aria-hidden />
                </ActionIcon>
              </Tooltip>
            </div>
            {data === undefined &&
              (error === null ? (
                <LoadingState what="users" />
              ) : (
                <ProblemState error={error} onRetry={() => void refetch()} />
              ))}
            {data !== undefined && users.length === 0 && (
              <RoomState
                icon={<IconAppWindow size={28} stroke={1.5} aria-hidden />}
                title={q === '' ? 'Nobody has one yet' : 'No user matches'}
              >
                <Text size="md" c="dimmed">
                  {q === ''
                    ? 'The first in-app message to a user lists them here.'
                    : 'Look for a part of the id.'}
                </Text>
              </RoomState>
            )}
            {users.length > 0 && <UserList users={users} selected={opened} onSelect={open} />}
            {data !== undefined && data.total > users.length && (
              <p className={classes.more}>
                {formatCount(users.length)} of {formatCount(data.total)} are shown; search to see others.
              </p>
            )}
          </>
        }
        detail={
          opened !== null ? (
            <UserView key={opened} user={opened} onNew={write} />
          ) : data === undefined ? null : (
            <NobodyOpen empty={q === '' && users.length === 0} onNew={write} />
          )
        }
      />
      <NewMessageDialog
        opened={writing === 'open'}
        user={opened ?? ''}
        onClose={() => setWriting('closed')}
        onSent={open}
      />
    </>
  );
}

/** What happens to in-app messages is fetched again twice a second at most, while it is seen. */
function useFreshQueues(): void {
  const queries = useQueryClient();
  const refresh = useMemo(
    () => paced(() => queries.invalidateQueries({ queryKey: ['inapp'] }), refreshIntervalMs),
    [queries],
  );
  useEffect(() => () => refresh.stop(), [refresh]);
  useLiveChange((change) => {
    if (change === 'resync' || change.inapp.size > 0 || change.arrived.size > 0 || change.wholesale)
      refresh.run();
  });
}

const exampleOf = (address: string): string =>
  [
    `curl ${address}/inapp/v1/messages \\`,
    "  -H 'content-type: application/json' \\",
    `  -d '{"user":"anna","title":"Hello","body":"It came through.","display":{"kind":"modal"}}'`,
  ].join('\n');

function NobodyOpen({ empty, onNew }: { readonly empty: boolean; readonly onNew: () => void }) {
  const status = useQuery(statusQuery).data;
  const address = `http://${status?.host ?? 'localhost'}:${status?.ports.providers ?? 8026}`;
  return (
    <RoomState
      icon={<IconAppWindow size={28} stroke={1.3} aria-hidden />}
      title={empty ? 'No in-app messages yet' : 'No user open'}
    >
      <Text size="md" c="dimmed">
        {empty
          ? 'They wait here for each user until the app asks for them. Send the first one:'
          : 'Open one on the left: their queue, and the app itself on a phone and in a browser. Or send another:'}
      </Text>
      <Code block ta="left">
        {exampleOf(address)}
      </Code>
      <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={onNew}>
        Write one here
      </Button>
      <Button component={Link} to="/connect" variant="subtle">
        The client for your app
      </Button>
    </RoomState>
  );
}

function NoDoor() {
  return (
    <RoomState
      icon={<IconAppWindow size={28} stroke={1.5} aria-hidden />}
      title="There is no in-app door here"
    >
      <Text size="md" c="dimmed">
        The core runs without the door of the providers: start it with --ports and a providers port.
      </Text>
    </RoomState>
  );
}
