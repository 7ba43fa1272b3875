/**
 * An SPF record as its owner wants to know about it: can it be read, how many lookups does it take, does it name an
 * address. Receivers here judge with mailauth; this one is small enough to run wherever records are shown, and does not
 * expand macros (RFC 7208 §7): a term with one counts, and matches nothing.
 */
import { BlockList, isIP, isIPv4 } from 'node:net';
import type { DnsAnswer, RecordType, Resolver } from './dns.ts';

/** RFC 7208 §4.6.4. */
export const spfLookupsMax = 10;
const voidLookupsMax = 2;
const exchangersMax = 10;

export interface SpfWalk {
  readonly result: 'pass' | 'fail' | 'softfail' | 'neutral' | 'none' | 'permerror' | 'temperror';
  readonly lookups: number;
  /** Why it is a permanent or a temporary error. */
  readonly problem: string | null;
}

/** @returns the TXT records that are SPF records (RFC 7208 §4.5) */
export function spfRecordsOf(answer: DnsAnswer): readonly string[] {
  return answer.records.flatMap((record) =>
    record.type === 'TXT' && /^v=spf1(?: |$)/i.test(record.text) ? [record.text] : [],
  );
}

/** @param ip the sender's address; null matches nothing, so that every lookup is counted */
export async function walkSpf(resolver: Resolver, domain: string, ip: string | null): Promise<SpfWalk> {
  const walk = new Walk(resolver, ip);
  try {
    const result = await walk.check(domain);
    return { result, lookups: walk.lookups, problem: null };
  } catch (error) {
    if (!(error instanceof SpfError)) throw error;
    return { result: error.result, lookups: walk.lookups, problem: error.message };
  }
}

class SpfError extends Error {
  readonly result: 'permerror' | 'temperror';

  constructor(result: 'permerror' | 'temperror', message: string) {
    super(message);
    this.result = result;
  }
}

const qualifierResults = { '+': 'pass', '-': 'fail', '~': 'softfail', '?': 'neutral' } as const;

interface Mechanism {
  readonly qualifier: keyof typeof qualifierResults;
  readonly name: string;
  /** Behind the colon, with its prefix length. */
  readonly value: string;
}

class Walk {
  lookups = 0;
  #voids = 0;
  readonly #resolver: Resolver;
  readonly #ip: string | null;

  constructor(resolver: Resolver, ip: string | null) {
    this.#resolver = resolver;
    this.#ip = ip;
  }

  async check(domain: string): Promise<SpfWalk['result']> {
    const records = spfRecordsOf(await this.#ask(domain, 'TXT'));
    const [record] = records;
    if (record === undefined) return 'none';
    if (records.length > 1) throw new SpfError('permerror', `${domain} has ${records.length} SPF records`);
    const { mechanisms, redirect } = parse(record);
    for (const mechanism of mechanisms)
      if (await this.#matches(mechanism, domain)) return qualifierResults[mechanism.qualifier];
    if (redirect === null) return 'neutral';
    this.#count();
    const result = await this.check(redirect);
    if (result === 'none')
      throw new SpfError('permerror', `redirect=${redirect} leads to a domain without SPF`);
    return result;
  }

  async #matches({ name, value }: Mechanism, domain: string): Promise<boolean> {
    switch (name) {
      case 'all':
        return true;
      case 'ip4':
      case 'ip6':
        return this.#inNetwork(value);
      case 'include':
        this.#count();
        return isMacro(value) ? false : this.#included(value);
      case 'a':
      case 'mx': {
        this.#count();
        const [, target = '', prefix4 = '', prefix6 = ''] =
          /^(.*?)(?:\/(\d+))?(?:\/\/(\d+))?$/.exec(value) ?? [];
        if (isMacro(target)) return false;
        const host = target === '' ? domain : target;
        const hosts = name === 'a' ? [host] : await this.#exchangers(host);
        for (const one of hosts) if (await this.#hasAddress(one, prefix4, prefix6)) return true;
        return false;
      }
      default:
        // `exists` and `ptr`: a lookup each, and next to nobody uses them without macros.
        this.#count();
        return false;
    }
  }

  async #included(domain: string): Promise<boolean> {
    const result = await this.check(domain);
    // RFC 7208 §5.2.
    if (result === 'none') throw new SpfError('permerror', `include:${domain} leads to a domain without SPF`);
    return result === 'pass';
  }

  async #exchangers(host: string): Promise<readonly string[]> {
    const answer = await this.#ask(host, 'MX');
    this.#countVoid(answer);
    const names = answer.records.flatMap((record) => (record.type === 'MX' ? [record.exchange] : []));
    if (names.length > exchangersMax)
      throw new SpfError('permerror', `${host} has more than ${exchangersMax} MX hosts`);
    return names;
  }

