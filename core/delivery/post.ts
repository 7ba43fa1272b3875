/** One request over HTTP/1.1, with connections kept for the next: what providers speak, and what our own doors do. */
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { rawFields } from './provider-responses.ts';

export interface PostAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly location: string | null;
  readonly body: string;
  /** As it came: fields in their order and case, the body's bytes up to the limit, and how many there were. */
  readonly whole?: {
    readonly fields: readonly (readonly [name: string, value: string])[];
    readonly body: Uint8Array;
    readonly bytes: number;
  };
}

export type Post = (
  url: URL,
  request: {
    readonly fields: Readonly<Record<string, string>>;
    readonly body: Uint8Array;
    readonly signal: AbortSignal;
    /** Asked when the connection is there, right before the request is written: at false nothing is (`NotSent`). */
    readonly mayGo?: () => boolean;
  },
) => Promise<PostAnswer>;

/** The same without a body. */
export type Get = (url: URL, request: Omit<Parameters<Post>[1], 'body'>) => Promise<PostAnswer>;

/** The far side got nothing of the request, not even its head. */
export class NotSent extends Error {
  constructor() {
    super('live relay ended before the request was written');
  }
}

const idleMs = 30_000;
const socketsMax = 32;
/** Of an answer more is not read. */
const answerBytesMax = 64 * 1024;

/** What servers are checked against: a PEM, or a context that was made of more of them; undefined: what Node brings along. */
export type Trust = string | SecureContext | undefined;

/** Redirects are answers like others: nothing goes to where somebody else points. */
export function createPost(trust: () => Trust): {
  readonly post: Post;
  readonly get: Get;
  close(): Promise<void>;
} {
  const plain = new http.Agent({ keepAlive: true, maxSockets: socketsMax, timeout: idleMs });
  const secure = new https.Agent({ keepAlive: true, maxSockets: socketsMax, timeout: idleMs });
  /** Those that have come to be connections. */
  const connected = new WeakSet<Socket>();

  function ask(
    method: 'POST' | 'GET',
    url: URL,
    { fields, body, signal, mayGo }: Omit<Parameters<Post>[1], 'body'> & { readonly body: Uint8Array | null },
  ): Promise<PostAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<PostAnswer>();
    const options = {
      method,
      headers: { ...fields, ...(body === null ? {} : { 'content-length': String(body.byteLength) }) },
      signal,
    };
    const heard = (answer: http.IncomingMessage): void => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        if (bytes < answerBytesMax) chunks.push(chunk);
        bytes += chunk.length;
      });
      answer.on('error', reject);
      answer.on('end', () => {
        const kept = Buffer.concat(chunks).subarray(0, answerBytesMax);
        resolve({
          status: answer.statusCode ?? 0,
          retryAfter: answer.headers['retry-after'] ?? null,
          location: answer.headers.location ?? null,
          body: kept.toString('utf8'),
          whole: { fields: rawFields(answer.rawHeaders), body: kept, bytes },
        });
      });
    };
    const request =
      url.protocol === 'https:'
        ? https.request(
            url,
            // Whatever the environment says (NODE_TLS_REJECT_UNAUTHORIZED): credentials go there.
            { ...options, agent: secure, rejectUnauthorized: true, ...trustOf(trust()) },
            heard,
          )
        : http.request(url, { ...options, agent: plain }, heard);
    request.on('error', reject);
    const write = (): void => {
      request.end(body ?? undefined);
    };
    if (mayGo === undefined) write();
    // Each is watched, for the next request may come by the same connection.
    request.on('socket', (socket) =>
      whenConnected(socket, url, () => {
        if (mayGo === undefined) return;
        if (mayGo()) write();
        else request.destroy(new NotSent());
      }),
    );
    return promise;
  }

  /** Nothing of a request is written before its end is: until then there is a connection, and no more. */
  function whenConnected(socket: Socket, { protocol }: URL, run: () => void): void {
    if (connected.has(socket)) {
      run();
      return;
    }
    socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      connected.add(socket);
      run();
    });
  }

  return {
    post: (url, request) => ask('POST', url, request),
    get: (url, request) => ask('GET', url, { ...request, body: null }),
    close() {
      plain.destroy();
      secure.destroy();
      return Promise.resolve();
    },
  };
}

function trustOf(trust: Trust): { readonly ca?: string; readonly secureContext?: SecureContext } {
  if (trust === undefined) return {};
  return typeof trust === 'string' ? { ca: trust } : { secureContext: trust };
}
