/** What an answer may want done with the connection, on each wire. */
import http2 from 'node:http2';
import { afterEach, describe, expect, it } from 'vitest';
import type {
  ProviderAnswer,
  ProviderConnection,
  ProviderRequest,
} from '../../../../core/doors/http/provider-request.ts';
import { fakeClock } from '../../../fake-clock.ts';
import { eventually, get1, request2 } from './clients.ts';
import { echo, route, startDoors, type TestDoors } from './doors.ts';
import { emptySettings, frame, framesOf, goAwaysOf, postBlock, preface, rawPlain, rawTls } from './frames.ts';

let doors: TestDoors | null = null;
afterEach(async () => {
  await doors?.close();
  doors = null;
});

async function start(
  handle: (request: ProviderRequest) => ProviderAnswer | Promise<ProviderAnswer>,
): Promise<TestDoors> {
  doors = await startDoors({ routes: [route({ handle })] });
  return doors;
}

const ok = { status: 200, fields: [], body: 'yes' } as const;
const post = Buffer.concat([preface, emptySettings, frame(1, 0x5, 1, postBlock)]);

describe('GOAWAY', () => {
  it('comes after the reply, with its reason, and the connection ends', async () => {
    const { ports, ca } = await start(() => ({
      reply: ok,
      refused: null,
      connection: { kind: 'goAway', debug: '{"reason":"Shutdown"}', reply: 'given' },
    }));
    const client = await rawTls(ports.apns, { ca });
    client.socket.write(post);
    const frames = framesOf(await client.closed);
    const said = frames.filter((one) => one.type !== 4).map((one) => one.type);
    expect(said).toEqual([1, 0, 7]);
    expect(goAwaysOf(client.said())).toEqual([{ lastStreamId: 1, code: 0, debug: '{"reason":"Shutdown"}' }]);
  });

  it('comes in place of the reply, which a client may then ask for elsewhere', async () => {
    const { ports, ca, ended } = await start(() => ({
      reply: ok,
      refused: 'by the rule',
      connection: { kind: 'goAway', debug: '{"reason":"Shutdown"}', reply: 'withheld' },
    }));
    const client = await rawTls(ports.apns, { ca });
    client.socket.write(post);
    const frames = framesOf(await client.closed);
    expect(frames.some((one) => one.type === 1)).toBe(false);
    const reset = frames.find((one) => one.type === 3);
    expect(reset?.payload.readUInt32BE(0)).toBe(7);
    expect(goAwaysOf(client.said())[0]).toMatchObject({ debug: '{"reason":"Shutdown"}' });
    expect(ended[0]?.transcript).toContain('in place of a reply');
    expect(ended[0]?.transcript).not.toContain('S ');
  });

  it('lets what is under way come to its end', async () => {
    let finish: () => void = () => undefined;
    const { ports, ca } = await start((request) =>
      request.path.endsWith('slow')
        ? new Promise((resolve) => {
            finish = () => resolve({ reply: ok, refused: null });
          })
        : { reply: ok, refused: null, connection: { kind: 'goAway', debug: 'x', reply: 'given' } },
    );
    const session = http2.connect(`https://localhost:${ports.apns}`, { ca });
    const slow = request2(session, { ':path': '/slow' }, '');
    const left = new Promise((resolve) => session.once('goaway', resolve));
    await request2(session, { ':path': '/fast' }, '');
    await left;
    finish();
    expect((await slow).status).toBe(200);
  });

  it('is a close of the connection in HTTP/1.1', async () => {
    const { ports } = await start(() => ({
      reply: ok,
      refused: null,
      connection: { kind: 'goAway', debug: 'x', reply: 'given' },
    }));
    expect((await get1(ports.providers, '/fcm/x')).headers.connection).toBe('close');
  });
});

describe('a reply that is withheld', () => {
  it('cuts the connection', async () => {
    const { ports, ca } = await start(() => ({ reply: ok, refused: 'cut', connection: { kind: 'cut' } }));
    await expect(get1(ports.providers, '/fcm/x')).rejects.toThrow(/hang up/);
    const client = await rawTls(ports.apns, { ca });
    client.socket.write(post);
    expect(framesOf(await client.closed).some((one) => one.type === 1)).toBe(false);
  });

  it('resets the one request, and the next is answered', async () => {
    let first = true;
    const { ports, ca } = await start((request) => {
      if (!first) return echo(request);
      first = false;
      return { reply: ok, refused: 'reset', connection: { kind: 'reset' } };
    });
    const session = http2.connect(`https://localhost:${ports.apns}`, { ca });
    await expect(request2(session, { ':path': '/1' }, '')).rejects.toThrow();
    expect((await request2(session, { ':path': '/2' }, '')).status).toBe(200);
    session.close();
  });
});

