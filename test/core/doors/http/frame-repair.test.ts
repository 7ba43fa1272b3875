import http2 from 'node:http2';
import { connect, type TLSSocket } from 'node:tls';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { FrameRepair } from '../../../../core/doors/http/frame-repair.ts';
import { eventually, request2 } from './clients.ts';
import { startDoors, type TestDoors } from './doors.ts';

let doors: TestDoors | null = null;
afterEach(async () => {
  await doors?.close();
  doors = null;
});

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

function frame(type: number, flags: number, streamId: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

const literal = (name: string, value: string): Buffer =>
  Buffer.concat([
    Buffer.from([0x40, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);

/** POST /v1/x of fcm.googleapis.com as firebase-admin would say it; the second time by its table. */
const block = Buffer.concat([
  Buffer.from([0x83]),
  literal(':scheme', 'https:'),
  literal(':path', '/v1/x'),
  literal(':authority', 'fcm.googleapis.com'),
]);
/** The three of them are in the table now, the last one first. */
const again = Buffer.from([0x83, 0xc0, 0xbf, 0xbe]);

describe('a client that says https: for its scheme', () => {
  it('is answered, request after request', async () => {
    doors = await startDoors();
    const session = http2.connect(`https://localhost:${doors.ports.tls}`, { ca: doors.ca });
    const headers = { ':scheme': 'https:', ':authority': 'fcm.googleapis.com', authorization: 'Bearer x' };
    for (let i = 0; i < 5; i++) {
      const reply = await request2(
        session,
        { ...headers, ':path': `/v1/${i}`, 'x-count': String(i) },
        'body',
      );
      expect(JSON.parse(reply.body)).toMatchObject({ path: `/v1/${i}`, bodyBytes: 4, httpVersion: '2' });
    }
    const many = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        request2(session, { ...headers, ':path': `/v1/${i}`, 'x-other': 'y'.repeat(i) }, 'z'.repeat(i)),
      ),
    );
    expect(many.map((reply) => JSON.parse(reply.body).path)).toEqual(many.map((_, i) => `/v1/${i}`));
    session.close();
  });

  it('is answered when it asks long after it connected', async () => {
    doors = await startDoors();
    const session = http2.connect(`https://localhost:${doors.ports.tls}`, { ca: doors.ca });
    // The server's settings come although nothing was asked for yet.
    await new Promise((resolve) => session.once('remoteSettings', resolve));
    const reply = await request2(
      session,
      { ':scheme': 'https:', ':authority': 'fcm.googleapis.com', ':path': '/v1/late' },
      '',
    );
    expect(reply.status).toBe(200);
    session.close();
  });

  it('may use padding, priority, CONTINUATION and its table', async () => {
    doors = await startDoors();
    const socket = await tls(doors);
    const padded = Buffer.concat([
      Buffer.from([3]),
      Buffer.from([0, 0, 0, 0, 15]),
      block.subarray(0, 10),
      Buffer.alloc(3),
    ]);
    socket.write(
      Buffer.concat([
        preface,
        frame(4, 0, 0, Buffer.alloc(0)),
        frame(1, 0x1 | 0x8 | 0x20, 1, padded),
        frame(9, 0, 1, block.subarray(10, 20)),
        frame(9, 0x4, 1, block.subarray(20)),
        frame(1, 0x1 | 0x4, 3, again),
      ]),
    );
    await eventually(() => doors?.ended.length).toBe(2);
    expect(doors.ended.map((end) => end.transcript.split('\n')[0])).toEqual([
      'C 0 POST /v1/x HTTP/2',
      'C 0 POST /v1/x HTTP/2',
    ]);
    socket.destroy();
  });
});

describe('what is against the protocol', () => {
  it.each([
    [
      'a frame between those of a header block',
      [frame(1, 0, 1, block.subarray(0, 5)), frame(6, 0, 0, Buffer.alloc(8))],
    ],
    ['broken HPACK', [frame(1, 0x5, 1, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))]],
    ['more padding than frame', [frame(1, 0xd, 1, Buffer.from([200, 0x82]))]],
    [
      'a flood of CONTINUATION',
      [frame(1, 0, 1, block), ...Array.from({ length: 40 }, () => frame(9, 0, 1, Buffer.alloc(0)))],
    ],
    ['a frame over the size', [frame(1, 0x4, 1, Buffer.alloc(20_000))]],
  ])('ends the connection: %s', async (_what, frames) => {
    doors = await startDoors();
    const socket = await tls(doors);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    let said = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      said = Buffer.concat([said, chunk]);
    });
    socket.write(Buffer.concat([preface, frame(4, 0, 0, Buffer.alloc(0)), ...frames]));
    await closed;
    expect(framesOf(said).map((one) => one.type)).toContain(7);
    expect(doors.ended.every((end) => end.outcome === 'refused')).toBe(true);
  });
});

describe('the repair', () => {
  it('makes the same of the bytes, however they are cut', () => {
    const whole = Buffer.concat([
      preface,
      frame(4, 0, 0, Buffer.alloc(6)),
      frame(1, 0x4, 1, block),
      frame(0, 0x1, 1, Buffer.from('{"a":1}')),
      frame(1, 0x5, 3, again),
      frame(6, 0, 0, Buffer.alloc(8)),
    ]);
    const uncut = Buffer.concat(new FrameRepair(65_536).push(whole));
    expect(uncut.includes('https:')).toBe(false);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (cuts) => {
        const repair = new FrameRepair(65_536);
        const parts: Buffer[] = [];
        for (let at = 0, i = 0; at < whole.length; i++) {
          const to = at + (cuts[i % cuts.length] ?? 1);
          parts.push(...repair.push(whole.subarray(at, to)));
          at = to;
        }
        expect(Buffer.concat(parts).equals(uncut)).toBe(true);
        expect(repair.repaired).toBe(2);
      }),
    );
  });
});

function framesOf(bytes: Buffer): { readonly type: number }[] {
  const frames: { readonly type: number }[] = [];
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3))
    frames.push({ type: bytes.readUInt8(at + 3) });
  return frames;
}

async function tls(on: TestDoors): Promise<TLSSocket> {
  const port = on.ports.tls ?? 0;
  const socket = connect({
    host: '127.0.0.1',
    port,
    ca: on.ca,
    servername: 'fcm.googleapis.com',
    ALPNProtocols: ['h2'],
  });
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  return socket;
}
