/** Which provider a request is for: by the host it names, or by the first part of its path. */
import type { ProviderRoute } from './provider-request.ts';

export interface Routed {
  readonly route: ProviderRoute;
  readonly path: string;
  readonly query: string;
  /** The path's prefix that was taken off; empty where the host said whose it is. */
  readonly prefix: string;
}

export interface Routing {
  /**
   * @param target path with query, or a whole address
   * @param hosts names that the request goes by, the surest first, lower case and without port
   */
  find(target: string, hosts: readonly string[]): Routed | null;
  /** Whether some route answers for that host. */
  knows(host: string): boolean;
  /** Whom there is, for a client that asked for nobody. */
  readonly listed: { readonly prefixes: readonly string[]; readonly hosts: readonly string[] };
}

/** By host where one is a provider's; else by the first part of the path. */
export function byName(routes: readonly ProviderRoute[]): Routing {
  return routing(routes, (route) => route.prefix);
}

/** A proxy's: by host alone, for a path at another host is nothing of ours. */
export function byHost(routes: readonly ProviderRoute[]): Routing {
  return routing(routes, () => '');
}

function routing(routes: readonly ProviderRoute[], prefixOf: (route: ProviderRoute) => string): Routing {
  const exact = new Map<string, ProviderRoute[]>();
  const wild = new Map<string, ProviderRoute[]>();
  const prefixes = new Map<string, ProviderRoute>();
  for (const route of routes) {
    for (const host of route.hosts) {
      const [map, name] = host.startsWith('*.') ? [wild, host.slice(2)] : [exact, host];
      const sharing = map.get(name);
      if (sharing === undefined) map.set(name, [route]);
      else sharing.push(route);
    }
    const prefix = prefixOf(route);
    if (prefix !== '' && !prefixes.has(prefix)) prefixes.set(prefix, route);
  }
  const ofHost = (host: string): readonly ProviderRoute[] | undefined =>
    exact.get(host) ?? wild.get(host.slice(host.indexOf('.') + 1));
  return {
    find(target, hosts) {
      const { path, query } = parts(target);
      for (const host of hosts) {
        const sharing = ofHost(host);
        const route = sharing === undefined ? null : ofPath(sharing, path);
        if (route !== null) return { route, path, query, prefix: '' };
      }
      const end = path.indexOf('/', 1);
      const prefix = end < 0 ? path : path.slice(0, end);
      const route = prefixes.get(prefix);
      return route === undefined ? null : { route, path: end < 0 ? '/' : path.slice(end), query, prefix };
    },
    knows: (host) => ofHost(host) !== undefined,
    listed: {
      prefixes: [...prefixes.keys()],
      hosts: [...new Set(routes.flatMap((route) => route.hosts))],
    },
  };
}

/** A listener of one provider's own: by host where several routes are there, else the first. */
export function atRoot(routes: readonly ProviderRoute[]): Routing {
  const named = byHost(routes);
  const [first] = routes;
  return {
    find(target, hosts) {
      const { path, query } = parts(target);
      const route = named.find(target, hosts)?.route ?? first;
      return route === undefined ? null : { route, path, query, prefix: '' };
    },
    knows: named.knows,
    listed: { prefixes: [], hosts: named.listed.hosts },
  };
}

/** Of the routes that share a host the one whose path it is; else the one that takes what is left. */
function ofPath(sharing: readonly ProviderRoute[], path: string): ProviderRoute | null {
  for (const route of sharing) if (route.paths?.some((begin) => path.startsWith(begin))) return route;
  return sharing.find((route) => route.paths === undefined) ?? null;
}

function parts(target: string): { readonly path: string; readonly query: string } {
  const from = target.startsWith('/') ? 0 : pathOfAddress(target);
  const mark = target.indexOf('?', from);
  if (mark < 0) return { path: from === 0 ? target : target.slice(from) || '/', query: '' };
  return { path: target.slice(from, mark) || '/', query: target.slice(mark + 1) };
}

/** Where the path begins in `http://host/path` (RFC 9112 §3.2.2: a server takes whole addresses too). */
function pathOfAddress(target: string): number {
  const scheme = target.indexOf('://');
  if (scheme < 0) return 0;
  const slash = target.indexOf('/', scheme + 3);
  return slash < 0 ? target.length : slash;
}

/** Host of an authority, without user, port, brackets, and the dot of the root (RFC 1034 §3.1); lower case. */
export function hostOf(authority: string): string {
  const host = authority.slice(authority.lastIndexOf('@') + 1).toLowerCase();
  if (host.startsWith('[')) return host.slice(1, Math.max(1, host.indexOf(']')));
  const colon = host.indexOf(':');
  const name = colon < 0 ? host : host.slice(0, colon);
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

/** Authority of a whole address as a request's target; null where the target is a path. */
export function authorityOf(target: string): string | null {
  const scheme = target.indexOf('://');
  if (scheme < 0 || target.startsWith('/')) return null;
  const slash = target.indexOf('/', scheme + 3);
  return target.slice(scheme + 3, slash < 0 ? undefined : slash);
}
