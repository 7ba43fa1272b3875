import { afterEach, expect, it } from 'vitest';
import { createVirtualClock } from '../../../core/clock.ts';
import { loadVirtualTime } from '../../../core/delivery/virtual-time.ts';
import { deferred, openWorld, startMs, type World } from './world.ts';

const hourMs = 3_600_000;

let world: World | null = null;
afterEach(async () => {
  await world?.close();
  world = null;
});

it('is where it was after a crash in the middle of an advance: time never goes back', async () => {
  const restarted: number[] = [];
  const w = await openWorld({
    carrier: (scripted) => ({
      ...scripted,
      carry: async (job) => {
        const clock = createVirtualClock(w.clock, await loadVirtualTime(w.store));
        restarted.push(clock.nowMs() - job.nowMs);
        return scripted.carry(job);
      },
    }),
  });
  world = w;
  w.answer = () => deferred();
  await w.send(['jane@example.com']);
  await w.travel.advance(24 * hourMs);
  expect(restarted.length).toBeGreaterThan(8);
  expect(restarted).toEqual(restarted.map(() => 0));
  expect((await loadVirtualTime(w.store))?.baseMs).toBe(startMs + 24 * hourMs);
});
