import fc from 'fast-check';
import segments from 'sms-segments-calculator';
import { describe, expect, it } from 'vitest';
import { anatomyOf, partsOf, smartEncoded, unicodePartsOf, unitsMax } from '../../../core/model/sms-text.ts';

const plain = [
  ...'\n\r !"#$%&\'()*+,-./0123456789:;<=>?@ABCXYZ_abcxyz¡£¤¥§¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùüΓΔΘΛΞΠΣΦΨΩ',
];
const extension = [...'\f^{}\\[~]|€'];
const strange = [
  ...[
    'ç',
    'ж',
    '“',
    '👍',
    '👩‍👩‍👧‍👦',
    '🇫🇷',
    'e\u0301',
    'ẞ',
    '中',
    '❤️',
    '❤',
    '1️⃣',
    '👋🏽',
    '\u200d',
    '한',
    '\u1112',
    '\u11ab',
  ],
  ...['नि', 'क्ष', 'ำ', '\u0600', 'ع', '\ud83d', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '\u0301', '\u00ad', '\t', '\uff9e', 'カ'],
];

const textOf = (letters: readonly string[], countMax: number) =>
  fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: countMax }).map((found) => found.join(''));
const anyText = fc.oneof(
  textOf([...plain, '\r\n'], 500),
  textOf([...plain, ...extension], 500),
  textOf(extension, 200),
  textOf([...plain, ...strange], 250),
);

function byLibrary(text: string) {
  const counted = new segments.SegmentedMessage(text);
  return { encoding: counted.encodingName, parts: counted.segmentsCount };
}

describe('partsOf', () => {
  it('says what the library says, of any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(partsOf(text)).toEqual(byLibrary(text));
        expect(unicodePartsOf(text).parts).toBe(new segments.SegmentedMessage(text, 'UCS-2').segmentsCount);
        expect(smartEncoded(text)).toBe(new segments.SegmentedMessage(text, 'auto', true).graphemes.join(''));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['', 'GSM-7', 0],
    ['x'.repeat(160), 'GSM-7', 1],
    ['x'.repeat(161), 'GSM-7', 2],
    ['x'.repeat(306), 'GSM-7', 2],
    ['x'.repeat(307), 'GSM-7', 3],
    ['€'.repeat(80), 'GSM-7', 1],
    ['€'.repeat(81), 'GSM-7', 2],
    // 152 and an escape would fill the part: both septets go to the next one.
    [`${'x'.repeat(152)}€${'x'.repeat(152)}`, 'GSM-7', 3],
    ['ж'.repeat(70), 'UCS-2', 1],
    ['ж'.repeat(71), 'UCS-2', 2],
    ['ж'.repeat(135), 'UCS-2', 3],
    ['👍'.repeat(35), 'UCS-2', 1],
    // 67 units hold 33 of them, and half of one stays out.
    ['👍'.repeat(67), 'UCS-2', 3],
  ] as const)('counts %j', (text, encoding, parts) => {
    expect(partsOf(text)).toEqual({ encoding, parts });
  });
});

describe('anatomyOf', () => {
  it('has the text of each part, with nothing lost and nothing cut in two', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { encoding, parts, texts, units, unitsLeft, unicode } = anatomyOf(text);
        expect(texts.join('')).toBe(text);
        expect(texts).toHaveLength(parts);
        const { one, each } = unitsMax[encoding];
        const sizes = texts.map((part) =>
          encoding === 'UCS-2'
            ? part.length
            : part.length + [...part].filter((letter) => extension.includes(letter)).length,
        );
        expect(Math.max(...sizes)).toBeLessThanOrEqual(parts === 1 ? one : each);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(units);
        expect(unitsLeft).toBe((parts === 1 ? one : each) - (sizes.at(-1) ?? 0));
        // Each part begins where a character does, as the library has them.
        const starts = new Set<number>([0]);
        let end = 0;
        for (const character of new segments.SegmentedMessage(text).graphemes) {
          end += character.length;
          starts.add(end);
        }
        let at = 0;
        for (const part of texts) {
          expect(starts.has(at)).toBe(true);
          at += part.length;
        }
        for (const { character, at: first } of unicode) expect(text.startsWith(character, first)).toBe(true);
        expect(unicode.length > 0).toBe(encoding === 'UCS-2');
      }),
      { numRuns: 200 },
    );
  });

  it('points at what made it Unicode, and says what could stand there', () => {
    const { encoding, unicode, characters } = anatomyOf('It’s “fine” 👩‍👩‍👧‍👦 and 👩');
    expect(encoding).toBe('UCS-2');
    expect(characters).toBe(19);
    expect(unicode).toEqual([
      { character: '’', at: 2, instead: "'" },
      { character: '“', at: 5, instead: '"' },
      { character: '”', at: 10, instead: '"' },
      { character: '👩‍👩‍👧‍👦', at: 12, instead: null },
      { character: '👩', at: 28, instead: null },
    ]);
    expect(anatomyOf('')).toMatchObject({ parts: 0, texts: [], units: 0, unitsLeft: 160 });
  });

  it('swaps letters as Twilio’s SmartEncoded does', () => {
    expect(smartEncoded('“It’s” — fine…')).toBe('"It\'s" - fine...');
  });

  it('counts a text longer than any provider takes without a minute’s work', () => {
    for (const text of ['\u0301'.repeat(64_000), '\u0600'.repeat(64_000), '👩‍👩‍👧‍👦'.repeat(6_000)]) {
      expect(partsOf(text).parts).toBeGreaterThanOrEqual(Math.ceil(text.length / unitsMax['UCS-2'].each));
      expect(anatomyOf(text).texts.join('')).toBe(text);
    }
  });
});
