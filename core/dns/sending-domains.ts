/**
 * The domains that the app sends from: made by hand or on the fly, kept, changed, broken on purpose; and the zones that
 * answer for them.
 */
import type { Clock } from '../clock.ts';
import { AppError, messageOf } from '../model/app-error.ts';
import { mailProviders, oddDomains } from '../model/mail-provider.ts';
import type { DkimKey, SendingDomain } from '../model/sending-domain.ts';
import { dedicatedHelo, freeAddress, isDedicatedAddress, relayHost, sharedPool } from './addresses.ts';
import { checkRealRecords, checkSandboxRecords, type RecordCheck } from './check-records.ts';
import type { DnsRecord, Resolver } from './dns.ts';
import { type MakeKeyPair, makeKeys } from './keys.ts';
import { asciiDomain, canonicalName, isUnder, nameAndParents } from './names.ts';
import { type RealDns, realResolver } from './real-records.ts';
import { type ExpectedRecord, expectedRecords } from './records.ts';
import { relayDomain } from './relay.ts';
import { zonesResolver } from './resolver.ts';
import {
  openedDomain,
  openedKeys,
  recipientFaultsSchema,
  recordsSchema,
  type Seal,
  sealedDomain,
  sealedKeys,
} from './stored-domain.ts';
import { ownZone } from './world-records.ts';
import {
  published,
  publishedKey,
  type RecipientFault,
  type ZoneChange,
  type ZoneState,
} from './zone-state.ts';
import { createZones, type Zones } from './zones.ts';

/** Where it is kept; the store's documents. */
export interface Documents {
  load(kind: string): Promise<readonly { readonly key: string; readonly value: unknown }[]>;
  /** Null takes it away. */
  save(kind: string, key: string, value: unknown): Promise<void>;
}

export interface SendingDomainsPorts {
  readonly documents: Documents;
  readonly seal: Seal;
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly makeKeyPair: MakeKeyPair;
  /** The real DNS, for when a user asks to look there. */
  readonly realDns: RealDns;
  readonly onProblem: (text: string) => void;
}

export interface SendingDomainsOptions {
  /** A sender domain that is not set up is refused. */
  readonly strict: boolean;
  /** What the live relay wants included in SPF, or null. */
  readonly relayInclude: string | null;
}

/** What is undefined is not changed, as what is not there. */
type Loose<T> = { readonly [Name in keyof T]?: T[Name] | undefined };

export interface DomainChange {
  readonly faults?: SendingDomain['faults'] | undefined;
  readonly signWith?: SendingDomain['signWith'] | undefined;
  readonly dmarc?: Loose<SendingDomain['dmarc']> | undefined;
  readonly pool?: SendingDomain['pool'] | undefined;
  readonly inbound?: SendingDomain['inbound'] | undefined;
  readonly streams?: Loose<SendingDomain['streams']> | undefined;
  readonly extraRecords?: readonly DnsRecord[] | undefined;
}

export interface SendingDomains {
  /** Everything that there is to know by name, in process. */
  readonly zones: Zones;
  readonly resolver: Resolver;
  /** All that the zones are made from, to make them again in a thread; {@link subscribe} tells what changes. */
  zoneState(): ZoneState;
  subscribe(listener: (change: ZoneChange) => void): () => void;

  /** @throws AppError `bad_request`, `domain_exists` */
  create(name: string): Promise<SendingDomain>;
  /**
   * The identity for a From of this domain: the domain's own or its parent's, made when there is none. Names that cannot
   * be set up (a provider's, `localhost`, no name at all) send through the sandbox's e-mail service, unaligned, as they
   * would outside.
   *
   * @throws AppError `sender_domain_unknown` in strict mode
   */
  onTheFly(name: string): Promise<SendingDomain>;
  /** By its exact name. */
  get(name: string): SendingDomain | null;
  /** The one that a name is or stands under, the nearest. */
  owner(name: string): SendingDomain | null;
  /** By name. */
  list(): readonly SendingDomain[];
  /** @throws AppError `not_found`, `bad_request` */
  change(name: string, change: DomainChange): Promise<SendingDomain>;
  /**
   * Takes one as it was elsewhere, in place of one of its name. Its address is another one where it is taken here; without
   * keys it keeps those that are here, or gets new ones.
   *
   * @throws AppError `bad_request`
   */
  adopt(domain: SendingDomain): Promise<SendingDomain>;
  /** Changes nothing. @throws AppError `bad_request` for one that `adopt` would not take */
  checkAdoptable(domain: Pick<SendingDomain, 'name' | 'keys'>): void;
  remove(name: string): Promise<void>;
  /** New keys that sign from now on; the old ones stay published. Unpublished ones are the fault `dkim_not_published`. */
  rotate(name: string, options?: { readonly publish?: boolean }): Promise<SendingDomain>;
  /** @throws AppError `bad_request` for a key that still signs */
  removeKey(name: string, selector: string): Promise<SendingDomain>;

