/** Clients that are broken or mean no good: each gets its refusal, and the door goes on for the next. */
import http2 from 'node:http2';
import { afterEach, describe, expect, it } from 'vitest';
import { type FakeClock, fakeClock } from '../../../fake-clock.ts';
import { eventually, get1, post2, request2 } from './clients.ts';
import { route, startDoors, type TestDoors, type TestDoorsOptions } from './doors.ts';
import { emptySettings, frame, framesOf, goAwaysOf, postBlock, preface, rawPlain, rawTls } from './frames.ts';

let doors: TestDoors | null = null;
afterEach(async () => {
  if (doors === null) return;
  await goesOn(doors);
  expect(doors.problems.filter((problem) => !problem.includes('connections'))).toEqual([]);
  await doors.close();
  doors = null;
});

async function start(options: TestDoorsOptions = {}): Promise<TestDoors> {
  doors = await startDoors(options);
  return doors;
}

async function goesOn({ ports, ca }: TestDoors): Promise<void> {
  const plain = await get1(ports.providers, '/fcm/v1/after');
  expect(plain.status).toBe(200);
  const apns = await post2(`https://localhost:${ports.apns}`, { ':path': '/3/device/after' }, '{}', { ca });
  expect(apns.status).toBe(200);
}

function after<T>(clock: FakeClock, ms: number, see: () => T): T {
  clock.advance(ms);
  return see();
}

const settled = [preface, emptySettings];

