/** How much goes out for real in any sixty minutes, counted over restarts too: by the audit log, and then as it goes. */
import type { Clock } from '../clock.ts';
import { type LiveChannel, liveChannels, liveLimits } from '../model/live-relay.ts';
import type { Store } from '../store/store.ts';

export interface LiveCap {
  /** In the last sixty minutes. */
  count(channel: LiveChannel): number;
  /** @returns null when there is no place; else gives it back, for what was not handed over */
  take(channel: LiveChannel, max: number): (() => void) | null;
}

const hourMs = 3_600_000;

export async function openLiveCap(store: Pick<Store, 'liveSends'>, clock: Clock): Promise<LiveCap> {
  // Monotonic: a wall clock that is set back must not make room.
  const sent = new Map<LiveChannel, number[]>();
  const wallMs = clock.wallMs();
  const nowMs = clock.monotonicMs();
  for (const channel of liveChannels) {
    const times = await store.liveSends(channel, wallMs - hourMs, liveLimits.perHourMaxMax);
    sent.set(
      channel,
      times.map((atMs) => nowMs - Math.max(0, wallMs - atMs)),
    );
  }

  function timesOf(channel: LiveChannel): number[] {
    const times = sent.get(channel) ?? [];
    const from = clock.monotonicMs() - hourMs;
    const fresh = times.findIndex((atMs) => atMs > from);
    times.splice(0, fresh < 0 ? times.length : fresh);
    sent.set(channel, times);
    return times;
  }

  return {
    count: (channel) => timesOf(channel).length,
    take(channel, max) {
      const times = timesOf(channel);
      if (times.length >= max) return null;
      const atMs = clock.monotonicMs();
      times.push(atMs);
      let given = false;
      return () => {
        if (given) return;
        given = true;
        const at = timesOf(channel).lastIndexOf(atMs);
        if (at >= 0) times.splice(at, 1);
      };
    },
  };
}
