/**
 * The patterns of conditions, made ready once. All of them are linear in the text: `like` is the project's own, `matches`
 * is RE2's, which has no backtracking.
 */
import { createRequire } from 'node:module';
import type * as Re2 from 're2js';
import { assertNever, messageOf } from '../model/app-error.ts';
import { atFirstUse } from '../model/at-first-use.ts';
import type { TextPattern } from './schema.ts';

const require = createRequire(import.meta.url);
const re2 = atFirstUse((): typeof Re2 => require('re2js'));

export interface TextMatcher {
  /** @param text as it came @param lower the same in lower case */
  matches(text: string, lower: string): boolean;
  /** In lower case, what must be somewhere in the text; null where nothing can be named. */
  readonly literal: string | null;
  /** It may take long: it is answered where the message is read, see questions.ts. */
  readonly isSlow: boolean;
  readonly words: string;
}

/** Steps of a compiled expression: what a nest of counted repeats may come to. */
const programMax = 2_000;

/** @throws AppError-free: `why` says what is wrong with an expression */
export function textFault(pattern: TextPattern): string | null {
  if (typeof pattern === 'string' || !('matches' in pattern)) return null;
  try {
    const compiled = compile(pattern.matches);
    return compiled.programSize() > programMax
      ? `the expression is too large: ${compiled.programSize()} steps, at most ${programMax}`
      : null;
  } catch (error) {
    if (error instanceof re2().RE2JSException) return `no expression that RE2 takes: ${error.message}`;
    return `no expression that RE2 takes: ${messageOf(error)}`;
  }
}

export function textMatcher(pattern: TextPattern): TextMatcher {
  if (typeof pattern === 'string') {
    const literal = pattern.toLowerCase();
    return {
      matches: (_, lower) => lower.includes(literal),
      literal,
      isSlow: false,
      words: `contains “${pattern}”`,
    };
  }
  if ('equals' in pattern) {
    const literal = pattern.equals.toLowerCase();
    return {
      matches: (_, lower) => lower === literal,
      literal: literal === '' ? null : literal,
      isSlow: false,
      words: `is “${pattern.equals}”`,
    };
  }
  if ('startsWith' in pattern) {
    const literal = pattern.startsWith.toLowerCase();
    return {
      matches: (_, lower) => lower.startsWith(literal),
      literal,
      isSlow: false,
      words: `begins with “${pattern.startsWith}”`,
    };
  }
  if ('endsWith' in pattern) {
    const literal = pattern.endsWith.toLowerCase();
    return {
      matches: (_, lower) => lower.endsWith(literal),
      literal,
      isSlow: false,
      words: `ends with “${pattern.endsWith}”`,
    };
  }
  if ('like' in pattern) {
    const matches = likeMatcher(pattern.like);
    return {
      matches: (_, lower) => matches(lower),
      literal: null,
      isSlow: pattern.like.includes('?') && pattern.like.includes('*'),
      words: `is like “${pattern.like}”`,
    };
  }
  if ('matches' in pattern) {
    // Only where it is asked: most sets are made ready in a thread that never does.
    let compiled: Re2.RE2JS | null = null;
    return {
      matches(text) {
        compiled ??= compile(pattern.matches);
        return compiled.test(text);
      },
      literal: null,
      isSlow: true,
      words: `matches /${pattern.matches}/`,
    };
  }
  return assertNever(pattern);
}

function compile(expression: string): Re2.RE2JS {
  const { RE2JS } = re2();
  return RE2JS.compile(expression, RE2JS.CASE_INSENSITIVE);
}

/**
 * A pattern with `*` and `?`, taken apart once: each piece between stars is looked for behind the one before.
 *
 * @returns asks for a text in lower case
 */
export function likeMatcher(pattern: string): (lower: string) => boolean {
  const pieces = pattern.toLowerCase().split('*');
  const [head = ''] = pieces;
  if (pieces.length === 1) return (text) => text.length === head.length && stands(head, text, 0);
  const tail = pieces.at(-1) ?? '';
  const middle = pieces.slice(1, -1).filter((piece) => piece !== '');
  return (text) => {
    const end = text.length - tail.length;
    if (end < head.length || !stands(head, text, 0) || !stands(tail, text, end)) return false;
    let at = head.length;
    for (const piece of middle) {
      const found = find(piece, text, at, end);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return true;
  };
}

function find(piece: string, text: string, from: number, end: number): number {
  const last = end - piece.length;
  if (!piece.includes('?')) {
    const found = text.indexOf(piece, from);
    return found > last ? -1 : found;
  }
  for (let at = from; at <= last; at++) if (stands(piece, text, at)) return at;
  return -1;
}

function stands(piece: string, text: string, at: number): boolean {
  if (!piece.includes('?')) return text.startsWith(piece, at);
  for (let index = 0; index < piece.length; index++)
    if (piece[index] !== '?' && piece[index] !== text[at + index]) return false;
  return true;
}

/** One entry of a list of addresses, in the forms that an index can tell apart. */
export type AddressPattern =
  | { readonly kind: 'exact'; readonly address: string }
  | { readonly kind: 'domain'; readonly domain: string }
  | { readonly kind: 'under'; readonly suffix: string }
  | { readonly kind: 'like'; matches(address: string, domain: string): boolean };

/**
 * A bare domain stands for all of its addresses. What has no @ by itself (a token, a topic, a bundle id) is held against it
 * whole.
 */
export function addressPattern(text: string): AddressPattern {
  const lower = text.trim().toLowerCase();
  if (lower === '' || lower === '<>') return { kind: 'exact', address: '' };
  const at = lower.lastIndexOf('@');
  const local = lower.slice(0, Math.max(at, 0));
  if (at < 0 || local === '*') return domainPattern(lower.slice(at + 1), `*@${lower.slice(at + 1)}`);
  return hasWildcard(lower) ? like(lower) : { kind: 'exact', address: lower };
}

/** @param whole what stands for it where only a pattern of the whole address will do */
export function domainPattern(text: string, whole: string = text): AddressPattern {
  const lower = text.trim().toLowerCase();
  if (!hasWildcard(lower)) return { kind: 'domain', domain: lower };
  const rest = lower.slice(2);
  return lower.startsWith('*.') && !hasWildcard(rest)
    ? { kind: 'under', suffix: rest }
    : like(whole.toLowerCase(), lower);
}

/** @param domain the address's own, empty where it has none; both in lower case */
export function addressMatches(pattern: AddressPattern, address: string, domain: string): boolean {
  switch (pattern.kind) {
    case 'exact':
      return pattern.address === address;
    case 'domain':
      return pattern.domain === domainOrWhole(address, domain);
    case 'under':
      return domainOrWhole(address, domain).endsWith(`.${pattern.suffix}`);
    case 'like':
      return pattern.matches(address, domain);
    default:
      return assertNever(pattern);
  }
}

/** Tokens, topics and bundle ids have no domain. */
export function domainOrWhole(address: string, domain: string): string {
  return domain === '' && !address.includes('@') ? address : domain;
}

/** @param bare of what has no @ */
function like(pattern: string, bare: string | null = null): AddressPattern {
  const matches = likeMatcher(pattern);
  if (!pattern.includes('@')) return { kind: 'like', matches: (_, domain) => matches(domain) };
  if (bare === null) return { kind: 'like', matches };
  const whole = likeMatcher(bare);
  return {
    kind: 'like',
    // The null sender is nobody's app.
    matches: (address) => (address !== '' && !address.includes('@') ? whole(address) : matches(address)),
  };
}

function hasWildcard(text: string): boolean {
  return text.includes('*') || text.includes('?');
}
