/** The DNS as the core asks it: in process, from the zones; and as node:dns shapes it, for mailauth. */
import type { DnsAnswer, DnsRecord, RecordType, Resolver } from './dns.ts';
import { recordTypes } from './dns.ts';
import { canonicalName, isQueryName } from './names.ts';
import { textStrings } from './packet.ts';
import type { Zones } from './zones.ts';

/** A name that never answers is reported as TIMEOUT at once: nobody is made to wait for it. */
export function zonesResolver(zones: Pick<Zones, 'lookup'>): Resolver {
  return { query: (name, type) => Promise.resolve(zones.lookup(name, type)) };
}

/** A question and its answer in words, as evidence. */
export interface Asked {
  readonly question: string;
  readonly answer: string;
}

export function questionText(name: string, type: RecordType): string {
  return `${canonicalName(name) || '.'} ${type}`;
}

export function answerText(answer: DnsAnswer): string {
  switch (answer.code) {
    case 'NXDOMAIN':
      return 'NXDOMAIN: there is no such name';
    case 'SERVFAIL':
      return 'SERVFAIL: the name server failed';
    case 'REFUSED':
      return 'REFUSED: the name server would not answer';
    case 'TIMEOUT':
      return 'no answer in time';
    case 'NOERROR':
      return answer.records.length === 0
        ? 'no record of this type'
        : answer.records.map(recordText).join('; ');
  }
}

export function recordText(record: DnsRecord): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return record.address;
    case 'CNAME':
      return `CNAME ${record.target || '.'}`;
    case 'NS':
    case 'PTR':
      return record.target || '.';
    case 'MX':
      return `${record.preference} ${record.exchange || '.'}`;
    case 'TXT':
      return `"${record.text}"`;
    case 'SOA':
      return `${record.primary} ${record.admin} ${record.serial}`;
  }
}

/** Passes questions on, and tells of each with its answer. */
export function recordingResolver(resolver: Resolver, record: (asked: Asked) => void): Resolver {
  return {
    async query(name, type) {
      const answer = await resolver.query(name, type);
      record({ question: questionText(name, type), answer: answerText(answer) });
      return answer;
    },
  };
}

/** What node:dns rejects with. mailauth takes its SPF, DKIM and DMARC results from `code`. */
export class DnsLookupError extends Error {
  override readonly name = 'DnsLookupError';
  readonly code: 'ENOTFOUND' | 'ENODATA' | 'ESERVFAIL' | 'EREFUSED' | 'ETIMEOUT' | 'EBADNAME' | 'ENOTIMP';

  constructor(code: DnsLookupError['code'], question: string) {
    super(`query ${code} ${question}`);
    this.code = code;
  }
}

/** What `node:dns` resolves to: addresses and names as text, a TXT record as its strings, an MX as an object. */
export type NodeAnswer =
  | string
  | readonly string[]
  | { readonly exchange: string; readonly priority: number }
  | { readonly nsname: string; readonly hostmaster: string; readonly serial: number };

/** A resolver in the shape of `dns.promises.resolve`, which is what mailauth takes. */
export function nodeResolver(resolver: Resolver): (name: string, type: string) => Promise<NodeAnswer[]> {
  return async (name, type) => {
    const known = recordTypes.find((one) => one === type.toUpperCase());
    const question = `${type} ${name}`;
    if (known === undefined) throw new DnsLookupError('ENOTIMP', question);
    if (!isQueryName(canonicalName(name))) throw new DnsLookupError('EBADNAME', question);
    const { code, records } = await resolver.query(name, known);
    if (code !== 'NOERROR') throw new DnsLookupError(nodeCodes[code], question);
    const found = records.filter((record) => record.type === known);
    if (found.length === 0) throw new DnsLookupError('ENODATA', question);
    return found.map(nodeAnswer);
  };
}

const nodeCodes = {
  NXDOMAIN: 'ENOTFOUND',
  SERVFAIL: 'ESERVFAIL',
  REFUSED: 'EREFUSED',
  TIMEOUT: 'ETIMEOUT',
} as const;

function nodeAnswer(record: DnsRecord): NodeAnswer {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return record.address;
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return record.target;
    case 'MX':
      return { exchange: record.exchange, priority: record.preference };
    case 'TXT':
      return textStrings(record.text).map((part) => part.toString('utf8'));
    case 'SOA':
      return { nsname: record.primary, hostmaster: record.admin, serial: record.serial };
  }
}
