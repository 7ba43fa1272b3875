/** What was released by hand and may still be tried: for an hour, by the relay that was chosen. */
import type { Clock } from '../clock.ts';
import { type LiveActor, type LiveChannel, liveLimits, type Relay } from '../model/live-relay.ts';
import type { LiveCap } from './live-cap.ts';
import type { LivePass } from './live-leave.ts';

export interface LiveReleases {
  size(): number;
  has(deliveryId: string): boolean;
  uses(relayId: string): boolean;
  /** @param about `recipient`: as the delivery has it */
  add(
    deliveryId: string,
    about: { relay: Relay; channel: LiveChannel; by: LiveActor; recipient: string },
  ): void;
  /**
   * Takes a place under the cap, which does not hold it back. @returns null when there is no leave for it, nor for that
   * recipient: its envelope may have been edited since
   */
  passOf(deliveryId: string, recipient: string): LivePass | null;
  remove(deliveryIds: readonly string[]): void;
  /** Takes all leave back. @returns of how many */
  clear(): number;
  /** @returns whether the time of some was over */
  dropOverdue(): boolean;
}

interface Released {
  readonly relay: Relay;
  readonly channel: LiveChannel;
  readonly by: LiveActor;
  readonly recipient: string;
  readonly untilMs: number;
  readonly untilMonotonicMs: number;
  over: boolean;
}

/** @param isReal is the virtual clock wall time? What waits for another time would go when nobody thinks of it any more */
export function createReleases(
  clock: Clock,
  cap: Pick<LiveCap, 'take'>,
  isReal: () => boolean,
): LiveReleases {
  const released = new Map<string, Released>();

  function isOver(one: Released): boolean {
    // By the wall clock too, for a machine that slept.
    return one.over || clock.monotonicMs() >= one.untilMonotonicMs || clock.wallMs() >= one.untilMs;
  }

  function forget(deliveryId: string): void {
    const one = released.get(deliveryId);
    if (one !== undefined) one.over = true;
    released.delete(deliveryId);
  }

  return {
    size: () => released.size,
    has: (deliveryId) => released.has(deliveryId),
    uses: (relayId) => [...released.values()].some(({ relay }) => relay.id === relayId),
    add(deliveryId, about) {
      released.set(deliveryId, {
        ...about,
        untilMs: clock.wallMs() + liveLimits.releaseMs,
        untilMonotonicMs: clock.monotonicMs() + liveLimits.releaseMs,
        over: false,
      });
    },
    passOf(deliveryId, recipient) {
      const one = released.get(deliveryId);
      if (one === undefined) return null;
      if (isOver(one) || !isReal() || one.recipient !== recipient) {
        forget(deliveryId);
        return null;
      }
      const { relay, channel, by } = one;
      // What was chosen by hand has no cap, and counts.
      const place = cap.take(channel, Number.POSITIVE_INFINITY);
      return {
        relay,
        channel,
        by,
        route: { relayId: relay.id, relay: relay.name, kind: relay.settings.kind, rewrittenFrom: null },
        valid: () => !isOver(one) && isReal(),
        begins: () => place?.begins(),
        giveBack: () => place?.giveBack(),
      };
    },
    remove(deliveryIds) {
      for (const id of deliveryIds) forget(id);
    },
    clear() {
      const count = released.size;
      for (const id of [...released.keys()]) forget(id);
      return count;
    },
    dropOverdue() {
      const overdue = [...released].filter(([, one]) => isOver(one));
      for (const [id] of overdue) forget(id);
      return overdue.length > 0;
    },
  };
}
