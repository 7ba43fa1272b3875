/** How much goes out for real in any sixty minutes, counted over restarts too: by the audit log, and then as it goes. */
import type { Clock } from '../clock.ts';
import { type LiveChannel, liveChannels, liveLimits } from '../model/live-relay.ts';
import type { Store } from '../store/store.ts';

export interface LiveCap {
  /** In the last sixty minutes. */
  count(channel: LiveChannel): number;
  /** @returns null when there is no place */
  take(channel: LiveChannel, max: number): CapPlace | null;
}

export interface CapPlace {
  /** It leaves now: the hour counts from here, however long it waited for its turn. */
  begins(): void;
  /** It was not handed over: the place is free again. */
  giveBack(): void;
}

const hourMs = 3_600_000;

export async function openLiveCap(store: Pick<Store, 'liveSends'>, clock: Clock): Promise<LiveCap> {
  // Monotonic: a wall clock that is set back must not make room.
  const taken = new Map<LiveChannel, { atMs: number }[]>();
  const wallMs = clock.wallMs();
  const nowMs = clock.monotonicMs();
  for (const channel of liveChannels) {
    const times = await store.liveSends(channel, wallMs - hourMs, liveLimits.perHourMaxMax);
    taken.set(
      channel,
      times.map((atMs) => ({ atMs: nowMs - Math.max(0, wallMs - atMs) })),
    );
  }

  function placesOf(channel: LiveChannel): { atMs: number }[] {
    const places = taken.get(channel) ?? [];
    const from = clock.monotonicMs() - hourMs;
    // The oldest is first.
    const fresh = places.findIndex(({ atMs }) => atMs > from);
    places.splice(0, fresh < 0 ? places.length : fresh);
    taken.set(channel, places);
    return places;
  }

  function leave(channel: LiveChannel, place: { atMs: number }): boolean {
    const places = placesOf(channel);
    const at = places.lastIndexOf(place);
    if (at >= 0) places.splice(at, 1);
    return at >= 0;
  }

  return {
    count: (channel) => placesOf(channel).length,
    take(channel, max) {
      const places = placesOf(channel);
      if (places.length >= max) return null;
      const place = { atMs: clock.monotonicMs() };
      places.push(place);
      let given = false;
      return {
        begins() {
          if (given) return;
          leave(channel, place);
          place.atMs = clock.monotonicMs();
          placesOf(channel).push(place);
        },
        giveBack() {
          if (!given) leave(channel, place);
          given = true;
        },
      };
    },
  };
}
