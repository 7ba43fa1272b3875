/** A relay that is an address of the user's: one signed POST for each delivery, and what its answers mean. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RelayCheckShape } from '../../../core/api/live-relay-schema.ts';
import { makeCa, makeServer } from '../../../core/doors/tls/make-certificates.ts';
import { type LiveWorld, liveWorld } from './live-mail-world.ts';

const secret = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;

interface Called {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

async function receiver(answers: readonly Answer[] = [{ status: 204 }], tls?: { readonly key: string; readonly cert: string }) {
  const called: Called[] = [];
  const server = (tls === undefined ? createServer() : createSecureServer(tls)).on('request', (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      called.push({
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      });
      const answer = answers[Math.min(called.length, answers.length) - 1] ?? { status: 204 };
      response.writeHead(answer.status, answer.headers).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${tls === undefined ? 'http' : 'https'}://localhost:${port}/hook`, called };
}

const letter =
  'From: hello@shop.example\r\nTo: jane@real.example\r\nBcc: hidden@real.example\r\nSubject: Your order\r\nDate: Sat, 31 Jan 2026 10:00:00 +0000\r\nMessage-ID: <1@shop.example>\r\n\r\nHello Jane\r\n';

async function goLive(url: string, about: Readonly<Record<string, unknown>> = {}): Promise<LiveWorld> {
  const world = await liveWorld();
  await world.turnOn(await world.relay({ kind: 'webhook', url, ...about }, { secret }), ['real.example']);
  return world;
}

async function send(world: LiveWorld): Promise<string> {
  const id = await world.core.send(letter, 'hello@shop.example', ['jane@real.example']);
  await world.core.app.settled();
  return id;
}

describe('a webhook relay', () => {
  it('is told the message, signed as Standard Webhooks are, without Bcc', async () => {
    const far = await receiver();
    const world = await goLive(far.url);
    const id = await send(world);
    const [delivery] = await world.deliveries(id);
    expect(delivery).toMatchObject({ status: 'sent' });
    const [call] = far.called;
    const told = new Webhook(secret).verify(call?.body ?? '', call?.headers as Record<string, string>);
    expect(told).toMatchObject({
      type: 'message',
      id,
      deliveryId: delivery?.id,
      channel: 'email',
      to: 'jane@real.example',
      envelope: { from: 'hello@shop.example', to: 'jane@real.example' },
    });
    const { raw } = told as { readonly raw: string };
    expect(Buffer.from(raw, 'base64').toString()).toBe(
      letter.replace('Bcc: hidden@real.example\r\n', ''),
    );
    expect(JSON.stringify(await world.call('GET', `/v1/deliveries/${delivery?.id}`))).not.toContain(
      secret.slice(6),
    );
  });

  it('decides by its answer whether it is asked again', async () => {
    const answers = [
      [404, 'undeliverable', null],
      [413, 'undeliverable', null],
      [408, 'queued', 'deferred'],
      [425, 'queued', 'deferred'],
      [429, 'queued', 'deferred'],
      [500, 'queued', 'deferred'],
    ] as const;
    const far = await receiver(answers.map(([status]) => ({ status })));
    const world = await goLive(far.url);
    for (const [code, status, substatus] of answers)
      expect(await world.deliveries(await send(world)), String(code)).toMatchObject([{ status, substatus }]);
    expect(far.called).toHaveLength(answers.length);
  });

  it('is believed about when to come again', async () => {
    const far = await receiver([{ status: 503, headers: { 'retry-after': '86400' } }]);
    const world = await goLive(far.url);
    const before = Date.now();
    const [delivery] = await world.deliveries(await send(world));
    expect(Date.parse(delivery?.nextAttemptAt ?? '') - before).toBeGreaterThanOrEqual(86_400_000);
  });

  it('leads nowhere else: a redirect is not followed', async () => {
    const elsewhere = await receiver();
    const far = await receiver([{ status: 307, headers: { location: elsewhere.url } }]);
    const world = await goLive(far.url);
    expect(await world.deliveries(await send(world))).toMatchObject([{ status: 'queued', class: 'config' }]);
    expect(elsewhere.called).toEqual([]);
  });

  it('is trusted by the user’s own CA over TLS, and not without it', async () => {
    const authority = await makeCa([], Date.now());
    const far = await receiver(undefined, await makeServer(authority, [], Date.now()));
    const world = await goLive(far.url, { ca: authority.certificate.toString('pem') });
    expect(await world.deliveries(await send(world))).toMatchObject([{ status: 'sent' }]);
    await world.turnOff();
    const relay = await world.call<{ readonly id: string }>('POST', '/v1/live-relay/relays', {
      name: 'strict',
      settings: { kind: 'webhook', url: far.url },
    });
    await world.call('PUT', `/v1/live-relay/relays/${relay.id}/credential`, { secret });
    const check = await world.call<RelayCheckShape>('POST', `/v1/live-relay/relays/${relay.id}/verify`);
    expect(check.ok).toBe(false);
    expect(far.called).toHaveLength(1);
  });

  it('is verified by a signed call that is no message', async () => {
    const far = await receiver();
    const world = await liveWorld();
    const relay = await world.relay({ kind: 'webhook', url: far.url }, { secret });
    const check = await world.call<RelayCheckShape>('POST', `/v1/live-relay/relays/${relay}/verify`);
    expect(check).toMatchObject({ ok: true });
    const [call] = far.called;
    const told = new Webhook(secret).verify(call?.body ?? '', call?.headers as Record<string, string>);
    expect(told).toEqual({ type: 'verify', relay: 'main' });
  });

  it('without a secret to sign with is not called', async () => {
    const far = await receiver();
    const world = await liveWorld();
    const relay = await world.relay({ kind: 'webhook', url: far.url });
    const check = await world.call<RelayCheckShape>('POST', `/v1/live-relay/relays/${relay}/verify`);
    expect(check).toMatchObject({ ok: false });
    expect(check.text).toContain('no secret');
    await world.turnOn(relay, ['real.example']);
    expect(await world.deliveries(await send(world))).toMatchObject([
      { status: 'undeliverable', class: 'config' },
    ]);
    expect(far.called).toEqual([]);
  });
});
