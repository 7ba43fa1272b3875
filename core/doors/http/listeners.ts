/** The sockets of the provider doors: connections, their limit, the TLS handshake, and which HTTP they speak. */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import { messageOf } from '../../model/app-error.ts';
import { type Door, DoorConnection } from './door-connection.ts';
import { whenFirstBytes } from './first-bytes.ts';
import { RepairedSocket, whenFirstRequest } from './frame-repair.ts';
import type { Http1 } from './http1-wire.ts';
import { serveHttp2 } from './http2-wire.ts';
import type { Pipeline } from './pipeline.ts';
import type { ProviderRoute } from './provider-request.ts';

/** How a listener speaks. */
export type Speech =
  /** HTTP/1.1, and HTTP/2 with prior knowledge. */
  | 'plain'
  /** TLS; HTTP/2 or HTTP/1.1 by ALPN. */
  | 'tls'
  /** TLS and HTTP/2, nothing else; clients may show a certificate. */
  | 'http2Only';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

export interface ListenerPorts {
  readonly pipeline: Pipeline;
  readonly http1: Http1;
  readonly newId: () => string;
  readonly certificate: Certificate | null;
  onProblem(problem: string, error: unknown): void;
}

export class Listener {
  readonly door: Door;
  readonly #ports: ListenerPorts;
  readonly #speech: Speech;
  readonly #own: readonly ProviderRoute[];
  readonly #sockets = new Set<Socket>();
  readonly #connections = new Set<DoorConnection>();
  /** TCP connections whose handshake is under way, by their peer's address. */
  readonly #handshakes = new Map<string, { readonly socket: Socket; readonly sinceMs: number }>();
  readonly #secure: TlsServer | null;
  #overLimitToldMs = Number.NEGATIVE_INFINITY;

  /** @param own routes of a listener that has its own; they say how many streams a connection begins with */
  constructor(door: Door, speech: Speech, own: readonly ProviderRoute[], ports: ListenerPorts) {
    this.door = door;
    this.#speech = speech;
    this.#own = own;
    this.#ports = ports;
    this.#secure = speech === 'plain' ? null : this.#secureServer();
  }

  makeServer(): Server {
    return createServer({ noDelay: true }, (socket) => this.accept(socket));
  }

