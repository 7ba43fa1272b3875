import { Button, Text } from '@mantine/core';
import { IconPlus, IconWorld } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { domainsQuery } from '../api/domains.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { formatCount } from '../format.ts';
import { FilterBar } from '../frame/filter-bar.tsx';
import { LoadingState, ProblemState, RoomState } from '../frame/room-states.tsx';
import { Split } from '../frame/split.tsx';
import { AddDomain } from './add-domain.tsx';
import { DomainList } from './domain-list.tsx';
import { DomainView } from './domain-view.tsx';
import classes from './domains-room.module.css';
import { RecipientFaultList } from './recipient-fault-list.tsx';

/** The domains that the app sends from: their records, and what breaks them. */
export function DomainsRoom() {
  const name = useParams({ strict: false, select: (parameters) => parameters.name ?? null });
  const [q, setQ] = useState('');
  const [adding, setAdding] = useState<'open' | 'closed'>('closed');
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery({
    ...domainsQuery(q.trim()),
    placeholderData: keepPreviousData,
  });
  const open = useCallback(
    (next: string) => void navigate({ to: '/domains/$name', params: { name: next }, search: (old) => old }),
    [navigate],
  );
  const commands = useMemo<readonly Command[]>(
    () => [
      {
        id: 'add-domain',
        title: 'Add a sending domain',
        group: 'Sandbox',
        keys: ['n'],
        run: () => setAdding('open'),
      },
    ],
    [],
  );
  useCommands(commands);

  const entries = data?.entries ?? [];
  const none = data !== undefined && entries.length === 0;
  return (
    <>
      <Split
        name="domains"
        shown={name === null ? 'list' : 'detail'}
        list={
          <>
            <FilterBar label="Filter domains" value={q} onChange={setQ}>
              <Button
                variant="default"
                leftSection={<IconPlus size={14} aria-hidden />}
                onClick={() => setAdding('open')}
              >
                Add
              </Button>
            </FilterBar>
            {data === undefined && error === null && <LoadingState what="domains" />}
            {data === undefined && error !== null && (
              <ProblemState error={error} onRetry={() => void refetch()} />
            )}
            {none && <NoDomains filtered={q.trim() !== ''} onAdd={() => setAdding('open')} />}
            {entries.length > 0 && <DomainList entries={entries} selected={name} onSelect={open} />}
            {data !== undefined && data.total > entries.length && (
              <p className={classes.more}>
                {formatCount(entries.length)} of {formatCount(data.total)} are shown; filter to see others.
              </p>
            )}
          </>
        }
        detail={
          name === null ? (
            <div className={classes.detail}>
              <RecipientFaultList />
            </div>
          ) : (
            <DomainView key={name} name={name} />
          )
        }
      />
      <AddDomain opened={adding === 'open'} onClose={() => setAdding('closed')} onAdded={open} />
    </>
  );
}

function NoDomains({ filtered, onAdd }: { readonly filtered: boolean; readonly onAdd: () => void }) {
  return (
    <RoomState
      icon={<IconWorld size={28} stroke={1.5} aria-hidden />}
      title={filtered ? 'No domain matches this filter' : 'No sending domain yet'}
    >
      {!filtered && (
        <>
          <Text size="md" c="dimmed">
            One is set up by itself when your app sends from it. Add one to see its records before that.
          </Text>
          <Button variant="light" onClick={onAdd}>
            Add a domain
          </Button>
        </>
      )}
    </RoomState>
  );
}
