// `npm test` once all is set up: every check there is, then `N passed, N failed` as the last line.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findBrowser } from './launch/app-window.mjs';
import { findElectron } from './launch/electron-binary.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const results = mkdtempSync(join(tmpdir(), 'sandpost-results-'));
const asked = process.argv.slice(2);

const counts = asked.length > 0 ? [vitest('asked', asked)] : [check(), vitest('all', []), electron()];
rmSync(results, { recursive: true, force: true });
const passed = sum(counts.map((count) => count.passed));
const failed = sum(counts.map((count) => count.failed));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Format, lint and types; they count only when they fail, for they are no tests. */
function check() {
  heading('format, lint, types');
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const code = run(command, [...first, 'run', '-s', 'check:ready'], command === 'npm');
  return { passed: 0, failed: code === 0 ? 0 : 1 };
}

/** The app in real Electron where there is one; the same screen in a browser's app window in any case. */
function electron() {
  heading('desktop app');
  const config = ['--config', 'vitest.electron.config.ts'];
  const why = whyNoElectron();
  if (why === null) return vitest('electron', config, screen());
  console.log(`The e2e in Electron was SKIPPED: ${why}`);
  if (findBrowser() === null) {
    console.log(
      'The screen in an app window was SKIPPED too: install Chrome, Chromium or Edge to have it tested.',
    );
    return { passed: 0, failed: 0 };
  }
  return vitest('app-window', [...config, 'app-window']);
}

/** @returns {string | null} null when the e2e can run */
function whyNoElectron() {
  if (findElectron(root) === null) {
    return 'there is no Electron here. Run `npx install-electron`, or set ELECTRON_OVERRIDE_DIST_PATH.';
  }
  return screen() === null ? 'there is no display, and no xvfb-run to make one.' : null;
}

/** @returns {readonly string[] | null} what to put before a command, so that windows have a screen to open on */
function screen() {
  if (process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY) return [];
  const found = (process.env.PATH ?? '').split(delimiter).some((folder) => hasProgram(folder, 'xvfb-run'));
  return found ? ['xvfb-run', '-a'] : null;
}

function hasProgram(folder, name) {
  return spawnSync(join(folder, name), ['--help'], { stdio: 'ignore' }).error === undefined;
}

/** @returns {{ passed: number, failed: number }} a run that breaks off counts as failed, whatever it counted */
function vitest(name, more, before = []) {
  if (name !== 'electron' && name !== 'app-window') heading('tests');
  const file = join(results, `${name}.json`);
  const program = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const [command, ...rest] = [...before, process.execPath, program, 'run', ...reporters, ...more];
  const code = run(command, rest, false);
  const counted = readCounts(file);
  return { passed: counted.passed, failed: code === 0 ? counted.failed : Math.max(counted.failed, 1) };
}

function readCounts(file) {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(file, 'utf8'));
    return { passed: numPassedTests, failed: numFailedTests };
  } catch (error) {
    console.error(`sandpost: vitest left no result: ${error.message}`);
    return { passed: 0, failed: 1 };
  }
}

function run(command, commandArguments, shell) {
  const result = spawnSync(command, commandArguments, {
    cwd: root,
    stdio: 'inherit',
    shell: shell && process.platform === 'win32',
  });
  if (result.error) console.error(`sandpost: ${command} could not be started: ${result.error.message}`);
  return result.status ?? 1;
}

function heading(text) {
  console.log(`\n── ${text} ──`);
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
