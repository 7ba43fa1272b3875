import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressBytes, addressText, sameAddress } from '../../../../core/doors/smtp/ip-address.ts';
import {
  encodeProxyHeader,
  type ProxyHeader,
  parseProxyHeader,
  proxyHeaderBytesMax,
} from '../../../../core/doors/smtp/proxy-header.ts';

const port = fc.integer({ min: 0, max: 65_535 });
const values = fc.array(
  fc.record({ type: fc.integer({ min: 0, max: 255 }), value: fc.uint8Array({ maxLength: 100 }) }),
  { maxLength: 5 },
);
const header: fc.Arbitrary<ProxyHeader> = fc.oneof(
  fc.record({
    ends: fc.record({
      source: fc.record({ address: fc.ipV4(), port }),
      destination: fc.record({ address: fc.ipV4(), port }),
    }),
    values,
  }),
  fc.record({
    ends: fc.record({
      source: fc.record({ address: fc.ipV4(), port }),
      destination: fc.record({ address: fc.constant('2001:db8:2525::11'), port }),
    }),
    values,
  }),
);

describe('a PROXY header', () => {
  it('is the bytes that the specification draws', () => {
    const bytes = encodeProxyHeader({
      ends: {
        source: { address: '192.0.2.10', port: 40_000 },
        destination: { address: '198.51.100.11', port: 25 },
      },
      values: [{ type: 0xe0, value: Buffer.from('hi') }],
    });
    expect(bytes.toString('hex')).toBe(
      `0d0a0d0a000d0a515549540a${'21'}${'11'}${'0011'}${'c000020a'}${'c633640b'}${'9c40'}${'0019'}${'e0'}${'0002'}6869`,
    );
  });

  it('comes back as it was written, and says where the conversation begins', () => {
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 50 }), (written, behind) => {
        const bytes = encodeProxyHeader(written);
        const parsed = parseProxyHeader(Buffer.concat([bytes, behind]));
        expect(parsed).toEqual({ kind: 'header', header: written, bytes: bytes.length });
      }),
    );
  });

  it('is waited for until it is whole, wherever it is cut', () => {
    fc.assert(
      fc.property(header, fc.double({ min: 0, max: 1, noNaN: true }), (written, part) => {
        const bytes = encodeProxyHeader(written);
        const cut = Math.min(bytes.length - 1, Math.floor(bytes.length * part));
        expect(parseProxyHeader(bytes.subarray(0, cut))).toEqual({ kind: 'incomplete' });
      }),
    );
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        parseProxyHeader(Buffer.from(bytes));
      }),
    );
    fc.assert(
      fc.property(header, fc.nat(300), fc.nat(255), (written, at, value) => {
        const bytes = encodeProxyHeader(written);
        bytes[at % bytes.length] = value;
        parseProxyHeader(bytes);
      }),
    );
  });

  it('of a client that says EHLO, of version 1, of another family or too long is refused', () => {
    const kindOf = (bytes: Buffer): string => parseProxyHeader(bytes).kind;
    expect(kindOf(Buffer.from('EHLO me\r\n'))).toBe('wrong');
    expect(kindOf(Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n'))).toBe('wrong');
    const good = encodeProxyHeader({
      ends: { source: { address: '192.0.2.1', port: 1 }, destination: { address: '192.0.2.2', port: 2 } },
      values: [],
    });
    const changed = (at: number, value: number): Buffer => {
      const bytes = Buffer.from(good);
      bytes[at] = value;
      return bytes;
    };
    expect(kindOf(changed(12, 0x11))).toBe('wrong');
    expect(kindOf(changed(13, 0x31))).toBe('wrong');
    expect(kindOf(changed(14, (proxyHeaderBytesMax >> 8) + 1))).toBe('wrong');
  });

  it('of a LOCAL connection names no ends', () => {
    const bytes = encodeProxyHeader({ ends: null, values: [] });
    expect(parseProxyHeader(bytes)).toEqual({
      kind: 'header',
      header: { ends: null, values: [] },
      bytes: 16,
    });
  });
});

describe('an address', () => {
  it('has one text', () => {
    expect(sameAddress('2001:DB8:2525:0:0:0:0:11')).toBe('2001:db8:2525::11');
    expect(sameAddress('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(sameAddress('::')).toBe('::');
    expect(sameAddress('1::')).toBe('1::');
    expect(sameAddress('1:0:0:2:0:0:0:3')).toBe('1:0:0:2::3');
    expect(sameAddress('mx.example.com')).toBeNull();
  });

  it('comes back from its bytes', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const bytes = addressBytes(text, 6);
        expect(addressBytes(addressText(bytes), 6)).toEqual(bytes);
      }),
    );
  });
});
