/** Whom real servers are checked against, and which of them may be spoken to. */
import { isIP } from 'node:net';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { TrustedCa } from '../model/live-relay.ts';

let known: readonly string[] | null = null;

/** What this machine trusts, what Node brings along, and a company's own: read once. */
function systemRoots(): readonly string[] {
  known ??= [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
  return known;
}

/** @param own certificate and key that we show ourselves, PEM @throws when one of them cannot be read */
export function trusting(
  ca: TrustedCa,
  own: { readonly cert: string; readonly key: string } | null = null,
): SecureContext {
  return createSecureContext({ ca: [...systemRoots(), ...(ca === null ? [] : [ca])], ...own });
}

/** Made when it is first needed, and the same from then on. */
export function trustOnce(ca: TrustedCa): () => SecureContext {
  let made: SecureContext | null = null;
  return () => {
    made ??= trusting(ca);
    return made;
  };
}

/** What is secret goes over TLS; on this machine nobody listens in. @returns why that address is not used, or null */
export function addressFault(url: string): string | null {
  if (!URL.canParse(url)) return `${url} is no address`;
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || (protocol === 'http:' && isOwnMachine(hostname))) return null;
  return `${url} is not https: what goes to it could be read on the way`;
}

export function isOwnMachine(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname === '[::1]' ||
    hostname === '::1' ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname)
  );
}

/** SNI has names alone (RFC 6066 §3). */
export function serverName(hostname: string): string {
  return isIP(hostname) === 0 ? hostname : '';
}

/** Variables of the environment have `\n` where a PEM has its line ends. */
export function pemOf(text: string): string {
  return text.includes('\n') ? text : text.replaceAll('\\n', '\n');
}
