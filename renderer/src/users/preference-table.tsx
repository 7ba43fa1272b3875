import { NativeSelect, Switch } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { UserPreferencesView } from '../../../core/api/people-schema.ts';
import { userChannels } from '../../../core/model/user.ts';
import { preferencesQuery, type ShownPreferences, setPreferences, topicsQuery } from '../api/users.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { toastProblem } from '../frame/toast-problem.ts';
import { channelWords } from './channel-words.ts';
import {
  type Choice,
  choiceOf,
  type TopicChoice,
  topicChoiceOf,
  withChoice,
  withTopicChoice,
} from './preference-choices.ts';
import classes from './users-room.module.css';

const choiceWords = [
  { value: 'usual', label: 'As usual' },
  { value: 'yes', label: 'Wanted' },
  { value: 'no', label: 'Not wanted' },
];
const mixedWords = [...choiceWords, { value: 'mixed', label: 'By channel' }];
const isChoice = (value: string): value is Choice => value === 'usual' || value === 'yes' || value === 'no';

/** What the user wants to hear, by topic and channel, and what comes of it. Each change is kept at once. */
export function PreferenceTable({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(preferencesQuery(id));
  if (data !== undefined) return <Choices id={id} preferences={data} />;
  return error === null ? (
    <LoadingState what="the preferences" />
  ) : (
    <ProblemState error={error} onRetry={() => void refetch()} />
  );
}

function Choices({ id, preferences }: { readonly id: string; readonly preferences: ShownPreferences }) {
  const topics = useQuery(topicsQuery).data ?? [];
  const queries = useQueryClient();
  const keep = ({ channels, topics: of, unsubscribed }: UserPreferencesView) => {
    setPreferences(id, { channels, topics: of, unsubscribed }).then(
      (kept) => {
        queries.setQueryData(preferencesQuery(id).queryKey, kept);
        void queries.invalidateQueries({ queryKey: ['users', 'one', id], exact: true });
      },
      (error: unknown) => toastProblem(error, 'The preferences could not be kept'),
    );
  };
  const rows = [
    { id: null, name: 'Everything', required: false },
    ...topics.map((topic) => ({ id: topic.id, name: topic.name, required: topic.required })),
  ];
  return (
    <>
      <Switch
        label="Unsubscribed from everything that may be unsubscribed from"
        checked={preferences.unsubscribed}
        onChange={(event) => keep({ ...preferences, unsubscribed: event.currentTarget.checked })}
      />
      <p className={classes.hint}>
        “As usual” is what the topic says, or yes. Under each choice stands what comes of it; what is
        transactional and about no topic goes out all the same.
      </p>
      <div className={classes.wide}>
        <table className={classes.table} aria-label="Preferences">
          <thead>
            <tr>
              <th scope="col">Topic</th>
              <th scope="col">All channels</th>
              {userChannels.map((channel) => (
                <th key={channel} scope="col">
                  {channelWords[channel]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id ?? ''}>
                <th scope="row">
                  {row.name}
                  {row.required && <span className={classes.dim}> required</span>}
                </th>
                <td>
                  {row.id !== null && (
                    <NativeSelect
                      className={classes.choice ?? ''}
                      aria-label={`${row.name} on all channels`}
                      value={topicChoiceOf(preferences, row.id) satisfies TopicChoice}
                      data={topicChoiceOf(preferences, row.id) === 'mixed' ? mixedWords : choiceWords}
                      onChange={(event) => {
                        const { value } = event.currentTarget;
                        if (row.id !== null && isChoice(value))
                          keep(withTopicChoice(preferences, row.id, value));
                      }}
                    />
                  )}
                </td>
                {userChannels.map((channel) => (
                  <td key={channel}>
                    <NativeSelect
                      className={classes.choice ?? ''}
                      aria-label={`${row.name} by ${channelWords[channel]}`}
                      value={choiceOf(preferences, row.id, channel)}
                      data={choiceWords}
                      onChange={(event) => {
                        const { value } = event.currentTarget;
                        if (isChoice(value)) keep(withChoice(preferences, row.id, channel, value));
                      }}
                    />
                    <Verdict
                      one={preferences.effective.find(
                        (found) => found.topic === row.id && found.channel === channel,
                      )}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={classes.hint}>
        <Link className={classes.link} to="/users" search={{ place: 'topics' }}>
          {topics.length === 0 ? 'There are no topics yet: add one' : 'Edit the topics'}
        </Link>
      </p>
    </>
  );
}

function Verdict({ one }: { readonly one: ShownPreferences['effective'][number] | undefined }) {
  if (one === undefined) return null;
  return (
    <span className={classes.verdict} data-wanted={one.wanted} title={one.detail ?? undefined}>
      {one.wanted ? '✓ sent' : one.reason === 'unsubscribed' ? '✕ unsubscribed' : '✕ not sent'}
    </span>
  );
}
