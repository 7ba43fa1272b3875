/** The sockets of an SMTP door: connections, their limits, TLS, and the exchange each session becomes. */
import { createServer, type Server, type Socket } from 'node:net';
import {
  createSecureContext,
  createServer as createTlsServer,
  type SecureContext,
  TLSSocket,
} from 'node:tls';
import type { Clock } from '../../clock.ts';
import { codeOf } from '../../model/app-error.ts';
import type { ExchangeEnd, ExchangeOutcome, ExchangeStart } from '../../model/message.ts';
import { listen } from '../listen.ts';
import type { Credentials } from './auth.ts';
import type { ReceivedContent } from './content-buffer.ts';
import { type ProxyHeader, parseProxyHeader } from './proxy-header.ts';
import { type Reply, replies } from './reply.ts';
import {
  type Connection,
  type Envelope,
  type Gate,
  type SessionHooks,
  type SessionOptions,
  SmtpSession,
} from './session.ts';

export interface SmtpServerOptions extends SessionOptions {
  /** Key of the door, as in the list of ports. */
  readonly door: string;
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly connectionsMax: number;
  readonly idleMsMax: number;
}

export interface SmtpServerPorts {
  readonly clock: Clock;
  readonly newId: () => string;
  /** Key and certificate of our own CA, PEM; null where the door offers no TLS. */
  readonly certificate: { readonly key: string; readonly cert: string } | null;
  authenticate(credentials: Credentials): Reply | null;
  room(): Uint8Array<ArrayBuffer>;
  spool(chunk: Uint8Array): Promise<number>;
  unspool(chunks: readonly number[]): void;
  message(received: ReceivedMessage): Promise<Reply>;
  exchangeEnded(end: ExchangeEnd): void;
  challenge(): string;
  /** What an MX decides on the way. */
  readonly gate?: Gate;
  /**
   * Every connection begins with a PROXY header, which goes through here before the client is greeted.
   * @returns whether it may go on; else it is closed without a word
   */
  readonly proxied?: (header: ProxyHeader, session: SmtpSession) => boolean;
}

export interface ReceivedMessage {
  readonly session: SmtpSession;
  readonly door: string;
  readonly user: string | null;
  readonly envelope: Envelope;
  readonly content: ReceivedContent;
  readonly exchange: ExchangeStart;
  readonly transcript: string;
}

export interface SmtpServer {
  readonly port: number;
  /** Takes no new connection, lets what is under way come to its end for a while, then closes the rest. */
  close(graceMs: number): Promise<void>;
}

/** Replies waiting for a client that does not read them; past it no more commands are taken. */
const unsentBytesMax = 256 * 1024;
const idleSweepMs = 1000;
const handshakeMsMax = 30_000;

export async function startSmtpServer(
  options: SmtpServerOptions,
  ports: SmtpServerPorts,
  at: { readonly hosts: readonly string[]; readonly port: number },
): Promise<SmtpServer> {
  const live = new Set<LiveSession>();
  let lastGone: () => void = () => undefined;
  const onSocket = (socket: Socket): void => {
    // With the limit reached a session still begins, so that the refusal is answered and seen.
    const session = new LiveSession(socket, options, ports, () => {
      live.delete(session);
      if (live.size === 0) lastGone();
    });
    const over = live.size >= options.connectionsMax;
    live.add(session);
    session.begin(over ? replies.tooManyConnections : null);
  };
  const servers: Server[] = [];
  const handshaking = new Set<Socket>();
  const make = (): Server => {
    const server = serverFor(options, ports, handshaking, onSocket);
    servers.push(server);
    return server;
  };
  const port = await listen(make, options.door, at.hosts, at.port);
  let cancelSweep = sweepLater();
  function sweepLater(): () => void {
    return ports.clock.after(idleSweepMs, () => {
      for (const session of live) session.checkIdle();
      cancelSweep = sweepLater();
    });
  }
  return {
    port,
    async close(graceMs) {
      cancelSweep();
      const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
      for (const session of live) session.finishSoon();
      // Nothing was said there yet that could come to its end.
      for (const socket of handshaking) socket.destroy();
      const cancel = ports.clock.after(graceMs, () => {
        for (const session of live) session.destroy();
      });
      await Promise.all(closed);
      // A server calls itself closed a moment before its last sockets do: their exchanges end with these.
      if (live.size > 0)
        await new Promise<void>((resolve) => {
          lastGone = resolve;
        });
      cancel();
    },
  };
}

