import { Button, NativeSelect, Text } from '@mantine/core';
import { IconMailbox } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { domainsQuery } from '../api/domains.ts';
import { poolQuery, sendFirst, setNeighbour } from '../api/mailboxes.ts';
import { RoomState } from '../frame/room-states.tsx';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import classes from './mailboxes-room.module.css';
import { consequenceOf, neighbours } from './setting-words.ts';

/** Shown while no mailbox is open: what to do first, the shared addresses, and how faults compound. */
export function WorldView({ empty }: { readonly empty: boolean }) {
  return (
    <div className={classes.detail}>
      {empty ? <NobodyYet /> : <Compounds />}
      <IpPool />
    </div>
  );
}

function NobodyYet() {
  const [sending, setSending] = useState(false);
  const send = async () => {
    setSending(true);
    try {
      await sendFirst();
      toast('On its way to jane@gmail.com');
    } catch (error) {
      toastProblem(error, 'It could not be sent');
    }
    setSending(false);
  };
  return (
    <div>
      <RoomState icon={<IconMailbox size={28} stroke={1.5} aria-hidden />} title="Nobody has mail yet">
        <Text size="md" c="dimmed">
          Every address has a mailbox here, made by the first message to it. The part behind the @ decides
          which provider keeps it.
        </Text>
        <Button variant="light" loading={sending} onClick={() => void send()}>
          Send Jane a message
        </Button>
      </RoomState>
    </div>
  );
}

/** The domains whose standing can be looked at. */
function Compounds() {
  const domains = useQuery(domainsQuery('')).data?.entries ?? [];
  return (
    <section className={classes.part} aria-label="How a fault compounds">
      <h2 className={classes.heading}>How a fault compounds</h2>
      <p className={classes.hint}>
        DNS → authentication → reputation → filter → engagement: what each costs a sending domain now.
      </p>
      {domains.length === 0 ? (
        <p className={classes.dim}>No sending domain yet: one is set up by the first message from it.</p>
      ) : (
        <div className={classes.links}>
          {domains.map(({ name }) => (
            <Link key={name} to="/mailboxes/standing/$domain" params={{ domain: name }}>
              {name}
            </Link>
          ))}
        </div>
      )}
    </section>
  );
}

export function IpPool() {
  const { data: pool } = useQuery(poolQuery);
  const queries = useQueryClient();
  const change = async (wanted: string) => {
    const neighbour = neighbours.find((one) => one.value === wanted)?.value;
    if (neighbour === undefined) return;
    try {
      queries.setQueryData(poolQuery.queryKey, await setNeighbour(neighbour));
      await queries.invalidateQueries({ queryKey: ['mailboxes'] });
    } catch (error) {
      toastProblem(error, 'The neighbour could not be changed');
    }
  };
  if (pool === undefined) return null;
  return (
    <section className={classes.part} aria-label="Shared addresses">
      <h2 className={classes.heading}>Shared addresses</h2>
      <p className={classes.hint}>
        Domains set to the shared pool send from addresses that a neighbour sends from too.
        {pool.drag > 0 && ` It costs them ${pool.drag} points of reputation now.`}
      </p>
      <NativeSelect
        w={320}
        label="The neighbour"
        description={consequenceOf(neighbours, pool.neighbour)}
        value={pool.neighbour}
        data={neighbours.map(({ value, label }) => ({ value, label }))}
        onChange={(event) => void change(event.currentTarget.value)}
      />
    </section>
  );
}