describe('HTTP/1.1 at the APNs door', () => {
  it('is refused in the handshake when it is all that ALPN offers', async () => {
    const { ports, ca, ended } = await start();
    await expect(rawTls(ports.apns, { ca, ALPNProtocols: ['http/1.1'] })).rejects.toThrow(/alert/);
    await eventually(() => ended.length).toBe(1);
    expect(ended[0]).toMatchObject({ outcome: 'refused', start: { door: 'apns' } });
    expect(ended[0]?.reason).toContain('offers no HTTP/2');
  });

  it('gets GOAWAY with a dump of what it said, without ALPN', async () => {
    const { ports, ca, ended } = await start();
    const client = await rawTls(ports.apns, { ca, ALPNProtocols: [] });
    client.socket.write('POST /3/device/00 HTTP/1.1\r\nhost: localhost\r\n\r\n');
    const said = await client.closed;
    expect(framesOf(said).map((one) => one.type)).toEqual([4, 7]);
    expect(goAwaysOf(said)[0]).toMatchObject({
      code: 1,
      debug: expect.stringContaining(
        'HTTP/2 client preface string missing or corrupt. Hex dump for received bytes: 504f5354202f33',
      ),
    });
    expect(ended[0]?.reason).toContain('does not speak HTTP/2');
  });

  it('takes HTTP/2 without ALPN', async () => {
    const { ports, ca } = await start();
    const client = await rawTls(ports.apns, { ca, ALPNProtocols: [] });
    client.socket.write(Buffer.concat([...settled, frame(1, 0x5, 1, postBlock)]));
    await eventually(() => framesOf(client.said()).some((one) => one.type === 1 && one.streamId === 1)).toBe(
      true,
    );
    client.socket.destroy();
  });

  it('refuses plain text', async () => {
    const { ports, ended } = await start();
    const client = await rawPlain(ports.apns);
    client.socket.write('POST /3/device/00 HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await client.closed;
    await eventually(() => ended[0]?.reason).toContain('does not speak TLS');
  });
});

describe('a body that is too large', () => {
  const tenMegabytes = Buffer.alloc(10 * 1024 * 1024, 'x');

  it('is refused by HTTP/1.1 when it has been read, and no more than the limit is kept', async () => {
    const { ports } = await start();
    const reply = await get1(ports.providers, '/fcm/v1/x', { method: 'POST', body: tenMegabytes });
    expect(reply.status).toBe(413);
    expect(JSON.parse(reply.body)).toMatchObject({ bodyBytes: 8192, bodyTooLarge: true });
  });

  it('is cut off when it goes on and on', async () => {
    const { ports } = await start({ limits: { drainBytesMax: 1024 * 1024 } });
    const client = await rawPlain(ports.providers);
    client.socket.write('POST /fcm/v1/x HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\n');
    const chunk = Buffer.alloc(64 * 1024);
    const more = (error?: Error | null): void => {
      if (!error && !client.socket.destroyed) client.socket.write(chunk, more);
    };
    more();
    expect((await client.closed).toString()).toMatch(/^(HTTP\/1.1 413|$)/);
  });

  it('is refused by HTTP/2 at once, and the connection goes on', async () => {
    const { ports, ca } = await start();
    // Of its own session Node would otherwise say that so much is too much.
    const session = http2.connect(`https://localhost:${ports.apns}`, { ca, maxSessionMemory: 100 });
    const reply = await request2(session, { ':path': '/3/device/00' }, tenMegabytes);
    expect(reply.status).toBe(413);
    expect((await request2(session, { ':path': '/3/device/01' }, '{}')).status).toBe(200);
    session.close();
  });

  it('that comes with many others at once is refused before memory runs short', async () => {
    const { ports } = await start({ limits: { pendingBodyBytesMax: 4096 } });
    const reply = await get1(ports.providers, '/fcm/v1/x', { method: 'POST', body: 'x'.repeat(5000) });
    expect(reply.status).toBe(503);
  });
});

describe('many streams', () => {
  it('at once are answered or refused, none is lost', async () => {
    const { ports, ca } = await start();
    const session = http2.connect(`https://localhost:${ports.apns}`, { ca });
    const all = await Promise.allSettled(
      Array.from({ length: 1000 }, (_, i) => request2(session, { ':path': `/3/device/${i}` }, '{}')),
    );
    expect(all.filter((one) => one.status === 'fulfilled' && one.value.status === 200)).toHaveLength(1000);
    session.close();
  });

  it('over the limit are refused as not dealt with', async () => {
    const { ports, ca } = await start({
      apns: [route({ firstStreams: () => 1, handle: () => new Promise(() => undefined) }), route()],
    });
    const client = await rawTls(ports.apns, { ca });
    const streams = Array.from({ length: 20 }, (_, i) => frame(1, 0x4, 1 + 2 * i, postBlock));
    client.socket.write(Buffer.concat([...settled, ...streams]));
    await eventually(() => framesOf(client.said()).filter((one) => one.type === 3).length).toBe(19);
    for (const reset of framesOf(client.said()).filter((one) => one.type === 3))
      expect(reset.payload.readUInt32BE(0)).toBe(7);
    client.socket.destroy();
    await doors?.close();
    doors = null;
  });
});

describe('slow clients', () => {
  it('that send their fields byte by byte get 408', async () => {
    const clock = fakeClock();
    const { ports, ended } = await start({ clock });
    const client = await rawPlain(ports.providers);
    client.socket.write('POST /fcm/v1/x HTTP/1.1\r\nhost: x\r\nx-slow: ');
    // Once it is seen that a request began, the time for its fields runs.
    await eventually(() => {
      clock.advance(2_000);
      client.socket.write('y');
      return client.said().toString();
    }).toMatch(/^HTTP\/1.1 408 /);
    await client.closed;
    expect(ended[0]?.reason).toContain('did not come in time');
  });

  it('that send their body byte by byte get 408, by HTTP/1.1 and HTTP/2', async () => {
    const clock = fakeClock();
    const { ports, ca, ended } = await start({ clock });
    const one = await rawPlain(ports.providers);
    one.socket.write('POST /fcm/v1/x HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc');
    const two = http2.connect(`https://localhost:${ports.apns}`, { ca });
    await new Promise((resolve) => two.once('remoteSettings', resolve));
    const stream = two.request({ ':method': 'POST', ':path': '/3/device/00' });
    stream.write('abc');
    const answered = new Promise((resolve) => stream.once('response', (given) => resolve(given[':status'])));
    await eventually(() => {
      clock.advance(2_000);
      return one.said().toString();
    }).toMatch(/^HTTP\/1.1 408 /);
    await eventually(() => after(clock, 2_000, () => ended.length)).toBe(2);
    expect(await answered).toBe(408);
    expect(ended.map((end) => end.reason)).toEqual(Array(2).fill('the body did not come in time'));
    two.destroy();
  });

  it('that never take their reply lose it', async () => {
    const clock = fakeClock();
    const { ports, ca } = await start({ clock });
    const client = await rawTls(ports.apns, { ca });
    const noWindow = frame(4, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0]));
    client.socket.write(Buffer.concat([preface, noWindow, frame(1, 0x5, 1, postBlock)]));
    await eventually(() => framesOf(client.said()).some((one) => one.type === 1)).toBe(true);
    const resets = (): number => framesOf(client.said()).filter((one) => one.type === 3).length;
    await eventually(() => after(clock, 5_000, resets)).toBe(1);
    expect(framesOf(client.said()).some((one) => one.type === 0)).toBe(false);
    client.socket.destroy();
  });

  it('that begin no TLS are let go', async () => {
    const clock = fakeClock();
    const { ports } = await start({ clock });
    const client = await rawPlain(ports.apns);
    const half = await rawPlain(ports.tls);
    half.socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
    let open = 2;
    for (const one of [client, half]) void one.closed.then(() => open--);
    await eventually(() => after(clock, 1_000, () => open)).toBe(0);
  });

  it('that ask for nothing are let go, at APNs with GOAWAY and its reason', async () => {
    const clock = fakeClock();
    const { ports, ca } = await start({ clock });
    const client = await rawTls(ports.apns, { ca });
    client.socket.write(Buffer.concat(settled));
    // Only now the server, too, knows that the handshake is over.
    await eventually(() => framesOf(client.said()).length > 0).toBe(true);
    await eventually(() => after(clock, 600_000, () => goAwaysOf(client.said()).length)).toBe(1);
    expect(goAwaysOf(client.said())).toEqual([
      { lastStreamId: 0, code: 0, debug: '{"reason":"IdleTimeout"}' },
    ]);
    await client.closed;
  });
});

