import { ActionIcon, Text, TextInput, Tooltip } from '@mantine/core';
import { IconDeviceMobile, IconFilter, IconPlus } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation, useNavigate, useParams } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { makeExamplePhones, phonesQuery } from '../api/phones.ts';
import { ApiProblem } from '../api/request.ts';
import { useVirtualNow } from '../clock/use-virtual-now.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { formatCount } from '../format.ts';
import { LoadingState, ProblemState, RoomState } from '../frame/room-states.tsx';
import { Split } from '../frame/split.tsx';
import { HandsetsRoom } from '../handsets/handsets-room.tsx';
import { useLiveChange } from '../live/live-context.tsx';
import { paced } from '../live/paced.ts';
import { NewPhoneDialog } from './new-phone-dialog.tsx';
import { NoPhones } from './no-phones.tsx';
import { PhoneList } from './phone-list.tsx';
import { PhoneView } from './phone-view.tsx';
import { PhonesOverview } from './phones-overview.tsx';
import classes from './phones-room.module.css';
import { inHandsets, PhonesTabs } from './phones-tabs.tsx';
import { usePhoneAction } from './use-phone-action.ts';

const typingPauseMs = 200;
const refreshIntervalMs = 1_000;
/** Narrower than elsewhere: a device has columns of its own. */
const listWidth = 290;

/** The simulated phones: devices that pushes come to, and handsets that SMS come to. */
export function PhonesRoom() {
  const handsets = useLocation({ select: ({ pathname }) => inHandsets(pathname) });
  return handsets ? <HandsetsRoom /> : <DevicesRoom />;
}

/** Phones and browsers of users, and what was pushed to them. */
function DevicesRoom() {
  const opened = useParams({ strict: false, select: ({ phoneId }) => phoneId ?? null });
  const [text, setText] = useState('');
  const [q, setQ] = useState('');
  const [making, setMaking] = useState<'open' | 'closed'>('closed');
  const field = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const nowMs = useVirtualNow();
  const act = usePhoneAction();
  const { data, error, refetch } = useQuery({ ...phonesQuery(q), placeholderData: keepPreviousData });
  useFreshPhones();

  useEffect(() => {
    const timer = setTimeout(() => setQ(text.trim()), typingPauseMs);
    return () => clearTimeout(timer);
  }, [text]);

  const open = useCallback(
    (phoneId: string) => void navigate({ to: '/phones/$phoneId', params: { phoneId }, search: (old) => old }),
    [navigate],
  );
  const commands = useMemo<readonly Command[]>(
    () => [
      {
        id: 'phone-find',
        title: 'Find a phone or browser',
        group: 'List',
        keys: ['f'],
        run: () => {
          field.current?.focus();
          field.current?.select();
        },
      },
      {
        id: 'phone-new',
        title: 'Add a phone or browser',
        group: 'Sandbox',
        keys: ['n'],
        run: () => setMaking('open'),
      },
      {
        id: 'phone-settings',
        title: 'Settings of all phones: unknown tokens, how long APNs keeps',
        group: 'Sandbox',
        keys: [','],
        run: () => void navigate({ to: '/phones', search: (old) => old }),
      },
    ],
    [navigate],
  );
  useCommands(commands);

  const phones = data?.entries ?? [];
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
                placeholder="Find by name, user, app or token"
                aria-label="Find a phone or browser"
                leftSection={<IconFilter size={14} aria-hidden />}
                value={text}
                onChange={(event) => setText(event.currentTarget.value)}
              />
              <Tooltip label="Add a phone or browser (n)">
                <ActionIcon aria-label="Add a phone or browser" onClick={() => setMaking('open')}>
                  <IconPlus size={16} aria-hidden />
                </ActionIcon>
              </Tooltip>
            </div>
            {data === undefined &&
              (error === null ? (
                <LoadingState what="phones" />
              ) : (
                <ProblemState error={error} onRetry={() => void refetch()} />
              ))}
            {data !== undefined && phones.length === 0 && (
              <RoomState
                icon={<IconDeviceMobile size={28} stroke={1.5} aria-hidden />}
                title={q === '' ? 'No phone yet' : 'No phone matches'}
              >
                <Text size="md" c="dimmed">
                  {q === ''
                    ? 'The first push to a token makes one.'
                    : 'Look for a name, a user, an app, or the beginning of a token.'}
                </Text>
              </RoomState>
            )}
            {phones.length > 0 && (
              <PhoneList phones={phones} selected={opened} nowMs={nowMs} onSelect={open} />
            )}
            {data !== undefined && data.total > phones.length && (
              <p className={classes.more}>
                {formatCount(phones.length)} of {formatCount(data.total)} are shown; search to see others.
              </p>
            )}
          </>
        }
        detail={
          opened === null ? (
            <PhonesOverview
              empty={data !== undefined && q === '' && phones.length === 0}
              onNew={() => setMaking('open')}
              onExample={() => void act(makeExamplePhones(), 'Jane has three devices')}
            />
          ) : (
            <PhoneView key={opened} id={opened} />
          )
        }
      />
      <NewPhoneDialog opened={making === 'open'} onClose={() => setMaking('closed')} onMade={open} />
    </>
  );
}

/** What happens to pushes and devices is fetched again once a second at most, while it is seen. */
function useFreshPhones(): void {
  const queries = useQueryClient();
  const refresh = useMemo(
    () => paced(() => queries.invalidateQueries({ queryKey: ['phones'] }), refreshIntervalMs),
    [queries],
  );
  useEffect(() => () => refresh.stop(), [refresh]);
  useLiveChange((change) => {
    if (change === 'resync' || change.phones || change.deliveries.size > 0 || change.arrived.size > 0)
      refresh.run();
  });
}
