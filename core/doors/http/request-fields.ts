/** Header fields of a request in the order they came. */
import type { Fields } from './provider-request.ts';

/** Fields whose values are nobody's business, wherever a request is shown. */
export const secretFields: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
  'set-cookie',
  'set-cookie2',
  'x-api-key',
  'x-goog-api-key',
]);

export class RequestFields implements Fields {
  readonly entries: readonly (readonly [name: string, value: string])[];

  constructor(entries: readonly (readonly [name: string, value: string])[]) {
    this.entries = entries;
  }

  get(name: string): string | null {
    for (const entry of this.entries) if (entry[0] === name) return entry[1];
    return null;
  }

  all(name: string): readonly string[] {
    return this.entries.filter((entry) => entry[0] === name).map((entry) => entry[1]);
  }
}

/** What a request says of itself before its fields: the request line, or the pseudo-fields of HTTP/2. */
export interface RequestHead {
  readonly method: string;
  /** As it was asked for: a path with its query, or a whole address. */
  readonly target: string;
  /** Host or :authority as it came; empty where there is none. */
  readonly authority: string;
  readonly fields: RequestFields;
  /** Fields in their order and their case, names and values by turns; pseudo-fields may be among them. Left out: as in `fields`. */
  readonly raw?: readonly string[];
}

/** @param raw names and values by turns, as Node gives them */
export function http1Head(method: string, target: string, raw: readonly string[]): RequestHead {
  const entries: (readonly [string, string])[] = [];
  let authority = '';
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase();
    const value = raw[i + 1] ?? '';
    if (name === 'host') authority = value;
    entries.push([name, value]);
  }
  return { method, target, authority, fields: new RequestFields(entries), raw };
}

/** Pseudo-fields come before the others and are no part of these (RFC 9113 §8.3). */
export function http2Head(raw: readonly string[]): RequestHead {
  const entries: (readonly [string, string])[] = [];
  let method = '';
  let target = '';
  let authority = '';
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const value = raw[i + 1] ?? '';
    if (name.charCodeAt(0) !== colon) {
      if (name === 'host' && authority === '') authority = value;
      entries.push([name, value]);
    } else if (name === ':path') target = value;
    else if (name === ':method') method = value;
    else if (name === ':authority') authority = value;
  }
  return { method, target, authority, fields: new RequestFields(entries), raw };
}

const colon = 0x3a;
