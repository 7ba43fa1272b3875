/** Holding beforehand, all deliveries or those to some domains: rules like any other, known by their ids. Pure. */
import { AppError } from '../model/app-error.ts';
import { numberOf } from '../model/chance.ts';
import { readRule } from './read-rules.ts';
import { idCharsMax, type Rule, rulesMax } from './schema.ts';

export interface Holding {
  readonly everything: boolean;
  readonly domains: readonly string[];
  readonly sinceMs: number | null;
}

const holdEverything = 'hold-everything';
const holdDomain = 'hold-domain-';

/** @param sinceOf when a rule came into force */
export function holdingBy(rules: readonly Rule[], sinceOf: (id: string) => number): Holding {
  const held = rules.filter(({ id, enabled }) => enabled && isHold(id));
  return {
    everything: held.some(({ id }) => id === holdEverything),
    domains: held.flatMap(({ id, when }) =>
      id === holdEverything ? [] : [when.domain].flat().flatMap((one) => one ?? []),
    ),
    sinceMs: held.length === 0 ? null : Math.min(...held.map(({ id }) => sinceOf(id))),
  };
}

/**
 * The set with these holds in the place of those before; they come first.
 *
 * @throws AppError `invalid_rules`, `not_possible` when there would be too many rules
 */
export function withHolding(
  rules: readonly Rule[],
  next: Pick<Holding, 'everything' | 'domains'>,
): { readonly rules: readonly Rule[]; readonly words: string } {
  const others = rules.filter(({ id }) => !isHold(id));
  const domains = [...new Set(next.domains.map((domain) => domain.trim().toLowerCase()))];
  const held = [
    ...(next.everything ? [holdRule(holdEverything, 'Hold everything', null)] : []),
    ...domains.map((domain) => holdRule(holdIdOf(domain), `Hold all for ${domain}`, domain)),
    // As any other rule: what cannot be read again must not be kept.
  ].map((rule) => readRule(rule, rule.id));
  if (held.length + others.length > rulesMax)
    throw new AppError('not_possible', `There would be more than ${rulesMax} rules; remove some first.`);
  const words = next.everything
    ? 'holding everything'
    : held.length === 0
      ? 'the end of holding'
      : 'what is held';
  return { rules: [...held, ...others], words };
}

function isHold(id: string): boolean {
  return id === holdEverything || id.startsWith(holdDomain);
}

/** An id has only some characters and is short; what is lost of a domain by that still tells it apart. */
function holdIdOf(domain: string): string {
  const id = `${holdDomain}${domain}`;
  if (id.length <= idCharsMax && /^[a-z0-9.-]*$/.test(domain)) return id;
  const plain = domain.replace(/[^a-z0-9.-]/g, '_').slice(0, 40);
  return `${holdDomain}${plain}_${numberOf(domain).toString(16)}`;
}

function holdRule(id: string, name: string, domain: string | null): Rule {
  return {
    id,
    name,
    enabled: true,
    stage: 'farSide',
    when: domain === null ? {} : { domain },
    then: { do: 'hold', reason: name },
  };
}
