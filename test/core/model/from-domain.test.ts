import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromDomain } from '../../../core/model/from-domain.ts';

describe('the domain of From', () => {
  it.each([
    ['From: jane@Example.COM', 'example.com'],
    ['From: Jane <jane@example.com>', 'example.com'],
    ['From: "a@evil.example" <jane@example.com>', 'example.com'],
    ['From: "say \\"hi\\" <x@evil.example>" <jane@example.com>', 'example.com'],
    ['From: jane@example.com (at evil@evil.example)', 'example.com'],
    ['From:\r\n Jane\r\n <jane@example.com>', 'example.com'],
    ['Subject: From: x@y.z\r\nfrom: jane@example.com', 'example.com'],
    ['From: jane@example.com, bob@example.org', 'example.com'],
    [`From: jane@${Buffer.from('bücher.example').toString('latin1')}`, 'xn--bcher-kva.example'],
    ['From: jane@example.com.', 'example.com'],
  ])('of %j is %s', (block, domain) => {
    expect(fromDomain(block)).toBe(domain);
  });

  it.each(['', 'Subject: x', 'From: nobody', 'From: <>', 'From: jane@'])('of %j is not known', (block) => {
    expect(fromDomain(block)).toBeNull();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fromDomain(`From: ${text}`);
      }),
    );
  });
});