describe('time', () => {
  it('passes before a late reply', async () => {
    const clock = fakeClock();
    doors = await startDoors({
      clock,
      routes: [route({ handle: () => ({ reply: ok, refused: null, lateMs: 5_000 }) })],
    });
    let answered = false;
    const reply = get1(doors.ports.providers, '/fcm/x').then((given) => {
      answered = true;
      return given;
    });
    await eventually(() => doors?.ended.length).toBe(1);
    clock.advance(4_900);
    expect(answered).toBe(false);
    clock.advance(200);
    expect((await reply).body).toBe('yes');
  });

  it('passes between the pieces of a slow reply', async () => {
    const clock = fakeClock();
    doors = await startDoors({
      clock,
      routes: [
        route({
          handle: () => ({ reply: { ...ok, body: 'y'.repeat(1000) }, refused: null, bytesPerSecond: 100 }),
        }),
      ],
    });
    const client = await rawPlain(doors.ports.providers);
    client.socket.write('GET /fcm/x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    await eventually(() => doors?.ended.length).toBe(1);
    clock.advance(5_000);
    await eventually(() => /y+$/.exec(client.said().toString())?.[0].length).toBeGreaterThan(300);
    expect(/y+$/.exec(client.said().toString())?.[0].length).toBeLessThan(600);
    clock.advance(6_000);
    expect((await client.closed).toString()).toMatch(/y{1000}$/);
  });
});

describe('streams at once', () => {
  it('are told with the first SETTINGS, and changed by a channel', async () => {
    const seen: ProviderConnection[] = [];
    doors = await startDoors({
      apns: [
        route({
          firstStreams: () => 1,
          handle: (request) => {
            seen.push(request.connection);
            request.connection.setConcurrentStreams(1000);
            return { reply: ok, refused: null };
          },
        }),
      ],
    });
    const session = http2.connect(`https://localhost:${doors.ports.apns}`, { ca: doors.ca });
    const told: (number | undefined)[] = [];
    session.on('remoteSettings', (settings) => told.push(settings.maxConcurrentStreams));
    await eventually(() => told.length).toBe(1);
    await request2(session, { ':path': '/3/device/00' }, '{}');
    await eventually(() => told).toEqual([1, 1000]);
    session.close();
  });
});

describe('a client that goes away', () => {
  it('is told to the handler, and its half request is recorded', async () => {
    let gone = false;
    const { ports, ended } = await start(
      (request) =>
        new Promise(() => {
          request.gone.addEventListener('abort', () => {
            gone = true;
          });
        }),
    );
    const whole = await rawPlain(ports.providers);
    whole.socket.write('GET /fcm/x HTTP/1.1\r\nhost: x\r\n\r\n');
    const half = await rawPlain(ports.providers);
    half.socket.write('POST /fcm/x HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc');
    // Both are being read when the other side goes.
    await get1(ports.providers, '/none');
    whole.socket.destroy();
    half.socket.destroy();
    await eventually(() => gone).toBe(true);
    await eventually(() => ended.map((end) => end.outcome)).toContain('aborted');
  });
});

describe('our own sends', () => {
  it('are known to the handler and not recorded', async () => {
    const own = { messageId: 'm', deliveryId: 'd' };
    const known: unknown[] = [];
    doors = await startDoors({
      routes: [
        route({
          handle: (request) => {
            known.push(request.own);
            return { reply: { ...ok, status: 400 }, refused: 'no' };
          },
        }),
      ],
      ports: { findOwn: (value, address) => (value === 'secret.1' && address === '127.0.0.1' ? own : null) },
    });
    await get1(doors.ports.providers, '/fcm/x', { headers: { 'sandpost-send': 'secret.1' } });
    expect(known).toEqual([own]);
    expect(doors.ended).toEqual([]);
  });
});

describe('a handler that throws', () => {
  it('is our own fault, and said so', async () => {
    const { ports, problems, ended } = await start(() => {
      throw new Error('a bug');
    });
    expect((await get1(ports.providers, '/fcm/x')).status).toBe(500);
    expect(problems).toHaveLength(1);
    expect(ended[0]?.reason).toContain('a bug');
  });
});

describe('a client certificate', () => {
  it('is shown to the handler, whoever signed it', async () => {
    doors = await startDoors();
    const { key, cert } = doors.server;
    const session = http2.connect(`https://localhost:${doors.ports.apns}`, { ca: doors.ca, key, cert });
    const reply = await request2(session, { ':path': '/3/device/00' }, '{}');
    expect(JSON.parse(reply.body)).toMatchObject({ certificate: 'CN=localhost' });
    session.close();
  });
});

describe('a reply that HTTP cannot carry', () => {
  it('ends the connection, is told of, and the door goes on', async () => {
    const { ports, problems } = await start((request) =>
      request.path.endsWith('bad')
        ? { reply: { ...ok, fields: [['apns-id', 'a\r\nb: c']] }, refused: null }
        : { reply: ok, refused: null },
    );
    await expect(get1(ports.providers, '/fcm/bad')).rejects.toThrow();
    await eventually(() => problems).toEqual([expect.stringContaining('cannot be sent by HTTP/1.1')]);
    expect((await get1(ports.providers, '/fcm/good')).status).toBe(200);
  });
});

describe('an answer that cannot be recorded', () => {
  it.each(['at once', 'later'])('ends its request, and the door goes on (%s)', async (when) => {
    const handle = (request: ProviderRequest): ProviderAnswer | Promise<ProviderAnswer> => {
      const answer = { reply: ok, refused: 'for a test' };
      return when === 'later' && request.body.length > 0 ? Promise.resolve(answer) : answer;
    };
    const maskBody = (text: string): string => {
      if (text === 'bad') throw new Error('cannot be masked');
      return text;
    };
    doors = await startDoors({ routes: [route({ handle, maskBody })] });
    const { ports, problems } = doors;
    await expect(get1(ports.providers, '/fcm/a', { method: 'POST', body: 'bad' })).rejects.toThrow();
    expect(problems).toEqual([expect.stringContaining('an answer of fcm failed')]);
    expect((await get1(ports.providers, '/fcm/a', { method: 'POST', body: 'good' })).status).toBe(200);
  });
});
