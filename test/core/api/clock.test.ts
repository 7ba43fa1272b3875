import { expect, it } from 'vitest';
import type { Clock, Delivery } from '../../../core/api/schema.ts';
import { deferred, sent, startMs } from '../delivery/world.ts';
import { type Listed, startQueueWorld } from './queue-world.ts';

const minuteMs = 60_000;
const iso = (afterStartMs: number): string => new Date(startMs + afterStartMs).toISOString();

it('shows virtual and wall time, and what is due next', async () => {
  const core = await startQueueWorld();
  expect(await core.get('/v1/clock')).toEqual({
    virtualAt: iso(0),
    wallAt: iso(0),
    speed: 0,
    frozen: true,
    real: false,
    nextDueAt: null,
  } satisfies Clock);
  expect(await core.done('POST', '/v1/clock', { freeze: false })).toMatchObject({
    speed: 1,
    frozen: false,
    real: true,
  });
});

it('is advanced through all that becomes due on the way', async () => {
  const core = await startQueueWorld();
  core.world.answer = (_, attempt) => (attempt < 4 ? deferred() : sent);
  await core.world.send(['a@one.example']);
  await core.idle();
  expect(await core.get('/v1/clock')).toMatchObject({ nextDueAt: iso(minuteMs) });
  expect(await core.done('POST', '/v1/clock', { toNext: true })).toMatchObject({ virtualAt: iso(minuteMs) });
  const after = await core.done<Clock>('POST', '/v1/clock', { advanceMs: 24 * 60 * minuteMs });
  expect(after).toMatchObject({
    virtualAt: iso(24 * 60 * minuteMs + minuteMs),
    nextDueAt: null,
    real: false,
  });
  expect(core.world.jobs.map((job) => job.atMs - startMs)).toEqual([
    0,
    minuteMs,
    6 * minuteMs,
    21 * minuteMs,
  ]);
  const { entries } = await core.get<Listed<Delivery>>('/v1/deliveries');
  expect(entries[0]).toMatchObject({ status: 'sent', attempts: 4 });
});

it('runs faster and stands still', async () => {
  const core = await startQueueWorld();
  expect(await core.done('POST', '/v1/clock', { speed: 60 })).toMatchObject({ speed: 60, frozen: false });
  core.world.clock.advance(1_000);
  expect(await core.done('POST', '/v1/clock', { freeze: true })).toMatchObject({
    speed: 0,
    frozen: true,
    virtualAt: iso(minuteMs),
    wallAt: iso(1_000),
  });
});

it('refuses what it cannot do, and two things at once', async () => {
  const core = await startQueueWorld();
  expect(await core.refusal('POST', '/v1/clock', { toNext: true })).toMatchObject({
    status: 409,
    code: 'nothing_due',
  });
  for (const body of [
    {},
    { advanceMs: -1 },
    { advanceMs: 0 },
    { speed: -2 },
    { speed: 60, freeze: true },
    { rewind: 5 },
    { advanceMs: '4h' },
  ])
    expect(await core.refusal('POST', '/v1/clock', body)).toMatchObject({ status: 400, code: 'bad_request' });
});
