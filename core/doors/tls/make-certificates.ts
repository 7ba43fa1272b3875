/** Makes the CA's and the server's certificate (RFC 5280). */
import 'reflect-metadata';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import { providerHosts } from './provider-hosts.ts';

/** Named by what makes one: the core compiles without the browser's types. */
type CryptoKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const localNames: readonly string[] = ['localhost', 'sandpost', 'sandpost.localhost', 'host.docker.internal'];
const localAddresses: readonly string[] = ['127.0.0.1', '::1'];

const dayMs = 86_400_000;
const caDays = 3650;
/** Apple refuses server certificates that last longer than 825 days. */
const serverDays = 800;

export interface Authority {
  readonly certificate: x509.X509Certificate;
  readonly privateKey: CryptoKey;
  readonly keyPem: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export async function makeCa(extraNames: readonly string[], nowMs: number): Promise<Authority> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=Sandpost local CA ${new Date(nowMs).toISOString().slice(0, 10)}, O=Sandpost (this machine only)`,
    notBefore: new Date(nowMs - dayMs),
    notAfter: new Date(nowMs + caDays * dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      nameConstraints(extraNames),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, privateKey: keys.privateKey, keyPem: await pemOfKey(keys.privateKey) };
}

export async function makeServer(
  ca: Authority,
  extraNames: readonly string[],
  nowMs: number,
): Promise<Certificate> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: 'CN=localhost',
    issuer: ca.certificate.subject,
    notBefore: new Date(nowMs - dayMs),
    notAfter: new Date(nowMs + serverDays * dayMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: ca.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        [...new Set([...localNames, '*.localhost', ...localAddresses, ...providerHosts, ...extraNames])].map(
          (name) =>
            isIP(name) === 0 ? { type: 'dns' as const, value: name } : { type: 'ip' as const, value: name },
        ),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(ca.certificate.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    key: await pemOfKey(keys.privateKey),
    cert: `${certificate.toString('pem')}\n${ca.certificate.toString('pem')}\n`,
  };
}

export async function readCa(certPem: string, keyPem: string): Promise<Authority> {
  const der = x509.PemConverter.decodeFirst(keyPem);
  const privateKey = await crypto.subtle.importKey('pkcs8', der, algorithm, true, ['sign']);
  return { certificate: new x509.X509Certificate(certPem), privateKey, keyPem };
}

/** Permitted subtrees only: everything not named is forbidden, DNS names and addresses alike. */
function nameConstraints(extraNames: readonly string[]): x509.Extension {
  const dns = [...localNames, ...providerHosts, ...extraNames.filter((name) => isIP(name) === 0)];
  const addresses = extraNames
    .filter((name) => isIP(name) === 4)
    .map((name) => [...ipv4(name), 255, 255, 255, 255]);
  const subtrees = [
    ...dns.map((name) => der(0x30, der(0x82, [...Buffer.from(name.replace(/^\*\./, ''))]))),
    der(0x30, der(0x87, [127, 0, 0, 0, 255, 0, 0, 0])),
    der(0x30, der(0x87, [...new Array<number>(15).fill(0), 1, ...new Array<number>(16).fill(255)])),
    ...addresses.map((bytes) => der(0x30, der(0x87, bytes))),
  ];
  return new x509.Extension('2.5.29.30', true, new Uint8Array(der(0x30, der(0xa0, subtrees.flat()))));
}

function ipv4(address: string): number[] {
  return address.split('.').map(Number);
}

/** One DER element: tag, length, content (X.690 §8.1). */
function der(tag: number, content: readonly number[]): number[] {
  const { length } = content;
  if (length < 0x80) return [tag, length, ...content];
  return length < 0x100
    ? [tag, 0x81, length, ...content]
    : [tag, 0x82, length >> 8, length & 0xff, ...content];
}

function serial(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01;
  return Buffer.from(bytes).toString('hex');
}

async function pemOfKey(key: CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}
