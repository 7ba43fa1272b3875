/**
 * Who is pushing: a signed token (JWT), or a client certificate; judged as APNs judges them. Wall time throughout.
 *
 * Sources: Apple, "Establishing a token-based connection to APNs" (ES256, kid, iss, iat; "APNs rejects any token whose
 * timestamp isn't within the last hour"; a new token no more often than every 20 minutes; a connection belongs to the keys
 * of its first push), "Establishing a certificate-based connection to APNs".
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { ProviderRequest } from '../../doors/http/provider-request.ts';
import type { PushCheck, PushCredentials, PushEnvironment } from '../../model/push.ts';
import { type ProviderCertificate, readCertificate } from './certificate.ts';
import { type Read, refused } from './parse.ts';
import type { ApnsReason } from './reply.ts';
import type { ApnsKey, ApnsSettings } from './schema.ts';

const tokenAgeMsMax = 3_600_000;
const tokenUpdateMsMin = 20 * 60_000;
/** Apple names none; clocks differ, and `iat` is in whole seconds. */
const clockSkewMsMax = 60_000;
/** Tokens whose verdict is remembered; a longer one than this is no JWT with these claims. */
const verdictsMax = 1_000;
const tokenCharsMax = 4_096;
/** R and S of P-256. */
const sideBySideBytes = 64;

/** What is known of a token by itself, whenever it comes. */
interface TokenFacts {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly kid: string;
  readonly teamId: string;
  readonly issuedMs: number;
  readonly key: ApnsKey | null;
  readonly signature: 'valid' | 'invalid' | 'unknownKey';
  /** Of its form; null: nothing. */
  readonly fault: string | null;
}

/** What a connection remembers of its first push, and of the token that it uses now. */
interface ConnectionCredentials {
  teamId: string;
  kid: string;
  key: ApnsKey | null;
  token: string;
  tokenSinceMs: number;
}

/** By the connection's own memory, so that both end with it. */
type OfConnections<T> = WeakMap<object, T>;

export interface Provider {
  readonly credentials: PushCredentials;
  /** Shown with the exchange: `TEAMID/KEYID`, or the certificate's topic. */
  readonly name: string;
  /** The topic when the request names none; null: it has to. */
  readonly usualTopic: string | null;
  /** Topics, with or without suffix, that it may push to; null: all. */
  readonly topics: readonly string[] | null;
  /** Its certificate's, for management requests; null with a token. */
  readonly certificate: ProviderCertificate | null;
}

export interface CredentialsFault {
  readonly ok: false;
  readonly reason: ApnsReason;
  readonly detail: string | null;
  /** For the screen: what was looked at up to the fault. */
  readonly credentials: PushCredentials;
}

export type Judged = ({ readonly ok: true } & { readonly provider: Provider }) | CredentialsFault;

export interface CredentialsJudge {
  /** @param environment of the door or host; null: either */
  judge(request: ProviderRequest, environment: PushEnvironment | null, nowMs: number): Judged;
  /** A rule called its token bad after all: the connection may have another at once, as if this one had never been good. */
  disown(request: ProviderRequest): void;
}

