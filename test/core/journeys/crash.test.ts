/** Never lost, at most one copy more: what is cut off in the middle. */
import { describe, expect, it } from 'vitest';
import { startProcess } from '../../core-process.ts';
import { openSmtp } from '../../smtp-client.ts';
import { temporaryFolder } from '../../start-core.ts';
import { mail, minuteMs, startWorld } from './journey.ts';

/** Killed and started anew on a busy machine. */
const testMsMax = 120_000;
const messages = 120;

describe('a connection that breaks behind the last dot', () => {
  it('leaves one copy more, and the attempt says that it may have arrived', async () => {
    const world = await startWorld();
    await world.provider('default', { disconnectAt: 'end_of_data' });
    const id = await world.send('jane@somewhere.example');
    expect(await world.delivery(id)).toMatchObject({ status: 'queued', substatus: 'deferred' });
    const [first] = await world.attempts(id);
    expect(first?.text).toMatch(/may have been (delivered|taken)|may be a (second )?copy/i);
    await world.provider('default', { disconnectAt: 'never' });
    await world.clock({ advanceMs: 2 * minuteMs });
    expect(await world.delivery(id)).toMatchObject({ status: 'delivered', attempts: 2 });
    expect((await world.inbox('jane@somewhere.example')).length).toBe(2);
  });

  it('in the middle of the message leaves nothing behind', async () => {
    const world = await startWorld();
    await world.provider('default', { disconnectAt: 'data' });
    const id = await world.send('jane@somewhere.example');
    await world.provider('default', { disconnectAt: 'never' });
    await world.clock({ advanceMs: 2 * minuteMs });
    expect(await world.delivery(id)).toMatchObject({ status: 'delivered', attempts: 2 });
    expect((await world.inbox('jane@somewhere.example')).length).toBe(1);
  });
});

describe('a core that is killed with deliveries under way', () => {
  it('delivers every one of them after its restart, with no more copies than were under way', {
    timeout: testMsMax,
  }, async () => {
    const folder = await temporaryFolder();
    const first = await startProcess(folder);
    const client = await openSmtp(first.port('smtp'));
    await client.reply();
    await client.say('EHLO client.example');
    for (let at = 0; at < messages; at++)
      await client.deliver(
        'hello@shop.example',
        [`user${at}@somewhere.example`],
        mail({ to: `user${at}@somewhere.example` }),
      );
    // Some are done, some are under way, some wait.
    await reached(first.ready.url, 1);
    await first.end('SIGKILL');
    const second = await startProcess(folder);
    await reached(second.ready.url, messages);
    const left = await count(second.ready.url, 'queued');
    expect(left).toBe(0);
    const boxes = await get<{
      total: number;
      entries: { address: string; counts: Record<string, number> }[];
    }>(second.ready.url, '/v1/mailboxes?limit=500');
    expect(boxes.total).toBe(messages);
    const copies = boxes.entries.map((box) => Object.values(box.counts).reduce((sum, one) => sum + one, 0));
    expect(Math.min(...copies)).toBe(1);
    expect(Math.max(...copies)).toBeLessThanOrEqual(2);
    // Each that came twice says why.
    const interrupted = await get<{ entries: { data: { recipient: string; reason: string } }[] }>(
      second.ready.url,
      '/v1/events?type=interrupted&limit=1000',
    );
    const explained = interrupted.entries.map(({ data }) => data.recipient);
    const twice = boxes.entries.filter((_, index) => copies[index] === 2).map(({ address }) => address);
    expect(explained).toEqual(expect.arrayContaining(twice));
    for (const { data } of interrupted.entries) expect(data.reason).toMatch(/second copy is possible/);
    await second.end('SIGTERM');
  });
});

async function get<T>(url: string, path: string): Promise<T> {
  const answer: T = await (await fetch(`${url}${path}`)).json();
  return answer;
}

async function count(url: string, status: string): Promise<number> {
  return (await get<{ total: number }>(url, `/v1/deliveries?status=${status}&limit=1`)).total;
}

/** Asks until so many are delivered; the test's own time limit ends it. */
async function reached(url: string, wanted: number): Promise<void> {
  while ((await count(url, 'delivered')) < wanted) await new Promise((resolve) => setImmediate(resolve));
}
