import { Button, Group, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiProblem } from '../api/request.ts';
import { trackEvent, userEventsQuery } from '../api/users.ts';
import { formatCount, formatDateTime } from '../format.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { readMembers } from './merge-patch.ts';
import classes from './users-room.module.css';

/** What the user did, the newest first; segments and in-app triggers go by it. */
export function UserEvents({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(userEventsQuery(id));
  return (
    <>
      <TrackForm id={id} />
      {data === undefined && error === null && <LoadingState what="the events" />}
      {data === undefined && error !== null && <ProblemState error={error} onRetry={() => void refetch()} />}
      {data?.entries.length === 0 && <p className={classes.hint}>They did nothing yet.</p>}
      {data !== undefined && data.entries.length > 0 && (
        <table className={classes.table} aria-label="Events of the user">
          <thead>
            <tr>
              <th scope="col">Event</th>
              <th scope="col">Data</th>
              <th scope="col">When</th>
            </tr>
          </thead>
          <tbody>
            {data.entries.map((event) => (
              <tr key={event.seq}>
                <th scope="row">{event.name}</th>
                <td>
                  <code>{Object.keys(event.data).length === 0 ? '' : JSON.stringify(event.data)}</code>
                </td>
                <td className={classes.time}>{formatDateTime(event.at)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {data !== undefined && data.total > data.entries.length && (
        <p className={classes.hint}>
          The newest {formatCount(data.entries.length)} of {formatCount(data.total)}
        </p>
      )}
    </>
  );
}

function TrackForm({ id }: { readonly id: string }) {
  const [name, setName] = useState('');
  const [data, setData] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const queries = useQueryClient();
  const read = readMembers(data);
  return (
    <form
      className={classes.form}
      aria-label="Say what the user did"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() === '' || 'problem' in read) return;
        trackEvent(id, name.trim(), read.members).then(
          () => {
            setName('');
            void queries.invalidateQueries({ queryKey: ['users', 'one', id] });
          },
          (error: unknown) => setProblem(error instanceof ApiProblem ? error.message : String(error)),
        );
      }}
    >
      <Group gap="sm" align="flex-start" mb="md">
        <TextInput
          label="Event"
          placeholder="order_placed"
          value={name}
          error={problem}
          onChange={(event) => {
            setName(event.currentTarget.value);
            setProblem(null);
          }}
        />
        <TextInput
          label="Data"
          placeholder='{ "total": 42 }'
          value={data}
          error={'problem' in read ? read.problem : null}
          onChange={(event) => setData(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" mt={20} disabled={name.trim() === '' || 'problem' in read}>
          Say so
        </Button>
      </Group>
    </form>
  );
}
