import type { UserPreferencesView } from '../../../core/api/people-schema.ts';
import { type UserChannel, userChannels } from '../../../core/model/user.ts';

/** What a user said of a topic on a channel; `usual`: nothing. */
export type Choice = 'usual' | 'yes' | 'no';
/** Of a whole topic; `mixed`: channel by channel. */
export type TopicChoice = Choice | 'mixed';

/** @param topic null: of everything */
export function choiceOf(
  preferences: UserPreferencesView,
  topic: string | null,
  channel: UserChannel,
): Choice {
  const said = topic === null ? preferences.channels : preferences.topics[topic];
  return choiceIn(typeof said === 'object' ? said[channel] : said);
}

export function topicChoiceOf({ topics }: UserPreferencesView, topic: string): TopicChoice {
  const said = topics[topic];
  return typeof said === 'object' ? 'mixed' : choiceIn(said);
}

export function withTopicChoice(
  preferences: UserPreferencesView,
  topic: string,
  choice: Choice,
): UserPreferencesView {
  const { [topic]: _before, ...topics } = preferences.topics;
  return { ...preferences, topics: choice === 'usual' ? topics : { ...topics, [topic]: choice === 'yes' } };
}

export function withChoice(
  preferences: UserPreferencesView,
  topic: string | null,
  channel: UserChannel,
  choice: Choice,
): UserPreferencesView {
  if (topic === null) return { ...preferences, channels: chosen(preferences.channels, channel, choice) };
  const said = preferences.topics[topic];
  // A word about the whole topic goes on for the channels that are not meant now.
  const before =
    typeof said === 'boolean' ? Object.fromEntries(userChannels.map((one) => [one, said])) : (said ?? {});
  const next = chosen(before, channel, choice);
  if (Object.keys(next).length === 0) return withTopicChoice(preferences, topic, 'usual');
  return { ...preferences, topics: { ...preferences.topics, [topic]: next } };
}

type Channels = UserPreferencesView['channels'];

function chosen(before: Channels, channel: UserChannel, choice: Choice): Channels {
  const { [channel]: _before, ...rest } = before;
  return choice === 'usual' ? rest : { ...rest, [channel]: choice === 'yes' };
}

const choiceIn = (said: boolean | undefined): Choice => (said === undefined ? 'usual' : said ? 'yes' : 'no');
