/**
 * The callback rule: what Sandpost calls by itself (webhooks, one-click unsubscribes, links that a simulated recipient
 * opens) goes to this machine only, or to hosts that the user named. A name counts only when it cannot be another
 * machine's: `localhost`, what ends in `.localhost` (RFC 6761 §6.3), and literal loopback addresses.
 */
import { isIP } from 'node:net';

/** @returns null when it may be called, else why not and what to do */
export function callbackFault(url: string, allowedHosts: readonly string[]): string | null {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return 'it is not a web address; give one like http://localhost:3000/hooks';
  }
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')
    return `${parsed.protocol} is not called; use http or https`;
  if (parsed.username !== '' || parsed.password !== '')
    return 'it carries a user name or password; leave these out';
  const host = parsed.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (isLoopbackHost(host) || allowedHosts.some((allowed) => matches(allowed.toLowerCase(), host)))
    return null;
  return `${host} is not this machine; nothing leaves it unasked. Allow the host with --callback-host ${host}`;
}

export function isLoopbackHost(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  return isIP(host) === 4 ? host.startsWith('127.') : host === '::1';
}

/** `host`, `*.domain`, or `private` for the private ranges (RFC 1918, RFC 4193), which containers need. */
function matches(allowed: string, host: string): boolean {
  if (allowed === 'private') return isPrivate(host);
  if (allowed.startsWith('*.')) return host.endsWith(allowed.slice(1));
  return allowed === host;
}

function isPrivate(host: string): boolean {
  if (isIP(host) === 6) return /^f[cd]/.test(host);
  if (isIP(host) !== 4) return host === 'host.docker.internal';
  const [first = 0, second = 0] = host.split('.').map(Number);
  return first === 10 || (first === 172 && second >= 16 && second < 32) || (first === 192 && second === 168);
}
