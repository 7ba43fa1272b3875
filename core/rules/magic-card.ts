/** All magic words on one card: of mail addresses, and of push tokens. */
import { type MagicWord, magicWords } from './magic.ts';
import { hexOf, magicTokenWords } from './magic-tokens.ts';

export interface CardLine extends MagicWord {
  readonly of: 'address' | 'token';
  /** Of a token: what stands for the example where it must be hex. */
  readonly hex: string | null;
}

export const magicCard: readonly CardLine[] = [
  ...magicWords.map((word) => ({ of: 'address' as const, ...word, hex: null })),
  ...magicTokenWords.map((word) => ({
    of: 'token' as const,
    ...word,
    stage: 'farSide' as const,
    hex: hexOf(word.example),
  })),
];
