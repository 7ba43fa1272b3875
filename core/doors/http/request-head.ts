/**
 * Reads the head of a plain GET as HTTP/1.1 clients send it by the thousand. It judges nothing: whatever is not wholly
 * ordinary is left to Node's own parser, which knows the rest of RFC 9112.
 */
import { RequestFields, type RequestHead } from './request-fields.ts';

export type HeadRead =
  /** `length` bytes are the head, its empty line included. */
  | { readonly kind: 'head'; readonly head: RequestHead; readonly length: number }
  /** So far it may become one. */
  | { readonly kind: 'more' }
  | { readonly kind: 'other' };

const start = Buffer.from('GET /');
const end = Buffer.from('\r\n\r\n');
const more: HeadRead = { kind: 'more' };
const other: HeadRead = { kind: 'other' };

/** `field-name ":" OWS field-value OWS` (RFC 9112 §5); the value's characters are those of RFC 9110 §5.5. */
const field =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*((?:[!-~\x80-\xff](?:[!-~\x80-\xff \t]*[!-~\x80-\xff])?)?)[ \t]*$/;
/** origin-form (RFC 9112 §3.2.1) with the characters of RFC 3986, and the version. */
const requestLine = /^GET (\/[A-Za-z0-9\-._~:/?@!$&'()*+,;=%[\]]*) HTTP\/1\.1$/;
/** A body, an expectation or another end than the next request: none of that is ordinary here. */
const notOrdinary: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'expect',
  'trailer',
]);
const fieldsMax = 200;
/** Its empty line may never come: nobody is to wait for it. */
const oddLineEnd = /(?:^|[^\r])\n|\r(?!\n|$)/;

/** @param bytesMax of the head; a longer one is not ours to refuse */
export function readHead(bytes: Buffer, bytesMax: number): HeadRead {
  const compared = Math.min(bytes.length, start.length);
  if (bytes.compare(start, 0, compared, 0, compared) !== 0) return other;
  const at = bytes.indexOf(end);
  if (at < 0) return bytes.length > bytesMax || oddLineEnd.test(bytes.toString('latin1')) ? other : more;
  const length = at + end.length;
  if (length > bytesMax) return other;
  const head = headOf(bytes.toString('latin1', 0, at));
  return head === null ? other : { kind: 'head', head, length };
}

function headOf(text: string): RequestHead | null {
  const lines = text.split('\r\n');
  const target = requestLine.exec(lines[0] ?? '')?.[1];
  if (target === undefined || lines.length > fieldsMax) return null;
  const entries: (readonly [string, string])[] = [];
  let authority: string | null = null;
  for (let at = 1; at < lines.length; at++) {
    const [, rawName, value] = field.exec(lines[at] ?? '') ?? [];
    if (rawName === undefined || value === undefined) return null;
    const name = rawName.toLowerCase();
    if (notOrdinary.has(name)) return null;
    if (name === 'host') {
      if (authority !== null) return null;
      authority = value;
    }
    entries.push([name, value]);
  }
  return authority === null ? null : { method: 'GET', target, authority, fields: new RequestFields(entries) };
}
