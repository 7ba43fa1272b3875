import { ActionIcon, Text, TextInput, Tooltip } from '@mantine/core';
import { IconFilter, IconMessage2, IconPlus } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { SmsThreadView } from '../../../core/api/sms-schema.ts';
import { allThreadsQuery, handsetsQuery } from '../api/handsets.ts';
import { ApiProblem } from '../api/request.ts';
import { useVirtualNow } from '../clock/use-virtual-now.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { formatCount } from '../format.ts';
import { LoadingState, ProblemState, RoomState } from '../frame/room-states.tsx';
import { Split } from '../frame/split.tsx';
import { useLiveChange } from '../live/live-context.tsx';
import { paced } from '../live/paced.ts';
import { NoPhones } from '../phones/no-phones.tsx';
import classes from '../phones/phones-room.module.css';
import { PhonesTabs } from '../phones/phones-tabs.tsx';
import { withSearch } from '../room-search.ts';
import { HandsetList } from './handset-list.tsx';
import { HandsetView } from './handset-view.tsx';
import { HandsetsOverview } from './handsets-overview.tsx';
import { NewHandsetDialog } from './new-handset-dialog.tsx';

const typingPauseMs = 200;
const refreshIntervalMs = 1_000;
const listWidth = 290;

/** The numbers that SMS come to, and what their owners answer. */
export function HandsetsRoom() {
  const opened = useParams({ strict: false, select: ({ number }) => number ?? null });
  const [text, setText] = useState('');
  const [q, setQ] = useState('');
  const [making, setMaking] = useState<'open' | 'closed'>('closed');
  const field = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const nowMs = useVirtualNow();
  const { data, error, refetch } = useQuery({ ...handsetsQuery(q), placeholderData: keepPreviousData });
  const threads = useQuery(allThreadsQuery).data;
  const newest = useMemo(() => newestThreads(threads ?? []), [threads]);
  useFreshHandsets();

  useEffect(() => {
    const timer = setTimeout(() => setQ(text.trim()), typingPauseMs);
    return () => clearTimeout(timer);
  }, [text]);

  const open = useCallback(
    (number: string) =>
      void navigate({
        to: '/phones/handsets/$number',
        params: { number },
        search: (old) => withSearch(old, { sender: null }),
      }),
    [navigate],
  );
  const commands = useMemo<readonly Command[]>(
    () => [
      {
        id: 'handset-find',
        title: 'Find a handset',
        group: 'List',
        keys: ['f'],
        run: () => {
          field.current?.focus();
          field.current?.select();
        },
      },
      {
        id: 'handset-new',
        title: 'Add a handset',
        group: 'Sandbox',
        keys: ['n'],
        run: () => setMaking('open'),
      },
      {
        id: 'handset-settings',
        title: 'Senders and settings of all handsets',
        group: 'Sandbox',
        keys: [','],
        run: () =>
          void navigate({ to: '/phones/handsets', search: (old) => withSearch(old, { sender: null }) }),
      },
    ],
    [navigate],
  );
  useCommands(commands);

  const handsets = data?.entries ?? [];
  if (error instanceof ApiProblem && error.status === 404) return <NoPhones />;
  return (
    <>
      <Split
        name="phones"
        usualWidth={listWidth}
        shown={opened === null ? 'list' : 'detail'}
        list={
          <>
            <PhonesTabs />
            <div className={classes.bar}>
              <TextInput
                ref={field}
                className={classes.filter ?? ''}
                placeholder="Find by number, name or user"
                aria-label="Find a handset"
                leftSection={<IconFilter size={14} aria-hidden />}
                value={text}
                onChange={(event) => setText(event.currentTarget.value)}
              />
              <Tooltip label="Add a handset (n)">
                <ActionIcon aria-label="Add a handset" onClick={() => setMaking('open')}>
                  <IconPlus size={16} aria-hidden />
                </ActionIcon>
              </Tooltip>
            </div>
            {data === undefined &&
              (error === null ? (
                <LoadingState what="handsets" />
              ) : (
                <ProblemState error={error} onRetry={() => void refetch()} />
              ))}
            {data !== undefined && handsets.length === 0 && (
              <RoomState
                icon={<IconMessage2 size={28} stroke={1.5} aria-hidden />}
                title={q === '' ? 'No handset yet' : 'No handset matches'}
              >
                <Text size="md" c="dimmed">
                  {q === ''
                    ? 'The first SMS to a number makes one.'
                    : 'Look for a part of a number, a name, or a user.'}
                </Text>
              </RoomState>
            )}
            {handsets.length > 0 && (
              <HandsetList
                handsets={handsets}
                threads={newest}
                selected={opened}
                nowMs={nowMs}
                onSelect={open}
              />
            )}
            {data !== undefined && data.total > handsets.length && (
              <p className={classes.more}>
                {formatCount(handsets.length)} of {formatCount(data.total)} are shown; search to see others.
              </p>
            )}
          </>
        }
        detail={
          opened === null ? (
            <HandsetsOverview
              empty={data !== undefined && q === '' && handsets.length === 0}
              onNew={() => setMaking('open')}
            />
          ) : (
            <HandsetView key={opened} number={opened} />
          )
        }
      />
      <NewHandsetDialog opened={making === 'open'} onClose={() => setMaking('closed')} onMade={open} />
    </>
  );
}

/** What happens to messages and handsets is fetched again once a second at most, while it is seen. */
function useFreshHandsets(): void {
  const queries = useQueryClient();
  const refresh = useMemo(
    () => paced(() => queries.invalidateQueries({ queryKey: ['handsets'] }), refreshIntervalMs),
    [queries],
  );
  useEffect(() => () => refresh.stop(), [refresh]);
  useLiveChange((change) => {
    if (change === 'resync' || change.handsets || change.deliveries.size > 0 || change.arrived.size > 0)
      refresh.run();
  });
}

function newestThreads(threads: readonly SmsThreadView[]): ReadonlyMap<string, SmsThreadView> {
  const byNumber = new Map<string, SmsThreadView>();
  for (const thread of threads) if (!byNumber.has(thread.number)) byNumber.set(thread.number, thread);
  return byNumber;
}
