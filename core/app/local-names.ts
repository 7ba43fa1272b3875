/**
 * Names that end in `.localhost` are this machine's (RFC 6761 §6.3). Many a system's resolver does not know that and asks
 * the network for them, so callbacks go to `localhost` and say the name there.
 */
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { isLoopbackHost } from '../model/callback-rule.ts';

/** What to connect to for that host. */
export function withoutLookup(host: string): string {
  return isLocalName(host) ? 'localhost' : host;
}

/** What callbacks use of `fetch`: one request with a text or nothing as its body, and no redirect followed. */
export type CallbackFetch = (url: string, init: RequestInit) => Promise<Response>;

const idleMs = 10_000;
const socketsMax = 64;

/**
 * What goes to this machine goes by a plain request: thousands of calls may be due at once, and `fetch` leaves much to be
 * collected of each; besides it refuses ports that an app may well listen on (Fetch §2.9, bad ports).
 */
export function withLocalNames(outer: typeof fetch): CallbackFetch {
  const agents = {
    http: new HttpAgent({ keepAlive: true, maxSockets: socketsMax, timeout: idleMs }),
    https: new HttpsAgent({ keepAlive: true, maxSockets: socketsMax, timeout: idleMs }),
  };
  return (url, init) => {
    const asked = new URL(url);
    return isLoopbackHost(asked.hostname.replace(/^\[|\]$/g, ''))
      ? askLocal(asked, init, agents)
      : outer(url, init);
  };
}

function isLocalName(host: string): boolean {
  return host.toLowerCase().endsWith('.localhost');
}

interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

function askLocal(url: URL, init: RequestInit, agents: Agents): Promise<Response> {
  const { method, headers, body, signal } = init;
  const isSecure = url.protocol === 'https:';
  const request = isSecure ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const asked = request({
      hostname: withoutLookup(url.hostname.replace(/^\[|\]$/g, '')),
      ...(url.port === '' ? {} : { port: url.port }),
      path: url.pathname + url.search,
      method: method ?? 'GET',
      headers: { ...Object.fromEntries(new Headers(headers)), host: url.host },
      // Of an address there is no name to be checked by.
      ...(isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0 ? { servername: url.hostname } : {}),
      agent: isSecure ? agents.https : agents.http,
      ...(signal ? { signal } : {}),
    });
    asked.once('error', (error: NodeJS.ErrnoException) => {
      // A kept connection that the app closed just then: nothing of it was read.
      if (asked.reusedSocket && error.code === 'ECONNRESET') resolve(askLocal(url, init, agents));
      else reject(error);
    });
    asked.once('response', (answer) => {
      try {
        resolve(responseOf(answer));
      } catch (error) {
        // A status beyond 599, or a phrase that no Response takes.
        asked.destroy();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
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