  /** Whose keys sign for it: its own, the e-mail service's when it is misaligned, null when nothing is signed. */
  signerOf(domain: SendingDomain): Promise<SendingDomain | null>;
  /** Domain of the envelope sender that bounces come back to: `bounce.<domain>`, or the e-mail service's. */
  bounceDomainOf(domain: SendingDomain): string;
  /** The e-mail service, with its keys. */
  relay(): Promise<SendingDomain>;
  /** What the simulated providers sign with what they send themselves, with any of their domains. */
  providerKeys(): Promise<readonly DkimKey[]>;

  records(name: string): readonly ExpectedRecord[];
  check(name: string, world: 'sandbox' | 'real'): Promise<readonly RecordCheck[]>;
  extraRecords(name: string): readonly DnsRecord[];

  recipientFaults(): ReadonlyMap<string, RecipientFault>;
  setRecipientFaults(faults: Readonly<Record<string, RecipientFault>>): Promise<void>;
  /** Records by hand for a domain that is no sending domain, or for one that is. */
  setExtraRecords(domain: string, records: readonly DnsRecord[]): Promise<void>;

  /** Are sender domains that are not set up refused? */
  strict(): boolean;
  setOptions(options: SendingDomainsOptions): void;
}

const domainsMax = 10_000;
/** Four pairs: the one that signs, and three that mail on its way may still need. */
const keysMax = 8;
const extraRecordsMax = 100;
const recipientFaultsMax = 1_000;
/** Key pairs are made on the thread pool, which others need too. */
const keyMakersMax = 2;

const kinds = { domain: 'sending-domain', dns: 'dns', records: 'dns-records' } as const;

