/**
 * Where mail for a domain goes: its MX hosts by preference, its own address when it has none (RFC 5321 §5.1), and what
 * the DNS says against it. Every question and answer is kept. The resolver and chance are passed in.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import type { DnsAnswer, DnsRecord, RecordType, Resolver } from '../../dns/dns.ts';
import type { OutcomeClass, RoutingStep } from '../../model/delivery.ts';

export interface RouterPorts {
  readonly resolver: Resolver;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
  /** Of a host with both kinds of addresses: those of IPv6 are tried as well. Left out, one kind will do. */
  readonly kinds?: 'both';
}

export interface NextHost {
  readonly name: string;
  /** Null for a domain without MX, and for an address literal. */
  readonly preference: number | null;
}

export type Route =
  | { readonly kind: 'hosts'; readonly hosts: readonly NextHost[] }
  | {
      readonly kind: 'failed';
      readonly code: number;
      readonly enhanced: string;
      readonly text: string;
      readonly class: OutcomeClass;
    }
  | { readonly kind: 'deferred'; readonly enhanced: string; readonly text: string };

/** Hosts of one domain that are tried. */
export const hostsMax = 10;
const addressesMax = 8;

/** One for each attempt: it gathers what was asked. */
export class Router {
  readonly steps: RoutingStep[] = [];
  readonly #ports: RouterPorts;
  readonly #elapsedMs: () => number;

  constructor(ports: RouterPorts, elapsedMs: () => number) {
    this.#ports = ports;
    this.#elapsedMs = elapsedMs;
  }

  async route(domain: string): Promise<Route> {
    const literal = literalOf(domain);
    if (literal !== null) return { kind: 'hosts', hosts: [{ name: literal, preference: null }] };
    const name = domainToASCII(domain.replace(/\.$/, '')).toLowerCase();
    if (name === '') return noDomain(domain, 'is not a domain name');
    const answer = await this.#ask(name, 'MX');
    switch (answer.code) {
      case 'NXDOMAIN':
        return noDomain(domain, 'does not exist (NXDOMAIN)');
      case 'SERVFAIL':
      case 'REFUSED':
      case 'TIMEOUT':
        return {
          kind: 'deferred',
          enhanced: '4.4.3',
          text: `The DNS gave no answer about ${domain} (${answer.code})`,
        };
      case 'NOERROR':
        return this.#fromMx(domain, name, answer.records.filter(isMx));
    }
  }

  /** The addresses of a host, IPv4 first; `unknown` when the DNS did not answer. */
  async addresses(host: string): Promise<readonly string[] | 'unknown'> {
    if (isIPv4(host) || isIPv6(host)) return [host];
    const found: string[] = [];
    let unknown = false;
    for (const type of ['A', 'AAAA'] as const) {
      const answer = await this.#ask(host, type);
      if (answer.code !== 'NOERROR' && answer.code !== 'NXDOMAIN') unknown = true;
      const chain = answer.records.filter((record) => record.type === 'CNAME');
      if (chain.length > 0 && type === 'A')
        // RFC 5321 §5.1, RFC 2181 §10.3: an MX must not point to an alias; everyone follows it all the same.
        this.note(`${host} is an alias, which an MX must not point to; followed all the same`);
      for (const record of answer.records) {
        if (record.type === type && found.length < addressesMax) found.push(record.address);
      }
      // One address will do: the other kind is asked for when the first kind has none.
      if (found.length > 0 && this.#ports.kinds !== 'both') break;
    }
    return found.length === 0 && unknown ? 'unknown' : found;
  }

  note(text: string): void {
    this.steps.push({ atMs: this.#elapsedMs(), question: 'note', answer: text });
  }

  #fromMx(domain: string, name: string, records: readonly MxRecord[]): Promise<Route> | Route {
    if (records.length === 0) return this.#fromAddress(domain, name);
    const [only] = records;
    if (records.length === 1 && only !== undefined && only.exchange.replace(/\.$/, '') === '') {
      return {
        kind: 'failed',
        code: 556,
        enhanced: '5.1.10',
        text: `The domain ${domain} takes no mail: it has a null MX (RFC 7505)`,
        class: 'bad_domain',
      };
    }
    const hosts = shuffled(records, this.#ports.random)
      .sort((a, b) => a.preference - b.preference)
      // RFC 7505 §3: a null MX beside others counts for nothing.
      .filter(({ exchange }) => exchange !== '' && exchange !== '.')
      .map(({ exchange, preference }) => ({ name: exchange.replace(/\.$/, '').toLowerCase(), preference }));
    if (hosts.length > hostsMax) this.note(`${hosts.length} hosts; only the first ${hostsMax} are tried`);
    return { kind: 'hosts', hosts: hosts.slice(0, hostsMax) };
  }

  /** RFC 5321 §5.1: without any MX the domain's own address is its mail host. */
  async #fromAddress(domain: string, name: string): Promise<Route> {
    const found = await this.addresses(name);
    if (found === 'unknown')
      return {
        kind: 'deferred',
        enhanced: '4.4.3',
        text: `The DNS gave no answer about the address of ${domain}`,
      };
    if (found.length === 0) return noDomain(domain, 'has neither an MX nor an address');
    this.note(`${domain} has no MX; its own address takes the mail`);
    return { kind: 'hosts', hosts: [{ name, preference: null }] };
  }

  async #ask(name: string, type: RecordType): Promise<DnsAnswer> {
    const answer = await this.#ports.resolver.query(name, type);
    const atMs = this.#elapsedMs();
    this.steps.push({ atMs, question: `${name} ${type}`, answer: answerText(answer) });
    return answer;
  }
}

type MxRecord = Extract<DnsRecord, { type: 'MX' }>;

function isMx(record: DnsRecord): record is MxRecord {
  return record.type === 'MX';
}

function noDomain(domain: string, why: string): Route {
  return {
    kind: 'failed',
    code: 550,
    enhanced: '5.1.2',
    text: `The domain ${domain} ${why}`,
    class: 'bad_domain',
  };
}

/** RFC 5321 §4.1.3: `[192.0.2.1]`, `[IPv6:2001:db8::1]`. */
function literalOf(domain: string): string | null {
  if (!domain.startsWith('[') || !domain.endsWith(']')) return null;
  const inner = domain.slice(1, -1).replace(/^IPv6:/i, '');
  return isIPv4(inner) || isIPv6(inner) ? inner : null;
}

/** Hosts of equal preference share the load by chance (RFC 5321 §5.1). */
function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const left = [...values];
  const mixed: T[] = [];
  while (left.length > 0) mixed.push(...left.splice(Math.floor(random() * left.length), 1));
  return mixed;
}

function answerText({ code, records }: DnsAnswer): string {
  if (records.length === 0) return code === 'NOERROR' ? 'no such record' : code;
  return records.map(recordText).join('; ');
}

function recordText(record: DnsRecord): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return record.address;
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return `${record.type} ${record.target}`;
    case 'MX':
      return `${record.preference} ${record.exchange === '' ? '.' : record.exchange}`;
    case 'TXT':
      return `"${record.text}"`;
    case 'SOA':
      return `SOA ${record.primary} ${record.serial}`;
  }
}
