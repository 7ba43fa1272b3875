import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { outboundIdentity } from '../../../core/dns/addresses.ts';
import type { DnsAnswer } from '../../../core/dns/dns.ts';
import {
  type Asked,
  answerText,
  nodeResolver,
  questionText,
  recordingResolver,
  zonesResolver,
} from '../../../core/dns/resolver.ts';
import { createZones } from '../../../core/dns/zones.ts';
import { type DomainFault, domainFaults } from '../../../core/model/sending-domain.ts';
import { openDomains } from './memory-documents.ts';

const ask = nodeResolver(zonesResolver(createZones()));

describe('answers in the shape of node:dns', () => {
  it('are what node:dns would resolve to', async () => {
    expect(await ask('gmail.com', 'MX')).toContainEqual({
      exchange: 'mx1.gmail.sandpost.example',
      priority: 10,
    });
    expect(await ask('mx1.gmail.sandpost.example', 'A')).toEqual(['198.51.100.11']);
    expect(await ask('mx1.gmail.sandpost.example', 'AAAA')).toEqual(['2001:db8:2525::11']);
    expect(await ask('gmail.com', 'txt')).toEqual([['v=spf1 ip4:203.0.113.11 -all']]);
    expect(await ask('11.100.51.198.in-addr.arpa', 'PTR')).toEqual(['mx1.gmail.sandpost.example']);
    expect(await ask('null-mx.example', 'MX')).toEqual([{ exchange: '', priority: 0 }]);
    expect(await ask('gmail.com', 'SOA')).toMatchObject([{ nsname: 'ns.sandpost.example' }]);
  });

  it('have a long text in pieces, as it is on the wire', async () => {
    const domains = await openDomains();
    await domains.setExtraRecords('long.org', [
      { name: 'long.org', ttlS: 5, type: 'TXT', text: 'x'.repeat(600) },
    ]);
    const [pieces] = await nodeResolver(domains.resolver)('long.org', 'TXT');
    expect(pieces).toEqual(['x'.repeat(255), 'x'.repeat(255), 'x'.repeat(90)]);
  });

  it.each([
    ['nobody.invalid', 'A', 'ENOTFOUND'],
    ['no-address.example', 'MX', 'ENODATA'],
    ['dns-servfail.example', 'A', 'ESERVFAIL'],
    ['dns-timeout.example', 'A', 'ETIMEOUT'],
    [`${'a'.repeat(64)}.org`, 'A', 'EBADNAME'],
    ['gmail.com', 'SRV', 'ENOTIMP'],
  ])('are refused for %s %s with %s', async (name, type, code) => {
    await expect(ask(name, type)).rejects.toMatchObject({ code });
  });
});

describe('questions and answers as evidence', () => {
  it('are told in words, in the order asked', async () => {
    const asked: Asked[] = [];
    const resolver = recordingResolver(zonesResolver(createZones()), (one) => asked.push(one));
    await resolver.query('Gmail.com.', 'MX');
    await resolver.query('nobody.invalid', 'A');
    await resolver.query('null-mx.example', 'MX');
    await resolver.query('no-address.example', 'A');
    expect(asked).toEqual([
      {
        question: 'gmail.com MX',
        answer: '10 mx1.gmail.sandpost.example; 20 mx2.gmail.sandpost.example; 30 mx3.gmail.sandpost.example',
      },
      { question: 'nobody.invalid A', answer: 'NXDOMAIN: there is no such name' },
      { question: 'null-mx.example MX', answer: '0 .' },
      { question: 'no-address.example A', answer: 'no record of this type' },
    ]);
    expect(questionText('', 'NS')).toBe('. NS');
    const codes: readonly DnsAnswer['code'][] = ['SERVFAIL', 'REFUSED', 'TIMEOUT'];
    for (const code of codes) expect(answerText({ code, records: [] })).not.toBe('');
  });
});

interface MailauthSpf {
  readonly spf: (options: object) => Promise<{ readonly status: { readonly result: string } }>;
}
const { spf }: MailauthSpf = createRequire(import.meta.url)('mailauth/lib/spf');

describe('what a receiver makes of SPF', () => {
  async function judge(
    faults: readonly DomainFault[],
  ): Promise<{ readonly from: string; readonly helo: string }> {
    const domains = await openDomains();
    await domains.create('shop.example');
    const domain = await domains.change('shop.example', { faults });
    const { ip, helo } = outboundIdentity(domain);
    const result = async (sender: string): Promise<string> =>
      (
        await spf({
          sender,
          ip,
          helo,
          mta: 'mx.test',
          strict: true,
          resolver: nodeResolver(domains.resolver),
        })
      ).status.result;
    return {
      from: await result(`b+1@${domains.bounceDomainOf(domain)}`),
      helo: await result(`postmaster@${helo}`),
    };
  }

  const results: Partial<Record<DomainFault, { readonly from: string; readonly helo: string }>> = {
    no_spf: { from: 'none', helo: 'none' },
    spf_wrong_ip: { from: 'fail', helo: 'fail' },
    spf_twice: { from: 'permerror', helo: 'permerror' },
    spf_too_many_lookups: { from: 'permerror', helo: 'permerror' },
    helo_mismatch: { from: 'pass', helo: 'none' },
  };
  it.each(domainFaults)('with the switch %s is as it says', async (fault) => {
    expect(await judge([fault])).toEqual(results[fault] ?? { from: 'pass', helo: 'pass' });
  });

  it('passes for what has no switch on, and for what the providers send', async () => {
    expect(await judge([])).toEqual({ from: 'pass', helo: 'pass' });
    for (const [sender, ip] of [
      ['mailer-daemon@gmail.com', '203.0.113.11'],
      ['someone@aol.com', '203.0.113.31'],
      ['mailer-daemon@default.sandpost.example', '203.0.113.51'],
    ])
      expect((await spf({ sender, ip, helo: 'x', mta: 'mx.test', resolver: ask })).status.result).toBe(
        'pass',
      );
  });
});
