/**
 * HTTP/1.1 for clients that ask the same thing again and again: ten thousand connections with a GET a second each are more
 * than Node's request objects bear beside everything else. It reads such requests itself, and nothing else: at the first
 * one of another kind the connection goes to Node's HTTP, with all its bytes, for good.
 *
 * A request that is byte for byte the one before is answered without being read again.
 */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { PacedLane } from '../smtp/slow-link.ts';
import type { DoorConnection, Watched } from './door-connection.ts';
import type { Pipeline, RequestUnderWay, Wire } from './pipeline.ts';
import type {
  ConnectionEffect,
  ProviderReply,
  ReplyStream,
  StandingReply,
  StandingRequest,
} from './provider-request.ts';
import type { RequestHead } from './request-fields.ts';
import { readHead } from './request-head.ts';
import { hostOf } from './routing.ts';
import { sayAndClose } from './say-and-close.ts';

export interface StandingWirePorts {
  readonly pipeline: Pipeline;
  /** Takes the connection over, with what was read of it and not answered. */
  handOver(connection: DoorConnection, unread: Buffer): void;
  /** Makes a WebSocket of it. */
  upgrade(
    connection: DoorConnection,
    head: RequestHead,
    opened: (socket: WebSocket) => void,
    unread: Buffer,
  ): void;
}

/** What a request was read to be, for as long as it comes again. */
interface Known {
  readonly bytes: Buffer;
  readonly head: RequestHead;
  readonly standing: StandingRequest;
}

const noBytes: Buffer = Buffer.alloc(0);

export class StandingConnection implements Watched {
  readonly #connection: DoorConnection;
  readonly #ports: StandingWirePorts;
  #known: Known | null = null;
  /** Came and is not dealt with: half a head, or what came while an answer is awaited. */
  #unread: Buffer = noBytes;
  #underWay: StandingExchange | null = null;
  #idleSinceMs: number;
  #headSinceMs: number | null = null;
  /** The client does not take its replies. */
  #fullSinceMs: number | null = null;
  #finishing = false;
  #over = false;
  #goingOn = false;
  readonly #onData = (chunk: Buffer): void => this.#data(chunk);
  readonly #onDrain = (): void => this.#drained();
  readonly #onClose = (): void => this.#closed();

  constructor(connection: DoorConnection, ports: StandingWirePorts) {
    this.#connection = connection;
    this.#ports = ports;
    this.#idleSinceMs = ports.pipeline.clock.monotonicMs();
    const { socket } = connection;
    socket.on('data', this.#onData);
    socket.on('drain', this.#onDrain);
    socket.on('close', this.#onClose);
  }

  #data(chunk: Buffer): void {
    this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    this.#goOnSafely();
  }

  /** Nobody is there to catch what a route throws: it would end the core. */
  #goOnSafely(): void {
    try {
      this.#goOn();
    } catch (error) {
      this.#ports.pipeline.problem(`a request at ${this.#connection.door.key} failed`, error);
      this.#connection.socket.destroy();
    }
  }

  /** Deals with all that can be dealt with now. */
  #goOn(): void {
    // An answer that is there at once ends within the loop, which goes on by itself then.
    if (this.#goingOn) return;
    this.#goingOn = true;
    while (
      this.#unread.length > 0 &&
      this.#underWay === null &&
      this.#takesMore() &&
      this.#next(this.#unread)
    );
    this.#goingOn = false;
    const { socket } = this.#connection;
    const { limits } = this.#ports.pipeline;
    // What comes behind a request that is under way waits, and not without end.
    if (this.#unread.length > limits.headerBytesMax && !this.#over) socket.pause();
  }

  #takesMore(): boolean {
    const { socket } = this.#connection;
    const { limits, clock } = this.#ports.pipeline;
    if (this.#over || this.#finishing || socket.destroyed) return false;
    if (socket.writableLength <= limits.untakenBytesMax) return true;
    this.#fullSinceMs ??= clock.monotonicMs();
    socket.pause();
    return false;
  }

  /** @returns false when there is not enough of it, or it is not ours any more */
  #next(bytes: Buffer): boolean {
    const known = this.#known;
    if (known !== null && begins(bytes, known.bytes)) {
      this.#request(known, bytes, known.bytes.length);
      return true;
    }
    const { pipeline } = this.#ports;
    const read = readHead(bytes, pipeline.limits.headerBytesMax);
    if (read.kind === 'more') {
      this.#headSinceMs ??= pipeline.clock.monotonicMs();
      // In memory of its own: what the socket read into is larger by far.
      if (bytes.buffer.byteLength > bytes.length * 2) this.#unread = Buffer.from(bytes);
      return false;
    }
    if (read.kind === 'other') return this.#handOver(bytes);
    const { head, length } = read;
    const connection = this.#connection;
    const { servername, door } = connection;
    const host = hostOf(head.authority);
    const routed = door.routing.find(
      head.target,
      servername === '' || servername === host ? [host] : [host, servername],
    );
    if (routed === null) return this.#handOver(bytes);
    const { route } = routed;
    const request = { path: routed.path, query: routed.query, fields: head.fields, connection };
    const opened = asksForWebSocket(head) ? (route.webSocket?.(request) ?? null) : null;
    if (opened !== null) {
      this.#leave();
      this.#ports.upgrade(connection, head, opened, bytes.subarray(length));
      return false;
    }
    const standing = keepsAlive(head) ? (route.standing?.(request) ?? null) : null;
    if (standing === null) return this.#handOver(bytes);
    this.#known = { bytes: Buffer.from(bytes.subarray(0, length)), head, standing };
    this.#request(this.#known, bytes, length);
    return true;
  }

  #request(known: Known, bytes: Buffer, length: number): void {
    this.#unread = bytes.length === length ? noBytes : bytes.subarray(length);
    this.#headSinceMs = null;
    const { pipeline } = this.#ports;
    this.#idleSinceMs = pipeline.clock.monotonicMs();
    const reply = known.standing.answer();
    if (reply !== null) {
      this.#connection.socket.write(standingText(reply, pipeline.clock.wallMs()), 'latin1');
      return;
    }
    const exchange = new StandingExchange(this.#connection, pipeline, () => {
      if (this.#underWay !== exchange) return;
      this.#underWay = null;
      this.#idleSinceMs = pipeline.clock.monotonicMs();
      if (this.#finishing) {
        this.#connection.socket.destroySoon();
        return;
      }
      this.#goOnSafely();
      this.#readOn();
    });
    this.#underWay = exchange;
    exchange.begin(known.head);
  }

