import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesPattern } from '../../../core/model/patterns.ts';

describe('a pattern', () => {
  it('means what a regular expression says it means', () => {
    const letters = fc
      .array(fc.constantFrom('a', 'b', 'A', '.', '@'), { maxLength: 12 })
      .map((one) => one.join(''));
    const patterns = fc
      .array(fc.constantFrom('a', 'b', '.', '@', '*', '?', '**', '*?'), { maxLength: 8 })
      .map((one) => one.join(''));
    fc.assert(
      fc.property(patterns, letters, (pattern, text) => {
        const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, (char) =>
          char === '*' ? '.*' : char === '?' ? '.' : `\\${char}`,
        );
        expect(matchesPattern(pattern, text)).toBe(new RegExp(`^${source}$`, 'is').test(text));
      }),
      { numRuns: 5_000 },
    );
  });

  it('cannot stall the loop: a backtracking matcher would never come back from these', () => {
    const text = 'a'.repeat(2_000);
    for (const pattern of [`${'*a'.repeat(500)}*b`, `${'a*'.repeat(500)}b`, `${'?*'.repeat(500)}b`]) {
      expect(matchesPattern(pattern, text)).toBe(false);
    }
  });
});
