/**
 * The way to the real provider for requests that are handed on as their apps brought them: byte for byte, over connections
 * that are checked against the roots of the system, with limits on time and size. Nothing is written before whoever asks
 * has said once more that it may be. Redirects are answers like others.
 */
import { request as http1Request } from 'node:http';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, getCACertificates } from 'node:tls';
import type { Clock } from '../clock.ts';
import { messageOf } from '../model/app-error.ts';
import { fieldsFor, type RawFields } from './upstream-fields.ts';
import { UpstreamSession } from './upstream-session.ts';

export interface Destination {
  /** Plain HTTP leads to this machine alone, to something that stands in. */
  readonly scheme: 'https' | 'http';
  readonly host: string;
  readonly port: number;
  /** PEM of a CA that is trusted besides those of the system; null: none. */
  readonly ca: string | null;
  readonly http2: 'only' | 'offered' | 'never';
}

export interface HandedOn {
  /**
   * Id of the app's own connection: each has connections of its own here, for providers judge some things by the connection
   * (APNs, how often it shows a new token).
   */
  readonly from: string;
  readonly method: string;
  /** Path with query. */
  readonly target: string;
  readonly fields: RawFields;
  readonly body: Uint8Array;
  /** Asked when there is a connection, right before anything is written. */
  readonly mayGo: () => boolean;
}

export type Returned =
  | {
      readonly kind: 'answered';
      readonly httpVersion: '1.1' | '2';
      readonly status: number;
      /** Of HTTP/1.1. */
      readonly statusText: string | null;
      readonly fields: RawFields;
      readonly body: Uint8Array;
      readonly trailers: RawFields;
    }
  /** It might not go any more: nothing was written. */
  | { readonly kind: 'withdrawn' }
  /** `written`: the far side may have taken it. */
  | { readonly kind: 'lost'; readonly why: string; readonly written: boolean };

export interface Upstream {
  /** Never rejects for what the far side does. */
  send(to: Destination, request: HandedOn): Promise<Returned>;
  close(): Promise<void>;
}

export interface UpstreamPorts {
  readonly clock: Clock;
  /** Ports of this Sandpost's own doors: a name that leads back to them would have it ask itself. */
  readonly isOwnPort: (port: number) => boolean;
  /** Where a host is really reached: tests have no other. Left out: there. */
  readonly reach?: (to: { readonly host: string; readonly port: number }) => {
    readonly host: string;
    readonly port: number;
  };
}

export const upstreamLimits = {
  connectMsMax: 10_000,
  answerMsMax: 30_000,
  answerBytesMax: 1024 * 1024,
  /** Connections of HTTP/2, and how long one is kept without a request. */
  sessionsMax: 200,
  idleMsMax: 60_000,
} as const;

type Line =
  | { readonly kind: 'socket'; readonly socket: Socket }
  | { readonly kind: 'session'; readonly session: UpstreamSession };

