/** A connection of HTTP/2 (RFC 9113) to a real provider: requests share it, each on a stream of its own. */
import { type ClientHttp2Session, connect, constants, type OutgoingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import { messageOf } from '../model/app-error.ts';
import { type HandedOn, pairsOf, type Returned, tooLong, upstreamLimits } from './upstream.ts';
import type { RawFields } from './upstream-fields.ts';

export class UpstreamSession {
  readonly #session: ClientHttp2Session;
  readonly #clock: Clock;
  /** Requests that wait until the far side lets one more stream be opened. */
  readonly #waiting: (() => void)[] = [];
  #underWay = 0;
  #leaving = false;
  #why: string | null = null;
  #cancelIdle: () => void = () => undefined;

  /** @param over it takes no more requests */
  constructor(socket: Socket, origin: string, clock: Clock, over: () => void) {
    this.#clock = clock;
    this.#session = connect(origin, { createConnection: () => socket });
    const leave = (): void => {
      this.#leaving = true;
      over();
      for (const wake of this.#waiting.splice(0)) wake();
    };
    this.#session.on('error', (error) => {
      this.#why = messageOf(error);
    });
    this.#session.on('goaway', (code, _last, debug: Buffer | undefined) => {
      this.#why =
        `the provider ended the connection (GOAWAY ${code} ${debug?.toString('latin1') ?? ''})`.trim();
      leave();
    });
    this.#session.on('remoteSettings', () => this.#wake());
    this.#session.once('close', () => {
      this.#cancelIdle();
      leave();
    });
  }

  get isOpen(): boolean {
    return !this.#leaving && !this.#session.closed && !this.#session.destroyed;
  }

  /** How many streams it may have, the far side says first (RFC 9113 §3.4). */
  ready(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const cancel = this.#clock.after(upstreamLimits.connectMsMax, () => {
      this.#session.destroy();
      reject(new Error('the provider did not begin to speak HTTP/2 in time'));
    });
    this.#session.once('remoteSettings', () => {
      cancel();
      resolve();
    });
    this.#session.once('close', () => {
      cancel();
      reject(new Error(this.#why ?? 'the connection was closed'));
    });
    return promise;
  }

  async send(request: HandedOn): Promise<Returned> {
    this.#cancelIdle();
    const deadlineMs = this.#clock.monotonicMs() + upstreamLimits.answerMsMax;
    while (this.isOpen && this.#underWay >= (this.#session.remoteSettings.maxConcurrentStreams ?? 1)) {
      if (this.#clock.monotonicMs() >= deadlineMs)
        return { kind: 'lost', why: 'the provider lets no more requests be made at once', written: false };
      await this.#turn(deadlineMs);
    }
    if (!this.isOpen) return { kind: 'lost', why: this.#why ?? 'the connection was closed', written: false };
    // Nobody else has a say between this and the stream.
    if (!request.mayGo()) return { kind: 'withdrawn' };
    this.#underWay++;
    try {
      return await this.#onStream(request);
    } finally {
      this.#underWay--;
      this.#wake();
      if (this.#underWay === 0)
        this.#cancelIdle = this.#clock.after(upstreamLimits.idleMsMax, () => this.finish());
    }
  }

  #turn(deadlineMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.after(Math.max(1, deadlineMs - this.#clock.monotonicMs()), resolve);
    this.#waiting.push(() => {
      cancel();
      resolve();
    });
    return promise;
  }

  #wake(): void {
    this.#waiting.shift()?.();
  }

  #onStream({ method, target, fields, body }: HandedOn): Promise<Returned> {
    const { promise, resolve } = Promise.withResolvers<Returned>();
    let stream: ReturnType<ClientHttp2Session['request']>;
    try {
      stream = this.#session.request(
        { ':method': method, ':path': target, ...headersOf(fields) },
        { endStream: body.length === 0 },
      );
    } catch (error) {
      return Promise.resolve({ kind: 'lost', why: messageOf(error), written: false });
    }
    let why: string | null = null;
    let status: number | null = null;
    let given: RawFields = [];
    let trailers: RawFields = [];
    let bytes = 0;
    const chunks: Buffer[] = [];
    const giveUp = (reason: string): void => {
      why ??= reason;
      stream.close(constants.NGHTTP2_CANCEL);
    };
    const cancel = this.#clock.after(upstreamLimits.answerMsMax, () =>
      giveUp(`no answer within ${upstreamLimits.answerMsMax / 1000} seconds: the provider may have taken it`),
    );
    stream.on('response', (headers, _flags, raw: readonly string[]) => {
      status = Number(headers[':status'] ?? 0);
      given = pairsOf(raw);
    });
    stream.on('trailers', (_headers, _flags, raw: readonly string[]) => {
      trailers = pairsOf(raw);
    });
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > upstreamLimits.answerBytesMax) giveUp(tooLong);
      else chunks.push(chunk);
    });
    stream.on('error', (error) => {
      why ??= messageOf(error);
    });
    stream.once('close', () => {
      cancel();
      if (status !== null && why === null && stream.rstCode === constants.NGHTTP2_NO_ERROR)
        resolve({
          kind: 'answered',
          httpVersion: '2',
          status,
          statusText: null,
          fields: given,
          body: Buffer.concat(chunks),
          trailers,
        });
      else
        resolve({
          kind: 'lost',
          why: this.#why ?? why ?? 'the request was ended without an answer',
          // RFC 9113 §8.7: a refused stream was not processed.
          written: stream.rstCode !== constants.NGHTTP2_REFUSED_STREAM,
        });
    });
    if (body.length > 0) stream.end(body);
    return promise;
  }

  finish(): void {
    this.#leaving = true;
    if (!this.#session.destroyed) this.#session.close();
  }
}

/** Node takes fields of one name together; the order of the others stays. */
function headersOf(fields: RawFields): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of fields) {
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}
