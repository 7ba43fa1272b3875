import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DnsRecord, recordTypes } from '../../../core/dns/dns.ts';
import { reverseName } from '../../../core/dns/names.ts';
import { recordText } from '../../../core/dns/resolver.ts';
import { emptyZoneState, published, recipientFaults, type ZoneState } from '../../../core/dns/zone-state.ts';
import { createZones, type Zones } from '../../../core/dns/zones.ts';
import { mailProviders, oddDomains } from '../../../core/model/mail-provider.ts';
import { type DomainFault, domainFaults, type SendingDomain } from '../../../core/model/sending-domain.ts';
import { sendingDomain } from './domains.ts';

const zonesWith = (...domains: readonly SendingDomain[]): Zones =>
  createZones({ ...emptyZoneState, domains: domains.map(published) });
const broken = (...faults: readonly DomainFault[]): Zones =>
  zonesWith(sendingDomain({ name: 'shop.example', faults }));
/** `code`, then the records as text. */
const ask = (zones: Zones, name: string, type: (typeof recordTypes)[number]): readonly string[] => {
  const { code, records } = zones.lookup(name, type);
  return [code, ...records.map(recordText)];
};

describe('the world around', () => {
  const zones = createZones();

  it('takes mail for every domain', () => {
    const expected = ['NOERROR', '10 mx1.default.sandpost.example', '20 mx2.default.sandpost.example'];
    for (const name of ['somewhere.org', 'deep.below.somewhere.org', 'anything.test', 'host.example'])
      expect(ask(zones, name, 'MX')).toEqual(expected);
    expect(ask(zones, 'somewhere.org', 'TXT')).toEqual(['NOERROR']);
    expect(ask(zones, 'somewhere.org', 'A')).toEqual(['NOERROR', '198.51.100.51']);
  });

  it.each([
    'nobody.invalid',
    'localhost',
    'my.localhost',
    'printer.local',
    'single',
    '192.0.2.1',
    '_dmarc.somewhere.org',
    'sel._domainkey.somewhere.org',
    'nothing.sandpost.example',
    '9.9.9.10.in-addr.arpa',
  ])('knows no %s', (name) => {
    for (const type of recordTypes) expect(ask(zones, name, type)).toEqual(['NXDOMAIN']);
  });

  it('has domains that are odd', () => {
    expect(ask(zones, oddDomains.nullMx, 'MX')).toEqual(['NOERROR', '0 .']);
    expect(ask(zones, oddDomains.nullMx, 'A')).toEqual(['NOERROR']);
    expect(ask(zones, oddDomains.timesOut, 'MX')).toEqual(['TIMEOUT']);
    expect(ask(zones, `mx.${oddDomains.timesOut}`, 'A')).toEqual(['TIMEOUT']);
    expect(ask(zones, oddDomains.serverFails, 'A')).toEqual(['SERVFAIL']);
    expect(ask(zones, oddDomains.noAddress, 'MX')).toEqual(['NOERROR']);
    expect(ask(zones, oddDomains.noAddress, 'A')).toEqual(['NOERROR']);
    expect(ask(zones, oddDomains.addressOnly, 'MX')).toEqual(['NOERROR']);
    expect(ask(zones, oddDomains.addressOnly, 'A')).toEqual(['NOERROR', '198.51.100.51']);
  });

  it('leads from every provider to its servers and back', () => {
    for (const provider of mailProviders) {
      for (const domain of provider.domains)
        expect(ask(zones, domain, 'MX')).toEqual([
          'NOERROR',
          ...provider.mx.map((host) => `${host.preference} ${host.name}`),
        ]);
      for (const host of provider.mx) {
        expect(ask(zones, host.name, 'A')).toEqual(['NOERROR', host.address]);
        expect(ask(zones, reverseName(host.address) ?? '', 'PTR')).toEqual(['NOERROR', host.name]);
        if (host.address6 === null) continue;
        expect(ask(zones, host.name, 'AAAA')).toEqual(['NOERROR', host.address6]);
        expect(ask(zones, reverseName(host.address6) ?? '', 'PTR')).toEqual(['NOERROR', host.name]);
      }
      const { ip, helo } = provider.outbound;
      expect(ask(zones, helo, 'A')).toEqual(['NOERROR', ip]);
      expect(ask(zones, reverseName(ip) ?? '', 'PTR')).toEqual(['NOERROR', helo]);
    }
  });

  it('does not care about case and the final dot', () => {
    expect(ask(zones, 'GMail.COM.', 'MX')).toEqual(ask(zones, 'gmail.com', 'MX'));
  });
});

