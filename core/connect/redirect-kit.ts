/**
 * Files by which apps find the sandbox, unchanged: the preload for Node with what goes where, and a bundle of roots for the
 * languages that replace their trust store (SSL_CERT_FILE and the like) in place of adding to it. Written at each start,
 * for ports and roots change.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { providerHosts } from '../doors/tls/provider-hosts.ts';
import { codeOf } from '../model/app-error.ts';

export interface KitFiles {
  /** The system's roots and ours, PEM. */
  readonly caBundle: string;
  /** For NODE_OPTIONS=--require. */
  readonly preload: string;
  /** What the preload reads. */
  readonly targets: string;
}

/** @param caFile of the local CA: the kit lies beside it */
export function kitFiles(caFile: string): KitFiles {
  const folder = dirname(caFile);
  return {
    caBundle: join(folder, 'ca-bundle.pem'),
    preload: join(folder, 'sandpost-redirect.cjs'),
    targets: join(folder, 'sandpost-redirect.json'),
  };
}

/**
 * Where connections to a provider's host are to go. APNs has doors of its own, HTTP/2 alone as Apple's; the others share
 * the one with TLS by name.
 *
 * @returns host → address with port; a provider whose door is closed is not in it, and its connections go out
 */
export function redirectTargets(
  host: string,
  ports: Readonly<Record<string, number>>,
): Readonly<Record<string, string>> {
  const targets: Record<string, string> = {};
  for (const name of providerHosts) {
    const port = doorFor(name, ports);
    if (port !== undefined) targets[name] = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  }
  return targets;
}

function doorFor(name: string, ports: Readonly<Record<string, number>>): number | undefined {
  if (/^api-manage-broadcast\.(?:sandbox\.)?push\.apple\.com$/.test(name))
    return ports.apnsManage ?? ports.tls;
  if (/^api\.(?:sandbox\.|development\.)?push\.apple\.com$/.test(name)) return ports.apns ?? ports.tls;
  return ports.tls;
}

export interface RedirectKitPorts {
  /** The preload as it is shipped. */
  readonly preloadSource: URL;
  /** PEM of the roots that this machine trusts. */
  readonly systemRoots: () => Promise<string>;
}

/** @returns what was written */
export async function writeRedirectKit(
  about: {
    readonly caFile: string;
    readonly host: string;
    readonly ports: Readonly<Record<string, number>>;
  },
  ports: RedirectKitPorts,
): Promise<KitFiles> {
  const files = kitFiles(about.caFile);
  const [preload, roots, ca] = await Promise.all([
    readFile(ports.preloadSource, 'utf8'),
    ports.systemRoots(),
    readFile(about.caFile, 'utf8'),
  ]);
  const targets = { caFile: about.caFile, hosts: redirectTargets(about.host, about.ports) };
  await writeChanged(files.preload, preload);
  await writeChanged(files.targets, `${JSON.stringify(targets, null, 2)}\n`);
  await writeChanged(files.caBundle, `${roots.trimEnd()}\n\n# Sandpost, this machine only\n${ca}`);
  return files;
}

/** Whole or not at all: an app may read it at this moment. What is the same stays as it is. */
async function writeChanged(file: string, text: string): Promise<void> {
  if ((await contentOf(file)) === text) return;
  const partial = `${file}.new`;
  await writeFile(partial, text, { mode: 0o644 });
  await rename(partial, file);
}

async function contentOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