export async function openSendingDomains(
  ports: SendingDomainsPorts,
  initial: SendingDomainsOptions,
): Promise<SendingDomains> {
  const { documents, seal, clock } = ports;
  const kept = await load(ports);
  const domains = new Map(kept.domains.map((domain) => [domain.name, domain]));
  const extra = new Map(kept.extraRecords);
  let faults = kept.faults;
  let relayKeys = kept.relayKeys;
  let providerKeys = kept.providerKeys;
  let options = initial;

  const zones = createZones(zoneState());
  const resolver = zonesResolver(zones);
  const listeners = new Set<(change: ZoneChange) => void>();
  const making = new Map<string, Promise<SendingDomain>>();
  const oneAtATime = queue(1);
  const fewAtATime = queue(keyMakersMax);

  function zoneState(): ZoneState {
    return {
      domains: [...domains.values()].map(published),
      relay: published(relayDomain(relayKeys, 0)),
      providerKeys: providerKeys.map(publishedKey),
      recipientFaults: new Map(faults),
      extraRecords: new Map(extra),
    };
  }

  function announce(change: ZoneChange): void {
    zones.apply(change);
    for (const listener of listeners) listener(change);
  }

  const newKeys = (selector: string): Promise<readonly DkimKey[]> =>
    fewAtATime(() => makeKeys(selector, clock.wallMs(), ports.makeKeyPair));

  async function keep(domain: SendingDomain): Promise<SendingDomain> {
    await documents.save(kinds.domain, domain.name, sealedDomain(domain, seal));
    domains.set(domain.name, domain);
    announce({ kind: 'domain', domain: published(domain) });
    return domain;
  }

  /** Changes what is there when its turn comes, not what was there when it was asked for. */
  const update = (
    name: string,
    change: (domain: SendingDomain) => SendingDomain | Promise<SendingDomain>,
  ): Promise<SendingDomain> => oneAtATime(async () => await keep(await change(existing(name))));

  function existing(name: string): SendingDomain {
    const domain = domains.get(canonicalName(name));
    if (domain === undefined)
      throw new AppError('not_found', `There is no sending domain ${name}; POST /v1/domains makes one.`);
    return domain;
  }

  /** Callers at the same time get the same one. */
  function make(name: string, origin: 'by hand' | 'on the fly'): Promise<SendingDomain> {
    const under = making.get(name);
    if (under !== undefined) return under;
    const made = makeOne(name, origin).finally(() => making.delete(name));
    making.set(name, made);
    return made;
  }

  async function makeOne(name: string, origin: 'by hand' | 'on the fly'): Promise<SendingDomain> {
    if (domains.size >= domainsMax)
      throw new AppError('bad_request', `There are ${domainsMax} sending domains; remove some first.`);
    const keys = await newKeys('sp1');
    return await oneAtATime(async () => {
      const address = freeAddress(takenAddresses());
      return await keep({
        name,
        createdAtMs: clock.wallMs(),
        onTheFly: origin === 'on the fly',
        ...(address === null
          ? { ...sharedPool, pool: 'shared' }
          : { ip: address, helo: dedicatedHelo(name, address), pool: 'dedicated' }),
        keys,
        signWith: 'both',
        dmarc: { policy: 'none', alignment: 'relaxed' },
        faults: [],
        inbound: { kind: 'mailbox' },
        streams: { transactional: null, marketing: null },
      });
    });
  }

  function takenAddresses(): ReadonlySet<string> {
    return new Set([...domains.values()].map((domain) => domain.ip));
  }

  function owner(name: string): SendingDomain | null {
    for (const parent of nameAndParents(canonicalName(name))) {
      const domain = domains.get(parent);
      if (domain !== undefined) return isUnder(canonicalName(name), ownZone) ? null : domain;
    }
    return null;
  }

  let relayInTheMaking: Promise<readonly DkimKey[]> | null = null;
  async function relay(): Promise<SendingDomain> {
    if (relayKeys.length === 0) {
      relayInTheMaking ??= makeAndKeep('relay', 'esp').finally(() => {
        relayInTheMaking = null;
      });
      relayKeys = await relayInTheMaking;
      announce({ kind: 'relay', domain: published(relayDomain(relayKeys, 0)) });
    }
    return relayDomain(relayKeys, relayKeys[0]?.createdAtMs ?? 0);
  }

  let providersInTheMaking: Promise<readonly DkimKey[]> | null = null;
  async function keysOfProviders(): Promise<readonly DkimKey[]> {
    if (providerKeys.length === 0) {
      providersInTheMaking ??= makeAndKeep('providers', 'sim').finally(() => {
        providersInTheMaking = null;
      });
      providerKeys = await providersInTheMaking;
      announce({ kind: 'provider-keys', keys: providerKeys.map(publishedKey) });
    }
    return providerKeys;
  }

  async function makeAndKeep(key: string, selector: string): Promise<readonly DkimKey[]> {
    const keys = await newKeys(selector);
    await documents.save(kinds.dns, key, sealedKeys(keys, seal));
    return keys;
  }

  async function setExtraRecords(asked: string, given: readonly DnsRecord[]): Promise<void> {
    const domain = asciiDomain(asked);
    if (domain === null) throw badName(asked);
    const records = given.map(canonicalRecord);
    const stray = records.find(({ name }) => name !== domain && !isUnder(name, domain));
    if (stray !== undefined)
      throw new AppError('bad_request', `The record ${stray.name} is not of the domain ${domain}.`);
    if (records.length > extraRecordsMax)
      throw new AppError('bad_request', `A domain takes at most ${extraRecordsMax} records made by hand.`);
    await oneAtATime(async () => {
      await documents.save(kinds.records, domain, records.length === 0 ? null : records);
      if (records.length === 0) extra.delete(domain);
      else extra.set(domain, records);
      announce({ kind: 'extra-records', domain, records });
    });
  }

  function checkAdoptable({ name, keys }: Pick<SendingDomain, 'name' | 'keys'>): void {
    const exact = asciiDomain(name);
    if (exact === null || exact !== name) throw badName(name);
    const reason = cannotBeSetUp(name);
    if (reason !== null) throw new AppError('bad_request', reason);
    if (!domains.has(name) && domains.size >= domainsMax)
      throw new AppError('bad_request', `There are ${domainsMax} sending domains; remove some first.`);
    if (keys.length > keysMax)
      throw new AppError('bad_request', `${name} has ${keys.length} keys; ${keysMax} are the limit.`);
  }

  return {
    zones,
    resolver,
    zoneState,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    async create(asked) {
      const name = asciiDomain(asked);
      if (name === null) throw badName(asked);
      const reason = cannotBeSetUp(name);
      if (reason !== null) throw new AppError('bad_request', reason);
      if (domains.has(name) || making.has(name))
        throw new AppError('domain_exists', `The sending domain ${name} is there already.`);
      return await make(name, 'by hand');
    },

    async onTheFly(asked) {
      const name = asciiDomain(asked);
      const known = name === null ? null : owner(name);
      if (known !== null) return known;
      if (options.strict)
        throw new AppError(
          'sender_domain_unknown',
          `The sender domain ${asked} is not set up; add it in the room Domains, or turn strict mode off.`,
        );
      if (name === null || cannotBeSetUp(name) !== null) return await relay();
      // A parent that is being made at this very moment will own it too.
      for (const parent of nameAndParents(name)) {
        const under = making.get(parent);
        if (under !== undefined) return await under;
      }
      return await make(name, 'on the fly');
    },

    get: (name) => domains.get(canonicalName(name)) ?? null,
    owner,
    list: () => [...domains.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),

    async change(name, { extraRecords, ...change }) {
      const { name: exact } = existing(name);
      if (extraRecords !== undefined) await setExtraRecords(exact, extraRecords);
      if (change.faults?.includes('misaligned') === true) await relay();
      return await update(exact, (domain) => changed(domain, change, takenAddresses));
    },

    checkAdoptable,

    async adopt(given) {
      checkAdoptable(given);
      const { name } = given;
      const made = given.keys.length > 0 || domains.has(name) ? given.keys : await newKeys('sp1');
      if (given.faults.includes('misaligned')) await relay();
      return await oneAtATime(async () => {
        const others = new Set([...domains.values()].filter((one) => one.name !== name).map(({ ip }) => ip));
        return await keep({
          ...given,
          keys: made.length > 0 ? made : (domains.get(name)?.keys ?? []),
          streams: changedStreams(given, given.streams),
          ...settledAddress(given, others),
        });
      });
    },

    async remove(name) {
      const { name: exact } = existing(name);
      await setExtraRecords(exact, []);
      await oneAtATime(async () => {
        await documents.save(kinds.domain, exact, null);
        domains.delete(exact);
        announce({ kind: 'domain-removed', name: exact });
      });
    },

    async rotate(name, { publish = true } = {}) {
      const before = existing(name);
      refuseTooManyKeys(before);
      // Its number is given when its turn comes; two rotations at once are two.
      const keys = await newKeys('new');
      return await update(before.name, (domain) => {
        refuseTooManyKeys(domain);
        return rotated(domain, keys, publish);
      });
    },

    async removeKey(name, selector) {
      return await update(name, (domain) => {
        const key = domain.keys.find((one) => one.selector === selector);
        if (key === undefined)
          throw new AppError('not_found', `${domain.name} has no key with the selector ${selector}.`);
        if (key.active)
          throw new AppError('bad_request', `The key ${selector} signs; rotate first, then remove it.`);
        return { ...domain, keys: domain.keys.filter((one) => one !== key) };
      });
    },

    async signerOf(domain) {
      if (domain.faults.includes('dkim_off')) return null;
      return domain.faults.includes('misaligned') ? await relay() : domain;
    },
    bounceDomainOf: (domain) =>
      `bounce.${domain.faults.includes('misaligned') ? relayHost.domain : domain.name}`,
    relay,
    providerKeys: keysOfProviders,

    records: (name) => expectedRecords(existing(name), options.relayInclude),
    async check(name, world) {
      const domain = existing(name);
      return world === 'sandbox'
        ? await checkSandboxRecords(domain, resolver)
        : await checkRealRecords(domain, realResolver(ports.realDns), options.relayInclude);
    },
    extraRecords: (name) => extra.get(canonicalName(name)) ?? [],

    recipientFaults: () => faults,
    async setRecipientFaults(next) {
      const entries = Object.entries(next).map(([asked, fault]) => {
        const name = asciiDomain(asked);
        if (name === null) throw badName(asked);
        return [name, fault] as const;
      });
      if (entries.length > recipientFaultsMax)
        throw new AppError('bad_request', `At most ${recipientFaultsMax} domains can be broken at a time.`);
      await oneAtATime(async () => {
        await documents.save(kinds.dns, 'recipient-faults', Object.fromEntries(entries));
        faults = new Map(entries);
        announce({ kind: 'recipient-faults', faults });
      });
    },
    setExtraRecords,

    strict: () => options.strict,
    setOptions(next) {
      options = next;
    },
  };
}

