/** Small clients, for what the tests of the doors say themselves. */
import http from 'node:http';
import http2 from 'node:http2';
import { expect } from 'vitest';

export interface Answer {
  readonly status: number;
  readonly headers: { readonly [name: string]: unknown };
  readonly body: string;
}

export function get1(
  port: number | undefined,
  path: string,
  request: {
    readonly method?: string;
    readonly body?: string | Buffer;
    readonly headers?: Record<string, string>;
  } = {},
): Promise<Answer> {
  const { method = 'GET', body = '', headers = {} } = request;
  return new Promise((resolve, reject) => {
    const length = body.length > 0 ? { 'content-length': String(Buffer.byteLength(body)) } : {};
    const asked = http.request({ host: '127.0.0.1', port, path, method, headers: { ...headers, ...length } });
    asked.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** One request on a connection of its own. */
export async function post2(
  url: string,
  headers: http2.OutgoingHttpHeaders,
  body: string | Buffer,
  options: http2.SecureClientSessionOptions = {},
): Promise<Answer> {
  const session = http2.connect(url, options);
  try {
    return await request2(session, headers, body);
  } finally {
    session.close();
  }
}

export function request2(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  body: string | Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    session.setMaxListeners(0);
    // Once it has its answer, that the door closed under it is no concern of the test's.
    session.on('error', () => undefined);
    session.once('error', reject);
    const stream = session.request({ ':method': 'POST', ...headers });
    let answer: http2.IncomingHttpHeaders = {};
    let text = '';
    stream.setEncoding('utf8');
    stream.on('response', (given) => {
      answer = given;
    });
    stream.on('data', (chunk: string) => {
      text += chunk;
    });
    stream.on('error', reject);
    stream.on('close', () => {
      session.off('error', reject);
      const status: unknown = answer[':status'];
      if (typeof status === 'number') resolve({ status, headers: answer, body: text });
      else reject(new Error(`the stream ended without a reply (${stream.rstCode})`));
    });
    stream.end(body);
  });
}

/** What comes true in a moment, on a machine that has other things to do as well. */
export function eventually<T>(see: () => T): ReturnType<typeof expect.poll<T>> {
  return expect.poll(see, { timeout: 10_000, interval: 20 });
}
