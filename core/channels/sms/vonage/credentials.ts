/** Who calls: by key and secret, in parameters or as Basic; by a signature; by a JSON Web Token of an application. */

import type { SmsCredential } from '../../../delivery/sms-far-side.ts';
import type { Fields } from '../../../doors/http/provider-request.ts';
import { readWebToken, rs256Fits } from '../web-token.ts';
import type { Parameters } from './parameters.ts';
import { fittingAlgorithm, looksLikeSignature } from './signature.ts';

export interface CredentialsKnown {
  /** Fixed ones; empty: any are taken. */
  readonly fixed: readonly SmsCredential[];
  readonly signatureSecret: string;
  readonly wallMs: number;
}

export type Caller =
  | { readonly kind: 'known'; readonly account: string; readonly application: string | null }
  | {
      readonly kind: 'refused';
      /** `status` of the SMS API. */
      readonly code: string;
      readonly text: string;
      readonly why: string;
    };

/** An API key has eight letters and digits; what people put in its place while they develop is longer. */
const keyLike = /^[\w-]{1,64}$/;
const secretLike = /^\S{1,256}$/;
/** "must be within five minutes of the server's time": signatures rest on wall time. */
const signatureAgeMsMax = 5 * 60_000;

/** Of the SMS API and of Account. */
export function judgeKey(parameters: Parameters, fields: Fields, known: CredentialsKnown): Caller {
  const basic = basicOf(fields.get('authorization'));
  const key = parameters.get('api_key') ?? basic?.user ?? '';
  const secret = parameters.get('api_secret') ?? basic?.password ?? '';
  const sig = parameters.get('sig') ?? '';
  if (key === '')
    return refused('2', 'Missing api_key', 'no api_key came, neither as a parameter nor as Basic');
  if (sig !== '') {
    if (parameters.has('api_secret'))
      return refused('32', 'Signature And API Secret Disallowed', 'a signed request has no api_secret');
    return judgeSignature(key, sig, parameters, known);
  }
  if (secret === '') return refused('2', 'Missing api_secret', 'no api_secret came');
  if (!keyLike.test(key) || !secretLike.test(secret))
    return refused('4', 'Bad Credentials', 'the key or the secret does not look like one');
  if (known.fixed.length > 0 && !isFixed(known.fixed, key, secret))
    return refused('4', 'Bad Credentials', `the settings do not know the key ${key} with that secret`);
  return { kind: 'known', account: key, application: null };
}

function judgeSignature(
  key: string,
  sig: string,
  parameters: Parameters,
  { fixed, signatureSecret, wallMs }: CredentialsKnown,
): Caller {
  const invalid = (why: string): Caller => refused('14', 'Invalid Signature', why);
  if (!keyLike.test(key)) return refused('4', 'Bad Credentials', 'the key does not look like one');
  if (!looksLikeSignature(sig)) return invalid('sig is no hash in hexadecimal digits');
  const timestamp = parameters.get('timestamp') ?? '';
  if (timestamp === '') return invalid('a signed request says its timestamp');
  if (/^\d+$/.test(timestamp) && Math.abs(Number(timestamp) * 1000 - wallMs) > signatureAgeMsMax)
    return invalid('its timestamp is more than five minutes away from now');
  if (fixed.length > 0) {
    const own = fixed.filter(({ account }) => account === key);
    if (own.length === 0) return refused('4', 'Bad Credentials', `the settings do not know the key ${key}`);
    const secrets = [signatureSecret, ...own.map(({ secret }) => secret)];
    // Where anything goes, a signature by a secret that nobody told the sandbox cannot be judged.
    if (!secrets.some((secret) => fittingAlgorithm(parameters, sig, secret) !== null))
      return invalid('neither the signature secret of the sandbox nor one of the settings makes that sig');
  }
  return { kind: 'known', account: key, application: null };
}

/** Of the Messages API: Basic, or a token that an application signed with its private key. */
export function judgeAuthorization(fields: Fields, known: CredentialsKnown): Caller {
  const authorization = fields.get('authorization');
  if (authorization === null) return unauthorized('no Authorization came');
  const [, bearer] = /^Bearer\s+(\S+)$/i.exec(authorization) ?? [];
  if (bearer !== undefined) return judgeToken(bearer, known);
  const basic = basicOf(authorization);
  if (basic === null) return unauthorized('Authorization is neither Basic nor Bearer');
  if (!keyLike.test(basic.user) || !secretLike.test(basic.password))
    return unauthorized('the key or the secret does not look like one');
  if (known.fixed.length > 0 && !isFixed(known.fixed, basic.user, basic.password))
    return unauthorized(`the settings do not know the key ${basic.user} with that secret`);
  return { kind: 'known', account: basic.user, application: null };
}

/** Source: https://developer.vonage.com/getting-started/concepts/authentication, "JSON Web Tokens". */
function judgeToken(text: string, { fixed, wallMs }: CredentialsKnown): Caller {
  const token = readWebToken(text);
  if (token === null) return unauthorized('the bearer is no JSON Web Token');
  if (token.header.alg !== 'RS256') return unauthorized('the token is not signed by RS256');
  const { application_id: application, iat, exp, jti } = token.claims;
  if (typeof application !== 'string' || application === '')
    return unauthorized('the token names no application_id');
  if (typeof iat !== 'number' || typeof jti !== 'string')
    return unauthorized('the token has no iat or no jti');
  if (typeof exp === 'number' && exp * 1000 < wallMs) return unauthorized('the token has expired');
  if (fixed.length > 0) {
    const keys = fixed.filter(({ account }) => account === application);
    if (!keys.some(({ secret }) => rs256Fits(token, secret)))
      return unauthorized(
        `the settings know no public key of the application ${application} that the token is signed for`,
      );
  }
  return { kind: 'known', account: application, application };
}

function isFixed(fixed: readonly SmsCredential[], key: string, given: string): boolean {
  return fixed.some(({ account, secret }) => account === key && secret === given);
}

function basicOf(authorization: string | null): { readonly user: string; readonly password: string } | null {
  const [, encoded] = /^Basic\s+([A-Za-z0-9+/=_-]+)$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function refused(code: string, text: string, why: string): Caller {
  return { kind: 'refused', code, text, why };
}

function unauthorized(why: string): Caller {
  return refused('4', 'Bad Credentials', why);
}
