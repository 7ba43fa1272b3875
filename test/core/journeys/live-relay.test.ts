/** Live relay through the API and the doors, with a relay that keeps what it is handed. */
import { describe, expect, it } from 'vitest';
import type { RelayMakers } from '../../../core/app/live-carriers.ts';
import { startCore, type TestCore } from '../../start-core.ts';
import { mail } from './journey.ts';

interface RelayStandIn {
  readonly makers: RelayMakers;
  readonly handed: string[];
  readonly credentials: Readonly<Record<string, string>>[];
}

function relayStandIn(): RelayStandIn {
  const handed: string[] = [];
  const credentials: Readonly<Record<string, string>>[] = [];
  return {
    handed,
    credentials,
    makers: () =>
      Promise.resolve({
        carrier: (_, credential) =>
          Promise.resolve({
            async carry(job) {
              credentials.push(await credential());
              const valid = job.live?.valid() === true;
              if (valid) handed.push(...job.deliveries.map(({ delivery }) => delivery.recipient));
              return {
                results: job.deliveries.map(({ delivery }) => ({
                  deliveryId: delivery.id,
                  outcome: { kind: valid ? ('sent' as const) : ('withdrawn' as const) },
                  class: null,
                  code: 250,
                  enhanced: null,
                  text: '250 OK, your password is hunter2hunter2',
                  nextHop: 'smtp.example.net',
                  suppresses: 'never' as const,
                })),
                evidence: { routing: [], changes: [], signatures: [], identity: null, transcript: [] },
              };
            },
            close: () => Promise.resolve(),
          }),
        verify: () => Promise.resolve({ ok: true, text: 'ready for hunter2hunter2', steps: ['220 ready'] }),
      }),
  };
}

