import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesGlob } from '../../../../core/channels/inapp/page-rules.ts';

test('a text without stars matches itself alone', () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes('*')),
      fc.string(),
      (text, other) => {
        expect(matchesGlob(text, text)).toBe(true);
        expect(matchesGlob(text, other)).toBe(text === other);
      },
    ),
  );
});

test('two stars stand for anything, one for anything within a segment', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (before, middle, after) => {
      const [head, tail] = [before.replaceAll('*', ''), after.replaceAll('*', '')];
      expect(matchesGlob(`${head}**${tail}`, `${head}${middle}${tail}`)).toBe(true);
      const segment = middle.replaceAll('/', '');
      expect(matchesGlob(`${head}*${tail}`, `${head}${segment}${tail}`)).toBe(true);
    }),
  );
});

test('many stars take no longer for it', () => {
  expect(matchesGlob(`${'*a'.repeat(200)}b`, 'a'.repeat(4_000))).toBe(false);
});
