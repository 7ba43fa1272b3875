import { Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { IconFilter, IconPlus, IconSend } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { SegmentView } from '../../../core/api/people-schema.ts';
import { ApiProblem } from '../api/request.ts';
import { addSegment, deleteSegment, putSegment, segmentPreviewQuery, segmentsQuery } from '../api/users.ts';
import { plural } from '../format.ts';
import { LoadingState, ProblemState, RoomState } from '../frame/room-states.tsx';
import { Split } from '../frame/split.tsx';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { withSearch } from '../room-search.ts';
import { SendDialog } from './send-dialog.tsx';
import classes from './users-room.module.css';
import { UsersTabs } from './users-tabs.tsx';

/** In the address instead of an id while a new one is written; no segment can be called so. */
const fresh = '+new';
const typingPauseMs = 300;

/** Users that an expression holds for. */
export function SegmentsPart() {
  const { data, error, refetch } = useQuery(segmentsQuery);
  const opened = useSearch({ strict: false, select: ({ view }) => view ?? null });
  const navigate = useNavigate();
  const open = (view: string | null) =>
    void navigate({ to: '/users', search: (old) => withSearch(old, { place: 'segments', view }) });
  const segments = data ?? [];
  const segment = segments.find(({ id }) => id === opened) ?? null;
  return (
    <Split
      name="users"
      shown={opened === null ? 'list' : 'detail'}
      list={
        <>
          <UsersTabs />
          {data === undefined && error === null && <LoadingState what="segments" />}
          {data === undefined && error !== null && (
            <ProblemState error={error} onRetry={() => void refetch()} />
          )}
          {data !== undefined && segments.length === 0 && (
            <RoomState icon={<IconFilter size={28} stroke={1.5} aria-hidden />} title="No segments yet">
              <Text size="md" c="dimmed">
                Users that an expression holds for, looked up anew by each send.
              </Text>
            </RoomState>
          )}
          {segments.length > 0 && (
            <ul className={classes.items} aria-label="Segments">
              {segments.map((one) => (
                <li key={one.id}>
                  <button
                    type="button"
                    className={classes.item}
                    aria-current={one.id === opened}
                    onClick={() => open(one.id)}
                  >
                    {one.name}
                    <small>{one.expression}</small>
                  </button>
                </li>
              ))}
            </ul>
          )}
          <div className={classes.foot}>
            <span className={classes.count} />
            <Button
              variant="default"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={() => open(fresh)}
            >
              Add a segment
            </Button>
          </div>
        </>
      }
      detail={
        segment !== null || opened === fresh ? (
          <SegmentForm key={opened} segment={segment} onSaved={open} onClose={() => open(null)} />
        ) : (
          <RoomState icon={<IconFilter size={28} stroke={1.3} aria-hidden />} title="No segment open">
            A send can name a segment instead of users.
          </RoomState>
        )
      }
    />
  );
}

interface SegmentFormProps {
  /** Null: a new one. */
  readonly segment: SegmentView | null;
  readonly onSaved: (id: string) => void;
  readonly onClose: () => void;
}

function SegmentForm({ segment, onSaved, onClose }: SegmentFormProps) {
  const [said, setSaid] = useState(segment ?? { id: '', name: '', expression: '' });
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [sending, setSending] = useState(false);
  const queries = useQueryClient();
  const change = (part: Partial<SegmentView>) => {
    setSaid((old) => ({ ...old, ...part }));
    setProblem(null);
  };
  const save = () => {
    (segment === null ? addSegment(said) : putSegment(said)).then(
      (kept) => {
        void queries.invalidateQueries({ queryKey: ['users'] });
        toast('Saved');
        onSaved(kept.id);
      },
      (error: unknown) => {
        if (error instanceof ApiProblem) setProblem(error);
        else throw error;
      },
    );
  };
  const remove = () => {
    deleteSegment(said.id).then(
      () => {
        void queries.invalidateQueries({ queryKey: ['users'] });
        onClose();
      },
      (error: unknown) => toastProblem(error, 'The segment could not be removed'),
    );
  };
  const atFault = (name: string) => problem?.fields.find(({ field }) => field === name)?.detail;
  const complete = [said.id, said.name, said.expression].every((one) => one.trim() !== '');
  return (
    <div className={classes.scroll}>
      <form
        className={classes.form}
        aria-label={segment === null ? 'New segment' : segment.name}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (complete) save();
        }}
      >
        <h1 className={classes.title}>{segment?.name ?? 'New segment'}</h1>
        <Stack gap="sm" mt="md">
          {segment === null && (
            <TextInput
              label="Id"
              placeholder="vip"
              description="What a send names it by"
              value={said.id}
              error={atFault('id')}
              onChange={(event) => change({ id: event.currentTarget.value })}
            />
          )}
          <TextInput
            label="Name"
            placeholder="Paying customers in Austria"
            value={said.name}
            error={atFault('name')}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
          <Textarea
            size="xs"
            label="Expression (CEL)"
            description={'As attributes.plan == "pro" && language == "de"'}
            autosize
            minRows={2}
            maxRows={12}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            value={said.expression}
            error={atFault('expression')}
            onChange={(event) => change({ expression: event.currentTarget.value })}
          />
          {problem !== null && problem.fields.length === 0 && (
            <p className={classes.problem} role="alert">
              {problem.message}
            </p>
          )}
          <Group gap="sm">
            <Button type="submit" disabled={!complete}>
              Save
            </Button>
            {segment !== null && (
              <>
                <Button
                  variant="default"
                  leftSection={<IconSend size={14} aria-hidden />}
                  onClick={() => setSending(true)}
                >
                  Send a message
                </Button>
                <Button variant="default" onClick={remove}>
                  Remove
                </Button>
              </>
            )}
            <Button variant="subtle" color="gray" onClick={onClose}>
              Close
            </Button>
          </Group>
        </Stack>
      </form>
      <Matches expression={said.expression} />
      {segment !== null && (
        <SendDialog
          opened={sending}
          onClose={() => setSending(false)}
          to={{ segment: segment.id }}
          who={segment.name}
        />
      )}
    </div>
  );
}

