import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressBytes6,
  addressText6,
  asciiDomain,
  isUnder,
  nameAndParents,
  reverseName,
} from '../../../core/dns/names.ts';

describe('a domain as people write it', () => {
  it.each([
    ['Shop.Example', 'shop.example'],
    [' shop.example. ', 'shop.example'],
    ['Bücher.example', 'xn--bcher-kva.example'],
    ['例え.テスト', 'xn--r8jz45g.xn--zckzah'],
  ])('%s is %s', (text, name) => expect(asciiDomain(text)).toBe(name));

  it.each([
    '',
    '.',
    'a..b',
    '192.0.2.1',
    'shop.example/path',
    'user@shop.example',
    'shop.example:25',
    '-shop.example',
    'sh_op.example',
    'two words.example',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(130)}example`,
  ])('refuses %j', (text) => expect(asciiDomain(text)).toBeNull());
});

describe('names', () => {
  it('stand under their parents', () => {
    expect([...nameAndParents('a.b.c')]).toEqual(['a.b.c', 'b.c', 'c']);
    expect(isUnder('a.b.c', 'b.c')).toBe(true);
    expect(isUnder('ab.c', 'b.c')).toBe(false);
    expect(isUnder('b.c', 'b.c')).toBe(false);
  });

  it('lead back from an address', () => {
    expect(reverseName('192.0.2.7')).toBe('7.2.0.192.in-addr.arpa');
    expect(reverseName('2001:db8::567:89ab')).toBe(
      'b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
    );
    expect(reverseName('shop.example')).toBeNull();
  });
});

describe('an IPv6 address', () => {
  it('keeps its bytes through text and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect([...addressBytes6(addressText6(bytes))]).toEqual([...bytes]);
      }),
    );
  });

  it('is written as RFC 5952 says', () => {
    expect(addressText6(addressBytes6('2001:DB8:0:0:1:0:0:1'))).toBe('2001:db8::1:0:0:1');
    expect(addressText6(addressBytes6('2001:db8:0:1:1:1:1:1'))).toBe('2001:db8:0:1:1:1:1:1');
    expect(addressText6(addressBytes6('::ffff:192.0.2.1'))).toBe('::ffff:c000:201');
    expect(addressText6(addressBytes6('::'))).toBe('::');
  });
});
