/** The in-app door of a whole core: what is sent is heard at once, at its own port and at the API's. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { startCore, type TestCore } from '../../../start-core.ts';
import { eventually } from '../../doors/http/clients.ts';

interface Heard {
  readonly type: string;
  readonly seq: number;
  readonly entry?: { readonly title: string };
}

interface ShownKeys {
  readonly publishableKey: string;
}

function dial(url: string): { readonly heard: Heard[]; readonly socket: WebSocket } {
  const socket = new WebSocket(url);
  onTestFinished(() => socket.terminate());
  const heard: Heard[] = [];
  socket.on('message', (data) => heard.push(JSON.parse(String(data))));
  return { heard, socket };
}

const told = (heard: readonly Heard[]): readonly string[] => heard.map((one) => one.entry?.title ?? one.type);

async function send(core: TestCore, title: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${core.port('providers')}/inapp/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: 'jane', title }),
  });
  expect(answer.status).toBe(202);
}

async function set(core: TestCore, change: Readonly<Record<string, boolean>>): Promise<void> {
  const answer = await core.get('/v1/inapp/settings', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(change),
  });
  expect(answer.status).toBe(200);
}

describe('a message', () => {
  it('is heard at both ports by every client, and changes the tag of the pull', async () => {
    const core = await startCore(['--deliver', '--base-path', '/sand']);
    const doors = [
      `127.0.0.1:${core.port('providers')}`,
      // The API stands under a path of its own.
      `127.0.0.1:${core.port('http')}/sand`,
    ];
    const clients = doors.map((door) => dial(`ws://${door}/inapp/v1/ws?user=jane`));
    const stream = await fetch(`http://${doors[1]}/inapp/v1/stream?user=jane`);
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const readOn = (async () => {
      for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read())
        text += piece.value;
    })();
    await eventually(() => clients.map(({ heard }) => told(heard))).toEqual([['hello'], ['hello']]);
    await eventually(() => text).toContain('"type":"hello"');
    await send(core, 'one');
    await eventually(() => clients.map(({ heard }) => told(heard).slice(1))).toEqual([['one'], ['one']]);
    await eventually(() => text).toContain('"title":"one"');
    const pulls = doors.map((door) => `http://${door}/inapp/v1/users/jane/messages?limit=5`);
    const tags: string[] = [];
    for (const url of pulls) {
      const first = await fetch(url);
      expect(await first.json()).toMatchObject({ total: 1, entries: [{ title: 'one' }] });
      tags.push(first.headers.get('etag') ?? '');
      const again = await fetch(url, { headers: { 'if-none-match': tags[0] ?? '' } });
      expect(again.status).toBe(304);
      expect(again.headers.get('etag')).toBe(tags[0]);
    }
    expect(tags[1]).toBe(tags[0]);
    await send(core, 'two');
    const changed = await fetch(pulls[0] ?? '', { headers: { 'if-none-match': tags[0] ?? '' } });
    expect(changed.status).toBe(200);
    const closed = clients.map(({ socket }) => once(socket, 'close'));
    await core.close();
    expect((await Promise.all(closed)).map(([code]) => code)).toEqual([1012, 1012]);
    for (const { heard } of clients) expect(heard.at(-1)?.type).toBe('reconnect');
    await readOn;
    expect(text).toContain('"type":"reconnect"');
  });

  it('is there for who comes back, by the seq of the last one heard', async () => {
    const core = await startCore(['--deliver']);
    const url = `ws://127.0.0.1:${core.port('providers')}/inapp/v1/ws?user=jane`;
    const { heard, socket } = dial(url);
    await eventually(() => told(heard)).toEqual(['hello']);
    await send(core, 'one');
    await eventually(() => told(heard)).toEqual(['hello', 'one']);
    socket.terminate();
    await send(core, 'two');
    const again = dial(`${url}&after=${heard.at(-1)?.seq ?? 0}`);
    await eventually(() => told(again.heard)).toEqual(['hello', 'two']);
  });
});

describe('what is asked of clients', () => {
  it('ends the lines of those who would not be let in any more, and of nobody else', async () => {
    const core = await startCore(['--deliver']);
    const { hash } = await core.json<{ readonly hash: string }>('/v1/inapp/users/jane/hash');
    const doors = [core.port('providers'), core.port('http')].map((port) => `127.0.0.1:${port}/inapp/v1`);
    const streams = await Promise.all(doors.map((door) => fetch(`http://${door}/stream?user=jane`)));
    const known = doors.map((door) => dial(`ws://${door}/ws?user=jane&hash=${hash}`));
    const strangers = doors.map((door) => dial(`ws://${door}/ws?user=jane`));
    await eventually(() => [...known, ...strangers].map(({ heard }) => told(heard))).toEqual(
      Array.from({ length: 4 }, () => ['hello']),
    );

    const ends = strangers.map(({ socket }) => once(socket, 'close'));
    await set(core, { requireHash: true });
    await Promise.all(ends);
    for (const { heard } of strangers) expect(told(heard)).toEqual(['hello', 'reconnect']);
    for (const stream of streams) expect(await stream.text()).toMatch(/"type":"reconnect".*\n\n$/);
    const { socket: again } = dial(`ws://${doors[0]}/ws?user=jane`);
    expect(String((await once(again, 'error'))[0])).toContain('403');
    expect(known.map(({ heard }) => told(heard))).toEqual([['hello'], ['hello']]);

    const gone = known.map(({ socket }) => once(socket, 'close'));
    expect((await core.get('/v1/inapp/keys', { method: 'POST' })).ok).toBe(true);
    await Promise.all(gone);
    expect(known.map(({ heard }) => told(heard))).toEqual([
      ['hello', 'reconnect'],
      ['hello', 'reconnect'],
    ]);
  });

  it('ends those with a key of before, and leaves those with one that holds', async () => {
    const core = await startCore(['--deliver']);
    const { publishableKey } = await core.json<ShownKeys>('/v1/inapp/settings');
    const url = `ws://127.0.0.1:${core.port('providers')}/inapp/v1/ws?user=jane`;
    const [right, wrong] = [dial(`${url}&key=${publishableKey}`), dial(`${url}&key=pk_old`)];
    await eventually(() => [right, wrong].map(({ heard }) => told(heard))).toEqual([['hello'], ['hello']]);
    const over = once(wrong.socket, 'close');
    await set(core, { requireKey: true });
    await over;
    expect([right, wrong].map(({ heard }) => told(heard))).toEqual([['hello'], ['hello', 'reconnect']]);
    const rotated = once(right.socket, 'close');
    expect((await core.get('/v1/inapp/keys', { method: 'POST' })).ok).toBe(true);
    await rotated;
    expect(told(right.heard)).toEqual(['hello', 'reconnect']);
  });
});

describe('the answer at the wire', () => {
  it('asks for the hash as soon as that is set, on connections that are open too', async () => {
    const core = await startCore(['--deliver']);
    const url = `http://127.0.0.1:${core.port('providers')}/inapp/v1/users/jane/messages`;
    const tag = (await fetch(url)).headers.get('etag') ?? '';
    const socket = connect(core.port('providers'), '127.0.0.1');
    onTestFinished(() => {
      socket.destroy();
    });
    let said = '';
    socket.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1');
    });
    const ask = (): void => {
      socket.write(`GET /inapp/v1/users/jane/messages HTTP/1.1\r\nHost: a\r\nIf-None-Match: ${tag}\r\n\r\n`);
    };
    ask();
    await eventually(() => said).toMatch(/^HTTP\/1.1 304 /);
    await set(core, { requireHash: true });
    ask();
    await eventually(() => said).toMatch(/HTTP\/1.1 403 /);
    const { socket: refused } = dial(`ws://127.0.0.1:${core.port('providers')}/inapp/v1/ws?user=jane`);
    const [error] = await once(refused, 'error');
    expect(String(error)).toContain('403');
  });

  it('is for the screen under every name that it may be called by, and for no page led here by its name', async () => {
    const core = await startCore(['--deliver', '--allow-host', 'sandbox.test']);
    const ask = (port: number, method: string, fields: Readonly<Record<string, string>>) =>
      new Promise<number | undefined>((resolve, reject) => {
        const path = '/inapp/v1/users/jane/events';
        const asked = request({
          port,
          method,
          path: method === 'GET' ? path.replace('events', 'messages') : path,
          headers: fields,
        });
        asked.on('response', (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        });
        asked.on('error', reject);
        asked.end(method === 'GET' ? undefined : '{"name":"opened"}');
      });
    const [http, providers] = [core.port('http'), core.port('providers')];
    const screen = { host: `sandbox.test:${http}`, 'user-agent': 'Mozilla/5.0' };
    expect(await ask(http, 'GET', screen)).toBe(200);
    expect(await ask(http, 'POST', { ...screen, origin: `http://sandbox.test:${http}` })).toBe(200);
    expect(await ask(providers, 'GET', { host: `evil.test:${providers}`, 'user-agent': 'Mozilla/5.0' })).toBe(
      403,
    );
    expect(await ask(providers, 'GET', { host: `sandpost.internal:${providers}` })).toBe(200);
  });

  it('is not for pages of elsewhere at the API’s port', async () => {
    const core = await startCore(['--deliver']);
    const socket = new WebSocket(`ws://127.0.0.1:${core.port('http')}/inapp/v1/ws?user=jane`, {
      origin: 'https://evil.example',
    });
    onTestFinished(() => socket.terminate());
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('403');
  });
});
