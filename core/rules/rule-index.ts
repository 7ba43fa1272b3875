/**
 * Finds the rules that a message may meet without walking the list: by recipient, by domain, by sender, by words of the
 * subject. Rules that name none of these are always looked at.
 */
import type { Keys } from './conditions.ts';
import type { Known } from './known.ts';
import { type AddressPattern, addressMatches, domainOrWhole } from './patterns.ts';
import { WordIndex } from './word-index.ts';

export interface Indexed {
  /** Where it stands in the list. */
  readonly position: number;
  readonly keys: Keys;
}

/** Below so many it is cheaper to look at each. */
const walkMax = 8;

export class RuleIndex<T extends Indexed> {
  readonly #byPosition = new Map<number, T>();
  readonly #recipients = new AddressIndex();
  readonly #senders = new AddressIndex();
  readonly #subjects: WordIndex | null = null;
  /** Positions of those that are looked at for every message. */
  readonly #always: readonly number[];
  readonly #alwaysRules: readonly T[];
  readonly #all: readonly T[];

  /** @param rules in their order */
  constructor(rules: readonly T[]) {
    this.#all = rules;
    const always: number[] = [];
    const words: (readonly [string, number])[] = [];
    for (const rule of rules) {
      this.#byPosition.set(rule.position, rule);
      const { recipients, domains, senders, subjects } = rule.keys;
      const addresses = recipients ?? domains;
      const literals = subjects?.flatMap(({ literal }) => literal ?? []);
      if (addresses !== null && AddressIndex.takes(addresses)) this.#recipients.add(addresses, rule.position);
      else if (senders !== null && AddressIndex.takes(senders)) this.#senders.add(senders, rule.position);
      else if (subjects !== null && literals?.length === subjects.length)
        words.push(...literals.map((literal) => [literal, rule.position] as const));
      else always.push(rule.position);
    }
    this.#always = always;
    this.#alwaysRules = this.#rules(always);
    if (words.length > 0) this.#subjects = new WordIndex(words);
  }

  get size(): number {
    return this.#all.length;
  }

  /** How many are looked at for every message. */
  get walked(): number {
    return this.#always.length;
  }

  /** @returns those that may be met, in their order; the others surely are not */
  find(known: Known): readonly T[] {
    if (this.#all.length <= walkMax) return this.#all;
    const found: number[] = [];
    if (known.recipient !== null) this.#recipients.find(known.recipient, known.domain, found);
    if (known.sender !== null) this.#senders.find(known.sender, known.senderDomain, found);
    if (this.#subjects !== null && known.headers !== null)
      for (const position of this.#subjects.find(known.headers.subject.lower)) found.push(position);
    if (found.length === 0) return this.#alwaysRules;
    add(this.#always, found);
    found.sort((a, b) => a - b);
    return this.#rules(found.filter((position, index) => position !== found[index - 1]));
  }

  /** Whether `find` would find any; at less cost, for most messages meet none. */
  finds(known: Known): boolean {
    if (this.#all.length <= walkMax || this.#always.length > 0) return true;
    if (known.recipient !== null && this.#recipients.has(known.recipient, known.domain)) return true;
    if (known.sender !== null && this.#senders.has(known.sender, known.senderDomain)) return true;
    return (
      this.#subjects !== null &&
      known.headers !== null &&
      this.#subjects.find(known.headers.subject.lower).size > 0
    );
  }

  #rules(positions: readonly number[]): readonly T[] {
    return positions.flatMap((position) => this.#byPosition.get(position) ?? []);
  }
}

/** Addresses and domains by what they are, not by a walk over them. */
class AddressIndex {
  readonly #exact = new Map<string, number[]>();
  readonly #domains = new Map<string, number[]>();
  readonly #under = new Map<string, number[]>();
  #any = false;

  /** A pattern with a wildcard in its middle can only be tried. */
  static takes(patterns: readonly AddressPattern[]): boolean {
    return patterns.every(({ kind }) => kind !== 'like');
  }

  add(patterns: readonly AddressPattern[], position: number): void {
    this.#any = true;
    for (const pattern of patterns) {
      if (pattern.kind === 'exact') push(this.#exact, pattern.address, position);
      else if (pattern.kind === 'domain') push(this.#domains, pattern.domain, position);
      else if (pattern.kind === 'under') push(this.#under, pattern.suffix, position);
    }
  }

  has(address: string, domain: string): boolean {
    if (!this.#any) return false;
    const name = domainOrWhole(address, domain);
    if (this.#exact.has(address) || this.#domains.has(name)) return true;
    if (this.#under.size === 0) return false;
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1))
      if (this.#under.has(name.slice(dot + 1))) return true;
    return false;
  }

  find(address: string, domain: string, into: number[]): void {
    if (!this.#any) return;
    const name = domainOrWhole(address, domain);
    add(this.#exact.get(address), into);
    add(this.#domains.get(name), into);
    if (this.#under.size === 0) return;
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1))
      add(this.#under.get(name.slice(dot + 1)), into);
  }
}

/** One by one: as arguments of a call there may be too many. */
function add(found: readonly number[] | undefined, into: number[]): void {
  if (found !== undefined) for (const position of found) into.push(position);
}

function push(map: Map<string, number[]>, key: string, position: number): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [position]);
  else known.push(position);
}

/** Whether any of the addresses a rule names is that of the recipient; without any, every one is. */
export function concernsRecipient({ recipients, domains }: Keys, { recipient, domain }: Known): boolean {
  const holds = (patterns: readonly AddressPattern[] | null): boolean =>
    patterns === null ||
    (recipient !== null && patterns.some((one) => addressMatches(one, recipient, domain)));
  return holds(recipients) && holds(domains);
}
