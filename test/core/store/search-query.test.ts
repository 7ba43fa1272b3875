import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../core/model/app-error.ts';
import { parseSearch, queryCharsMax } from '../../../core/store/search-query.ts';

const nowMs = Date.UTC(2026, 0, 31, 12, 30);
const parse = (text: string) => parseSearch(text, nowMs);
const text = (value: string, about: object = {}) => ({
  kind: 'text',
  column: null,
  value,
  phrase: false,
  not: false,
  ...about,
});

describe('the search language', () => {
  it.each([
    ['', []],
    ['   ', []],
    ['hello world', [text('hello'), text('world')]],
    ['"hello world"', [text('hello world', { phrase: true })]],
    ['"never closed', [text('never closed', { phrase: true })]],
    ['-hello', [text('hello', { not: true })]],
    ['-"hello world"', [text('hello world', { phrase: true, not: true })]],
    ['-', []],
    ['""', []],
    ['from:jane', [text('jane', { column: 'sender' })]],
    ['FROM:Jane', [text('Jane', { column: 'sender' })]],
    ['-to:"max mustermann"', [text('max mustermann', { column: 'recipients', phrase: true, not: true })]],
    ['message-id:<a@b>', [text('<a@b>', { column: 'message_id' })]],
    ['http://example.com/x', [text('http://example.com/x')]],
    ['constructor:x', [text('constructor:x')]],
    ['12:30', [text('12:30')]],
    ['re: hello', [text('re:'), text('hello')]],
    ['has:attachments', [{ kind: 'has', value: 'attachment', not: false }]],
    ['-is:unread', [{ kind: 'is', value: 'unread', not: true }]],
    ['tag:"two words"', [{ kind: 'equals', column: 'tag', value: 'two words', not: false }]],
    ['larger:1.5M', [{ kind: 'size', compare: 'larger', bytes: 1_572_864, not: false }]],
    ['smaller:10kb', [{ kind: 'size', compare: 'smaller', bytes: 10_240, not: false }]],
    ['after:2h', [{ kind: 'received', compare: 'after', atMs: nowMs - 7_200_000, not: false }]],
    ['before:today', [{ kind: 'received', compare: 'before', atMs: Date.UTC(2026, 0, 31), not: false }]],
    ['before:yesterday', [{ kind: 'received', compare: 'before', atMs: Date.UTC(2026, 0, 30), not: false }]],
    ['after:2026-01-02', [{ kind: 'received', compare: 'after', atMs: Date.UTC(2026, 0, 2), not: false }]],
    [
      'after:2026-01-02T03:04z',
      [{ kind: 'received', compare: 'after', atMs: Date.UTC(2026, 0, 2, 3, 4), not: false }],
    ],
  ])('reads %j', (query, terms) => {
    expect(parse(query)).toEqual(terms);
  });

  it.each([
    ['from:', 'needs a value'],
    ['is:new', 'is:unread'],
    ['has:cheese', 'has:attachment'],
    ['larger:much', '10k'],
    ['after:soon', 'yesterday'],
    ['before:2026-13-40', 'is no time'],
    ['x'.repeat(queryCharsMax + 1), 'longer than'],
    ['x '.repeat(33), 'more than 32 terms'],
  ])('refuses %j, saying what is expected', (query, why) => {
    expect(() => parse(query)).toThrow(AppError);
    expect(() => parse(query)).toThrow(why);
  });

  it('reads anything or refuses it, and never anything else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (query) => {
        try {
          for (const term of parse(query)) expect(typeof term.kind).toBe('string');
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad_query' });
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
