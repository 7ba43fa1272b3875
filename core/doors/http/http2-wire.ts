/** HTTP/2 (RFC 9113) at the provider doors, over connections that the listeners hand in. */
import {
  constants,
  type OutgoingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Duplex } from 'node:stream';
import { codeOf, messageOf } from '../../model/app-error.ts';
import { PacedLane } from '../smtp/slow-link.ts';
import type { DoorConnection, Watched } from './door-connection.ts';
import type { Pipeline, RequestUnderWay, Wire } from './pipeline.ts';
import type { ConnectionEffect, ProviderReply, ReplyStream } from './provider-request.ts';
import { http2Head } from './request-fields.ts';

const {
  NGHTTP2_CANCEL,
  NGHTTP2_ENHANCE_YOUR_CALM,
  NGHTTP2_FLAG_END_STREAM,
  NGHTTP2_INTERNAL_ERROR,
  NGHTTP2_NO_ERROR,
  NGHTTP2_REFUSED_STREAM,
} = constants;

/** Fields of one request. */
const fieldsMax = 256;
/** Memory of one connection, in megabytes, as Node counts it. */
const sessionMegabytesMax = 10;
/** Streams over the limit that a client may ask for before it knows the limit; past it the connection ends. */
const refusedStreamsMax = 2_000;
const invalidFramesMax = 100;
/** For a client to hang up when we have. */
const goodbyeMsMax = 500;

/**
 * @param stream where its bytes come from: the connection's socket, or what stands before it
 * @param firstStreams streams at once that the first SETTINGS allow
 */
export function serveHttp2(
  pipeline: Pipeline,
  connection: DoorConnection,
  stream: Duplex,
  firstStreams: number,
): void {
  const session = performServerHandshake(stream, {
    maxSessionMemory: sessionMegabytesMax,
    maxHeaderListPairs: fieldsMax,
    maxSessionRejectedStreams: refusedStreamsMax,
    maxSessionInvalidFrames: invalidFramesMax,
    settings: {
      maxConcurrentStreams: firstStreams,
      maxHeaderListSize: pipeline.limits.headerBytesMax,
      enablePush: false,
    },
  });
  connection.watched = new Http2Connection(pipeline, connection, stream, session);
}

class Http2Connection implements Watched {
  readonly connection: DoorConnection;
  readonly pipeline: Pipeline;
  readonly session: ServerHttp2Session;
  readonly #bytes: Duplex;
  readonly #underWay = new Set<Http2Exchange>();
  #idleSinceMs: number;
  #lastStreamId = 0;
  #leaving = false;
  #hungUpAtMs: number | null = null;
  #resets = 0;
  #resetsSinceMs = 0;

