/** The simulated internet, for mail: where an address leads to one of the providers' hosts, and nowhere else. */
import { connect, type Socket } from 'node:net';
import type { Network, OutboundConnection } from '../delivery/network.ts';
import { oddDomains } from '../model/mail-provider.ts';
import { type FoundHost, hostAt, type InnerConnections } from './mx/inner-door.ts';
import { hostsOf, type ProviderBook } from './provider-book.ts';

const smtpPort = 25;
/** Ports that systems take for outgoing connections (RFC 6335 §6); only shown. */
const ephemeral = { from: 49_152, count: 16_384 } as const;

export interface NetworkPorts {
  readonly book: ProviderBook;
  readonly connections: InnerConnections;
  /** Where the inner door listens, on loopback. */
  readonly innerPort: number;
  random(): number;
}

export function sandboxNetwork(ports: NetworkPorts): Network {
  return {
    async connect(to, connection) {
      const found = findHost(to);
      if (found === null) throw networkError('EHOSTUNREACH', `${to.address} is no host of the sandbox`, to);
      if (to.port !== smtpPort) throw networkError('ECONNREFUSED', `nothing listens on port ${to.port}`, to);
      const refusal = connection.orders?.decisions.find(
        ({ action }) => action.do === 'refuseConnection' && action.how === 'reset',
      );
      if (refusal !== undefined) {
        const { cause, action, point } = refusal;
        connection.orders?.carriedOut({ recipient: null, cause, action: action.do, point });
        throw networkError('ECONNREFUSED', `${found.host.name} refuses connections`, to);
      }
      const settings = ports.book.provider(found.provider.key);
      if (settings.downHosts.includes(found.host.name)) {
        throw settings.hostsTimeOut
          ? networkError('ETIMEDOUT', `${found.host.name} does not answer`, to)
          : networkError('ECONNREFUSED', `${found.host.name} is down`, to);
      }
      return open(ports, found, connection);
    },
  };
}

/** A domain without MX but with an address gets its mail there (RFC 5321 §5.1): the default provider stands for it. */
function findHost(to: { readonly host: string; readonly address: string }): FoundHost | null {
  const found = hostAt(to.address);
  if (found !== null || to.host.toLowerCase() !== oddDomains.addressOnly) return found;
  const provider = hostsOf('default');
  const [host] = provider.mx;
  return host === undefined ? null : { provider, host };
}

function open(ports: NetworkPorts, found: FoundHost, connection: OutboundConnection): Promise<Socket> {
  return new Promise((resolve, reject) => {
    ports.connections.add(connection);
    const socket = connect({ host: '127.0.0.1', port: ports.innerPort, noDelay: true });
    socket.once('close', () => ports.connections.remove(connection));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      const port = ephemeral.from + Math.floor(ports.random() * ephemeral.count);
      socket.write(ports.connections.header(connection, port, found.host.address));
      resolve(socket);
    });
  });
}

function networkError(
  code: string,
  text: string,
  to: { readonly address: string; readonly port: number },
): Error {
  return Object.assign(new Error(`${code}: ${text}`), { code, address: to.address, port: to.port });
}
