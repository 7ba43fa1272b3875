/**
 * Voluntary Application Server Identification (RFC 8292): who pushes, shown by a token that the application server signs
 * with the key that the subscription was made with. Judged whole, so that the screen can show every claim. Pure.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Fields } from '../../doors/http/provider-request.ts';
import type { PushCheck, PushCredentials } from '../../model/push.ts';
import type { Refusal, RefusalReason, Voice } from './reply.ts';

export interface VapidFacts {
  readonly fields: Fields;
  readonly voice: Voice;
  /** Origins that the app may know this door by. */
  readonly origins: readonly string[];
  /** Public key that the subscription is restricted to (RFC 8292 §4), base64url; null: it is not. */
  readonly restrictedTo: string | null;
  /** A token's age is the outside world's, never virtual. */
  readonly wallMs: number;
}

export interface VapidVerdict {
  readonly credentials: PushCredentials;
  /** The first thing that a push service refuses; null: it is as it should be. */
  readonly refusal: Refusal | null;
}

/** RFC 8292 §2. */
const lifetimeSMax = 24 * 3600;
const publicKeyBytes = 65;
const tokenCharsMax = 4096;

export function judgeVapid(facts: VapidFacts): VapidVerdict {
  const { fields, voice, restrictedTo } = facts;
  const authorization = fields.get('authorization');
  if (authorization === null) {
    // RFC 8292 §4.2 asks for it where the subscription is restricted; the others than Mozilla ask for it always.
    const needed = restrictedTo !== null || voice !== 'mozilla';
    return {
      credentials: noCredentials,
      refusal: needed
        ? refusal(
            'MissingAuthorization',
            restrictedTo === null
              ? 'this push service takes no push without VAPID: send `Authorization: vapid t=…, k=…` (RFC 8292 §3)'
              : 'the subscription is restricted to an application server key: send `Authorization: vapid t=…, k=…` (RFC 8292 §4.2)',
          )
        : null,
    };
  }
  const parsed = parseAuthorization(authorization, fields);
  if ('reason' in parsed) return { credentials: unreadable(parsed), refusal: parsed };
  return judgeToken(parsed, facts);
}

interface Presented {
  readonly token: string;
  readonly publicKey: string;
}

/** `vapid t=…, k=…` (RFC 8292 §3), or as in the drafts `WebPush …` and `Bearer …` with the key in Crypto-Key. */
function parseAuthorization(value: string, fields: Fields): Presented | Refusal {
  const [, scheme = '', rest = ''] = /^\s*(\S+)\s*(.*)$/s.exec(value) ?? [];
  switch (scheme.toLowerCase()) {
    case 'vapid': {
      const parameters = parametersOf(rest, ',');
      const token = parameters.get('t') ?? '';
      const publicKey = parameters.get('k') ?? '';
      if (publicKey === '') return refusal('MissingVapidKey', 'Authorization has no k= with the public key');
      if (token === '') return refusal('MissingVapidToken', 'Authorization has no t= with the signed token');
      return { token, publicKey };
    }
    case 'webpush':
    case 'bearer': {
      const publicKey = cryptoKey(fields, 'p256ecdsa');
      if (rest === '') return refusal('MissingVapidToken', 'Authorization has no token behind its scheme');
      return publicKey === null
        ? refusal(
            'MissingVapidKey',
            `with \`Authorization: ${scheme}\` the public key comes in the field Crypto-Key, as p256ecdsa=…`,
          )
        : { token: rest.trim(), publicKey };
    }
    default:
      return refusal(
        'BadAuthorization',
        `the scheme ${scheme} is none of vapid, WebPush and Bearer: send \`Authorization: vapid t=…, k=…\``,
      );
  }
}

/** A parameter of the field Crypto-Key (drafts before RFC 8291); of several keys the first that has it. */
export function cryptoKey(fields: Fields, name: string): string | null {
  for (const field of fields.all('crypto-key'))
    for (const key of field.split(',')) {
      const value = parametersOf(key, ';').get(name);
      if (value !== undefined) return value;
    }
  return null;
}

/** `a=b; c="d"`: names in lower case, values without their quotes. */
export function parametersOf(text: string, separator: ',' | ';'): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const part of text.split(separator)) {
    const at = part.indexOf('=');
    if (at < 1) continue;
    const value = part
      .slice(at + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1');
    parameters.set(part.slice(0, at).trim().toLowerCase(), value);
  }
  return parameters;
}

interface Jwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signed: string;
  readonly signature: Buffer;
}

/** In the order of autopush: the key's form, whether it is the subscription's, then the token. */
function judgeToken({ token, publicKey }: Presented, facts: VapidFacts): VapidVerdict {
  const checks: PushCheck[] = [];
  let first: Refusal | null = null;
  const check = (name: string, fault: Refusal | null, detail: string): void => {
    checks.push({ check: name, result: fault === null ? 'pass' : 'fail', detail: fault?.detail ?? detail });
    first ??= fault;
  };
  const raw = Buffer.from(publicKey, 'base64url');
  const key = keyOf(raw);
  check(
    'key',
    key === null
      ? refusal('BadVapidKey', 'k is no uncompressed point of P-256 in base64url (65 bytes)')
      : null,
    'an uncompressed point of P-256',
  );
  if (facts.restrictedTo === null)
    checks.push({ check: 'subscription', result: 'unchecked', detail: 'it is not restricted to a key' });
  else
    check(
      'subscription',
      raw.equals(Buffer.from(facts.restrictedTo, 'base64url'))
        ? null
        : refusal(
            'VapidKeyMismatch',
            'the subscription was made with another applicationServerKey: subscribe anew with this key, or send with that one',
          ),
      'the key that the subscription was made with',
    );
  const jwt = decode(token);
  if (jwt === null) {
    check('token', refusal('BadJwt', 't is no JWT of three parts in base64url'), '');
    return { credentials: credentials(null, 'invalid', checks), refusal: first };
  }
  const { header, claims } = jwt;
  const wrongAlgorithm = header.alg !== 'ES256';
  const valid = !wrongAlgorithm && key !== null && signatureHolds(jwt, key);
  const fault = wrongAlgorithm
    ? refusal('BadJwt', `alg is ${shown(header.alg)}; VAPID knows ES256 alone (RFC 8292 §2)`)
    : refusal(
        'BadSignature',
        'the signature does not belong to this token and k: sign with the private key of k',
      );
  check('signature', valid ? null : fault, 'signed with k, by ES256');
  check('expiry', expiryFault(claims.exp, facts.wallMs), 'at most 24 hours ahead');
  check('audience', audienceFault(claims.aud, facts.origins), shown(claims.aud));
  judgeSubject(claims.sub, facts.voice, check, checks);
  return { credentials: credentials(jwt, valid ? 'valid' : 'invalid', checks), refusal: first };
}

