/** Wires the DNS of the sandbox: the sending domains, kept in the store, and the door that outside programs ask. */
import type { Clock } from '../clock.ts';
import { makeKeyPair } from '../dns/keys.ts';
import type { RealDns } from '../dns/real-records.ts';
import { openSendingDomains, type SendingDomains } from '../dns/sending-domains.ts';
import { openDnsServer } from '../dns/server.ts';
import { listen } from '../doors/listen.ts';
import type { Seal } from '../store/seal.ts';
import type { Store } from '../store/store.ts';

export interface Names {
  readonly domains: SendingDomains;
  readonly ports: Readonly<Record<string, number>>;
  close(): Promise<void>;
}

export interface NamesPorts {
  readonly store: Store;
  readonly seal: Seal;
  readonly clock: Clock;
  readonly realDns: RealDns;
  readonly hosts: readonly string[];
  readonly port: number | 'off';
  readonly strict: boolean;
  readonly onProblem: (text: string) => void;
}

export async function openNames(ports: NamesPorts): Promise<Names> {
  const { store, onProblem } = ports;
  const domains = await openSendingDomains(
    {
      documents: {
        load: (kind) => store.documents(kind),
        save: (kind, key, value) =>
          value === null ? store.deleteDocument(kind, key) : store.saveDocument(kind, key, value),
      },
      seal: ports.seal,
      clock: ports.clock,
      makeKeyPair,
      realDns: ports.realDns,
      onProblem,
    },
    { strict: ports.strict, relayInclude: null },
  );
  if (ports.port === 'off') return { domains, ports: {}, close: () => Promise.resolve() };
  const server = await openDnsServer(domains.zones, {
    hosts: ports.hosts,
    port: ports.port,
    listen,
    onProblem,
  });
  return { domains, ports: { dns: server.port }, close: () => server.close() };
}