export function createCredentialsJudge(settings: () => ApnsSettings): CredentialsJudge {
  const facts = new Map<string, TokenFacts>();
  let keys: ReadonlyMap<string, ReadyKey> = new Map();
  let keysOf: readonly ApnsKey[] | null = null;
  const firsts: OfConnections<ConnectionCredentials> = new WeakMap();
  const certificates: OfConnections<ProviderCertificate | null> = new WeakMap();

  function factsOf(token: string, all: readonly ApnsKey[]): TokenFacts {
    if (!isSame(all, keysOf)) {
      keys = readyKeys(all);
      keysOf = all;
      facts.clear();
    }
    const known = facts.get(token);
    if (known !== undefined) return known;
    const read = readToken(token, keys);
    if (facts.size >= verdictsMax) {
      const [oldest] = facts.keys();
      if (oldest !== undefined) facts.delete(oldest);
    }
    facts.set(token, read);
    return read;
  }

  return {
    judge(request, environment, nowMs) {
      const { fields, connection } = request;
      const authorization = fields.get('authorization');
      if (authorization === null) {
        if (connection.clientCertificate === null) return fault('MissingProviderToken', null, noCredentials);
        const known = certificates.get(connection.memory);
        const certificate = known === undefined ? readCertificate(connection.clientCertificate) : known;
        certificates.set(connection.memory, certificate);
        return judgeCertificate(certificate, environment, nowMs);
      }
      const token = /^bearer[ \t]+(\S+)$/i.exec(authorization)?.[1];
      if (token === undefined)
        return fault('MissingProviderToken', 'authorization is not “bearer” and a token', noCredentials);
      const { keys: all, strict, environmentKeyReason } = settings();
      return judgeToken(
        token.length > tokenCharsMax ? tooLong : factsOf(token, all),
        token,
        { request, environment, nowMs, firsts },
        { strict, environmentKeyReason },
      );
    },
    disown({ connection }) {
      const first = firsts.get(connection.memory);
      if (first !== undefined) first.tokenSinceMs = Number.NEGATIVE_INFINITY;
    },
  };
}

/** Settings may be put together anew for each request, of the same keys. */
function isSame(keys: readonly ApnsKey[], before: readonly ApnsKey[] | null): boolean {
  if (keys === before) return true;
  return before !== null && keys.length === before.length && keys.every((key, at) => key === before[at]);
}

interface Moment {
  readonly request: ProviderRequest;
  readonly environment: PushEnvironment | null;
  readonly nowMs: number;
  readonly firsts: OfConnections<ConnectionCredentials>;
}

function judgeToken(
  facts: TokenFacts,
  token: string,
  { request, environment, nowMs, firsts }: Moment,
  { strict, environmentKeyReason }: Pick<ApnsSettings, 'strict' | 'environmentKeyReason'>,
): Judged {
  const checks: PushCheck[] = [];
  const pass = (check: string, detail: string): void => {
    checks.push({ check, result: 'pass', detail });
  };
  const credentials: PushCredentials = {
    kind: 'apnsToken',
    header: facts.header,
    claims: facts.claims,
    signature: facts.signature,
    checks,
  };
  const wrong = (check: string, reason: ApnsReason, detail: string): CredentialsFault => {
    checks.push({ check, result: 'fail', detail });
    return fault(reason, detail, credentials);
  };
  const { kid, teamId, key, issuedMs } = facts;

  if (facts.fault !== null) return wrong('form', 'InvalidProviderToken', facts.fault);
  pass('form', `ES256, key ${kid}, team ${teamId}`);

  if (key === null && strict)
    return wrong(
      'signature',
      'InvalidProviderToken',
      `the key ${kid} is not set up here, and only known ones are taken`,
    );
  if (key === null)
    checks.push({
      check: 'signature',
      result: 'unchecked',
      detail: `the key ${kid} is not set up here, so the signature cannot be checked`,
    });
  else if (facts.signature === 'invalid')
    return wrong('signature', 'InvalidProviderToken', `the signature was not made with the key ${kid}`);
  else if (key.teamId !== teamId)
    return wrong(
      'issuer',
      'InvalidProviderToken',
      `iss is ${teamId}, but the key ${kid} is of team ${key.teamId}`,
    );
  else if (key.revoked === true)
    return wrong('signature', 'InvalidProviderToken', `the key ${kid} is revoked`);
  else pass('signature', `made with the key ${kid}`);

  const ageMs = nowMs - issuedMs;
  const minutes = Math.floor(Math.abs(ageMs) / 60_000);
  if (ageMs < -clockSkewMsMax)
    return wrong('age', 'InvalidProviderToken', `iat lies ${minutes} minutes in the future`);
  if (ageMs > tokenAgeMsMax)
    return wrong(
      'age',
      'ExpiredProviderToken',
      `the token was signed ${minutes} minutes ago; 60 at the most`,
    );
  pass('age', `signed ${ageMs < 0 ? 0 : minutes} minutes ago`);

  if (key?.environment !== undefined && environment !== null && key.environment !== environment)
    return wrong('environment', environmentKeyReason, `the key ${kid} is for ${key.environment}`);

  const { memory } = request.connection;
  const first = firsts.get(memory);
  if (first === undefined) {
    firsts.set(memory, { teamId, kid, key, token, tokenSinceMs: nowMs });
  } else if (first.token !== token) {
    // Apple documents that a connection is for one team, not by which reason another is refused.
    if (first.teamId !== teamId)
      return wrong(
        'connection',
        'Forbidden',
        `this connection is for the team ${first.teamId}: use another for ${teamId}`,
      );
    if (!isRelated(first, { kid, key }))
      return wrong(
        'connection',
        'UnrelatedKeyIdInToken',
        `this connection began with the key ${first.kid}, not ${kid}`,
      );
    if (nowMs - first.tokenSinceMs < tokenUpdateMsMin)
      return wrong(
        'updates',
        'TooManyProviderTokenUpdates',
        `the connection had a new token ${Math.floor((nowMs - first.tokenSinceMs) / 60_000)} minutes ago; 20 at least`,
      );
    first.token = token;
    first.tokenSinceMs = nowMs;
  }
  return {
    ok: true,
    provider: {
      credentials,
      name: `${teamId}/${kid}`,
      usualTopic: null,
      topics: key?.topics ?? null,
      certificate: null,
    },
  };
}

