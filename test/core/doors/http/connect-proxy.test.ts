import http2 from 'node:http2';
import { createServer, type Server, Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import type { OtherHosts } from '../../../../core/doors/http/connect-proxy.ts';
import { findProgram, run } from '../../../run-program.ts';
import { eventually, get1, request2 } from './clients.ts';
import { startDoors, type TestDoors } from './doors.ts';
import { type RawClient, rawPlain } from './frames.ts';

let doors: TestDoors | null = null;
let far: Server | null = null;
afterEach(async () => {
  await doors?.close();
  doors = null;
  far?.close();
  far = null;
});

/** What a destination elsewhere says, and where the proxy was told to go. */
async function startProxy(
  otherHosts: OtherHosts,
  ownPort: number | null = null,
): Promise<{ readonly at: TestDoors; readonly led: string[] }> {
  const led: string[] = [];
  const server = createServer((socket) => socket.on('error', () => undefined).end('from elsewhere'));
  far = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const farPort = typeof address === 'object' && address !== null ? address.port : 0;
  doors = await startDoors({
    ports: {
      otherHosts: () => otherHosts,
      connect: (host, port) => {
        led.push(`${host}:${port}`);
        return new Socket().connect({ host: '127.0.0.1', port: farPort });
      },
      isOwnPort: (port) => port === ownPort,
    },
  });
  return { at: doors, led };
}

async function ask(at: TestDoors, target: string): Promise<RawClient> {
  const client = await rawPlain(at.ports.proxy);
  client.socket.write(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n\r\n`);
  await eventually(() => client.said().toString()).toContain('\r\n\r\n');
  return client;
}

const status = (client: RawClient): string => client.said().toString().split('\r\n')[0] ?? '';

describe('the CONNECT proxy', () => {
  it('ends at the sandbox for a provider’s host, and speaks HTTP/2 there with our certificate', async () => {
    const { at, led } = await startProxy('refuse');
    const client = await ask(at, 'fcm.googleapis.com:443');
    expect(status(client)).toBe('HTTP/1.1 200 Connection Established');
    client.socket.removeAllListeners('data');
    const secure = await over(client.socket, 'fcm.googleapis.com', at.ca);
    const session = http2.connect('https://fcm.googleapis.com', { createConnection: () => secure });
    const reply = await request2(session, { ':path': '/v1/x', ':scheme': 'https:' }, 'body');
    expect(JSON.parse(reply.body)).toMatchObject({
      path: '/v1/x',
      host: 'fcm.googleapis.com',
      door: 'proxy',
      httpVersion: '2',
      baseUrl: 'https://fcm.googleapis.com',
    });
    expect(led).toEqual([]);
    session.destroy();
  });

  it('ends at the sandbox for a provider’s host with the dot of the root behind it', async () => {
    const { at, led } = await startProxy('tunnel');
    expect(status(await ask(at, 'FCM.googleapis.com.:443'))).toBe('HTTP/1.1 200 Connection Established');
    expect(led).toEqual([]);
  });

  it('never leads to a real provider, unless the list names it', async () => {
    const { at, led } = await startProxy('tunnel');
    const client = await ask(at, 'api.twilio.com:443');
    expect(status(client)).toBe('HTTP/1.1 403 Forbidden');
    expect(client.said().toString()).toContain('nothing goes to the real one');
    expect(status(await ask(at, 'wns2.notify.windows.com:443'))).toBe('HTTP/1.1 403 Forbidden');
    expect(led).toEqual([]);
    await at.close();
    far?.close();
    const listed = await startProxy({ list: ['api.twilio.com'] });
    expect(status(await ask(listed.at, 'api.twilio.com:443'))).toBe('HTTP/1.1 200 Connection Established');
    expect(listed.led).toEqual(['api.twilio.com:443']);
  });

  it('leads to no link-local address, where clouds keep credentials, unless host and port are listed', async () => {
    const { at, led } = await startProxy('tunnel');
    for (const target of ['169.254.169.254:80', '[fe80::1]:80', '[::ffff:169.254.169.254]:80'])
      expect(status(await ask(at, target))).toBe('HTTP/1.1 403 Forbidden');
    expect(led).toEqual([]);
    await at.close();
    far?.close();
    const listed = await startProxy({ list: ['169.254.169.254:80'] });
    expect(status(await ask(listed.at, '169.254.169.254:80'))).toBe('HTTP/1.1 200 Connection Established');
  });

  it('refuses every other destination, says why, and looks nothing up', async () => {
    const { at, led } = await startProxy('refuse');
    const client = await ask(at, 'payments.example:443');
    expect(status(client)).toBe('HTTP/1.1 403 Forbidden');
    expect(client.said().toString()).toContain('payments.example is no provider of this sandbox');
    expect(led).toEqual([]);
    expect(at.ended[0]).toMatchObject({ outcome: 'refused', start: { kind: 'http', door: 'proxy' } });
  });

  it('leads anywhere when it is told to tunnel, but never to our own doors', async () => {
    const { at, led } = await startProxy('tunnel', 5432);
    const client = await ask(at, 'payments.example:443');
    expect((await client.closed).toString()).toMatch(/^HTTP\/1.1 200 .*from elsewhere$/s);
    expect(led).toEqual(['payments.example:443']);
    expect(status(await ask(at, 'localhost:5432'))).toContain('403');
    expect(status(await ask(at, '[::1]:5432'))).toContain('403');
    expect(status(await ask(at, `127.0.0.1:${at.ports.providers}`))).toContain('403');
    // A name that turns out to be this machine.
    expect(status(await ask(at, 'innocent.example:5432'))).toContain('403');
    expect(led).toEqual(['payments.example:443', 'innocent.example:5432']);
  });

  it('leads to what is on the list', async () => {
    const { at, led } = await startProxy(
      { list: ['payments.example', '*.storage.example', 'localhost:5432'] },
      5432,
    );
    expect(status(await ask(at, 'payments.example:443'))).toContain('200');
    expect(status(await ask(at, 'eu.storage.example:443'))).toContain('200');
    expect(status(await ask(at, 'localhost:5432'))).toContain('200');
    expect(status(await ask(at, 'storage.example:443'))).toContain('403');
    expect(status(await ask(at, 'other.example:443'))).toContain('403');
    expect(led).toHaveLength(3);
  });

  it('handles whole addresses of providers, and passes no other on', async () => {
    const { at, led } = await startProxy('tunnel');
    const known = await get1(at.ports.proxy, 'http://fcm.googleapis.com/v1/x?a=b');
    expect(JSON.parse(known.body)).toMatchObject({
      path: '/v1/x',
      query: 'a=b',
      baseUrl: 'http://fcm.googleapis.com',
    });
    for (const target of ['http://payments.example/fcm/v1', '/fcm/v1/x']) {
      const other = await get1(at.ports.proxy, target);
      expect(other.status).toBe(403);
    }
    expect(led).toEqual([]);
  });

  it.each([
    ['no port', 'fcm.googleapis.com', '400'],
    ['no such port', 'fcm.googleapis.com:99999', '400'],
  ])('refuses what is no destination: %s', async (_what, target, code) => {
    const { at } = await startProxy('refuse');
    expect(status(await ask(at, target))).toContain(code);
  });

  it('is the only door that takes CONNECT', async () => {
    const { at } = await startProxy('refuse');
    const client = await rawPlain(at.ports.providers);
    client.socket.write('CONNECT fcm.googleapis.com:443 HTTP/1.1\r\nhost: fcm.googleapis.com\r\n\r\n');
    expect((await client.closed).toString()).toMatch(/^HTTP\/1.1 405 /);
  });

  it.skipIf(findProgram('curl') === null)('serves curl -x, by HTTP/2 and HTTP/1.1', async () => {
    const { at } = await startProxy('refuse');
    const caFile = await at.caFile();
    for (const version of ['--http2', '--http1.1']) {
      const { stdout, stderr } = await run('curl', [
        ...['-sS', '--max-time', '20', version, '--cacert', caFile, '--noproxy', ''],
        ...['-x', `http://127.0.0.1:${at.ports.proxy}`, '-d', '{}', 'https://fcm.googleapis.com/v1/x'],
      ]);
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toMatchObject({
        path: '/v1/x',
        httpVersion: version.slice(6),
        door: 'proxy',
      });
    }
  });
});

describe.skipIf(findProgram('curl') === null)('curl at the other doors', () => {
  it.each([
    ['--http2', 'apns'],
    ['--http2-prior-knowledge', 'providers'],
    ['--http2', 'providers'],
    ['--http1.1', 'tls'],
    ['--http2', 'tls'],
  ] as const)('is answered: %s at %s', async (version, door) => {
    doors = await startDoors();
    const scheme = door === 'providers' ? 'http' : 'https';
    const { stdout, stderr } = await run('curl', [
      ...['-sS', '--max-time', '20', version, '--cacert', await doors.caFile(), '--noproxy', '*'],
      ...['-d', 'x'.repeat(3000), `${scheme}://localhost:${doors.ports[door]}/fcm/3/device/00?`],
    ]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ bodyBytes: 3000, door });
  });
});

async function over(socket: Socket, servername: string, ca: string): Promise<TLSSocket> {
  const secure = connect({ socket, servername, ca, ALPNProtocols: ['h2'] });
  await new Promise((resolve, reject) => {
    secure.once('secureConnect', resolve);
    // Later ones come of our leaving without a goodbye.
    secure.on('error', reject);
  });
  return secure;
}
