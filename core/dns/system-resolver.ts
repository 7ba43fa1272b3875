/** Names as the machine itself knows them: its hosts file, its own network, then the DNS. For addresses alone. */
import { codeOf } from '../model/app-error.ts';
import type { DnsAnswer, Resolver } from './dns.ts';

/** What of `node:dns/promises` is used. */
export type LookUp = (
  name: string,
  options: { readonly all: true; readonly family: 4 | 6 },
) => Promise<readonly { readonly address: string }[]>;

export function systemResolver(lookUp: LookUp): Resolver {
  return {
    async query(name, type): Promise<DnsAnswer> {
      if (type !== 'A' && type !== 'AAAA') return { code: 'NOERROR', records: [] };
      try {
        const found = await lookUp(name, { all: true, family: type === 'A' ? 4 : 6 });
        return { code: 'NOERROR', records: found.map(({ address }) => ({ name, ttlS: 0, type, address })) };
      } catch (error) {
        return { code: codeOf(error) === 'ENOTFOUND' ? 'NXDOMAIN' : 'TIMEOUT', records: [] };
      }
    },
  };
}
