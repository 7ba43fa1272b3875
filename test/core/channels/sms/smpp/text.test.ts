import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeGsm,
  decodeText,
  encodeGsm,
  encodeUcs2,
  partsToDeliver,
  readUserDataHeader,
} from '../../../../../core/channels/sms/smpp/text.ts';
import { readSmppTime, receiptTime, writeSmppTime } from '../../../../../core/channels/sms/smpp/time.ts';

describe('GSM 03.38', () => {
  it('has every letter of its two tables, and back', () => {
    for (let code = 0; code < 128; code++) {
      if (code === 0x1b) continue;
      expect([...(encodeGsm(decodeGsm(Buffer.of(code))) ?? [])]).toEqual([code]);
    }
    const extension = '^{}\\[~]|€\f';
    expect(decodeGsm(encodeGsm(extension) ?? Buffer.alloc(0))).toBe(extension);
    expect(encodeGsm('ё')).toBeNull();
  });
});

describe('parts', () => {
  it('hold together to the text that they were, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'grapheme', maxLength: 400 }),
          fc.string({ unit: fc.constantFrom('a', '€', '{', '@', 'é'), maxLength: 700 }),
        ),
        (text) => {
          const pieces = partsToDeliver(text, 7);
          const octets = pieces.map((piece) =>
            piece.withHeader ? (readUserDataHeader(piece.octets)?.rest ?? Buffer.alloc(0)) : piece.octets,
          );
          const [first] = pieces;
          expect(decodeText(Buffer.concat(octets), first?.dataCoding ?? 0).text).toBe(
            first?.dataCoding === 8 ? encodeUcs2(text).swap16().toString('utf16le') : text,
          );
          for (const [at, { octets: unit, withHeader }] of pieces.entries()) {
            expect(unit.length).toBeLessThanOrEqual(160);
            if (withHeader)
              expect(readUserDataHeader(unit)?.part).toMatchObject({
                total: pieces.length,
                sequence: at + 1,
              });
          }
        },
      ),
    );
  });
});

describe('times', () => {
  const nowMs = Date.UTC(2026, 0, 31, 10, 0, 0);

  it.each([
    ['000002000000000R', Date.UTC(2026, 1, 2, 10)],
    ['000000013000000R', Date.UTC(2026, 0, 31, 11, 30)],
    ['260201120000000+', Date.UTC(2026, 1, 1, 12)],
    ['260201120000004+', Date.UTC(2026, 1, 1, 11)],
    ['260201120000020-', Date.UTC(2026, 1, 1, 17)],
    ['260201120000500+', Date.UTC(2026, 1, 1, 12, 0, 0, 500)],
  ])('reads %s', (text, atMs) => {
    expect(readSmppTime(text, nowMs)).toBe(atMs);
  });

  it.each([
    '26020112',
    '261301120000000+',
    '260132120000000+',
    '260201240000000+',
    '260201120000049+',
    'x'.repeat(16),
  ])('takes %s for no time', (text) => {
    expect(readSmppTime(text, nowMs)).toBeUndefined();
  });

  it('writes what it reads', () => {
    expect(readSmppTime('', nowMs)).toBeNull();
    expect(readSmppTime(writeSmppTime(nowMs), 0)).toBe(nowMs);
    expect(receiptTime(nowMs)).toBe('2601311000');
  });
});
