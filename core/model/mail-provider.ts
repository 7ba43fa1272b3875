/**
 * The simulated mailbox providers, as far as the DNS and the far side must agree on them. Addresses are from the
 * ranges for documentation (RFC 5737, RFC 3849): 198.51.100.0/24 takes mail in, 203.0.113.0/24 sends it out.
 */
export const providerKeys = ['gmail', 'outlook', 'yahoo', 'corporate', 'default', 'own'] as const;
export type ProviderKey = (typeof providerKeys)[number];

export interface MxHost {
  readonly name: string;
  readonly preference: number;
  readonly address: string;
  readonly address6: string | null;
}

export interface ProviderHosts {
  readonly key: ProviderKey;
  readonly title: string;
  /** Recipient domains that are its own; every other one belongs to `default`, the app's own domains to `own`. */
  readonly domains: readonly string[];
  readonly mx: readonly MxHost[];
  /** Where its own mail (DSNs, replies) comes from. */
  readonly outbound: { readonly ip: string; readonly helo: string };
}

const hosts = (key: ProviderKey, net: number, count: number): readonly MxHost[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `mx${index + 1}.${key}.sandpost.example`,
    preference: (index + 1) * 10,
    address: `198.51.100.${net + index}`,
    address6: index === 0 ? `2001:db8:2525::${net}` : null,
  }));

export const mailProviders: readonly ProviderHosts[] = [
  {
    key: 'gmail',
    title: 'Gmail-like',
    domains: ['gmail.com', 'googlemail.com'],
    mx: hosts('gmail', 11, 3),
    outbound: { ip: '203.0.113.11', helo: 'out.gmail.sandpost.example' },
  },
  {
    key: 'outlook',
    title: 'Outlook-like',
    domains: ['outlook.com', 'hotmail.com', 'live.com', 'msn.com'],
    mx: hosts('outlook', 21, 2),
    outbound: { ip: '203.0.113.21', helo: 'out.outlook.sandpost.example' },
  },
  {
    key: 'yahoo',
    title: 'Yahoo-like',
    domains: ['yahoo.com', 'ymail.com', 'rocketmail.com', 'aol.com'],
    mx: hosts('yahoo', 31, 3),
    outbound: { ip: '203.0.113.31', helo: 'out.yahoo.sandpost.example' },
  },
  {
    key: 'corporate',
    title: 'Corporate',
    domains: ['corp.example', 'bigcorp.example'],
    mx: hosts('corporate', 41, 2),
    outbound: { ip: '203.0.113.41', helo: 'out.corporate.sandpost.example' },
  },
  {
    key: 'default',
    title: 'Default',
    domains: [],
    mx: hosts('default', 51, 2),
    outbound: { ip: '203.0.113.51', helo: 'out.default.sandpost.example' },
  },
  {
    key: 'own',
    title: 'Your own domains',
    domains: [],
    mx: hosts('own', 61, 1),
    outbound: { ip: '203.0.113.61', helo: 'out.own.sandpost.example' },
  },
];

/** Recipient domains that go wrong in the DNS, without any set-up. `*.invalid` does not exist (RFC 2606 §2). */
export const oddDomains = {
  nullMx: 'null-mx.example',
  timesOut: 'dns-timeout.example',
  serverFails: 'dns-servfail.example',
  /** Exists, with neither MX nor address. */
  noAddress: 'no-address.example',
  /** No MX, an address only: mail goes there (RFC 5321 §5.1). */
  addressOnly: 'address-only.example',
} as const;

/** The provider that takes mail for a recipient's domain. `own`: names of the app's sending domains. */
export function providerOf(domain: string, own: (domain: string) => boolean): ProviderHosts {
  const name = domain.toLowerCase();
  const key: ProviderKey = own(name) ? 'own' : (byDomain.get(name) ?? 'default');
  const found = mailProviders.find((provider) => provider.key === key);
  if (found === undefined) throw new Error(`there is no provider ${key}`);
  return found;
}

const byDomain = new Map(
  mailProviders.flatMap((provider) => provider.domains.map((domain) => [domain, provider.key] as const)),
);
