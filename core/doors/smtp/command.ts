/** SMTP command lines, parsed (RFC 5321 §4.1, RFC 1870, RFC 3461 §4, RFC 6531 §3.4). Pure. */
import { isIPv4, isIPv6 } from 'node:net';

export type Parameters = Readonly<Record<string, string | true>>;
export interface Path {
  /** The address without brackets and source route; empty for the null reverse path. */
  readonly address: string;
  readonly parameters: Parameters;
}
export type ParsedPath =
  | { readonly ok: true; readonly path: Path }
  | { readonly ok: false; readonly why: string };

export interface Command {
  readonly verb: string;
  readonly argument: string;
}

export function parseCommand(line: string): Command {
  const space = line.indexOf(' ');
  return space < 0
    ? { verb: line.trim().toUpperCase(), argument: '' }
    : { verb: line.slice(0, space).toUpperCase(), argument: line.slice(space + 1).trim() };
}

const pathCharsMax = 1024;

/**
 * The path and parameters of `FROM:<…> …` or `TO:<…> …`.
 *
 * Tolerant where deployed servers are: a space after the colon, missing brackets, an address without domain.
 * A source route is dropped, as RFC 5321 appendix C asks.
 */
export function parsePath(keyword: 'FROM' | 'TO', argument: string): ParsedPath {
  if (argument.slice(0, keyword.length + 1).toUpperCase() !== `${keyword}:`) {
    return { ok: false, why: `Syntax: ${keyword === 'FROM' ? 'MAIL' : 'RCPT'} ${keyword}:<address>` };
  }
  const rest = argument.slice(keyword.length + 1).trimStart();
  const end = endOfPath(rest);
  if (end < 0) return { ok: false, why: 'The address has no closing bracket' };
  const written = rest.slice(0, end);
  const inner = written.startsWith('<') ? written.slice(1, -1) : written;
  if (inner.length > pathCharsMax)
    return { ok: false, why: `The address is longer than ${pathCharsMax} characters` };
  const parameters = parseParameters(rest.slice(end));
  if (parameters === null)
    return { ok: false, why: 'The parameters are malformed; KEYWORD or KEYWORD=value is expected' };
  return { ok: true, path: { address: withoutRoute(inner.trim()), parameters } };
}

/** Where the path ends: after the bracket that closes it, quoted strings passed over, or at the first space. */
function endOfPath(text: string): number {
  if (!text.startsWith('<')) {
    const space = text.indexOf(' ');
    return space < 0 ? text.length : space;
  }
  let quoted = false;
  for (let at = 1; at < text.length; at++) {
    const char = text[at];
    if (quoted && char === '\\') at++;
    else if (char === '"') quoted = !quoted;
    else if (char === '>' && !quoted) return at + 1;
  }
  return -1;
}

function withoutRoute(address: string): string {
  if (!address.startsWith('@')) return address;
  const colon = address.indexOf(':');
  return colon < 0 ? address : address.slice(colon + 1);
}

const none: Parameters = Object.freeze({});

function parseParameters(text: string): Parameters | null {
  const trimmed = text.trim();
  if (trimmed === '') return none;
  const found: Record<string, string | true> = {};
  for (const word of trimmed.split(/ +/)) {
    const equals = word.indexOf('=');
    const name = (equals < 0 ? word : word.slice(0, equals)).toUpperCase();
    if (!/^[A-Z0-9][A-Z0-9-]*$/.test(name) || name in found) return null;
    found[name] = equals < 0 ? true : word.slice(equals + 1);
  }
  return found;
}

export type AddressFault = 'malformed' | 'needs_smtputf8' | null;

/**
 * Is this an address that a door may take? A mailbox of RFC 5321 §4.1.2 (with RFC 6531's UTF-8 when `smtputf8`),
 * a domain or an address literal behind the `@`, or a bare local part, as cron and local mailers write.
 */
export function addressFault(address: string, smtputf8: boolean): AddressFault {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (/[\x00-\x1f\x7f]/.test(address)) return 'malformed';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII.
  if (!smtputf8 && /[^\x00-\x7f]/.test(address)) return 'needs_smtputf8';
  const at = address.lastIndexOf('@');
  const local = at < 0 ? address : address.slice(0, at);
  if (!localPartFits(local)) return 'malformed';
  return at < 0 || domainFits(address.slice(at + 1)) ? null : 'malformed';
}

function localPartFits(local: string): boolean {
  if (/^"(?:[^"\\]|\\.)*"$/.test(local)) return true;
  return local !== '' && !/[\s"()<>[\]:;@\\,]/.test(local);
}

function domainFits(domain: string): boolean {
  if (domain.startsWith('[')) return literalFits(domain);
  return domain !== '' && domain.length <= 255 && !/[\s"()<>[\]:;@\\,/]|^[.-]|\.\./.test(domain);
}

function literalFits(literal: string): boolean {
  if (!literal.endsWith(']')) return false;
  const inner = literal.slice(1, -1);
  return /^IPv6:/i.test(inner) ? isIPv6(inner.slice(5)) : isIPv4(inner);
}
