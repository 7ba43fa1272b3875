import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readText, readValue, writeText, writeValue } from '../../../core/people/csv/cell.ts';

describe('a cell', () => {
  it.each([
    ['', undefined],
    [' 42 ', 42],
    ['-1.5', -1.5],
    ['TRUE', true],
    ['false', false],
    ['null', null],
    ['{"a":[1]}', { a: [1] }],
    ['"42"', '42'],
    ['007', '007'],
    ['1.10', '1.10'],
    ['1e5', '1e5'],
    ['+43660', '+43660'],
    ["'=1+1", '=1+1'],
    ['{broken', '{broken'],
    ['12345678901234567890', '12345678901234567890'],
  ])('that says %j is read as %j', (cell, value) => {
    expect(readValue(cell)).toEqual(value);
  });

  it.each(['=1+1', '+1', '-x', '@SUM(A1)', '\tx', '\rx', '＝1', "'=x"])(
    'is no formula to a spreadsheet: %j',
    (text) => {
      for (const cell of [writeText(text), writeValue(text)]) expect(cell).toMatch(/^['"]/);
    },
  );

  it('is read back as what was written', () => {
    const words = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom("'=", "''+x", '"', 'null', '-', ' '),
    );
    fc.assert(
      fc.property(words, (text) => {
        expect(readText(writeText(text))).toBe(text);
      }),
    );
    fc.assert(
      fc.property(fc.oneof(words, fc.jsonValue()), (value) => {
        expect(readValue(writeValue(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
