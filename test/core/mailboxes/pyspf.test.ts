/**
 * SPF as our MX finds it, beside pySPF: on the cases of the RFC 7208 suite, and on the sandbox's own zones, which pySPF
 * asks by UDP as anybody outside would.
 */
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Resolver } from '../../../core/dns/dns.ts';
import { zonesResolver } from '../../../core/dns/resolver.ts';
import { openDnsServer } from '../../../core/dns/server.ts';
import { emptyZoneState, published } from '../../../core/dns/zone-state.ts';
import { createZones } from '../../../core/dns/zones.ts';
import { listen } from '../../../core/doors/listen.ts';
import { authenticate } from '../../../core/mailboxes/authentication/authenticate.ts';
import { KeyBook } from '../../../core/mailboxes/authentication/key-book.ts';
import { mailProviders } from '../../../core/model/mail-provider.ts';
import type { DomainFault } from '../../../core/model/sending-domain.ts';
import { sendingDomain } from '../dns/domains.ts';
import { type Scenario, scenarios, suiteResolver } from '../dns/rfc7208-suite.ts';
import { askPyspf, hasPyspf, type SpfZone } from './pyspf.ts';

const raw = Buffer.from('From: a@example.com\r\n\r\nx\r\n');

async function ours(
  { ip, helo, from }: { readonly ip: string; readonly helo: string; readonly from: string },
  resolver: Resolver,
): Promise<string> {
  const found = await authenticate(
    raw,
    { client: { ip, helo, claimedName: helo, tls: false }, envelopeFrom: from, host: 'mx.test' },
    resolver,
    new KeyBook(),
  );
  return found.spf.result;
}

type ZoneEntry = SpfZone[string][number];

/** An SPF entry stands for a TXT record where there is none, as in the suite's own driver. */
function zoneOf({ zonedata }: Scenario): SpfZone {
  return Object.fromEntries(
    Object.entries(zonedata).map(([name, entries]) => {
      const ownTxt = entries.some((entry) => entry !== 'TIMEOUT' && 'TXT' in entry);
      const read = entries.flatMap((entry): ZoneEntry[] =>
        entry === 'TIMEOUT'
          ? [entry]
          : Object.entries(entry).flatMap(([kind, data]): ZoneEntry[] => {
              if (data === 'NONE' || (kind === 'SPF' && ownTxt)) return [];
              if (kind !== 'SPF' && kind !== 'TXT') return [[kind, data]];
              return [['TXT', data === 'TIMEOUT' ? data : [data].flat()]];
            }),
      );
      return [name.toLowerCase().replace(/\.$/, ''), read];
    }),
  );
}

describe.skipIf(!hasPyspf)('pySPF (skipped without python3-spf)', () => {
  it('finds what our MX finds, on the cases of RFC 7208', async () => {
    const cases = scenarios.flatMap((scenario, zone) =>
      Object.entries(scenario.tests).map(([name, { helo, host, mailfrom, result }]) => ({
        name,
        zone,
        ip: host,
        helo: helo ?? '',
        from: mailfrom ?? '',
        wanted: [result].flat(),
      })),
    );
    expect(cases.length).toBeGreaterThan(200);
    const theirs = await askPyspf(cases, { zones: scenarios.map(zoneOf) });
    const differing = new Map<string, string>();
    for (const [at, one] of cases.entries()) {
      // The second opinion is worth something: it answers every case as the suite wants it.
      expect(one.wanted, one.name).toContain(theirs[at]);
      const found = await ours(one, suiteResolver(scenarios[one.zone]?.zonedata ?? {}));
      // Of some cases the suite leaves the answer open.
      if (found !== theirs[at] && !one.wanted.includes(found)) differing.set(one.name, found);
    }
    expect(differing).toEqual(new Map());
  });

  it('finds what our MX finds, of every switch of a sending domain and of everyone who sends here', async () => {
    const faults: readonly (readonly DomainFault[])[] = [
      [],
      ['no_spf'],
      ['spf_wrong_ip'],
      ['spf_twice'],
      ['spf_too_many_lookups'],
      ['spf_twice', 'spf_wrong_ip'],
    ];
    const domains = faults.map((own, at) =>
      sendingDomain({
        name: `d${at}.example`,
        ip: `192.0.2.${at + 1}`,
        helo: `mta.d${at}.example`,
        faults: own,
      }),
    );
    const zones = createZones({ ...emptyZoneState, domains: domains.map(published) });
    const server = await openDnsServer(zones, {
      hosts: ['127.0.0.1'],
      port: 0,
      listen,
      onProblem: () => undefined,
    });
    onTestFinished(() => server.close());
    const senders = [
      ...domains.flatMap(({ name, ip, helo }) =>
        [ip, '192.0.2.200', '203.0.113.9', '2001:db8::9'].flatMap((address) =>
          [`hello@${name}`, `b+1@bounce.${name}`, `hello@any.${name}`, ''].map((from) => ({
            ip: address,
            helo,
            from,
          })),
        ),
      ),
      ...mailProviders.flatMap(({ domains: names, outbound: { ip, helo } }) => [
        { ip, helo, from: '' },
        ...names.flatMap((name) => [
          { ip, helo, from: `jane@${name}` },
          { ip: '192.0.2.1', helo: 'mta.d0.example', from: `jane@${name}` },
        ]),
      ]),
      { ip: '192.0.2.1', helo: 'mta.d0.example', from: 'x@no-such-place.invalid' },
      { ip: '192.0.2.77', helo: 'mta.esp.sandpost.example', from: 'b@bounce.esp.sandpost.example' },
    ].map((one) => ({ ...one, zone: 0 }));
    const theirs = await askPyspf(senders, { port: server.port });
    const mine = await Promise.all(senders.map((one) => ours(one, zonesResolver(zones))));
    const shown = (results: readonly (string | undefined)[]): string[] =>
      senders.map(({ ip, helo, from }, at) => `${ip} ${helo} <${from}> ${results[at]}`);
    expect(shown(mine)).toEqual(shown(theirs));
    expect(new Set(mine)).toEqual(new Set(['pass', 'fail', 'none', 'permerror']));
  });
});