  constructor(pipeline: Pipeline, connection: DoorConnection, bytes: Duplex, session: ServerHttp2Session) {
    this.pipeline = pipeline;
    this.connection = connection;
    this.session = session;
    this.#bytes = bytes;
    this.#idleSinceMs = pipeline.clock.monotonicMs();
    connection.onConcurrentStreams = (streams) => {
      if (!session.destroyed && !session.closed) session.settings({ maxConcurrentStreams: streams });
    };
    session.on('stream', (stream, _headers, flags, raw) => this.#began(stream, flags, raw));
    session.on('error', (error) => {
      const code = codeOf(error);
      if (code === 'ECONNRESET' || code === 'EPIPE') return;
      pipeline.broken(connection, `the connection was given up: ${messageOf(error)}`, []);
    });
  }

  #began(stream: ServerHttp2Stream, flags: number, raw: readonly string[]): void {
    // A stream's own errors are its client's; that it is over, `close` says.
    stream.on('error', ignore);
    if (stream.id !== undefined && stream.id > this.#lastStreamId) this.#lastStreamId = stream.id;
    if (this.#leaving) {
      stream.close(NGHTTP2_REFUSED_STREAM);
      return;
    }
    if (stream.destroyed || stream.aborted) {
      this.#takenBack();
      return;
    }
    const exchange = new Http2Exchange(this, stream, raw);
    this.#underWay.add(exchange);
    exchange.begin((flags & NGHTTP2_FLAG_END_STREAM) !== 0);
  }

  ended(exchange: Http2Exchange, byClient: boolean): void {
    this.#underWay.delete(exchange);
    if (byClient) this.#takenBack();
    if (this.#underWay.size > 0) return;
    this.#idleSinceMs = this.pipeline.clock.monotonicMs();
    if (this.#leaving) this.#hangUp();
  }

  /** A client may ask and take back again faster than anybody can answer (CVE-2023-44487). */
  #takenBack(): void {
    if (this.#leaving || this.session.destroyed) return;
    const { limits, clock } = this.pipeline;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#resetsSinceMs > limits.resetWindowMs) {
      this.#resetsSinceMs = nowMs;
      this.#resets = 0;
    }
    if (++this.#resets <= limits.resetsMax) return;
    const reason = `more than ${limits.resetsMax} requests were taken back within ${limits.resetWindowMs / 1000} s`;
    this.pipeline.broken(this.connection, reason, ['GOAWAY ENHANCE_YOUR_CALM']);
    this.leave(NGHTTP2_ENHANCE_YOUR_CALM, reason, 0);
    for (const exchange of this.#underWay) exchange.cancel(NGHTTP2_CANCEL);
    this.#hangUp();
  }

  /** GOAWAY: what was asked for until now is still answered, then the connection ends. */
  leave(code: number, debug: string, lastStreamId: number): void {
    if (this.#leaving || this.session.destroyed) return;
    this.#leaving = true;
    this.session.goaway(code, lastStreamId > 0 ? lastStreamId : this.#lastStreamId, Buffer.from(debug));
    if (this.#underWay.size === 0) this.#hangUp();
  }

  /** Without a word more: closing the session would say GOAWAY a second time, and lose the reason on the way. */
  #hangUp(): void {
    setImmediate(() => {
      this.#hungUpAtMs ??= this.pipeline.clock.monotonicMs();
      if (!this.#bytes.destroyed) this.#bytes.end();
    });
  }

  finishSoon(): void {
    this.leave(NGHTTP2_NO_ERROR, '', 0);
  }

  check(nowMs: number): void {
    for (const exchange of this.#underWay) exchange.check(nowMs);
    // The other side may never hang up, and Node may miss that it did.
    if (this.#hungUpAtMs !== null && nowMs - this.#hungUpAtMs > goodbyeMsMax) {
      this.#bytes.destroy();
      this.connection.socket.destroy();
      return;
    }
    const { door } = this.connection;
    if (this.#underWay.size > 0 || nowMs - this.#idleSinceMs <= door.idleMsMax) return;
    if (this.#leaving) this.#bytes.destroy();
    else {
      this.leave(NGHTTP2_NO_ERROR, door.idleDebug, 0);
      this.#idleSinceMs = nowMs;
    }
  }
}

const ignore = (): void => undefined;

class Http2Exchange implements Wire {
  readonly httpVersion = '2';
  readonly #on: Http2Connection;
  readonly #stream: ServerHttp2Stream;
  readonly #request: RequestUnderWay;
  #repliedAtMs: number | null = null;
  #afterwards: (() => void) | null = null;
  #lane: PacedLane | null = null;
  /** Who goes on with the reply says when it is over. */
  #follows = false;
  #closedByUs = false;

  constructor(on: Http2Connection, stream: ServerHttp2Stream, raw: readonly string[]) {
    this.#on = on;
    this.#stream = stream;
    this.#request = on.pipeline.begin(on.connection, http2Head(raw), this);
  }

  begin(whole: boolean): void {
    const stream = this.#stream;
    stream.once('close', () => this.#closed());
    if (whole) {
      stream.resume();
      this.#request.complete();
      return;
    }
    stream.on('data', (chunk: Buffer) => {
      // Once there is more than is taken, the request is answered as it is; the stream ends with its reply.
      if (!this.#request.take(chunk)) this.#request.complete();
    });
    stream.once('end', () => {
      // Node ends a stream that was reset, too.
      if (!stream.aborted && stream.rstCode === NGHTTP2_NO_ERROR) this.#request.complete();
    });
  }

  #closed(): void {
    const replied = this.#repliedAtMs !== null;
    if (!replied) this.#request.clientGone();
    const byClient = !this.#closedByUs && (!replied || this.#stream.rstCode !== NGHTTP2_NO_ERROR);
    this.#request.abandon();
    this.#lane?.close();
    this.#afterwards?.();
    this.#on.ended(this, byClient);
  }

  check(nowMs: number): void {
    const { limits } = this.#on.pipeline;
    const since = this.#request.waitsForBodySinceMs;
    if (since !== null && nowMs - since > limits.bodyMsMax) this.#request.tooSlow();
    else if (
      this.#repliedAtMs !== null &&
      this.#lane === null &&
      !this.#follows &&
      nowMs - this.#repliedAtMs > limits.replyMsMax
    )
      this.cancel(NGHTTP2_CANCEL);
  }

  cancel(code: number): void {
    this.#closedByUs = true;
    this.#stream.close(code);
  }

  reply(reply: ProviderReply, effect: ConnectionEffect | null, pace: number | null): void {
    this.#repliedAtMs = this.#on.pipeline.clock.monotonicMs();
    const stream = this.#stream;
    if (stream.destroyed || stream.closed || stream.headersSent) return;
    if (effect?.kind === 'goAway') {
      const { debug } = effect;
      this.#afterwards = () => this.#on.leave(NGHTTP2_NO_ERROR, debug, 0);
    }
    try {
      this.#respond(reply, pace);
    } catch (error) {
      this.#on.pipeline.problem('a reply cannot be sent by HTTP/2', error);
      this.cancel(NGHTTP2_INTERNAL_ERROR);
    }
  }

  #respond(reply: ProviderReply, pace: number | null): void {
    const stream = this.#stream;
    const headers: OutgoingHttpHeaders = { ':status': reply.status };
    for (const [given, value] of reply.fields) {
      // RFC 9113 §8.2.1: in lower case, or it is malformed.
      const name = given.toLowerCase();
      if (ofOneConnection.has(name)) continue;
      const before = headers[name];
      if (before === undefined) headers[name] = value;
      else headers[name] = Array.isArray(before) ? [...before, value] : [String(before), value];
    }
    if (reply.follow !== undefined) {
      this.#follows = true;
      stream.respond(headers);
      if (reply.body.length > 0) stream.write(reply.body);
      reply.follow(new Http2Stream(stream));
      return;
    }
    const { trailers = [] } = reply;
    if (trailers.length > 0) {
      stream.respond(headers, { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers(Object.fromEntries(trailers)));
      stream.end(reply.body);
      this.#endStream();
      return;
    }
    if (reply.body.length === 0) {
      stream.respond(headers, { endStream: true });
      this.#endStream();
      return;
    }
    stream.respond(headers);
    const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
    if (pace === null) {
      stream.end(body);
      this.#endStream();
      return;
    }
    const lane = new PacedLane(this.#on.pipeline.clock, pace, (piece) => {
      if (!lane.empty) {
        stream.write(piece);
        return;
      }
      stream.end(piece);
      this.#endStream();
      // From here on it is the client that is waited for.
      this.#lane = null;
      this.#repliedAtMs = this.#on.pipeline.clock.monotonicMs();
    });
    this.#lane = lane;
    lane.push(Buffer.from(body));
  }

  /** A whole reply to half a request: the client is told to stop sending (RFC 9113 §8.1). */
  #endStream(): void {
    const stream = this.#stream;
    if (stream.readableEnded || stream.endAfterHeaders) return;
    stream.once('finish', () => {
      if (!stream.readableEnded && !stream.closed) stream.close(NGHTTP2_NO_ERROR);
    });
  }

  drop(effect: ConnectionEffect): void {
    switch (effect.kind) {
      case 'goAway':
        // Below this one: the client knows that it was not dealt with, and may try it elsewhere.
        this.#on.leave(NGHTTP2_NO_ERROR, effect.debug, (this.#stream.id ?? 0) - streamIdStep);
        this.cancel(NGHTTP2_REFUSED_STREAM);
        return;
      case 'reset':
      // Its reply is cut short, and given so.
      case 'cutMiddle':
        this.cancel(NGHTTP2_CANCEL);
        return;
      case 'cut':
        this.#closedByUs = true;
        this.#on.connection.socket.destroy();
    }
  }
}

class Http2Stream implements ReplyStream {
  readonly #stream: ServerHttp2Stream;

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream;
  }

  get bufferedBytes(): number {
    return this.#stream.writableLength;
  }

  write(text: string): void {
    if (!this.#stream.writableEnded && !this.#stream.destroyed) this.#stream.write(text);
  }

  end(): void {
    this.#stream.end();
  }

  destroy(): void {
    this.#stream.close(NGHTTP2_CANCEL);
  }

  onClose(run: () => void): void {
    this.#stream.once('close', run);
  }
}

/** Clients' streams have odd numbers. */
const streamIdStep = 2;

/** RFC 9113 §8.2.2: these have no meaning in HTTP/2, and are refused. */
const ofOneConnection: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);