describe('a sending domain', () => {
  const domain = sendingDomain({
    name: 'shop.example',
    streams: { transactional: 'mail.shop.example', marketing: null },
  });
  const zones = zonesWith(domain);

  it.each(['shop.example', 'bounce.shop.example', 'mail.shop.example', 'news.shop.example'])(
    'takes and sends mail as %s',
    (name) => {
      expect(ask(zones, name, 'MX')).toEqual(['NOERROR', '10 mx1.own.sandpost.example']);
      expect(ask(zones, name, 'TXT')).toEqual(['NOERROR', '"v=spf1 ip4:192.0.2.7 -all"']);
    },
  );

  it('publishes its keys, for its streams too', () => {
    for (const host of ['shop.example', 'mail.shop.example']) {
      expect(ask(zones, `sp1-rsa._domainkey.${host}`, 'TXT')).toEqual([
        'NOERROR',
        `"v=DKIM1; k=rsa; p=${domain.keys[0]?.publicKey}"`,
      ]);
      expect(ask(zones, `sp1-ed._domainkey.${host}`, 'TXT')).toEqual([
        'NOERROR',
        `"v=DKIM1; k=ed25519; p=${domain.keys[1]?.publicKey}"`,
      ]);
    }
    expect(ask(zones, 'sp9._domainkey.shop.example', 'TXT')).toEqual(['NXDOMAIN']);
    // RFC 8020: what has something under it exists.
    expect(ask(zones, '_domainkey.shop.example', 'TXT')).toEqual(['NOERROR']);
    expect(ask(zones, '_domainkey.news.shop.example', 'TXT')).toEqual(['NXDOMAIN']);
  });

  it('says its policy', () => {
    expect(ask(zones, '_dmarc.shop.example', 'TXT')).toEqual([
      'NOERROR',
      '"v=DMARC1; p=reject; adkim=r; aspf=r; rua=mailto:dmarc-reports@shop.example"',
    ]);
    expect(ask(zones, '_dmarc.mail.shop.example', 'TXT')).toEqual(['NXDOMAIN']);
  });

  it('has a server whose name and address confirm each other', () => {
    expect(ask(zones, '7.2.0.192.in-addr.arpa', 'PTR')).toEqual(['NOERROR', 'mta-7.shop.example']);
    expect(ask(zones, 'mta-7.shop.example', 'A')).toEqual(['NOERROR', '192.0.2.7']);
  });

  it('has its own zone, which tells that something is not there', () => {
    expect(zones.authority('a.b.shop.example')).toMatchObject({ name: 'shop.example', type: 'SOA' });
    expect(zones.authority('a.b.other.example')).toMatchObject({ name: 'other.example' });
    expect(zones.authority('nobody.invalid')).toMatchObject({ name: '' });
    expect(ask(zones, 'shop.example', 'NS')).toEqual(['NOERROR', 'ns.sandpost.example']);
    expect(zones.lookup('shop.example', 'SOA').records).toHaveLength(1);
  });

  it('shares the address of the pool, whose PTR one of the neighbours can break', () => {
    const pooled = (name: string, faults: readonly DomainFault[]): SendingDomain =>
      sendingDomain({ name, pool: 'shared', ip: '192.0.2.240', helo: 'mta.pool.sandpost.example', faults });
    const shared = zonesWith(pooled('one.example', []), pooled('two.example', []));
    expect(ask(shared, '240.2.0.192.in-addr.arpa', 'PTR')).toEqual(['NOERROR', 'mta.pool.sandpost.example']);
    shared.apply({ kind: 'domain', domain: published(pooled('two.example', ['no_ptr'])) });
    expect(ask(shared, '240.2.0.192.in-addr.arpa', 'PTR')).toEqual(['NXDOMAIN']);
    shared.apply({ kind: 'domain-removed', name: 'two.example' });
    expect(ask(shared, '240.2.0.192.in-addr.arpa', 'PTR')[0]).toBe('NOERROR');
  });
});

