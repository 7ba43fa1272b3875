/** The notices (DSNs) that our own mail server owes an app that hands over mail by SMTP. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseDsn } from '../../../core/reports/dsn.ts';
import { storedId, temporaryFolder } from '../../start-core.ts';
import { hourMs, mail, minuteMs, openWorld, startWorld, type World } from './journey.ts';

/** With parameters of the envelope (RFC 3461). @returns the message's id */
async function submit(
  world: World,
  to: string,
  parameters: { readonly mail?: string; readonly rcpt: string },
): Promise<string> {
  const client = await world.core.smtp();
  await client.say(`MAIL FROM:<hello@shop.example> ${parameters.mail ?? ''}`.trim());
  await client.say(`RCPT TO:<${to}> ${parameters.rcpt}`);
  await client.say('DATA');
  const id = storedId(await client.say(`${mail({ to })}.`));
  await client.quit();
  await world.core.app.settled();
  return id;
}

async function notices(world: World, subject: string): Promise<readonly string[]> {
  const found = await world.messages(`subject:"${subject}"`);
  return Promise.all(found.map(async ({ id }) => String(await world.core.raw(id))));
}

const late = 'Delayed Mail (still being retried)';
const failed = 'Undelivered Mail Returned to Sender';
const success = 'Successful Mail Delivery Report';

describe('a delay', () => {
  it('that is to be told is told once, whatever number of tries there are, also after a restart', async () => {
    const folder = await temporaryFolder();
    const first = await openWorld(folder);
    await first.clock({ freeze: true });
    await first.provider('default', { throttle: true });
    await submit(first, 'jane@somewhere.example', { rcpt: 'NOTIFY=DELAY,FAILURE' });
    await first.clock({ advanceMs: 3 * hourMs });
    expect(await notices(first, late)).toEqual([]);
    await first.core.close();
    const second = await openWorld(folder);
    await second.clock({ advanceMs: 2 * hourMs });
    const [notice = '', ...others] = await notices(second, late);
    expect(others).toEqual([]);
    expect(parseDsn(Buffer.from(notice))?.recipients).toMatchObject([
      { action: 'delayed', finalRecipient: 'jane@somewhere.example', remoteMta: expect.any(String) },
    ]);
    await second.core.close();
    const third = await openWorld(folder);
    onTestFinished(() => third.core.close());
    await third.clock({ advanceMs: 24 * hourMs });
    expect(await notices(third, late)).toEqual([notice]);
  });

  it('is not told of what got there in the meantime', async () => {
    const world = await startWorld();
    await world.provider('default', { throttle: true });
    await submit(world, 'jane@somewhere.example', { rcpt: 'NOTIFY=DELAY' });
    await world.provider('default', { throttle: false });
    await world.clock({ advanceMs: 12 * hourMs });
    expect(await notices(world, late)).toEqual([]);
  });
});

describe('a notice', () => {
  it('names one server, and one clock for all that it tells of', async () => {
    const world = await startWorld();
    await world.call('POST', '/v1/domains', { name: 'shop.example' });
    await world.clock({ advanceMs: 1_000 * hourMs });
    await world.send('jane@no-such-place.invalid');
    const { helo } = await world.core.json<{ helo: string }>('/v1/domains/shop.example');
    const [notice = ''] = await notices(world, failed);
    const read = parseDsn(Buffer.from(notice));
    expect(read?.reportingMta).toBe(helo);
    expect(notice).toMatch(new RegExp(`Message-ID: <.*@${helo}>`));
    const virtualAt = Date.parse((await world.clock({ freeze: true })).virtualAt);
    for (const atMs of [read?.arrivalAtMs, read?.recipients[0]?.lastAttemptAtMs])
      expect(Math.abs((atMs ?? 0) - virtualAt)).toBeLessThan(hourMs);
    const writtenAtMs = Date.parse(/^Date: (.*)$/m.exec(notice)?.[1] ?? '');
    expect(virtualAt - writtenAtMs).toBeGreaterThan(999 * hourMs);
  });

  it('of what the queue itself ends says so', async () => {
    const world = await startWorld();
    await world.provider('default', { throttle: true });
    await world.send('jane@somewhere.example');
    await world.clock({ advanceMs: 50 * hourMs });
    const [notice = ''] = await notices(world, failed);
    expect(parseDsn(Buffer.from(notice))?.recipients).toMatchObject([
      { action: 'failed', status: '4.4.7', diagnostic: expect.stringContaining('queue lifetime') },
    ]);
  });
});

describe('a success that is to be told', () => {
  it('is told as handed on where the next hop tells nothing', async () => {
    const world = await startWorld();
    await submit(world, 'jane@gmail.com', {
      mail: 'ENVID=QQ+2B17 RET=HDRS',
      rcpt: 'NOTIFY=SUCCESS ORCPT=rfc822;jane+2Btag@gmail.com',
    });
    await world.clock({ advanceMs: 10 * minuteMs });
    const all = await notices(world, success);
    expect(all.map((text) => parseDsn(Buffer.from(text)))).toMatchObject([
      {
        originalEnvelopeId: 'QQ+17',
        originalIsHeadersOnly: true,
        recipients: [{ action: 'relayed', originalRecipient: 'jane+tag@gmail.com' }],
      },
    ]);
  });

  it('is told by the provider where that offers to, and not by us as well', async () => {
    const world = await startWorld();
    const id = await submit(world, 'jane@somewhere.example', { rcpt: 'NOTIFY=SUCCESS' });
    await world.clock({ advanceMs: 10 * minuteMs });
    const all = await notices(world, success);
    expect(all.map((text) => parseDsn(Buffer.from(text)))).toMatchObject([
      { recipients: [{ action: 'delivered', finalRecipient: 'jane@somewhere.example' }] },
    ]);
    expect(await world.delivery(id)).toMatchObject({ status: 'delivered' });
  });
});
