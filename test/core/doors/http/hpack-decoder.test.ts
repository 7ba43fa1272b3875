import { describe, expect, it } from 'vitest';
import { HpackDecoder, HpackError } from '../../../../core/doors/http/hpack-decoder.ts';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');
const decoder = (): HpackDecoder => new HpackDecoder(64 * 1024);

/** RFC 7541 Appendix C: blocks of one connection after each other, and what they say. */
const examples: readonly {
  readonly name: string;
  readonly blocks: readonly (readonly [block: string, fields: readonly (readonly [string, string])[]])[];
}[] = [
  {
    name: 'C.2.1 literal with indexing',
    blocks: [
      ['400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572', [['custom-key', 'custom-header']]],
    ],
  },
  {
    name: 'C.2.2 literal without indexing',
    blocks: [['040c 2f73 616d 706c 652f 7061 7468', [[':path', '/sample/path']]]],
  },
  {
    name: 'C.2.3 never indexed',
    blocks: [['1008 7061 7373 776f 7264 0673 6563 7265 74', [['password', 'secret']]]],
  },
  { name: 'C.2.4 indexed', blocks: [['82', [[':method', 'GET']]]] },
  {
    name: 'C.3 requests without Huffman coding',
    blocks: requests(
      '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
      '8286 84be 5808 6e6f 2d63 6163 6865',
      '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
    ),
  },
  {
    name: 'C.4 requests with Huffman coding',
    blocks: requests(
      '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
      '8286 84be 5886 a8eb 1064 9cbf',
      '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
    ),
  },
];

function requests(
  first: string,
  second: string,
  third: string,
): readonly (readonly [string, readonly (readonly [string, string])[]])[] {
  const of = (scheme: string, path: string): readonly (readonly [string, string])[] => [
    [':method', 'GET'],
    [':scheme', scheme],
    [':path', path],
    [':authority', 'www.example.com'],
  ];
  return [
    [first, of('http', '/')],
    [second, [...of('http', '/'), ['cache-control', 'no-cache']]],
    [third, [...of('https', '/index.html'), ['custom-key', 'custom-value']]],
  ];
}

describe('the HPACK decoder', () => {
  for (const { name, blocks } of examples)
    it(`decodes RFC 7541 ${name}`, () => {
      const hpack = decoder();
      for (const [block, fields] of blocks) expect(hpack.decode(hex(block))).toEqual(fields);
    });

  it('decodes responses with eviction, after the table was made 256 bytes (C.6)', () => {
    const hpack = decoder();
    const date = 'Mon, 21 Oct 2013 20:13:21 GMT';
    const common = (status: string, at: string): readonly (readonly [string, string])[] => [
      [':status', status],
      ['cache-control', 'private'],
      ['date', at],
      ['location', 'https://www.example.com'],
    ];
    const size256 = '3fe1 01';
    expect(
      hpack.decode(
        hex(`${size256} 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6
          2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3`),
      ),
    ).toEqual(common('302', date));
    expect(hpack.decode(hex('4883 640e ffc1 c0bf'))).toEqual(common('307', date));
    expect(
      hpack.decode(
        hex(`88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2
          e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07`),
      ),
    ).toEqual([
      ...common('200', 'Mon, 21 Oct 2013 20:13:22 GMT'),
      ['content-encoding', 'gzip'],
      ['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'],
    ]);
  });

  it.each([
    ['an index of nothing', '80'],
    ['an index past the table', 'be'],
    ['a string longer than its block', '400a 63'],
    ['an integer without an end', 'ff ff ff ff ff ff ff ff'],
    ['a larger table than agreed', '3fe2 1f'],
    ['a size in the middle', '8220'],
    ['padding of zeros', '0085 f1e3 c2e5 00 00'],
    ['a whole byte of padding', '0082 1fff 00'],
    ['the end inside a string', '0084 ffff ffff 00'],
  ])('refuses %s', (_what, block) => {
    expect(() => decoder().decode(hex(block))).toThrow(HpackError);
  });

  it('refuses a small block that unpacks to more than the limit', () => {
    const hpack = decoder();
    const value = 'a'.repeat(3000);
    const literal = Buffer.concat([hex('4001 61 7f b916'), Buffer.from(value)]);
    expect(hpack.decode(literal)).toEqual([['a', value]]);
    expect(() => hpack.decode(Buffer.alloc(30, 0xbe))).toThrow(/more than 65536 bytes/);
  });
});