function serverFor(
  options: SmtpServerOptions,
  ports: SmtpServerPorts,
  handshaking: Set<Socket>,
  onSocket: (socket: Socket) => void,
): Server {
  if (options.tls !== 'implicit') return createServer({ noDelay: true, allowHalfOpen: true }, onSocket);
  if (ports.certificate === null)
    throw new Error(`the door ${options.door} speaks TLS and was given no certificate`);
  const server = createTlsServer(
    { ...ports.certificate, handshakeTimeout: handshakeMsMax, noDelay: true },
    (secure) => {
      for (const socket of handshaking)
        if (socket.remotePort === secure.remotePort) handshaking.delete(socket);
      onSocket(secure);
    },
  );
  server.on('connection', (socket) => {
    handshaking.add(socket);
    socket.once('close', () => handshaking.delete(socket));
  });
  server.on('tlsClientError', (error, socket) => {
    ports.exchangeEnded(failedHandshake(options, ports, error, socket));
    socket.destroy();
  });
  return server;
}

/** A client that does not trust our certificate goes before a session begins: the exchange says so in its place. */
function failedHandshake(
  options: SmtpServerOptions,
  ports: SmtpServerPorts,
  error: Error,
  socket: TLSSocket,
): ExchangeEnd {
  const nowMs = ports.clock.wallMs();
  return {
    start: {
      id: ports.newId(),
      door: options.door,
      kind: 'smtp',
      startedAtMs: nowMs,
      remoteAddress: socket.remoteAddress ?? '',
      remotePort: socket.remotePort ?? 0,
      clientName: null,
      user: null,
      tls: null,
    },
    endedAtMs: nowMs,
    outcome: 'refused',
    reason: tlsFailure(error),
    messages: 0,
    refusals: 1,
    bytesIn: socket.bytesRead,
    bytesOut: socket.bytesWritten,
    transcript: `N 0 ${tlsFailure(error)}\n`,
  };
}

const leftDuringTls =
  'the client left at the TLS handshake; one that does not trust our certificate does that: give it the ca.pem of the data folder';

/** What went wrong in the handshake, and what to change (RFC 8446 §6 names the alerts). */
function tlsFailure(error: Error): string {
  const said = error.message.replace(/[\r\n]+/g, ' ');
  if (/alert (?:unknown ca|bad certificate|certificate unknown)/i.test(said)) {
    return `the client refused our certificate (${said}); have it trust the CA of the data folder (ca.pem), or use the plain door`;
  }
  if (/wrong version number|http request|unknown protocol/i.test(said)) {
    return `the client does not speak TLS (${said}); this door begins with TLS, use the doors smtp or submission without it`;
  }
  if (/hang up|ECONNRESET/.test(said)) return leftDuringTls;
  return `the TLS handshake failed: ${said}`;
}

/** Parsing key and certificate takes longer than a handshake: once for each pair. */
function contextOf(certificate: { readonly key: string; readonly cert: string }): SecureContext {
  const known = contexts.get(certificate);
  if (known !== undefined) return known;
  const made = createSecureContext(certificate);
  contexts.set(certificate, made);
  return made;
}
const contexts = new WeakMap<object, SecureContext>();

