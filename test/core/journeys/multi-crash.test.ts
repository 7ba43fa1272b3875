/** Never lost, and made once: a send over several channels that is cut off between its steps. */
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../start-core.ts';
import { openMultiWorld, words } from './multi-world.ts';
import { startStalled } from './stalled.ts';

const testMsMax = 120_000;

/** Where it stops: what was refused is about to be kept; a message was made and its act is not over; nothing was done. */
it.each(['keepSteps', 'finishActs', 'multiSteps', 'record'])(
  'killed at %s it goes on at the next start, and leads to one message',
  async (at) => {
    const folder = await temporaryFolder();
    const stalled = await startStalled(folder, at);
    const { id } = await stalled.call<{ id: string }>('/v1/messages', {
      channels: ['push', 'email'],
      to: [{ user: 'jane', email: 'jane@gmail.com' }],
      content: words,
    });
    expect(await stalled.said()).toBe(at);
    await stalled.kill();

    const world = await openMultiWorld(folder);
    onTestFinished(() => world.core.close());
    expect(await world.of(id)).toMatchObject({ status: 'delivered', attempts: 2 });
    expect((await world.parts(id)).map(({ step, status }) => [step, status])).toEqual([
      [2, 'delivered'],
      [1, 'undeliverable'],
    ]);
    expect(await world.messages('channel:email')).toHaveLength(1);
  },
  testMsMax,
);
