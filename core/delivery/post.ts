/** One POST over HTTP/1.1, with connections kept for the next: what providers speak, and what our own doors do. */
import http from 'node:http';
import https from 'node:https';
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
  },
) => Promise<PostAnswer>;

const idleMs = 30_000;
const socketsMax = 32;
/** Of an answer more is not read. */
const answerBytesMax = 64 * 1024;

/**
 * @param ca PEM of the roots that the servers are checked against; undefined: those of the system
 * @param roots the same, read already: it counts before `ca`
 */
export function createPost(
  ca: () => string | undefined,
  roots?: SecureContext,
): {
  readonly post: Post;
  close(): Promise<void>;
} {
  const plain = new http.Agent({ keepAlive: true, maxSockets: socketsMax, timeout: idleMs });
  const secure = new https.Agent({ keepAlive: true, maxSockets: socketsMax, timeout: idleMs });
  return {
    post(url, { fields, body, signal }) {
      const { promise, resolve, reject } = Promise.withResolvers<PostAnswer>();
      const options = {
        method: 'POST',
        headers: { ...fields, 'content-length': String(body.byteLength) },
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
              {
                ...options,
                agent: secure,
                ...(roots === undefined ? { ca: ca() } : { secureContext: roots }),
              },
              heard,
            )
          : http.request(url, { ...options, agent: plain }, heard);
      request.on('error', reject);
      request.end(body);
      return promise;
    },
    close() {
      plain.destroy();
      secure.destroy();
      return Promise.resolve();
    },
  };
}
