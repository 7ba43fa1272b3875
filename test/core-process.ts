/** A core as a process of its own, which a test can trace, kill and start again on the same folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import type { ReadyLine } from '../core/serve.ts';
import { readCoreFile } from '../core/store/data-folder.ts';

export interface CoreProcess {
  readonly child: ChildProcess;
  readonly ready: ReadyLine;
  port(door: string): number;
  /** What it wrote to stderr so far. */
  complaint(): string;
  /** @returns its exit code, or null when a signal ended it */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

export const bin = resolve(import.meta.dirname, '../bin/sandpost.js');

/**
 * @param before a program and its arguments that start the core, such as strace
 */
export async function startProcess(
  dataDir: string,
  flags: readonly string[] = [],
  before: readonly string[] = [],
): Promise<CoreProcess> {
  const command = [
    ...before,
    process.execPath,
    bin,
    'serve',
    '--data',
    dataDir,
    '--json',
    '--ports',
    '0',
    ...flags,
  ];
  const [program = process.execPath, ...args] = command;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const gone = once(child, 'exit');
  gone.catch(() => undefined);
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint = (complaint + String(chunk)).slice(-4_000);
  });
  let pid = child.pid ?? 0;
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> => {
    if (running()) process.kill(pid, signal);
    await gone;
    return child.exitCode;
  };
  onTestFinished(async () => {
    if (running()) await end('SIGKILL');
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const ready: ReadyLine = JSON.parse(line);
    pid = pidOfCore(ready, pid);
    return {
      child,
      ready,
      port: (door) => ready.ports[door] ?? 0,
      complaint: () => complaint,
      end,
    };
  }
  throw new Error(`the core did not get ready:\n${complaint}`);
}

/** The process that wrote the folder's `core.json`: under strace it is not the one that was started. */
function pidOfCore(ready: ReadyLine, started: number): number {
  return readCoreFile(ready.dataDir)?.pid ?? started;
}
