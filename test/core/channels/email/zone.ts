/** A resolver that answers from a list. */
import type { DnsAnswer, DnsRecord, RecordType, Resolver, ResponseCode } from '../../../../core/dns/dns.ts';

/** `mx: 10 mx1.example`, `a: 198.51.100.1`, or the code that every question gets. */
export type Zone = Readonly<Record<string, readonly string[] | ResponseCode>>;

export function resolverOf(zone: Zone): Resolver & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    query(name: string, type: RecordType): Promise<DnsAnswer> {
      asked.push(`${name} ${type}`);
      const entry = zone[name] ?? 'NXDOMAIN';
      if (typeof entry === 'string') return Promise.resolve({ code: entry, records: [] });
      const records = entry.map((line) => recordOf(name, line));
      const [alias] = records.filter((record) => record.type === 'CNAME');
      const followed = zone[alias?.type === 'CNAME' ? alias.target : ''];
      const rest = typeof followed === 'object' ? followed.map((line) => recordOf(name, line)) : [];
      return Promise.resolve({
        code: 'NOERROR',
        records: [...records, ...rest].filter((record) => record.type === type || record.type === 'CNAME'),
      });
    },
  };
}

function recordOf(name: string, line: string): DnsRecord {
  const [type = '', first = '', second = ''] = line.split(' ');
  const base = { name, ttlS: 300 };
  if (type === 'mx') return { ...base, type: 'MX', preference: Number(first), exchange: second };
  if (type === 'cname') return { ...base, type: 'CNAME', target: first };
  return { ...base, type: type === 'a6' ? 'AAAA' : 'A', address: first };
}
