/**
 * The whole DNS of the sandbox, as one pure lookup: the app's sending domains, the simulated providers, the domains
 * that are odd, what was added by hand, and a permissive world around them in which every other domain takes mail.
 */
import { assertNever } from '../model/app-error.ts';
import { mailProviders, oddDomains } from '../model/mail-provider.ts';
import { sharedPool } from './addresses.ts';
import type { DnsAnswer, DnsRecord, RecordType, ResponseCode } from './dns.ts';
import { domainRecords, ttlS, wildcardRecords } from './domain-records.ts';
import { canonicalName, isQueryName, isUnder, nameAndParents, reverseName } from './names.ts';
import { relayDomain } from './relay.ts';
import {
  anyDomainRecords,
  nameServer,
  ownZone,
  providerKeyRecords,
  worldRecords,
  zoneAdmin,
} from './world-records.ts';
import {
  emptyZoneState,
  type PublishedDomain,
  type RecipientFault,
  type ZoneChange,
  type ZoneState,
} from './zone-state.ts';

export interface Zones {
  /** Never throws. CNAMEs are followed. `null` asks for a type that the zones have no records of. */
  lookup(name: string, type: RecordType | null): DnsAnswer;
  /** The SOA of the zone that a name is in, for answers that say "there is none" (RFC 2308 §3). */
  authority(name: string): DnsRecord;
  apply(change: ZoneChange): void;
  /** The sending domain that a name is or stands under, the nearest. */
  owner(name: string): PublishedDomain | null;
}

/** Longer chains are taken for a circle. */
const cnamesMax = 8;

interface Found {
  readonly code: ResponseCode;
  /** Of every type. */
  readonly records: readonly DnsRecord[];
}

const absent: Found = { code: 'NXDOMAIN', records: [] };
const empty: Found = { code: 'NOERROR', records: [] };

export function createZones(state: ZoneState = emptyZoneState): Zones {
  const index = new RecordIndex();
  const byHand = new RecordIndex();
  const domains = new Map<string, PublishedDomain>();
  /** Domains that share the pool's address and broke its PTR. */
  const poolBreakers = new Set<string>();
  let faults: ReadonlyMap<string, RecipientFault> = new Map();
  let serial = 1;

  index.set(ownZone, worldRecords);
  apply({ kind: 'relay', domain: state.relay ?? relayDomain([], 0) });
  apply({ kind: 'provider-keys', keys: state.providerKeys });
  apply({ kind: 'recipient-faults', faults: state.recipientFaults });
  for (const domain of state.domains) apply({ kind: 'domain', domain });
  for (const [domain, records] of state.extraRecords) apply({ kind: 'extra-records', domain, records });

  function apply(change: ZoneChange): void {
    serial += 1;
    switch (change.kind) {
      case 'domain':
        domains.set(change.domain.name, change.domain);
        index.set(change.domain.name, domainRecords(change.domain));
        if (change.domain.ip === sharedPool.ip && change.domain.faults.includes('no_ptr'))
          poolBreakers.add(change.domain.name);
        else poolBreakers.delete(change.domain.name);
        return;
      case 'domain-removed':
        domains.delete(change.name);
        poolBreakers.delete(change.name);
        index.set(change.name, []);
        return;
      case 'relay':
        index.set(change.domain.name, domainRecords(change.domain));
        return;
      case 'provider-keys':
        index.set('provider keys', providerKeyRecords(change.keys));
        return;
      case 'recipient-faults':
        faults = new Map(change.faults);
        return;
      case 'extra-records':
        byHand.set(change.domain, change.records);
        return;
      default:
        assertNever(change);
    }
  }

  function lookup(asked: string, type: RecordType | null): DnsAnswer {
    const chain: DnsRecord[] = [];
    let name = canonicalName(asked);
    for (let hops = 0; hops <= cnamesMax; hops += 1) {
      const { code, records } = find(name);
      if (code !== 'NOERROR') return { code, records: chain };
      const alias = records.find(isAlias);
      if (alias === undefined || type === 'CNAME')
        return { code, records: [...chain, ...records.filter((record) => record.type === type)] };
      chain.push(alias);
      name = canonicalName(alias.target);
    }
    return { code: 'SERVFAIL', records: chain };
  }

  function find(name: string): Found {
    if (!isQueryName(name)) return absent;
    const broken = brokenBy(name);
    if (broken === 'nxdomain') return absent;
    if (broken === 'servfail') return { code: 'SERVFAIL', records: [] };
    if (broken === 'timeout') return { code: 'TIMEOUT', records: [] };
    const found = withApex(name, withHandMade(name, generated(name)));
    if (broken === null || found.code !== 'NOERROR') return found;
    const unreachable = found.records.filter(
      ({ type }) => type !== 'MX' && type !== 'A' && type !== 'AAAA' && type !== 'CNAME',
    );
    if (broken === 'no_address') return { code: 'NOERROR', records: unreachable };
    // RFC 7505.
    return {
      code: 'NOERROR',
      records: [...unreachable, { name, ttlS, type: 'MX', preference: 0, exchange: '' }],
    };
  }

  /** A domain that cannot be asked takes what stands under it along; one without a server does not. */
  function brokenBy(name: string): RecipientFault | null {
    for (const parent of nameAndParents(name)) {
      if (parent === oddDomains.timesOut) return 'timeout';
      if (parent === oddDomains.serverFails) return 'servfail';
      const fault = faults.get(parent);
      if (fault === undefined) continue;
      if (parent === name || (fault !== 'null_mx' && fault !== 'no_address')) return fault;
    }
    return null;
  }

  function withHandMade(name: string, found: Found): Found {
    const made = byHand.get(name);
    if (made.length === 0) return found.code === 'NXDOMAIN' && byHand.hasBelow(name) ? empty : found;
    // Nothing stands beside a CNAME (RFC 1034 §3.6.2).
    if (made.some((record) => record.type === 'CNAME')) return { code: 'NOERROR', records: made };
    const types = new Set(made.map((record) => record.type));
    return {
      code: 'NOERROR',
      records: [...found.records.filter((record) => !types.has(record.type)), ...made],
    };
  }

  function withApex(name: string, found: Found): Found {
    if (found.code !== 'NOERROR' || zoneOf(name) !== name) return found;
    return {
      code: 'NOERROR',
      records: [...found.records, authority(name), { name, ttlS, type: 'NS', target: nameServer }],
    };
  }

  function generated(name: string): Found {
    if (name === poolPtr && poolBreakers.size > 0) return absent;
    const records = index.get(name);
    if (records.length > 0) return { code: 'NOERROR', records };
    if (name === '' || fixedNames.has(name) || domains.has(name)) return empty;
    // `_dmarc`, `_domainkey` and their like exist only where they were set up.
    if (!name.split('.').some((label) => label.startsWith('_'))) {
      const domain = owner(name);
      if (domain !== null) return { code: 'NOERROR', records: wildcardRecords(domain, name) };
      if (isOpen(name)) return { code: 'NOERROR', records: anyDomainRecords(name) };
    }
    // RFC 8020: a name with something under it exists.
    return index.hasBelow(name) ? empty : absent;
  }

  function owner(name: string): PublishedDomain | null {
    for (const parent of nameAndParents(name)) {
      const domain = domains.get(parent);
      if (domain !== undefined) return parent === ownZone && name !== ownZone ? null : domain;
    }
    return null;
  }

  function zoneOf(name: string): string {
    const labels = name.split('.');
    const top = labels.at(-1) ?? '';
    if (labels.length < 2 || closedTops.has(top)) return '';
    if (top === 'arpa') return labels.slice(-2).join('.');
    for (const parent of nameAndParents(name)) if (domains.has(parent) || zoneTops.has(parent)) return parent;
    return labels.slice(-2).join('.');
  }

  function authority(name: string): DnsRecord {
    return {
      name: zoneOf(canonicalName(name)),
      ttlS,
      type: 'SOA',
      primary: nameServer,
      admin: zoneAdmin,
      serial,
    };
  }

  return { lookup, authority, apply, owner: (name) => owner(canonicalName(name)) };
}

