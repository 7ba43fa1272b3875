/** `sandpost serve` as a process of its own: to be killed, traced, or kept in a network of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

interface ReadyLine {
  readonly url: string;
  readonly ports: Readonly<Record<string, number>>;
}

export interface SpawnedCore {
  readonly url: string;
  /** Of the process that was started: the core, or what was put before it. */
  readonly pid: number;
  readonly gone: Promise<void>;
  port(door: string): number;
  /** Ends it in order. */
  stop(): Promise<void>;
  /** Ends it this moment, as a power cut does. */
  kill(): void;
}

const readyMsMax = 60_000;
const bin = resolve(import.meta.dirname, '../bin/sandpost.js');

/** @param options.before a command that starts it: `strace …` */
export async function spawnCore(
  flags: readonly string[],
  options: { readonly before?: readonly string[] } = {},
): Promise<SpawnedCore> {
  const serve = [process.execPath, bin, 'serve', '--json', '--exit-with-stdin', ...flags];
  const [command = '', ...rest] = [...(options.before ?? []), ...serve];
  // A group of its own, so that a kill reaches the core behind `strace` too.
  const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const gone = once(child, 'exit').then(() => undefined);
  const kill = (): void => killGroup(child);
  onTestFinished(kill);
  child.stdin.on('error', () => undefined);
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint = (complaint + String(chunk)).slice(-4_000);
  });
  const timer = setTimeout(kill, readyMsMax);
  for await (const line of createInterface({ input: child.stdout })) {
    clearTimeout(timer);
    const { url, ports }: ReadyLine = JSON.parse(line);
    return {
      url,
      pid: child.pid ?? 0,
      gone,
      port(door) {
        const port = ports[door];
        if (port === undefined) throw new Error(`the door ${door} is closed`);
        return port;
      },
      async stop() {
        child.stdin.end();
        await gone;
      },
      kill,
    };
  }
  clearTimeout(timer);
  throw new Error(`The core did not get ready:\n${complaint}`);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended by itself in this very moment.
  }
}
