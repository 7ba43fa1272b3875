/** Mail goes out for real: by a smarthost, and straight to the recipients' hosts. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RelayCheckShape } from '../../../core/api/live-relay-schema.ts';
import type { DnsRecord } from '../../../core/dns/dns.ts';
import { openDnsServer } from '../../../core/dns/server.ts';
import type { Zones } from '../../../core/dns/zones.ts';
import { listen } from '../../../core/doors/listen.ts';
import { type FarServer, farServer, type LiveWorld, liveWorld, smarthost } from './live-mail-world.ts';

const letter = [
  'From: Shop <hello@shop.example>',
  'To: jane@real.example',
  'Bcc: hidden@real.example',
  'Subject: Your order',
  'Date: Sat, 31 Jan 2026 10:00:00 +0000',
  'Message-ID: <order-1@shop.example>',
  '',
  'Hello Jane,',
  '..with dots',
  '',
].join('\r\n');

async function sendTo(world: LiveWorld, ...to: readonly string[]): Promise<string> {
  const id = await world.core.send(letter, 'bounces@shop.example', to);
  await world.core.app.settled();
  return id;
}

describe('a smarthost', () => {
  it('gets the bytes of egress, signed with the domain’s own key and without what is broken about it', async () => {
    const far = await farServer();
    const world = await liveWorld();
    // Known, and broken in every way that the sandbox has.
    await sendTo(world, 'first@sandbox.example');
    await world.call('PATCH', '/v1/domains/shop.example', {
      faults: ['misaligned', 'dkim_body_altered', 'helo_mismatch'],
    });
    await world.turnOn(await world.relay(smarthost(far.port, { dkim: 'ours', helo: 'relay.test' })), [
      'real.example',
    ]);
    const id = await sendTo(world, 'jane@real.example');
    expect(await world.deliveries(id)).toMatchObject([{ status: 'sent' }]);
    expect(far.arrived).toMatchObject([{ from: 'bounces@shop.example', to: ['jane@real.example'] }]);
    const content = far.arrived[0]?.content ?? '';
    expect(content.slice(content.indexOf('\r\n\r\n') + 4)).toBe('Hello Jane,\r\n..with dots\r\n');
    expect(content).toContain(`by relay.test (Sandpost) with ESMTP id ${id};`);
    expect(content).not.toMatch(/Bcc|hidden@|192\.0\.2\.|esp\.sandpost\.example|checked by a relay/);
    // As anybody would check it who finds the keys in the DNS.
    const { entries } = await world.core.json<{
      readonly entries: readonly { name: string; value: string }[];
    }>('/v1/domains/shop.example/records');
    const { results } = await dkimVerify(Buffer.from(content, 'latin1'), {
      resolver: (name: string) =>
        Promise.resolve(entries.filter((one) => one.name === name).map(({ value }) => [value])),
    });
    expect(results.map(({ status, signingDomain }) => `${signingDomain} ${status.result}`)).toEqual([
      'shop.example pass',
      'shop.example pass',
    ]);
  });

  it('gets what the app made as it is, where the relay leaves signing to it', async () => {
    const far = await farServer();
    const world = await liveWorld();
    await world.turnOn(await world.relay(smarthost(far.port)), ['real.example']);
    await sendTo(world, 'jane@real.example');
    expect(far.arrived[0]?.content).not.toContain('DKIM-Signature');
  });

  it('is logged in to, and its password is nowhere but in the vault', async () => {
    const far = await farServer();
    const world = await liveWorld();
    const relay = await world.relay(smarthost(far.port, { auth: 'plain' }), {
      user: 'app',
      password: 'right',
    });
    const check = await world.call<RelayCheckShape>('POST', `/v1/live-relay/relays/${relay}/verify`);
    expect(check).toMatchObject({ ok: true });
    expect(check.text).toContain('took the login');
    expect(check.steps).toContain('C: AUTH PLAIN (masked)');
    expect(check.steps.at(-1)).toBe('C: QUIT');
    expect(check.steps.join('\n')).not.toMatch(/MAIL|RCPT/);
    await world.turnOn(relay, ['real.example']);
    const id = await sendTo(world, 'jane@real.example');
    expect(far.arrived).toHaveLength(1);
    const [delivery] = await world.deliveries(id);
    const told = JSON.stringify([
      check,
      await world.call('GET', `/v1/deliveries/${delivery?.id}`),
      await world.call('GET', '/v1/live-relay/audit'),
      await world.call('GET', '/v1/live-relay/relays'),
    ]);
    const secret = Buffer.from('\0app\0right').toString('base64');
    expect(told).not.toContain(secret);
    expect(far.arrived[0]?.content).not.toContain(secret);
    for (const name of await readdir(world.core.dataDir)) {
      if (name === 'credentials.json') continue;
      const bytes = await readFile(join(world.core.dataDir, name)).catch(() => Buffer.alloc(0));
      expect(bytes.includes(secret), name).toBe(false);
    }
  });

  it('that refuses the login ends it for good, and says so when it is verified', async () => {
    const far = await farServer();
    const world = await liveWorld();
    const relay = await world.relay(smarthost(far.port, { auth: 'login' }), {
      user: 'app',
      password: 'wrong',
    });
    const check = await world.call<RelayCheckShape>('POST', `/v1/live-relay/relays/${relay}/verify`);
    expect(check).toMatchObject({ ok: false });
    expect(check.text).toContain('the login was refused: 535');
    await world.turnOn(relay, ['real.example']);
    const id = await sendTo(world, 'jane@real.example');
    expect(await world.deliveries(id)).toMatchObject([
      { status: 'undeliverable', class: 'authentication_failed' },
    ]);
    // One for each of both, though the host has two addresses.
    expect(far.logins).toBe(2);
    expect(far.arrived).toEqual([]);
  });

  it('hears no password before its certificate is trusted, where TLS is opportunistic too', async () => {
    // Its certificate is its own.
    const far = await farServer({ hideSTARTTLS: false });
    const world = await liveWorld();
    const relay = await world.relay(smarthost(far.port, { tls: 'opportunistic', auth: 'login' }), {
      user: 'app',
      password: 'right',
    });
    await world.turnOn(relay, ['real.example']);
    const id = await sendTo(world, 'jane@real.example');
    expect(await world.deliveries(id)).toMatchObject([
      { status: 'queued', reason: expect.stringContaining('its certificate is not trusted') },
    ]);
    expect(far.logins).toBe(0);
    expect(far.arrived).toEqual([]);
  });

  it('that refuses the login is not asked again by each message, until it has another credential', async () => {
    const far = await farServer();
    const world = await liveWorld();
    const relay = await world.relay(smarthost(far.port, { auth: 'login' }), {
      user: 'app',
      password: 'wrong',
    });
    await world.turnOn(relay, ['real.example']);
    await sendTo(world, 'jane@real.example');
    const waits = await sendTo(world, 'john@real.example');
    expect(await world.deliveries(waits)).toMatchObject([
      {
        status: 'queued',
        substatus: 'deferred',
        class: 'authentication_failed',
        reason: expect.stringMatching(/did not take the login \(535 .*not asked again for 5 minutes/),
      },
    ]);
    expect(far.logins).toBe(1);
    await world.turnOff();
    await world.call('PUT', `/v1/live-relay/relays/${relay}/credential`, { user: 'app', password: 'right' });
    await world.turnOn(relay, ['real.example']);
    await sendTo(world, 'jim@real.example');
    expect(far.arrived.map(({ to }) => to)).toEqual([['jim@real.example']]);
    expect(far.logins).toBe(2);
  });

  it('finishes what was begun when live relay ends, and gets nothing more', async () => {
    let begun: () => Promise<void> = () => Promise.resolve();
    const far = await farServer({}, () => begun());
    const world = await liveWorld();
    begun = () => world.turnOff();
    await world.turnOn(await world.relay(smarthost(far.port)), ['real.example']);
    const first = await sendTo(world, 'jane@real.example');
    expect(await world.deliveries(first)).toMatchObject([{ status: 'sent' }]);
    expect(far.arrived).toHaveLength(1);
    const second = await sendTo(world, 'jane@real.example');
    await world.core.app.settled();
    expect((await world.deliveries(second))[0]?.status).not.toBe('undeliverable');
    expect(far.arrived).toHaveLength(1);
  });

  it('that is not there when it is verified says what stands in the way', async () => {
    const world = await liveWorld();
    const relay = await world.relay(smarthost(1));
    const check = await world.call<RelayCheckShape>('POST', `/v1/live-relay/relays/${relay}/verify`);
    expect(check.ok).toBe(false);
    expect(check.text).toContain('connection refused');
  });
});

describe('the recipients’ own hosts', () => {
  async function dns(records: readonly DnsRecord[]): Promise<string> {
    // The sandbox's own zones would have an answer for every name.
    const zones: Zones = {
      lookup(name, type) {
        const named = records.filter((one) => one.name === name);
        const code = named.length === 0 ? 'NXDOMAIN' : 'NOERROR';
        return { code, records: named.filter((one) => type === null || one.type === type) };
      },
      authority: (name) => ({
        name,
        ttlS: 60,
        type: 'SOA',
        primary: 'ns.example',
        admin: 'admin.example',
        serial: 1,
      }),
      apply: () => undefined,
      owner: () => null,
    };
    const server = await openDnsServer(zones, {
      hosts: ['127.0.0.1'],
      port: 0,
      listen,
      onProblem: () => undefined,
    });
    onTestFinished(() => server.close());
    return `127.0.0.1:${server.port}`;
  }

  async function open(records: readonly DnsRecord[], far: FarServer): Promise<LiveWorld> {
    const world = await liveWorld();
    const settings = {
      kind: 'mx',
      dnsServers: [await dns(records)],
      port: far.port,
      dkim: 'leave',
      helo: 'relay.test',
    };
    await world.turnOn(await world.relay(settings), ['real.example', 'shop.invalid']);
    return world;
  }

  const record = { name: 'real.example', ttlS: 60 } as const;
  const host = (name: string, address: string): DnsRecord => ({ name, ttlS: 60, type: 'A', address });
  const mx = (preference: number, exchange: string): DnsRecord => ({
    ...record,
    type: 'MX',
    preference,
    exchange,
  });

  it('are found by MX and tried in their order', async () => {
    const far = await farServer();
    const world = await open(
      [
        mx(20, 'mx2.real.example'),
        mx(10, 'mx1.real.example'),
        // Nobody listens there.
        host('mx1.real.example', '127.0.0.2'),
        host('mx2.real.example', '127.0.0.1'),
      ],
      far,
    );
    const id = await sendTo(world, 'jane@real.example');
    expect(await world.deliveries(id)).toMatchObject([{ status: 'sent' }]);
    expect(far.arrived).toMatchObject([{ to: ['jane@real.example'] }]);
  });

  it('are the domain’s own address where it has no MX', async () => {
    const far = await farServer();
    const world = await open([host('real.example', '127.0.0.1')], far);
    await sendTo(world, 'jane@real.example');
    expect(far.arrived).toHaveLength(1);
  });

  it('are none of an address in brackets: no list can name it, and it is held', async () => {
    const far = await farServer();
    const world = await open([], far);
    const id = await sendTo(world, 'jane@[127.0.0.1]');
    expect(await world.deliveries(id)).toMatchObject([{ substatus: 'held' }]);
    expect(far.arrived).toEqual([]);
    await world.turnOff();
    const other = await liveWorld();
    const settings = { kind: 'mx', dnsServers: [await dns([])], port: far.port, dkim: 'leave' };
    await expect(other.turnOn(await other.relay(settings), ['[127.0.0.1]'])).rejects.toThrow('is no domain');
  });

  it.each([
    ['of a domain that takes no mail', [mx(0, '')], 'jane@real.example', 'null MX'],
    ['of a domain that does not exist', [], 'jane@nowhere.real.example', 'NXDOMAIN'],
    ['of a name that nobody has', [], 'jane@shop.invalid', 'NXDOMAIN'],
  ])('%s are none: it fails for good', async (_name, records, recipient, words) => {
    const far = await farServer();
    const world = await open([...records], far);
    const [delivery] = await world.deliveries(await sendTo(world, recipient));
    expect(delivery).toMatchObject({ status: 'undeliverable', class: 'bad_domain' });
    expect(delivery?.reason).toContain(words);
  });

  it('are none that could be verified: the DNS is asked instead', async () => {
    const far = await farServer();
    const world = await liveWorld();
    const settings = { kind: 'mx', dnsServers: [await dns([])], port: far.port };
    const relay = await world.relay(settings);
    const check = await world.call<RelayCheckShape>('POST', `/v1/live-relay/relays/${relay}/verify`);
    expect(check.steps[0]).toMatch(/^\. NS: /);
    expect(far.arrived).toEqual([]);
  });
});
