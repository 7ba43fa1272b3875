/** Asks the in-app door. Every wait has its limit, for an answer that never comes would hold up what is behind it. */
import type { InAppOptions } from './options.ts';

const answerMsMax = 15_000;

export interface Door {
  /** @throws TypeError or DOMException where the door cannot be reached; any answer is returned */
  tell(method: string, path: string, body?: unknown): Promise<Response>;
  /** @returns null: it cannot be reached, refuses, or has nothing that differs from what has that entity tag */
  get<Answer>(
    path: string,
    tag?: string,
  ): Promise<{ readonly answer: Answer; readonly tag: string | null } | null>;
  /** Address of `ws` or `stream`. */
  live(kind: 'ws' | 'stream', after: number | null): string;
}

export function openDoor(options: InAppOptions, session: string): Door {
  const { key, userHash } = options;
  const base = `${new URL(options.url || '.', location.href).href.replace(/\/$/, '')}/inapp/v1`;
  const ask = (method: string, path: string, body: unknown, headers: Record<string, string>) =>
    fetch(base + path, {
      method,
      // The last thing that a page tells may be that it is being left.
      keepalive: method !== 'GET',
      signal: AbortSignal.timeout(answerMsMax),
      headers: {
        ...(key && { authorization: `Bearer ${key}` }),
        ...(userHash && { 'x-user-hash': userHash }),
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  return {
    tell: (method, path, body) => ask(method, path, body, body ? { 'content-type': 'application/json' } : {}),
    async get(path, tag) {
      try {
        const response = await ask('GET', path, null, tag ? { 'if-none-match': tag } : {});
        return response.ok ? { answer: await response.json(), tag: response.headers.get('etag') } : null;
      } catch {
        // Whoever asked asks again when there is reason to.
        return null;
      }
    },
    // Neither WebSockets nor event streams can be given header fields in a browser.
    live: (kind, after) =>
      `${kind === 'ws' ? base.replace('http', 'ws') : base}/${kind}${queryOf({
        user: options.user,
        session,
        key,
        hash: userHash,
        after: after?.toString(),
      })}`,
  };
}

/** What has no value is left out. */
export function queryOf(members: Readonly<Record<string, string | null | undefined>>): string {
  const query = new URLSearchParams();
  for (const name in members) {
    const value = members[name];
    if (value) query.set(name, value);
  }
  return `?${query}`;
}
