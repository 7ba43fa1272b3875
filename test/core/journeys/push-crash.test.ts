/** Never lost, and shown once: a push that is cut off in the middle. */
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../start-core.ts';
import { app, openPushWorld } from './push-world.ts';
import { startStalled } from './stalled.ts';

const testMsMax = 60_000;

it.each([
  ['to a phone', (id: string) => ({ phone: id }), 'delivered'],
  ['to a topic', () => ({ topic: 'news' }), 'sent'],
] as const)(
  'a push %s that its provider took before Sandpost was killed is not sent again',
  async (_name, to, status) => {
    const folder = await temporaryFolder();
    const stalled = await startStalled(folder);
    const { id } = await stalled.call<{ id: string }>('/v1/phones', { platform: 'android' });
    await stalled.call(`/v1/phones/${id}/register`, { app, topics: ['news'] });
    const other = await stalled.call<{ id: string }>('/v1/phones', { platform: 'android' });
    await stalled.call(`/v1/phones/${other.id}/register`, { app, topics: ['news'] });
    const push = await stalled.call<{ id: string }>('/v1/messages', {
      channel: 'push',
      to: to(id),
      title: 'Your order',
    });
    // The door has said yes: what it took is on the disk.
    expect(await stalled.said()).toBe('record');
    await stalled.kill();

    const world = await openPushWorld(folder);
    onTestFinished(() => world.core.close());
    await world.core.app.settled();
    expect(await world.again(push.id)).toMatchObject({ status, attempts: 0 });
    expect(await world.pushesOn(id)).toMatchObject([{ state: 'delivered', shown: true }]);
    const events = await world.events(push.id);
    expect(events.filter(({ type }) => type === 'interrupted')).toMatchObject([
      { data: { reason: expect.stringContaining('the provider had taken the push already') } },
    ]);
  },
  testMsMax,
);