  async #hasAddress(host: string, prefix4: string, prefix6: string): Promise<boolean> {
    const six = this.#ip !== null && !isIPv4(this.#ip);
    const answer = await this.#ask(host, six ? 'AAAA' : 'A');
    this.#countVoid(answer);
    const prefix = six ? prefix6 : prefix4;
    return answer.records.some(
      (record) =>
        (record.type === 'A' || record.type === 'AAAA') &&
        this.#inNetwork(prefix === '' ? record.address : `${record.address}/${prefix}`),
    );
  }

  #inNetwork(network: string): boolean {
    const [address = '', length] = network.split('/');
    const family = isIP(address);
    const bits = length === undefined ? (family === 6 ? 128 : 32) : Number(length);
    if (family === 0 || !Number.isInteger(bits) || bits > (family === 6 ? 128 : 32))
      throw new SpfError('permerror', `${network} is no address`);
    if (this.#ip === null || isIP(this.#ip) !== family) return false;
    const list = new BlockList();
    const kind = family === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, bits, kind);
    return list.check(this.#ip, kind);
  }

  #count(): void {
    this.lookups += 1;
    if (this.lookups > spfLookupsMax)
      throw new SpfError('permerror', `it takes more than ${spfLookupsMax} DNS lookups`);
  }

  #countVoid(answer: DnsAnswer): void {
    if (answer.records.length > 0) return;
    this.#voids += 1;
    if (this.#voids > voidLookupsMax)
      throw new SpfError('permerror', `more than ${voidLookupsMax} of the names in it lead nowhere`);
  }

  async #ask(name: string, type: RecordType): Promise<DnsAnswer> {
    const answer = await this.#resolver.query(name, type);
    if (answer.code !== 'NOERROR' && answer.code !== 'NXDOMAIN')
      throw new SpfError('temperror', `${name} could not be looked up`);
    return answer;
  }
}

const isMacro = (text: string): boolean => text.includes('%');

/** RFC 7208 §7.1: ends in a label that is not all digits, or in a macro. */
const endsAsDomain =
  /(?:\.(?!\d+\.?$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?|%\{[slodiphcrtv]\d*r?[.+,/_=-]*\})$/i;
const macroText = /^(?:[!-$&-~]|%%|%_|%-|%\{[slodiphcrtv]\d*r?[.+,/_=-]*\})+$/i;
const isDomainSpec = (text: string): boolean => macroText.test(text) && endsAsDomain.test(text);

/** RFC 7208 §5: how each is written, its domain or network in the first group, its prefix lengths behind it. */
const forms: Readonly<Record<string, RegExp>> = {
  all: /^$/,
  include: /^:(.+)$/,
  a: /^(?::(.+?))?(?:\/(\d+))?(?:\/\/(\d+))?$/,
  mx: /^(?::(.+?))?(?:\/(\d+))?(?:\/\/(\d+))?$/,
  ptr: /^(?::(.+))?$/,
  ip4: /^:([\d.]+)(?:\/(\d+))?$/,
  ip6: /^:([\da-f:.]+)(?:\/(\d+))?$/i,
  exists: /^:(.+)$/,
};

function isMechanism(name: string, rest: string): boolean {
  const found = forms[name]?.exec(rest);
  if (found === undefined || found === null) return false;
  const [, target, first, second] = found;
  if (name === 'ip4' || name === 'ip6')
    return isIP(target ?? '') === (name === 'ip4' ? 4 : 6) && isLength(first, name === 'ip4' ? 32 : 128);
  return (target === undefined || isDomainSpec(target)) && isLength(first, 32) && isLength(second, 128);
}

/** A prefix length has no zero before it. */
const isLength = (text: string | undefined, max: number): boolean =>
  text === undefined || (/^(?:0|[1-9]\d*)$/.test(text) && Number(text) <= max);

function parse(record: string): {
  readonly mechanisms: readonly Mechanism[];
  readonly redirect: string | null;
} {
  const mechanisms: Mechanism[] = [];
  const modifiers = new Map<string, string>();
  const noTerm = (term: string): SpfError => new SpfError('permerror', `"${term}" is no SPF term`);
  for (const term of record.split(/ +/).slice(1)) {
    if (term === '') continue;
    const modifier = /^([a-z][a-z0-9._-]*)=(.*)$/i.exec(term);
    if (modifier !== null) {
      const [, written = '', value = ''] = modifier;
      const name = written.toLowerCase();
      if (name !== 'redirect' && name !== 'exp') continue;
      // RFC 7208 §6: each of the two once.
      if (modifiers.has(name)) throw new SpfError('permerror', `"${name}=" is there twice`);
      if (!isDomainSpec(value)) throw noTerm(term);
      modifiers.set(name, value);
      continue;
    }
    const [, sign = '', written = '', rest = ''] = /^([+?~-]?)([a-z][a-z0-9]*)(.*)$/i.exec(term) ?? [];
    const name = written.toLowerCase();
    if (!isMechanism(name, rest)) throw noTerm(term);
    mechanisms.push({ qualifier: qualifierOf(sign), name, value: rest.replace(/^:/, '') });
  }
  const redirect = modifiers.get('redirect') ?? null;
  // RFC 7208 §6.1: behind `all` a redirect is not looked at.
  const unused = redirect === null || isMacro(redirect) || mechanisms.some((one) => one.name === 'all');
  return { mechanisms, redirect: unused ? null : redirect };
}

function qualifierOf(sign: string): Mechanism['qualifier'] {
  return sign === '-' || sign === '~' || sign === '?' ? sign : '+';
}
