/**
 * Connections to APNs, for one address: kept open and used again ("keep your connections open across multiple
 * notifications"), with no more requests at once than the server allows, and given up when it says so (GOAWAY).
 */
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../clock.ts';
import type { PostAnswer } from '../../delivery/post.ts';
import { rawFields } from '../../delivery/provider-responses.ts';
import { messageOf } from '../../model/app-error.ts';

/** Where APNs is: the real one, or ours. */
export interface ApnsAddress {
  /** `https://api.push.apple.com:443`: what :authority says. */
  readonly origin: string;
  /** Opens a socket to it; over TLS with ALPN `h2`. */
  open(): Duplex;
}

export interface Outgoing {
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Asked when there is a connection, right before the request is written. */
  readonly mayGo?: () => boolean;
}

export interface Incoming {
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: string;
  readonly whole?: NonNullable<PostAnswer['whole']>;
}

export type Sent =
  | { readonly kind: 'answered'; readonly answer: Incoming }
  /** It might not go any more: nothing was written. */
  | { readonly kind: 'withdrawn' }
  /** `again`: the server surely did nothing with it, and another connection may fare better. */
  | { readonly kind: 'lost'; readonly why: string; readonly again: boolean };

export interface ConnectionLimits {
  readonly connectionsMax: number;
  readonly connectMsMax: number;
  readonly requestMsMax: number;
}

export const connectionLimits: ConnectionLimits = {
  connectionsMax: 4,
  connectMsMax: 10_000,
  requestMsMax: 30_000,
};

/** After so much silence a connection is asked whether it still is one ("check the health of your connection with PING"). */
const pingAfterMs = 60_000;
const pingMsMax = 5_000;
const answerBytesMax = 16 * 1024;
/** RFC 9113 §6.5.2: before the server's SETTINGS there is no limit; APNs allows one stream until the first valid token. */
const streamsBeforeSettings = 1;

export class ApnsConnections {
  readonly #address: ApnsAddress;
  readonly #clock: Clock;
  readonly #limits: ConnectionLimits;
  readonly #connections = new Set<Connection>();
  readonly #waiting = new Set<() => void>();

  constructor(address: ApnsAddress, clock: Clock, limits: ConnectionLimits) {
    this.#address = address;
    this.#clock = clock;
    this.#limits = limits;
  }

  async send(outgoing: Outgoing, signal: AbortSignal): Promise<Sent> {
    const connection = await this.#free(signal);
    if (typeof connection === 'string') return { kind: 'lost', why: connection, again: false };
    if (outgoing.mayGo?.() === false) return { kind: 'withdrawn' };
    connection.active++;
    try {
      return await connection.request(outgoing, signal);
    } finally {
      connection.active--;
      this.#wake();
    }
  }

  /**
   * Lets what is under way come to its end, and opens nothing any more. Settles when the sockets are closed: the far side
   * would wait for those that it sees open.
   */
  async close(): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => connection.finish()));
  }

  destroy(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  /** @returns a connection with room, or why there is none */
  async #free(signal: AbortSignal): Promise<Connection | string> {
    for (;;) {
      if (signal.aborted) return overdue;
      const free = [...this.#connections].find((one) => one.hasRoom);
      if (free !== undefined) {
        if (await free.isAlive()) {
          if (free.hasRoom) return free;
        } else free.destroy();
        continue;
      }
      const opening = [...this.#connections].some((one) => one.state === 'opening');
      if (!opening && this.#connections.size < this.#limits.connectionsMax) {
        const opened = await this.#open();
        if (opened !== null) return opened;
        continue;
      }
      await this.#someChange(signal);
    }
  }

  /** @returns why it could not be opened; null: it could */
  async #open(): Promise<string | null> {
    const connection = new Connection(this.#address, this.#clock, this.#limits, () => {
      if (connection.state === 'over') this.#connections.delete(connection);
      this.#wake();
    });
    this.#connections.add(connection);
    return connection.opened;
  }

  #someChange(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

export const overdue = 'the attempt took too long, and was ended';

class Connection {
  readonly opened: Promise<string | null>;
  state: 'opening' | 'open' | 'leaving' | 'over' = 'opening';
  active = 0;
  readonly #session: ClientHttp2Session;
  readonly #clock: Clock;
  readonly #limits: ConnectionLimits;
  #streamsMax = streamsBeforeSettings;
  #usedAtMs: number;
  /** Why the server gave it up, or what broke it. */
  #why: string | null = null;

