import { expect, test } from 'vitest';
import { UserQueues, usualLimits } from '../../../../core/channels/inapp/user-queues.ts';
import { row } from './row.ts';

test('what is older than a user’s messages may be leaves the feed, as it does at the next start', async () => {
  let version = 0;
  const queues = new UserQueues(
    { inApps: async () => ({ entries: [], next: null, total: 0 }) },
    {
      nowMs: () => 0,
      nextVersion: () => ++version,
      nextSeq: () => ++version,
      onListenerError: (error) => {
        throw error;
      },
    },
    { ...usualLimits, rowsPerUserMax: 2 },
  );
  const queue = await queues.ready('jane');
  for (const seq of [1, 2, 3]) queues.put(queue, row({ id: `row-${seq}`, user: 'jane', seq }), true);
  expect([...queue.rows()].map(({ id }) => id)).toEqual(['row-2', 'row-3']);
  expect(queues.holding('row-1')).toBeNull();
  expect(queues.rows).toBe(2);
});
