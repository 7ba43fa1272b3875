/** HTTP/1.0 and 1.1 at the provider doors, over connections that the listeners hand in. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { codeOf, messageOf } from '../../model/app-error.ts';
import { PacedLane } from '../smtp/slow-link.ts';
import type { ConnectProxy } from './connect-proxy.ts';
import type { DoorConnection, Watched } from './door-connection.ts';
import type { Pipeline, RequestUnderWay, Wire } from './pipeline.ts';
import type { ConnectionEffect, ProviderReply } from './provider-request.ts';
import { http1Head } from './request-fields.ts';

export interface Http1 {
  serve(connection: DoorConnection): void;
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
  return {
    serve(connection) {
      const served = new Http1Connection(connection, pipeline);
      connections.set(connection.socket, served);
      connection.watched = served;
      server.emit('connection', connection.socket);
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
  #bytesSeen = 0;
  #handedOn = false;
  #finishing = false;

  constructor(connection: DoorConnection, pipeline: Pipeline) {
    this.connection = connection;
    this.#pipeline = pipeline;
    this.#idleSinceMs = pipeline.clock.monotonicMs();
    // Of TLS the handshake was read already.
    this.#bytesSeen = connection.tls === null ? 0 : connection.socket.bytesRead;
  }

  request(request: IncomingMessage, response: ServerResponse): void {
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
    this.#sayAndClose(tooLarge ? '431 Request Header Fields Too Large' : '400 Bad Request', reason);
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
        this.#sayAndClose('408 Request Timeout', 'the fields of the request did not come in time');
    } else if (nowMs - this.#idleSinceMs > this.connection.door.idleMsMax) socket.destroy();
  }

  #sayAndClose(status: string, reason: string): void {
    const { socket } = this.connection;
    this.#pipeline.broken(this.connection, reason, [`answered with ${status}`]);
    const body = `${JSON.stringify({ error: reason })}\n`;
    socket.end(
      `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
    socket.destroySoon();
  }
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
    const { headers } = request;
    if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
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
      if (name === 'content-length') lengthGiven = true;
    }
    if (!lengthGiven && reply.status !== 204 && reply.status !== 304)
      fields.push('content-length', String(body.length));
    // Of a body that is not all there the rest would be taken for the next request.
    if (effect !== null || !this.#request.complete) fields.push('connection', 'close');
    response.writeHead(reply.status, fields);
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
