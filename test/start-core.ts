/** A core for a test: in this process, on free ports, with a data folder of its own that goes away with it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type App, type AppPorts, createApp, systemPorts } from '../core/app.ts';
import { loadConfig } from '../core/config.ts';
import { openSmtp, type SmtpClient } from './smtp-client.ts';

export interface TestCore {
  readonly app: App;
  readonly dataDir: string;
  /** What the log said. */
  readonly log: readonly string[];
  port(door: string): number;
  /** PEM of the local CA. */
  ca(): Promise<string>;
  get(path: string, init?: RequestInit): Promise<Response>;
  /** The answer's JSON, taken for the shape the test expects. */
  json<T>(path: string, init?: RequestInit): Promise<T>;
  smtp(door?: string): Promise<SmtpClient>;
  /** Sends one message on a connection of its own. @returns its id */
  send(content: string | Uint8Array, from?: string, to?: readonly string[]): Promise<string>;
  raw(id: string): Promise<Buffer>;
  close(): Promise<void>;
}

/** Ends with the test that called it, unless it is closed before. */
export async function startCore(
  flags: readonly string[] = [],
  own: Partial<AppPorts> = {},
): Promise<TestCore> {
  const dataDir = await temporaryFolder();
  const core = await openCore(dataDir, flags, own);
  onTestFinished(() => core.close());
  return core;
}

/** A core on a folder that outlives it; whoever opens it closes it. */
export async function openCore(
  dataDir: string,
  flags: readonly string[] = [],
  own: Partial<AppPorts> = {},
): Promise<TestCore> {
  const log: string[] = [];
  const keep = (text: string): void => {
    log.push(text);
  };
  // Most tests are about what is captured: what is delivered costs two threads more.
  const deliver = flags.includes('--deliver') ? [] : ['--no-deliver'];
  const config = loadConfig(['--data', dataDir, '--ports', '0', ...deliver, ...flags], {});
  const app = await createApp(config, { ...systemPorts({ info: keep, warn: keep }), ...own });
  let closing: Promise<void> | null = null;
  const core: TestCore = {
    app,
    dataDir,
    log,
    port(door) {
      const port = app.ports[door];
      if (port === undefined) throw new Error(`the door ${door} is closed`);
      return port;
    },
    ca: () => readFile(app.caFile, 'utf8'),
    get: (path, init) => fetch(`${app.url}${path}`, init),
    async json<T>(path: string, init?: RequestInit) {
      const body: T = await (await core.get(path, init)).json();
      return body;
    },
    async smtp(door = 'smtp') {
      const client = await openSmtp(core.port(door));
      await client.reply();
      await client.say('EHLO client.example');
      return client;
    },
    async send(content, from = 'from@example.com', to = ['to@example.com']) {
      const client = await core.smtp();
      const reply = await client.deliver(from, to, content);
      await client.quit();
      return storedId(reply);
    },
    raw: async (id) => Buffer.from(await (await core.get(`/v1/messages/${id}/raw`)).arrayBuffer()),
    close() {
      closing ??= app.close();
      return closing;
    },
  };
  return core;
}

export function storedId(reply: string): string {
  const id = /^250 2\.0\.0 OK: stored as ([0-9a-f-]{36})$/.exec(reply)?.[1];
  if (id === undefined) throw new Error(`not stored: ${reply}`);
  return id;
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sandpost-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
