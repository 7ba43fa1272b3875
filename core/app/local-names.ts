/**
 * Names that end in `.localhost` are this machine's (RFC 6761 §6.3). Many a system's resolver does not know that and asks
 * the network for them, so callbacks go to `localhost` and say the name there.
 */
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** What to connect to for that host. */
export function withoutLookup(host: string): string {
  return isLocalName(host) ? 'localhost' : host;
}

/** What callbacks use of `fetch`: one request with a text or nothing as its body, and no redirect followed. */
export type CallbackFetch = (url: string, init: RequestInit) => Promise<Response>;

export function withLocalNames(outer: typeof fetch): CallbackFetch {
  return (url, init) =>
    isLocalName(new URL(url).hostname) ? askLocal(new URL(url), init) : outer(url, init);
}

function isLocalName(host: string): boolean {
  return host.toLowerCase().endsWith('.localhost');
}

function askLocal(url: URL, { method, headers, body, signal }: RequestInit): Promise<Response> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const asked = request({
      hostname: withoutLookup(url.hostname),
      ...(url.port === '' ? {} : { port: url.port }),
      path: url.pathname + url.search,
      method: method ?? 'GET',
      headers: { ...Object.fromEntries(new Headers(headers)), host: url.host },
      servername: url.hostname,
      agent: false,
      ...(signal ? { signal } : {}),
    });
    asked.once('error', reject);
    asked.once('response', (answer) => resolve(responseOf(answer)));
    asked.end(typeof body === 'string' ? body : undefined);
  });
}

function responseOf(answer: IncomingMessage): Response {
  const status = answer.statusCode ?? 500;
  // These carry no body, and a Response of one refuses it (RFC 9110 §15.3.5, §15.3.6, §15.4.5).
  const empty = status === 204 || status === 205 || status === 304;
  if (empty) answer.resume();
  return new Response(empty ? null : streamOf(answer), {
    status,
    statusText: answer.statusMessage ?? '',
    headers: Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
      values.map((value): [string, string] => [name, value]),
    ),
  });
}

function streamOf(answer: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = answer[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const step = await chunks.next();
      if (step.done === true) controller.close();
      else controller.enqueue(step.value);
    },
    cancel() {
      answer.destroy();
    },
  });
}
