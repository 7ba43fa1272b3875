// `npm run dev`: the core from source under `node --watch`, the screen from Vite with hot reload, and a window.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { createServer } from 'vite';
import { findElectron } from './launch/electron-binary.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const httpPort = 8025;
const core = `http://127.0.0.1:${httpPort}`;
const children = [];

const vite = await createServer({
  root: join(root, 'renderer'),
  configFile: false,
  plugins: [react()],
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(
      ['/v1', '/inapp/v1', '/inapp/demo', '/livez', '/readyz', '/metrics'].map((path) => [
        path,
        { target: core, changeOrigin: true, ws: true, configure },
      ]),
    ),
  },
});
await vite.listen();
const screen = vite.resolvedUrls?.local[0];
console.error(`sandpost: the screen is at ${screen}, the core at ${core}; Ctrl-C ends both.`);

start('core', process.execPath, [
  '--watch',
  `--watch-path=${join(root, 'core')}`,
  join(root, 'scripts', 'dev-core.mjs'),
  'serve',
  `--http-port=${httpPort}`,
  ...process.argv.slice(2),
]);
startWindow();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);

/** The core refuses other origins; seen from it, the screen that Vite serves is its own. */
function configure(proxy) {
  for (const event of ['proxyReq', 'proxyReqWs']) {
    proxy.on(event, (request) => {
      if (request.getHeader('origin')) request.setHeader('origin', core);
    });
  }
}

/** The shell is built once at the start: a change in electron/ needs `npm run dev` again. */
function startWindow() {
  const electron = findElectron(root);
  if (electron === null) return;
  const build = spawn(
    process.execPath,
    [join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build'],
    {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  build.on('exit', (code) => {
    if (code !== 0) return;
    const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    start('window', electron, [...asRoot, root, `--attach=${screen}`]).on('exit', end);
  });
}

function start(name, program, programArguments) {
  const child = spawn(program, programArguments, { cwd: root, stdio: 'inherit' });
  child.on('error', (error) => console.error(`sandpost: the ${name} could not be started: ${error.message}`));
  children.push(child);
  return child;
}

function end() {
  for (const child of children) child.kill();
  vite.close().then(
    () => process.exit(0),
    (error) => {
      console.error(`sandpost: ${error.message}`);
      process.exit(1);
    },
  );
}
