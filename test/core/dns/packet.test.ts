import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DnsRecord } from '../../../core/dns/dns.ts';
import { decodeMessage, encodeMessage, type Message, textStrings } from '../../../core/dns/packet.ts';

const number16 = fc.nat(0xffff);
const number32 = fc.integer({ min: 0, max: 0xffff_ffff });
/** Labels with any byte, as text with escapes: what the codec reads is what it writes. */
const label = fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) =>
  [...bytes]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      if (char === '.' || char === '\\') return `\\${char}`;
      return byte > 0x20 && byte < 0x7f ? char : `\\${String(byte).padStart(3, '0')}`;
    })
    .join(''),
);
const name = fc.oneof(
  fc.array(label, { maxLength: 5 }).map((labels) => labels.join('.')),
  fc.constantFrom('', 'example.com', 'www.example.com', 'EXAMPLE.com', '_dmarc.example.com'),
);
const ip4 = fc.ipV4();
const ip6 = fc.constantFrom('2001:db8::1', '::', '2001:db8:0:1:1:1:1:1', '::ffff:c000:201');
const own = { name, ttlS: number32 };
const record: fc.Arbitrary<DnsRecord> = fc.oneof(
  fc.record({ ...own, type: fc.constant('A' as const), address: ip4 }),
  fc.record({ ...own, type: fc.constant('AAAA' as const), address: ip6 }),
  fc.record({ ...own, type: fc.constantFrom('CNAME' as const, 'NS' as const, 'PTR' as const), target: name }),
  fc.record({ ...own, type: fc.constant('MX' as const), preference: number16, exchange: name }),
  fc.record({
    ...own,
    type: fc.constant('TXT' as const),
    text: fc.string({ unit: 'grapheme', maxLength: 700 }).filter((text) => text.isWellFormed()),
  }),
  fc.record({ ...own, type: fc.constant('SOA' as const), primary: name, admin: name, serial: number32 }),
);
const edns = fc.option(fc.record({ payloadBytes: number16, version: fc.nat(255), dnssecOk: fc.boolean() }), {
  nil: null,
});
const message: fc.Arbitrary<Message> = fc
  .record({
    id: number16,
    response: fc.boolean(),
    opcode: fc.nat(15),
    authoritative: fc.boolean(),
    truncated: fc.boolean(),
    recursionDesired: fc.boolean(),
    recursionAvailable: fc.boolean(),
    code: fc.nat(15),
    questions: fc.array(fc.record({ name, type: number16, class: number16 }), { maxLength: 2 }),
    answers: fc.array(record, { maxLength: 4 }),
    authorities: fc.array(record, { maxLength: 2 }),
    additionals: fc.array(record, { maxLength: 2 }),
    edns,
  })
  .chain((plain) =>
    // Codes above 15 need EDNS to travel.
    plain.edns === null ? fc.constant(plain) : fc.nat(0xfff).map((code) => ({ ...plain, code })),
  );

/** Compression may spell a name as it was spelled before. */
const folded = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (key: string, entry: unknown) =>
    typeof entry === 'string' && key !== 'text' ? entry.toLowerCase() : entry,
  );

describe('a DNS message', () => {
  it('keeps apart what differs outside ASCII only', () => {
    const mx = { name: '', ttlS: 0, type: 'MX', preference: 0, exchange: '\\199' } as const;
    const [first] = fc.sample(message, { numRuns: 1, seed: 1 });
    if (first === undefined) throw new Error('no message');
    const txt = { name: '\\231', ttlS: 0, type: 'TXT', text: '' } as const;
    const sent = { ...first, questions: [], answers: [txt], authorities: [], additionals: [mx], edns: null };
    expect(decodeMessage(encodeMessage(sent))?.additionals).toEqual([mx]);
  });

  it('is the same after the wire', () => {
    fc.assert(
      fc.property(message, (sent) => {
        expect(folded(decodeMessage(encodeMessage(sent)))).toEqual(folded(sent));
      }),
      { numRuns: 500 },
    );
  });

  it('is never read past its end, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        decodeMessage(Buffer.from(bytes));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is refused or read, never half of it, when bytes of it change or are cut off', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.nat(255), fc.nat(), (sent, at, value, cut) => {
        const bytes = encodeMessage(sent);
        bytes[at % bytes.length] = value;
        decodeMessage(bytes);
        const whole = encodeMessage(sent);
        const records =
          sent.questions.length + sent.answers.length + sent.authorities.length + sent.additionals.length;
        if (records > 0 || sent.edns !== null)
          expect(decodeMessage(whole.subarray(0, cut % whole.length))).toBeNull();
      }),
      { numRuns: 500 },
    );
  });
});

const header = (questions: number): Buffer => Buffer.from([0, 1, 0, 0, 0, questions, 0, 0, 0, 0, 0, 0]);

describe('what is refused', () => {
  it.each([
    ['a name that points at itself', [0xc0, 0x0c, 0, 1, 0, 1]],
    ['a name that points ahead', [0xc0, 0x20, 0, 1, 0, 1]],
    ['a label of 64 bytes', [64, ...Array.from({ length: 64 }, () => 97), 0, 0, 1, 0, 1]],
    [
      'a name of more than 255 bytes',
      [
        ...Array.from({ length: 5 }, () => [63, ...Array.from({ length: 63 }, () => 97)]).flat(),
        0,
        0,
        1,
        0,
        1,
      ],
    ],
    ['a question that ends early', [1, 97, 0, 0, 1]],
  ])('is %s', (_, bytes) => {
    expect(decodeMessage(Buffer.concat([header(1), Buffer.from(bytes)]))).toBeNull();
  });
});

describe('names on the wire', () => {
  it('are written once and pointed at', () => {
    const plain: Message = {
      id: 1,
      response: true,
      opcode: 0,
      authoritative: true,
      truncated: false,
      recursionDesired: false,
      recursionAvailable: false,
      code: 0,
      questions: [{ name: 'Shop.Example', type: 15, class: 1 }],
      answers: [{ name: 'shop.example', ttlS: 1, type: 'MX', preference: 1, exchange: 'mx.shop.example' }],
      authorities: [],
      additionals: [],
      edns: null,
    };
    const bytes = encodeMessage(plain);
    expect(bytes.length).toBe(12 + 14 + 4 + 2 + 10 + 2 + 5);
    // The owner is spelled as the question was: some resolvers check that.
    expect(decodeMessage(bytes)?.answers[0]?.name).toBe('Shop.Example');
  });
});

describe('a long text', () => {
  it('is split into strings of 255 bytes, no character torn', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 900 }), (text) => {
        const well = text.toWellFormed();
        const parts = textStrings(well);
        expect(parts.every((part) => part.length <= 255)).toBe(true);
        expect(parts.map((part) => part.toString('utf8')).join('')).toBe(well);
      }),
    );
    expect(textStrings('')).toHaveLength(1);
    expect(textStrings('a'.repeat(256)).map((part) => part.length)).toEqual([255, 1]);
  });
});
