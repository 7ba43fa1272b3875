/** Live relay of a whole Sandpost, with a real Postfix as its smarthost: what is allowed goes, and nothing else does, ever. */
import { createServer } from 'node:net';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { type Mta, postfixLacking, startPostfix } from '../../postfix.ts';
import { type FarServer, farServer, type LiveWorld, liveWorld, smarthost } from '../live/live-mail-world.ts';

const testMsMax = 120_000;
const lacking = postfixLacking();
const letter = (number: number): string =>
  `From: Shop <hello@shop.example>\r\nTo: customer${number}@real.example\r\nSubject: Order ${number}\r\nMessage-ID: <order-${number}@shop.example>\r\n\r\nHello\r\n`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

interface Page {
  readonly entries: readonly {
    readonly recipient: string;
    readonly status: string;
    readonly substatus: string | null;
    readonly reason: string | null;
    readonly live: string | null;
  }[];
  readonly nextCursor: string | null;
  readonly total: number;
}

describe.skipIf(lacking !== null)(
  `live, by a real Postfix${lacking === null ? '' : ` (skipped: ${lacking})`}`,
  { timeout: testMsMax },
  () => {
    let far: FarServer;
    let mta: Mta;
    let port: number;
    let world: LiveWorld;
    let relayId: string;
    /** Time that a test lets go by at once, on both clocks. */
    let aheadMs = 0;

    beforeEach(async () => {
      far = await farServer();
      port = await freePort();
      mta = await startPostfix({
        smarthost: `[127.0.0.1]:${far.port}`,
        settings: [
          'mynetworks = 127.0.0.0/8',
          'smtpd_recipient_restrictions = permit_mynetworks, reject',
          'smtpd_client_connection_count_limit = 0',
          'smtpd_client_connection_rate_limit = 0',
        ],
        services: [`127.0.0.1:${port} inet n - n - - smtpd`],
      });
      onTestFinished(() => mta.stop());
      aheadMs = 0;
      world = await liveWorld({
        clock: {
          ...systemClock,
          wallMs: () => systemClock.wallMs() + aheadMs,
          monotonicMs: () => systemClock.monotonicMs() + aheadMs,
        },
      });
      relayId = await world.relay(smarthost(port));
    }, testMsMax);

    const status = () =>
      world.call<{ readonly live: boolean; readonly underWay: number }>('GET', '/v1/live-relay');

    async function turnOn(over: Readonly<Record<string, unknown>> = {}): Promise<void> {
      const { confirmation } = await world.call<{ readonly confirmation: string }>(
        'POST',
        '/v1/live-relay/summary',
        {
          durationMs: 900_000,
          channels: {
            email: {
              relayId,
              recipients: { kind: 'allow', entries: [{ kind: 'domain', value: 'real.example' }] },
              perHourMax: 10_000,
              ...over,
            },
          },
        },
      );
      await world.call('POST', '/v1/live-relay', { confirmation });
    }

    /** Of the mail that the app itself sent. */
    async function deliveries() {
      const all: Page['entries'][number][] = [];
      for (let after: string | null = ''; after !== null; ) {
        const page: Page = await world.call<Page>(
          'GET',
          `/v1/deliveries?limit=500&recipient=@real.example${after === '' ? '' : `&after=${after}`}`,
        );
        all.push(...page.entries);
        after = page.nextCursor;
      }
      return all;
    }

    /** What Postfix said yes to, by its own log: once for each message. */
    const takenByPostfix = async (): Promise<number> =>
      [...(await mta.log()).matchAll(/cleanup\[\d+\]: [0-9A-F]+: message-id=<order-/g)].length;

    it('what is allowed goes, what is not is held with the reason, and so is what is over the cap', async () => {
      await turnOn({ perHourMax: 2 });
      for (const number of [1, 2, 3])
        await world.core.send(letter(number), 'hello@shop.example', [`customer${number}@real.example`]);
      const strange = await world.core.send(letter(9), 'hello@shop.example', ['stranger@elsewhere.example']);
      await world.core.app.settled();
      const found = await deliveries();
      expect(found.filter((one) => one.status === 'sent')).toHaveLength(2);
      expect(found.filter((one) => one.substatus === 'held')).toMatchObject([
        { reason: expect.stringContaining('the 2 that are allowed in an hour') },
      ]);
      expect(await world.deliveries(strange)).toMatchObject([
        {
          substatus: 'held',
          reason: expect.stringContaining('stranger@elsewhere.example is not on its list'),
        },
      ]);
      await expect.poll(() => far.arrived.length, { timeout: 30_000 }).toBe(2);
      expect(far.arrived.flatMap(({ to }) => to).every((to) => to.endsWith('@real.example'))).toBe(true);
    });

    it('the kill switch, with a thousand queued, stops at most what is in flight', async () => {
      await queue(1_000);
      await turnOn();
      await world.call('POST', '/v1/queues/release', { all: true });
      await expect.poll(takenByPostfix, { timeout: 60_000, interval: 20 }).toBeGreaterThan(5);
      await world.call('DELETE', '/v1/live-relay');
      const atTheStop = (await status()).underWay;
      const handedOver = await sendsInTheLog();
      await world.core.app.settled();
      await expect.poll(async () => (await status()).underWay).toBe(0);
      // Nothing began after it, and what had begun was finished whole.
      expect(await sendsInTheLog()).toBe(handedOver);
      expect(atTheStop).toBeLessThanOrEqual(24);
      await wholeOrNotAtAll(1_000);
    });

    it('when time is over in the middle of the queue, it is back in the sandbox, with nothing half sent', async () => {
      await queue(1_000);
      await turnOn();
      await world.call('POST', '/v1/queues/release', { all: true });
      await expect.poll(takenByPostfix, { timeout: 60_000, interval: 20 }).toBeGreaterThan(5);
      aheadMs = 901_000;
      expect(await status()).toMatchObject({ live: false, lastEnd: { why: 'time_over' } });
      await world.core.app.settled();
      await expect.poll(async () => (await status()).underWay).toBe(0);
      await wholeOrNotAtAll(1_000);
    });

    /** So many wait, held, for one release to let them go together. */
    async function queue(count: number): Promise<void> {
      await world.call('PUT', '/v1/queues/holding', { everything: true });
      const client = await world.core.smtp();
      for (let number = 0; number < count; number++)
        await client.deliver('hello@shop.example', [`customer${number}@real.example`], letter(number));
      await client.quit();
      await world.call('PUT', '/v1/queues/holding', { everything: false });
    }

    async function sendsInTheLog(): Promise<number> {
      const page = await world.call<{ readonly total: number }>(
        'GET',
        '/v1/live-relay/audit?kind=send&limit=1',
      );
      return page.total;
    }

    /** Each went for real, once, or stayed in the sandbox: by Postfix's account as by ours. */
    async function wholeOrNotAtAll(count: number): Promise<void> {
      const found = await deliveries();
      expect(found).toHaveLength(count);
      const real = found.filter((one) => one.live !== null && one.status === 'sent').map(recipientOf);
      const sandboxed = found.filter((one) => one.live === null).map(recipientOf);
      expect(real.length + sandboxed.length).toBe(count);
      // It was in the middle of the queue.
      expect(real.length).toBeGreaterThan(0);
      expect(sandboxed.length).toBeGreaterThan(0);
      await expect.poll(() => far.arrived.length, { timeout: 60_000 }).toBe(real.length);
      expect(far.arrived.flatMap(({ to }) => to).sort()).toEqual([...real].sort());
      for (const { content } of far.arrived) expect(content).toMatch(/\r\n\r\nHello\r\n$/);
    }
  },
);

function recipientOf({ recipient }: { readonly recipient: string }): string {
  return recipient;
}
