/** HTTP/1.0 and 1.1 at the provider doors, over connections that the listeners hand in. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { codeOf, messageOf } from '../../model/app-error.ts';
import { PacedLane } from '../smtp/slow-link.ts';
import type { ConnectProxy } from './connect-proxy.ts';
import type { DoorConnection, Watched } from './door-connection.ts';
import { openWebSocket } from './open-web-socket.ts';
import type { Pipeline, RequestUnderWay, Wire } from './pipeline.ts';
import type { ConnectionEffect, ProviderReply, ReplyStream } from './provider-request.ts';
import { http1Head } from './request-fields.ts';
import { hostOf } from './routing.ts';
import { sayAndClose } from './say-and-close.ts';
import { StandingConnection } from './standing-wire.ts';

export interface Http1 {
  serve(connection: DoorConnection): void;
  /** A request that another server of Node's read; its connection is that one's to watch. */
  take(connection: DoorConnection, request: IncomingMessage, response: ServerResponse): void;
}

/** @param proxy what is done with CONNECT */
export function createHttp1(pipeline: Pipeline, proxy: ConnectProxy): Http1 {
  const connections = new WeakMap<Socket, Http1Connection>();
  // It never listens: times are watched by the doors' own clock, so Node's are off.
  const server: Server = createServer({
    maxHeaderSize: pipeline.limits.headerBytesMax,
    keepAliveTimeout: 0,
    headersTimeout: 0,
    requestTimeout: 0,
    noDelay: true,
  });
  server.timeout = 0;
  server.maxHeadersCount = fieldsMax;
  server.on('request', (request, response) => {
    const connection = connections.get(request.socket);
    if (connection === undefined) response.destroy();
    else connection.request(request, response);
  });
  server.on('connect', (request, socket, head) => {
    const connection = connections.get(request.socket);
    if (connection === undefined) socket.destroy();
    else {
      connection.handedOn();
      proxy.tunnel(connection.connection, request, socket, head);
    }
  });
  server.on('clientError', (error, socket) => {
    const connection = socket instanceof Socket ? connections.get(socket) : undefined;
    if (connection === undefined) socket.destroy();
    else connection.malformed(error);
  });
  function attach(connection: DoorConnection, bytesSeen: number): void {
    const served = new Http1Connection(connection, pipeline, bytesSeen);
    connections.set(connection.socket, served);
    connection.watched = served;
    server.emit('connection', connection.socket);
  }
  return {
    serve(connection) {
      const { socket, door, tls } = connection;
      if (!door.looksFirst) {
        // Of TLS the handshake was read already.
        attach(connection, tls === null ? 0 : socket.bytesRead);
        return;
      }
      connection.watched = new StandingConnection(connection, {
        pipeline,
        handOver(_, unread) {
          const bytesSeen = socket.bytesRead - unread.length;
          if (unread.length > 0) socket.unshift(unread);
          attach(connection, bytesSeen);
          socket.resume();
        },
        upgrade(_, head, opened, unread) {
          // Its own room watches it from now on.
          connection.watched = null;
          openWebSocket(socket, head, unread, opened);
        },
      });
    },
    take(connection, request, response) {
      if (connection.door.looksFirst && answeredAtOnce(connection, request, response)) return;
      new Http1Exchange(connection, pipeline, request, response, () => undefined).begin();
    },
  };
}

const fieldsMax = 256;

class Http1Connection implements Watched {
  readonly connection: DoorConnection;
  readonly #pipeline: Pipeline;
  readonly #underWay = new Set<Http1Exchange>();
  #idleSinceMs: number;
  /** Of a request whose fields are not all there. */
  #headSinceMs: number | null = null;
  #bytesSeen: number;
  #handedOn = false;
  #finishing = false;

  /** @param bytesSeen of the socket's, before what is still to be read */
  constructor(connection: DoorConnection, pipeline: Pipeline, bytesSeen: number) {
    this.connection = connection;
    this.#pipeline = pipeline;
    this.#idleSinceMs = pipeline.clock.monotonicMs();
    this.#bytesSeen = bytesSeen;
  }