/** Two keys for all topics of one team are related; of others only a key to itself. */
function isRelated(
  first: { readonly kid: string; readonly key: ApnsKey | null },
  next: { readonly kid: string; readonly key: ApnsKey | null },
): boolean {
  if (first.kid === next.kid) return true;
  return (
    first.key !== null && next.key !== null && first.key.topics === undefined && next.key.topics === undefined
  );
}

function judgeCertificate(
  certificate: ProviderCertificate | null,
  environment: PushEnvironment | null,
  nowMs: number,
): Judged {
  const checks: PushCheck[] = [];
  const credentials: PushCredentials = {
    kind: 'certificate',
    header: {},
    claims:
      certificate === null
        ? {}
        : {
            subject: certificate.subject,
            topics: certificate.topics,
            environments: certificate.environments,
          },
    // Apple's authority is not at hand: whoever signed it is believed.
    signature: 'unknownKey',
    checks,
  };
  const wrong = (check: string, reason: ApnsReason, detail: string): CredentialsFault => {
    checks.push({ check, result: 'fail', detail });
    return fault(reason, detail, credentials);
  };
  if (certificate === null) return wrong('form', 'BadCertificate', 'the client certificate cannot be read');
  const { topics, environments, validFromMs, validToMs } = certificate;
  const [onlyTopic] = topics;
  if (onlyTopic === undefined)
    return wrong(
      'form',
      'BadCertificate',
      'the client certificate names no topic: no UID in its subject, no list of topics',
    );
  if (nowMs < validFromMs || nowMs > validToMs)
    return wrong('age', 'BadCertificate', 'the client certificate is not valid now');
  if (environment !== null && environments.length > 0 && !environments.includes(environment))
    return wrong(
      'environment',
      'BadCertificateEnvironment',
      `the client certificate is for ${environments.join(', ')}`,
    );
  checks.push({ check: 'form', result: 'pass', detail: `for ${topics.join(', ')}` });
  return {
    ok: true,
    provider: {
      credentials,
      name: onlyTopic,
      usualTopic: topics.length === 1 ? onlyTopic : null,
      topics,
      certificate,
    },
  };
}

