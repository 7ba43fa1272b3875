/** A DNS of the records that a test writes down. */
import type { DnsRecord, RecordType, Resolver, ResponseCode } from '../../../core/dns/dns.ts';

export type Zone = Readonly<
  Record<
    string,
    Readonly<Partial<Record<'A' | 'AAAA' | 'TXT' | 'PTR' | 'CNAME', readonly string[]>>> | ResponseCode
  >
>;

export function zoneResolver(zone: Zone, asked: string[] = []): Resolver {
  return {
    async query(name, type) {
      asked.push(`${type} ${name}`);
      const entry = zone[name.toLowerCase()];
      if (entry === undefined) return { code: 'NXDOMAIN', records: [] };
      if (typeof entry === 'string') return { code: entry, records: [] };
      const alias = entry.CNAME?.[0];
      if (alias !== undefined && type !== 'CNAME') {
        const rest = await this.query(alias, type);
        return { ...rest, records: [{ name, ttlS: 60, type: 'CNAME', target: alias }, ...rest.records] };
      }
      return { code: 'NOERROR', records: recordsOf(name, type, entry) };
    },
  };
}

function recordsOf(name: string, type: RecordType, entry: Exclude<Zone[string], string>): DnsRecord[] {
  switch (type) {
    case 'A':
    case 'AAAA':
      return (entry[type] ?? []).map((address) => ({ name, ttlS: 60, type, address }));
    case 'TXT':
      return (entry.TXT ?? []).map((text) => ({ name, ttlS: 60, type, text }));
    case 'PTR':
    case 'CNAME':
      return (entry[type] ?? []).map((target) => ({ name, ttlS: 60, type, target }));
    default:
      return [];
  }
}
