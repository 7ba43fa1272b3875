/** Asks the in-app door. Every wait has its limit, for an answer that never comes would hold up what is behind it. */
import type { InAppOptions } from './options.ts';

const answerMsMax = 15_000;

export interface Door {
  /** @throws TypeError or DOMException where the door cannot be reached; any answer is returned */
  tell(method: string, path: string, body?: unknown): Promise<Response>;
  /**
   * @returns null: it cannot be reached, fails, or has nothing that differs from what has that entity tag; false: it refuses
   * who asks
   */
  get<Answer>(
    path: string,
    tag?: string,
  ): Promise<{ readonly answer: Answer; readonly tag: string | null } | null | false>;
  /** Address of `ws` or `stream`. */
  live(kind: 'ws' | 'stream', after: number): string;
}

export function openDoor(options: InAppOptions, session: string): Door {
  const { key, userHash } = options;
  const base = `${new URL(options.url || '.', location.href).href.replace(/\/$/, '')}/inapp/v1`;
  const ask = (method: string, path: string, body?: unknown, tag?: string): Promise<Response> =>
    fetch(base + path, {
      method,
      // The last thing that a page tells may be that it is being left.
      keepalive: method !== 'GET',
      signal: AbortSignal.timeout(answerMsMax),
      headers: {
        ...(key && { authorization: `Bearer ${key}` }),
        ...(userHash && { 'x-user-hash': userHash }),
        ...(!!body && { 'content-type': 'application/json' }),
        ...(tag && { 'if-none-match': tag }),
      },
      body: body ? JSON.stringify(body) : null,
    });
  return {
    tell: ask,
    async get(path, tag) {
      try {
        const response = await ask('GET', path, null, tag);
        const { ok, status } = response;
        if (ok) return { answer: await response.json(), tag: response.headers.get('etag') };
        return status === 401 || status === 403 ? false : null;
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
        after,
      })}`,
  };
}

/** What has no value is left out. */
export function queryOf(members: Readonly<Record<string, string | number | null | undefined>>): string {
  const query = new URLSearchParams();
  for (const name in members) {
    const value = members[name];
    if (value) query.set(name, `${value}`);
  }
  return `?${query}`;
}
