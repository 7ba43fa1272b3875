/**
 * Who may talk to the API: names in `Host` against DNS rebinding, `Origin` and `Sec-Fetch-Site` against other sites'
 * pages, and off loopback a token.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { problem } from './problem.ts';

export interface GuardOptions {
  readonly allowHosts: readonly string[];
  readonly allowOrigins: readonly string[];
  /** Null on loopback, where the machine's own user is trusted. */
  readonly token: string | null;
  readonly basePath: string;
}

const cookieName = 'sandpost_token';
/** A container's health check knows no token, and these say nothing. */
const openPaths = ['/livez', '/readyz'];

export function guard(options: GuardOptions): MiddlewareHandler {
  const digest = options.token === null ? null : sha256(options.token);
  return async (c, next) => {
    const host = c.req.header('host');
    const path = c.req.path.slice(options.basePath.length);
    // Real providers come by whatever name a tunnel has. They know no token either: the addresses that they were given have
    // a key of their own, and what they say is signed.
    if (/^\/v1\/sms\/(?:reports|inbound)\//.test(path)) return next();
    if (/^\/s\//.test(path) && c.req.method === 'GET') return next();
    if (host === undefined || !hostAllowed(hostName(host), options.allowHosts)) {
      return problem(
        c,
        'forbidden',
        `The Host "${host ?? ''}" is not this server's; start with --allow-host NAME to allow it.`,
      );
    }
    // Readers of mail come from anywhere, in any page.
    if (/^\/t\//.test(path) && c.req.method === 'GET') return next();
    // So do those who unsubscribe, and their mail programs; the address is sealed and says what may be done.
    if (/^\/u\//.test(path) && ['GET', 'HEAD', 'POST'].includes(c.req.method)) return next();
    const foreign = foreignOrigin(c, host, options.allowOrigins);
    if (foreign !== null) return problem(c, 'forbidden', foreign);
    if (digest === null || openPaths.includes(path)) return next();
    const given = c.req.query('token');
    if (given !== undefined && path === '/' && sameDigest(digest, given)) {
      setCookie(c, cookieName, given, { httpOnly: true, sameSite: 'Strict', path: `${options.basePath}/` });
      return c.redirect(`${options.basePath}/`);
    }
    const bearer = /^Bearer +(.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    const cookie = getCookie(c, cookieName);
    if ([bearer, cookie].some((one) => one !== undefined && sameDigest(digest, one))) return next();
    if (cookie !== undefined) deleteCookie(c, cookieName, { path: `${options.basePath}/` });
    return problem(
      c,
      'unauthorized',
      'Open the address with ?token=…, or send Authorization: Bearer …; Sandpost printed the token when it started.',
    );
  };
}

function hostAllowed(name: string, allowed: readonly string[]): boolean {
  if (['localhost', '127.0.0.1', '[::1]', 'host.docker.internal'].includes(name)) return true;
  if (name.endsWith('.localhost') || /^127(?:\.\d{1,3}){3}$/.test(name)) return true;
  return allowed.some((one) => one === '*' || one.toLowerCase() === name);
}

function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '');
}

/** @returns why the request is refused, or null */
function foreignOrigin(c: Context, host: string, allowed: readonly string[]): string | null {
  const origin = c.req.header('origin');
  if (origin !== undefined) {
    if (allowed.includes(origin)) return null;
    // A message in its sandboxed frame has the origin `null`.
    if (origin === 'null') return 'Requests of the origin "null" are refused.';
    const own = hostName(origin.replace(/^https?:\/\//i, ''));
    const same = origin.replace(/^https?:\/\//i, '').toLowerCase() === host.toLowerCase();
    return same || c.req.header('x-forwarded-host')?.toLowerCase() === own
      ? null
      : `The origin ${origin} may not call this server; start with --allow-origin to allow it.`;
  }
  const site = c.req.header('sec-fetch-site');
  const crossSite = site === 'cross-site' || site === 'same-site';
  const navigation =
    // A link to the screen is welcome from anywhere; to what the API serves it is not.
    c.req.header('sec-fetch-mode') === 'navigate' &&
    c.req.header('sec-fetch-dest') === 'document' &&
    !c.req.path.includes('/v1/');
  return crossSite && !navigation ? 'Requests from pages of other sites are refused.' : null;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function sameDigest(digest: Buffer, given: string): boolean {
  return timingSafeEqual(digest, sha256(given));
}
