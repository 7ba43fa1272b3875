/**
 * The SPF test cases of openspf.org for RFC 7208, through mailauth with our resolver's shapes. Where mailauth departs
 * from them, the case is listed with its reason, and the test says so when that changes.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import type { DnsAnswer, DnsRecord, RecordType, Resolver } from '../../../core/dns/dns.ts';
import { canonicalName } from '../../../core/dns/names.ts';
import { nodeResolver } from '../../../core/dns/resolver.ts';

interface MailauthSpf {
  readonly spf: (options: object) => Promise<{
    readonly status: { readonly result: string };
    readonly explanation?: string;
  }>;
}
const { spf }: MailauthSpf = createRequire(import.meta.url)('mailauth/lib/spf');

const recordSchema = z.union([
  z.literal('TIMEOUT'),
  z.record(z.string(), z.union([z.string(), z.array(z.string()), z.tuple([z.number(), z.string()])])),
]);
const scenarioSchema = z.object({
  description: z.string(),
  tests: z.record(
    z.string(),
    z.object({
      helo: z.string().nullish(),
      host: z.string(),
      mailfrom: z.string().nullish(),
      result: z.union([z.string(), z.array(z.string())]),
      explanation: z.string().optional(),
    }),
  ),
  zonedata: z.record(z.string(), z.array(recordSchema)),
});
type Scenario = z.infer<typeof scenarioSchema>;

const scenarios = parseAllDocuments(
  readFileSync(resolve(import.meta.dirname, '../../fixtures/rfc7208/rfc7208-tests.yml'), 'latin1'),
  { uniqueKeys: false },
).map((document) => scenarioSchema.parse(document.toJS()));

/** The suite's zones, read as its own driver reads them: an SPF entry stands for a TXT record where there is none. */
function suiteResolver(zonedata: Scenario['zonedata']): Resolver {
  const zones = new Map(Object.entries(zonedata).map(([name, entries]) => [canonicalName(name), entries]));
  const look = (name: string, type: RecordType, hops: number): DnsAnswer => {
    const entries = zones.get(canonicalName(name));
    if (entries === undefined)
      return { code: name.startsWith('error.') ? 'TIMEOUT' : 'NXDOMAIN', records: [] };
    const pairs = entries.flatMap((entry) => (entry === 'TIMEOUT' ? [] : Object.entries(entry)));
    const ownTxt = pairs.some(([kind]) => kind === 'TXT');
    const found = pairs.flatMap(([kind, value]): DnsRecord[] => {
      const shown = kind === 'SPF' && !ownTxt ? 'TXT' : kind;
      if (shown !== type || value === 'NONE') return [];
      const own = { name, ttlS: 0 };
      if (type === 'TXT') return [{ ...own, type, text: [value].flat().join('') }];
      if (type === 'A' || type === 'AAAA') return [{ ...own, type, address: String(value) }];
      if (type === 'PTR') return [{ ...own, type, target: String(value) }];
      if (type === 'MX' && Array.isArray(value))
        return [{ ...own, type, preference: Number(value[0]), exchange: String(value[1]) }];
      return [];
    });
    const stalls = pairs.some(([kind, value]) => kind === type && value === 'TIMEOUT');
    if (stalls || (found.length === 0 && entries.includes('TIMEOUT')))
      return { code: 'TIMEOUT', records: [] };
    const alias = pairs.find(([kind]) => kind === 'CNAME')?.[1];
    if (typeof alias !== 'string' || hops === 0) return { code: 'NOERROR', records: found };
    const end = look(alias, type, hops - 1);
    return { code: end.code, records: [...found, ...end.records] };
  };
  return { query: (name, type) => Promise.resolve(look(name, type, 1)) };
}

/**
 * Every result is as the suite wants it, in strict mode. What differs is one explanation: mailauth writes the nibbles of
 * an IPv6 address in lower case, where the suite has upper case. It is a name, so its case means nothing (RFC 4343).
 */
const explanationDepartures: ReadonlySet<string> = new Set(['v-macro-ip6']);

describe('the SPF test cases of RFC 7208', () => {
  for (const { description, tests, zonedata } of scenarios) {
    const resolver = nodeResolver(suiteResolver(zonedata));
    describe(description, () => {
      it.each(Object.entries(tests))('%s', async (name, { helo, host, mailfrom, result, explanation }) => {
        const judged = await spf({
          // RFC 7208 §2.4: without a sender, postmaster at the HELO name is judged.
          sender: mailfrom || `postmaster@${helo ?? ''}`,
          ip: host,
          helo: helo ?? '',
          mta: 'mx.sandpost.example',
          strict: true,
          resolver,
        });
        expect([result].flat()).toContain(judged.status.result);
        if (explanation !== undefined && explanation !== 'DEFAULT')
          expect(judged.explanation).toBe(
            explanationDepartures.has(name)
              ? explanation.replace(/(?:[0-9A-F]\.){32}/, lowerCase)
              : explanation,
          );
      });
    });
  }
});

const lowerCase = (text: string): string => text.toLowerCase();
