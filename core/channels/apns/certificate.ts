/**
 * What an APNs client certificate says: the topics that it is for, and its environments. Pure.
 *
 * Apple's provider certificates name their bundle id as UID in the subject, and, where there are several topics, all of
 * them in the extension 1.2.840.113635.100.6.3.6: pairs of a topic and its kinds. The extensions …6.3.1 and …6.3.2 tell
 * development and production (Communicating with APNs, "APNs Provider Certificates").
 */
import { X509Certificate } from 'node:crypto';
import type { PushEnvironment } from '../../model/push.ts';

export interface ProviderCertificate {
  /** Empty: it is none for push notifications. */
  readonly topics: readonly string[];
  /** Empty: it names none, and is good for both. */
  readonly environments: readonly PushEnvironment[];
  readonly validFromMs: number;
  readonly validToMs: number;
  /** Subject, one line. */
  readonly subject: string;
}

/** DER of 1.2.840.113635.100.6.3.<last>, with its tag and length. */
const extensionOid = (last: number): Buffer =>
  Buffer.from([0x06, 0x0a, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x06, 0x03, last]);
const development = extensionOid(1);
const production = extensionOid(2);
const topicList = extensionOid(6);

const topicsMax = 100;

/** @returns null when it cannot be read */
export function readCertificate(der: Uint8Array): ProviderCertificate | null {
  const bytes = Buffer.from(der);
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(bytes);
  } catch {
    // OpenSSL cannot read it: whatever is wrong with it, it is no certificate for push.
    return null;
  }
  const uid = /^UID=(.+)$/m.exec(certificate.subject)?.[1] ?? null;
  const listed = topicsIn(bytes);
  const environments: PushEnvironment[] = [];
  if (bytes.includes(production)) environments.push('production');
  if (bytes.includes(development)) environments.push('development');
  return {
    topics: listed.length > 0 ? listed : uid === null ? [] : [uid],
    environments,
    validFromMs: Date.parse(certificate.validFrom),
    validToMs: Date.parse(certificate.validTo),
    subject: certificate.subject.replaceAll('\n', ', '),
  };
}

/** SEQUENCE { UTF8String topic, SEQUENCE { UTF8String kind … } … }: the strings of the outer one. */
function topicsIn(bytes: Buffer): readonly string[] {
  const at = bytes.indexOf(topicList);
  if (at < 0) return [];
  let value = readElement(bytes, at + topicList.length);
  // A BOOLEAN `critical` may stand before the value.
  if (value?.tag === derBoolean) value = readElement(bytes, value.end);
  if (value?.tag !== derOctetString) return [];
  const sequence = readElement(bytes, value.start);
  if (sequence?.tag !== derSequence) return [];
  const topics: string[] = [];
  for (let next = sequence.start; next < sequence.end && topics.length < topicsMax; ) {
    const element = readElement(bytes, next);
    if (element === null) break;
    if (element.tag === derUtf8String) topics.push(bytes.toString('utf8', element.start, element.end));
    next = element.end;
  }
  return topics;
}

const derBoolean = 0x01;
const derOctetString = 0x04;
const derUtf8String = 0x0c;
const derSequence = 0x30;

interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/** X.690 §8.1: one-byte tags, definite lengths of up to four bytes. */
function readElement(bytes: Buffer, at: number): Element | null {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) return null;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 4 || at + 2 + lengthBytes > bytes.length) return null;
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
  const start = at + 2 + lengthBytes;
  return start + length > bytes.length ? null : { tag, start, end: start + length };
}
