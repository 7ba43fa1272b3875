/** Starts the real app on folders of its own, and sees to it that nothing of it is left afterwards. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const standInCore = join(root, 'test', 'electron', 'stand-in', 'core.mjs');

const startMsMax = 30_000;

export interface Folders {
  readonly profile: string;
  readonly data: string;
  remove(): void;
}

export interface StartedApp {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly pid: number;
  /** What the app and the core wrote, and what the page logged as a warning or an error. */
  readonly output: () => string;
  readonly pageWarnings: () => readonly string[];
  /** Settles with the exit code when the app has ended. */
  readonly ended: Promise<number | null>;
}

/** @param tour `taken`: the tour of a first start would stand before what is to be tested */
export function makeFolders(tour: 'taken' | 'first' = 'taken'): Folders {
  const base = mkdtempSync(join(tmpdir(), 'sandpost-electron-'));
  const profile = join(base, 'profile');
  mkdirSync(profile);
  if (tour === 'taken') writeFileSync(join(profile, 'preferences.json'), '{"tourTaken":true}');
  return {
    profile,
    data: mkdtempSync(join(base, 'data-')),
    remove: () => rmSync(base, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** The arguments that every start on these folders has; a second start has to name the same. */
export function appArguments(folders: Folders, more: readonly string[]): string[] {
  return [
    ...sandboxArguments(),
    '.',
    `--user-data-dir=${folders.profile}`,
    `--data=${folders.data}`,
    ...more,
  ];
}

export async function startApp(
  folders: Folders,
  more: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<StartedApp> {
  const app = await _electron.launch({
    executablePath: electronBinary(),
    args: appArguments(folders, more),
    cwd: root,
    env: { ...appEnvironment(), ...environment },
    timeout: startMsMax,
  });
  const child = app.process();
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString('utf8');
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  const page = await app.firstWindow({ timeout: startMsMax });
  const pageWarnings: string[] = [];
  page.on('console', (message) => {
    if (['warning', 'error'].includes(message.type())) pageWarnings.push(message.text());
  });
  return { app, page, pid: child.pid ?? 0, output: () => output, pageWarnings: () => pageWarnings, ended };
}

/** ELECTRON_OVERRIDE_DIST_PATH names the folder of another Electron than the installed one. */
export function electronBinary(): string {
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const installed = join(root, 'node_modules', 'electron');
  if (folder) return join(folder, programName());
  return join(installed, 'dist', readFileSync(join(installed, 'path.txt'), 'utf8'));
}

export function appEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value]],
  );
  return Object.fromEntries(entries);
}

/** Chromium's sandbox refuses root; a machine without a screen has no GPU worth asking for. */
export function sandboxArguments(): readonly string[] {
  return process.getuid?.() === 0 ? ['--no-sandbox', '--disable-gpu'] : ['--disable-gpu'];
}

function programName(): string {
  if (process.platform === 'darwin') return join('Electron.app', 'Contents', 'MacOS', 'Electron');
  return process.platform === 'win32' ? 'electron.exe' : 'electron';
}

/** @returns whether a process with this id runs; one that has ended but waits to be reaped does not */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    // ESRCH: nobody has this id.
    return false;
  }
  return !isZombie(pid);
}

/** Linux only: where nothing reaps orphans, a container for one, they stay listed. */
function isZombie(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/, ''));
  } catch {
    // Not Linux, or gone since.
    return false;
  }
}
