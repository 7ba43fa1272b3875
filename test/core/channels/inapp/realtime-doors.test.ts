/** The real-time doors by real clients: WebSocket and event stream, plain, over TLS and over HTTP/2. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import http2 from 'node:http2';
import { afterEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import {
  createRealtime,
  type Realtime,
  type RealtimeLimits,
} from '../../../../core/channels/inapp/realtime.ts';
import { withRealtime } from '../../../../core/channels/inapp/realtime-route.ts';
import type { ProviderAnswer } from '../../../../core/doors/http/provider-request.ts';
import { type FakeClock, fakeClock } from '../../../fake-clock.ts';
import { eventually, get1 } from '../../doors/http/clients.ts';
import { route, startDoors, type TestDoors } from '../../doors/http/doors.ts';
import { type FakeRoom, fakeRoom } from './fake-room.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Started {
  readonly doors: TestDoors;
  readonly room: FakeRoom;
  readonly realtime: Realtime;
  readonly clock: FakeClock;
}

const refused = (status: number, detail: string): ProviderAnswer => ({
  reply: { status, fields: [], body: JSON.stringify({ detail }) },
  refused: detail,
});

async function start(
  limits: Partial<RealtimeLimits> = {},
  mayStay: () => boolean = () => true,
): Promise<Started> {
  const room = fakeRoom();
  const clock = fakeClock();
  const realtime = createRealtime({
    room: room.room,
    clock,
    random: () => 0,
    retryAfterMs: () => 1_000,
    limits,
    onProblem: (text) => expect.unreachable(text),
  });
  const one = withRealtime(route({ key: 'inapp', prefix: '/inapp', hosts: [], quiet: true }), {
    room: { tagOf: (user, query) => `"${user}-${query}"` },
    isRuled: () => false,
    terms: () => limits,
    admit: () => [['cache-control', 'no-cache']],
    realtime,
    welcome: (request) =>
      request.fields.get('origin') === 'https://evil.example'
        ? { admitted: false, answer: refused(403, 'not from there') }
        : { admitted: true, fields: [['vary', 'Origin']], rules: null, mayStay },
    refuse: refused,
  });
  const doors = await startDoors({ routes: [one], clock });
  closers.push(() => doors.close());
  return { doors, room, realtime, clock };
}

interface SocketClient {
  readonly socket: WebSocket;
  readonly heard: { readonly type: string; readonly id?: string; readonly seq?: number }[];
  readonly closed: Promise<number>;
}

function dial(url: string, options: WebSocket.ClientOptions = {}): SocketClient {
  const socket = new WebSocket(url, options);
  const heard: SocketClient['heard'] = [];
  socket.on('message', (data) => heard.push(JSON.parse(String(data))));
  socket.on('error', () => undefined);
  closers.push(() => socket.terminate());
  return {
    socket,
    heard,
    closed: new Promise((resolve) => socket.once('close', (code) => resolve(code))),
  };
}

describe('by WebSocket', () => {
  it('tells two tabs the same', async () => {
    const { doors, room } = await start();
    const url = `ws://127.0.0.1:${doors.ports.providers}/inapp/v1/ws?user=j%C3%A4ne`;
    const tabs = [dial(url), dial(url)];
    await eventually(() => tabs.map((tab) => tab.heard[0]?.type)).toEqual(['hello', 'hello']);
    room.tell('jäne', 'a');
    await eventually(() => tabs.map((tab) => tab.heard[1]?.id)).toEqual(['a', 'a']);
  });

  it('goes on over TLS where it stopped', async () => {
    const { doors, room } = await start();
    const seq = room.tell('jane', 'a');
    room.tell('jane', 'b');
    const url = `wss://localhost:${doors.ports.tls}/inapp/v1/ws?user=jane&after=${seq}`;
    const client = dial(url, { ca: doors.ca });
    await eventually(() => client.heard.map((event) => event.id ?? event.type)).toEqual(['hello', 'b']);
  });

  it('says when to come back before the door closes', async () => {
    const { doors, realtime } = await start();
    const client = dial(`ws://127.0.0.1:${doors.ports.providers}/inapp/v1/ws?user=jane`);
    await eventually(() => client.heard.length).toBe(1);
    realtime.close();
    expect(await client.closed).toBe(1012);
    expect(client.heard.at(-1)).toEqual({ type: 'reconnect', retryAfterMs: 1_000 });
  });

  it('says why it lets go a client whose key does not hold any more', async () => {
    let holds = true;
    const { doors, realtime } = await start({}, () => holds);
    const client = dial(`ws://127.0.0.1:${doors.ports.providers}/inapp/v1/ws?user=jane`);
    await eventually(() => client.heard.length).toBe(1);
    holds = false;
    realtime.termsChanged();
    expect(await client.closed).toBe(1008);
    expect(client.heard.at(-1)).toEqual({ type: 'reconnect', retryAfterMs: 1_000 });
  });

  it('cuts off a client that does not answer', async () => {
    const { doors, realtime, clock } = await start();
    const url = `ws://127.0.0.1:${doors.ports.providers}/inapp/v1/ws?user=jane`;
    const [deaf, there] = [dial(url, { autoPong: false }), dial(url)];
    await eventually(() => realtime.lines).toBe(2);
    await eventually(() => there.heard.length).toBe(1);
    const pinged = new Promise((resolve) => there.socket.once('ping', resolve));
    clock.advance(25_000);
    await pinged;
    // What the client said after its pong shows that the pong is there.
    there.socket.ping();
    await new Promise((resolve) => there.socket.once('pong', resolve));
    clock.advance(25_000);
    expect(await deaf.closed).toBe(1006);
    expect(realtime.lines).toBe(1);
  });

  it.each([
    ['without a user', '/inapp/v1/ws', {}, 400],
    ['with no number to go on from', '/inapp/v1/ws?user=a&after=x', {}, 400],
    ['from a page of elsewhere', '/inapp/v1/ws?user=a', { origin: 'https://evil.example' }, 403],
    ['at another address', '/inapp/v1/other?user=a', {}, 200],
  ])('is refused %s, in words', async (_why, path, headers, status) => {
    const { doors } = await start();
    const { socket } = dial(`ws://127.0.0.1:${doors.ports.providers}${path}`, { headers });
    const response = await new Promise<IncomingMessage>((resolve) =>
      socket.once('unexpected-response', (_request, answer) => resolve(answer)),
    );
    expect(response.statusCode).toBe(status);
  });

  it('asks for the upgrade where it is missing', async () => {
    const { doors } = await start();
    expect((await get1(doors.ports.providers, '/inapp/v1/ws?user=a')).status).toBe(426);
  });

  it('leaves an upgrade to HTTP/2 alone, as Java’s client offers it', async () => {
    const { doors } = await start();
    const answer = await get1(doors.ports.providers, '/inapp/v1/users/a/x', {
      headers: {
        connection: 'Upgrade, HTTP2-Settings',
        upgrade: 'h2c',
        'http2-settings': 'AAEAAEAAAAIAAAAB',
      },
    });
    expect(answer.status).toBe(200);
  });
});

interface StreamClient {
  text(): string;
  readonly closed: Promise<void>;
}

function follow(
  port: number | undefined,
  path: string,
  headers: Record<string, string> = {},
): Promise<StreamClient> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ host: '127.0.0.1', port, path, headers, agent: false });
    closers.push(() => asked.destroy());
    asked.once('error', reject);
    asked.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.on('error', () => undefined);
      expect(response.headers['content-type']).toContain('text/event-stream');
      resolve({
        text: () => text,
        closed: new Promise((done) => response.once('close', () => done())),
      });
    });
    asked.end();
  });
}

describe('by event stream', () => {
  it('has the seq for its id, and goes on from Last-Event-ID rather than from its address', async () => {
    const { doors, room } = await start();
    const seq = room.tell('jane', 'a');
    const next = room.tell('jane', 'b');
    const client = await follow(doors.ports.providers, '/inapp/v1/stream?user=jane&after=1', {
      'last-event-id': String(seq),
    });
    await eventually(client.text).toContain(
      `id: ${next}\ndata: {"type":"message.expired","seq":${next},"id":"b"`,
    );
    expect(client.text()).toMatch(/^retry: 2000\n\nid: \d+\ndata: \{"type":"hello"/);
    expect(client.text()).not.toContain('"id":"a"');
  });

  it('beats, says when to come back, and ends', async () => {
    const { doors, realtime, clock } = await start();
    const client = await follow(doors.ports.providers, '/inapp/v1/stream?user=jane');
    await eventually(client.text).toContain('hello');
    // Longer than a reply may take to be read.
    for (let beats = 0; beats < 4; beats++) clock.advance(25_000);
    await eventually(() => client.text().split(': still here').length - 1).toBe(4);
    realtime.close();
    await client.closed;
    expect(client.text()).toMatch(/retry: 1000\ndata: \{"type":"reconnect","retryAfterMs":1000\}\n\n$/);
  });

  it('is over when the client goes', async () => {
    const { doors, room } = await start();
    const client = await follow(doors.ports.providers, '/inapp/v1/stream?user=jane');
    await eventually(() => room.listeners('jane')).toBe(1);
    closers.pop()?.();
    await client.closed;
    await eventually(() => room.listeners('jane')).toBe(0);
  });

  it('goes by HTTP/2 as well', async () => {
    const { doors, room, realtime } = await start();
    const session = http2.connect(`https://localhost:${doors.ports.tls}`, { ca: doors.ca });
    closers.push(() => session.destroy());
    session.on('error', () => undefined);
    const stream = session.request({ ':path': '/inapp/v1/stream?user=jane' });
    let text = '';
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    await eventually(() => text).toContain('hello');
    room.tell('jane', 'a');
    await eventually(() => text).toContain('"id":"a"');
    const closed = new Promise((resolve) => stream.once('close', resolve));
    realtime.close();
    await closed;
    expect(text).toContain('reconnect');
  });
});

describe('a pull', () => {
  it('of what did not change is answered at the wire', async () => {
    const { doors } = await start();
    const path = '/inapp/v1/users/j%C3%A4ne/messages?limit=2';
    const answer = await get1(doors.ports.providers, path, {
      headers: { 'if-none-match': 'W/"old", W/"jäne-limit=2"' },
    });
    expect(answer).toMatchObject({ status: 304, body: '' });
    expect(answer.headers).toMatchObject({ etag: '"jäne-limit=2"', 'cache-control': 'no-cache' });
    expect(doors.ended).toEqual([]);
  });
});
