import { afterEach, describe, expect, it } from 'vitest';
import type { ProviderAnswer } from '../../../../core/doors/http/provider-request.ts';
import { eventually, get1, post2 } from './clients.ts';
import { route, startDoors, type TestDoors } from './doors.ts';

let doors: TestDoors | null = null;
afterEach(async () => {
  await doors?.close();
  doors = null;
});

describe('the plain door', () => {
  it('finds the provider by the first part of the path', async () => {
    doors = await startDoors();
    const reply = await get1(doors.ports.providers, '/fcm/v1/projects/p?x=1', {
      method: 'POST',
      body: '{"a":1}',
    });
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.body)).toMatchObject({
      path: '/v1/projects/p',
      query: 'x=1',
      bodyBytes: 7,
      httpVersion: '1.1',
      baseUrl: `http://127.0.0.1:${doors.ports.providers}/fcm`,
      door: 'providers',
    });
  });

  it('finds the provider by Host', async () => {
    doors = await startDoors();
    const reply = await get1(doors.ports.providers, '/v1/x', { headers: { host: 'FCM.googleapis.com' } });
    expect(JSON.parse(reply.body)).toMatchObject({ path: '/v1/x', baseUrl: 'http://fcm.googleapis.com' });
  });

  it.each(['http://evil.example:8026', 'https://shop.example', 'null'])(
    'takes nothing from a web page at %s, whatever name leads it here',
    async (origin) => {
      doors = await startDoors();
      const page = { method: 'POST', body: '{}', headers: { origin, host: 'evil.example:8026' } };
      const reply = await get1(doors.ports.providers, '/fcm/v1/x', page);
      expect(reply.status).toBe(403);
      expect(reply.body).toContain('a web page');
      expect(doors.ended[0]).toMatchObject({ outcome: 'refused' });
    },
  );

  it('takes what a page of this machine asks', async () => {
    doors = await startDoors();
    for (const origin of ['http://localhost:3000', 'https://app.localhost', 'http://127.0.0.1:5173']) {
      const page = { method: 'POST', body: '{}', headers: { origin } };
      expect((await get1(doors.ports.providers, '/fcm/v1/x', page)).status).toBe(200);
    }
  });

  it('says whom there is where nobody answers', async () => {
    doors = await startDoors();
    const reply = await get1(doors.ports.providers, '/nobody/here');
    expect(reply.status).toBe(404);
    expect(JSON.parse(reply.body)).toMatchObject({ prefixes: ['/fcm'], hosts: ['fcm.googleapis.com'] });
    expect(doors.ended).toHaveLength(1);
    expect(doors.ended[0]).toMatchObject({ outcome: 'refused', start: { door: 'providers', kind: 'http' } });
  });

  it('takes HTTP/2 with prior knowledge', async () => {
    doors = await startDoors();
    const reply = await post2(`http://127.0.0.1:${doors.ports.providers}`, { ':path': '/fcm/v1/x' }, 'body');
    expect(JSON.parse(reply.body)).toMatchObject({ path: '/v1/x', httpVersion: '2', bodyBytes: 4 });
  });
});

describe('TLS by name', () => {
  it('speaks HTTP/2 and HTTP/1.1, as the client wants', async () => {
    doors = await startDoors();
    const { ca } = doors;
    const reply = await post2(
      `https://localhost:${doors.ports.tls}`,
      { ':path': '/v1/x', ':authority': 'fcm.googleapis.com' },
      'body',
      { ca },
    );
    expect(JSON.parse(reply.body)).toMatchObject({
      path: '/v1/x',
      httpVersion: '2',
      baseUrl: 'https://fcm.googleapis.com',
    });
  });
});

describe('the APNs door', () => {
  it('takes a POST by HTTP/2 and keeps the connection', async () => {
    doors = await startDoors();
    const { ca } = doors;
    const reply = await post2(`https://localhost:${doors.ports.apns}`, { ':path': '/3/device/00' }, '{}', {
      ca,
    });
    expect(JSON.parse(reply.body)).toMatchObject({ path: '/3/device/00', door: 'apns', certificate: null });
  });
});

describe('closing', () => {
  it('lets what is under way come to its end, and takes nothing new', async () => {
    const finish: (() => void)[] = [];
    doors = await startDoors({
      routes: [
        route({
          handle: () =>
            new Promise((resolve) => {
              finish.push(() => resolve({ reply: { status: 200, fields: [], body: 'yes' }, refused: null }));
            }),
        }),
      ],
    });
    const { ports, ca } = doors;
    const one = get1(ports.providers, '/fcm/1');
    const two = post2(`https://localhost:${ports.apns}`, { ':path': '/2' }, '{}', { ca });
    await eventually(() => finish.length).toBe(2);
    const closed = doors.doors.close(60_000);
    await expect(get1(ports.apnsManage, '/3')).rejects.toThrow(/ECONNREFUSED/);
    for (const answer of finish) answer();
    expect((await one).body).toBe('yes');
    expect((await two).body).toBe('yes');
    await closed;
  });
});

describe('an exchange', () => {
  it('is handed over with what is stored, and the reply goes out when that is done', async () => {
    let stored = '';
    let settle: () => void = () => undefined;
    doors = await startDoors({
      routes: [
        route({
          secretFields: ['x-secret'],
          handle: (): ProviderAnswer => ({
            reply: { status: 201, fields: [['location', '/1']], body: '' },
            refused: null,
            user: 'someone',
            take: (exchange) => {
              stored = exchange.part.transcript;
              return new Promise((resolve) => {
                settle = resolve;
              });
            },
          }),
        }),
      ],
    });
    const answered = get1(doors.ports.providers, '/fcm/a', {
      method: 'POST',
      body: 'hello',
      headers: {
        authorization: 'Bearer abc',
        'x-secret': 'abc',
        'sandpost-send': 'abc',
        connection: 'close',
      },
    });
    await eventually(() => stored).not.toBe('');
    settle();
    expect((await answered).status).toBe(201);
    expect(stored.replace(/^(\w) [\d.]+ /gm, '$1 ')).toBe(
      [
        'C POST /fcm/a HTTP/1.1',
        'C authorization: Bearer (masked)',
        'C x-secret: (masked)',
        'C connection: close',
        'C content-length: 5',
        `C host: 127.0.0.1:${doors.ports.providers}`,
        'N message of 5 bytes',
        'S HTTP/1.1 201',
        'S location: /1',
        '',
      ].join('\n'),
    );
    expect(doors.ended).toEqual([]);
  });

  it('of what could not be stored is refused in the provider’s own words', async () => {
    doors = await startDoors({
      routes: [
        route({
          handle: (): ProviderAnswer => ({
            reply: { status: 200, fields: [], body: '' },
            refused: null,
            take: () => Promise.reject(new Error('disk full')),
            unstored: () => ({ status: 503, fields: [['retry-after', '1']], body: 'later' }),
          }),
        }),
      ],
    });
    const reply = await get1(doors.ports.providers, '/fcm/a');
    expect(reply).toMatchObject({ status: 503, body: 'later' });
    expect(doors.ended[0]).toMatchObject({ outcome: 'refused', reason: 'it could not be stored: disk full' });
  });
});
