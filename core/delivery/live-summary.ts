/** What would go out for real if live relay were turned on now: each delivery that waits, and where it would go. */

import { AppError } from '../model/app-error.ts';
import type { Carriage } from '../model/delivery.ts';
import {
  type ChannelSummary,
  type LiveChannel,
  type LiveSetup,
  type LiveSummary,
  liveChannelOf,
  liveLimits,
  type Relay,
  type RelaySettings,
  type SummaryEntry,
} from '../model/live-relay.ts';
import type { Store } from '../store/store.ts';
import type { Recipients } from './live-recipients.ts';
import { everyDelivery } from './queue.ts';

export interface SummaryFacts {
  readonly store: Pick<Store, 'deliveries'>;
  readonly relays: ReadonlyMap<LiveChannel, Relay>;
  readonly recipients: ReadonlyMap<LiveChannel, Recipients>;
  readonly sentThisHour: (channel: LiveChannel) => number;
  readonly nowMs: number;
}

export interface FoundSummary {
  readonly summary: LiveSummary;
  /** All deliveries that would go, each with whom it goes to; those over the cap and those due later among them. */
  readonly going: ReadonlySet<string>;
}

const pageSize = 500;

/** @throws AppError `not_possible` when more waits than can be looked at */
export async function summaryOf(setup: LiveSetup, facts: SummaryFacts): Promise<FoundSummary> {
  const untilMs = facts.nowMs + setup.durationMs;
  const going = new Set<string>();
  const channels = new Map<LiveChannel, Counted>();
  for (const [channel, relay] of facts.relays)
    channels.set(channel, {
      relay,
      room: Math.max(0, (setup.channels[channel]?.perHourMax ?? 0) - facts.sentThisHour(channel)),
      goes: 0,
      overCap: 0,
      notAllowed: 0,
      later: 0,
      entries: [],
      notAllowedEntries: [],
    });
  let looked = 0;
  for (const carriage of carriagesOf([...facts.relays.keys()]))
    for (let after: number | null = null; ; ) {
      const page: Awaited<ReturnType<Store['deliveries']>> = await facts.store.deliveries(
        { ...everyDelivery, status: 'queued', carriage },
        { after, limit: pageSize },
      );
      for (const delivery of page.entries) {
        if (++looked > liveLimits.summaryMax) throw tooMany();
        const channel = liveChannelOf(carriage, delivery.provider);
        const counted = channel === null ? undefined : channels.get(channel);
        if (channel === null || counted === undefined || delivery.substatus === 'held') continue;
        const to = facts.recipients.get(channel)?.to(delivery.recipient) ?? null;
        const { id, messageId, recipient, nextAttemptAtMs } = delivery;
        const entry: SummaryEntry = {
          deliveryId: id,
          messageId,
          recipient,
          to: to ?? recipient,
          dueAtMs: nextAttemptAtMs,
        };
        if (to === null) {
          counted.notAllowed++;
          if (counted.notAllowedEntries.length < liveLimits.summaryListed)
            counted.notAllowedEntries.push(entry);
          continue;
        }
        going.add(`${id} ${to}`);
        if (counted.entries.length < liveLimits.summaryListed) counted.entries.push(entry);
        if (nextAttemptAtMs !== null && nextAttemptAtMs > untilMs) counted.later++;
        else if (counted.goes < counted.room) counted.goes++;
        else counted.overCap++;
      }
      after = page.next;
      if (after === null) break;
    }
  const shown: Partial<Record<LiveChannel, ChannelSummary>> = {};
  for (const [channel, { relay, room: _, ...counted }] of channels)
    shown[channel] = {
      ...counted,
      relay: shownRelay(relay),
    };
  return { summary: { setup, untilMs, channels: shown }, going };
}

interface Counted {
  readonly relay: Relay;
  readonly room: number;
  goes: number;
  overCap: number;
  notAllowed: number;
  later: number;
  readonly entries: SummaryEntry[];
  readonly notAllowedEntries: SummaryEntry[];
}

function carriagesOf(channels: readonly LiveChannel[]): readonly Carriage[] {
  return [...new Set(channels.map((one): Carriage => (one === 'email' || one === 'sms' ? one : 'push')))];
}

function tooMany(): AppError {
  return new AppError(
    'not_possible',
    `More than ${liveLimits.summaryMax} deliveries wait, too many to be looked at before they go out for real. Cancel or hold what is not to go, then ask again.`,
  );
}

export function shownRelay({ id, name, settings }: Relay): ChannelSummary['relay'] {
  return { id, name, kind: settings.kind, address: relayAddress(settings) };
}

/** Where a relay leads, in words. */
export function relayAddress(settings: RelaySettings): string {
  switch (settings.kind) {
    case 'smtp':
      return `${settings.host}:${settings.port}`;
    case 'mx':
      return 'the mail hosts of each recipient’s domain';
    case 'webhook':
      return settings.url;
    case 'webpush':
      return 'the push service of each subscription';
    case 'apns':
    case 'fcm':
      return settings.url ?? { apns: 'api.push.apple.com', fcm: 'fcm.googleapis.com' }[settings.kind];
    default:
      return settings.url ?? settings.kind;
  }
}
