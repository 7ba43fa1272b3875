/** Requests by h2load, a client of another make, in a process of its own. */
import { spawn } from 'node:child_process';

const requestMsMax = 120_000;

/** @returns how many were answered with 2xx */
export function taken2xx(args: readonly string[]): Promise<number> {
  return counted(args, /status codes: (\d+) 2xx/);
}

/** @returns how many were answered with 3xx: 304, that is */
export function answered3xx(args: readonly string[]): Promise<number> {
  return counted(args, /status codes: .*?(\d+) 3xx/);
}

function counted(args: readonly string[], line: RegExp): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('h2load', [...args], { stdio: ['ignore', 'pipe', 'inherit'], timeout: requestMsMax });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    child.once('error', reject);
    child.once('exit', () => {
      const taken = line.exec(text)?.[1];
      if (taken === undefined) reject(new Error(`h2load said no count: ${text.slice(-500)}`));
      else resolve(Number(taken));
    });
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** h2load is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