  /** @param socket a TCP connection, its first byte unread */
  accept(socket: Socket): void {
    const { clock } = this.#ports.pipeline;
    // That a client goes away in the middle of something is its affair.
    socket.on('error', ignore);
    if (this.#sockets.size >= this.door.connectionsMax) {
      socket.destroy();
      const nowMs = clock.monotonicMs();
      if (nowMs - this.#overLimitToldMs < tellAgainMs) return;
      this.#overLimitToldMs = nowMs;
      this.#ports.onProblem(
        `the door ${this.door.key} has its ${this.door.connectionsMax} connections; more are closed as they come`,
        null,
      );
      return;
    }
    this.#sockets.add(socket);
    const key = keyOf(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#handshakes.delete(key);
    });
    if (this.#secure === null) {
      this.#plain(this.#connection(socket));
      return;
    }
    this.#handshakes.set(key, { socket, sinceMs: clock.monotonicMs() });
    this.#secure.emit('connection', socket);
  }

  #connection(socket: Socket): DoorConnection {
    const { pipeline, newId } = this.#ports;
    const connection = new DoorConnection(newId(), this.door, socket, pipeline.clock.wallMs());
    const openedMs = pipeline.clock.monotonicMs();
    connection.watched = {
      // Until it has said what it speaks.
      check: (nowMs) => {
        if (nowMs - openedMs > this.door.idleMsMax) socket.destroy();
      },
      finishSoon: () => socket.destroy(),
    };
    this.#connections.add(connection);
    socket.once('close', () => this.#connections.delete(connection));
    return connection;
  }

  #plain(connection: DoorConnection): void {
    whenFirstBytes(connection.socket, (spoken) => {
      if (spoken === 'http2') this.#http2(connection);
      else this.#ports.http1.serve(connection);
    });
  }

  #secureServer(): TlsServer {
    const { certificate, pipeline } = this.#ports;
    if (certificate === null)
      throw new Error(`the door ${this.door.key} speaks TLS and was given no certificate`);
    const only = this.#speech === 'http2Only';
    const server = createTlsServer(
      {
        ...certificate,
        minVersion: 'TLSv1.2',
        ALPNProtocols: only ? ['h2'] : ['h2', 'http/1.1'],
        requestCert: only,
        // Whose certificate it is the channel judges; ours to sign it was none.
        rejectUnauthorized: false,
      },
      (socket) => this.#secured(socket),
    );
    server.on('tlsClientError', (error, socket) => {
      const handshake = this.#handshakes.get(keyOf(socket));
      this.#handshakes.delete(keyOf(socket));
      socket.destroy();
      if (handshake === undefined || handshake.socket.bytesRead === 0) return;
      const { socket: plain } = handshake;
      const connection = new DoorConnection(this.#ports.newId(), this.door, plain, pipeline.clock.wallMs());
      pipeline.broken(connection, handshakeFailure(error, only), []);
    });
    return server;
  }

  #secured(socket: TLSSocket): void {
    this.#handshakes.delete(keyOf(socket));
    socket.on('error', ignore);
    const connection = this.#connection(socket);
    if (socket.alpnProtocol === 'h2') this.#http2(connection);
    else if (this.#speech === 'tls') this.#ports.http1.serve(connection);
    else this.#withoutAlpn(connection);
  }

  /**
   * APNs takes HTTP/2 without ALPN, and says to anything else what its server (Netty's) says: a GOAWAY with a dump of
   * what came in place of the preface.
   */
  #withoutAlpn(connection: DoorConnection): void {
    const { socket } = connection;
    whenFirstBytes(socket, (spoken, said) => {
      if (spoken === 'http2') {
        this.#http2(connection);
        return;
      }
      const dump = said.subarray(0, dumpBytesMax).toString('hex');
      const debug = `HTTP/2 client preface string missing or corrupt. Hex dump for received bytes: ${dump}`;
      this.#ports.pipeline.broken(
        connection,
        'the client does not speak HTTP/2, and nothing else is spoken here',
        [`GOAWAY PROTOCOL_ERROR ${debug}`],
      );
      socket.end(Buffer.concat([emptySettings, goAwayFrame(protocolError, Buffer.from(debug))]));
      socket.destroySoon();
    });
  }

  #http2(connection: DoorConnection): void {
    let streams = this.door.streamsMax;
    for (const route of this.#own) streams = Math.min(streams, route.firstStreams?.(connection) ?? streams);
    const { pipeline } = this.#ports;
    const { socket } = connection;
    if (this.#speech !== 'tls') {
      serveHttp2(pipeline, connection, socket, streams);
      return;
    }
    const { headerBytesMax } = pipeline.limits;
    whenFirstRequest(
      socket,
      headerBytesMax,
      (delayMs, run) => pipeline.clock.after(delayMs, run),
      (needs) => {
        const bytes = needs === 'repair' ? new RepairedSocket(socket, headerBytesMax) : socket;
        serveHttp2(pipeline, connection, bytes, streams);
      },
    );
  }

  check(nowMs: number): void {
    const { handshakeMsMax } = this.#ports.pipeline.limits;
    for (const { socket, sinceMs } of this.#handshakes.values())
      if (nowMs - sinceMs > handshakeMsMax) socket.destroy();
    for (const connection of this.#connections) connection.watched?.check(nowMs);
  }

  /** Connections that are open. */
  get size(): number {
    return this.#sockets.size;
  }

  /** Lets what is under way come to its end. */
  finishSoon(): void {
    for (const { socket } of this.#handshakes.values()) socket.destroy();
    for (const connection of this.#connections) connection.watched?.finishSoon?.();
  }

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** So long a door's being full is not told again. */
const tellAgainMs = 60_000;

const ignore = (): void => undefined;

/** The same for the plain connection and for the TLS on it. */
function keyOf(socket: Socket): string {
  return `${socket.remoteAddress ?? ''} ${socket.remotePort ?? 0}`;
}

const dumpBytesMax = 24;
const protocolError = 0x1;
const emptySettings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

/** RFC 9113 §6.8. */
function goAwayFrame(code: number, debug: Buffer): Buffer {
  const frame = Buffer.alloc(17);
  frame.writeUIntBE(8 + debug.length, 0, 3);
  frame[3] = 7;
  frame.writeUInt32BE(code, 13);
  return Buffer.concat([frame, debug]);
}

/** What went wrong in the handshake, and what to change (RFC 8446 §6 names the alerts). */
function handshakeFailure(error: Error, http2Only: boolean): string {
  const said = messageOf(error).replace(/[\r\n]+/g, ' ');
  if (/no.application.protocol|alpn/i.test(said))
    return http2Only
      ? `the client offers no HTTP/2 (ALPN h2), and nothing else is spoken here (${said})`
      : `the client offers neither h2 nor http/1.1 by ALPN (${said})`;
  if (/alert (?:unknown ca|bad certificate|certificate unknown)/i.test(said))
    return `the client refused our certificate (${said}); have it trust the CA of the data folder (ca.pem)`;
  if (/wrong version number|http request|unknown protocol/i.test(said))
    return `the client does not speak TLS (${said}), and this door begins with it; use https, or the door providers`;
  if (/hang up|ECONNRESET/.test(said))
    return 'the client left at the TLS handshake; one that does not trust our certificate does that: give it the ca.pem of the data folder';
  return `the TLS handshake failed: ${said}`;
}
