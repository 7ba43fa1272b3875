/**
 * Mends what a client sends before the HTTP/2 server sees it: firebase-admin says `:scheme` as `https:`, with a colon, for
 * which nghttp2 resets the stream. Google's own servers let it pass.
 *
 * Frames are read off the client's bytes, header blocks are decoded and written again as plain literals, without any
 * table: so the server's table stays empty, whatever the client's has in it. All other frames pass as they are; what is
 * against the protocol is left to the server to judge, or handed to it in a form that it refuses.
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { HpackDecoder, HpackError, type HpackField } from './hpack-decoder.ts';

const prefaceBytes = 24;
const headBytes = 9;
/** SETTINGS_MAX_FRAME_SIZE, which we leave as it is (RFC 9113 §6.5.2). */
const payloadBytesMax = 16_384;
/** Frames of one header block; a flood of empty CONTINUATIONs costs time and says nothing (CVE-2024-27316). */
const blockFramesMax = 16;

const frameType = { headers: 1, continuation: 9 } as const;
const flag = { endStream: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;
/** Bytes of the priority within HEADERS (§6.2). */
const priorityBytes = 5;
/** A block with an index of nothing: the server answers it with COMPRESSION_ERROR, for good. */
const brokenBlock = Buffer.from([0x80]);

interface OpenBlock {
  readonly streamId: number;
  readonly endStream: boolean;
  readonly fragments: Buffer[];
  bytes: number;
}

export class FrameRepair {
  readonly #hpack: HpackDecoder;
  readonly #blockBytesMax: number;
  #prefaceLeft: number = prefaceBytes;
  /** Of a frame that passes as it is. */
  #passLeft = 0;
  /** What is not a whole frame yet: of the frames that are looked into, or the head of one. */
  #kept: Buffer = Buffer.alloc(0);
  #open: OpenBlock | null = null;
  /** The server was given something to refuse: what comes after is as it is. */
  #broken = false;
  #out: Buffer[] = [];
  /** Fields that were mended. */
  repaired = 0;
  /** Header blocks that came to their end, or were refused. */
  blocks = 0;

  constructor(headerBytesMax: number) {
    this.#hpack = new HpackDecoder(headerBytesMax);
    this.#blockBytesMax = headerBytesMax;
  }

  /** @returns what the server gets for it */
  push(chunk: Buffer): Buffer[] {
    this.#out = [];
    let rest = this.#kept.length === 0 ? chunk : Buffer.concat([this.#kept, chunk]);
    this.#kept = Buffer.alloc(0);
    while (rest.length > 0) {
      const used = this.#next(rest);
      if (used === 0) {
        this.#kept = rest;
        break;
      }
      rest = rest.subarray(used);
    }
    return this.#out;
  }

  /** @returns how many bytes were dealt with; 0: more are needed */
  #next(bytes: Buffer): number {
    if (this.#broken) return this.#pass(bytes, bytes.length);
    if (this.#prefaceLeft > 0) {
      const used = this.#pass(bytes, this.#prefaceLeft);
      this.#prefaceLeft -= used;
      return used;
    }
    if (this.#passLeft > 0) {
      const used = this.#pass(bytes, this.#passLeft);
      this.#passLeft -= used;
      return used;
    }
    return this.#frame(bytes);
  }

  #pass(bytes: Buffer, upTo: number): number {
    const part = upTo >= bytes.length ? bytes : bytes.subarray(0, upTo);
    this.#out.push(part);
    return part.length;
  }

  #frame(bytes: Buffer): number {
    if (bytes.length < headBytes) return 0;
    const length = bytes.readUIntBE(0, 3);
    const type = bytes.readUInt8(3);
    const inBlock = this.#open !== null;
    if ((type !== frameType.headers && !inBlock) || length > payloadBytesMax) {
      if (inBlock) return this.#refuse(bytes);
      this.#passLeft = headBytes + length;
      return this.#next(bytes);
    }
    const streamId = bytes.readUInt32BE(5) & 0x7fffffff;
    const begins = type === frameType.headers && !inBlock;
    const goesOn = type === frameType.continuation && streamId === this.#open?.streamId;
    // Between the frames of a block there is no other (§6.10).
    if (!begins && !goesOn) return this.#refuse(bytes);
    const whole = headBytes + length;
    if (bytes.length < whole) return 0;
    const flags = bytes.readUInt8(4);
    const payload = bytes.subarray(headBytes, whole);
    if (begins) {
      const fragment = fragmentOf(payload, flags);
      if (fragment === null) return this.#refuse(bytes);
      this.#open = {
        streamId,
        endStream: (flags & flag.endStream) !== 0,
        fragments: [fragment],
        bytes: fragment.length,
      };
    } else {
      this.#open?.fragments.push(payload);
      if (this.#open !== null) this.#open.bytes += payload.length;
    }
    if (
      this.#open !== null &&
      (this.#open.bytes > this.#blockBytesMax || this.#open.fragments.length > blockFramesMax)
    )
      return this.#refuse(bytes);
    if ((flags & flag.endHeaders) !== 0) this.#close();
    return whole;
  }

  #close(): void {
    const open = this.#open;
    this.#open = null;
    if (open === null) return;
    const block = open.fragments.length === 1 ? open.fragments[0] : Buffer.concat(open.fragments);
    let fields: HpackField[];
    try {
      fields = this.#hpack.decode(block ?? brokenBlock);
    } catch (error) {
      if (!(error instanceof HpackError)) throw error;
      this.#broken = true;
      this.#write(open.streamId, open.endStream, brokenBlock);
      return;
    }
    this.#write(open.streamId, open.endStream, literals(fields.map((field) => this.#mended(field))));
  }

  #mended(field: HpackField): HpackField {
    if (field[0] !== ':scheme' || !field[1].endsWith(':')) return field;
    this.repaired++;
    return [':scheme', field[1].slice(0, -1)];
  }

  /** The server gets something in its place that it answers with an error of the connection. */
  #refuse(bytes: Buffer): number {
    this.#broken = true;
    this.#write(this.#open?.streamId ?? 1, false, brokenBlock);
    this.#open = null;
    return bytes.length;
  }

  #write(streamId: number, endStream: boolean, block: Buffer): void {
    this.blocks++;
    for (let at = 0; at === 0 || at < block.length; at += payloadBytesMax) {
      const part = block.subarray(at, at + payloadBytesMax);
      const head = Buffer.alloc(headBytes);
      head.writeUIntBE(part.length, 0, 3);
      head[3] = at === 0 ? frameType.headers : frameType.continuation;
      const last = at + payloadBytesMax >= block.length;
      head[4] = (at === 0 && endStream ? flag.endStream : 0) | (last ? flag.endHeaders : 0);
      head.writeUInt32BE(streamId, 5);
      this.#out.push(head, part);
    }
  }
}

