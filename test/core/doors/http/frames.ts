/** HTTP/2 frames by hand, for clients that no library would be. */
import { connect as connectPlain, type Socket } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
export const emptySettings = frame(4, 0, 0, Buffer.alloc(0));

export function frame(type: number, flags: number, streamId: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

export function literal(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.from([0x40, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
}

/** POST https://…/3/device/00, without tables but for what everybody has. */
export const postBlock = Buffer.concat([
  Buffer.from([0x83, 0x87, 0x04, 12]),
  Buffer.from('/3/device/00'),
  Buffer.from([0x01, 9]),
  Buffer.from('localhost'),
]);

export interface SaidFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

export function framesOf(bytes: Buffer): SaidFrame[] {
  const frames: SaidFrame[] = [];
  let at = 0;
  while (at + 9 <= bytes.length) {
    const length = bytes.readUIntBE(at, 3);
    frames.push({
      type: bytes.readUInt8(at + 3),
      flags: bytes.readUInt8(at + 4),
      streamId: bytes.readUInt32BE(at + 5),
      payload: bytes.subarray(at + 9, at + 9 + length),
    });
    at += 9 + length;
  }
  return frames;
}

export interface GoAway {
  readonly lastStreamId: number;
  readonly code: number;
  readonly debug: string;
}

export function goAwaysOf(bytes: Buffer): GoAway[] {
  return framesOf(bytes)
    .filter((one) => one.type === 7)
    .map(({ payload }) => ({
      lastStreamId: payload.readUInt32BE(0),
      code: payload.readUInt32BE(4),
      debug: payload.subarray(8).toString(),
    }));
}

/** A socket that remembers what it was told. */
export interface RawClient {
  readonly socket: Socket;
  /** Everything that came. */
  said(): Buffer;
  readonly closed: Promise<Buffer>;
}

export function remember(socket: Socket): RawClient {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // What becomes of it the tests see by its being closed.
  socket.on('error', () => undefined);
  const closed = new Promise<Buffer>((resolve) => socket.once('close', () => resolve(Buffer.concat(chunks))));
  return { socket, said: () => Buffer.concat(chunks), closed };
}

export async function rawTls(
  port: number | undefined,
  options: ConnectionOptions,
): Promise<RawClient & { readonly socket: TLSSocket }> {
  const socket = connect({
    host: '127.0.0.1',
    port: port ?? 0,
    servername: 'localhost',
    ALPNProtocols: ['h2'],
    ...options,
  });
  const client = remember(socket);
  await new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  return { ...client, socket };
}

export async function rawPlain(port: number | undefined): Promise<RawClient> {
  const socket = connectPlain({ host: '127.0.0.1', port: port ?? 0 });
  const client = remember(socket);
  await new Promise((resolve) => socket.once('connect', resolve));
  return client;
}
