// `npm start`, `npm test` and their kind: set up what is missing, then run `npm run <name>:ready` in a shell of
// its own, in which `node` is the pinned one. Plain JavaScript for Node 20, no dependencies.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [name, ...rest] = process.argv.slice(2);
if (!name) throw new Error('usage: node scripts/run.mjs <script>');

const needsBuild = new Set(['start', 'test', 'test:electron', 'bench']);
await install();
if (needsBuild.has(name)) await buildWhenStale();
process.exit(await npm(['run', '-s', `${name}:ready`, '--', ...rest]));

async function install() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const stamp = join(root, 'node_modules', '.sandpost-installed');
  const want = createHash('sha256')
    .update(lock)
    .update(process.platform + process.arch)
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === want) return;
  console.error('sandpost: installing what package-lock.json names …');
  const status = await npm(['ci', '--no-audit', '--no-fund', '--loglevel=error', '--engine-strict=false']);
  if (status !== 0) {
    console.error('sandpost: the install failed; what npm says above tells why. Nothing else was changed.');
    process.exit(status);
  }
  writeFileSync(stamp, want);
}

async function buildWhenStale() {
  const stamp = join(root, 'out', '.built');
  const newest = Math.max(
    ...['client', 'core', 'electron', 'renderer'].map((folder) => newestChange(join(root, folder))),
    ...[
      'package-lock.json',
      'electron.vite.config.ts',
      'scripts/build-client.mjs',
      'tsconfig.json',
      'tsconfig.core.json',
      'tsconfig.client.json',
    ].map((file) => statSync(join(root, file)).mtimeMs),
  );
  if (existsSync(stamp) && statSync(stamp).mtimeMs > newest) return;
  console.error('sandpost: building …');
  const status = await npm(['run', '-s', 'build:ready']);
  if (status !== 0) process.exit(status);
  mkdirSync(join(root, 'out'), { recursive: true });
  writeFileSync(stamp, new Date().toISOString());
}

function newestChange(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((entry) => newestChange(join(path, entry))));
}

/** Signals are passed on, so that whoever ends this ends what it started; the exit code comes back. */
function npm(args) {
  // npm run puts the path of npm's own program here; without it (node scripts/run.mjs by hand) the command does.
  const program = process.env.npm_execpath;
  const [command, first] = program?.endsWith('.js') ? [process.execPath, [program]] : ['npm', []];
  const child = spawn(command, [...first, ...args], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32' && command === 'npm',
  });
  const pass = (signal) => child.kill(signal);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, pass);
  // A terminal's Ctrl-C reaches the child by itself; all this has to do is to wait for it.
  const wait = () => undefined;
  process.on('SIGINT', wait);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      for (const signal of ['SIGTERM', 'SIGHUP']) process.off(signal, pass);
      process.off('SIGINT', wait);
      resolve(code ?? 1);
    });
  });
}
