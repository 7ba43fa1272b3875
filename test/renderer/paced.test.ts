import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { paced } from '../../renderer/src/live/paced.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('runs at once, then once more for all that was asked for meanwhile', async () => {
  const action = vi.fn(() => Promise.resolve());
  const pace = paced(action, 250);
  for (let index = 0; index < 500; index += 1) pace.run();
  expect(action).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(250);
  expect(action).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(action).toHaveBeenCalledTimes(2);
});

it('goes on after an action that failed', async () => {
  const action = vi.fn(() => Promise.reject(new Error('away')));
  const pace = paced(action, 100);
  pace.run();
  await vi.advanceTimersByTimeAsync(100);
  pace.run();
  expect(action).toHaveBeenCalledTimes(2);
});
