import type { ProblemDocument } from '../../../core/api/schema.ts';
import { apiUrl, inAppUrl } from '../base-path.ts';

/** What the core answered instead of what was asked: a problem document, or that it did not answer at all. */
export class ApiProblem extends Error {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly fields: readonly { readonly field: string; readonly detail: string }[];

  constructor(
    problem: Pick<ProblemDocument, 'code' | 'status' | 'title' | 'detail'> & Partial<ProblemDocument>,
    cause?: unknown,
  ) {
    super(problem.detail || problem.title, { cause });
    this.name = 'ApiProblem';
    this.code = problem.code;
    this.status = problem.status;
    this.title = problem.title;
    this.fields = problem.errors ?? [];
  }
}

interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly json?: unknown;
  readonly body?: Blob;
  readonly signal?: AbortSignal;
  readonly keepalive?: boolean;
  /** Asks the in-app door, as the client of an app does, in place of the API. */
  readonly door?: 'inapp';
  /** What was read, so that a change of what another changed meanwhile is refused. */
  readonly ifMatch?: string;
}

/** One question to the API. @returns the parsed answer */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  return (await send(path, options)).json();
}

/** One order to the API, whose answer says nothing more than that it was done. */
export async function perform(path: string, options: RequestOptions): Promise<void> {
  await send(path, options);
}

export async function requestText(path: string, signal: AbortSignal): Promise<string> {
  return (await send(path, { signal })).text();
}

export async function requestBytes(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  return new Uint8Array(await (await send(path, signal === undefined ? {} : { signal })).arrayBuffer());
}

/** Leaves out what is empty, so that equal questions have equal addresses. */
export function withQuery(path: string, parameters: Record<string, string | number | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Who asks, for the log of live relay. */
const clientHeader = { 'x-sandpost-client': 'screen' };

async function send(path: string, options: RequestOptions): Promise<Response> {
  const init: RequestInit = { method: options.method ?? 'GET', keepalive: options.keepalive ?? false };
  if (options.door === undefined) init.headers = clientHeader;
  if (options.signal !== undefined) init.signal = options.signal;
  if (options.json !== undefined) {
    init.body = JSON.stringify(options.json);
    init.headers = { ...init.headers, 'content-type': 'application/json' };
  } else if (options.body !== undefined) {
    init.body = options.body;
    init.headers = { ...init.headers, 'content-type': options.body.type };
  }
  if (options.ifMatch !== undefined) init.headers = { ...init.headers, 'if-match': options.ifMatch };
  const response = await fetch(options.door === 'inapp' ? inAppUrl(path) : apiUrl(path), init).catch(
    (cause: unknown) => {
      if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
      throw new ApiProblem(
        {
          code: 'unreachable',
          status: 0,
          title: 'The core does not answer',
          detail: 'It may have been stopped. The screen goes on by itself when it is back.',
        },
        cause,
      );
    },
  );
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const fallback = {
    code: 'unexpected_answer',
    status: response.status,
    title: `The core answered ${response.status}`,
    detail: response.statusText,
  };
  if (!(response.headers.get('content-type') ?? '').includes('json')) return new ApiProblem(fallback);
  const document: Partial<ProblemDocument> = await response.json();
  return new ApiProblem({ ...fallback, ...document });
}
