/** How commands find a running core and talk to it. */
import { z } from 'zod';
import { streamOf } from '../api/stream-of.ts';
import { AppError, codeOf, messageOf } from '../model/app-error.ts';
import { defaultDataFolder, readCoreFile } from '../store/data-folder.ts';
import type { Output } from './output.ts';

export interface CoreClient {
  readonly url: string;
  /** @throws AppError with the core's own code and words, or `not_found` when none answers */
  json(method: string, path: string, body?: unknown): Promise<unknown>;
  text(path: string): Promise<string>;
  bytes(path: string): Promise<Uint8Array>;
  /** What is too large to be had at once. */
  stream(path: string): Promise<AsyncIterable<Uint8Array>>;
  upload(path: string, content: AsyncIterable<Uint8Array>): Promise<unknown>;
}

export interface CoreLocation {
  readonly url?: string | undefined;
  readonly data?: string | undefined;
}

const defaultUrl = 'http://127.0.0.1:8025';
const problemSchema = z.object({ code: z.string(), detail: z.string() });

/** Where: --url, SANDPOST_URL, what the data folder says, or the usual port of this machine. */
export function findCore(location: CoreLocation, output: Output): CoreClient {
  const { environment } = output;
  const file = coreFileOf(location, output);
  const url = (location.url ?? environment.SANDPOST_URL ?? file?.url ?? defaultUrl).replace(/\/$/, '');
  const token = environment.SANDPOST_TOKEN ?? (file?.url === url ? file.token : null);
  return clientOf(url, token ?? null);
}

export function coreFileOf(location: CoreLocation, output: Output) {
  return readCoreFile(location.data ?? output.environment.SANDPOST_DATA ?? defaultDataFolder());
}

function clientOf(url: string, token: string | null): CoreClient {
  const ask = (method: string, path: string, body?: unknown): Promise<Response> =>
    askFor(path, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });

  async function askFor(path: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(`${url}${path}`, {
        ...init,
        headers: {
          ...init.headers,
          // The audit log of live relay tells who asked.
          'x-sandpost-client': 'cli',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
      });
    } catch (error) {
      const cause =
        error instanceof Error ? (codeOf(error.cause) ?? messageOf(error.cause ?? error)) : messageOf(error);
      throw new AppError(
        'not_found',
        `no Sandpost answers at ${url} (${cause}); start one with \`sandpost serve\`, or name it with --url`,
        {
          cause: error,
        },
      );
    }
    if (!response.ok) throw await refusal(response);
    return response;
  }
  return {
    url,
    json: async (method, path, body) => {
      const response = await ask(method, path, body);
      return response.status === 204 ? null : ((await response.json()) as unknown);
    },
    text: async (path) => (await ask('GET', path)).text(),
    bytes: async (path) => new Uint8Array(await (await ask('GET', path)).arrayBuffer()),
    stream: async (path) => (await ask('GET', path)).body ?? nothing(),
    upload: async (path, content) => {
      const init: RequestInit & { readonly duplex: 'half' } = {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: streamOf(piecesOf(content)),
        // The request is sent as it is read; an answer comes when it is over.
        duplex: 'half',
      };
      return (await (await askFor(path, init)).json()) as unknown;
    },
  };
}

async function* piecesOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* content;
}

async function* nothing(): AsyncGenerator<never> {
  // An answer without a body.
}

async function refusal(response: Response): Promise<AppError> {
  const text = await response.text();
  try {
    const { code, detail } = problemSchema.parse(JSON.parse(text));
    return new AppError(
      code === 'wait_timed_out' ? 'wait_timed_out' : code === 'bad_query' ? 'bad_query' : 'bad_request',
      detail,
    );
  } catch {
    // Not a problem document: something else answers there.
    return new AppError('bad_request', `the server answered ${response.status}: ${text.slice(0, 200)}`);
  }
}
