/**
 * The way from the core to the providers: the connections that it made, told apart by a PROXY header with a secret of
 * this run. What has no such header is nobody's business here and is closed.
 */
import { timingSafeEqual } from 'node:crypto';
import type { OutboundConnection } from '../../delivery/network.ts';
import { sameAddress } from '../../doors/smtp/ip-address.ts';
import { encodeProxyHeader, type ProxyHeader } from '../../doors/smtp/proxy-header.ts';
import type { SmtpSession } from '../../doors/smtp/session.ts';
import { type MxHost, mailProviders, type ProviderHosts } from '../../model/mail-provider.ts';
import type { MxGate } from './gate.ts';

/** First of the types for one's own use (PROXY protocol, section 2.2.7). */
const secretValueType = 0xe0;
const secretBytes = 32;
const smtpPort = 25;

export interface FoundHost {
  readonly provider: ProviderHosts;
  readonly host: MxHost;
}

export class InnerConnections {
  readonly #secret: Buffer;
  readonly #connections = new Map<string, OutboundConnection>();

  /** @param secret random, of this run */
  constructor(secret: Buffer) {
    if (secret.length !== secretBytes) throw new Error(`the secret must have ${secretBytes} bytes`);
    this.#secret = secret;
  }

  header({ id, fromIp }: OutboundConnection, port: number, to: string): Buffer {
    if (fromIp === null) throw new Error('a connection to the real internet came to the simulated one');
    return encodeProxyHeader({
      ends: {
        source: { address: fromIp, port },
        destination: { address: to, port: smtpPort },
      },
      values: [{ type: secretValueType, value: Buffer.concat([this.#secret, Buffer.from(id)]) }],
    });
  }

  add(connection: OutboundConnection): void {
    this.#connections.set(connection.id, connection);
  }

  remove(connection: OutboundConnection): void {
    this.#connections.delete(connection.id);
  }

  /** @returns whether the header is one of ours, for a connection that is under way */
  take(header: ProxyHeader, session: SmtpSession, gate: MxGate): boolean {
    if (header.ends === null) return false;
    const value = Buffer.from(header.values.find(({ type }) => type === secretValueType)?.value ?? []);
    if (value.length <= secretBytes || !timingSafeEqual(value.subarray(0, secretBytes), this.#secret))
      return false;
    const connection = this.#connections.get(value.toString('utf8', secretBytes));
    const found = hostAt(header.ends.destination.address);
    if (connection === undefined || found === null) return false;
    session.peer = {
      address: header.ends.source.address,
      port: header.ends.source.port,
      name: null,
      destination: header.ends.destination.address,
      by: 'proxy',
    };
    gate.enter(session, connection, found.provider, found.host);
    return true;
  }
}

/** The MX host that has an address. */
export function hostAt(address: string): FoundHost | null {
  return hosts.get(sameAddress(address) ?? address) ?? null;
}

const hosts: ReadonlyMap<string, FoundHost> = new Map(
  mailProviders.flatMap((provider) =>
    provider.mx.flatMap((host) =>
      [host.address, host.address6].flatMap((address) =>
        address === null ? [] : [[address, { provider, host }] as const],
      ),
    ),
  ),
);
