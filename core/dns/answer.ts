/** One DNS message in, one out, as an authoritative server answers: pure. */
import { type DnsRecord, type RecordType, recordTypes } from './dns.ts';
import {
  classIn,
  codeNumbers,
  decodeMessage,
  encodeMessage,
  headerBytes,
  type Message,
  messageBytesMax,
  negativeTtlS,
  type Question,
  typeNumbers,
} from './packet.ts';
import type { Zones } from './zones.ts';

/** RFC 1035 §4.2.1: what a client without EDNS takes by UDP. */
const plainUdpBytesMax = 512;
/** What goes through any link in one piece, and what we say that we take (DNS flag day 2020). */
export const udpBytesMax = 1_232;
const queryOpcode = 0;

/** @returns what to send, or null when nothing is: the name never answers, or it was no question */
export function answerQuery(bytes: Buffer, transport: 'udp' | 'tcp', zones: Zones): Buffer | null {
  // Too short to say whose question it was; a response is never answered, or two servers would talk for ever.
  if (bytes.length < headerBytes || (bytes.readUInt16BE(2) & 0x8000) !== 0) return null;
  const query = decodeMessage(bytes);
  if (query === null) return encodeMessage(refusalOfBroken(bytes));
  const reply = replyTo(query, zones);
  return reply === null ? null : fitted(reply, sizeMax(query, transport));
}

function sizeMax(query: Message, transport: 'udp' | 'tcp'): number {
  if (transport === 'tcp') return messageBytesMax;
  const asked = query.edns?.payloadBytes ?? plainUdpBytesMax;
  return Math.min(Math.max(asked, plainUdpBytesMax), udpBytesMax);
}

/** What does not fit is left out whole, and the client told to ask again by TCP (RFC 2181 §9). */
function fitted(reply: Message, bytesMax: number): Buffer {
  const whole = encodeMessage(reply);
  if (whole.length <= bytesMax) return whole;
  return encodeMessage({ ...reply, truncated: true, answers: [], authorities: [], additionals: [] });
}

function replyTo(query: Message, zones: Zones): Message | null {
  const [question] = query.questions;
  if (query.edns !== null && query.edns.version !== 0) return reply(query, 'BADVERS');
  if (query.opcode !== queryOpcode) return reply(query, 'NOTIMP');
  if (question === undefined || query.questions.length !== 1) return reply(query, 'FORMERR');
  if (question.class !== classIn || refusedTypes.has(question.type)) return reply(query, 'REFUSED');
  const found = lookup(question, zones);
  switch (found.code) {
    case 'TIMEOUT':
      return null;
    case 'SERVFAIL':
    case 'REFUSED':
      return reply(query, found.code);
    case 'NOERROR':
    case 'NXDOMAIN': {
      // A CNAME may lead to where there is nothing: then the zone of its target says so.
      const end = found.records.at(-1);
      const negative = found.code === 'NXDOMAIN' || end === undefined || isUnasked(end, question);
      const authority = end?.type === 'CNAME' ? end.target : question.name;
      return {
        ...reply(query, found.code),
        authoritative: true,
        answers: found.records,
        authorities: negative ? [{ ...zones.authority(authority), ttlS: negativeTtlS }] : [],
      };
    }
  }
}

const isUnasked = (record: DnsRecord, question: Question): boolean =>
  question.type !== typeNumbers.ANY && typeNumbers[record.type] !== question.type;

/** Whole zones are handed to nobody: there is no end to them. */
const refusedTypes: ReadonlySet<number> = new Set([typeNumbers.AXFR, typeNumbers.IXFR]);

function lookup({ name, type }: Question, zones: Zones): ReturnType<Zones['lookup']> {
  if (type !== typeNumbers.ANY)
    return zones.lookup(name, recordTypes.find((known) => typeNumbers[known] === type) ?? null);
  const each = recordTypes.map((known: RecordType) => zones.lookup(name, known));
  const failed = each.find((answer) => answer.code !== 'NOERROR');
  if (failed !== undefined) return failed;
  // A CNAME stands for every type, and is said once.
  return { code: 'NOERROR', records: [...new Set(each.flatMap((answer) => answer.records))] };
}

function reply(query: Message, code: keyof typeof codeNumbers): Message {
  return {
    id: query.id,
    response: true,
    opcode: query.opcode,
    authoritative: false,
    truncated: false,
    recursionDesired: query.recursionDesired,
    // Every name has its answer here, so clients that want recursion lack nothing.
    recursionAvailable: true,
    code: codeNumbers[code],
    questions: query.questions,
    answers: [],
    authorities: [],
    additionals: [],
    edns:
      query.edns === null ? null : { payloadBytes: udpBytesMax, version: 0, dnssecOk: query.edns.dnssecOk },
  };
}

function refusalOfBroken(bytes: Buffer): Message {
  const flags = bytes.readUInt16BE(2);
  return {
    id: bytes.readUInt16BE(0),
    response: true,
    opcode: (flags >> 11) & 15,
    authoritative: false,
    truncated: false,
    recursionDesired: (flags & 0x0100) !== 0,
    recursionAvailable: true,
    code: codeNumbers.FORMERR,
    questions: [],
    answers: [],
    authorities: [],
    additionals: [],
    edns: null,
  };
}
