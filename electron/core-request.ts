/** One HTTP request from the main process to a core, over Node's own client: Electron 22 has no fetch there. */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { CoreAddress } from './core-host/core.ts';

const replyBytesMax = 1024 * 1024;

export interface CoreReply {
  readonly status: number;
  readonly body: Buffer;
}

export interface CoreRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the core's address, without a leading slash, for an address may end in a base path. */
  readonly path: string;
  readonly timeoutMs: number;
  readonly contentType?: string;
  readonly body?: Uint8Array;
  /** True for what a person did at the app: it is written down as done at the screen. */
  readonly byPerson?: boolean;
}

/** Rejects when nobody answers in time; any HTTP status is a reply. */
export function requestCore(core: CoreAddress, asked: CoreRequest): Promise<CoreReply> {
  const url = coreUrl(core, asked.path);
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const headers = {
    ...(core.token === null ? {} : { authorization: `Bearer ${core.token}` }),
    ...(asked.contentType === undefined ? {} : { 'content-type': asked.contentType }),
    ...(asked.byPerson === true ? { 'x-sandpost-client': 'screen' } : {}),
    ...(asked.body === undefined ? {} : { 'content-length': String(asked.body.byteLength) }),
  };
  return new Promise((resolve, reject) => {
    const request = send(url, { method: asked.method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.byteLength;
        if (bytes > replyBytesMax) request.destroy(new Error(`the reply of ${url.href} is too large`));
        chunks.push(chunk);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
      response.on('error', reject);
    });
    const timer = setTimeout(
      () => request.destroy(new Error(`${url.host} did not answer in ${asked.timeoutMs} ms`)),
      asked.timeoutMs,
    );
    request.on('close', () => clearTimeout(timer));
    request.on('error', reject);
    request.end(asked.body);
  });
}

/** @param path with or without a leading slash; always below the core's own base path */
export function coreUrl(core: Pick<CoreAddress, 'url'>, path: string): URL {
  const base = new URL(core.url);
  base.search = '';
  base.hash = '';
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return new URL(path.replace(/^\/+/, ''), base);
}
