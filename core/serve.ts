/** `sandpost serve`, as a function: what the command, the desktop app and the tests start. */
import { type App, createApp, type Log, systemPorts } from './app.ts';
import type { Config } from './config.ts';

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
): Promise<Serving> {
  const app = await createApp(config, systemPorts(log, onFatal));
  const { url, dataDir, caFile, ports } = app;
  return { app, ready: { ready: true, url, dataDir, caFile, ports }, close: () => app.close() };
}