async function ask<T>(
  core: TestCore,
  method: string,
  path: string,
  body?: unknown,
  client?: string,
): Promise<{ readonly status: number; readonly body: T }> {
  const response = await core.get(path, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(client === undefined ? {} : { 'x-sandpost-client': client }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

interface Status {
  readonly live: boolean;
  readonly lastEnd: { readonly why: string; readonly by: string } | null;
}

async function withRelay(standIn: RelayStandIn) {
  const core = await startCore(['--deliver'], { relayMakers: standIn.makers });
  const relay = await ask<{ id: string; missing: string[] }>(core, 'POST', '/v1/live-relay/relays', {
    name: 'main',
    settings: { kind: 'smtp', host: 'smtp.example.net' },
  });
  expect(relay.body.missing).toEqual(['user', 'password']);
  const path = `/v1/live-relay/relays/${relay.body.id}`;
  await ask(core, 'PUT', `${path}/credential`, { user: 'jane', password: 'hunter2hunter2' });
  const setup = {
    channels: {
      email: {
        relayId: relay.body.id,
        recipients: { kind: 'allow', entries: [{ kind: 'user', value: 'jane' }] },
      },
    },
  };
  return { core, relay: relay.body, path, setup };
}

describe('live relay', () => {
  it('is turned on by two calls, sends for real, follows users, and is told of everywhere', async () => {
    const standIn = relayStandIn();
    const { core, setup } = await withRelay(standIn);
    await ask(core, 'PUT', '/v1/users/jane', { email: 'jane@real.example' });
    expect((await ask(core, 'POST', '/v1/live-relay', setup)).status).toBe(400);
    const summary = await ask<{ confirmation: string }>(core, 'POST', '/v1/live-relay/summary', setup);
    expect(await core.json('/v1/status')).toMatchObject({ mode: 'sandbox' });
    const { confirmation } = summary.body;
    const on = await ask<Status>(core, 'POST', '/v1/live-relay', { confirmation }, 'screen');
    expect(on).toMatchObject({ status: 200, body: { live: true, startedBy: 'screen' } });
    expect(await core.json('/v1/status')).toMatchObject({ mode: 'live' });
    expect((await ask(core, 'POST', '/v1/clock', { freeze: true })).status).toBe(409);
    await core.send(mail({ to: 'jane@real.example' }), 'hello@shop.example', ['jane@real.example']);
    await core.app.settled();
    expect(standIn.handed).toEqual(['jane@real.example']);
    await ask(core, 'PUT', '/v1/users/jane', { email: 'jane@moved.example' });
    await core.send(mail({ to: 'jane@real.example' }), 'hello@shop.example', ['jane@real.example']);
    await core.send(mail({ to: 'jane@moved.example' }), 'hello@shop.example', ['jane@moved.example']);
    await core.app.settled();
    expect(standIn.handed).toEqual(['jane@real.example', 'jane@moved.example']);
    const listed = await core.json<{ total: number }>('/v1/deliveries?live=true');
    const others = await core.json<{ entries: unknown[] }>('/v1/deliveries?live=false');
    expect(listed.total).toBe(2);
    expect(others.entries).toMatchObject([
      { substatus: 'held', heldBy: { rule: null, label: 'Live relay' } },
    ]);
    const metrics = await (await core.get('/metrics')).text();
    expect(metrics).toContain('sandpost_live 1');
    expect(metrics).toContain('sandpost_live_sends_total{channel="email"} 2');
    const events = await core.json<{ entries: { data: { kinds?: string[] } }[] }>(
      '/v1/events?type=live_relay&limit=100',
    );
    expect(events.entries.flatMap(({ data }) => data.kinds ?? [])).toEqual(
      expect.arrayContaining(['turned_on', 'send', 'answer']),
    );
    const off = await ask<Status>(core, 'DELETE', '/v1/live-relay', undefined, 'cli');
    expect(off.body).toMatchObject({ live: false, lastEnd: { why: 'stopped', by: 'cli' } });
    expect(await core.json('/v1/status')).toMatchObject({ mode: 'sandbox' });
    expect(await (await core.get('/metrics')).text()).toContain('sandpost_live 0');
  });

  it('never answers with what opens a relay', async () => {
    const standIn = relayStandIn();
    const { core, path, setup } = await withRelay(standIn);
    await ask(core, 'PUT', '/v1/users/jane', { email: 'jane@real.example' });
    await ask(core, 'POST', `${path}/verify`);
    const summary = await ask<{ confirmation: string }>(core, 'POST', '/v1/live-relay/summary', setup);
    await ask(core, 'POST', '/v1/live-relay', { confirmation: summary.body.confirmation });
    const id = await core.send(mail({ to: 'jane@real.example' }), 'hello@shop.example', [
      'jane@real.example',
    ]);
    await core.app.settled();
    expect(standIn.credentials).toEqual([{ user: 'jane', password: 'hunter2hunter2' }]);
    const { deliveries } = await core.json<{ deliveries: { id: string }[] }>(`/v1/messages/${id}`);
    const said = await Promise.all(
      [
        '/v1/live-relay',
        '/v1/live-relay/relays',
        path,
        '/v1/live-relay/audit',
        `/v1/deliveries/${deliveries[0]?.id}`,
        `/v1/deliveries/${deliveries[0]?.id}/log`,
        `/v1/messages/${id}/events`,
        '/v1/events?limit=500',
      ].map(async (one) => (await core.get(one)).text()),
    );
    expect(said.join()).toContain('ready for');
    expect(said.join()).not.toContain('hunter2hunter2');
    expect(core.log.join()).not.toContain('hunter2hunter2');
  });

  it('releases one message by hand in the sandbox, to a chosen address', async () => {
    const standIn = relayStandIn();
    const { core, relay } = await withRelay(standIn);
    const id = await core.send(mail({ to: 'jane@gmail.com' }), 'hello@shop.example', ['jane@gmail.com']);
    await core.app.settled();
    const request = { messageIds: [id], relayId: relay.id, to: 'me@mine.example' };
    const summary = await ask<{ confirmation: string }>(
      core,
      'POST',
      '/v1/live-relay/releases/summary',
      request,
    );
    expect(summary.body).toMatchObject({ to: 'me@mine.example', messages: [{ id }] });
    const { confirmation } = summary.body;
    const made = await ask(core, 'POST', '/v1/live-relay/releases', { confirmation }, 'cli');
    expect(made).toMatchObject({ status: 202, body: { deliveries: [{ messageId: id }] } });
    await core.app.settled();
    expect(standIn.handed).toEqual(['me@mine.example']);
    const { deliveries } = await core.json<{ deliveries: unknown[] }>(`/v1/messages/${id}`);
    expect(deliveries).toMatchObject([
      { recipient: 'jane@gmail.com', status: 'delivered', live: null },
      { recipient: 'me@mine.example', status: 'sent', live: relay.id },
    ]);
    const audit = await core.json<{ entries: { kind: string; by: string }[] }>('/v1/live-relay/audit');
    expect(audit.entries.slice(0, 3).map(({ kind, by }) => [kind, by])).toEqual([
      ['answer', 'cli'],
      ['send', 'cli'],
      ['released', 'cli'],
    ]);
    const again = await ask<{ code: string }>(core, 'POST', '/v1/live-relay/releases', { confirmation });
    expect(again).toMatchObject({ status: 409, body: { code: 'confirmation_unknown' } });
  });
});
