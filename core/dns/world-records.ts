/** Records that are always there: the simulated providers, the sandbox's own hosts, the domains that are odd. */
import { mailProviders, oddDomains, type ProviderHosts, type ProviderKey } from '../model/mail-provider.ts';
import { relayHost, sharedPool, wrongHost } from './addresses.ts';
import type { DnsRecord } from './dns.ts';
import { dkimName, dkimText, ttlS, vendorRecords } from './domain-records.ts';
import { reverseName } from './names.ts';
import type { PublishedKey } from './zone-state.ts';

/** Everything of the sandbox's own stands under this name; what is not in it does not exist. */
export const ownZone = 'sandpost.example';
export const nameServer = `ns.${ownZone}`;
export const zoneAdmin = `hostmaster.${ownZone}`;

/** What the real ones publish, roughly: who sends with a From of theirs through another server learns why it fails. */
const dmarcOf: Readonly<Record<ProviderKey, string | null>> = {
  gmail: 'v=DMARC1; p=none; sp=quarantine',
  outlook: 'v=DMARC1; p=none; sp=quarantine',
  yahoo: 'v=DMARC1; p=reject',
  corporate: 'v=DMARC1; p=quarantine; adkim=s; aspf=s',
  default: null,
  own: null,
};

export const worldRecords: readonly DnsRecord[] = [
  ...mailProviders.flatMap(providerRecords),
  ...vendorRecords,
  { name: nameServer, ttlS, type: 'A', address: '127.0.0.1' },
  ...sender(sharedPool.helo, sharedPool.ip),
  ...sender(relayHost.helo, relayHost.ip),
  { name: wrongHost.name, ttlS, type: 'A', address: wrongHost.ip },
  // RFC 7505: one MX of preference 0 that names the root.
  { name: oddDomains.nullMx, ttlS, type: 'MX', preference: 0, exchange: '' },
  { name: oddDomains.addressOnly, ttlS, type: 'A', address: hostsOf('default').mx[0]?.address ?? '' },
  ...reversed(sharedPool.ip, sharedPool.helo),
  ...reversed(relayHost.ip, relayHost.helo),
];

/** What every name answers that nothing else is known of: its mail is taken by the default provider. */
export function anyDomainRecords(name: string): readonly DnsRecord[] {
  return mailExchangers(name, hostsOf('default'));
}

/** The providers sign what they send themselves: DSNs, replies, reports. */
export function providerKeyRecords(keys: readonly PublishedKey[]): readonly DnsRecord[] {
  return mailProviders.flatMap((provider) =>
    sendingNames(provider).flatMap((name) =>
      keys.map(
        (key): DnsRecord => ({ name: dkimName(key.selector, name), ttlS, type: 'TXT', text: dkimText(key) }),
      ),
    ),
  );
}

export function hostsOf(key: ProviderKey): ProviderHosts {
  const found = mailProviders.find((provider) => provider.key === key);
  if (found === undefined) throw new Error(`there is no provider ${key}`);
  return found;
}

/** The domain that a provider's own servers are in: `gmail.sandpost.example`. */
export function providerDomain(key: ProviderKey): string {
  return `${key}.${ownZone}`;
}

function sendingNames(provider: ProviderHosts): readonly string[] {
  return [...provider.domains, providerDomain(provider.key)];
}

function providerRecords(provider: ProviderHosts): readonly DnsRecord[] {
  const { ip, helo } = provider.outbound;
  const dmarc = dmarcOf[provider.key];
  return [
    ...sendingNames(provider).flatMap((name): readonly DnsRecord[] => [
      ...mailExchangers(name, provider),
      { name, ttlS, type: 'TXT', text: `v=spf1 ip4:${ip} -all` },
    ]),
    ...(dmarc === null
      ? []
      : provider.domains.map(
          (name): DnsRecord => ({ name: `_dmarc.${name}`, ttlS, type: 'TXT', text: dmarc }),
        )),
    ...provider.mx.flatMap((host) => [
      { name: host.name, ttlS, type: 'A' as const, address: host.address },
      ...(host.address6 === null
        ? []
        : [{ name: host.name, ttlS, type: 'AAAA' as const, address: host.address6 }]),
      ...reversed(host.address, host.name),
      ...(host.address6 === null ? [] : reversed(host.address6, host.name)),
    ]),
    ...sender(helo, ip),
    ...reversed(ip, helo),
  ];
}

function mailExchangers(name: string, provider: ProviderHosts): readonly DnsRecord[] {
  const [first] = provider.mx;
  return [
    ...provider.mx.map(
      (host): DnsRecord => ({
        name,
        ttlS,
        type: 'MX',
        preference: host.preference,
        exchange: host.name,
      }),
    ),
    ...(first === undefined ? [] : [{ name, ttlS, type: 'A' as const, address: first.address }]),
  ];
}

/** A host that sends: it leads to its address, and may say HELO (RFC 7208 §2.3). */
function sender(name: string, ip: string): readonly DnsRecord[] {
  return [
    { name, ttlS, type: 'A', address: ip },
    { name, ttlS, type: 'TXT', text: `v=spf1 ip4:${ip} -all` },
  ];
}

function reversed(address: string, target: string): readonly DnsRecord[] {
  const name = reverseName(address);
  return name === null ? [] : [{ name, ttlS, type: 'PTR', target }];
}
