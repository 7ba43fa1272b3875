/** The SPF test cases of openspf.org for RFC 7208: its zones and what is asked of them. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import type { DnsAnswer, DnsRecord, RecordType, Resolver } from '../../../core/dns/dns.ts';
import { canonicalName } from '../../../core/dns/names.ts';

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
export type Scenario = z.infer<typeof scenarioSchema>;

export const scenarios: readonly Scenario[] = parseAllDocuments(
  readFileSync(resolve(import.meta.dirname, '../../fixtures/rfc7208/rfc7208-tests.yml'), 'latin1'),
  { uniqueKeys: false },
).map((document) => scenarioSchema.parse(document.toJS()));

/** The suite's zones, read as its own driver reads them: an SPF entry stands for a TXT record where there is none. */
export function suiteResolver(zonedata: Scenario['zonedata']): Resolver {
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
