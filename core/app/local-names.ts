/**
 * `localhost` and names that end in it are this machine's (RFC 6761 §6.3). Many a system's resolver does not know that and
 * asks the network for them, and a hosts file may lead them anywhere: so the system is not asked for them at all.
 */
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isLoopbackHost } from '../model/callback-rule.ts';

/** Where this machine is, each tried in turn. */
const ownAddresses = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
] as const;

const lookUpLocal: LookupFunction = (_host, { all, family }, found) => {
  const fitting = ownAddresses.filter((own) => !family || own.family === Number(String(family).slice(-1)));
  const [first = ownAddresses[0]] = fitting;
  if (all === true) found(null, [...fitting]);
  else found(null, first.address, first.family);
};

/** What to add to a connection to that host, so that it needs no answer of the system where it is this machine. */
export function withoutLookup(host: string): {
  readonly lookup?: LookupFunction;
  readonly autoSelectFamily?: true;
} {
  return isLoopbackHost(host.toLowerCase()) ? { lookup: lookUpLocal, autoSelectFamily: true } : {};
}

/** Of a connection that was tried at both addresses, what the first one said. */
export function firstFault(error: Error): Error {
  const [first]: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  return first instanceof Error ? first : error;
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
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      ...withoutLookup(url.hostname),
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
      else reject(firstFault(error));
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
