import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headerValue } from '../../../core/model/header-block.ts';
import { knownOf } from '../../../core/rules/known.ts';

const subjectOf = (headers: string): string =>
  knownOf({ channel: 'email', door: 'smtp', headers }).headers?.subject.text ?? '';

describe('the subject', () => {
  it('is found without splitting the block, and is what splitting it finds', () => {
    const end = fc.constantFrom('\r\n', '\n', '\r');
    const words = fc.string({ unit: fc.constantFrom('a', ' ', '\t', ':', 'subject', ','), maxLength: 6 });
    const fold = fc.tuple(end, fc.constantFrom(' ', '\t'), words).map((parts) => parts.join(''));
    const field = fc
      .tuple(
        fc.constantFrom('Subject', 'SUBJECT ', 'X-Subject', 'To', 'subject\t'),
        words,
        fc.array(fold, { maxLength: 3 }),
        end,
      )
      .map(([name, value, folds, last]) => `${name}:${value}${folds.join('')}${last}`);
    fc.assert(
      fc.property(fc.array(field, { maxLength: 6 }), (fields) => {
        const block = fields.join('');
        expect(subjectOf(block)).toBe(headerValue(block, 'subject') ?? '');
      }),
      { numRuns: 2_000 },
    );
  });
});
