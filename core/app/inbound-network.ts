/**
 * The last step of an inbound route. A domain whose mail the app takes itself has a host of its own as MX, for the core's
 * eyes only, and that host is the app's SMTP server; for every other name DNS and network stay as they are.
 */
import { connect, type Socket } from 'node:net';
import type { Network } from '../delivery/network.ts';
import type { DnsAnswer, Resolver } from '../dns/dns.ts';
import { callbackFault } from '../model/callback-rule.ts';
import type { InboundRoute } from '../model/sending-domain.ts';
import { firstFault, withoutLookup } from './local-names.ts';

type SmtpRoute = Extract<InboundRoute, { kind: 'smtp' }>;
export type RouteOf = (domain: string) => InboundRoute | null;

const connectMsMax = 10_000;
const prefix = 'inbound-route.';
/** From the range for documentation (RFC 5737), where the providers' hosts are too; nobody else has it. */
const routeAddress = '198.51.100.254';

export function inboundResolver(resolver: Resolver, routeOf: RouteOf): Resolver {
  return {
    async query(name, type) {
      const domain = name.toLowerCase();
      if (type === 'MX' && isSmtp(routeOf(domain))) {
        const found = await resolver.query(name, type);
        // A domain that is broken in the DNS gets nothing by its inbound route either.
        return found.records.some((record) => record.type === 'MX' && record.exchange !== '')
          ? answer({ name: domain, ttlS: 0, type: 'MX', preference: 0, exchange: prefix + domain })
          : found;
      }
      if (smtpRouteOf(domain, routeOf) === null) return resolver.query(name, type);
      if (type === 'A') return answer({ name: domain, ttlS: 0, type: 'A', address: routeAddress });
      return { code: 'NOERROR', records: [] };
    },
  };
}

export function inboundNetwork(
  sandbox: Network,
  routeOf: RouteOf,
  callbackHosts: readonly string[],
): Network {
  return {
    connect(to, connection) {
      const route = smtpRouteOf(to.host, routeOf);
      return route === null ? sandbox.connect(to, connection) : toApp(route, callbackHosts);
    },
  };
}

function answer(record: DnsAnswer['records'][number]): DnsAnswer {
  return { code: 'NOERROR', records: [record] };
}

function isSmtp(route: InboundRoute | null): route is SmtpRoute {
  return route?.kind === 'smtp';
}

function smtpRouteOf(host: string, routeOf: RouteOf): SmtpRoute | null {
  if (!host.startsWith(prefix)) return null;
  const route = routeOf(host.slice(prefix.length));
  return isSmtp(route) ? route : null;
}

function toApp({ host, port }: SmtpRoute, callbackHosts: readonly string[]): Promise<Socket> {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
  const fault = callbackFault(url, callbackHosts);
  if (fault !== null) return Promise.reject(new Error(`the inbound route cannot be taken: ${fault}`));
  // What was judged is what is called: some texts are one host as a web address and another one to the system.
  const judged = new URL(url).hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const socket = connect({ host: judged, port, timeout: connectMsMax, ...withoutLookup(judged) });
    const failed = (error: Error): void => {
      socket.destroy();
      reject(firstFault(error));
    };
    socket.once('error', failed);
    socket.once('timeout', () =>
      failed(Object.assign(new Error(`${host}:${port} did not answer`), { code: 'ETIMEDOUT' })),
    );
    socket.once('connect', () => {
      socket.off('error', failed);
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}
