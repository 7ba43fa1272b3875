/**
 * The patterns of conditions, made ready once. All of them are linear in the text: `like` is the project's own, `matches`
 * is RE2's, which has no backtracking.
 */
import { RE2JS, RE2JSException } from 're2js';
import { assertNever, messageOf } from '../model/app-error.ts';
import { matchesPattern } from '../model/patterns.ts';
import type { TextPattern } from './schema.ts';

export interface TextMatcher {
  /** @param text as it came @param lower the same in lower case */
  matches(text: string, lower: string): boolean;
  /** In lower case, what must be somewhere in the text; null where nothing can be named. */
  readonly literal: string | null;
  readonly words: string;
}

/** Steps of a compiled expression: what a nest of counted repeats may come to. */
const programMax = 2_000;

/** @throws AppError-free: `why` says what is wrong with an expression */
export function textFault(pattern: TextPattern): string | null {
  if (typeof pattern === 'string' || !('matches' in pattern)) return null;
  try {
    const compiled = RE2JS.compile(pattern.matches, RE2JS.CASE_INSENSITIVE);
    return compiled.programSize() > programMax
      ? `the expression is too large: ${compiled.programSize()} steps, at most ${programMax}`
      : null;
  } catch (error) {
    if (error instanceof RE2JSException) return `no expression that RE2 takes: ${error.message}`;
    return `no expression that RE2 takes: ${messageOf(error)}`;
  }
}

export function textMatcher(pattern: TextPattern): TextMatcher {
  if (typeof pattern === 'string') {
    const literal = pattern.toLowerCase();
    return { matches: (_, lower) => lower.includes(literal), literal, words: `contains “${pattern}”` };
  }
  if ('equals' in pattern) {
    const literal = pattern.equals.toLowerCase();
    return {
      matches: (_, lower) => lower === literal,
      literal: literal === '' ? null : literal,
      words: `is “${pattern.equals}”`,
    };
  }
  if ('startsWith' in pattern) {
    const literal = pattern.startsWith.toLowerCase();
    return {
      matches: (_, lower) => lower.startsWith(literal),
      literal,
      words: `begins with “${pattern.startsWith}”`,
    };
  }
  if ('endsWith' in pattern) {
    const literal = pattern.endsWith.toLowerCase();
    return {
      matches: (_, lower) => lower.endsWith(literal),
      literal,
      words: `ends with “${pattern.endsWith}”`,
    };
  }
  if ('like' in pattern)
    return {
      matches: (text) => matchesPattern(pattern.like, text),
      literal: null,
      words: `is like “${pattern.like}”`,
    };
  if ('matches' in pattern) {
    const compiled = RE2JS.compile(pattern.matches, RE2JS.CASE_INSENSITIVE);
    return { matches: (text) => compiled.test(text), literal: null, words: `matches /${pattern.matches}/` };
  }
  return assertNever(pattern);
}

/** One entry of a list of addresses, in the forms that an index can tell apart. */
export type AddressPattern =
  | { readonly kind: 'exact'; readonly address: string }
  | { readonly kind: 'domain'; readonly domain: string }
  | { readonly kind: 'under'; readonly suffix: string }
  | { readonly kind: 'like'; readonly pattern: string };

/** A bare domain stands for all of its addresses. */
export function addressPattern(text: string): AddressPattern {
  const lower = text.trim().toLowerCase();
  if (lower === '' || lower === '<>') return { kind: 'exact', address: '' };
  const at = lower.lastIndexOf('@');
  const local = lower.slice(0, Math.max(at, 0));
  if (at < 0 || local === '*') return domainPattern(lower.slice(at + 1), `*@${lower.slice(at + 1)}`);
  return hasWildcard(lower) ? { kind: 'like', pattern: lower } : { kind: 'exact', address: lower };
}

/** @param whole what stands for it where only a pattern of the whole address will do */
export function domainPattern(text: string, whole: string = text): AddressPattern {
  const lower = text.trim().toLowerCase();
  if (!hasWildcard(lower)) return { kind: 'domain', domain: lower };
  const rest = lower.slice(2);
  return lower.startsWith('*.') && !hasWildcard(rest)
    ? { kind: 'under', suffix: rest }
    : { kind: 'like', pattern: whole.toLowerCase() };
}

/** @param domain the address's own; both in lower case */
export function addressMatches(pattern: AddressPattern, address: string, domain: string): boolean {
  switch (pattern.kind) {
    case 'exact':
      return pattern.address === address;
    case 'domain':
      return pattern.domain === domain;
    case 'under':
      return domain.endsWith(`.${pattern.suffix}`);
    case 'like':
      return matchesPattern(pattern.pattern, pattern.pattern.includes('@') ? address : domain);
    default:
      return assertNever(pattern);
  }
}

function hasWildcard(text: string): boolean {
  return text.includes('*') || text.includes('?');
}
