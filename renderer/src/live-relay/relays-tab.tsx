import { Button } from '@mantine/core';
import { IconPlus, IconServerCog } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { type Relay, relaysQuery } from '../api/live-relay.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { LoadingState, ProblemState, RoomState } from '../frame/room-states.tsx';
import { RelayCard } from './relay-card.tsx';
import { RelayDialog } from './relay-dialog.tsx';
import classes from './relays-tab.module.css';

/** The providers that take messages for real. */
export function RelaysTab() {
  const { data: relays, error, refetch } = useQuery(relaysQuery);
  const [open, setOpen] = useState<Relay | 'new' | null>(null);
  useCommands(
    useMemo<readonly Command[]>(
      () => [
        { id: 'add-relay', title: 'Add a relay', group: 'Sandbox', keys: ['n'], run: () => setOpen('new') },
      ],
      [],
    ),
  );
  if (relays === undefined)
    return error === null ? (
      <LoadingState what="the relays" />
    ) : (
      <ProblemState error={error} onRetry={() => void refetch()} />
    );
  return (
    <>
      {relays.length === 0 ? (
        <RoomState icon={<IconServerCog size={28} stroke={1.5} aria-hidden />} title="No relay yet">
          <p className={classes.say}>
            A relay is a provider of yours that takes messages for real. Adding one sends nothing.
          </p>
          <Button onClick={() => setOpen('new')}>Add a relay</Button>
        </RoomState>
      ) : (
        <div className={classes.list}>
          <Button
            variant="default"
            style={{ alignSelf: 'flex-start' }}
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => setOpen('new')}
          >
            Add a relay
          </Button>
          {relays.map((relay) => (
            <RelayCard key={relay.id} relay={relay} onEdit={() => setOpen(relay)} />
          ))}
        </div>
      )}
      <RelayDialog open={open} onClose={() => setOpen(null)} />
    </>
  );
}