  request(request: IncomingMessage, response: ServerResponse): void {
    if (this.connection.door.looksFirst && answeredAtOnce(this.connection, request, response)) return;
    const exchange = new Http1Exchange(this.connection, this.#pipeline, request, response, () => {
      this.#underWay.delete(exchange);
      if (this.#finishing && this.#underWay.size === 0) this.connection.socket.destroySoon();
      this.#idleSinceMs = this.#pipeline.clock.monotonicMs();
      this.#bytesSeen = this.connection.socket.bytesRead;
    });
    this.#headSinceMs = null;
    this.#underWay.add(exchange);
    exchange.begin();
  }

  /** It is a tunnel from now on. */
  handedOn(): void {
    this.#handedOn = true;
  }

  malformed(error: Error): void {
    const { socket } = this.connection;
    const code = codeOf(error);
    if (code === 'ECONNRESET' || code === 'EPIPE' || !socket.writable) {
      socket.destroy();
      return;
    }
    const tooLarge = code === 'HPE_HEADER_OVERFLOW';
    const reason = tooLarge
      ? `the fields of the request are larger than the ${this.#pipeline.limits.headerBytesMax} bytes that are taken`
      : `what came is no HTTP/1.1 request: ${messageOf(error)}`;
    sayAndClose(
      this.#pipeline,
      this.connection,
      tooLarge ? '431 Request Header Fields Too Large' : '400 Bad Request',
      reason,
    );
  }

