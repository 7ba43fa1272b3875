/**
 * DNS messages on the wire (RFC 1035 §4, EDNS as of RFC 6891).
 *
 * Our own instead of dns2's: that one cannot tell a dot inside a label from one between labels, builds a message bit by
 * bit, hands out the readable half of a broken one, and drops the OPT record from an answer that it truncates.
 */
import { isIPv4, isIPv6 } from 'node:net';
import type { DnsRecord } from './dns.ts';
import { addressBytes6, addressText6, labelBytesMax } from './names.ts';

export const typeNumbers = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  OPT: 41,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
} as const;
export const classIn = 1;
export const codeNumbers = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  /** Needs EDNS: its upper bits travel in the OPT record (RFC 6891 §6.1.3). */
  BADVERS: 16,
} as const;

export const headerBytes = 12;
/** A message behind a length of two bytes (RFC 1035 §4.2.2). */
export const messageBytesMax = 65_535;
/** Names point at names before them; longer chains than a name has labels are a loop. */
const pointersMax = 127;
const wireNameBytesMax = 255;
/** RFC 1035 §3.3: one string has one byte for its length. */
const stringBytesMax = 255;

/** Names in a message may hold any byte: a dot inside a label and what is no printable ASCII are escaped (RFC 1035 §5.1). */
export interface Question {
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

export interface Edns {
  /** Largest UDP message that its sender takes. */
  readonly payloadBytes: number;
  readonly version: number;
  readonly dnssecOk: boolean;
}

export interface Message {
  readonly id: number;
  readonly response: boolean;
  readonly opcode: number;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly recursionDesired: boolean;
  readonly recursionAvailable: boolean;
  /** With its upper bits, where there is EDNS. */
  readonly code: number;
  readonly questions: readonly Question[];
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
  readonly edns: Edns | null;
}

/** Timers of a zone, the same for every zone of the sandbox: nobody transfers them. */
const zoneTimersS = { refresh: 3_600, retry: 600, expire: 86_400 } as const;
/** How long "there is none" may be kept (RFC 2308 §5). Short: switches are thrown while one looks. */
export const negativeTtlS = 30;

export function encodeMessage(message: Message): Buffer {
  const writer = new Writer();
  const flags =
    (message.response ? 0x8000 : 0) |
    ((message.opcode & 15) << 11) |
    (message.authoritative ? 0x0400 : 0) |
    (message.truncated ? 0x0200 : 0) |
    (message.recursionDesired ? 0x0100 : 0) |
    (message.recursionAvailable ? 0x0080 : 0) |
    (message.code & 15);
  const additionals = message.additionals.length + (message.edns === null ? 0 : 1);
  for (const number of [
    message.id,
    flags,
    message.questions.length,
    message.answers.length,
    message.authorities.length,
    additionals,
  ])
    writer.number16(number);
  for (const question of message.questions) {
    writer.name(question.name);
    writer.number16(question.type);
    writer.number16(question.class);
  }
  for (const record of [...message.answers, ...message.authorities, ...message.additionals])
    writeRecord(writer, record);
  if (message.edns !== null) writeOpt(writer, message.edns, message.code);
  return writer.bytes();
}

function writeRecord(writer: Writer, record: DnsRecord): void {
  writer.name(record.name);
  writer.number16(typeNumbers[record.type]);
  writer.number16(classIn);
  writer.number32(record.ttlS);
  writer.counted(() => {
    switch (record.type) {
      case 'A':
        writer.raw(isIPv4(record.address) ? Buffer.from(record.address.split('.').map(Number)) : noAddress4);
        return;
      case 'AAAA':
        writer.raw(isIPv6(record.address) ? Buffer.from(addressBytes6(record.address)) : noAddress6);
        return;
      case 'CNAME':
      case 'NS':
      case 'PTR':
        writer.name(record.target);
        return;
      case 'MX':
        writer.number16(record.preference);
        writer.name(record.exchange);
        return;
      case 'TXT':
        for (const part of textStrings(record.text)) {
          writer.raw(Buffer.from([part.length]));
          writer.raw(part);
        }
        return;
      case 'SOA':
        writer.name(record.primary);
        writer.name(record.admin);
        for (const number of [
          record.serial,
          zoneTimersS.refresh,
          zoneTimersS.retry,
          zoneTimersS.expire,
          negativeTtlS,
        ])
          writer.number32(number);
        return;
    }
  });
}

const noAddress4 = Buffer.alloc(4);
const noAddress6 = Buffer.alloc(16);

/**
 * A text as the strings that carry it, each of 255 bytes at the most; an empty text is one empty string. No character is
 * torn, so that each string can be read by itself.
 */
export function textStrings(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text, 'utf8');
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    let end = Math.min(at + stringBytesMax, bytes.length);
    // Bytes that continue a character begin with the bits 10.
    while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
    parts.push(bytes.subarray(at, end));
    at = end;
  }
  return parts.length === 0 ? [Buffer.alloc(0)] : parts;
}

