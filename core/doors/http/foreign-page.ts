/** Who asks, where no `Origin` says it: web pages of other sites, which are none of the servers that doors are for. */
import { hostOf } from './routing.ts';

export interface Asker {
  /** `Sec-Fetch-Site`. */
  readonly site: string | null;
  readonly host: string | null;
  /** `User-Agent`. */
  readonly agent: string | null;
}

/**
 * Browsers leave `Origin` out of a GET of the page's own site, and of pictures and the like of any. A site that has its name
 * lead to this machine (DNS rebinding) is its own site to the browser, so that the name that was asked for stands for the
 * page; an address of numbers cannot be led elsewhere. Servers say neither of these.
 *
 * @param isKnown whether a name, with its port, is one that pages may come from
 * @returns null: nothing speaks against it; else what is refused
 * Source: https://www.w3.org/TR/fetch-metadata/
 */
export function foreignPage({ site, host, agent }: Asker, isKnown: (host: string) => boolean): string | null {
  if (site === 'cross-site') return 'another site';
  if (host === null || agent === null || !agent.startsWith('Mozilla/')) return null;
  const name = hostOf(host);
  const isNumbers = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(name) || name.includes(':');
  if (isNumbers || !name.includes('.') || name === 'host.docker.internal') return null;
  return isKnown(host) ? null : host;
}

/** Names that no other machine can have (RFC 6761 §6.3), and addresses of this one. */
export function isLoopbackName(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '::1' ||
    /^127(?:\.\d{1,3}){3}$/.test(host)
  );
}
