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
import { SmtpSession } from './session.ts';
import type { Connection, Envelope, Gate, SessionHooks, SessionOptions } from './session-ports.ts';
import { PacedLane } from './slow-link.ts';
import type { Troublemaker } from './trouble.ts';

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
  /** What goes wrong on purpose. */
  readonly trouble?: Troublemaker;
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
  const sessionOn = (socket: Socket): LiveSession => {
    const session = new LiveSession(socket, options, ports, () => {
      live.delete(session);
      if (live.size === 0) lastGone();
    });
    return session;
  };
  const begin = (session: LiveSession): void => {
    // With the limit reached a session still begins, so that the refusal is answered and seen.
    const over = live.size >= options.connectionsMax;
    live.add(session);
    session.begin(over ? replies.tooManyConnections : null);
  };
  const servers: Server[] = [];
  const handshaking = new Map<string, Socket>();
  const make = (): Server => {
    const server =
      options.tls === 'implicit'
        ? tlsServer(options, ports, handshaking, { sessionOn, begin })
        : createServer({ noDelay: true, allowHalfOpen: true }, (socket) => begin(sessionOn(socket)));
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
      for (const socket of handshaking.values()) socket.destroy();
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

/** TLS from the first byte. The plain connection is looked at before the handshake: it may have to be cut. */
function tlsServer(
  options: SmtpServerOptions,
  ports: SmtpServerPorts,
  handshaking: Map<string, Socket>,
  sessions: { sessionOn(socket: Socket): LiveSession; begin(session: LiveSession): void },
): Server {
  if (ports.certificate === null)
    throw new Error(`the door ${options.door} speaks TLS and was given no certificate`);
  const waiting = new Map<string, LiveSession>();
  const secureServer = createTlsServer(
    { ...ports.certificate, handshakeTimeout: handshakeMsMax, noDelay: true },
    (secure) => {
      const key = keyOf(secure);
      const session = waiting.get(key) ?? sessions.sessionOn(secure);
      waiting.delete(key);
      handshaking.delete(key);
      session.over(secure);
      sessions.begin(session);
    },
  );
  secureServer.on('tlsClientError', (error, socket) => {
    const key = keyOf(socket);
    ports.exchangeEnded(failedHandshake(options, ports, error, socket, waiting.get(key)?.exchangeId));
    waiting.delete(key);
    socket.destroy();
  });
  return createServer({ noDelay: true }, (socket) => {
    const session = sessions.sessionOn(socket);
    if (!session.knock()) return;
    const key = keyOf(socket);
    waiting.set(key, session);
    handshaking.set(key, socket);
    socket.once('close', () => {
      waiting.delete(key);
      handshaking.delete(key);
    });
    secureServer.emit('connection', socket);
  });
}

/** The same for the plain connection and for the TLS on it. */
function keyOf(socket: Socket): string {
  return `${socket.remoteAddress ?? ''} ${socket.remotePort ?? 0}`;
}

/** A client that does not trust our certificate goes before a session begins: the exchange says so in its place. */
function failedHandshake(
  options: SmtpServerOptions,
  ports: SmtpServerPorts,
  error: Error,
  socket: TLSSocket,
  id: string | undefined,
): ExchangeEnd {
  const nowMs = ports.clock.wallMs();
  return {
    start: {
      id: id ?? ports.newId(),
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
  readonly exchangeId: string;
  #socket: Socket;
  #lastMs: number;
  #tls: ExchangeStart['tls'] = null;
  #start: ExchangeStart | null = null;
  #endReason: string | null = null;
  #over = false;
  #clientDone = false;
  #awaitsHeader: boolean;
  #header: Buffer | null = null;
  /** Why nothing is read from the client at the moment. */
  #notReading = 0;
  /** Both directions, once the line is slow. */
  #lanes: { readonly in: PacedLane; readonly out: PacedLane } | null = null;
  /** Takes the listeners off the socket, for TLS to take the connection over. */
  #unwire: () => void = () => undefined;
  /** What is to be done when all that was said is on its way. */
  #whenSaid: (() => void) | null = null;

  constructor(socket: Socket, options: SmtpServerOptions, ports: SmtpServerPorts, gone: () => void) {
    this.#socket = socket;
    this.#options = options;
    this.#ports = ports;
    this.#gone = gone;
    this.#awaitsHeader = ports.proxied !== undefined;
    this.#startedMs = ports.clock.monotonicMs();
    this.#startedAtMs = ports.clock.wallMs();
    this.#lastMs = this.#startedMs;
    this.exchangeId = ports.newId();
    this.remoteAddress = socket.remoteAddress ?? '';
    this.remotePort = socket.remotePort ?? 0;
    const hooks: SessionHooks = {
      authenticate: (credentials) => ports.authenticate(credentials),
      room: () => ports.room(),
      spool: (chunk) => ports.spool(chunk),
      unspool: (chunks) => ports.unspool(chunks),
      challenge: () => ports.challenge(),
      gate: ports.gate,
      trouble: ports.trouble,
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

  /** The plain connection, before its TLS handshake. @returns whether that may begin */
  knock(): boolean {
    const { trouble } = this.#ports;
    if (trouble === undefined || !(trouble.asks('connect') || trouble.asks('tls'))) return true;
    const socket = this.#socket;
    const onClose = (): void => this.#ended();
    socket.on('close', onClose);
    const goesOn = this.session.knock();
    if (goesOn) socket.off('close', onClose);
    else socket.on('error', (error) => this.session.note(`the connection broke: ${error.message}`));
    return goesOn;
  }

  /** The TLS that the session goes over. */
  over(secure: TLSSocket): void {
    this.#socket = secure;
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
    this.#lastMs = this.#ports.clock.monotonicMs();
    if (this.#lanes === null) this.#socket.write(text);
    else this.#lanes.out.push(Buffer.from(text));
    this.#endWithClient();
    if (this.#unsentBytes() <= unsentBytesMax) return;
    this.#stopReading('unsent');
    if (this.#lanes === null) this.#socket.once('drain', () => this.#goOnReading('unsent'));
  }

  #unsentBytes(): number {
    return this.#socket.writableLength + (this.#lanes?.out.bytes ?? 0);
  }

  pause(): void {
    this.#lanes?.in.hold();
    this.#stopReading('session');
  }

  resume(): void {
    this.#lanes?.in.goOn();
    this.#goOnReading('session');
  }

  #stopReading(why: keyof typeof readingStops): void {
    this.#notReading |= readingStops[why];
    this.#socket.pause();
  }

  #goOnReading(why: keyof typeof readingStops): void {
    this.#notReading &= ~readingStops[why];
    if (this.#notReading === 0) this.#socket.resume();
  }

  end(): void {
    this.#afterSaid(() => this.#socket.end());
  }

  cut(): void {
    this.#afterSaid(() => this.#socket.destroySoon());
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Runs at once on a line of usual pace; else when the slow one has it all. */
  #afterSaid(run: () => void): void {
    if (this.#lanes === null || this.#lanes.out.empty) run();
    else this.#whenSaid = run;
  }

  later(delayMs: number, run: () => void): () => void {
    return this.#ports.clock.after(delayMs, run);
  }

  slow(bytesPerSecond: number): void {
    if (this.#lanes !== null) {
      this.#lanes.in.setPace(bytesPerSecond);
      this.#lanes.out.setPace(bytesPerSecond);
      return;
    }
    const { clock } = this.#ports;
    this.#lanes = {
      in: new PacedLane(clock, bytesPerSecond, (piece) => this.#arrived(piece)),
      out: new PacedLane(clock, bytesPerSecond, (piece) => this.#said(piece)),
    };
  }

  /** A piece came through the slow line from the client. */
  #arrived(piece: Buffer): void {
    this.#lastMs = this.#ports.clock.monotonicMs();
    this.session.feed(piece);
    if (this.#lanes?.in.empty !== true) return;
    this.#goOnReading('slow');
    this.#endWithClient();
  }

  /** A piece of what was said went into the slow line. */
  #said(piece: Buffer): void {
    this.#lastMs = this.#ports.clock.monotonicMs();
    if (!this.#socket.destroyed) this.#socket.write(piece);
    if (this.#unsentBytes() <= unsentBytesMax) this.#goOnReading('unsent');
    if (this.#lanes?.out.empty !== true) return;
    const run = this.#whenSaid;
    this.#whenSaid = null;
    run?.();
  }

  /** The client has said its last word: when it has the answer to it, so have we. */
  #endWithClient(): void {
    if (!this.#clientDone || this.session.state === 'waiting' || this.#lanes?.in.empty === false) return;
    this.end();
  }

  elapsedMs(): number {
    return this.#ports.clock.monotonicMs() - this.#startedMs;
  }

  startTls(): void {
    this.#afterSaid(() => this.#handshake());
  }

  #handshake(): void {
    const plain = this.#socket;
    if (this.#ports.certificate === null) throw new Error('STARTTLS was offered without a certificate');
    this.#unwire();
    this.#notReading = 0;
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
    const waits = this.session.state === 'waiting' || this.#isMoving();
    if (waits || this.#ports.clock.monotonicMs() - this.#lastMs < this.#options.idleMsMax) return;
    if (this.session.state === 'tls' || this.session.state === 'closed') return this.destroy();
    this.#endReason = 'idle for too long';
    this.session.refuse(replies.idle);
    this.#lastMs = this.#ports.clock.monotonicMs();
  }

  /** Bytes are on a slow line: nobody is idle. */
  #isMoving(): boolean {
    return this.#lanes !== null && !(this.#lanes.in.empty && this.#lanes.out.empty);
  }

  /** Between messages the session is ended now; within one it may finish, unless it is held back on purpose. */
  finishSoon(): void {
    if (this.session.state === 'command' || this.session.heldBack) this.session.refuse(replies.shuttingDown);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #wire(socket: Socket): void {
    const onData = (chunk: Buffer): void => this.#read(chunk);
    const onEnd = (): void => {
      // `printf … | nc` closes its side behind its last word and still wants the answer to it. One whose answer is held
      // back on purpose is taken to have given up: what it is not told must not be kept.
      this.#clientDone = true;
      if (this.session.heldBack) this.destroy();
      else this.#endWithClient();
    };
    const onError = (error: Error): void => {
      this.#endReason ??= isTlsError(error) ? tlsFailure(error) : `the connection broke: ${error.message}`;
    };
    const onClose = (): void => this.#ended();
    socket.on('data', onData);
    socket.on('end', onEnd);
    socket.on('error', onError);
    socket.on('close', onClose);
    this.#unwire = () => {
      socket.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
    };
  }

  #read(chunk: Buffer): void {
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
    if (this.#lanes === null) return this.session.feed(chunk);
    this.#lanes.in.push(chunk);
    this.#stopReading('slow');
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
      id: this.exchangeId,
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
    this.#lanes?.in.close();
    this.#lanes?.out.close();
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

/** Bits of what may stop the reading; it goes on when none is left. */
const readingStops = { session: 1, unsent: 2, slow: 4 } as const;

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
