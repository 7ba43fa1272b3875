/** What is measured, and what it is measured against: each in a process of its own, on a free port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readySchema = z.object({ url: z.string(), dataDir: z.string(), ports: z.record(z.string(), z.int()) });

export interface Subject {
  /** Of what it takes. */
  readonly smtpPort: number;
  readonly pid: number;
  stop(): Promise<void>;
}
export interface Core extends Subject {
  readonly url: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly startMs: number;
}

/** The built core, in a data folder of its own. */
export async function startCore(folder: string, extra: readonly string[] = []): Promise<Core> {
  const data = existsSync(join(folder, 'keep')) ? join(folder, 'keep') : mkdtempSync(join(folder, 'core-'));
  return startCoreOn(data, extra);
}

export async function startCoreOn(data: string, extra: readonly string[] = []): Promise<Core> {
  return startedCore([join(root, 'bin/sandpost.js'), 'serve', '--json', '--quiet'], data, extra);
}

/** The built core on a store that says yes at once and keeps no message. */
export async function startDiscarding(folder: string): Promise<Core> {
  return startedCore([join(root, 'test/bench/discarding-core.ts')], mkdtempSync(join(folder, 'core-')), []);
}

async function startedCore(
  program: readonly string[],
  data: string,
  extra: readonly string[],
): Promise<Core> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...program, '--data', data, '--ports', '0', ...extra], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ready = readySchema.parse(JSON.parse(await firstLine(child)));
  return {
    url: ready.url,
    ports: ready.ports,
    startMs: performance.now() - startedMs,
    smtpPort: ready.ports.smtp ?? 0,
    pid: child.pid ?? 0,
    stop: () => stopped(child),
  };
}

/** smtp-server, discarding, its greeting sent at once. */
export async function startBare(): Promise<Subject> {
  const child = spawn(process.execPath, [join(root, 'test/bench/bare-server.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { smtpPort: Number(await firstLine(child)), pid: child.pid ?? 0, stop: () => stopped(child) };
}

/** An app that takes callbacks; `smtpPort` is its port. */
export async function startReceiver(): Promise<Subject> {
  const child = spawn(process.execPath, [join(root, 'test/bench/callback-receiver.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { smtpPort: Number(await firstLine(child)), pid: child.pid ?? 0, stop: () => stopped(child) };
}

/** What answers every request with the same; `smtpPort` is its port. See constant-door. */
export async function startConstant(kind: 'door' | 'http'): Promise<Subject> {
  const child = spawn(process.execPath, [join(root, 'test/bench/constant-door.ts'), kind], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { smtpPort: Number(await firstLine(child)), pid: child.pid ?? 0, stop: () => stopped(child) };
}

/** Postfix's smtp-sink. */
export async function startSink(tool: string): Promise<Subject> {
  const port = await freePort();
  const child = spawn(tool, ['-u', 'nobody', `127.0.0.1:${port}`, '200'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { smtpPort: port, pid: child.pid ?? 0, stop: () => stopped(child) };
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Resident memory of a process, megabytes; all our threads live in one. */
export function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8');
    child.stdout?.on('data', (piece: string) => {
      text += piece;
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it was ready`)));
  });
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.removeAllListeners('exit');
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