const isAlias = (record: DnsRecord): record is DnsRecord & { readonly type: 'CNAME' } =>
  record.type === 'CNAME';

const poolPtr = reverseName(sharedPool.ip);
const fixedNames: ReadonlySet<string> = new Set([ownZone, oddDomains.noAddress]);
const zoneTops: ReadonlySet<string> = new Set([
  ownZone,
  ...mailProviders.flatMap((provider) => provider.domains),
]);
/** RFC 2606 §2, RFC 6761 §6, RFC 6762, RFC 7686: these are in no DNS. */
const closedTops: ReadonlySet<string> = new Set(['invalid', 'localhost', 'local', 'onion']);

/** Whether an unknown name is taken for somebody's domain. Single labels are none. */
function isOpen(name: string): boolean {
  const dot = name.lastIndexOf('.');
  const top = name.slice(dot + 1);
  return (
    dot > 0 &&
    top !== 'arpa' &&
    !closedTops.has(top) &&
    // RFC 3696 §2: a top-level domain is not all digits; what is one is an address.
    !/^\d+$/.test(top) &&
    !isUnder(name, ownZone)
  );
}

/** Records by name, each with the source that they came from, which can be replaced as a whole. */
class RecordIndex {
  readonly #bySource = new Map<string, readonly DnsRecord[]>();
  readonly #byName = new Map<string, Map<string, readonly DnsRecord[]>>();
  /** How many names with records stand under a name, one count for each source. */
  readonly #below = new Map<string, number>();

  set(source: string, records: readonly DnsRecord[]): void {
    for (const name of namesOf(this.#bySource.get(source) ?? [])) this.#remove(source, name);
    if (records.length === 0) {
      this.#bySource.delete(source);
      return;
    }
    this.#bySource.set(source, records);
    for (const [name, own] of Map.groupBy(records, (record) => canonicalName(record.name))) {
      const sources = this.#byName.get(name) ?? new Map<string, readonly DnsRecord[]>();
      sources.set(source, own);
      this.#byName.set(name, sources);
      this.#count(name, 1);
    }
  }

  /** Where two sources have the name, the nearer one holds: a sub-domain set up by itself is not its parent's. */
  get(name: string): readonly DnsRecord[] {
    const sources = this.#byName.get(name);
    if (sources === undefined) return none;
    let nearest: readonly [source: string, records: readonly DnsRecord[]] = ['', none];
    for (const [source, records] of sources)
      if (source.length >= nearest[0].length) nearest = [source, records];
    return nearest[1];
  }

  hasBelow(name: string): boolean {
    return this.#below.has(name);
  }

  #remove(source: string, name: string): void {
    const sources = this.#byName.get(name);
    sources?.delete(source);
    if (sources?.size === 0) this.#byName.delete(name);
    this.#count(name, -1);
  }

  #count(name: string, change: 1 | -1): void {
    for (const parent of nameAndParents(name)) {
      if (parent === name) continue;
      const count = (this.#below.get(parent) ?? 0) + change;
      if (count > 0) this.#below.set(parent, count);
      else this.#below.delete(parent);
    }
  }
}

const none: readonly DnsRecord[] = [];

function namesOf(records: readonly DnsRecord[]): ReadonlySet<string> {
  return new Set(records.map((record) => canonicalName(record.name)));
}
