/**
 * Access tokens that the sandbox gives out in Google's place. A token says itself whose it is, signed with a key of the
 * sandbox: nothing has to be remembered, and with a kept key it is good after a restart too.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface TokenClaims {
  readonly email: string;
  /** Project of the account, where its address tells. */
  readonly project: string | null;
  readonly scopes: readonly string[];
  /** Wall time. */
  readonly expiresAtMs: number;
}

export interface AccessTokens {
  mint(claims: TokenClaims): string;
  /** Null: it is none of ours. One that has expired is read all the same. */
  read(token: string): TokenClaims | null;
}

/** As Google's own: `expires_in` of its answers. */
export const tokenSeconds = 3_599;
const prefix = 'ya29.c.';
const macBytes = 16;

export function createAccessTokens(key: Uint8Array): AccessTokens {
  const macOf = (text: string): Buffer =>
    createHmac('sha256', key).update(text).digest().subarray(0, macBytes);
  return {
    mint({ email, project, scopes, expiresAtMs }) {
      const body = Buffer.from(JSON.stringify([email, project, scopes, expiresAtMs])).toString('base64url');
      return `${prefix}${body}.${macOf(body).toString('base64url')}`;
    },
    read(token) {
      if (!token.startsWith(prefix)) return null;
      const [body = '', mac = ''] = token.slice(prefix.length).split('.');
      const given = Buffer.from(mac, 'base64url');
      if (given.length !== macBytes || !timingSafeEqual(given, macOf(body))) return null;
      const read: unknown = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
      if (!Array.isArray(read)) return null;
      const [email, project, scopes, expiresAtMs]: readonly unknown[] = read;
      return {
        email: String(email),
        project: typeof project === 'string' ? project : null,
        scopes: Array.isArray(scopes) ? scopes.map(String) : [],
        expiresAtMs: Number(expiresAtMs),
      };
    },
  };
}

/** `push@my-app.iam.gserviceaccount.com` → `my-app`; null for an address of another kind. */
export function projectOfAccount(email: string): string | null {
  return /@([a-z0-9][a-z0-9.:-]*)\.iam\.gserviceaccount\.com$/i.exec(email)?.[1] ?? null;
}
