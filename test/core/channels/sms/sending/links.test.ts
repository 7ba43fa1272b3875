import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  digestOf,
  readShortCode,
  shortCode,
  trackedLinks,
  withShortLinks,
} from '../../../../../core/channels/sms/links.ts';

const secret = Buffer.alloc(32, 7);

describe('short links', () => {
  it('take the place of links, the same for the same, and leave the sentence as it is', () => {
    const text = 'See https://a.example/x?y=1. Or http://b.example (https://a.example/x?y=1)!';
    expect(trackedLinks(text)).toEqual(['https://a.example/x?y=1', 'http://b.example']);
    expect(withShortLinks(text, 'http://localhost:8025/s/', (link) => `code${link}`)).toBe(
      'See http://localhost:8025/s/code0. Or http://localhost:8025/s/code1 (http://localhost:8025/s/code0)!',
    );
  });

  it('are seven letters that say whose they are, and come back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 27 - 1 }),
        fc.integer({ min: 0, max: 7 }),
        fc.uuid(),
        (seq, link, id) => {
          const code = shortCode({ seq, id }, link, secret);
          expect(code).toMatch(/^[0-9A-Za-z]{7}$/);
          expect(readShortCode(code)).toEqual({
            deliverySeq: seq,
            link,
            digest: digestOf(id, link, secret),
          });
        },
      ),
    );
  });

  it('grow by a letter before they run out', () => {
    const code = shortCode({ seq: 2 ** 32, id: 'x' }, 3, secret);
    expect(code).toHaveLength(8);
    expect(readShortCode(code)).toMatchObject({ deliverySeq: 2 ** 32, link: 3 });
  });

  it.each(['', 'abc', 'abcdefg-', 'äbcdefg', '0000000000'])('“%s” is none', (code) => {
    expect(readShortCode(code)).toBeNull();
  });
});