/** The piece of a header block within HEADERS, without padding and priority. */
function fragmentOf(payload: Buffer, flags: number): Buffer | null {
  let from = 0;
  let to = payload.length;
  if ((flags & flag.padded) !== 0) {
    from = 1;
    to -= payload[0] ?? payload.length;
  }
  if ((flags & flag.priority) !== 0) from += priorityBytes;
  return from <= to ? payload.subarray(from, to) : null;
}

/** Each field as a literal without indexing, name and value as they are (RFC 7541 §6.2.2). */
function literals(fields: readonly HpackField[]): Buffer {
  let size = 0;
  for (const [name, value] of fields) size += 1 + 2 * lengthBytesMax + name.length + value.length;
  const block = Buffer.allocUnsafe(size);
  let at = 0;
  for (const [name, value] of fields) {
    block[at++] = 0;
    at = writeString(block, at, name);
    at = writeString(block, at, value);
  }
  return block.subarray(0, at);
}

/** Enough for the largest that the decoder lets through. */
const lengthBytesMax = 4;

function writeString(block: Buffer, from: number, text: string): number {
  let at = from;
  if (text.length < 0x7f) block[at++] = text.length;
  else {
    block[at++] = 0x7f;
    let rest = text.length - 0x7f;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) block[at++] = 0x80 | (rest & 0x7f);
    block[at++] = rest;
  }
  return at + block.write(text, at, 'latin1');
}

/** The client's socket as the server is to see it. */
export class RepairedSocket extends Duplex {
  readonly #socket: Socket;

  constructor(socket: Socket, headerBytesMax: number) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    const repair = new FrameRepair(headerBytesMax);
    socket.on('data', (chunk: Buffer) => {
      let more = true;
      for (const part of repair.push(chunk)) more = this.push(part);
      if (!more) socket.pause();
    });
    socket.once('end', () => this.push(null));
    socket.once('close', () => this.destroy());
    socket.on('error', (error) => this.destroy(error));
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  override _writev(
    chunks: { readonly chunk: Buffer; readonly encoding: BufferEncoding }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#socket.write(Buffer.concat(chunks.map((one) => one.chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}

/** So long the first request is waited for, before it is known whether its client needs the repair. */
const firstRequestMs = 30;
/** Read until then; settings, priorities and the first request are far less. */
const firstRequestBytesMax = 128 * 1024;

/**
 * Has a look at a client's first request and puts it back. The repair costs as much time as the request itself, so only
 * those pay who need it: a client of that kind says it in every request. One that waits for the server's settings before
 * it asks for anything is not kept waiting; it gets the repair.
 *
 * @param after calls back once, later; see Clock
 */
export function whenFirstRequest(
  socket: Socket,
  headerBytesMax: number,
  after: (delayMs: number, run: () => void) => () => void,
  then: (needs: 'repair' | 'nothing') => void,
): void {
  const looked = new FrameRepair(headerBytesMax);
  const said: Buffer[] = [];
  let bytes = 0;
  const decide = (needs: 'repair' | 'nothing'): void => {
    cancel();
    socket.off('readable', look);
    socket.off('close', cancel);
    if (socket.destroyed) return;
    if (bytes > 0) socket.unshift(Buffer.concat(said));
    then(needs);
  };
  const look = (): void => {
    const chunk: unknown = socket.read();
    if (!Buffer.isBuffer(chunk)) return;
    said.push(chunk);
    bytes += chunk.length;
    looked.push(chunk);
    if (looked.blocks > 0) decide(looked.repaired > 0 ? 'repair' : 'nothing');
    else if (bytes > firstRequestBytesMax) decide('repair');
  };
  const cancel = after(firstRequestMs, () => decide('repair'));
  socket.on('readable', look);
  socket.once('close', cancel);
}
