/** The roots that this machine trusts, as PEM: what SSL_CERT_FILE would otherwise take from its programs. */
import { codeOf } from '../model/app-error.ts';

/** Where Linux distributions and the BSDs keep them: Debian, Fedora, SUSE, Alpine, and what OpenSSL falls back to. */
export const rootFiles: readonly string[] = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

export interface SystemRootsPorts {
  readonly platform: NodeJS.Platform;
  /** SSL_CERT_FILE of our own environment, where somebody has set it: a company's roots may be in it. */
  readonly certFile: string | undefined;
  readonly readFile: (path: string) => Promise<string>;
  /** The system's store by way of Node (macOS, Windows). */
  readonly stored: () => readonly string[];
  /** Those that Node brings along. */
  readonly bundled: () => readonly string[];
}

export async function systemRoots(ports: SystemRootsPorts): Promise<string> {
  const named = ports.certFile === undefined ? [] : [ports.certFile];
  const files = ports.platform === 'win32' || ports.platform === 'darwin' ? named : [...named, ...rootFiles];
  for (const file of files) {
    const text = await contentOf(file, ports);
    if (text?.includes('-----BEGIN CERTIFICATE-----') === true) return text;
  }
  const stored = ports.platform === 'win32' || ports.platform === 'darwin' ? ports.stored() : [];
  return [...new Set([...stored, ...ports.bundled()])].join('\n');
}

async function contentOf(file: string, { readFile }: SystemRootsPorts): Promise<string | null> {
  try {
    return await readFile(file);
  } catch (error) {
    const code = codeOf(error);
    // It is where another system has it, or is not for us to read: the next one will do.
    if (code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR' || code === 'EISDIR') return null;
    throw error;
  }
}
