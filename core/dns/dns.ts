/** Questions and answers of the DNS (RFC 1035), as the rooms pass them among themselves. Names have no final dot. */

export const recordTypes = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'TXT'] as const;
export type RecordType = (typeof recordTypes)[number];

export type DnsRecord = { readonly name: string; readonly ttlS: number } & (
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'CNAME' | 'NS' | 'PTR'; readonly target: string }
  | { readonly type: 'MX'; readonly preference: number; readonly exchange: string }
  /** The whole text; it is split into strings of 255 bytes on the wire. */
  | { readonly type: 'TXT'; readonly text: string }
  | { readonly type: 'SOA'; readonly primary: string; readonly admin: string; readonly serial: number }
);

export type ResponseCode = 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED' | 'TIMEOUT';

/** NOERROR without a record of the type asked for means that the name exists and has none. */
export interface DnsAnswer {
  readonly code: ResponseCode;
  /** In the order of the chain, CNAMEs included. */
  readonly records: readonly DnsRecord[];
}

/** Never throws: what goes wrong is an answer too. */
export interface Resolver {
  query(name: string, type: RecordType): Promise<DnsAnswer>;
}
