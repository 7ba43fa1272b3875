/** `sandpost serve`, as a function: what the command, the desktop app and the tests start. */
import { readFile } from 'node:fs/promises';
import { getCACertificates, rootCertificates } from 'node:tls';
import { type App, createApp, type Log, systemPorts } from './app.ts';
import type { Config } from './config.ts';
import { kitFiles, writeRedirectKit } from './connect/redirect-kit.ts';
import { systemRoots } from './connect/system-roots.ts';
import { messageOf } from './model/app-error.ts';
import type { CredentialVault } from './store/credential-vault.ts';

/** The one line that `serve --json` prints. */
export interface ReadyLine {
  readonly ready: true;
  readonly url: string;
  readonly dataDir: string;
  readonly caFile: string;
  readonly ports: Readonly<Record<string, number>>;
}

export interface Serving {
  readonly app: App;
  readonly ready: ReadyLine;
  close(): Promise<void>;
}

export async function startServe(
  config: Config,
  log: Log,
  onFatal: (text: string) => void = (text) => log.warn(text),
  openVault?: () => CredentialVault,
): Promise<Serving> {
  const ports = systemPorts(log, onFatal);
  const app = await createApp(config, openVault === undefined ? ports : { ...ports, openVault });
  const { url, dataDir, caFile } = app;
  await keepRedirectKit(app, log);
  return { app, ready: { ready: true, url, dataDir, caFile, ports: app.ports }, close: () => app.close() };
}

/** What apps are led here by; without it only those ways fail, so that it stops nothing else. */
async function keepRedirectKit({ url, caFile, ports }: App, log: Log): Promise<void> {
  try {
    await writeRedirectKit(
      { caFile, host: new URL(url).hostname.replace(/^\[(.*)\]$/, '$1'), ports },
      {
        preloadSource: new URL(
          import.meta.url.endsWith('.ts')
            ? '../bin/sandpost-redirect.cjs'
            : '../../bin/sandpost-redirect.cjs',
          import.meta.url,
        ),
        systemRoots: () =>
          systemRoots({
            platform: process.platform,
            certFile: ownEnvironment(process.env.SSL_CERT_FILE, kitFiles(caFile).caBundle),
            readFile: (path) => readFile(path, 'utf8'),
            stored: () => getCACertificates('system'),
            bundled: () => rootCertificates,
          }),
      },
    );
  } catch (error) {
    log.warn(`the files that lead apps here could not be written: ${messageOf(error)}`);
  }
}

/** A Sandpost that was started where `sandpost env` had its say is to build on the system's roots, not on its own bundle. */
function ownEnvironment(certFile: string | undefined, caBundle: string): string | undefined {
  return certFile === caBundle ? undefined : certFile;
}
