import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** What the core says about itself when it is ready. */
export interface CoreFacts {
  readonly url: string;
  readonly ports: Readonly<Record<string, number>>;
}

/** A real core on free ports with a data folder of its own, which can go away and come back. */
export interface RunningCore {
  readonly facts: CoreFacts;
  /** Ends it as a person would; its ports and its folder are kept for `start`. */
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
  /** Ends it for good and removes its folder. */
  readonly remove: () => Promise<void>;
}

const readyMsMax = 20_000;

export async function startCore(flags: readonly string[] = []): Promise<RunningCore> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sandpost-screen-'));
  const first = await spawnCore(dataDir, ['--ports', '0', ...flags]);
  const { facts } = first;
  let child: ChildProcess | null = first.child;

  const stop = async () => {
    if (child === null) return;
    const gone = child.exitCode === null ? once(child, 'exit') : null;
    child.kill('SIGTERM');
    await gone;
    child = null;
  };
  const samePorts = Object.entries(facts.ports).flatMap(([door, port]) => [
    `--${kebab(door)}-port`,
    String(port),
  ]);
  return {
    facts,
    stop,
    start: async () => {
      child = (await spawnCore(dataDir, [...samePorts, ...flags])).child;
    },
    remove: async () => {
      await stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function spawnCore(
  dataDir: string,
  flags: readonly string[],
): Promise<{ child: ChildProcess; facts: CoreFacts }> {
  const bin = resolve(import.meta.dirname, '../../bin/sandpost.js');
  const child = spawn(process.execPath, [bin, 'serve', '--data', dataDir, '--json', ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint = (complaint + String(chunk)).slice(-4_000);
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), readyMsMax);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('{')) {
        const facts: CoreFacts = JSON.parse(line);
        return { child, facts };
      }
    }
  } finally {
    clearTimeout(timer);
  }
  throw new Error(`The core did not get ready:\n${complaint}`);
}

const kebab = (door: string): string => door.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
