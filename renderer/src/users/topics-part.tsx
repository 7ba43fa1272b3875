import { Button, Checkbox, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTag } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { TopicView } from '../../../core/api/people-schema.ts';
import { userChannels } from '../../../core/model/user.ts';
import { ApiProblem } from '../api/request.ts';
import { addTopic, deleteTopic, putTopic, topicsQuery } from '../api/users.ts';
import { LoadingState, ProblemState, RoomState } from '../frame/room-states.tsx';
import { Split } from '../frame/split.tsx';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { withSearch } from '../room-search.ts';
import { channelWords } from './channel-words.ts';
import classes from './users-room.module.css';
import { UsersTabs } from './users-tabs.tsx';

/** In the address instead of an id while a new one is written; no topic can be called so. */
const fresh = '+new';

/** What messages can be about. */
export function TopicsPart() {
  const { data, error, refetch } = useQuery(topicsQuery);
  const opened = useSearch({ strict: false, select: ({ view }) => view ?? null });
  const navigate = useNavigate();
  const open = (view: string | null) =>
    void navigate({ to: '/users', search: (old) => withSearch(old, { place: 'topics', view }) });
  const topics = data ?? [];
  const topic = topics.find(({ id }) => id === opened) ?? null;
  return (
    <Split
      name="users"
      shown={opened === null ? 'list' : 'detail'}
      list={
        <>
          <UsersTabs />
          {data === undefined && error === null && <LoadingState what="topics" />}
          {data === undefined && error !== null && (
            <ProblemState error={error} onRetry={() => void refetch()} />
          )}
          {data !== undefined && topics.length === 0 && (
            <RoomState icon={<IconTag size={28} stroke={1.5} aria-hidden />} title="No topics yet">
              <Text size="md" c="dimmed">
                What a message can be about: receipts, the newsletter. Users choose by topic and channel.
              </Text>
            </RoomState>
          )}
          {topics.length > 0 && (
            <ul className={classes.items} aria-label="Topics">
              {topics.map((one) => (
                <li key={one.id}>
                  <button
                    type="button"
                    className={classes.item}
                    aria-current={one.id === opened}
                    onClick={() => open(one.id)}
                  >
                    {one.name}
                    <small>
                      {one.id}
                      {one.required ? ' · required' : one.usual === 'out' ? ' · only after an opt-in' : ''}
                    </small>
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
              Add a topic
            </Button>
          </div>
        </>
      }
      detail={
        topic !== null || opened === fresh ? (
          <TopicForm key={opened} topic={topic} onSaved={open} onClose={() => open(null)} />
        ) : (
          <RoomState icon={<IconTag size={28} stroke={1.3} aria-hidden />} title="No topic open">
            A required topic cannot be unsubscribed from.
          </RoomState>
        )
      }
    />
  );
}

const emptyTopic: TopicView = {
  id: '',
  name: '',
  description: null,
  required: false,
  usual: 'in',
  channels: {},
};

interface TopicFormProps {
  /** Null: a new one. */
  readonly topic: TopicView | null;
  readonly onSaved: (id: string) => void;
  readonly onClose: () => void;
}

function TopicForm({ topic, onSaved, onClose }: TopicFormProps) {
  const [said, setSaid] = useState(topic ?? emptyTopic);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const queries = useQueryClient();
  const change = (part: Partial<TopicView>) => {
    setSaid((old) => ({ ...old, ...part }));
    setProblem(null);
  };
  const changed = () => void queries.invalidateQueries({ queryKey: ['users'] });
  const save = () => {
    (topic === null ? addTopic(said) : putTopic(said)).then(
      (kept) => {
        changed();
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
    deleteTopic(said.id).then(
      () => {
        changed();
        onClose();
      },
      (error: unknown) => toastProblem(error, 'The topic could not be removed'),
    );
  };
  const atFault = (name: string) => problem?.fields.find(({ field }) => field === name)?.detail;
  return (
    <form
      className={classes.scroll}
      aria-label={topic === null ? 'New topic' : topic.name}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <h1 className={classes.title}>{topic?.name ?? 'New topic'}</h1>
      <Stack gap="sm" mt="md" className={classes.form ?? ''}>
        {topic === null && (
          <TextInput
            label="Id"
            placeholder="newsletter"
            description="What a send names it by"
            value={said.id}
            error={atFault('id')}
            onChange={(event) => change({ id: event.currentTarget.value })}
          />
        )}
        <TextInput
          label="Name"
          placeholder="Newsletter"
          value={said.name}
          error={atFault('name')}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <TextInput
          label="Description"
          value={said.description ?? ''}
          error={atFault('description')}
          onChange={(event) => change({ description: event.currentTarget.value || null })}
        />
        <Checkbox
          size="xs"
          label="Required: cannot be unsubscribed from (a receipt, a password)"
          checked={said.required}
          onChange={(event) => change({ required: event.currentTarget.checked })}
        />
        <NativeSelect
          label="Where the user has said nothing"
          value={said.usual}
          data={[
            { value: 'in', label: 'Wanted' },
            { value: 'out', label: 'Not wanted: only after an opt-in' },
          ]}
          onChange={(event) => change({ usual: event.currentTarget.value === 'out' ? 'out' : 'in' })}
        />
        <fieldset style={{ border: 0, margin: 0, padding: 0 }}>
          <legend className={classes.dim}>And on one channel otherwise</legend>
          <Group gap="sm">
            {userChannels.map((channel) => {
              const value = said.channels[channel];
              return (
                <NativeSelect
                  key={channel}
                  label={channelWords[channel]}
                  value={value === undefined ? 'usual' : value ? 'yes' : 'no'}
                  data={[
                    { value: 'usual', label: 'The same' },
                    { value: 'yes', label: 'Wanted' },
                    { value: 'no', label: 'Not wanted' },
                  ]}
                  onChange={(event) => {
                    const { [channel]: _before, ...rest } = said.channels;
                    const next = event.currentTarget.value;
                    change({ channels: next === 'usual' ? rest : { ...rest, [channel]: next === 'yes' } });
                  }}
                />
              );
            })}
          </Group>
        </fieldset>
        {problem !== null && problem.fields.length === 0 && (
          <p className={classes.problem} role="alert">
            {problem.message}
          </p>
        )}
        <Group gap="sm">
          <Button type="submit" disabled={said.id.trim() === '' || said.name.trim() === ''}>
            Save
          </Button>
          {topic !== null && (
            <Button variant="default" color="red" onClick={remove}>
              Remove
            </Button>
          )}
          <Button variant="subtle" color="gray" onClick={onClose}>
            Close
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
