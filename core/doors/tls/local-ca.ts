/**
 * The local certificate authority. It is made on the first start, its key never leaves the data folder, and name
 * constraints (RFC 5280 §4.2.1.10) hold it to this machine's names and the providers' hosts: a stolen key cannot
 * speak for a bank.
 */

import { X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Certificate } from './make-certificates.ts';
import { providerHosts } from './provider-hosts.ts';

export interface LocalCa {
  /** The CA's certificate, PEM: what a client is to trust. */
  readonly caFile: string;
  readonly server: Certificate;
  /** True when the CA was made by this start: clients that trusted the last one must trust it anew. */
  readonly made: boolean;
  /** Why it was made although there was one, in words; null: it was the first, or was not made. */
  readonly madeAnewFor: string | null;
}

const dayMs = 86_400_000;
const renewDaysBefore = 30;

/**
 * @param folder where `ca.pem` and the keys are kept, mode 0700
 * @param extraNames names and addresses the certificate covers besides localhost, as containers need
 */
export async function openLocalCa(
  folder: string,
  extraNames: readonly string[],
  nowMs: number,
): Promise<LocalCa> {
  const paths = {
    ca: join(folder, 'ca.pem'),
    caKey: join(folder, 'tls', 'ca-key.pem'),
    cert: join(folder, 'tls', 'server.pem'),
    key: join(folder, 'tls', 'server-key.pem'),
    names: join(folder, 'tls', 'names.json'),
  };
  const names = [...new Set(extraNames.map((name) => name.toLowerCase()))].sort();
  const kept = keptNames(paths.names);
  const caKept = existsSync(paths.ca) && existsSync(paths.caKey) && kept !== null && valid(paths.ca, nowMs);
  // Its constraints cannot be read by what is loaded here: the names that it was made for stand beside it.
  const lacking = [...names, ...providerHosts].filter((name) => kept?.includes(name) !== true);
  const covered = caKept && lacking.length === 0;
  if (covered && existsSync(paths.cert) && existsSync(paths.key) && serves(paths.cert, names, nowMs)) {
    return {
      caFile: paths.ca,
      server: { key: readFileSync(paths.key, 'utf8'), cert: readFileSync(paths.cert, 'utf8') },
      made: false,
      madeAnewFor: null,
    };
  }
  mkdirSync(join(folder, 'tls'), { recursive: true, mode: 0o700 });
  const all = [...new Set([...(kept ?? []), ...names, ...providerHosts])];
  // Loaded only when there is something to make: the ASN.1 libraries cost time and memory.
  const { makeCa, makeServer, readCa } = await import('./make-certificates.ts');
  const ca = covered
    ? await readCa(readFileSync(paths.ca, 'utf8'), readFileSync(paths.caKey, 'utf8'))
    : await makeCa(all, nowMs);
  if (!covered) {
    writePrivate(paths.caKey, ca.keyPem);
    writeWhole(paths.ca, `${ca.certificate.toString('pem')}\n`, 0o644);
    writeWhole(paths.names, JSON.stringify(all), 0o600);
  }
  const server = await makeServer(ca, all, nowMs);
  writePrivate(paths.key, server.key);
  writeWhole(paths.cert, server.cert, 0o644);
  return {
    caFile: paths.ca,
    server,
    made: !covered,
    madeAnewFor: covered || kept === null ? null : anewFor(caKept, lacking),
  };
}

function anewFor(caKept: boolean, lacking: readonly string[]): string {
  return caKept
    ? `the one before was not allowed to vouch for ${lacking.join(', ')}`
    : 'the one before was about to expire, or its files were incomplete';
}

/** An older server certificate of the same CA may lack hosts that came later. */
function serves(file: string, names: readonly string[], nowMs: number): boolean {
  if (!valid(file, nowMs)) return false;
  const certificate = new X509Certificate(readFileSync(file, 'utf8'));
  return [...names, ...providerHosts].every((name) =>
    isIP(name) === 0
      ? certificate.checkHost(name.replace(/^\*\./, 'any.')) !== undefined
      : certificate.checkIP(name) !== undefined,
  );
}

function valid(file: string, nowMs: number): boolean {
  return (
    Date.parse(new X509Certificate(readFileSync(file, 'utf8')).validTo) - renewDaysBefore * dayMs > nowMs
  );
}

function keptNames(file: string): readonly string[] | null {
  if (!existsSync(file)) return null;
  const names: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : null;
}

function writePrivate(file: string, text: string): void {
  writeWhole(file, text, 0o600);
}

/** Whole or not at all: a start that is cut off leaves no half certificate. */
function writeWhole(file: string, text: string, mode: number): void {
  const partial = `${file}.new`;
  writeFileSync(partial, text, { mode });
  chmodSync(partial, mode);
  renameSync(partial, file);
}
