import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { SegmentThread } from '../../../core/people/segments/segment-thread.ts';
import { fakeClock } from '../../fake-clock.ts';
import { startCore } from '../../start-core.ts';

const check = (expression: string) => ({ kind: 'check', expression, others: {}, self: null }) as const;
const scan = (expression: string) =>
  ({ kind: 'scan', expression, others: {}, nowMs: 0, among: null }) as const;

it('an expression that runs away is refused, and those that wait behind it are asked of a new thread', async () => {
  const core = await startCore();
  await core.get('/v1/users', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id: 'jane', name: 'a'.repeat(60) }),
  });
  const clock = fakeClock();
  const thread = new SegmentThread(join(core.dataDir, 'sandpost.db'), clock);
  onTestFinished(() => thread.close());
  // It is loaded by then: how long that takes does not count.
  await thread.ask(check('true'));
  const slow = thread.ask(scan("user.name.matches('^(a+)+$') || user.name.matches('^(a|a?)+b$')"));
  const behind = thread.ask(scan("user.name.startsWith('a')"));
  clock.advance(10_000);
  await expect(slow).rejects.toMatchObject({
    code: 'bad_request',
    errors: [{ field: 'expression', code: 'too_slow' }],
  });
  expect(await behind).toEqual({ ids: ['jane'], errors: [] });
});

it('a thread that is closed says so to those who wait', async () => {
  const core = await startCore();
  const thread = new SegmentThread(join(core.dataDir, 'sandpost.db'), fakeClock());
  const asked = [thread.ask(check('true')), thread.ask(check('false'))];
  const closed = thread.close();
  for (const one of asked) await expect(one).rejects.toMatchObject({ code: 'store_closed' });
  await closed;
  await expect(thread.ask(check('true'))).rejects.toMatchObject({ code: 'store_closed' });
});

it('the thread is let go when nothing was asked for a while', async () => {
  const core = await startCore();
  const clock = fakeClock();
  const thread = new SegmentThread(join(core.dataDir, 'sandpost.db'), clock);
  onTestFinished(() => thread.close());
  await thread.ask(check('true'));
  expect(clock.waiting).toBe(1);
  clock.advance(30_000);
  expect(clock.waiting).toBe(0);
  await expect(thread.ask(check('gone == 1'))).rejects.toMatchObject({ code: 'bad_request' });
});
