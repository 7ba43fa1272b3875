/** Never lost, and sent once: an SMS that is cut off in the middle, whose report comes after the restart. */
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../start-core.ts';
import { openSmsWorld } from './sms-world.ts';
import { startStalled } from './stalled.ts';

const testMsMax = 60_000;

it(
  'an SMS that its provider took before Sandpost was killed is not sent again, and its report is heard',
  async () => {
    const folder = await temporaryFolder();
    const stalled = await startStalled(folder);
    const sent = await stalled.call<{ id: string }>('/v1/messages', {
      channel: 'sms',
      to: '+14155550123',
      body: 'Hello',
    });
    // The door has said yes: what it took is on the disk.
    expect(await stalled.said()).toBe('record');
    await stalled.kill();

    const world = await openSmsWorld(folder, ['--http-port', new URL(stalled.url).port]);
    onTestFinished(() => world.core.close());
    await world.core.app.settled();
    expect(await world.again(sent.id)).toMatchObject({ status: 'delivered', attempts: 0 });
    const events = await world.events(sent.id);
    expect(events.filter(({ type }) => type === 'interrupted')).toMatchObject([
      { data: { reason: expect.stringContaining('the provider had taken the SMS already') } },
    ]);
    const { entries } = await world.core.json<{ entries: readonly unknown[] }>(
      `/v1/handsets/${encodeURIComponent('+14155550123')}/messages`,
    );
    expect(entries).toHaveLength(1);
  },
  testMsMax,
);
