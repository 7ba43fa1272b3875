/** The records of one sending domain, with its switches: what they break is missing or wrong here. */
import { mailProviders } from '../model/mail-provider.ts';
import type { SendingDomain } from '../model/sending-domain.ts';
import { relayHost, senderNetwork, sharedPool, wrongSpfIp } from './addresses.ts';
import type { DnsRecord } from './dns.ts';
import { reverseName } from './names.ts';
import type { PublishedDomain, PublishedKey } from './zone-state.ts';

/** Short, since switches are thrown while one looks. */
export const ttlS = 60;

const own = mailProviders.find((provider) => provider.key === 'own');

/** The server that takes in what comes back to the app's domains. */
export const inboundHosts = own?.mx ?? [];

/** Every record of the domain's own names. What its other sub-names answer is {@link wildcardRecords}. */
export function domainRecords(domain: PublishedDomain): readonly DnsRecord[] {
  const { name, ip, helo, faults } = domain;
  const streams = Object.values(domain.streams).filter((stream) => stream !== null);
  const dedicated = ip !== sharedPool.ip && ip !== relayHost.ip;
  const reverse = reverseName(ip);
  return [
    ...[name, `bounce.${name}`, ...streams].flatMap((host) => mailHost(domain, host)),
    ...[name, ...streams].flatMap((host) => dkimRecords(domain, host)),
    ...(faults.includes('no_dmarc') ? [] : [text(`_dmarc.${name}`, dmarcText(domain))]),
    ...(dedicated
      ? [
          { name: helo, ttlS, type: 'A' as const, address: ip },
          ...spfTexts(domain).map((spf) => text(helo, spf)),
        ]
      : []),
    ...(dedicated && reverse !== null && !faults.includes('no_ptr')
      ? [{ name: reverse, ttlS, type: 'PTR' as const, target: helo }]
      : []),
  ];
}

/**
 * What a name under the domain answers that has no records of its own: it takes mail, and may send from where the
 * domain sends. Without it an app that uses a sub-domain in MAIL FROM would have to be set up before its first message
 * passes.
 */
export function wildcardRecords(domain: PublishedDomain, name: string): readonly DnsRecord[] {
  return mailHost(domain, name);
}

function mailHost(domain: PublishedDomain, host: string): readonly DnsRecord[] {
  const reachable: DnsRecord[] = domain.faults.includes('no_mx')
    ? []
    : inboundHosts.flatMap((mx) => [
        { name: host, ttlS, type: 'MX' as const, preference: mx.preference, exchange: mx.name },
        { name: host, ttlS, type: 'A' as const, address: mx.address },
      ]);
  return [...reachable, ...spfTexts(domain).map((spf) => text(host, spf))];
}

/** As it should be, whatever the switches say. */
export function spfText(domain: Pick<SendingDomain, 'name' | 'ip'>): string {
  // The service sends for many, from all of the network.
  return `v=spf1 ip4:${domain.name === relayHost.domain ? senderNetwork : domain.ip} -all`;
}

function spfTexts(domain: PublishedDomain): readonly string[] {
  const { faults } = domain;
  if (faults.includes('no_spf')) return [];
  const term = `ip4:${faults.includes('spf_wrong_ip') ? wrongSpfIp : domain.ip}`;
  const right = domain.name === relayHost.domain ? spfText(domain) : `v=spf1 ${term} -all`;
  const first = faults.includes('spf_too_many_lookups')
    ? `v=spf1 ${vendors.map((vendor) => `include:${vendorName(vendor)}`).join(' ')} ${term} -all`
    : right;
  return faults.includes('spf_twice') ? [first, `v=spf1 include:${vendorName(vendors[0])} ~all`] : [first];
}

/**
 * Services that a domain grew to include. Each includes two more, so that naming all of them takes twelve lookups,
 * where ten are allowed (RFC 7208 §4.6.4).
 */
const vendors = ['crm', 'helpdesk', 'newsletter', 'billing'] as const;
const vendorName = (vendor: string): string => `_spf.${vendor}.vendors.sandpost.example`;

export const vendorRecords: readonly DnsRecord[] = vendors.flatMap((vendor, index) => {
  const parts = ['a', 'b'].map((part) => `_spf-${part}.${vendor}.vendors.sandpost.example`);
  return [
    text(vendorName(vendor), `v=spf1 ${parts.map((part) => `include:${part}`).join(' ')} ~all`),
    ...parts.map((part, place) => text(part, `v=spf1 ip4:203.0.113.${200 + index * 2 + place} ~all`)),
  ];
});

export function dkimName(selector: string, domain: string): string {
  return `${selector}._domainkey.${domain}`;
}

/** RFC 6376 §3.6.1, RFC 8463 §4. */
export function dkimText(key: Pick<PublishedKey, 'algorithm' | 'publicKey'>): string {
  return `v=DKIM1; k=${key.algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519'}; p=${key.publicKey}`;
}

function dkimRecords(domain: PublishedDomain, host: string): readonly DnsRecord[] {
  const { faults } = domain;
  return domain.keys
    .filter((key) => !(key.active && faults.includes('dkim_not_published')))
    .map((key) => {
      const wrong = key.active && faults.includes('dkim_wrong_key');
      const shown = wrong ? { ...key, publicKey: otherKeys[key.algorithm] } : key;
      return text(dkimName(key.selector, host), dkimText(shown));
    });
}

/** Keys of nobody: their private halves were thrown away. */
const otherKeys = {
  'rsa-sha256':
    'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAt9WXwtuA1LLjUOXzL6eCU/ggE/w1nyCVo5RE5OS7E8BCKZ/wM9MN' +
    'iMSQ6Gqpm3vu4wXjP1lhMSu3i+T3IuVbdhXKACx045h3tGShbnq1BXT0rADNk4QbtMH8PCUA6MmJre3jwKBs7Vy8aT2rZ2r9' +
    '9M6CAA/CZ/4iyu6Rc3Q8WAlSGf/TEqhCrTSYWTansexBAQrA7L+H3MqeJL2lAmIZUW/Gttk6MmrtgN2KyieS/dGWUW0v8odn' +
    'izRSvmh4EhWGHCQXAMxvWBMzEqrfysWgvmmy/RJ+Flfvns44w0M8OgQzgvOXd1jd0yKJUimNNktBI/p6kTyN3aOArSMCZeTk' +
    'BQIDAQAB',
  'ed25519-sha256': '5FRM+Vv/8LdG8DsDbdI5YfkXcTCfWWDZhMwh7Rv4rGQ=',
} as const;

/** RFC 7489 §6.3. Reports go to the domain itself, so that nobody else need agree to get them (§7.1). */
export function dmarcText({ name, dmarc }: Pick<SendingDomain, 'name' | 'dmarc'>): string {
  const mode = dmarc.alignment === 'strict' ? 's' : 'r';
  return `v=DMARC1; p=${dmarc.policy}; adkim=${mode}; aspf=${mode}; rua=mailto:dmarc-reports@${name}`;
}

function text(name: string, value: string): DnsRecord {
  return { name, ttlS, type: 'TXT', text: value };
}