class LiveSession implements Connection {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly session: SmtpSession;
  readonly #options: SmtpServerOptions;
  readonly #ports: SmtpServerPorts;
  readonly #gone: () => void;
  readonly #startedMs: number;
  readonly #startedAtMs: number;
  readonly #id: string;
  #socket: Socket;
  #lastMs: number;
  #tls: ExchangeStart['tls'] = null;
  #start: ExchangeStart | null = null;
  #endReason: string | null = null;
  #over = false;
  #clientDone = false;
  #awaitsHeader: boolean;
  #header: Buffer | null = null;

  constructor(socket: Socket, options: SmtpServerOptions, ports: SmtpServerPorts, gone: () => void) {
    this.#socket = socket;
    this.#options = options;
    this.#ports = ports;
    this.#gone = gone;
    this.#awaitsHeader = ports.proxied !== undefined;
    this.#startedMs = ports.clock.monotonicMs();
    this.#startedAtMs = ports.clock.wallMs();
    this.#lastMs = this.#startedMs;
    this.#id = ports.newId();
    this.remoteAddress = socket.remoteAddress ?? '';
    this.remotePort = socket.remotePort ?? 0;
    const hooks: SessionHooks = {
      authenticate: (credentials) => ports.authenticate(credentials),
      room: () => ports.room(),
      spool: (chunk) => ports.spool(chunk),
      unspool: (chunks) => ports.unspool(chunks),
      challenge: () => ports.challenge(),
      gate: ports.gate,
      message: (session, envelope, content, transcript) =>
        ports.message({
          session,
          door: options.door,
          user: session.user,
          envelope,
          content,
          exchange: this.#exchangeStart(),
          transcript,
        }),
    };
    this.session = new SmtpSession(this, options, hooks);
  }

