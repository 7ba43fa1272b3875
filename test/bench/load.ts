/** Load from Postfix's smtp-source: a client of another make, in a process of its own. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Load {
  readonly name: string;
  readonly connections: number;
  readonly messages: number;
  readonly bytes: number;
  /** A new connection for each message. */
  readonly reconnect: boolean;
  /** Each message to another recipient: 1recipient@, 2recipient@ … */
  readonly distinct?: boolean;
}

export const loads: readonly Load[] = [
  { name: '1 KB, 10 connections reused', connections: 10, messages: 10_000, bytes: 1024, reconnect: false },
  { name: '1 KB, 50 connections reused', connections: 50, messages: 20_000, bytes: 1024, reconnect: false },
  { name: '1 KB, new connection each, 10', connections: 10, messages: 4_000, bytes: 1024, reconnect: true },
  { name: '50 KB, 10 connections', connections: 10, messages: 3_000, bytes: 51_200, reconnect: false },
  {
    name: '5 MB, 40 over 4 connections',
    connections: 4,
    messages: 40,
    bytes: 5 * 1024 * 1024,
    reconnect: false,
  },
];

export function findTool(name: 'smtp-source' | 'smtp-sink'): string | null {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
    process.env.POSTFIX_SBIN ?? '',
  ];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

const loadMsMax = 300_000;

/** @returns messages a second */
export async function run(tool: string, load: Load, port: number, subject = 'bench'): Promise<number> {
  const args = [
    ...(load.reconnect ? [] : ['-d']),
    ...(load.distinct === true ? ['-N'] : []),
    ...['-s', String(load.connections), '-m', String(load.messages), '-l', String(load.bytes)],
    ...['-f', 'sender@bench.example', '-t', 'recipient@bench.example', '-S', subject, `127.0.0.1:${port}`],
  ];
  const startedMs = performance.now();
  await new Promise<void>((resolve, reject) => {
    const child = spawn(tool, args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: loadMsMax });
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`smtp-source ended with ${code}`)),
    );
  });
  return load.messages / ((performance.now() - startedMs) / 1000);
}
