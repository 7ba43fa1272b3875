/** Back to wall time: what waits keeps the time that it has still to wait. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { createQueue } from '../../../core/delivery/queue.ts';
import { deliverySettingsSchema } from '../../../core/delivery/settings.ts';
import { createVirtualTime } from '../../../core/delivery/virtual-time.ts';
import { deferred, openWorld, sent } from './world.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

async function start() {
  const world = await openWorld();
  onTestFinished(() => world.close());
  const { store, engine, virtual, clock, travel } = world;
  const settings = deliverySettingsSchema.parse({ jitter: 0 });
  const queue = createQueue(
    { store, engine, virtual, clock, newId: () => 'suspension', providerOf: () => 'default' },
    { settings, suspensions: [] },
  );
  const time = createVirtualTime(
    virtual,
    clock,
    travel,
    store,
    () => engine.wake(),
    (byMs) => queue.shift(byMs),
  );
  world.answer = (_, attempt) => (attempt === 1 ? deferred(30 * minuteMs) : sent);
  const dueInMs = async (id: string) => {
    const { nextAttemptAtMs = null, expiresAtMs } = (await store.delivery(id))?.delivery ?? {
      expiresAtMs: 0,
    };
    return { due: (nextAttemptAtMs ?? 0) - virtual.nowMs(), expires: expiresAtMs - virtual.nowMs() };
  };
  return { world, queue, time, dueInMs };
}

describe('the clock goes back to wall time', () => {
  it('from ahead of it, at any speed: what waits still waits as long', async () => {
    for (const speed of [0, 1, 60]) {
      const { world, time, dueInMs } = await start();
      await time.change({ kind: 'advance', byMs: 3 * dayMs });
      const [id = ''] = await world.send(['a@one.example']);
      await world.engine.idle();
      if (speed > 0) await time.change({ kind: 'speed', speed });
      const before = await dueInMs(id);
      expect(await time.change({ kind: 'reset' })).toMatchObject({ real: true, speed: 1 });
      expect(await dueInMs(id)).toEqual(before);
      expect(before.due).toBe(30 * minuteMs);
      world.clock.advance(30 * minuteMs);
      await world.engine.idle();
      expect((await world.store.delivery(id))?.delivery).toMatchObject({ status: 'sent', attempts: 2 });
    }
  });

  it('from behind it, through all that became due meanwhile', async () => {
    const { world, time, dueInMs } = await start();
    const ids = await world.send(['a@one.example']);
    await world.engine.idle();
    world.clock.advance(10 * minuteMs);
    const later = await world.send(['b@one.example']);
    await world.engine.idle();
    world.clock.advance(25 * minuteMs);
    expect(await time.change({ kind: 'reset' })).toMatchObject({ real: true });
    expect((await world.store.delivery(ids[0] ?? ''))?.delivery).toMatchObject({
      status: 'sent',
      attempts: 2,
    });
    // It was put off while the clock stood still at the start.
    expect((await world.store.delivery(later[0] ?? ''))?.delivery).toMatchObject({ status: 'sent' });
    expect(world.jobs).toHaveLength(4);
    expect((await dueInMs(ids[0] ?? '')).due).toBeLessThanOrEqual(0);
  });

  it('keeps a suspension as long as it had to last, and the rate of a stream that was used up', async () => {
    const { world, queue, time } = await start();
    world.answer = () => sent;
    await time.change({ kind: 'advance', byMs: 3 * dayMs });
    await queue.change(
      deliverySettingsSchema.parse({ jitter: 0, streamRatePerHour: { transactional: 1, marketing: 0 } }),
    );
    await queue.suspend({
      match: { by: 'domain', value: 'one.example' },
      reason: 'rest',
      action: 'suspend',
      untilMs: world.virtual.nowMs() + 10 * minuteMs,
    });
    const [id = ''] = await world.send(['a@one.example']);
    await world.engine.idle();
    await time.change({ kind: 'reset' });
    world.clock.advance(10 * minuteMs);
    await world.engine.idle();
    expect((await world.store.delivery(id))?.delivery).toMatchObject({ status: 'sent' });
    expect(queue.suspensions()).toEqual([]);
  });
});
