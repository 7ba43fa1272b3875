/**
 * Who may ask, and for whom. As Novu, Knock and Courier have it: a publishable key in the page, and for each user an
 * HMAC-SHA256 of the user's id (hex) that the app's backend made with the secret key.
 * Sources: docs.novu.co (Inbox, HMAC encryption), docs.knock.app (enhanced security mode), www.courier.com/docs (inbox).
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Asker, foreignPage as foreignPageOf, isLoopbackName } from '../../doors/http/foreign-page.ts';
import { hostOf } from '../../doors/http/routing.ts';
import type { InAppDoorSettings } from './settings.ts';

export interface Credentials {
  readonly key: string | null;
  readonly hash: string | null;
}

export interface Denied {
  readonly code: 'unauthorized' | 'forbidden';
  readonly detail: string;
}

/** What a request carries: fields first, and the query for what cannot set fields (WebSockets, event streams). */
export function credentialsOf(
  field: (name: string) => string | null,
  query: Pick<URLSearchParams, 'get'>,
): Credentials {
  const bearer = /^Bearer\s+(.+)$/i.exec(field('authorization') ?? '')?.[1]?.trim() ?? null;
  return {
    key: bearer ?? query.get('key'),
    hash: field('x-user-hash') ?? query.get('hash'),
  };
}

/** For one user. @param user null: the request names none, and its message says whose it is */
export function userDenied(
  { key, hash }: Credentials,
  user: string | null,
  settings: InAppDoorSettings,
): Denied | null {
  const { requireKey, requireHash, publishableKey, secretKey } = settings;
  const isSecret = key !== null && isSame(key, secretKey);
  if (requireKey && !isSecret && (key === null || !isSame(key, publishableKey)))
    return {
      code: 'unauthorized',
      detail:
        key === null
          ? 'A key is needed: Authorization: Bearer pk_… (GET /v1/inapp/settings shows it), or ?key=.'
          : 'The key is not the one that GET /v1/inapp/settings shows.',
    };
  if (!requireHash || isSecret) return null;
  if (user === null)
    return {
      code: 'forbidden',
      detail: 'Say for which user, with ?user=, and send the hash of that user’s id.',
    };
  if (hash !== null && isSame(hash.toLowerCase(), userHash(user, secretKey))) return null;
  return {
    code: 'forbidden',
    detail:
      hash === null
        ? 'A hash of the user’s id is needed: X-User-Hash (or ?hash=), the HMAC-SHA256 of the id with the secret key, in hex. Make it in the app’s backend.'
        : 'The hash is not that of this user: HMAC-SHA256 of the user’s id, with the secret key, in hex.',
  };
}

/**
 * For what only the app's backend may do: to send, and to be told of all users of a message. Hashes want the secret key as
 * well: whoever may not read as another user may not write to them either.
 */
export function backendDenied({ key }: Credentials, settings: InAppDoorSettings): Denied | null {
  const { requireKey, requireHash, secretKey } = settings;
  if ((!requireKey && !requireHash) || (key !== null && isSame(key, secretKey))) return null;
  return {
    code: key === null ? 'unauthorized' : 'forbidden',
    detail:
      'This is for the app’s backend: Authorization: Bearer sk_… with the secret key (GET /v1/inapp/secret-key shows it).',
  };
}

export function userHash(user: string, secretKey: string): string {
  return createHmac('sha256', secretKey).update(user).digest('hex');
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Whether a page of that origin may ask. One that has none (`null`: a file, a sandboxed frame) only where all may. */
export function isAllowedOrigin(origin: string, { allowedOrigins }: InAppDoorSettings): boolean {
  if (allowedOrigins.includes('*') || allowedOrigins.includes(origin.toLowerCase())) return true;
  const scheme = origin.indexOf('://');
  return scheme > 0 && isLoopbackName(hostOf(origin.slice(scheme + 3)));
}

/** Who asks, where no `Origin` says it. @returns null: nothing speaks against it; else what is refused */
export function foreignPage(asker: Asker, settings: InAppDoorSettings): string | null {
  if (settings.allowedOrigins.includes('*')) return null;
  return foreignPageOf(asker, (host) =>
    ['http', 'https'].some((scheme) => isAllowedOrigin(`${scheme}://${host}`, settings)),
  );
}