function expiryFault(exp: unknown, wallMs: number): Refusal | null {
  const nowS = Math.floor(wallMs / 1000);
  if (typeof exp !== 'number' || !Number.isFinite(exp))
    return refusal('BadJwt', `exp is ${shown(exp)}; it is a number of seconds since 1970 (RFC 8292 §2)`);
  if (exp < nowS)
    return refusal(
      'ExpiredJwt',
      `the token expired ${nowS - exp} s ago: sign a new one, and compare the clocks`,
    );
  return exp > nowS + lifetimeSMax
    ? refusal('ExpiryTooFar', `exp is ${exp - nowS} s ahead; at most 24 hours are allowed (RFC 8292 §2)`)
    : null;
}

function audienceFault(aud: unknown, origins: readonly string[]): Refusal | null {
  const named = (Array.isArray(aud) ? aud : [aud]).flatMap((one) => originOf(one) ?? []);
  return named.some((origin) => origins.includes(origin))
    ? null
    : refusal(
        'BadAudience',
        `aud is ${shown(aud)}; it is to be the origin of the subscription's endpoint: ${origins.join(' or ')}`,
      );
}

/** An origin, also where a slash stands behind it; null for whatever else. */
function originOf(value: unknown): string | null {
  if (typeof value !== 'string' || !URL.canParse(value)) return null;
  const { origin, pathname, search } = new URL(value);
  return pathname === '/' && search === '' ? origin : null;
}

/** RFC 8292 §2.1 would like one. Apple insists on one that somebody could be reached by. */
function judgeSubject(
  sub: unknown,
  voice: Voice,
  check: (name: string, fault: Refusal | null, detail: string) => void,
  checks: PushCheck[],
): void {
  const fault = subjectFault(sub);
  if (fault === null || voice === 'apple')
    check('subject', fault === null ? null : refusal('BadSubject', fault), shown(sub));
  else
    checks.push({
      check: 'subject',
      result: 'fail',
      detail: `${fault}; Apple refuses it, the others take it`,
    });
}

function subjectFault(sub: unknown): string | null {
  if (sub === undefined) return 'there is no sub with a mailto: or https: address';
  if (typeof sub !== 'string') return `sub is ${shown(sub)}, no text`;
  const domain = /^mailto:[^\s<>@]+@([^\s<>@]+)$/.exec(sub)?.[1] ?? httpsHost(sub);
  if (domain === null) return `sub is ${shown(sub)}, neither mailto: with an address nor https:`;
  return /(?:^|\.)(?:localhost|invalid|local|test)$/i.test(domain)
    ? `nobody can be reached at ${shown(sub)}`
    : null;
}

function httpsHost(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' ? hostname : null;
}

function keyOf(raw: Buffer): KeyObject | null {
  if (raw.length !== publicKeyBytes || raw[0] !== 4) return null;
  try {
    return createPublicKey({
      format: 'jwk',
      key: {
        kty: 'EC',
        crv: 'P-256',
        x: raw.subarray(1, 33).toString('base64url'),
        y: raw.subarray(33).toString('base64url'),
      },
    });
  } catch (error) {
    // A point that is not on the curve.
    if (error instanceof Error) return null;
    throw error;
  }
}

function decode(token: string): Jwt | null {
  const parts = token.length > tokenCharsMax ? [] : token.split('.');
  const [head, body, signature] = parts;
  if (parts.length !== 3 || head === undefined || body === undefined || signature === undefined) return null;
  const header = jsonOf(head);
  const claims = jsonOf(body);
  return header === null || claims === null
    ? null
    : { header, claims, signed: `${head}.${body}`, signature: Buffer.from(signature, 'base64url') };
}

function jsonOf(part: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isObject(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function signatureHolds({ signed, signature }: Jwt, key: KeyObject): boolean {
  return verify('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }, signature);
}

const noCredentials: PushCredentials = {
  kind: 'none',
  header: {},
  claims: {},
  signature: 'none',
  checks: [],
};

function unreadable({ detail }: Refusal): PushCredentials {
  return { ...credentials(null, 'none', [{ check: 'authorization', result: 'fail', detail }]) };
}

function credentials(
  jwt: Jwt | null,
  signature: PushCredentials['signature'],
  checks: readonly PushCheck[],
): PushCredentials {
  return { kind: 'vapid', header: jwt?.header ?? {}, claims: jwt?.claims ?? {}, signature, checks };
}

function refusal(reason: RefusalReason, detail: string): Refusal {
  return { reason, detail };
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : (JSON.stringify(value) ?? 'missing').slice(0, 200);
}
