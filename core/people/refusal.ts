/** Whether a user wants a message, by what they said and by the topic. Pure. */
import type { ChannelRefusal, Topic, User, UserChannel } from '../model/user.ts';

export interface About {
  readonly topic: string | null;
  readonly transactional: boolean;
}

/**
 * The first that applies:
 * 1. what cannot be unsubscribed from goes: a required topic, or a transactional message of no topic
 * 2. the user unsubscribed from everything
 * 3. the user unsubscribed from the topic
 * 4. the channel is off for the topic, by the user or, where the user said nothing of it, by the topic itself
 * 5. the channel is off for everything
 * 6. the topic needs an opt-in, and there is none
 *
 * @param topic null where the message has none, or none that is known here
 */
export function refusalOf(
  user: Pick<User, 'id' | 'preferences'>,
  channel: UserChannel,
  about: About,
  topic: Topic | null,
): ChannelRefusal | null {
  const { channels, topics, unsubscribed } = user.preferences;
  const id = about.topic;
  if (topic?.required === true || (id === null && about.transactional)) return null;
  const where = `PUT /v1/users/${encodeURIComponent(user.id)}/preferences`;
  if (unsubscribed)
    return {
      reason: 'unsubscribed',
      detail: `${user.id} unsubscribed from everything that is not required; set "unsubscribed" to false (${where}).`,
    };
  const said = id === null || !Object.hasOwn(topics, id) ? undefined : topics[id];
  const name = topic?.name ?? id;
  if (said === false)
    return {
      reason: 'unsubscribed',
      detail: `${user.id} unsubscribed from the topic ${name}; set "topics.${id}" to true (${where}).`,
    };
  const saidOfChannel = typeof said === 'object' ? said[channel] : undefined;
  if (saidOfChannel === false)
    return {
      reason: 'filtered',
      detail: `${user.id} does not want the topic ${name} by ${channel}; set "topics.${id}.${channel}" to true (${where}).`,
    };
  if (saidOfChannel === undefined && topic?.channels[channel] === false)
    return {
      reason: 'filtered',
      detail: `The topic ${name} does not go by ${channel} unless its reader asks for it; set "topics.${id}.${channel}" to true (${where}), or the topic's own channel (PUT /v1/topics/${encodeURIComponent(topic.id)}).`,
    };
  if (channels[channel] === false)
    return {
      reason: 'filtered',
      detail: `${user.id} wants nothing by ${channel}; set "channels.${channel}" to true (${where}).`,
    };
  if (topic?.usual === 'out' && said !== true && saidOfChannel !== true)
    return {
      reason: 'filtered',
      detail: `The topic ${name} goes only to those who opted in, and ${user.id} did not; set "topics.${topic.id}" to true (${where}).`,
    };
  return null;
}