describe('broken HTTP/2', () => {
  it.each([
    ['invalid HPACK', [frame(1, 0x5, 1, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))], 9],
    [
      'a flood of CONTINUATION',
      [
        frame(1, 0, 1, postBlock),
        ...Array.from({ length: 5000 }, () => frame(9, 0, 1, Buffer.from([0, 1, 0x61, 1, 0x62]))),
      ],
      null,
    ],
    ['a frame over the size', [frame(0, 0, 1, Buffer.alloc(20_000))], 6],
    ['DATA of no stream', [frame(0, 0, 5, Buffer.alloc(10))], 1],
    ['SETTINGS that are none', [frame(4, 0, 0, Buffer.alloc(5))], 6],
    ['PUSH_PROMISE', [frame(5, 0x4, 1, Buffer.from([0, 0, 0, 2, 0x82]))], 1],
  ])('ends the connection with GOAWAY: %s', async (_what, frames, code) => {
    const { ports, ca } = await start();
    const client = await rawTls(ports.apns, { ca });
    client.socket.write(Buffer.concat([...settled, ...frames]));
    const goAways = goAwaysOf(await client.closed);
    expect(goAways.length).toBeGreaterThan(0);
    if (code !== null) expect(goAways[0]?.code).toBe(code);
  });

  it('is no flood of settings and pings for long', async () => {
    const { ports, ca } = await start();
    for (const flood of [emptySettings, frame(6, 0, 0, Buffer.alloc(8))]) {
      const client = await rawTls(ports.apns, { ca });
      // It reads nothing of what it makes the server say.
      client.socket.pause();
      client.socket.write(Buffer.concat(settled));
      const many = Buffer.concat(Array.from({ length: 2000 }, () => flood));
      let open = true;
      void client.closed.then(() => {
        open = false;
      });
      let sent = 0;
      const more = (error?: Error | null): void => {
        if (!error && open && sent++ < 500) client.socket.write(many, more);
        else client.socket.resume();
      };
      more();
      await client.closed;
      expect(sent).toBeLessThanOrEqual(501);
    }
  }, 30_000);
});

describe('a rapid reset (CVE-2023-44487)', () => {
  it.each([
    ['of whole requests', 0x1],
    ['of requests whose body never comes', 0],
  ])('ends with GOAWAY ENHANCE_YOUR_CALM: %s', async (_what, endStream) => {
    const { ports, ca, ended } = await start();
    const client = await rawTls(ports.apns, { ca });
    client.socket.write(Buffer.concat(settled));
    const cancel = Buffer.from([0, 0, 0, 8]);
    const endHeaders = 0x4;
    for (let wave = 0; wave < 10; wave++)
      client.socket.write(
        Buffer.concat(
          Array.from({ length: 60 }, (_, i) => {
            const id = 1 + 2 * (wave * 60 + i);
            return Buffer.concat([frame(1, endHeaders | endStream, id, postBlock), frame(3, 0, id, cancel)]);
          }),
        ),
      );
    const goAways = goAwaysOf(await client.closed);
    expect(goAways.map((one) => one.code)).toContain(11);
    expect(ended.some((end) => end.reason?.includes('taken back') === true)).toBe(true);
  });
});

describe('limits', () => {
  it('hold for the fields of a request', async () => {
    const { ports, ca } = await start();
    const reply = await get1(ports.providers, '/fcm/v1/x', { headers: { 'x-large': 'x'.repeat(70_000) } });
    expect(reply.status).toBe(431);
    const session = http2.connect(`https://localhost:${ports.apns}`, { ca });
    session.on('error', () => undefined);
    await expect(
      request2(session, { ':path': '/3/device/00', 'x-large': 'x'.repeat(70_000) }, '{}'),
    ).rejects.toThrow();
    session.destroy();
  });

  it('hold for the connections of a door', async () => {
    const { ports, problems } = await start({ limits: { plainConnectionsMax: 5 } });
    const open = await Promise.all(Array.from({ length: 5 }, () => rawPlain(ports.providers)));
    const sixth = await rawPlain(ports.providers);
    await sixth.closed;
    expect(problems).toHaveLength(1);
    for (const one of open) one.socket.destroy();
    await Promise.all(open.map((one) => one.closed));
    // The server hears of it a moment later.
    await eventually(() =>
      get1(ports.providers, '/fcm/x').then(
        (reply) => reply.status,
        () => 0,
      ),
    ).toBe(200);
  });

  it('answer what is no HTTP with 400', async () => {
    const { ports, ended } = await start();
    const client = await rawPlain(ports.providers);
    client.socket.write('\u0000\u0001garbage\r\n\r\n');
    expect((await client.closed).toString()).toMatch(/^HTTP\/1.1 400 /);
    expect(ended[0]?.reason).toContain('no HTTP/1.1 request');
  });
});