  constructor(address: ApnsAddress, clock: Clock, limits: ConnectionLimits, changed: () => void) {
    this.#clock = clock;
    this.#limits = limits;
    this.#usedAtMs = clock.monotonicMs();
    this.#session = connectHttp2(address.origin, { createConnection: () => address.open() });
    const session = this.#session;
    const cancel = clock.after(limits.connectMsMax, () =>
      session.destroy(new Error('no connection in time')),
    );
    this.opened = new Promise((resolve) => {
      // With the server's SETTINGS, not before: they say how many requests at once it takes.
      session.on('remoteSettings', ({ maxConcurrentStreams }) => {
        cancel();
        this.#streamsMax = maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
        if (this.state === 'opening') this.state = 'open';
        resolve(null);
        changed();
      });
      session.on('goaway', (_code, _last, data: Uint8Array | undefined) => {
        const text = data === undefined ? '' : Buffer.from(data).toString('utf8').slice(0, answerBytesMax);
        this.#why = `the server gave the connection up${text === '' ? '' : `: ${text}`}`;
        if (this.state !== 'over') this.state = 'leaving';
        changed();
      });
      session.on('error', (error) => {
        this.#why ??= messageOf(error);
      });
      session.on('close', () => {
        cancel();
        this.state = 'over';
        resolve(this.#why ?? 'the connection was closed');
        changed();
      });
    });
  }

  get hasRoom(): boolean {
    return this.state === 'open' && this.active < this.#streamsMax;
  }

  async isAlive(): Promise<boolean> {
    if (this.active > 0 || this.#clock.monotonicMs() - this.#usedAtMs < pingAfterMs) return true;
    const session = this.#session;
    return new Promise((resolve) => {
      const cancel = this.#clock.after(pingMsMax, () => resolve(false));
      const sent = session.ping((error) => {
        cancel();
        if (error === null) this.#usedAtMs = this.#clock.monotonicMs();
        resolve(error === null);
      });
      if (sent) return;
      cancel();
      resolve(false);
    });
  }

  request({ path, fields, body }: Outgoing, signal: AbortSignal): Promise<Sent> {
    this.#usedAtMs = this.#clock.monotonicMs();
    return new Promise((resolve) => {
      let stream: ReturnType<ClientHttp2Session['request']>;
      try {
        stream = this.#session.request({ ':method': 'POST', ':path': path, ...fields });
      } catch (error) {
        // The session ended a moment ago: the stream was never opened.
        resolve({ kind: 'lost', why: messageOf(error), again: true });
        return;
      }
      let head: IncomingHttpHeaders | null = null;
      let fieldsAsTheyCame: ReturnType<typeof rawFields> = [];
      let status = 0;
      let bytes = 0;
      let why: string | null = null;
      const chunks: Buffer[] = [];
      const end = (reason: string): void => {
        why = reason;
        stream.close(constants.NGHTTP2_CANCEL);
      };
      const abort = (): void => end(overdue);
      const cancel = this.#clock.after(this.#limits.requestMsMax, () => end('no answer came in time'));
      signal.addEventListener('abort', abort, { once: true });
      stream.on('response', (given, _flags, raw: readonly string[]) => {
        head = given;
        fieldsAsTheyCame = rawFields(raw);
        status = Number(given[':status'] ?? 0);
      });
      stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= answerBytesMax) chunks.push(chunk);
      });
      stream.on('error', (error) => {
        why ??= messageOf(error);
      });
      stream.on('close', () => {
        cancel();
        signal.removeEventListener('abort', abort);
        const whole = head !== null && stream.rstCode === constants.NGHTTP2_NO_ERROR;
        if (head !== null && whole)
          resolve({
            kind: 'answered',
            answer: {
              status,
              fields: textFields(head),
              body: Buffer.concat(chunks).toString('utf8'),
              whole: { fields: fieldsAsTheyCame, body: Buffer.concat(chunks), bytes },
            },
          });
        else
          resolve({
            kind: 'lost',
            why: this.#why ?? why ?? 'the request was ended without an answer',
            // RFC 9113 §8.7: a refused stream was not processed, nor was one above the last of a GOAWAY.
            again: stream.rstCode === constants.NGHTTP2_REFUSED_STREAM,
          });
      });
      stream.end(body);
    });
  }

  finish(): Promise<void> {
    if (this.state !== 'over') this.state = 'leaving';
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#session.destroyed) resolve();
    else this.#session.once('close', () => resolve());
    // One that the far side said goodbye to has nothing more to say.
    if (this.#session.closed) this.#session.destroy();
    else this.#session.close();
    return promise;
  }

  destroy(): void {
    this.#session.destroy();
  }
}

function textFields(head: IncomingHttpHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(head).flatMap(([name, value]) =>
      typeof value === 'string' && !name.startsWith(':') ? [[name, value] as const] : [],
    ),
  );
}