  begin(refusal: Reply | null): void {
    this.#wire(this.#socket);
    if (this.#socket instanceof TLSSocket) this.#secured(this.#socket);
    if (refusal !== null) this.session.refuse(refusal);
    else if (this.#ports.proxied === undefined) this.session.greet();
  }

  /** @returns what stands behind the header, or null while it is not whole, or wrong */
  #takeProxyHeader(chunk: Buffer): Buffer | null {
    const bytes = this.#header === null ? chunk : Buffer.concat([this.#header, chunk]);
    const parsed = parseProxyHeader(bytes);
    if (parsed.kind === 'incomplete') {
      this.#header = bytes;
      return null;
    }
    this.#header = null;
    const passed = parsed.kind === 'header' && this.#ports.proxied?.(parsed.header, this.session) === true;
    if (!passed || parsed.kind !== 'header') {
      this.#endReason = parsed.kind === 'wrong' ? parsed.why : 'its PROXY header is not ours';
      this.destroy();
      return null;
    }
    this.#awaitsHeader = false;
    this.session.greet();
    return bytes.subarray(parsed.bytes);
  }

  write(text: string): void {
    if (this.#socket.destroyed) return;
    this.#socket.write(text);
    if (this.#clientDone && this.session.state !== 'waiting') this.#socket.end();
    if (this.#socket.writableLength > unsentBytesMax) {
      this.#socket.pause();
      this.#socket.once('drain', () => this.#socket.resume());
    }
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  elapsedMs(): number {
    return this.#ports.clock.monotonicMs() - this.#startedMs;
  }

  startTls(): void {
    const plain = this.#socket;
    if (this.#ports.certificate === null) throw new Error('STARTTLS was offered without a certificate');
    plain.removeAllListeners('data');
    plain.removeAllListeners('close');
    plain.removeAllListeners('error');
    const socket = new TLSSocket(plain, {
      isServer: true,
      secureContext: contextOf(this.#ports.certificate),
    });
    this.#socket = socket;
    this.#wire(socket);
    socket.once('secure', () => {
      this.#secured(socket);
      this.session.secured();
    });
  }

  checkIdle(): void {
    const waits = this.session.state === 'waiting';
    if (waits || this.#ports.clock.monotonicMs() - this.#lastMs < this.#options.idleMsMax) return;
    if (this.session.state === 'tls' || this.session.state === 'closed') return this.destroy();
    this.#endReason = 'idle for too long';
    this.session.refuse(replies.idle);
    this.#lastMs = this.#ports.clock.monotonicMs();
  }

  /** Between messages the session is ended now; within one it may finish. */
  finishSoon(): void {
    if (this.session.state === 'command') this.session.refuse(replies.shuttingDown);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #wire(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      this.#lastMs = this.#ports.clock.monotonicMs();
      if (this.#awaitsHeader) {
        const rest = this.#takeProxyHeader(chunk);
        if (rest !== null && rest.length > 0) this.session.feed(rest);
        return;
      }
      // 0x16 0x03 opens a TLS handshake (RFC 8446 §5.1); no command begins so.
      if (this.session.bytesIn === 0 && chunk[0] === 0x16 && chunk[1] === 0x03) {
        this.session.note('the client began with TLS, which this door does not speak; use the door smtps');
      }
      this.session.feed(chunk);
    });
    socket.on('end', () => {
      // `printf … | nc` closes its side behind its last word and still wants the answer to it.
      this.#clientDone = true;
      if (this.session.state !== 'waiting') socket.end();
    });
    socket.on('error', (error) => {
      this.#endReason ??= isTlsError(error) ? tlsFailure(error) : `the connection broke: ${error.message}`;
    });
    socket.on('close', () => this.#ended());
  }

  #secured(socket: TLSSocket): void {
    const cipher = socket.getCipher();
    this.#tls = {
      protocol: socket.getProtocol() ?? '',
      cipher: cipher?.standardName ?? cipher?.name ?? '',
      servername: typeof socket.servername === 'string' ? socket.servername : null,
    };
    this.session.tls = true;
    this.session.note(`TLS: ${this.#tls.protocol} ${this.#tls.cipher}`);
  }

  #exchangeStart(): ExchangeStart {
    const { clientName, user } = this.session;
    const known = this.#start;
    if (known !== null && known.clientName === clientName && known.user === user) return known;
    this.#start = {
      id: this.#id,
      door: this.#options.door,
      kind: 'smtp',
      startedAtMs: this.#startedAtMs,
      remoteAddress: this.remoteAddress,
      remotePort: this.remotePort,
      clientName,
      user,
      tls: this.#tls,
    };
    return this.#start;
  }

  #ended(): void {
    if (this.#over) return;
    this.#over = true;
    this.#gone();
    const session = this.session;
    const finished = session.state === 'closed';
    const handshaking = session.state === 'tls';
    const midway = session.abandon();
    const outcome = handshaking ? 'refused' : outcomeOf(session, midway);
    if (handshaking)
      session.note(this.#endReason ?? 'the client closed the connection during the TLS handshake');
    if (!finished) session.note('the client closed the connection without QUIT');
    this.#ports.exchangeEnded({
      start: this.#exchangeStart(),
      endedAtMs: this.#ports.clock.wallMs(),
      outcome,
      reason:
        session.lastRefusal ??
        this.#endReason ??
        (midway
          ? 'the client went away in the middle of a message; nothing of it was kept'
          : silentAfterTls(session)),
      messages: session.messages,
      refusals: session.refusals,
      bytesIn: session.bytesIn,
      bytesOut: session.bytesOut,
      transcript: session.transcript.take(),
    });
  }
}

/** Some clients check the certificate only after the handshake, and leave without an alert. */
function silentAfterTls(session: SmtpSession): string | null {
  return session.tls && session.clientName === null ? leftDuringTls : null;
}

function isTlsError(error: Error): boolean {
  return codeOf(error)?.startsWith('ERR_SSL_') === true;
}

function outcomeOf(session: SmtpSession, midway: boolean): ExchangeOutcome {
  if (midway) return 'aborted';
  if (session.messages > 0) return 'accepted';
  return session.refusals > 0 ? 'refused' : 'empty';
}
