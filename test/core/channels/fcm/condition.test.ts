import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionHolds, parseCondition } from '../../../../core/channels/fcm/condition.ts';

describe('a condition', () => {
  it.each([
    ["'a' in topics", ['a'], true],
    ["'a' in topics", ['b'], false],
    ["'a' in topics && 'b' in topics", ['a', 'b'], true],
    ["'a' in topics || 'b' in topics", ['b'], true],
    ["!('a' in topics)", ['b'], true],
    ["! 'a' in topics", ['a'], false],
    ["'a' in topics && ('b' in topics || 'c' in topics)", ['a', 'c'], true],
    ["('a' in topics)", ['a'], true],
    // From left to right: (a or b) and c.
    ["'a' in topics || 'b' in topics && 'c' in topics", ['a'], false],
    ["  'a'   in topics&&'b'in topics ", ['a', 'b'], true],
    ["'A' in topics", ['a'], false],
  ])('%s of %j is %s', (text, topics, holds) => {
    const parsed = parseCondition(text);
    if ('fault' in parsed) throw new Error(parsed.fault);
    expect(conditionHolds(parsed.condition, topics)).toBe(holds);
  });

  it.each([
    ['', 'a topic in single quotes was expected, and it ends', 0],
    ['a in topics', 'a topic in single quotes was expected, and there is a', 0],
    ["'a' in topic", 'topics was expected, and there is topic', 7],
    ["'a'", 'in was expected, and it ends', 3],
    ["'a' in topics &", '& has no meaning in a condition', 14],
    ["'a' in topics 'b' in topics", "&& or || was expected, and there is 'b'", 14],
    ["('a' in topics", ') was expected, and it ends', 14],
    ["'a in topics", 'a quote is not closed', 0],
    ["'a b' in topics", "'a b' is no name of a topic: letters, digits and -_.~% only", 0],
    [
      "'a' in topics && 'b' in topics && 'c' in topics && 'd' in topics && 'e' in topics && 'f' in topics",
      'a condition names at most 5 topics',
      0,
    ],
    [`${'('.repeat(40)}'a' in topics`, 'parentheses are nested deeper than 32', 33],
    ["'a' in topics".padEnd(5_000), 'a condition has at most 4096 characters', 4_096],
  ])('%s is refused in words, with the place', (text, fault, at) => {
    expect(parseCondition(text)).toEqual({ fault, at });
  });

  it('is read or refused, whatever stands there', () => {
    const piece = fc.constantFrom("'a'", "'b c'", 'in', 'topics', '&&', '||', '!', '(', ')', ' ', "'", '&');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const parsed = parseCondition(pieces.join(' '));
        if (!('fault' in parsed)) conditionHolds(parsed.condition, ['a']);
      }),
    );
  });
});
