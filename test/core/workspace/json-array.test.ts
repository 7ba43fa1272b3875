import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJsonArray, readJsonLines } from '../../../core/workspace/json-array.ts';
import { allOf } from '../../all-of.ts';

describe('a JSON array that is read piece by piece', () => {
  it('is what JSON.parse reads, however it is written and cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue(), { maxLength: 5 }),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 1, max: 9 }),
        async (values, indent, cut) => {
          const text = JSON.stringify(values, null, indent);
          const read = await allOf(readJsonArray(cutUp(text, cut), 10_000));
          expect(read.map(({ value }) => value)).toEqual(JSON.parse(text));
          expect(read.map(({ number }) => number)).toEqual(values.map((_, at) => at + 1));
        },
      ),
    );
  });

  it.each([
    ['{"a": 1}', 'no JSON array'],
    ['[1, 2', 'its end is missing'],
    ['', 'its end is missing'],
    ['[1] x', 'no JSON array'],
    ['[1, , 2]', 'Element 2'],
    ['[1, 2, ]', 'Element 3'],
  ])('is refused as %s', async (text, words) => {
    await expect(allOf(readJsonArray(cutUp(text, 3), 100))).rejects.toThrow(words);
  });

  it('has a limit for one element', async () => {
    await expect(allOf(readJsonArray(cutUp(`[1, "${'x'.repeat(200)}"]`, 7), 100))).rejects.toMatchObject({
      code: 'too_large',
      message: 'Element 2 has more than 100 bytes.',
    });
  });
});

describe('lines of JSON', () => {
  it('may end with CRLF, be empty, and lack the last end', async () => {
    const read = await allOf(readJsonLines(cutUp('{"a":1}\r\n\n"ü"', 2), 100));
    expect(read).toEqual([
      { number: 1, value: { a: 1 } },
      { number: 3, value: 'ü' },
    ]);
  });
});

async function* cutUp(text: string, cut: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += cut) yield bytes.subarray(at, at + cut);
}
