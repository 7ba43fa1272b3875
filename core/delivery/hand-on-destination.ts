/** Where a request goes that is handed on: to the host that its app meant, or to what the relay has in its place. Pure. */
import type { Passing, WholeRequest } from '../doors/http/handing-on.ts';
import type { RelaySettings } from '../model/live-relay.ts';
import type { Destination } from './upstream.ts';

export interface Place {
  readonly to: Destination;
  /** Path with query. */
  readonly target: string;
  /** Host and port, as it is shown. */
  readonly name: string;
  /** Why nothing can go there; null: it can. */
  readonly fault: string | null;
}

const httpsPort = 443;

/** @param httpVersion that the app spoke: the same is spoken to the provider, where that does */
export function destinationOf(
  passing: Passing,
  relay: RelaySettings,
  httpVersion: WholeRequest['httpVersion'],
): Place {
  const given = passing.url(relay);
  const http2 = passing.http2Only ? 'only' : httpVersion === '2' ? 'offered' : 'never';
  // Whatever the relay trusts is for its own provider.
  const ca = relay.kind === passing.provider ? relay.ca : null;
  if (given === null) {
    const host = passing.host(relay);
    const to: Destination = { scheme: 'https', host, port: httpsPort, ca, http2 };
    return { to, target: passing.target ?? '/', name: host, fault: null };
  }
  const nowhere: Destination = { scheme: 'https', host: 'invalid', port: httpsPort, ca, http2 };
  if (!URL.canParse(given))
    return { to: nowhere, target: '/', name: given, fault: `the relay's address ${given} is no URL` };
  const url = new URL(given);
  const plain = url.protocol === 'http:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? (plain ? 80 : httpsPort) : Number(url.port);
  return {
    to: { scheme: plain ? 'http' : 'https', host, port, ca, http2: plain ? 'never' : http2 },
    target:
      passing.target === null ? url.pathname + url.search : url.pathname.replace(/\/+$/, '') + passing.target,
    name: url.host,
    fault: plain || url.protocol === 'https:' ? null : `the relay's address ${given} is not of https`,
  };
}
