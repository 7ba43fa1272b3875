// Starts `sandpost serve` for a launch without Electron, and ends it with the launch.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const folderHeld = 73;

/**
 * @typedef {{ url: string, exited: Promise<number>, stop: () => Promise<void> }} ServedCore
 *
 * @param {string} root folder of the project
 * @param {readonly string[]} serveArguments what follows `serve`
 * @returns {Promise<ServedCore | { exitCode: number }>} the exit code when it did not become ready
 */
export async function serveCore(root, serveArguments) {
  const script = join(root, 'bin', 'sandpost.js');
  const child = spawn(process.execPath, [script, 'serve', ...serveArguments, '--json', '--exit-with-stdin'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Its own group, so that Ctrl-C reaches only this script, which then ends it in order.
    detached: process.platform !== 'win32',
  });
  const exited = new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
  child.stdin.on('error', (error) => console.error(`sandpost: the core's input closed: ${error.message}`));
  const ready = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{"ready":true')) resolve(JSON.parse(line));
    });
  });
  const first = await Promise.race([ready, exited]);
  if (typeof first === 'number') return { exitCode: first };
  const stop = async () => {
    child.stdin.end();
    await exited;
  };
  return { url: withToken(first.url, first.dataDir), dataDir: first.dataDir, exited, stop };
}

/** @returns {string | null} the address of the core that holds the folder already, when that is why none started */
export function addressOfHolder(exitCode, dataDir) {
  if (exitCode !== folderHeld) return null;
  const { url } = JSON.parse(readFileSync(join(dataDir, 'core.json'), 'utf8'));
  return withToken(url, dataDir);
}

/** Off loopback the address needs the token, which the core keeps beside its data. */
function withToken(url, dataDir) {
  const { token } = JSON.parse(readFileSync(join(dataDir, 'core.json'), 'utf8'));
  if (!token) return url;
  const withToken = new URL(url);
  withToken.searchParams.set('token', token);
  return withToken.href;
}