describe('a switch', () => {
  const spf = (zones: Zones): readonly string[] => ask(zones, 'shop.example', 'TXT');

  it('takes SPF away, for everything of the domain', () => {
    for (const name of ['shop.example', 'bounce.shop.example', 'x.shop.example', 'mta-7.shop.example'])
      expect(ask(broken('no_spf'), name, 'TXT')).toEqual(['NOERROR']);
  });

  it('names a wrong address in SPF', () => {
    expect(spf(broken('spf_wrong_ip'))).toEqual(['NOERROR', '"v=spf1 ip4:192.0.2.253 -all"']);
  });

  it('publishes SPF twice', () => {
    expect(spf(broken('spf_twice'))).toHaveLength(3);
  });

  it('includes too much in SPF, all of which exists', () => {
    const zones = broken('spf_too_many_lookups');
    const seen: string[] = [];
    const walk = (name: string): void => {
      const [code, ...records] = ask(zones, name, 'TXT');
      expect(code).toBe('NOERROR');
      expect(records).toHaveLength(1);
      for (const [, include = ''] of (records[0] ?? '').matchAll(/include:(\S+)/g)) {
        seen.push(include);
        walk(include);
      }
    };
    walk('shop.example');
    expect(seen).toHaveLength(12);
  });

  it('hides the keys that sign, and leaves the older ones', () => {
    const [rsa, ed] = sendingDomain().keys;
    if (rsa === undefined || ed === undefined) throw new Error('no keys');
    const zones = zonesWith(
      sendingDomain({
        name: 'shop.example',
        faults: ['dkim_not_published'],
        keys: [{ ...rsa, selector: 'old', active: false }, rsa, ed],
      }),
    );
    expect(ask(zones, 'sp1-rsa._domainkey.shop.example', 'TXT')).toEqual(['NXDOMAIN']);
    expect(ask(zones, 'sp1-ed._domainkey.shop.example', 'TXT')).toEqual(['NXDOMAIN']);
    expect(ask(zones, 'old._domainkey.shop.example', 'TXT')[0]).toBe('NOERROR');
  });

  it('publishes another key', () => {
    const [, text] = ask(broken('dkim_wrong_key'), 'sp1-rsa._domainkey.shop.example', 'TXT');
    expect(text).toMatch(/^"v=DKIM1; k=rsa; p=MIIBIjAN/);
    expect(text).not.toContain(sendingDomain().keys[0]?.publicKey);
  });

  it('takes DMARC, PTR and MX away', () => {
    expect(ask(broken('no_dmarc'), '_dmarc.shop.example', 'TXT')).toEqual(['NXDOMAIN']);
    expect(ask(broken('no_ptr'), '7.2.0.192.in-addr.arpa', 'PTR')).toEqual(['NXDOMAIN']);
    for (const name of ['shop.example', 'bounce.shop.example', 'x.shop.example'])
      for (const type of ['MX', 'A'] as const) expect(ask(broken('no_mx'), name, type)).toEqual(['NOERROR']);
    expect(ask(broken('no_mx', 'no_spf'), 'shop.example', 'MX')).toEqual(['NOERROR']);
  });
});

describe('what is changed', () => {
  it('answers as if it had been so from the start', () => {
    const start = zonesWith(
      sendingDomain({ name: 'a.example' }),
      sendingDomain({ name: 'b.example', ip: '192.0.2.8', helo: 'mta-8.b.example' }),
    );
    start.apply({
      kind: 'domain',
      domain: published(sendingDomain({ name: 'a.example', faults: ['no_dmarc'] })),
    });
    start.apply({ kind: 'domain-removed', name: 'b.example' });
    expect(ask(start, '_dmarc.a.example', 'TXT')).toEqual(['NXDOMAIN']);
    expect(ask(start, 'b.example', 'MX')[1]).toBe('10 mx1.default.sandpost.example');
    expect(ask(start, '_domainkey.b.example', 'TXT')).toEqual(['NXDOMAIN']);
    expect(ask(start, '8.2.0.192.in-addr.arpa', 'PTR')).toEqual(['NXDOMAIN']);
    start.apply({ kind: 'domain-removed', name: 'never-there.example' });
  });

  it('raises the serial', () => {
    const zones = zonesWith(sendingDomain());
    const before = zones.authority('shop.example');
    zones.apply({ kind: 'domain', domain: published(sendingDomain()) });
    const after = zones.authority('shop.example');
    if (before.type !== 'SOA' || after.type !== 'SOA') throw new Error('no SOA');
    expect(after.serial).toBeGreaterThan(before.serial);
  });

  it('can be sent to a thread', () => {
    const state: ZoneState = {
      domains: [published(sendingDomain())],
      relay: null,
      providerKeys: [],
      recipientFaults: new Map([['x.example', 'servfail']]),
      extraRecords: new Map([['x.org', [{ name: 'x.org', ttlS: 5, type: 'TXT', text: 'hello' }]]]),
    };
    const zones = createZones(structuredClone(state));
    expect(ask(zones, 'shop.example', 'MX')[0]).toBe('NOERROR');
    expect(ask(zones, 'x.example', 'MX')).toEqual(['SERVFAIL']);
    expect(ask(zones, 'x.org', 'TXT')).toEqual(['NOERROR', '"hello"']);
    expect(JSON.stringify(state.domains)).not.toContain('PRIVATE');
  });

  it('prefers the nearer of two domains that have a name', () => {
    const zones = zonesWith(
      sendingDomain({ name: 'shop.example' }),
      sendingDomain({ name: 'bounce.shop.example', ip: '192.0.2.9', helo: 'mta-9.bounce.shop.example' }),
    );
    expect(ask(zones, 'bounce.shop.example', 'TXT')).toEqual(['NOERROR', '"v=spf1 ip4:192.0.2.9 -all"']);
    expect(zones.owner('a.bounce.shop.example')?.name).toBe('bounce.shop.example');
  });
});

describe("a fault of a recipient's domain", () => {
  const answers: Readonly<Record<(typeof recipientFaults)[number], readonly [string[], string[], string[]]>> =
    {
      nxdomain: [['NXDOMAIN'], ['NXDOMAIN'], ['NXDOMAIN']],
      servfail: [['SERVFAIL'], ['SERVFAIL'], ['SERVFAIL']],
      timeout: [['TIMEOUT'], ['TIMEOUT'], ['TIMEOUT']],
      null_mx: [['NOERROR', '0 .'], ['NOERROR'], ['NOERROR', '198.51.100.51']],
      no_address: [['NOERROR'], ['NOERROR'], ['NOERROR', '198.51.100.51']],
    };
  it.each(recipientFaults)('is %s', (fault) => {
    const zones = createZones({ ...emptyZoneState, recipientFaults: new Map([['them.org', fault]]) });
    const [mx, a, below] = answers[fault];
    expect(ask(zones, 'them.org', 'MX')).toEqual(mx);
    expect(ask(zones, 'them.org', 'A')).toEqual(a);
    expect(ask(zones, 'www.them.org', 'A')).toEqual(below);
    expect(ask(zones, 'nothem.org', 'MX')[0]).toBe('NOERROR');
    zones.apply({ kind: 'recipient-faults', faults: new Map() });
    expect(ask(zones, 'them.org', 'MX')).toHaveLength(3);
  });
});

describe('records made by hand', () => {
  const text = (name: string, value: string): DnsRecord => ({ name, ttlS: 5, type: 'TXT', text: value });
  const alias = (name: string, target: string): DnsRecord => ({ name, ttlS: 5, type: 'CNAME', target });

  function zonesByHand(...records: readonly DnsRecord[]): Zones {
    const zones = zonesWith(sendingDomain());
    zones.apply({ kind: 'extra-records', domain: 'shop.example', records });
    return zones;
  }

  it('take the place of what is made, type by type', () => {
    const zones = zonesByHand(
      text('shop.example', 'v=spf1 +all'),
      text('_dmarc.elsewhere.org', 'v=DMARC1; p=none'),
    );
    expect(ask(zones, 'shop.example', 'TXT')).toEqual(['NOERROR', '"v=spf1 +all"']);
    expect(ask(zones, 'shop.example', 'MX')).toHaveLength(2);
    expect(ask(zones, '_dmarc.elsewhere.org', 'TXT')).toEqual(['NOERROR', '"v=DMARC1; p=none"']);
    zones.apply({ kind: 'extra-records', domain: 'shop.example', records: [] });
    expect(ask(zones, 'shop.example', 'TXT')).toEqual(['NOERROR', '"v=spf1 ip4:192.0.2.7 -all"']);
    expect(ask(zones, '_dmarc.elsewhere.org', 'TXT')).toEqual(['NXDOMAIN']);
  });

  it('follow a CNAME to its end', () => {
    const zones = zonesByHand(
      alias('key._domainkey.shop.example', 'key.esp.org'),
      alias('key.esp.org', 'real.esp.org'),
      text('real.esp.org', 'v=DKIM1; p=abc'),
    );
    expect(ask(zones, 'key._domainkey.shop.example', 'TXT')).toEqual([
      'NOERROR',
      'CNAME key.esp.org',
      'CNAME real.esp.org',
      '"v=DKIM1; p=abc"',
    ]);
    expect(ask(zones, 'key._domainkey.shop.example', 'CNAME')).toEqual(['NOERROR', 'CNAME key.esp.org']);
  });

  it('answer a CNAME that leads nowhere as what is not there, and a circle as a failure', () => {
    const zones = zonesByHand(
      alias('gone.shop.example', 'nobody.invalid'),
      alias('a.shop.example', 'b.shop.example'),
      alias('b.shop.example', 'a.shop.example'),
    );
    expect(ask(zones, 'gone.shop.example', 'A')).toEqual(['NXDOMAIN', 'CNAME nobody.invalid']);
    expect(ask(zones, 'a.shop.example', 'A')[0]).toBe('SERVFAIL');
  });
});

describe('a lookup', () => {
  it('never throws, whatever is asked of whatever there is', () => {
    const names = fc.oneof(
      fc.domain(),
      fc.string(),
      fc.constantFrom('', '.', '..', 'shop.example', '_dmarc.shop.example', 'a'.repeat(300), 'xn--.org'),
    );
    fc.assert(
      fc.property(
        names,
        fc.option(fc.constantFrom(...recordTypes), { nil: null }),
        fc.subarray([...domainFaults]),
        (name, type, faults) => {
          const zones = broken(...faults);
          expect(['NOERROR', 'NXDOMAIN', 'SERVFAIL', 'TIMEOUT']).toContain(zones.lookup(name, type).code);
          expect(zones.authority(name).type).toBe('SOA');
        },
      ),
      { numRuns: 300 },
    );
  });
});
