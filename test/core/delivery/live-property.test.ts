/** Whatever happens, in whatever order: nothing goes out that the guard did not let go at that moment. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { everyDelivery } from '../../../core/delivery/queue.ts';
import { AppError } from '../../../core/model/app-error.ts';
import { held, startLiveWorld } from './live-world.ts';
import { deferred } from './world.ts';

const capMax = 3;
const hourMs = 3_600_000;
const testMsMax = 120_000;

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('send' as const), to: fc.constantFrom('allowed', 'else') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('on' as const), forMs: fc.constantFrom(10_000, 600_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('off' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('confirm_late' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('time' as const), ms: fc.constantFrom(5_000, 60_000, hourMs) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('let_go' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('defer' as const), on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('idle' as const) }) },
);

it('lets nothing out that is not allowed, not confirmed, over the cap or after the end', { timeout: testMsMax }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const live = await startLiveWorld();
      const { world, guard } = live;
      /** Ours, beside the guard's: until when it is on (monotonic), and what was released by hand. */
      let untilMs = Number.NEGATIVE_INFINITY;
      const byHand = new Set<string>();
      let late: string | null = null;
      const wrong: string[] = [];
      live.before = (job) => {
        // Attempts begin and end at any time between.
        if (job.nowMs % 3 === 0) return new Promise((resolve) => setImmediate(resolve));
        return Promise.resolve();
      };
      live.after = (job) => {
        for (const { delivery } of job.deliveries) {
          const allowed = delivery.domain === 'allowed.example' && world.clock.monotonicMs() < untilMs;
          if (!allowed && !byHand.has(delivery.recipient)) wrong.push(delivery.recipient);
        }
        return Promise.resolve();
      };
      let sends = 0;
      for (const one of steps)
        try {
          switch (one.do) {
            case 'send':
              await world.send([`n${++sends}@${one.to}.example`]);
              break;
            case 'on': {
              const { confirmation } = await guard.summarize(live.setup({ perHourMax: capMax }, one.forMs));
              late = (await guard.summarize(live.setup({ perHourMax: capMax }, one.forMs))).confirmation;
              // Before it is confirmed: it is on from some moment in between.
              const before = untilMs;
              untilMs = world.clock.monotonicMs() + one.forMs;
              try {
                await guard.turnOn(confirmation, 'api');
              } catch (error) {
                untilMs = before;
                throw error;
              }
              break;
            }
            case 'confirm_late':
              // A stop, two minutes, or its first use make it worthless; it must not bring back what is over.
              if (late === null || guard.isLive()) break;
              untilMs = world.clock.monotonicMs() + hourMs;
              try {
                await guard.turnOn(late, 'api');
                byHand.clear();
                await guard.turnOff('api');
              } finally {
                untilMs = Number.NEGATIVE_INFINITY;
              }
              break;
            case 'off':
              untilMs = Number.NEGATIVE_INFINITY;
              byHand.clear();
              await guard.turnOff('screen');
              break;
            case 'time':
              await live.pass(one.ms);
              break;
            case 'release': {
              const { entries } = await world.store.deliveries(everyDelivery, { after: null, limit: 1 });
              const [newest] = entries;
              if (newest === undefined) break;
              const to = `me${++sends}@mine.example`;
              byHand.add(to);
              await live.release(newest.messageId, to);
              break;
            }
            case 'let_go': {
              const ids = (await held(live)).entries.map(({ id }) => id);
              await world.store.order(ids, { kind: 'release', nowMs: world.virtual.nowMs(), reason: 'let go' });
              world.engine.wake();
              break;
            }
            case 'defer':
              live.answer = () => (one.on ? deferred() : {});
              break;
            case 'idle':
              await world.engine.idle();
              break;
          }
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
        }
      await world.engine.idle();
      expect(wrong).toEqual([]);
      expect(live.problems).toEqual([]);
      // Of what was not released by hand, never more in any hour than the cap says.
      const listed = live.handed.filter(({ to }) => to.some((one) => one.endsWith('@allowed.example')));
      for (const { atMs } of listed)
        expect(listed.filter((one) => one.atMs > atMs - hourMs && one.atMs <= atMs).length).toBeLessThanOrEqual(capMax);
      // Each was in the log before.
      const logged = (await live.audit()).filter(({ kind }) => kind === 'send').length;
      expect(logged).toBeGreaterThanOrEqual(live.handed.length);
      await live.close();
    }),
    { numRuns: 25 },
  );
});
