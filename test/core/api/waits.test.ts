import { expect, it } from 'vitest';
import type { ProblemDocument } from '../../../core/api/schema.ts';
import { startCore } from '../../start-core.ts';

it('lets 200 calls wait for a message and tells the next one to come back', async () => {
  const core = await startCore();
  const abort = new AbortController();
  const waiting = Array.from({ length: 200 }, () =>
    core.get('/v1/messages/wait?q=never&timeoutMs=60000', { signal: abort.signal }).catch(() => null),
  );
  // Asked again until all of them have come in.
  let refused: Response;
  do refused = await core.get('/v1/messages/wait?q=never&timeoutMs=0');
  while (refused.status === 404);
  expect(refused.status).toBe(503);
  const problem: ProblemDocument = await refused.json();
  expect(problem.code).toBe('store_busy');
  abort.abort();
  await Promise.all(waiting);
  expect((await core.get('/livez')).status).toBe(200);
});
