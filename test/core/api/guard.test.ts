import { once } from 'node:events';
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startCore, type TestCore } from '../../start-core.ts';

/** `fetch` forbids the headers that are at stake here. */
function ask(
  core: TestCore,
  headers: Record<string, string>,
  path = '/v1/status',
  method = 'GET',
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port: core.port('http'),
        path,
        method,
        headers: { host: '127.0.0.1', ...headers },
      },
      (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += String(chunk);
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

/** @returns the status with which the upgrade was answered; 101 when the connection is open */
async function upgrade(
  core: TestCore,
  headers: Record<string, string> = {},
  path = '/v1/live',
): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${core.port('http')}${path}`, { headers });
  socket.on('error', () => undefined);
  const status = await Promise.race([
    once(socket, 'open').then(() => 101),
    once(socket, 'unexpected-response').then(([, response]) => Number(response.statusCode)),
  ]);
  socket.terminate();
  return status;
}

describe('on loopback', () => {
  it.each([
    ['127.0.0.1', 200],
    ['127.0.0.1:8025', 200],
    ['localhost', 200],
    ['LOCALHOST:1', 200],
    ['[::1]:8025', 200],
    ['127.8.8.8', 200],
    ['sandpost.localhost', 200],
    ['host.docker.internal:8025', 200],
    ['evil.example', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['192.168.0.7', 403],
    ['mail.test', 403],
  ])('the Host %s is answered with %i', async (host, status) => {
    const core = await startCore();
    const answer = await ask(core, { host });
    expect(answer.status).toBe(status);
    if (status === 403)
      expect(JSON.parse(answer.body)).toMatchObject({
        code: 'forbidden',
        detail: expect.stringContaining('--allow-host'),
      });
  });

  it('another Host is allowed by its name', async () => {
    const core = await startCore(['--allow-host', 'mail.test']);
    expect((await ask(core, { host: 'mail.test:8025' })).status).toBe(200);
    expect((await ask(core, { host: 'other.test' })).status).toBe(403);
  });

  it.each([
    [{ origin: 'http://127.0.0.1' }, 200],
    [{ origin: 'http://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'http://127.0.0.1:3000' }, 403],
    [{ origin: 'file://' }, 403],
    [{ 'sec-fetch-site': 'same-origin' }, 200],
    [{ 'sec-fetch-site': 'none' }, 200],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }, 403],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }, 403],
  ] as [Record<string, string>, number][])(
    'a request with %j is answered with %i',
    async (headers, status) => {
      const core = await startCore();
      expect((await ask(core, headers)).status).toBe(status);
    },
  );

  it('a link from another site opens the screen', async () => {
    const core = await startCore();
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await ask(core, { ...link, 'sec-fetch-dest': 'document' }, '/messages')).status).toBe(200);
    expect((await ask(core, { ...link, 'sec-fetch-dest': 'iframe' }, '/messages')).status).toBe(403);
  });

  it('a page of another origin neither deletes nor listens', async () => {
    const core = await startCore();
    const id = await core.send('From: a@b\r\n\r\nx\r\n');
    const deleted = await ask(core, { origin: 'http://evil.example' }, `/v1/messages/${id}`, 'DELETE');
    expect(deleted.status).toBe(403);
    expect((await core.get(`/v1/messages/${id}`)).status).toBe(200);
    expect(await upgrade(core, { origin: 'http://evil.example' })).toBe(403);
    expect(await upgrade(core, { origin: 'null' })).toBe(403);
    expect(await upgrade(core)).toBe(101);
  });

  it('an origin that is allowed is answered, and its page may read the answer', async () => {
    const core = await startCore(['--allow-origin', 'http://app.test:3000']);
    const answer = await ask(core, { origin: 'http://app.test:3000' });
    expect(answer.status).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBe('http://app.test:3000');
    const preflight = await ask(
      core,
      {
        origin: 'http://app.test:3000',
        'access-control-request-method': 'DELETE',
        'access-control-request-headers': 'authorization',
      },
      '/v1/messages',
      'OPTIONS',
    );
    expect(preflight.status).toBe(204);
    expect(String(preflight.headers['access-control-allow-methods'])).toContain('DELETE');
  });

  it('no token is needed', async () => {
    const core = await startCore();
    expect(core.app.token).toBeNull();
  });
});

describe('off loopback', () => {
  const flags = ['--host', '0.0.0.0', '--token', 'correct-horse'];

  it('a token is made when none is given, and says so to this user alone', async () => {
    const core = await startCore(['--host', '0.0.0.0']);
    expect(core.app.token).toMatch(/^[\w-]{20,}$/);
    expect((await ask(core, {})).status).toBe(401);
    expect((await ask(core, { authorization: `Bearer ${core.app.token}` })).status).toBe(200);
  });

  it('guards the screen, the API and the live feed', async () => {
    const core = await startCore(flags);
    for (const path of [
      '/',
      '/v1/status',
      '/v1/messages',
      '/v1/openapi.json',
      '/metrics',
      '/assets/x.js',
      '/messages/x',
    ]) {
      const answer = await ask(core, {}, path);
      expect(answer.status, path).toBe(401);
      expect(JSON.parse(answer.body).code).toBe('unauthorized');
    }
    expect(await upgrade(core)).toBe(401);
    for (const path of ['/livez', '/readyz']) expect((await ask(core, {}, path)).status, path).toBe(200);
  });

  it('takes the token as a bearer, and no other', async () => {
    const core = await startCore(flags);
    expect((await ask(core, { authorization: 'Bearer correct-horse' })).status).toBe(200);
    expect((await ask(core, { authorization: 'bearer correct-horse' })).status).toBe(200);
    for (const wrong of [
      'Bearer correct-hors',
      'Bearer correct-horsee',
      'Basic correct-horse',
      'correct-horse',
      'Bearer ',
    ]) {
      expect((await ask(core, { authorization: wrong })).status, wrong).toBe(401);
    }
    expect(await upgrade(core, { authorization: 'Bearer correct-horse' })).toBe(101);
  });

  it('takes it once in the address, as a cookie from then on', async () => {
    const core = await startCore(flags);
    expect((await ask(core, {}, '/?token=wrong-horse')).status).toBe(401);
    const answer = await ask(core, {}, '/?token=correct-horse');
    expect(answer.status).toBe(302);
    expect(answer.headers.location).toBe('/');
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Strict/i);
    const sent = { cookie: cookie.split(';')[0] ?? '' };
    expect((await ask(core, sent)).status).toBe(200);
    expect(await upgrade(core, sent)).toBe(101);
    expect((await ask(core, { cookie: 'sandpost_token=wrong' })).status).toBe(401);
    expect(
      (await ask(core, {}, '/v1/status?token=correct-horse')).status,
      'the API takes none in its address',
    ).toBe(401);
  });
});

describe('behind a base path', () => {
  it('everything is below it', async () => {
    const core = await startCore(['--base-path', '/mail/']);
    expect(core.app.url).toMatch(/\/mail$/);
    expect((await ask(core, {}, '/mail/v1/status')).status).toBe(200);
    expect((await ask(core, {}, '/v1/status')).status).toBe(404);
    expect((await ask(core, {}, '/mail/livez')).status).toBe(200);
    expect((await ask(core, {}, '/')).headers.location).toBe('/mail/');
    expect((await ask(core, {}, '/mail/')).status).toBe(200);
    expect(await upgrade(core, {}, '/mail/v1/live')).toBe(101);
  });

  it('the token is asked for, and its cookie holds there', async () => {
    const core = await startCore(['--base-path', '/mail', '--host', '0.0.0.0', '--token', 'correct-horse']);
    expect((await ask(core, {}, '/mail/v1/status')).status).toBe(401);
    const answer = await ask(core, {}, '/mail/?token=correct-horse');
    expect(answer.headers.location).toBe('/mail/');
    expect(String(answer.headers['set-cookie'])).toContain('Path=/mail/');
  });
});
