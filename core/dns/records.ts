/** The records that a sending domain should have, each with what it is for, and whether it may be pasted into real DNS. */
import { outboundIdentity, sharedPool } from './addresses.ts';
import type { RecordType } from './dns.ts';
import { dkimName, dkimText, dmarcText, inboundHosts, spfText } from './domain-records.ts';
import { reverseName } from './names.ts';
import type { PublishedDomain } from './zone-state.ts';

export const purposes = ['mx', 'spf', 'dkim', 'dmarc', 'ptr', 'helo'] as const;
export type Purpose = (typeof purposes)[number];

export interface ExpectedRecord {
  readonly name: string;
  readonly type: RecordType;
  readonly value: string;
  readonly purpose: Purpose;
  /** True outside too. What is not would break real mail when it is pasted into real DNS. */
  readonly paste: boolean;
  readonly why: string;
}

/** @param relayInclude what the relay that really sends wants included in SPF, e.g. `_spf.relay.example`; null without one */
export function expectedRecords(
  domain: PublishedDomain,
  relayInclude: string | null,
): readonly ExpectedRecord[] {
  const { name } = domain;
  const streams = Object.values(domain.streams).filter((stream) => stream !== null);
  return [
    ...domain.keys.flatMap((key) =>
      [name, ...streams].map(
        (host): ExpectedRecord => ({
          name: dkimName(key.selector, host),
          type: 'TXT',
          value: dkimText(key),
          purpose: 'dkim',
          paste: true,
          why: key.active
            ? `Receivers check the ${key.algorithm === 'rsa-sha256' ? 'RSA' : 'Ed25519'} signature of each message with it.`
            : 'An older key: mail that it signed may still be on its way. Remove it after some days.',
        }),
      ),
    ),
    {
      name: `_dmarc.${name}`,
      type: 'TXT',
      value: dmarcText(domain),
      purpose: 'dmarc',
      paste: true,
      why: 'Says what receivers do with mail that neither SPF nor DKIM ties to this domain.',
    },
    ...(relayInclude === null
      ? []
      : [
          {
            name,
            type: 'TXT' as const,
            value: `v=spf1 include:${relayInclude} ~all`,
            purpose: 'spf' as const,
            paste: true,
            why: 'Lets the live relay send for this domain. If there is an SPF record already, add the include to it: two are an error.',
          },
        ]),
    ...[name, `bounce.${name}`, ...streams].flatMap((host) => mailRecords(domain, host)),
    ...hostRecords(domain),
  ];
}

function mailRecords(domain: PublishedDomain, host: string): readonly ExpectedRecord[] {
  return [
    ...inboundHosts.map(
      (mx): ExpectedRecord => ({
        name: host,
        type: 'MX',
        value: `${mx.preference} ${mx.name}`,
        purpose: 'mx',
        paste: false,
        why: "Brings replies and bounces to the sandbox. In real DNS it would take your domain's mail away.",
      }),
    ),
    {
      name: host,
      type: 'TXT',
      value: spfText(domain),
      purpose: 'spf',
      paste: false,
      why: 'Names the simulated address that sends here. In real DNS it would forbid your real senders.',
    },
  ];
}

/** What the server that sends is called, from its address and back. */
function hostRecords(domain: PublishedDomain): readonly ExpectedRecord[] {
  const reverse = reverseName(domain.ip);
  const shared = domain.ip === sharedPool.ip ? ' It belongs to the shared pool.' : '';
  return [
    ...(reverse === null
      ? []
      : [
          {
            name: reverse,
            type: 'PTR' as const,
            value: domain.helo,
            purpose: 'ptr' as const,
            paste: false,
            why: `The name of the simulated address ${domain.ip}; large providers refuse senders without one.${shared}`,
          },
        ]),
    {
      name: outboundIdentity(domain).helo,
      type: 'A',
      value: domain.ip,
      purpose: 'helo',
      paste: false,
      why: 'What the server calls itself in EHLO; it should lead to the address that it comes from.',
    },
  ];
}
