import { describe, expect, it } from 'vitest';
import {
  completeField,
  hasTerm,
  searchTerms,
  suggestFields,
  toggleTerm,
} from '../../renderer/src/messages/search-terms.ts';

describe('searchTerms', () => {
  it('keeps quoted words together and reads fields and negation', () => {
    const terms = searchTerms('hello subject:"reset your password" -from:jane -x');
    expect(terms.map(({ field, value, negated }) => [field, value, negated])).toEqual([
      [null, 'hello', false],
      ['subject', 'reset your password', false],
      ['from', 'jane', true],
      [null, 'x', true],
    ]);
  });

  it('takes an open quote to the end', () => {
    expect(searchTerms('a "b c').map(({ value }) => value)).toEqual(['a', 'b c']);
  });
});

describe('toggleTerm', () => {
  it('adds a term, and takes it out again', () => {
    expect(toggleTerm('hello', 'is:unread')).toBe('hello is:unread');
    expect(toggleTerm('hello is:unread', 'is:unread')).toBe('hello');
    expect(hasTerm('hello IS:unread', 'is:unread')).toBe(true);
  });
});

describe('suggestions', () => {
  it('offer the fields that a half-typed word could become', () => {
    expect(suggestFields('hello fr').map(({ name }) => name)).toEqual(['from']);
    expect(suggestFields('from:jane')).toEqual([]);
    expect(suggestFields('').length).toBeGreaterThan(10);
  });

  it('complete the last word and leave the rest alone', () => {
    expect(completeField('hello -fr', 'from')).toBe('hello -from:');
    expect(completeField('hello ', 'to')).toBe('hello to:');
  });
});
