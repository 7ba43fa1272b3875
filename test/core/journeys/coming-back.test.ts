/** What comes back to the app, and by which way. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { storedId, temporaryFolder } from '../../start-core.ts';
import { hourMs, mail, minuteMs, openWorld, startWorld } from './journey.ts';

interface Called {
  readonly body: {
    readonly type: string;
    readonly recipient?: string;
    readonly raw?: string;
    readonly parsed?: { readonly subject: string };
    readonly data?: Readonly<Record<string, unknown>>;
  };
  readonly headers: Readonly<Record<string, unknown>>;
}

/** An app's web server that says yes and remembers. */
async function startApp(): Promise<{ readonly url: string; readonly calls: Called[] }> {
  const calls: Called[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (piece: string) => {
      text += piece;
    });
    request.on('end', () => {
      calls.push({
        body: text.startsWith('{') ? JSON.parse(text) : { type: text },
        headers: request.headers,
      });
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port }: AddressInfo = addressOf(server.address());
  return { url: `http://127.0.0.1:${port}`, calls };
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('it does not listen on a port');
  return address;
}

/** An app's SMTP server: smtp-server, as it is. */
async function startAppMail(): Promise<{ readonly port: number; readonly taken: string[] }> {
  const taken: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH'],
    onData(stream, _session, done) {
      let text = '';
      stream.on('data', (piece) => {
        text += String(piece);
      });
      stream.on('end', () => {
        taken.push(text);
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { port: addressOf(server.server.address()).port, taken };
}

describe('what comes back to a sending domain', () => {
  it('goes to an SMTP server of the app, when that is its inbound route, and is read on the way', async () => {
    const app = await startAppMail();
    const world = await startWorld();
    await world.call('POST', '/v1/domains', { name: 'shop.example' });
    await world.domain('shop.example', { inbound: { kind: 'smtp', host: '127.0.0.1', port: app.port } });
    await world.mailbox('jane@corp.example', { outOfBandBounce: true });
    const id = await world.submit('jane@corp.example');
    await world.clock({ advanceMs: 5 * minuteMs });
    expect(app.taken.length).toBe(1);
    expect(app.taken[0]).toContain('message/delivery-status');
    expect(await world.delivery(id)).toMatchObject({ status: 'undeliverable' });
    expect(await world.suppressions()).toMatchObject([
      { address: 'jane@corp.example', reason: 'hard_bounce' },
    ]);
  });

  it('goes to a webhook, raw and read, signed', async () => {
    const app = await startApp();
    const world = await startWorld();
    await world.call('POST', '/v1/domains', { name: 'shop.example' });
    await world.domain('shop.example', { inbound: { kind: 'webhook', url: `${app.url}/inbound` } });
    await world.mailbox('jane@corp.example', { autoReply: 'I am away until Monday.' });
    await world.send('jane@corp.example');
    await world.clock({ advanceMs: 10 * minuteMs });
    const [call, ...others] = app.calls;
    expect(others).toEqual([]);
    expect(call?.body).toMatchObject({ type: 'inbound', recipient: 'hello@shop.example' });
    expect(Buffer.from(call?.body.raw ?? '', 'base64').toString()).toContain('Auto-Submitted: auto-replied');
    expect(call?.body.parsed?.subject).toMatch(/^Auto: /);
    expect(call?.headers['webhook-signature']).toMatch(/^v1,/);
  });

  it('is told by webhook: every status, and the bounce', async () => {
    const app = await startApp();
    const world = await startWorld();
    await world.call('POST', '/v1/webhooks', { url: `${app.url}/hooks` });
    await world.mailbox('nobody@gmail.com', { state: 'unknown' });
    await world.submit('nobody@gmail.com');
    await world.core.app.settled();
    const types = new Set(app.calls.map((call) => call.body.type));
    expect(types).toEqual(new Set(['accepted', 'queued', 'undeliverable', 'suppressed']));
  });
});

describe('a notice of our own MTA', () => {
  it.each(['mailbox', 'smtp'])('is no word of the far side about the delivery (route: %s)', async (kind) => {
    const app = await startAppMail();
    const world = await startWorld();
    await world.call('POST', '/v1/domains', { name: 'shop.example' });
    if (kind === 'smtp')
      await world.domain('shop.example', { inbound: { kind, host: '127.0.0.1', port: app.port } });
    const id = await world.send('jane@no-such-place.invalid');
    const [dsn] = await world.messages('subject:"Undelivered Mail Returned to Sender"');
    expect(dsn?.deliveries[0]?.status).toBe(kind === 'smtp' ? 'sent' : 'delivered');
    const types = (await world.events(id)).map((event) => event.type);
    expect(types).toEqual(['accepted', 'queued', 'attempted', 'undeliverable', 'suppressed']);
  });
});

describe('what is turned back by hand', () => {
  it('comes back to an app that sent it by SMTP, once for each message', async () => {
    const world = await startWorld();
    await world.provider('default', { throttle: true });
    const id = await world.core.send(mail({ headers: 'X-Test: 1' }), 'hello@shop.example', [
      'jane@somewhere.example',
      'bob@somewhere.example',
    ]);
    const other = await world.send('ann@somewhere.example');
    const byApi = await world.submit('max@somewhere.example');
    await world.core.app.settled();
    const { count } = await world.call<{ count: number }>('POST', '/v1/queues/bounce', {
      messageId: id,
      reason: 'the wrong list',
    });
    expect(count).toBe(2);
    for (const one of [other, byApi])
      await world.call('POST', `/v1/deliveries/${(await world.delivery(one)).id}/bounce`, {});
    await world.core.app.settled();
    const dsns = await world.messages('subject:"Undelivered Mail Returned to Sender"');
    expect(dsns.map((dsn) => dsn.deliveries[0]?.status)).toEqual(['delivered', 'delivered']);
    const texts = await Promise.all(dsns.map(async (dsn) => String(await world.core.raw(dsn.id))));
    const both = texts.find((text) => text.includes('jane@')) ?? '';
    expect(both).toMatch(/Final-Recipient: rfc822; ?jane@/);
    expect(both).toMatch(/Final-Recipient: rfc822; ?bob@/);
    expect(both).toContain('the wrong list');
  });
});

describe('a tracked message', () => {
  it('that is fetched ahead at once, and opened by nobody, says so', async () => {
    const world = await startWorld();
    await world.mailbox('jane@somewhere.example', { habit: 'prefetches' });
    const id = await world.submit('jane@somewhere.example', { html: '<p>Hello</p>', trackOpens: true });
    await world.clock({ advanceMs: hourMs });
    const hits = (await world.events(id)).filter((event) => event.data.userAgent !== undefined);
    expect(hits.map((hit) => [hit.type, hit.data.prefetch])).toEqual([['opened', true]]);
  });

  it('opened by its reader at a provider without a proxy is no prefetch', async () => {
    const world = await startWorld();
    const id = await world.submit('jane@somewhere.example', { html: '<p>Hello</p>', trackOpens: true });
    const [copy] = await world.inbox('jane@somewhere.example');
    const box = `/v1/mailboxes/jane@somewhere.example/messages/${copy?.id}`;
    await world.call('POST', `${box}/open`, { showPictures: true });
    const hits = (await world.events(id)).filter((event) => event.data.userAgent !== undefined);
    expect(hits.map((hit) => [hit.type, hit.data.prefetch])).toEqual([['opened', false]]);
  });

  it('tells who opened and who clicked, of each recipient, and a scanner from a reader', async () => {
    const site = await startApp();
    const world = await startWorld();
    await world.mailbox('scan@corp.example', { habit: 'scanner' });
    const { id } = await world.call<{ readonly id: string }>('POST', '/v1/messages', {
      channel: 'email',
      from: 'hello@shop.example',
      to: ['jane@gmail.com', 'scan@corp.example'],
      subject: 'News',
      html: `<p>Look <a href="${site.url}/offer">here</a></p>`,
      trackOpens: true,
      trackClicks: true,
    });
    await world.core.app.settled();
    await world.clock({ advanceMs: hourMs });
    const [copy] = await world.inbox('jane@gmail.com');
    const box = `/v1/mailboxes/jane@gmail.com/messages/${copy?.id}`;
    await world.call('POST', `${box}/open`, { showPictures: true });
    const detail = await world.core.json<{ links: readonly string[] }>(box);
    const link = detail.links.find((one) => one.includes('/t/c/')) ?? '';
    await world.call('POST', `${box}/click`, { url: link });
    const events = (await world.events(id)).filter((one) => one.data.userAgent !== undefined);
    const jane = events.filter((one) => one.deliveryId === copy?.deliveryId);
    expect(jane.map((one) => [one.type, one.data.prefetch])).toEqual([
      // The provider fetches the picture ahead, and by the same proxy for the reader: nobody can tell the two apart.
      ['opened', true],
      ['opened', true],
      ['clicked', false],
    ]);
    const scanned = events.filter((one) => one.deliveryId !== copy?.deliveryId && one.type === 'clicked');
    expect(scanned.map((one) => one.data.prefetch)).toEqual([true]);
  });
});

describe('a tracked message at a mailbox that fetches pictures ahead', () => {
  it.each(['jane@gmail.com', 'jane@somewhere.example'])(
    'is told to be opened by no reader (%s)',
    async (address) => {
      const world = await startWorld();
      if (!address.endsWith('@gmail.com')) await world.mailbox(address, { habit: 'prefetches' });
      const id = await world.submit(address, { html: '<p>Your order is on its way.</p>', trackOpens: true });
      await world.clock({ advanceMs: hourMs });
      const hits = (await world.events(id)).filter((one) => one.data.userAgent !== undefined);
      expect(hits.map((one) => [one.type, one.data.prefetch])).toEqual([['opened', true]]);
    },
  );

  it('is told to be opened by a reader, where one opens it', async () => {
    const world = await startWorld();
    const address = 'jane@somewhere.example';
    const id = await world.submit(address, { html: '<p>Your order is on its way.</p>', trackOpens: true });
    const [copy] = await world.inbox(address);
    await world.call('POST', `/v1/mailboxes/${address}/messages/${copy?.id}/open`, { showPictures: true });
    const hits = (await world.events(id)).filter((one) => one.data.userAgent !== undefined);
    expect(hits.map((one) => [one.type, one.data.prefetch])).toEqual([['opened', false]]);
  });
});

describe('virtual time', () => {
  it('goes on by 72 hours with connections open: nothing is sent twice, and every check says what it said', async () => {
    const world = await startWorld();
    const early = await world.send('jane@somewhere.example');
    // A client in the midst of its envelope, and the connection to the provider's MX kept for the next message.
    const client = await world.core.smtp();
    await client.say('MAIL FROM:<hello@shop.example>');
    await world.clock({ advanceMs: 72 * hourMs });
    await client.say('RCPT TO:<jane@somewhere.example>');
    await client.say('DATA');
    const late = storedId(await client.say(`${mail({ to: 'jane@somewhere.example' })}.`));
    await world.core.app.settled();
    await client.quit();
    for (const id of [early, late]) {
      expect(await world.delivery(id)).toMatchObject({ status: 'delivered', attempts: 1 });
      const [attempt] = await world.attempts(id);
      const signedAtS = Number(/ t=(\d+);/.exec(attempt?.evidence.signatures[0]?.header ?? '')?.[1]);
      // By the clock on the wall, which verifiers outside have too.
      expect(Math.abs(signedAtS - Date.now() / 1_000)).toBeLessThan(hourMs / 1_000);
      const said = attempt?.evidence.transcript.map((line) => line.text).join('\n') ?? '';
      expect(said).toMatch(/TLS: TLSv1|is used again/);
    }
    const copies = await world.inbox('jane@somewhere.example');
    expect(copies.length).toBe(2);
    for (const { authentication } of copies)
      expect([
        authentication.spf.result,
        ...authentication.dkim.map((one) => one.result),
        authentication.dmarc.result,
      ]).toEqual(['pass', 'pass', 'pass', 'pass']);
  });

  it('survives a restart, frozen, with what is due', async () => {
    const folder = await temporaryFolder();
    const first = await openWorld(folder);
    await first.clock({ freeze: true });
    await first.provider('default', { throttle: true });
    const id = await first.send('jane@somewhere.example');
    await first.clock({ advanceMs: 3 * hourMs });
    const before = (await first.clock({ freeze: true })).virtualAt;
    const { attempts } = await first.delivery(id);
    await first.core.close();
    const second = await openWorld(folder);
    onTestFinished(() => second.core.close());
    expect((await second.clock({ freeze: true })).virtualAt).toBe(before);
    expect((await second.delivery(id)).attempts).toBe(attempts);
    await second.provider('default', { throttle: false });
    await second.clock({ advanceMs: 4 * hourMs });
    expect(await second.delivery(id)).toMatchObject({ status: 'delivered', attempts: attempts + 1 });
  });
});
