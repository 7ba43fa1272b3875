/** One POST over HTTP/1.1, with connections kept for the next: what push services speak, and what our own doors do. */
import http from 'node:http';
import https from 'node:https';
import type { PostAnswer, WebPushClientPorts } from './client.ts';

const idleMs = 30_000;
const socketsMax = 10;
/** Of an answer more is not read. */
const answerBytesMax = 16 * 1024;

/** @param ca PEM of the roots that the servers are checked against; undefined: those of the system */
export function createPost(ca: () => string | undefined): {
  readonly post: WebPushClientPorts['post'];
  close(): Promise<void>;
} {
  const plain = new http.Agent({ keepAlive: true, maxSockets: socketsMax, timeout: idleMs });
  const secure = new https.Agent({ keepAlive: true, maxSockets: socketsMax, timeout: idleMs });
  return {
    post(endpoint, { fields, body, signal }) {
      const { promise, resolve, reject } = Promise.withResolvers<PostAnswer>();
      const options = { method: 'POST', headers: fields, signal };
      const heard = (answer: http.IncomingMessage): void => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          if (bytes < answerBytesMax) chunks.push(chunk);
          bytes += chunk.length;
        });
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            retryAfter: answer.headers['retry-after'] ?? null,
            location: answer.headers.location ?? null,
            body: Buffer.concat(chunks).subarray(0, answerBytesMax).toString('utf8'),
          }),
        );
      };
      const request =
        endpoint.protocol === 'https:'
          ? https.request(endpoint, { ...options, agent: secure, ca: ca() }, heard)
          : http.request(endpoint, { ...options, agent: plain }, heard);
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
