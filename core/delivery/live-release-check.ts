/** What somebody wants to release by hand: whether it can be, and by which channel each message goes. */
import { AppError } from '../model/app-error.ts';
import type { DeliveryRow } from '../model/delivery.ts';
import {
  channelsOf,
  type LiveChannel,
  liveChannelOf,
  liveLimits,
  type Relay,
  type ReleaseSummary,
} from '../model/live-relay.ts';
import type { Store } from '../store/store.ts';
import { checkedRecipient } from './live-check.ts';
import type { ReleaseRequest } from './live-leave.ts';
import { shownRelay } from './live-summary.ts';
import { everyDelivery } from './queue.ts';

export interface CheckedRelease {
  /** As it goes: each message once, and the recipient as the channel writes it. */
  readonly request: ReleaseRequest;
  readonly summary: ReleaseSummary;
  readonly channels: ReadonlyMap<string, LiveChannel>;
}

/** Deliveries of a message that are looked at for the one that is like what is asked for. */
const lookedAtMax = 500;

/** @throws AppError `not_found`, `bad_request`, `not_possible` */
export async function checkedRelease(
  wanted: ReleaseRequest,
  relay: Relay,
  { store, nowMs }: { readonly store: Pick<Store, 'message' | 'deliveries' | 'suppressed'>; nowMs: number },
): Promise<CheckedRelease> {
  const messageIds = [...new Set(wanted.messageIds)];
  if (messageIds.length === 0 || messageIds.length > liveLimits.releasedMax)
    throw new AppError('bad_request', `Name from 1 to ${liveLimits.releasedMax} messages.`);
  const channels = new Map<string, LiveChannel>();
  const messages: ReleaseSummary['messages'][number][] = [];
  let { to } = wanted;
  for (const id of messageIds) {
    const message = await store.message(id);
    if (message === null) throw new AppError('not_found', `There is no message ${id}.`);
    if (message.details?.origin != null)
      throw new AppError(
        'not_possible',
        `The message ${id} is a notice of the simulated world (${message.details.origin}): it stays there.`,
      );
    const channel = await channelOf(id, message.channel, relay, store);
    to = checkedRecipient(channel, to);
    channels.set(id, channel);
    messages.push({
      id,
      subject: message.summary?.subject ?? '',
      from: message.summary?.from?.address ?? message.envelopeFrom,
    });
  }
  await refuseSuppressed(to, store, nowMs);
  return {
    request: { messageIds, relayId: relay.id, to },
    summary: { relay: shownRelay(relay), to, messages },
    channels,
  };
}

async function channelOf(
  messageId: string,
  channel: string,
  relay: Relay,
  store: Pick<Store, 'deliveries'>,
): Promise<LiveChannel> {
  const takes = channelsOf(relay.settings.kind);
  // A push can be made for another provider too; where it cannot, its client says why.
  const own =
    channel === 'push'
      ? ((await likeOf(messageId, takes, store))?.channel ?? takes.find(isOfPush))
      : liveChannelOf(channel === 'email' || channel === 'sms' ? channel : 'inapp', null);
  if (own != null && takes.includes(own)) return own;
  throw new AppError(
    'bad_request',
    `The message ${messageId} (${channel}) cannot go by the relay ${relay.name}, which is for ${takes.join(', ')}.`,
  );
}

function isOfPush(channel: LiveChannel): boolean {
  return channel !== 'email' && channel !== 'sms';
}

/** A push is made for one provider: the delivery of that message which one of these channels could take, and which. */
export async function likeOf(
  messageId: string,
  takes: readonly LiveChannel[],
  store: Pick<Store, 'deliveries'>,
): Promise<{ readonly delivery: DeliveryRow; readonly channel: LiveChannel } | null> {
  const page = { after: null, limit: lookedAtMax };
  const { entries } = await store.deliveries({ ...everyDelivery, messageId }, page);
  for (const delivery of entries) {
    const channel = liveChannelOf(delivery.carriage, delivery.provider);
    if (channel !== null && takes.includes(channel)) return { delivery, channel };
  }
  return null;
}

async function refuseSuppressed(to: string, store: Pick<Store, 'suppressed'>, nowMs: number): Promise<void> {
  const known = await store.suppressed([to.toLowerCase()], nowMs);
  // What is suppressed for one stream alone the policy looks at, when it knows the stream.
  const found = known.find(({ scope }) => scope === 'all');
  if (found === undefined) return;
  throw new AppError(
    'not_possible',
    `${to} is on the suppression list (${found.reason.replaceAll('_', ' ')}, scope ${found.scope}). Take it off the list to send to it.`,
  );
}
