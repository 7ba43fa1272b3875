/** What the zones are made from, and what changes them: plain data, so that a thread can be sent either. */
import type { DkimKey, SendingDomain } from '../model/sending-domain.ts';
import type { DnsRecord } from './dns.ts';

/** What of a key is in the DNS. */
export type PublishedKey = Omit<DkimKey, 'privateKey'>;
/** A sending domain without what nobody but the signer may see. */
export type PublishedDomain = Omit<SendingDomain, 'keys'> & { readonly keys: readonly PublishedKey[] };

/** What goes wrong when somebody looks a recipient's domain up. */
export const recipientFaults = ['nxdomain', 'servfail', 'timeout', 'null_mx', 'no_address'] as const;
export type RecipientFault = (typeof recipientFaults)[number];

export interface ZoneState {
  readonly domains: readonly PublishedDomain[];
  /** The sandbox's own, where mail comes from whose From it may not sign for: an e-mail service's domain. */
  readonly relay: PublishedDomain | null;
  /** Keys that the simulated providers sign with what they send themselves. */
  readonly providerKeys: readonly PublishedKey[];
  readonly recipientFaults: ReadonlyMap<string, RecipientFault>;
  /** Records made by hand, by the domain that they were made for. */
  readonly extraRecords: ReadonlyMap<string, readonly DnsRecord[]>;
}

export const emptyZoneState: ZoneState = {
  domains: [],
  relay: null,
  providerKeys: [],
  recipientFaults: new Map(),
  extraRecords: new Map(),
};

export type ZoneChange =
  | { readonly kind: 'domain'; readonly domain: PublishedDomain }
  | { readonly kind: 'domain-removed'; readonly name: string }
  | { readonly kind: 'relay'; readonly domain: PublishedDomain }
  | { readonly kind: 'provider-keys'; readonly keys: readonly PublishedKey[] }
  | { readonly kind: 'recipient-faults'; readonly faults: ReadonlyMap<string, RecipientFault> }
  /** None: those made by hand for the domain are gone. */
  | { readonly kind: 'extra-records'; readonly domain: string; readonly records: readonly DnsRecord[] };

export function published(domain: SendingDomain): PublishedDomain {
  return { ...domain, keys: domain.keys.map(publishedKey) };
}

export function publishedKey({ privateKey: _, ...key }: DkimKey): PublishedKey {
  return key;
}
