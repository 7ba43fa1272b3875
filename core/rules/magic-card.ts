/** All that is magic on one card: words of mail addresses, of push tokens and of users' ids, ends of numbers. */
import { type MagicWord, magicWords } from './magic.ts';
import { magicNumberBegins, magicNumberPrefix, magicNumberWords } from './magic-numbers.ts';
import { hexOf, magicTokenWords } from './magic-tokens.ts';
import { magicUserWords } from './magic-users.ts';

export interface CardLine extends MagicWord {
  readonly of: 'address' | 'token' | 'number' | 'user';
  /** Of a token: what stands for the example where it must be hex. */
  readonly hex: string | null;
  /** Of a number: the example as a valid one of several countries (ISO 3166-1 alpha-2). */
  readonly countries: readonly { readonly country: string; readonly example: string }[];
}

export const magicCard: readonly CardLine[] = [
  ...magicWords.map((word) => ({ of: 'address' as const, ...word, hex: null, countries: [] })),
  ...magicTokenWords.map((word) => ({
    of: 'token' as const,
    ...word,
    stage: 'farSide' as const,
    hex: hexOf(word.example),
    countries: [],
  })),
  ...magicNumberWords.map(({ end, does, kind }) => {
    const countries = magicNumberBegins.map(({ country, begin }) => ({
      country,
      example: `${begin}${magicNumberPrefix}${end}`,
    }));
    return {
      of: 'number' as const,
      form: `${magicNumberPrefix}${end}`,
      example: countries[0]?.example ?? '',
      stage: 'farSide' as const,
      does,
      kind,
      hex: null,
      countries,
    };
  }),
  ...magicUserWords.map((word) => ({
    of: 'user' as const,
    ...word,
    stage: 'farSide' as const,
    hex: null,
    countries: [],
  })),
];
