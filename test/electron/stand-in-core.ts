/** The stand-in core, laid out as each way to a core expects it, and what a test wants to go wrong with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Folders } from './launch-app.ts';
import { root } from './launch-app.ts';

const source = join(root, 'test', 'electron', 'stand-in');

export type Fault = 'crash-at-start' | 'port-taken' | 'none';

/** What the next start of a stand-in core on this data folder runs into. */
export function setFault(folders: Folders, fault: Fault): void {
  writeFileSync(join(folders.data, 'fault'), fault);
}

/** Arguments of the app that put the stand-in behind one of the two ways to start a core. */
export function standInArguments(way: 'own' | 'beside', folders: Folders): string[] {
  const entry = way === 'beside' ? join(source, 'core.mjs') : layOutHost(join(folders.data, '..', 'host'));
  return [`--core=${way}`, `--core-entry=${entry}`];
}

/** The product's own host.cjs, with the stand-in where the core would be. @returns the path of the host */
function layOutHost(folder: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  copyFileSync(join(root, 'out', 'core', 'host.cjs'), join(folder, 'host.cjs'));
  putStandIn(folder);
  return join(folder, 'host.cjs');
}

/** Puts the stand-in where `host.cjs` in the same folder looks for the core. */
export function putStandIn(folder: string): void {
  copyFileSync(join(source, 'core.mjs'), join(folder, 'electron-host.js'));
  copyFileSync(join(source, 'worker.mjs'), join(folder, 'worker.js'));
}

export interface CoreInTerminal {
  readonly url: string;
  readonly child: ChildProcess;
  end(): Promise<void>;
}

/** `serve` as a person starts it, by hand. */
export async function startInTerminal(script: string, more: readonly string[]): Promise<CoreInTerminal> {
  const child = spawn(process.execPath, [script, 'serve', '--json', '--exit-with-stdin', ...more], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (text.includes('\n')) resolve(text);
    });
    child.on('exit', (code) =>
      reject(new Error(`the core ended with exit code ${code} before it was ready`)),
    );
  });
  const ready: { url: string } = JSON.parse(line);
  return {
    url: ready.url,
    child,
    async end() {
      child.stdin.end();
      await exited;
    },
  };
}
