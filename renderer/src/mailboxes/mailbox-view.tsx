import { Tabs } from '@mantine/core';
import { IconInbox } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import type { Mailbox, MailboxMessage, Placement } from '../../../core/api/mailbox-schema.ts';
import { copyQuery, fetchCopies, mailboxQuery, providersQuery } from '../api/mailboxes.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import type { FeedSource } from '../feed/feed.ts';
import { RoomFeed } from '../feed/room-feed.tsx';
import { useFeed } from '../feed/use-feed.ts';
import { plural } from '../format.ts';
import { LoadingState, ProblemState, RoomState } from '../frame/room-states.tsx';
import { useLiveChange } from '../live/live-context.tsx';
import { withSearch } from '../room-search.ts';
import { CopyRow, copyRowHeight, sameCopy } from './copy-row.tsx';
import { CopyView } from './copy-view.tsx';
import { isPlacement, placementNames, tabsOf } from './mailbox-groups.ts';
import { MailboxSettings } from './mailbox-settings.tsx';
import classes from './mailbox-view.module.css';
import { mailboxStates } from './setting-words.ts';

interface MailboxViewProps {
  readonly address: string;
  readonly copyId: string | null;
}

/** One mailbox: what lies where, one message of it, and how it behaves. */
export function MailboxView({ address, copyId }: MailboxViewProps) {
  const { data, error, refetch } = useQuery(mailboxQuery(address));
  if (data !== undefined) return <OneMailbox mailbox={data} copyId={copyId} />;
  return error === null ? (
    <LoadingState what="the mailbox" />
  ) : (
    <ProblemState error={error} onRetry={() => void refetch()} />
  );
}

function OneMailbox({ mailbox, copyId }: { readonly mailbox: Mailbox; readonly copyId: string | null }) {
  const { address, counts, unseen } = mailbox;
  const navigate = useNavigate();
  const place = useSearch({ strict: false, select: (search) => search.place ?? null });
  const providers = useQuery(providersQuery).data ?? [];
  const provider = providers.find((one) => one.key === mailbox.provider) ?? null;
  // A link to a message need not know where it lies.
  const openCopy = useQuery({ ...copyQuery(address, copyId ?? ''), enabled: copyId !== null }).data;
  const settings = place === 'settings';
  const tab: Placement = isPlacement(place) ? place : (openCopy?.placement ?? 'inbox');
  const state = mailboxStates.find((one) => one.value === mailbox.settings.state);

  const commands = useMemo<readonly Command[]>(
    () => [
      {
        id: 'mailbox-settings',
        title: `Settings of ${address}`,
        group: 'Sandbox',
        keys: [','],
        run: () =>
          void navigate({
            to: '/mailboxes/$address',
            params: { address },
            search: (old) => withSearch(old, { place: 'settings', view: null }),
          }),
      },
    ],
    [address, navigate],
  );
  useCommands(commands);

  return (
    <article className={classes.view} aria-label={address}>
      <header className={classes.head}>
        <h1 className={classes.title}>{address}</h1>
        <span className={classes.dim}>
          <Link to="/mailboxes/provider/$provider" params={{ provider: mailbox.provider }}>
            {provider?.title ?? mailbox.provider}
          </Link>
          {unseen > 0 && ` · ${plural(unseen, 'unseen', 'unseen')}`}
          {state !== undefined && state.value !== 'ok' && (
            <span className={classes.changed}> · {state.label.toLowerCase()}</span>
          )}
        </span>
      </header>
      <Tabs
        className={classes.tabs ?? ''}
        value={settings ? 'settings' : tab}
        keepMounted={false}
        onChange={(value) =>
          void navigate({
            to: '/mailboxes/$address',
            params: { address },
            search: (old) => withSearch(old, { place: value, view: null }),
          })
        }
      >
        <Tabs.List className={classes.tabList ?? ''} aria-label="Places in the mailbox">
          {tabsOf(provider, counts).map((one) => (
            <Tabs.Tab key={one} value={one}>
              {placementNames[one]} <span className={classes.count}>{counts[one] ?? 0}</span>
            </Tabs.Tab>
          ))}
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value={settings ? 'settings' : tab} className={classes.panel ?? ''}>
          {settings ? (
            <MailboxSettings mailbox={mailbox} providerTitle={provider?.title ?? mailbox.provider} />
          ) : (
            <Copies
              address={address}
              placement={tab}
              copyId={copyId}
              providerTitle={provider?.title ?? mailbox.provider}
            />
          )}
        </Tabs.Panel>
      </Tabs>
    </article>
  );
}

interface CopiesProps {
  readonly address: string;
  readonly placement: Placement;
  readonly copyId: string | null;
  readonly providerTitle: string;
}

/** The messages of one place, and the one that is open beside them. */
function Copies({ address, placement, copyId, providerTitle }: CopiesProps) {
  const navigate = useNavigate();
  const source = useMemo<FeedSource<MailboxMessage>>(
    () => ({ fetch: (page) => fetchCopies(address, placement, page), same: sameCopy }),
    [address, placement],
  );
  const [feed, state] = useFeed(source);
  useLiveChange((change) => {
    if (change === 'resync') void feed.reload();
    else feed.arrived(null);
  });

  const select = useCallback(
    (next: string | null) =>
      void navigate(
        next === null
          ? { to: '/mailboxes/$address', params: { address }, search: (old) => old }
          : { to: '/mailboxes/$address/$copyId', params: { address, copyId: next }, search: (old) => old },
      ),
    [navigate, address],
  );
  const { entries } = state;
  const at = entries.findIndex((entry) => entry.id === copyId);
  const commands = useMemo<readonly Command[]>(() => {
    const step = (by: number) => () => {
      const next = entries[Math.max(0, Math.min(entries.length - 1, at + by))];
      if (next !== undefined) select(next.id);
    };
    return [
      {
        id: 'copy-next',
        title: 'Next message',
        group: 'List',
        keys: ['j'],
        keyboardOnly: true,
        run: step(1),
      },
      {
        id: 'copy-previous',
        title: 'Previous message',
        group: 'List',
        keys: ['k'],
        keyboardOnly: true,
        run: step(-1),
      },
      {
        id: 'copy-close',
        title: 'Back to the list',
        group: 'List',
        keys: ['Escape'],
        keyboardOnly: true,
        run: () => select(null),
      },
    ];
  }, [entries, at, select]);
  useCommands(commands);

  return (
    <div className={classes.copies} data-open={copyId !== null}>
      <div className={classes.list}>
        <RoomFeed
          what="messages"
          empty={
            <RoomState
              icon={<IconInbox size={28} stroke={1.5} aria-hidden />}
              title={placement === 'inbox' ? 'No mail here' : `Nothing in ${placementNames[placement]}`}
            >
              {placement === 'inbox' && `Send a message to ${address} from your app: it is delivered here.`}
            </RoomState>
          }
          label={`${placementNames[placement]} of ${address}`}
          feed={feed}
          state={state}
          entries={entries}
          selectedId={copyId}
          onSelect={select}
          onOpen={() => document.getElementById('message')?.focus()}
          rowHeight={copyRowHeight}
          Row={CopyRow}
        />
      </div>
      {copyId !== null && (
        <CopyView
          key={copyId}
          address={address}
          copyId={copyId}
          providerTitle={providerTitle}
          onClose={() => select(null)}
          onGone={() => {
            feed.arrived(null);
            select((entries[at + 1] ?? entries[at - 1])?.id ?? null);
          }}
          onChanged={() => feed.arrived(null)}
        />
      )}
    </div>
  );
}
