/**
 * Access tokens of a service account, as Google's own libraries get them: a signed assertion for a token of an hour, which
 * is used until shortly before its end.
 * Source: https://developers.google.com/identity/protocols/oauth2/service-account
 */

import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Post } from '../../delivery/post.ts';

export interface ServiceAccount {
  readonly clientEmail: string;
  /** PEM, as it stands in the account's JSON file. */
  readonly privateKey: string;
  readonly privateKeyId: string | null;
  readonly tokenUrl: string;
}

export type TokenOutcome =
  | { readonly kind: 'token'; readonly token: string }
  /** No use trying again with these credentials. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'later'; readonly why: string };

export interface ServiceAccountTokens {
  current(account: ServiceAccount): Promise<TokenOutcome>;
  /** It was not taken: the next question gets a new one. @returns false when it is another one already */
  forget(account: ServiceAccount, token: string): boolean;
}

interface Kept {
  readonly token: string;
  readonly untilMs: number;
}

const scope = 'https://www.googleapis.com/auth/firebase.messaging';
const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const assertionSeconds = 3_600;
/** Before its end: clocks differ, and a request takes its time. */
const renewMsBefore = 5 * 60_000;
const askMsMax = 15_000;
const accountsMax = 100;
const answerCharsShown = 500;

export function createServiceAccountTokens(ports: {
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly post: Post;
}): ServiceAccountTokens {
  const kept = new Map<string, Kept>();
  const asking = new Map<string, Promise<TokenOutcome>>();

  async function ask(account: ServiceAccount, key: string): Promise<TokenOutcome> {
    const nowMs = ports.clock.wallMs();
    const body = new URLSearchParams({ grant_type: grantType, assertion: assertionOf(account, nowMs) });
    try {
      const answer = await ports.post(new URL(account.tokenUrl), {
        fields: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
        body: Buffer.from(body.toString()),
        signal: AbortSignal.timeout(askMsMax),
      });
      const read = tokenIn(answer.body);
      if (answer.status === 200 && read !== null) {
        if (kept.size >= accountsMax) kept.clear();
        kept.set(key, { token: read.token, untilMs: nowMs + read.seconds * 1000 - renewMsBefore });
        return { kind: 'token', token: read.token };
      }
      const why = `${account.tokenUrl} gave no access token: ${answer.status} ${answer.body.slice(0, answerCharsShown)}`;
      return { kind: answer.status === 429 || answer.status >= 500 ? 'later' : 'refused', why };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { kind: 'later', why: `${account.tokenUrl} could not be reached: ${why}` };
    }
  }

  return {
    async current(account) {
      const key = keyOf(account);
      const known = kept.get(key);
      if (known !== undefined && known.untilMs > ports.clock.wallMs())
        return { kind: 'token', token: known.token };
      // Many pushes ask at once, and one answer is enough for all.
      const asked = asking.get(key) ?? ask(account, key).finally(() => asking.delete(key));
      asking.set(key, asked);
      return asked;
    },
    forget(account, token) {
      const key = keyOf(account);
      if (kept.get(key)?.token !== token) return false;
      return kept.delete(key);
    },
  };
}

function keyOf({ clientEmail, privateKeyId, tokenUrl }: ServiceAccount): string {
  return `${clientEmail} ${privateKeyId ?? ''} ${tokenUrl}`;
}

function assertionOf(
  { clientEmail, privateKey, privateKeyId, tokenUrl }: ServiceAccount,
  nowMs: number,
): string {
  const nowS = Math.floor(nowMs / 1000);
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = { alg: 'RS256', typ: 'JWT', ...(privateKeyId === null ? {} : { kid: privateKeyId }) };
  const claims = { iss: clientEmail, scope, aud: tokenUrl, iat: nowS, exp: nowS + assertionSeconds };
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), parsedKey(privateKey)).toString('base64url')}`;
}

/** Parsing a PEM costs more than a signature: the last one is kept. */
let last: { readonly pem: string; readonly key: KeyObject } | null = null;

function parsedKey(pem: string): KeyObject {
  if (last?.pem !== pem) last = { pem, key: createPrivateKey(pem) };
  return last.key;
}

function tokenIn(body: string): { readonly token: string; readonly seconds: number } | null {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null) return null;
    const { access_token: token, expires_in: seconds } = { access_token: null, expires_in: 0, ...parsed };
    return typeof token === 'string' && token !== '' ? { token, seconds: Number(seconds) || 0 } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
