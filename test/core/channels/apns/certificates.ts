/** Client certificates as Apple makes them: topics, and marks of the environments. */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { startMs } from './apns-world.ts';

export const developmentMark = '1.2.840.113635.100.6.3.1';
export const productionMark = '1.2.840.113635.100.6.3.2';
const topicsMark = '1.2.840.113635.100.6.3.6';

export interface CertificateParts {
  readonly uid?: string;
  readonly topics?: readonly string[];
  readonly marks?: readonly string[];
  readonly validToMs?: number;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** @returns DER */
export async function certificate(parts: CertificateParts): Promise<Uint8Array> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  return new Uint8Array((await certificateWith(keys, parts)).rawData);
}

export function certificateWith(
  keys: Awaited<ReturnType<typeof crypto.subtle.generateKey>> & object,
  { uid, topics, marks = [], validToMs = startMs + 86_400_000 }: CertificateParts,
): Promise<x509.X509Certificate> {
  if (!('privateKey' in keys)) throw new Error('a pair of keys is needed');
  const extensions = marks.map((mark) => new x509.Extension(mark, false, new Uint8Array([0x05, 0x00])));
  if (topics !== undefined) extensions.push(new x509.Extension(topicsMark, false, topicList(topics)));
  return x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name:
      uid === undefined ? 'CN=Some app' : `0.9.2342.19200300.100.1.1=${uid}, CN=Apple Push Services: ${uid}`,
    notBefore: new Date(startMs - 86_400_000 * 30),
    notAfter: new Date(validToMs),
    signingAlgorithm: algorithm,
    keys,
    extensions,
  });
}

/** SEQUENCE { UTF8String topic, SEQUENCE { UTF8String "app" } … } */
function topicList(topics: readonly string[]): Uint8Array<ArrayBuffer> {
  const pairs = topics.flatMap((topic) => [
    ...element(0x0c, Buffer.from(topic)),
    ...element(0x30, element(0x0c, Buffer.from('app'))),
  ]);
  return Uint8Array.from(element(0x30, pairs));
}

function element(tag: number, content: Iterable<number>): number[] {
  const bytes = [...content];
  if (bytes.length > 0x7f) throw new Error('too long for this test');
  return [tag, bytes.length, ...bytes];
}