interface Kept {
  readonly domains: readonly SendingDomain[];
  readonly extraRecords: ReadonlyMap<string, readonly DnsRecord[]>;
  readonly faults: ReadonlyMap<string, RecipientFault>;
  readonly relayKeys: readonly DkimKey[];
  readonly providerKeys: readonly DkimKey[];
}

/** What cannot be read is told of and passed over: one document must not keep the others from being used. */
async function load({ documents, seal, onProblem }: SendingDomainsPorts): Promise<Kept> {
  const read = <T>(what: string, open: () => T): readonly T[] => {
    try {
      return [open()];
    } catch (error) {
      onProblem(`${what} cannot be read and is passed over: ${messageOf(error)}`);
      return [];
    }
  };
  const [domains, records, others] = await Promise.all([
    documents.load(kinds.domain),
    documents.load(kinds.records),
    documents.load(kinds.dns),
  ]);
  const other = new Map(others.map(({ key, value }) => [key, value]));
  const keys = (key: string): readonly DkimKey[] =>
    other.has(key) ? read(`the keys of the ${key}`, () => openedKeys(other.get(key), seal)).flat() : [];
  return {
    domains: domains.flatMap(({ key, value }) =>
      read(`the sending domain ${key}`, () => openedDomain(value, seal)),
    ),
    extraRecords: new Map(
      records.flatMap(({ key, value }) =>
        read(`the records of ${key}`, () => [key, recordsSchema.parse(value)] as const),
      ),
    ),
    faults: new Map(
      read('the faults of recipients', () =>
        Object.entries(recipientFaultsSchema.parse(other.get('recipient-faults') ?? {})),
      ).flat(),
    ),
    relayKeys: keys('relay'),
    providerKeys: keys('providers'),
  };
}

