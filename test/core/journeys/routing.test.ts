/** Where mail goes, and what happens when it cannot get there. */
import { describe, expect, it } from 'vitest';
import { hourMs, minuteMs, startWorld } from './journey.ts';

describe('a recipient domain', () => {
  it('that does not exist bounces at once, with a DSN of our own back to the app', async () => {
    const world = await startWorld();
    const id = await world.send('jane@no-such-place.invalid');
    expect(await world.delivery(id)).toMatchObject({
      status: 'undeliverable',
      class: 'bad_domain',
      attempts: 1,
    });
    const [attempt] = await world.attempts(id);
    expect(attempt?.evidence.routing[0]).toMatchObject({ question: 'no-such-place.invalid MX' });
    expect(attempt?.evidence.routing[0]?.answer).toMatch(/NXDOMAIN|does not exist/);
    const [dsn] = await world.messages('subject:"Undelivered Mail Returned to Sender"');
    expect(dsn?.envelope).toEqual({ from: '', to: ['hello@shop.example'] });
    expect(dsn?.deliveries[0]).toMatchObject({ status: 'delivered', recipient: 'hello@shop.example' });
    const raw = String(await world.core.raw(dsn?.id ?? ''));
    expect(raw).toMatch(/Final-Recipient: rfc822; ?jane@no-such-place\.invalid/);
    expect(raw).toMatch(/Action: failed/);
    // It tells the app what the delivery knows already: no far side sent it, and nothing bounced a second time.
    const types = (await world.events(id)).map((event) => event.type);
    expect(types).toEqual(['accepted', 'queued', 'attempted', 'undeliverable', 'suppressed']);
  });

  it('with a null MX bounces at once', async () => {
    const world = await startWorld();
    const id = await world.send('jane@null-mx.example');
    expect(await world.delivery(id)).toMatchObject({ status: 'undeliverable', class: 'bad_domain' });
    expect((await world.attempts(id))[0]?.text).toMatch(/null MX|accepts no mail|no mail/i);
  });

  it('with neither MX nor address bounces, with an address only takes mail there', async () => {
    const world = await startWorld();
    const nowhere = await world.send('jane@no-address.example');
    expect((await world.delivery(nowhere)).status).toBe('undeliverable');
    const somewhere = await world.send('jane@address-only.example');
    expect((await world.delivery(somewhere)).status).toBe('delivered');
  });

  it.each(['dns-timeout.example', 'dns-servfail.example'])(
    'whose DNS fails (%s) is tried again',
    async (domain) => {
      const world = await startWorld();
      const id = await world.send(`jane@${domain}`);
      expect(await world.delivery(id)).toMatchObject({
        status: 'queued',
        substatus: 'deferred',
        class: 'network',
      });
    },
  );

  it('whose first MX is down gets it by the second', async () => {
    const world = await startWorld();
    await world.provider('gmail', { downHosts: ['mx1.gmail.sandpost.example'] });
    const id = await world.send('jane@gmail.com');
    expect((await world.delivery(id)).status).toBe('delivered');
    const [attempt, ...others] = await world.attempts(id);
    expect(others).toEqual([]);
    expect(attempt?.nextHop).toMatch(/^mx2\.gmail/);
    const said = attempt?.evidence.transcript.map((line) => line.text).join('\n') ?? '';
    expect(said).toMatch(/mx1\.gmail[\s\S]*refused[\s\S]*mx2\.gmail/i);
  });

  it('with every MX down is tried again until one is back', async () => {
    const world = await startWorld();
    const hosts = ['mx1', 'mx2', 'mx3'].map((name) => `${name}.gmail.sandpost.example`);
    await world.provider('gmail', { downHosts: hosts });
    const id = await world.send('jane@gmail.com');
    expect(await world.delivery(id)).toMatchObject({ status: 'queued', substatus: 'deferred' });
    await world.provider('gmail', { downHosts: [] });
    await world.clock({ advanceMs: 2 * minuteMs });
    expect(await world.delivery(id)).toMatchObject({ status: 'delivered', attempts: 2 });
  });

  it('that never takes it is given up after the queue lifetime, with a DSN', async () => {
    const world = await startWorld();
    await world.provider('default', { throttle: true });
    const id = await world.send('jane@somewhere.example');
    await world.clock({ advanceMs: 49 * hourMs });
    const delivery = await world.delivery(id);
    expect(delivery).toMatchObject({ status: 'undeliverable', class: 'expired' });
    expect(delivery.attempts).toBeGreaterThan(10);
    const dsns = await world.messages('subject:"Undelivered Mail"');
    expect(dsns.length).toBe(1);
    // RFC 3463 §3.5: the delivery time expired.
    expect(String(await world.core.raw(dsns[0]?.id ?? ''))).toMatch(/^Status: 4\.4\.7\r$/m);
    expect(await world.suppressions()).toEqual([]);
  });

  it('makes the same attempts at the same virtual times every run', async () => {
    const runs: string[][] = [];
    for (let run = 0; run < 2; run++) {
      const world = await startWorld();
      await world.provider('default', { throttle: true });
      const id = await world.send('jane@somewhere.example');
      const first = Date.parse((await world.attempts(id))[0]?.startedAt ?? '');
      await world.clock({ advanceMs: 48 * hourMs });
      runs.push((await world.attempts(id)).map((attempt) => String(Date.parse(attempt.startedAt) - first)));
      await world.core.close();
    }
    expect(runs[0]?.length).toBeGreaterThan(10);
    expect(runs[0]).toEqual(runs[1]);
  });
});