/** Whom the expression holds for as it is written now. */
function Matches({ expression }: { readonly expression: string }) {
  const [asked, setAsked] = useState(expression.trim());
  useEffect(() => {
    const timer = setTimeout(() => setAsked(expression.trim()), typingPauseMs);
    return () => clearTimeout(timer);
  }, [expression]);
  const { data, error } = useQuery({ ...segmentPreviewQuery(asked), placeholderData: keepPreviousData });
  return (
    <section className={classes.part} aria-label="Whom it holds for" aria-live="polite">
      <h2 className={classes.heading}>Whom it holds for now</h2>
      {asked === '' && <p className={classes.hint}>Write an expression, and they stand here.</p>}
      {asked !== '' && error !== null && <p className={classes.problem}>{error.message}</p>}
      {asked !== '' && error === null && data !== undefined && (
        <>
          <p>
            {plural(data.total, 'user', 'users')}
            <span className={classes.dim}> in {data.tookMs} ms</span>
          </p>
          {data.errors.map((one) => (
            <p key={one.detail} className={classes.problem}>
              {one.detail} ({plural(one.users, 'user', 'users')})
            </p>
          ))}
          <ul className={classes.list}>
            {data.sample.map((user) => (
              <li key={user.id}>
                <Link className={classes.link} to="/users/$user" params={{ user: user.id }} search={{}}>
                  {user.name ?? user.id}
                </Link>{' '}
                <span className={classes.dim}>{user.email ?? user.phone ?? ''}</span>
              </li>
            ))}
          </ul>
          {data.total > data.sample.length && (
            <p className={classes.hint}>and {data.total - data.sample.length} more</p>
          )}
        </>
      )}
    </section>
  );
}