  finishSoon(): void {
    this.#finishing = true;
    if (this.#underWay.size === 0) this.connection.socket.destroy();
  }

  check(nowMs: number): void {
    if (this.#handedOn) return;
    const { limits } = this.#pipeline;
    const { socket } = this.connection;
    for (const exchange of this.#underWay) exchange.check(nowMs);
    if (this.#underWay.size > 0) return;
    if (socket.bytesRead > this.#bytesSeen) {
      this.#headSinceMs ??= nowMs;
      if (nowMs - this.#headSinceMs > limits.headMsMax)
        sayAndClose(
          this.#pipeline,
          this.connection,
          '408 Request Timeout',
          'the fields of the request did not come in time',
        );
    } else if (nowMs - this.#idleSinceMs > this.connection.door.idleMsMax) socket.destroy();
  }
}

/** What clients ask again and again is answered here too, where it came behind something else on its connection. */
function answeredAtOnce(
  connection: DoorConnection,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  if (request.method !== 'GET' || hasBody(request)) return false;
  const head = http1Head('GET', request.url ?? '', request.rawHeaders);
  const routed = connection.door.routing.find(head.target, [hostOf(head.authority)]);
  const { path = '', query = '' } = routed ?? {};
  const reply = routed?.route.standing?.({ path, query, fields: head.fields, connection })?.answer() ?? null;
  if (reply === null) return false;
  response.writeHead(reply.status, reply.fields.flat());
  response.end();
  return true;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

class Http1Exchange implements Wire {
  readonly httpVersion: '1.0' | '1.1';
  readonly #connection: DoorConnection;
  readonly #pipeline: Pipeline;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #over: () => void;
  readonly #underWay: RequestUnderWay;
  #drainedBytes = 0;
  #repliedAtMs: number | null = null;
  #lane: PacedLane | null = null;
  /** Who goes on with the reply says when it is over. */
  #follows = false;

  constructor(
    connection: DoorConnection,
    pipeline: Pipeline,
    request: IncomingMessage,
    response: ServerResponse,
    over: () => void,
  ) {
    this.#connection = connection;
    this.#pipeline = pipeline;
    this.#request = request;
    this.#response = response;
    this.#over = over;
    this.httpVersion = request.httpVersion === '1.0' ? '1.0' : '1.1';
    const head = http1Head(request.method ?? '', request.url ?? '', request.rawHeaders);
    this.#underWay = pipeline.begin(connection, head, this);
  }

  begin(): void {
    const request = this.#request;
    const response = this.#response;
    response.once('close', () => {
      if (!response.writableFinished) this.#underWay.clientGone();
      this.#underWay.abandon();
      this.#lane?.close();
      this.#over();
    });
    // Why the client went is of no use to anybody; that it did, `close` says.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    if (!hasBody(request)) {
      request.resume();
      this.#underWay.complete();
      return;
    }
    request.on('data', (chunk: Buffer) => this.#data(chunk));
    request.once('end', () => this.#underWay.complete());
  }

  /**
   * What is over the limit is read and thrown away: a client that is still writing when the connection closes never
   * reads the refusal (RFC 9112 §9.6).
   */
  #data(chunk: Buffer): void {
    if (this.#underWay.take(chunk)) return;
    this.#drainedBytes += chunk.length;
    if (this.#drainedBytes <= this.#pipeline.limits.drainBytesMax) return;
    this.#underWay.complete();
    if (this.#drainedBytes > 2 * this.#pipeline.limits.drainBytesMax) this.#connection.socket.destroy();
  }

  check(nowMs: number): void {
    const { limits } = this.#pipeline;
    const since = this.#underWay.waitsForBodySinceMs;
    if (since !== null && nowMs - since > limits.bodyMsMax) this.#underWay.tooSlow();
    else if (
      this.#repliedAtMs !== null &&
      this.#lane === null &&
      !this.#follows &&
      nowMs - this.#repliedAtMs > limits.replyMsMax
    )
      this.#connection.socket.destroy();
  }

  reply(reply: ProviderReply, effect: ConnectionEffect | null, pace: number | null): void {
    this.#repliedAtMs = this.#pipeline.clock.monotonicMs();
    const response = this.#response;
    if (response.destroyed || response.headersSent) return;
    try {
      this.#respond(reply, effect, pace);
    } catch (error) {
      this.#pipeline.problem('a reply cannot be sent by HTTP/1.1', error);
      this.#connection.socket.destroy();
    }
  }

  #respond(reply: ProviderReply, effect: ConnectionEffect | null, pace: number | null): void {
    const response = this.#response;
    const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
    const fields: string[] = [];
    let lengthGiven = false;
    for (const [name, value] of reply.fields) {
      fields.push(name, value);
      if (name.toLowerCase() === 'content-length') lengthGiven = true;
    }
    if (!lengthGiven && reply.follow === undefined && reply.status !== 204 && reply.status !== 304)
      fields.push('content-length', String(body.length));
    // Of a body that is not all there the rest would be taken for the next request. One without a body is whole, though
    // Node says so only when its handler has returned.
    if (effect !== null || (hasBody(this.#request) && !this.#request.complete))
      fields.push('connection', 'close');
    if (reply.statusText === undefined) response.writeHead(reply.status, fields);
    else response.writeHead(reply.status, reply.statusText, fields);
    if (reply.follow !== undefined) {
      this.#follows = true;
      response.flushHeaders();
      if (body.length > 0) response.write(body);
      reply.follow(new Http1Stream(response));
      return;
    }
    if (pace === null || body.length === 0) {
      response.end(body);
      return;
    }
    const lane = new PacedLane(this.#pipeline.clock, pace, (piece) => {
      if (!lane.empty) {
        response.write(piece);
        return;
      }
      response.end(piece);
      // From here on it is the client that is waited for.
      this.#lane = null;
      this.#repliedAtMs = this.#pipeline.clock.monotonicMs();
    });
    this.#lane = lane;
    lane.push(Buffer.from(body));
  }

  drop(_effect: ConnectionEffect): void {
    this.#connection.socket.destroy();
  }
}

class Http1Stream implements ReplyStream {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get bufferedBytes(): number {
    return this.#response.writableLength;
  }

  write(text: string): void {
    if (!this.#response.writableEnded) this.#response.write(text);
  }

  end(): void {
    this.#response.end();
  }

  destroy(): void {
    this.#response.destroy();
  }

  onClose(run: () => void): void {
    this.#response.once('close', run);
  }
}