/** Step 4's last part: whether the credentials, and the settings, let it push to that topic. */
export function mayPushTo(
  { topics, certificate }: Provider,
  topic: string,
  app: string,
  known: readonly string[],
): Read<object> {
  // A certificate lists suffixed topics by themselves; a key's list is of bundle ids.
  const allowed = topics === null || topics.includes(topic) || (certificate === null && topics.includes(app));
  if (!allowed)
    return refused('TopicDisallowed', `these credentials are for ${topics.join(', ')}, not for ${topic}`);
  if (known.length > 0 && !known.includes(app))
    return refused('TopicDisallowed', `there is no app ${app} in the settings`);
  return { ok: true };
}

interface ReadyKey {
  readonly key: ApnsKey;
  readonly publicKey: KeyObject;
}

/** The public half, also of a .p8; a key that cannot be read is refused by the settings. */
function readyKeys(all: readonly ApnsKey[]): ReadonlyMap<string, ReadyKey> {
  return new Map(all.map((key) => [key.kid, { key, publicKey: createPublicKey(key.publicKey) }]));
}

/** RFC 7515 §3.1, RFC 7519 §3: header.claims.signature, each base64url. */
function readToken(token: string, keys: ReadonlyMap<string, ReadyKey>): TokenFacts {
  const [head = '', body = '', signature = '', ...more] = token.split('.');
  const header = readPart(head);
  const claims = readPart(body);
  const shown: TokenFacts = { ...noFacts, header: header ?? {}, claims: claims ?? {} };
  if (header === null || claims === null || signature === '' || more.length > 0)
    return { ...shown, fault: 'the token is no JWT: three parts in base64url, parted by dots' };
  const { alg, kid } = header;
  const { iss, iat } = claims;
  if (alg !== 'ES256')
    return { ...shown, fault: `alg is ${JSON.stringify(alg) ?? 'missing'}; APNs takes ES256 only` };
  if (typeof kid !== 'string' || kid === '')
    return { ...shown, fault: 'the header has no kid, the id of the key' };
  if (typeof iss !== 'string' || iss === '')
    return { ...shown, fault: 'the claims have no iss, the id of the team' };
  if (typeof iat !== 'number' || !Number.isFinite(iat))
    return { ...shown, fault: 'the claims have no iat, the time of signing in UNIX seconds' };
  const found = keys.get(kid);
  return {
    ...shown,
    kid,
    teamId: iss,
    issuedMs: iat * 1000,
    key: found?.key ?? null,
    signature:
      found === undefined
        ? 'unknownKey'
        : isSigned(`${head}.${body}`, signature, found.publicKey)
          ? 'valid'
          : 'invalid',
    fault: null,
  };
}

/**
 * RFC 7518 §3.4: R and S side by side. Apple's own recipe ("Sending push notifications using command-line tools") signs by
 * `openssl dgst`, whose signatures are DER, so that APNs has to take those too.
 */
function isSigned(text: string, signature: string, publicKey: KeyObject): boolean {
  const bytes = Buffer.from(signature, 'base64url');
  const dsaEncoding = bytes.length === sideBySideBytes ? 'ieee-p1363' : 'der';
  return verify('sha256', Buffer.from(text), { key: publicKey, dsaEncoding }, bytes);
}

function readPart(part: string): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Readonly<Record<string, unknown>>)
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const noFacts: TokenFacts = {
  header: {},
  claims: {},
  kid: '',
  teamId: '',
  issuedMs: 0,
  key: null,
  signature: 'unknownKey',
  fault: null,
};
const tooLong: TokenFacts = { ...noFacts, fault: `the token has more than ${tokenCharsMax} characters` };

const noCredentials: PushCredentials = {
  kind: 'none',
  header: {},
  claims: {},
  signature: 'none',
  checks: [],
};

function fault(reason: ApnsReason, detail: string | null, credentials: PushCredentials): CredentialsFault {
  return { ok: false, reason, detail, credentials };
}