const providerDomains: ReadonlyMap<string, string> = new Map(
  mailProviders.flatMap((provider) => provider.domains.map((domain) => [domain, provider.title] as const)),
);
const oddNames: ReadonlySet<string> = new Set(Object.values(oddDomains));

/** @returns why it cannot be a sending domain, or null */
function cannotBeSetUp(name: string): string | null {
  if (!name.includes('.'))
    return `"${name}" has no dot in it: mail from a single label is refused everywhere. Use a domain such as shop.example.`;
  if (isUnder(name, ownZone)) return `Names under ${ownZone} are the sandbox's own.`;
  if (oddNames.has(name)) return `${name} is there to go wrong in the DNS; it cannot send.`;
  if (/(?:^|\.)(?:invalid|localhost|local|onion|arpa)$/.test(name))
    return `${name} is in no DNS (RFC 2606, RFC 6761), so nothing about it can be checked. Use a domain such as shop.example.`;
  // The registries give out no top-level domains of digits; what ends in one is meant as an address.
  if (/\.\d+$/.test(name)) return `${name} looks like an address.`;
  for (const parent of nameAndParents(name)) {
    const provider = providerDomains.get(parent);
    if (provider !== undefined)
      return `${parent} belongs to the ${provider} provider: nobody else can sign for it.`;
  }
  return null;
}

function badName(asked: string): AppError {
  return new AppError(
    'bad_request',
    `"${asked}" is no domain name; letters, digits and hyphens between dots are expected, such as shop.example.`,
  );
}

