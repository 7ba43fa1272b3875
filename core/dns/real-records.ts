/** The real DNS, as a resolver like the sandbox's. Nothing here asks it: it is handed the way, and only when somebody asks. */
import { codeOf } from '../model/app-error.ts';
import type { DnsAnswer, DnsRecord, RecordType, Resolver, ResponseCode } from './dns.ts';

/** What of `node:dns/promises`' Resolver is used. */
export interface RealDns {
  resolve4(name: string): Promise<readonly string[]>;
  resolve6(name: string): Promise<readonly string[]>;
  resolveCname(name: string): Promise<readonly string[]>;
  resolveMx(name: string): Promise<readonly { readonly priority: number; readonly exchange: string }[]>;
  resolveNs(name: string): Promise<readonly string[]>;
  resolvePtr(name: string): Promise<readonly string[]>;
  resolveSoa(
    name: string,
  ): Promise<{ readonly nsname: string; readonly hostmaster: string; readonly serial: number }>;
  resolveTxt(name: string): Promise<readonly (readonly string[])[]>;
}

export function realResolver(dns: RealDns): Resolver {
  return {
    async query(name, type): Promise<DnsAnswer> {
      try {
        return { code: 'NOERROR', records: await lookUp(dns, name, type) };
      } catch (error) {
        return { code: codeOfFailure(error), records: [] };
      }
    },
  };
}

async function lookUp(dns: RealDns, name: string, type: RecordType): Promise<readonly DnsRecord[]> {
  // Node says nothing of the time to live.
  const own = { name, ttlS: 0 };
  switch (type) {
    case 'A':
      return (await dns.resolve4(name)).map((address) => ({ ...own, type, address }));
    case 'AAAA':
      return (await dns.resolve6(name)).map((address) => ({ ...own, type, address }));
    case 'CNAME':
      return (await dns.resolveCname(name)).map((target) => ({ ...own, type, target }));
    case 'NS':
      return (await dns.resolveNs(name)).map((target) => ({ ...own, type, target }));
    case 'PTR':
      return (await dns.resolvePtr(name)).map((target) => ({ ...own, type, target }));
    case 'MX':
      return (await dns.resolveMx(name)).map(({ priority, exchange }) => ({
        ...own,
        type,
        preference: priority,
        exchange,
      }));
    case 'TXT':
      return (await dns.resolveTxt(name)).map((strings) => ({ ...own, type, text: strings.join('') }));
    case 'SOA': {
      const { nsname, hostmaster, serial } = await dns.resolveSoa(name);
      return [{ ...own, type, primary: nsname, admin: hostmaster, serial }];
    }
  }
}

function codeOfFailure(error: unknown): ResponseCode {
  switch (codeOf(error)) {
    case 'ENOTFOUND':
    case 'EBADNAME':
      return 'NXDOMAIN';
    // The name exists, and has nothing of the kind.
    case 'ENODATA':
      return 'NOERROR';
    case 'EREFUSED':
      return 'REFUSED';
    case 'ETIMEOUT':
    case 'ECONNREFUSED':
      return 'TIMEOUT';
    default:
      return 'SERVFAIL';
  }
}