  #drained(): void {
    this.#fullSinceMs = null;
    this.#goOnSafely();
    this.#readOn();
  }

  #readOn(): void {
    const { socket } = this.#connection;
    const room = this.#unread.length <= this.#ports.pipeline.limits.headerBytesMax;
    if (!this.#over && this.#fullSinceMs === null && room && socket.isPaused()) socket.resume();
  }

  #handOver(bytes: Buffer): false {
    this.#leave();
    this.#ports.handOver(this.#connection, bytes);
    return false;
  }

  #leave(): void {
    this.#over = true;
    this.#unread = noBytes;
    this.#known = null;
    const { socket } = this.#connection;
    // What comes must wait until whoever has it next listens.
    socket.pause();
    socket.off('data', this.#onData);
    socket.off('drain', this.#onDrain);
    socket.off('close', this.#onClose);
  }

  #closed(): void {
    this.#over = true;
    this.#underWay?.gone();
  }

  finishSoon(): void {
    this.#finishing = true;
    if (this.#underWay === null) this.#connection.socket.destroy();
  }

  check(nowMs: number): void {
    const { limits } = this.#ports.pipeline;
    const { socket, door } = this.#connection;
    if (this.#underWay !== null) {
      this.#underWay.check(nowMs);
      return;
    }
    if (this.#fullSinceMs !== null) {
      if (nowMs - this.#fullSinceMs > limits.replyMsMax) socket.destroy();
    } else if (this.#headSinceMs !== null) {
      if (nowMs - this.#headSinceMs <= limits.headMsMax) return;
      this.#leave();
      sayAndClose(
        this.#ports.pipeline,
        this.#connection,
        '408 Request Timeout',
        'the fields of the request did not come in time',
      );
    } else if (nowMs - this.#idleSinceMs > door.idleMsMax) socket.destroy();
  }
}

class StandingExchange implements Wire {
  readonly httpVersion = '1.1';
  readonly #connection: DoorConnection;
  readonly #pipeline: Pipeline;
  readonly #over: () => void;
  #underWay: RequestUnderWay | null = null;
  #repliedAtMs: number | null = null;
  #lane: PacedLane | null = null;
  /** Who goes on with the reply says when it is over. */
  #follows = false;

  constructor(connection: DoorConnection, pipeline: Pipeline, over: () => void) {
    this.#connection = connection;
    this.#pipeline = pipeline;
    this.#over = over;
  }

  begin(head: RequestHead): void {
    this.#underWay = this.#pipeline.begin(this.#connection, head, this);
    this.#underWay.complete();
  }

  reply(reply: ProviderReply, effect: ConnectionEffect | null, pace: number | null): void {
    const { socket } = this.#connection;
    if (socket.destroyed) return;
    if (reply.follow !== undefined) {
      this.#follow(reply, reply.follow);
      return;
    }
    const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : Buffer.from(reply.body);
    const head = headText(reply, body.length, this.#pipeline.clock.wallMs(), effect !== null);
    this.#repliedAtMs = this.#pipeline.clock.monotonicMs();
    if (pace === null || body.length === 0) {
      socket.cork();
      socket.write(head, 'latin1');
      if (body.length > 0) socket.write(body);
      socket.uncork();
      this.#ended(effect);
      return;
    }
    socket.write(head, 'latin1');
    const lane = new PacedLane(this.#pipeline.clock, pace, (piece) => {
      socket.write(piece);
      if (!lane.empty) return;
      this.#lane = null;
      this.#ended(effect);
    });
    this.#lane = lane;
    lane.push(body);
  }

  /** Its length is not known: it ends with the connection (RFC 9112 §6.3). */
  #follow(reply: ProviderReply, follow: NonNullable<ProviderReply['follow']>): void {
    const { socket } = this.#connection;
    this.#follows = true;
    socket.write(headText(reply, null, this.#pipeline.clock.wallMs(), true), 'latin1');
    if (reply.body.length > 0) socket.write(reply.body);
    follow(new StandingStream(socket));
  }

  #ended(effect: ConnectionEffect | null): void {
    if (effect !== null) {
      this.#connection.socket.end();
      this.#connection.socket.destroySoon();
    } else this.#over();
  }

  drop(_effect: ConnectionEffect): void {
    this.#connection.socket.destroy();
  }

  gone(): void {
    this.#underWay?.clientGone();
    this.#underWay?.abandon();
    this.#lane?.close();
  }

  check(nowMs: number): void {
    const { limits } = this.#pipeline;
    if (this.#follows) return;
    if (this.#repliedAtMs !== null && this.#lane === null && nowMs - this.#repliedAtMs > limits.replyMsMax)
      this.#connection.socket.destroy();
  }
}

class StandingStream implements ReplyStream {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  write(text: string): void {
    if (!this.#socket.writableEnded) this.#socket.write(text);
  }

  end(): void {
    this.#socket.destroySoon();
  }

  /** What was written goes out first, as far as the client takes it. */
  destroy(): void {
    this.#socket.destroySoon();
  }

  onClose(run: () => void): void {
    this.#socket.once('close', run);
  }
}

function begins(bytes: Buffer, known: Buffer): boolean {
  return bytes.length >= known.length && bytes.compare(known, 0, known.length, 0, known.length) === 0;
}

/** RFC 6455 §4.2.1; the rest of what it asks for, ws judges. */
function asksForWebSocket(head: RequestHead): boolean {
  return head.fields.get('upgrade')?.trim().toLowerCase() === 'websocket' && hasOption(head, 'upgrade');
}

/** Whether nothing is asked of the connection but that it stays. */
function keepsAlive(head: RequestHead): boolean {
  if (head.fields.get('upgrade') !== null) return false;
  return head.fields
    .all('connection')
    .every((value) => value.split(',').every((one) => one.trim().toLowerCase() === 'keep-alive'));
}

function hasOption(head: RequestHead, option: string): boolean {
  return head.fields
    .all('connection')
    .some((value) => value.split(',').some((one) => one.trim().toLowerCase() === option));
}

/** As Node's HTTP writes it, so that a client cannot tell who answered. @param bodyBytes null: it is not known */
function headText(reply: ProviderReply, bodyBytes: number | null, wallMs: number, closes: boolean): string {
  let fields = '';
  let lengthGiven = false;
  for (const [name, value] of reply.fields) {
    fields += `${name}: ${value}\r\n`;
    if (name === 'content-length') lengthGiven = true;
  }
  if (!lengthGiven && bodyBytes !== null && reply.status !== 204 && reply.status !== 304)
    fields += `content-length: ${bodyBytes}\r\n`;
  return `HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? 'unknown'}\r\n${fields}${
    closes ? 'connection: close\r\n' : ''
  }Date: ${dateText(wallMs)}\r\n${closes ? '' : 'Connection: keep-alive\r\n'}\r\n`;
}

/** What was made of a reply, for as long as it is given again. */
const standingTexts = new WeakMap<StandingReply, string>();

function standingText(reply: StandingReply, wallMs: number): string {
  let begin = standingTexts.get(reply);
  if (begin === undefined) {
    begin = `HTTP/1.1 304 Not Modified\r\n${reply.fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}Date: `;
    standingTexts.set(reply, begin);
  }
  return `${begin}${dateText(wallMs)}\r\nConnection: keep-alive\r\n\r\n`;
}

const secondMs = 1_000;
let dateSecond = Number.NaN;
let date = '';

/** RFC 9110 §5.6.7; made once a second. */
function dateText(wallMs: number): string {
  const second = Math.floor(wallMs / secondMs);
  if (second !== dateSecond) {
    dateSecond = second;
    date = new Date(second * secondMs).toUTCString();
  }
  return date;
}