function changed(
  domain: SendingDomain,
  change: Omit<DomainChange, 'extraRecords'>,
  taken: () => ReadonlySet<string>,
): SendingDomain {
  return {
    ...domain,
    ...(change.faults === undefined ? {} : { faults: [...new Set(change.faults)] }),
    ...(change.inbound === undefined ? {} : { inbound: change.inbound }),
    ...(change.signWith === undefined ? {} : { signWith: change.signWith }),
    dmarc: {
      policy: change.dmarc?.policy ?? domain.dmarc.policy,
      alignment: change.dmarc?.alignment ?? domain.dmarc.alignment,
    },
    ...(change.streams === undefined ? {} : { streams: changedStreams(domain, change.streams) }),
    ...(change.pool === undefined || change.pool === domain.pool ? {} : moved(domain, change.pool, taken())),
  };
}

function moved(
  domain: SendingDomain,
  pool: SendingDomain['pool'],
  taken: ReadonlySet<string>,
): Pick<SendingDomain, 'pool' | 'ip' | 'helo'> {
  if (pool === 'shared') return { pool, ...sharedPool };
  const ip = freeAddress(taken);
  if (ip === null)
    throw new AppError('bad_request', 'Every dedicated address is taken; move or remove another domain.');
  return { pool, ip, helo: dedicatedHelo(domain.name, ip) };
}

/** Its own, where nobody here has it. */
function settledAddress(
  domain: SendingDomain,
  taken: ReadonlySet<string>,
): Pick<SendingDomain, 'pool' | 'ip' | 'helo'> {
  if (domain.pool === 'shared') return { pool: 'shared', ...sharedPool };
  const { pool, ip } = domain;
  if (isDedicatedAddress(ip) && !taken.has(ip)) return { pool, ip, helo: dedicatedHelo(domain.name, ip) };
  const free = freeAddress(taken);
  return free === null
    ? { pool: 'shared', ...sharedPool }
    : { pool, ip: free, helo: dedicatedHelo(domain.name, free) };
}

function changedStreams(
  domain: SendingDomain,
  change: Loose<SendingDomain['streams']>,
): SendingDomain['streams'] {
  const named = (asked: string | null | undefined, before: string | null): string | null => {
    if (asked === undefined) return before;
    if (asked === null) return null;
    const name = asciiDomain(asked);
    if (name === null) throw badName(asked);
    if (!isUnder(name, domain.name))
      throw new AppError(
        'bad_request',
        `The sub-domain of a stream stands under ${domain.name}, such as mail.${domain.name}; ${name} does not.`,
      );
    return name;
  };
  const streams = {
    transactional: named(change.transactional, domain.streams.transactional),
    marketing: named(change.marketing, domain.streams.marketing),
  };
  if (streams.transactional !== null && streams.transactional === streams.marketing)
    throw new AppError('bad_request', `Both streams cannot have ${streams.transactional}: keep them apart.`);
  return streams;
}

function refuseTooManyKeys(domain: SendingDomain): void {
  if (domain.keys.length + 2 > keysMax)
    throw new AppError(
      'bad_request',
      `${domain.name} has ${domain.keys.length} keys; remove an old one first.`,
    );
}

function rotated(domain: SendingDomain, keys: readonly DkimKey[], publish: boolean): SendingDomain {
  const numbers = domain.keys.map((key) => Number(/^sp(\d+)-/.exec(key.selector)?.[1] ?? 0));
  const next = Math.max(0, ...numbers) + 1;
  const settled = domain.faults.filter(
    (fault) => fault !== 'dkim_not_published' && fault !== 'dkim_wrong_key',
  );
  return {
    ...domain,
    keys: [
      ...domain.keys.map((key) => ({ ...key, active: false })),
      ...keys.map((key) => ({ ...key, selector: key.selector.replace(/^new-/, `sp${next}-`) })),
    ],
    faults: publish ? settled : [...settled, 'dkim_not_published'],
  };
}

function canonicalRecord(record: DnsRecord): DnsRecord {
  const name = canonicalName(record.name);
  switch (record.type) {
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return { ...record, name, target: canonicalName(record.target) };
    case 'MX':
      return { ...record, name, exchange: canonicalName(record.exchange) };
    default:
      return { ...record, name };
  }
}

/** Runs at most so many at a time, the others in the order that they came. */
function queue(atOnceMax: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= atOnceMax) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The place is handed on as it is.
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
