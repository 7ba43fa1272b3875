import { Button, Text, TextInput } from '@mantine/core';
import { IconFilter, IconMailbox } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { mailboxesQuery, providersQuery } from '../api/mailboxes.ts';
import { ApiProblem } from '../api/request.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { formatCount } from '../format.ts';
import { LoadingState, ProblemState, RoomState } from '../frame/room-states.tsx';
import { Split } from '../frame/split.tsx';
import { useLiveChange } from '../live/live-context.tsx';
import { paced } from '../live/paced.ts';
import { groupByProvider, type MailboxListRow, typedAddress } from './mailbox-groups.ts';
import { MailboxList } from './mailbox-list.tsx';
import { MailboxView } from './mailbox-view.tsx';
import classes from './mailboxes-room.module.css';
import { ProviderView } from './provider-view.tsx';
import { StandingView } from './standing-view.tsx';
import { WorldView } from './world-view.tsx';

const typingPauseMs = 200;
const refreshIntervalMs = 1_000;
/** Narrower than elsewhere: a mailbox has a list of its own beside it. */
const listWidth = 300;

/** The simulated people, and who keeps their mail. */
export function MailboxesRoom() {
  const opened = useParams({
    strict: false,
    select: ({ address, copyId, provider, domain }) => ({
      address: address?.toLowerCase() ?? null,
      copyId: copyId ?? null,
      provider: provider ?? null,
      domain: domain ?? null,
    }),
  });
  const { address, provider, domain } = opened;
  const [text, setText] = useState('');
  const [q, setQ] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const providers = useQuery(providersQuery);
  const { data, error, refetch } = useQuery({ ...mailboxesQuery(q), placeholderData: keepPreviousData });
  useFreshMailboxes();

  useEffect(() => {
    const timer = setTimeout(() => setQ(text.trim()), typingPauseMs);
    return () => clearTimeout(timer);
  }, [text]);

  const { openMailbox, openRow } = useMemo(() => {
    const mailbox = (to: string) =>
      void navigate({
        to: '/mailboxes/$address',
        params: { address: to },
        search: ({ project }) => (project === undefined ? {} : { project }),
      });
    const row = (to: MailboxListRow) =>
      to.kind === 'mailbox'
        ? mailbox(to.mailbox.address)
        : void navigate({
            to: '/mailboxes/provider/$provider',
            params: { provider: to.provider.key },
            search: ({ project }) => (project === undefined ? {} : { project }),
          });
    return { openMailbox: mailbox, openRow: row };
  }, [navigate]);

  const commands = useMemo<readonly Command[]>(
    () => [
      {
        id: 'mailbox-find',
        title: 'Find a mailbox, or open one by its address',
        group: 'List',
        keys: ['f'],
        run: () => {
          field.current?.focus();
          field.current?.select();
        },
      },
      {
        id: 'mailbox-world',
        title: 'Shared addresses, and how faults compound',
        group: 'Sandbox',
        run: () => void navigate({ to: '/mailboxes', search: {} }),
      },
      ...(providers.data ?? []).map(
        (one): Command => ({
          id: `provider-${one.key}`,
          title: `Break or mend the provider ${one.title}`,
          group: 'Sandbox',
          run: () => void navigate({ to: '/mailboxes/provider/$provider', params: { provider: one.key } }),
        }),
      ),
    ],
    [navigate, providers.data],
  );
  useCommands(commands);

  const mailboxes = data?.entries ?? [];
  const rows = useMemo(
    () => groupByProvider(providers.data ?? [], data?.entries ?? [], q !== ''),
    [providers.data, data, q],
  );
  const typed = typedAddress(text, mailboxes);
  const problem = error ?? providers.error;
  const selected = address ?? (provider === null ? null : `provider/${provider}`);
  if (problem instanceof ApiProblem && problem.status === 404) return <NoFarSide />;

  return (
    <Split
      name="mailboxes"
      usualWidth={listWidth}
      shown={selected === null && domain === null ? 'list' : 'detail'}
      list={
        <>
          <form
            className={classes.bar}
            onSubmit={(event) => {
              event.preventDefault();
              if (typed !== null) openMailbox(typed);
            }}
          >
            <TextInput
              ref={field}
              className={classes.filter ?? ''}
              placeholder="Find a mailbox, or type an address"
              aria-label="Find a mailbox"
              leftSection={<IconFilter size={14} aria-hidden />}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          </form>
          {typed !== null && (
            <div className={classes.typed}>
              <Button variant="subtle" size="compact-sm" onClick={() => openMailbox(typed)}>
                Open {typed}
              </Button>
            </div>
          )}
          {(data === undefined || providers.data === undefined) &&
            (problem === null ? (
              <LoadingState what="mailboxes" />
            ) : (
              <ProblemState
                error={problem}
                onRetry={() => {
                  void refetch();
                  void providers.refetch();
                }}
              />
            ))}
          {data !== undefined && rows.length === 0 && typed === null && providers.data !== undefined && (
            <RoomState icon={<IconMailbox size={28} stroke={1.5} aria-hidden />} title="No mailbox matches">
              <Text size="md" c="dimmed">
                Type a whole address to open a mailbox that nothing came to yet.
              </Text>
            </RoomState>
          )}
          {rows.length > 0 && <MailboxList rows={rows} selected={selected} onSelect={openRow} />}
          {data !== undefined && data.total > mailboxes.length && (
            <p className={classes.more}>
              {formatCount(mailboxes.length)} of {formatCount(data.total)} are shown; search to see others.
            </p>
          )}
        </>
      }
      detail={
        address !== null ? (
          <MailboxView key={address} address={address} copyId={opened.copyId} />
        ) : provider !== null ? (
          <ProviderView key={provider} name={provider} />
        ) : domain !== null ? (
          <StandingView key={domain} domain={domain} />
        ) : (
          <WorldView empty={data !== undefined && q === '' && mailboxes.length === 0} />
        )
      }
    />
  );
}

/** Much of what happens reaches a mailbox sooner or later: fetched again once a second at most, while it is seen. */
function useFreshMailboxes(): void {
  const queries = useQueryClient();
  const refresh = useMemo(
    () => paced(() => queries.invalidateQueries({ queryKey: ['mailboxes'] }), refreshIntervalMs),
    [queries],
  );
  useEffect(() => () => refresh.stop(), [refresh]);
  useLiveChange(() => refresh.run());
}

function NoFarSide() {
  return (
    <RoomState
      icon={<IconMailbox size={28} stroke={1.5} aria-hidden />}
      title="Nothing is delivered in this sandbox"
    >
      <Text size="md" c="dimmed">
        It was started with --no-deliver: messages are captured, and there is no simulated world behind them.
        Start it without that flag to have mailboxes.
      </Text>
    </RoomState>
  );
}