export function createUpstream(ports: UpstreamPorts): Upstream {
  const { clock } = ports;
  const sessions = new Map<string, UpstreamSession>();
  const opening = new Map<string, Promise<Line>>();
  const open = new Set<Socket>();
  let closed = false;

  /** Who comes while a connection is being made goes by the same, where that speaks HTTP/2. */
  async function lineTo(to: Destination, from: string): Promise<Line> {
    const key = `${from} ${JSON.stringify(to)}`;
    const known = sessions.get(key);
    if (known?.isOpen === true) return { kind: 'session', session: known };
    const awaited = opening.get(key);
    if (awaited !== undefined) {
      const line = await awaited;
      if (line.kind === 'session') return line;
    }
    const made = connected(to, key);
    opening.set(key, made);
    try {
      return await made;
    } finally {
      if (opening.get(key) === made) opening.delete(key);
    }
  }

  async function connected(to: Destination, key: string): Promise<Line> {
    const socket = await socketTo(to);
    const { alpnProtocol } = socket;
    if (alpnProtocol !== 'h2') {
      if (to.http2 !== 'only') return { kind: 'socket', socket: socket.socket };
      socket.socket.destroy();
      throw new Error(`${to.host}:${to.port} does not speak HTTP/2`);
    }
    const session = new UpstreamSession(socket.socket, `https://${authorityOf(to)}`, clock, () => {
      if (sessions.get(key) === session) sessions.delete(key);
    });
    for (const [oldest, one] of sessions) {
      if (sessions.size < upstreamLimits.sessionsMax) break;
      sessions.delete(oldest);
      one.finish();
    }
    sessions.set(key, session);
    await session.ready();
    return { kind: 'session', session };
  }

  function socketTo(
    to: Destination,
  ): Promise<{ readonly socket: Socket; readonly alpnProtocol: string | false | null }> {
    if (closed) return Promise.reject(new Error('Sandpost is stopping'));
    if (to.scheme === 'http' && !isLoopback(to.host))
      return Promise.reject(new Error(`${to.host} is asked for without TLS: nothing goes out like that`));
    const { host, port } = ports.reach?.(to) ?? to;
    const { promise, resolve, reject } = Promise.withResolvers<{
      readonly socket: Socket;
      readonly alpnProtocol: string | false | null;
    }>();
    const tls =
      to.scheme === 'http'
        ? null
        : connectTls({
            host,
            port,
            // Whatever the environment says (NODE_TLS_REJECT_UNAUTHORIZED): real credentials go there.
            rejectUnauthorized: true,
            ...(isIP(to.host) === 0 ? { servername: to.host } : {}),
            ...(to.ca === null ? {} : { ca: [...getCACertificates('default'), to.ca] }),
            ALPNProtocols:
              to.http2 === 'never' ? ['http/1.1'] : to.http2 === 'only' ? ['h2'] : ['h2', 'http/1.1'],
          });
    const socket: Socket = tls ?? connectTcp({ host, port });
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    const cancel = clock.after(upstreamLimits.connectMsMax, () =>
      socket.destroy(new Error(`no connection within ${upstreamLimits.connectMsMax / 1000} seconds`)),
    );
    // In TLS the name was checked by then; before it, whether it is we ourselves.
    socket.once('connect', () => {
      if (leadsBack(socket, port))
        socket.destroy(new Error(`${to.host}:${to.port} leads back to a door of this sandbox`));
    });
    socket.on('error', (error) => {
      cancel();
      reject(error);
    });
    socket.once('close', () => {
      cancel();
      reject(new Error('the connection was closed'));
    });
    socket.once(tls === null ? 'connect' : 'secureConnect', () => {
      cancel();
      socket.setNoDelay(true);
      resolve({ socket, alpnProtocol: tls === null ? null : tls.alpnProtocol });
    });
    return promise;
  }

  function leadsBack(socket: Socket, port: number): boolean {
    const { remoteAddress = '', localAddress = '' } = socket;
    return ports.isOwnPort(port) && (isLoopback(remoteAddress) || remoteAddress === localAddress);
  }

  return {
    async send(to, request) {
      let line: Line;
      try {
        line = await lineTo(to, request.from);
      } catch (error) {
        return { kind: 'lost', why: `${to.host}:${to.port}: ${messageOf(error)}`, written: false };
      }
      const { body } = request;
      const about = { host: authorityOf(to), bodyBytes: body.length };
      if (line.kind === 'session') {
        const fields = fieldsFor(request.fields, { ...about, http2: true });
        return line.session.send({ ...request, fields });
      }
      if (!request.mayGo()) {
        line.socket.destroy();
        return { kind: 'withdrawn' };
      }
      return overHttp1(
        line.socket,
        { ...request, fields: fieldsFor(request.fields, { ...about, http2: false }) },
        clock,
      );
    },
    close() {
      closed = true;
      for (const socket of open) socket.destroy();
      return Promise.resolve();
    },
  };
}

/** One request for each connection: that one was closed meanwhile is then no question. */
function overHttp1(
  socket: Socket,
  { method, target, fields, body }: HandedOn,
  clock: Clock,
): Promise<Returned> {
  const { promise, resolve } = Promise.withResolvers<Returned>();
  let cancel: () => void = () => undefined;
  const end = (returned: Returned): void => {
    cancel();
    socket.destroy();
    resolve(returned);
  };
  const lost = (why: string): void => end({ kind: 'lost', why, written: true });
  cancel = clock.after(upstreamLimits.answerMsMax, () =>
    lost(`no answer within ${upstreamLimits.answerMsMax / 1000} seconds: the provider may have taken it`),
  );
  const request = http1Request({
    createConnection: () => socket,
    method,
    path: target,
    headers: fields.flat(),
    setHost: false,
  });
  request.on('error', (error) => lost(`no answer: ${messageOf(error)}`));
  request.on('response', (answer) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > upstreamLimits.answerBytesMax) lost(tooLong);
      else chunks.push(chunk);
    });
    answer.on('error', (error) => lost(`the answer broke off: ${messageOf(error)}`));
    answer.on('end', () =>
      end({
        kind: 'answered',
        httpVersion: '1.1',
        status: answer.statusCode ?? 0,
        statusText: answer.statusMessage ?? null,
        fields: pairsOf(answer.rawHeaders),
        body: Buffer.concat(chunks),
        trailers: pairsOf(answer.rawTrailers),
      }),
    );
  });
  request.end(body);
  return promise;
}

export const tooLong = `the answer is longer than ${upstreamLimits.answerBytesMax} bytes: the provider may have taken it`;

/** Names and values by turns, as Node gives them. */
export function pairsOf(raw: readonly string[]): RawFields {
  const pairs: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at] ?? '', raw[at + 1] ?? '']);
  return pairs.filter(([name]) => !name.startsWith(':'));
}

/** Without the scheme's own port, as a client writes it. */
export function authorityOf({ scheme, host, port }: Destination): string {
  const name = isIP(host) === 6 ? `[${host}]` : host;
  return port === (scheme === 'https' ? 443 : 80) ? name : `${name}:${port}`;
}

function isLoopback(address: string): boolean {
  // A name may begin like that, too: 127.example.com leads anywhere.
  return address === 'localhost' || address === '::1' || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(address);
}
