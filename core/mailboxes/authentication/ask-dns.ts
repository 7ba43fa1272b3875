/** The questions of one message's authentication: asked in mailauth's way, answered by our resolver, and noted. */
import type { DnsAnswer, DnsRecord, RecordType, Resolver } from '../../dns/dns.ts';

export type MailauthResolver = (name: string, type: string) => Promise<unknown[]>;

export interface Lookup {
  readonly question: string;
  readonly answer: string;
}

const lookupsMax = 100;
const answerCharsMax = 1_000;

/** @param lookups gets every question, in order, each once */
export function askDns(resolver: Resolver, lookups: Lookup[]): MailauthResolver {
  const asked = new Map<string, Promise<DnsAnswer>>();
  return async (name, type) => {
    const known = knownType(type);
    if (known === null) return [];
    const key = `${known} ${name.toLowerCase()}`;
    let answer = asked.get(key);
    if (answer === undefined) {
      answer = resolver.query(name, known);
      asked.set(key, answer);
      const said = await answer;
      if (lookups.length < lookupsMax)
        lookups.push({ question: `${name} ${known}`, answer: inWords(said, known) });
    }
    return recordsOf(await answer, name, known);
  };
}

function knownType(type: string): RecordType | null {
  switch (type) {
    case 'A':
    case 'AAAA':
    case 'MX':
    case 'TXT':
    case 'PTR':
    case 'CNAME':
      return type;
    default:
      return null;
  }
}

/** As `dns.promises.resolve` gives them, which mailauth is written for; what is no answer is thrown as it does. */
function recordsOf(answer: DnsAnswer, name: string, type: RecordType): unknown[] {
  const code = errorCodes[answer.code];
  if (code !== null) throw dnsError(code, `${type} ${name}: ${answer.code}`);
  const found = answer.records.flatMap((record) => (record.type === type ? [asNode(record)] : []));
  if (found.length === 0) throw dnsError('ENODATA', `${type} ${name}: no such record`);
  return found;
}

const errorCodes: Readonly<Record<DnsAnswer['code'], string | null>> = {
  NOERROR: null,
  NXDOMAIN: 'ENOTFOUND',
  SERVFAIL: 'ESERVFAIL',
  REFUSED: 'EREFUSED',
  TIMEOUT: 'ETIMEOUT',
};

/** Most names that are asked for do not exist: such an answer needs no stack. */
function dnsError(code: string, text: string): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = Object.assign(new Error(text), { code });
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}

function asNode(record: DnsRecord): unknown {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return record.address;
    case 'TXT':
      return [record.text];
    case 'MX':
      return { priority: record.preference, exchange: record.exchange };
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return record.target;
    case 'SOA':
      return record.primary;
  }
}

function inWords(answer: DnsAnswer, type: RecordType): string {
  if (answer.code !== 'NOERROR') return answer.code;
  if (answer.records.length === 0) return `no ${type} record`;
  return answer.records
    .map((record) => `${record.type} ${textOf(record)}`)
    .join('; ')
    .slice(0, answerCharsMax);
}

function textOf(record: DnsRecord): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return record.address;
    case 'TXT':
      return `"${record.text}"`;
    case 'MX':
      return `${record.preference} ${record.exchange}`;
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return record.target;
    case 'SOA':
      return record.primary;
  }
}
