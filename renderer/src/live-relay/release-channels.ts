/** By which channels something can be released by hand. Pure. */

import type { Delivery, Message } from '../../../core/api/schema.ts';
import { type LiveChannel, liveChannelOf, liveChannels } from '../../../core/model/live-relay.ts';

export interface Release {
  readonly messageIds: readonly string[];
  /** By which all of them can go. */
  readonly channels: readonly LiveChannel[];
}

const pushChannels: readonly LiveChannel[] = ['apns', 'fcm', 'webpush'];

/** Of a push the providers that it was for; where none is known, any. */
export function channelsOfMessage({
  channel,
  deliveries,
}: {
  readonly channel: Message['channel'];
  readonly deliveries: readonly Pick<Delivery, 'carriage' | 'provider'>[];
}): readonly LiveChannel[] {
  if (channel === 'email' || channel === 'sms') return [channel];
  if (channel !== 'push') return [];
  const named = new Set(deliveries.map(({ carriage, provider }) => liveChannelOf(carriage, provider)));
  const known = pushChannels.filter((one) => named.has(one));
  return known.length === 0 ? pushChannels : known;
}

/** What all of these messages can go by. */
export function releaseOfMessages(
  messages: readonly (Parameters<typeof channelsOfMessage>[0] & Pick<Message, 'id'>)[],
): Release {
  const all = messages.map(channelsOfMessage);
  return {
    messageIds: messages.map(({ id }) => id),
    channels: liveChannels.filter((channel) => all.length > 0 && all.every((ones) => ones.includes(channel))),
  };
}

/** What all of these can go by; their messages. */
export function releaseOf(
  deliveries: readonly Pick<Delivery, 'carriage' | 'provider' | 'messageId'>[],
): Release {
  const messageIds = new Set(deliveries.flatMap(({ messageId }) => messageId ?? []));
  const all = deliveries.map(({ carriage, provider }) => liveChannelOf(carriage, provider));
  return {
    messageIds: [...messageIds],
    channels: liveChannels.filter((channel) => all.length > 0 && all.every((one) => one === channel)),
  };
}