function writeOpt(writer: Writer, edns: Edns, code: number): void {
  writer.name('');
  writer.number16(typeNumbers.OPT);
  writer.number16(edns.payloadBytes);
  writer.number32(((code >> 4) << 24) | (edns.version << 16) | (edns.dnssecOk ? 0x8000 : 0));
  writer.number16(0);
}

/**
 * Reads a message. Records of types that are not ours, and EDNS options, are passed over.
 *
 * @returns null when it breaks a rule of the format anywhere
 */
export function decodeMessage(bytes: Buffer): Message | null {
  if (bytes.length < headerBytes || bytes.length > messageBytesMax) return null;
  const reader = new Reader(bytes);
  try {
    return readMessage(reader);
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

function readMessage(reader: Reader): Message {
  const id = reader.number16();
  const flags = reader.number16();
  const counts = [reader.number16(), reader.number16(), reader.number16(), reader.number16()] as const;
  const questions = Array.from(
    { length: Math.min(counts[0], reader.left()) },
    (): Question => ({ name: reader.name(), type: reader.number16(), class: reader.number16() }),
  );
  if (questions.length !== counts[0]) throw new Malformed();
  let edns: (Edns & { readonly codeHigh: number }) | null = null;
  const section = (count: number): DnsRecord[] => {
    const records: DnsRecord[] = [];
    for (let index = 0; index < count; index += 1) {
      const record = readRecord(reader);
      if (record === null) continue;
      if ('payloadBytes' in record) {
        // Two of them are an error (RFC 6891 §6.1.1).
        if (edns !== null) throw new Malformed();
        edns = record;
      } else records.push(record);
    }
    return records;
  };
  const answers = section(counts[1]);
  const authorities = section(counts[2]);
  const additionals = section(counts[3]);
  const found = ednsOf(edns);
  return {
    id,
    response: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 15,
    authoritative: (flags & 0x0400) !== 0,
    truncated: (flags & 0x0200) !== 0,
    recursionDesired: (flags & 0x0100) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0,
    code: ((found?.codeHigh ?? 0) << 4) | (flags & 15),
    questions,
    answers,
    authorities,
    additionals,
    edns:
      found === null
        ? null
        : { payloadBytes: found.payloadBytes, version: found.version, dnssecOk: found.dnssecOk },
  };
}

/** For the compiler, which does not see that a closure has set it. */
const ednsOf = (edns: (Edns & { readonly codeHigh: number }) | null): typeof edns => edns;

function readRecord(reader: Reader): DnsRecord | (Edns & { readonly codeHigh: number }) | null {
  const name = reader.name();
  const type = reader.number16();
  const recordClass = reader.number16();
  const ttl = reader.number32();
  const length = reader.number16();
  const end = reader.at + length;
  if (length > reader.left()) throw new Malformed();
  if (type === typeNumbers.OPT) {
    if (name !== '') throw new Malformed();
    reader.at = end;
    return {
      payloadBytes: recordClass,
      version: (ttl >>> 16) & 255,
      dnssecOk: (ttl & 0x8000) !== 0,
      codeHigh: ttl >>> 24,
    };
  }
  const record = recordClass === classIn ? readData(reader, type, end, { name, ttlS: ttl }) : null;
  if (record === null) reader.at = end;
  // Data that ends before or behind its length is no data of that type.
  if (reader.at !== end) throw new Malformed();
  return record;
}

function readData(
  reader: Reader,
  type: number,
  end: number,
  own: { readonly name: string; readonly ttlS: number },
): DnsRecord | null {
  switch (type) {
    case typeNumbers.A:
      return { ...own, type: 'A', address: [...reader.raw(4)].join('.') };
    case typeNumbers.AAAA:
      return { ...own, type: 'AAAA', address: addressText6(reader.raw(16)) };
    case typeNumbers.CNAME:
      return { ...own, type: 'CNAME', target: reader.name() };
    case typeNumbers.NS:
      return { ...own, type: 'NS', target: reader.name() };
    case typeNumbers.PTR:
      return { ...own, type: 'PTR', target: reader.name() };
    case typeNumbers.MX:
      return { ...own, type: 'MX', preference: reader.number16(), exchange: reader.name() };
    case typeNumbers.TXT: {
      const parts: Buffer[] = [];
      while (reader.at < end) {
        const [length = 0] = reader.raw(1);
        parts.push(reader.raw(length));
      }
      return { ...own, type: 'TXT', text: Buffer.concat(parts).toString('utf8') };
    }
    case typeNumbers.SOA: {
      const primary = reader.name();
      const admin = reader.name();
      const serial = reader.number32();
      reader.raw(16);
      return { ...own, type: 'SOA', primary, admin, serial };
    }
    default:
      return null;
  }
}

/** The bytes break the format. Never leaves this file. */
class Malformed extends Error {}

class Reader {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  left(): number {
    return this.#bytes.length - this.at;
  }

  raw(length: number): Buffer {
    if (length > this.left()) throw new Malformed();
    const part = this.#bytes.subarray(this.at, this.at + length);
    this.at += length;
    return part;
  }

  number16(): number {
    return this.raw(2).readUInt16BE();
  }

  number32(): number {
    return this.raw(4).readUInt32BE();
  }

  /** A name, with its pointers followed (RFC 1035 §4.1.4). Each must lead back, or two could lead in a circle. */
  name(): string {
    const labels: string[] = [];
    let at = this.at;
    let end: number | null = null;
    let wireBytes = 1;
    for (let jumps = 0; ; ) {
      const length = this.#byte(at);
      if (length >= 0xc0) {
        const target = ((length & 0x3f) << 8) | this.#byte(at + 1);
        end ??= at + 2;
        jumps += 1;
        if (target >= at || jumps > pointersMax) throw new Malformed();
        at = target;
        continue;
      }
      if (length > labelBytesMax) throw new Malformed();
      at += 1;
      if (length === 0) break;
      wireBytes += length + 1;
      if (wireBytes > wireNameBytesMax || at + length > this.#bytes.length) throw new Malformed();
      labels.push(labelText(this.#bytes.subarray(at, at + length)));
      at += length;
    }
    this.at = end ?? at;
    return labels.join('.');
  }

  #byte(at: number): number {
    const byte = this.#bytes[at];
    if (byte === undefined) throw new Malformed();
    return byte;
  }
}

function labelText(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  if (/^[!-\-/-[\]-~]+$/.test(text)) return text;
  return text.replace(/[^!-~]|[.\\]/g, (char) =>
    char === '.' || char === '\\' ? `\\${char}` : `\\${String(char.charCodeAt(0)).padStart(3, '0')}`,
  );
}

/** The bytes of each label of a name as text, its escapes undone. */
function labelsOf(name: string): Buffer[] {
  if (name === '') return [];
  if (!name.includes('\\')) return name.split('.').map((label) => Buffer.from(label, 'latin1'));
  const labels: number[][] = [[]];
  for (const [token] of name.matchAll(/\\\d{3}|\\.|[^\\]/gs)) {
    if (token === '.') labels.push([]);
    else
      labels
        .at(-1)
        ?.push(token.length === 4 ? Number(token.slice(1)) & 255 : token.charCodeAt(token.length - 1));
  }
  return labels.map((bytes) => Buffer.from(bytes));
}

class Writer {
  readonly #parts: Buffer[] = [];
  #length = 0;
  /** Where names that may be pointed at begin. */
  readonly #names = new Map<string, number>();

  raw(bytes: Buffer): void {
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  number16(value: number): void {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16BE(value & 0xffff);
    this.raw(bytes);
  }

  number32(value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value >>> 0);
    this.raw(bytes);
  }

  /**
   * A name, its known end as a pointer. The first of a message is the question's, so an answer's owner repeats the
   * question's own spelling.
   */
  name(name: string): void {
    const labels = labelsOf(name);
    for (const [index, label] of labels.entries()) {
      const rest = labels
        .slice(index)
        .map((one) => `${one.length}:${asciiLower(one.toString('latin1'))}`)
        .join('');
      const known = this.#names.get(rest);
      if (known !== undefined) {
        this.number16(0xc000 | known);
        return;
      }
      // A pointer has 14 bits.
      if (this.#length < 0x4000) this.#names.set(rest, this.#length);
      const short = label.subarray(0, labelBytesMax);
      this.raw(Buffer.from([short.length]));
      this.raw(short);
    }
    this.raw(Buffer.from([0]));
  }

  /** Writes what `write` writes behind its length in two bytes. */
  counted(write: () => void): void {
    const place = Buffer.alloc(2);
    this.raw(place);
    const before = this.#length;
    write();
    place.writeUInt16BE(Math.min(this.#length - before, 0xffff));
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** Case is of ASCII letters alone (RFC 4343 §3): ç and Ç, read as Latin-1, are two bytes that differ. */
function asciiLower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
